//! What the readiness of all phones adds up to.

use std::collections::{BTreeMap, HashMap};

use super::{Danger, Error, Listed, Readiness};
use crate::domain::cause::Cause;
use crate::domain::ids::{ClusterId, PhoneId};
use crate::domain::phone::ReadinessState;
use crate::security::{May, SeePhones, Viewer};
use crate::store::readiness::{self as rows, Cell};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Days of the trend.
const TREND_DAYS: i64 = 30;
/// More broken phones are not read.
const MOST_BROKEN: u32 = 5_000;
/// A phone that was looked at within this time counts as looked at.
const LOOKED_MS: i64 = DAY_MS;

/// What part of the fleet is meant; nothing set: all that the viewer may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// One cluster.
    pub cluster: Option<ClusterId>,
    /// One model.
    pub model: Option<String>,
    /// One device pool.
    pub pool: Option<String>,
    /// The clusters of a limited viewer.
    pub(super) seen: Option<Vec<ClusterId>>,
}

impl Scope {
    /// What is asked for, before anybody's limits.
    pub fn new(cluster: Option<ClusterId>, model: Option<String>, pool: Option<String>) -> Self {
        Self {
            cluster,
            model,
            pool,
            seen: None,
        }
    }

    /// All that a viewer may see.
    fn of(viewer: &Viewer) -> Self {
        Self {
            seen: viewer.clusters.as_ref().map(|ids| ids.iter().copied().collect()),
            ..Self::default()
        }
    }

    fn has_cluster(&self, id: ClusterId) -> bool {
        self.cluster.is_none_or(|one| one == id) && self.seen.as_ref().is_none_or(|seen| seen.contains(&id))
    }

    fn has(&self, cluster: ClusterId, model: &str, pool: &str) -> bool {
        self.has_cluster(cluster)
            && self.model.as_deref().is_none_or(|one| one == model)
            && self.pool.as_deref().is_none_or(|one| one == pool)
    }

    pub(super) fn has_phone(&self, phone: &Listed) -> bool {
        self.has(phone.cluster, &phone.model, &phone.pool)
    }
}

/// Phones that have something in common, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// What they have in common: a cluster's number, a model, a device pool.
    pub key: String,
    /// That can be controlled.
    pub ready: u64,
    /// That cannot.
    pub blocked: u64,
    /// Of which it is not known.
    pub unknown: u64,
    /// Whose model has no control at all: nothing to mend.
    pub without: u64,
}

impl Group {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.ready + self.blocked + self.unknown + self.without
    }

    fn add(&mut self, state: ReadinessState, cause: Option<Cause>, phones: u64) {
        match state {
            ReadinessState::Ready => self.ready += phones,
            ReadinessState::Blocked if cause == Some(Cause::ModelWithoutControl) => self.without += phones,
            ReadinessState::Blocked => self.blocked += phones,
            ReadinessState::Unknown => self.unknown += phones,
        }
    }
}

/// One day of the trend, of whole clusters: models and pools are not kept by day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendDay {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// The counts.
    pub counts: Group,
}

/// The readiness of a part of the fleet.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// All of it.
    pub all: Group,
    /// Blocked phones by cause, the commonest first.
    pub causes: Vec<(Cause, u64)>,
    /// For each cause one phone in the clusters of the scope that has it.
    pub examples: HashMap<Cause, PhoneId>,
    /// By cluster.
    pub clusters: Vec<Group>,
    /// By model, the most blocked first.
    pub models: Vec<Group>,
    /// By device pool, the most blocked first.
    pub pools: Vec<Group>,
    /// Phones that could be controlled since the asked time and cannot be now, the latest first.
    pub broken: Vec<Listed>,
    /// How many could not and can now, in the clusters of the scope.
    pub mended: u64,
    /// The last thirty days, oldest first; days without a count are absent.
    pub trend: Vec<TrendDay>,
    /// What threatens.
    pub dangers: Vec<Danger>,
    /// How many were looked at in the last 24 hours, in the clusters of the scope.
    pub looked: u64,
}

impl Readiness {
    /// The readiness of a part of the fleet; `since` is the time after which a phone counts as broken or mended.
    ///
    /// # Errors
    /// The store's.
    pub async fn overview(&self, may: &May<SeePhones>, scope: Scope, since: i64) -> Result<Overview, Error> {
        let scope = Scope {
            seen: Scope::of(may).seen,
            ..scope
        };
        let store = &self.parts().store;
        let mut overview = counted(&scope, &rows::cells(store).await?);
        let totals: Vec<_> = overview
            .clusters
            .iter()
            .filter_map(|group| Some((ClusterId(group.key.parse().ok()?), group.total())))
            .collect();
        let clusters: Vec<ClusterId> = totals.iter().map(|(id, _)| *id).collect();
        overview.examples = rows::examples(store, &clusters).await?.into_iter().collect();
        overview.broken = rows::broken_since(store, &clusters, since, MOST_BROKEN).await?;
        overview.broken.retain(|phone| scope.has_phone(phone));
        overview.mended = in_scope(&scope, &rows::mended_since(store, since).await?);
        overview.looked = in_scope(&scope, &rows::looked_since(store, self.now_ms() - LOOKED_MS).await?);
        let from = self.now_ms().div_euclid(DAY_MS) - TREND_DAYS + 1;
        overview.trend = trend(&scope, &rows::days(store, from).await?);
        overview.dangers = self.dangers(&scope, &totals).await?;
        Ok(overview)
    }
}

fn in_scope(scope: &Scope, counts: &[(ClusterId, u64)]) -> u64 {
    let meant = counts.iter().filter(|(cluster, _)| scope.has_cluster(*cluster));
    meant.map(|(_, phones)| phones).sum()
}

fn counted(scope: &Scope, cells: &[Cell]) -> Overview {
    let mut overview = Overview::default();
    let mut causes: HashMap<Cause, u64> = HashMap::new();
    let (mut clusters, mut models, mut pools) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for cell in cells
        .iter()
        .filter(|cell| scope.has(cell.cluster, &cell.model, &cell.pool))
    {
        overview.all.add(cell.state, cell.cause, cell.phones);
        if let (ReadinessState::Blocked, Some(cause)) = (cell.state, cell.cause)
            && cause != Cause::ModelWithoutControl
        {
            *causes.entry(cause).or_default() += cell.phones;
        }
        for (groups, key) in [
            (&mut clusters, cell.cluster.to_string()),
            (&mut models, cell.model.clone()),
            (&mut pools, cell.pool.clone()),
        ] {
            let group: &mut Group = groups.entry(key).or_default();
            group.add(cell.state, cell.cause, cell.phones);
        }
    }
    overview.causes = causes.into_iter().collect();
    overview
        .causes
        .sort_by_key(|(cause, phones)| (std::cmp::Reverse(*phones), cause.code()));
    overview.clusters = listed(clusters);
    overview.models = by_blocked(listed(models));
    overview.pools = by_blocked(listed(pools));
    overview
}

fn listed(groups: BTreeMap<String, Group>) -> Vec<Group> {
    groups.into_iter().map(|(key, group)| Group { key, ..group }).collect()
}

fn by_blocked(mut groups: Vec<Group>) -> Vec<Group> {
    groups.sort_by(|a, b| (b.blocked, &a.key).cmp(&(a.blocked, &b.key)));
    groups
}

fn trend(scope: &Scope, days: &[rows::Day]) -> Vec<TrendDay> {
    let mut trend: BTreeMap<i64, Group> = BTreeMap::new();
    for day in days.iter().filter(|day| scope.has_cluster(day.cluster)) {
        trend.entry(day.day).or_default().add(day.state, day.cause, day.phones);
    }
    trend
        .into_iter()
        .map(|(day, counts)| TrendDay { day, counts })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(cluster: i64, state: ReadinessState, cause: Option<Cause>, model: &str, phones: u64) -> Cell {
        Cell {
            cluster: ClusterId(cluster),
            state,
            cause,
            model: model.to_owned(),
            pool: "Lyon".to_owned(),
            phones,
        }
    }

    #[test]
    fn groups_add_up_and_the_commonest_cause_comes_first() {
        let cells = [
            cell(1, ReadinessState::Ready, None, "Cisco 8845", 5),
            cell(
                1,
                ReadinessState::Blocked,
                Some(Cause::PhoneUnreachable),
                "Cisco 8845",
                1,
            ),
            cell(
                1,
                ReadinessState::Blocked,
                Some(Cause::WebAccessDisabled),
                "Cisco 7965",
                3,
            ),
            cell(2, ReadinessState::Unknown, None, "Cisco 7965", 2),
            cell(
                2,
                ReadinessState::Blocked,
                Some(Cause::ModelWithoutControl),
                "CTI Port",
                4,
            ),
        ];
        let all = counted(&Scope::default(), &cells);
        assert_eq!(
            (all.all.ready, all.all.blocked, all.all.unknown, all.all.without),
            (5, 4, 2, 4)
        );
        assert_eq!(all.causes.len(), 2, "a model without control is nothing to mend");
        assert_eq!(all.causes[0], (Cause::WebAccessDisabled, 3));
        assert_eq!(all.models[0].key, "Cisco 7965");
        let one = Scope {
            cluster: Some(ClusterId(2)),
            ..Scope::default()
        };
        assert_eq!(counted(&one, &cells).all.total(), 6);
        let limited = Scope {
            seen: Some(Vec::new()),
            ..Scope::default()
        };
        assert_eq!(counted(&limited, &cells).all.total(), 0);
    }
}
