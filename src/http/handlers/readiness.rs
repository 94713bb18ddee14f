//! Which phones would refuse, and why.

use std::collections::BTreeMap;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use jiff::Timestamp;
use serde::Deserialize;

use super::phones::model_choice;
use crate::diagnosis::readiness::{Danger, DangerKind, Group, Listed, Overview, Scope};
use crate::diagnosis::remedies::RemedyId;
use crate::domain::cause::Cause;
use crate::domain::ids::{ClusterId, PhoneId};
use crate::http::extract::Query;
use crate::http::failure::Failure;
use crate::http::pages::phones::{PhoneQuery, short_title};
use crate::http::pages::readiness::{
    BrokenRow, CauseRow, Counts, DangerRow, GroupRow, ReadinessFilter, ReadinessPage, Trend,
};
use crate::http::pages::{Choice, Section, When};
use crate::http::state::App;
use crate::http::visit::{self, Visit};
use crate::inventory::Cluster;
use crate::security::{Diagnose, RunJobs, SeePhones};

const HERE: &str = "/readiness";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Days of the trend.
const TREND_DAYS: i64 = 30;
/// Broken phones that are listed.
const MOST_BROKEN: usize = 25;
/// Phones of a danger that are listed.
const MOST_IN_DANGER: usize = 12;

pub(super) fn routes() -> Router<App> {
    Router::new().route(HERE, get(show))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    cluster: String,
    model: String,
    pool: String,
    since: String,
}

async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let may = visit.may::<SeePhones>()?;
    let app = &visit.app;
    let filter = ReadinessFilter {
        cluster: asked.cluster,
        model: asked.model,
        pool: asked.pool,
        since: asked.since,
    };
    let now = app.clock.now_ms();
    let overview = app
        .readiness
        .overview(&may, scope(&filter)?, since(&filter, now)?)
        .await?;
    let whole = app.readiness.overview(&may, Scope::default(), now).await?;
    let clusters = app.inventory.clusters(&may).await?;
    visit::html(&page(&visit, filter, &overview, &whole, &clusters, now))
}

fn scope(filter: &ReadinessFilter) -> Result<Scope, Failure> {
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let cluster = given(&filter.cluster)
        .map(|text| {
            let number = text.parse().map(ClusterId);
            number.map_err(|_| Failure::malformed(format!("There is no cluster {text:?}.")))
        })
        .transpose()?;
    Ok(Scope::new(cluster, given(&filter.model), given(&filter.pool)))
}

fn since(filter: &ReadinessFilter, now: i64) -> Result<i64, Failure> {
    match filter.since.as_str() {
        "" | "day" => Ok(now - DAY_MS),
        "week" => Ok(now - 7 * DAY_MS),
        other => Err(Failure::malformed(format!("There is no time {other:?}: day or week."))),
    }
}

fn page(
    visit: &Visit,
    filter: ReadinessFilter,
    overview: &Overview,
    whole: &Overview,
    clusters: &[Cluster],
    now: i64,
) -> ReadinessPage {
    let names: BTreeMap<String, &str> = clusters
        .iter()
        .map(|cluster| (cluster.id.to_string(), cluster.name.as_str()))
        .collect();
    let name = |key: &str| names.get(key).map_or(key, |name| *name).to_owned();
    let by_cluster = |group: &Group| {
        let narrowed = ReadinessFilter {
            cluster: group.key.clone(),
            ..filter.clone()
        };
        group_row(name(&group.key), group, &narrowed)
    };
    let by_model = |group: &Group| {
        let narrowed = ReadinessFilter {
            model: group.key.clone(),
            ..filter.clone()
        };
        group_row(or_none(&group.key, "No model"), group, &narrowed)
    };
    let by_pool = |group: &Group| {
        let narrowed = ReadinessFilter {
            pool: group.key.clone(),
            ..filter.clone()
        };
        group_row(or_none(&group.key, "No device pool"), group, &narrowed)
    };
    let guides = visit.viewer.may::<Diagnose>().is_ok();
    let runs_jobs = visit.viewer.may::<RunJobs>().is_ok();
    let several = clusters.len() > 1 && filter.cluster.is_empty();
    ReadinessPage {
        layout: visit.layout("Readiness", Section::Readiness),
        clusters: clusters
            .iter()
            .map(|cluster| Choice::new(cluster.id.to_string(), cluster.name.clone()))
            .collect(),
        models: choices(&whole.models, |group| model_choice(&group.key, group.total())),
        pools: choices(&whole.pools, |group| Choice::new(group.key.clone(), group.key.clone())),
        all: counts(&overview.all),
        looked: overview.looked,
        is_running: visit.app.config.readiness.enabled,
        causes: overview
            .causes
            .iter()
            .map(|(cause, phones)| {
                let example = overview.examples.get(cause).filter(|_| guides);
                CauseRow {
                    job: runs_jobs.then(|| job(*cause, &filter)),
                    ..cause_row(*cause, *phones, &filter, example.copied())
                }
            })
            .collect(),
        by_cluster: if several {
            overview.clusters.iter().map(by_cluster).collect()
        } else {
            Vec::new()
        },
        by_model: overview.models.iter().map(by_model).collect(),
        by_pool: overview.pools.iter().map(by_pool).collect(),
        more_broken: u64::try_from(overview.broken.len().saturating_sub(MOST_BROKEN)).unwrap_or(0),
        broken: overview
            .broken
            .iter()
            .take(MOST_BROKEN)
            .map(|phone| broken_row(phone, now))
            .collect(),
        mended: overview.mended,
        trend: trend(overview, now),
        dangers: overview.dangers.iter().map(|danger| danger_row(danger, name)).collect(),
        filter,
    }
}

fn choices(groups: &[Group], choice: impl Fn(&Group) -> Choice) -> Vec<Choice> {
    let mut named: Vec<&Group> = groups.iter().filter(|group| !group.key.is_empty()).collect();
    named.sort_by(|a, b| a.key.cmp(&b.key));
    named.into_iter().map(choice).collect()
}

fn or_none(key: &str, none: &str) -> String {
    if key.is_empty() { none } else { key }.to_owned()
}

fn counts(group: &Group) -> Counts {
    Counts {
        ready: group.ready,
        blocked: group.blocked,
        unknown: group.unknown,
        without: group.without,
    }
}

/// The phone list for a part of what this page shows.
fn phones(filter: &ReadinessFilter) -> PhoneQuery {
    let pool = if filter.pool.is_empty() {
        String::new()
    } else {
        format!("pool:\"{}\"", filter.pool.replace('"', ""))
    };
    PhoneQuery {
        q: pool,
        cluster: filter.cluster.clone(),
        model: filter.model.clone(),
        readiness: "blocked".to_owned(),
        ..PhoneQuery::default()
    }
}

/// A cause; with one phone that has it where the visitor may read what mends it for many.
fn cause_row(cause: Cause, count: u64, filter: &ReadinessFilter, example: Option<PhoneId>) -> CauseRow {
    let query = PhoneQuery {
        cause: cause.code().to_owned(),
        ..phones(filter)
    };
    CauseRow {
        cause,
        phones: count,
        href: query.href(),
        job: None,
        for_many: RemedyId::for_many(cause)
            .zip(example)
            .map(|(remedy, phone)| (remedy.title(), format!("/phones/{phone}/remedies/{}", remedy.code()))),
    }
}

/// A job on all phones of a cause: with the remedy that one click applies, where there is one.
fn job(cause: Cause, filter: &ReadinessFilter) -> (&'static str, String) {
    let query = PhoneQuery {
        cause: cause.code().to_owned(),
        ..phones(filter)
    };
    let remedies = [RemedyId::EnableWebAccess, RemedyId::AddControlledDevice];
    match remedies.into_iter().find(|remedy| remedy.causes().contains(&cause)) {
        Some(remedy) => (
            remedy.title(),
            format!("{}&action=remedy&remedy={}", query.job_href(), remedy.code()),
        ),
        None => ("Make a job for them", query.job_href()),
    }
}

fn group_row(label: String, group: &Group, narrowed: &ReadinessFilter) -> GroupRow {
    GroupRow {
        label,
        counts: counts(group),
        href: address(narrowed),
        blocked_href: phones(narrowed).href(),
    }
}

fn address(filter: &ReadinessFilter) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("cluster", &filter.cluster),
        ("model", &filter.model),
        ("pool", &filter.pool),
        ("since", &filter.since),
    ] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    format!("{HERE}?{}", query.finish())
}

fn broken_row(phone: &Listed, now: i64) -> BrokenRow {
    BrokenRow {
        id: phone.id.0,
        name: phone.name.clone(),
        about: phone.about.clone(),
        model: phone.model.clone(),
        cause: phone.cause.map_or("Blocked", short_title),
        at: When::from_ms(phone.at, now),
    }
}

fn danger_row(danger: &Danger, name: impl Fn(&str) -> String) -> DangerRow {
    let listed = danger.phones.iter().take(MOST_IN_DANGER);
    let all = PhoneQuery {
        cluster: danger.cluster.to_string(),
        ..PhoneQuery::default()
    };
    let whole = matches!(danger.kind, DangerKind::CertificateEnding) || danger.phones.is_empty();
    DangerRow {
        title: danger.kind.title(),
        why: danger.kind.why(),
        next_step: danger.kind.next_step(),
        cluster: name(&danger.cluster.to_string()),
        seen: danger.seen.clone(),
        count: danger.count,
        phones: listed
            .map(|phone| (phone.id.0, phone.name.clone(), phone.special.clone()))
            .collect(),
        more: u64::try_from(danger.phones.len().saturating_sub(MOST_IN_DANGER)).unwrap_or(0),
        href: whole.then(|| all.href()),
    }
}

/// The days from the first that was counted to today.
fn trend(overview: &Overview, now: i64) -> Trend {
    let today = now.div_euclid(DAY_MS);
    let first = overview
        .trend
        .first()
        .map_or(today, |day| day.day)
        .max(today - TREND_DAYS + 1);
    let days = (first..=today)
        .map(|day| {
            let found = overview.trend.iter().find(|counted| counted.day == day);
            found.map(|counted| counts(&counted.counts))
        })
        .collect();
    let from = Timestamp::from_millisecond(first * DAY_MS)
        .map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%d").to_string());
    Trend { days, from }
}
