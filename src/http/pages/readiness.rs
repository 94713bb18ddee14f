//! Which phones would refuse, and why.

use askama::Template;

use super::{Choice, Layout, Section, When, thousands};
use crate::domain::cause::Cause;

/// Pixels of the trend's drawing.
const CHART: (u64, u64) = (600, 120);

/// `GET /readiness?cluster=&model=&pool=&since=`
#[derive(Debug, Template)]
#[template(path = "readiness.html")]
pub struct ReadinessPage {
    /// What surrounds it.
    pub layout: Layout,
    /// What was asked for.
    pub filter: ReadinessFilter,
    /// Clusters to choose from; the value is what `cluster` sends.
    pub clusters: Vec<Choice>,
    /// Models to choose from.
    pub models: Vec<Choice>,
    /// Device pools to choose from.
    pub pools: Vec<Choice>,
    /// All phones of the filter.
    pub all: Counts,
    /// How many were looked at in the last 24 hours.
    pub looked: u64,
    /// Whether the pass runs.
    pub is_running: bool,
    /// Blocked phones by cause, the commonest first.
    pub causes: Vec<CauseRow>,
    /// By cluster; empty when there is only one.
    pub by_cluster: Vec<GroupRow>,
    /// By model.
    pub by_model: Vec<GroupRow>,
    /// By device pool.
    pub by_pool: Vec<GroupRow>,
    /// Phones that could be controlled and cannot now.
    pub broken: Vec<BrokenRow>,
    /// How many more there are of them.
    pub more_broken: u64,
    /// How many could not and can now.
    pub mended: u64,
    /// The last thirty days.
    pub trend: Trend,
    /// What threatens.
    pub dangers: Vec<DangerRow>,
}

/// What was asked for; empty means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadinessFilter {
    /// The number of a cluster.
    pub cluster: String,
    /// A model.
    pub model: String,
    /// A device pool.
    pub pool: String,
    /// `day` or `week`: since when a phone counts as broken.
    pub since: String,
}

impl ReadinessFilter {
    /// Whether anything narrows it.
    pub fn is_set(&self) -> bool {
        [&self.cluster, &self.model, &self.pool]
            .iter()
            .any(|value| !value.is_empty())
    }
}

/// Phones, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// That can be controlled.
    pub ready: u64,
    /// That cannot.
    pub blocked: u64,
    /// Of which it is not known.
    pub unknown: u64,
    /// Whose model has no control at all.
    pub without: u64,
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.ready + self.blocked + self.unknown + self.without
    }

    /// A part in per cent, as people say it: `< 1 %` when it is not nothing.
    pub fn share(&self, part: u64) -> String {
        match (part * 100).checked_div(self.total()).unwrap_or(0) {
            0 if part > 0 => "< 1 %".to_owned(),
            share => format!("{share} %"),
        }
    }

    /// Widths of the bar in thousandths: ready, blocked, the rest.
    pub fn bar(&self) -> [u64; 3] {
        [self.ready, self.blocked, self.unknown + self.without]
            .map(|part| (part * 1_000).checked_div(self.total()).unwrap_or(0))
    }
}

/// One cause.
#[derive(Debug, Clone)]
pub struct CauseRow {
    /// Which.
    pub cause: Cause,
    /// How many phones.
    pub phones: u64,
    /// Those phones.
    pub href: String,
    /// What mends it for many phones at once: its title and where it is told; for those who may read it.
    pub for_many: Option<(&'static str, String)>,
    /// The form of a job on all these phones: what it would do, and where it is; for those who may run jobs.
    pub job: Option<(&'static str, String)>,
}

/// Phones with something in common.
#[derive(Debug, Clone)]
pub struct GroupRow {
    /// What.
    pub label: String,
    /// How they are.
    pub counts: Counts,
    /// This page for them alone.
    pub href: String,
    /// Those of them that are blocked.
    pub blocked_href: String,
}

/// A phone that broke.
#[derive(Debug, Clone)]
pub struct BrokenRow {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its owner or description.
    pub about: String,
    /// Its model.
    pub model: String,
    /// Why.
    pub cause: &'static str,
    /// Since when.
    pub at: When,
}

/// What threatens in one cluster.
#[derive(Debug, Clone)]
pub struct DangerRow {
    /// What.
    pub title: &'static str,
    /// What will happen.
    pub why: &'static str,
    /// What to do before.
    pub next_step: &'static str,
    /// In which cluster.
    pub cluster: String,
    /// What was seen.
    pub seen: String,
    /// How many phones.
    pub count: u64,
    /// Some of them, with what is special about each; empty when it is all of the cluster.
    pub phones: Vec<(i64, String, String)>,
    /// How many are not listed.
    pub more: u64,
    /// All of them, when a search can say which.
    pub href: Option<String>,
}

/// The last thirty days as a drawing.
#[derive(Debug, Clone, Default)]
pub struct Trend {
    /// From the first day with a count to today; none: no count.
    pub days: Vec<Option<Counts>>,
    /// The first day, in words.
    pub from: String,
}

/// One bar of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// From the left.
    pub x: u64,
    /// Its width.
    pub width: u64,
    /// Top and height of ready, blocked and the rest.
    pub parts: [(u64, u64); 3],
}

impl Trend {
    /// Whether there is more than one day to compare.
    pub fn is_drawn(&self) -> bool {
        self.days.iter().flatten().count() > 1
    }

    /// The size of the drawing.
    pub fn size(&self) -> (u64, u64) {
        CHART
    }

    /// The bars; days without a count leave a gap.
    pub fn bars(&self) -> Vec<Bar> {
        let (wide, high) = CHART;
        let most = self.days.iter().flatten().map(Counts::total).max().unwrap_or(0).max(1);
        let slot = wide / u64::try_from(self.days.len()).unwrap_or(1).max(1);
        let bar = |(n, counts): (u64, &Counts)| {
            let mut top = high;
            let parts = [counts.ready, counts.unknown + counts.without, counts.blocked].map(|part| {
                let height = part * high / most;
                top -= height;
                (top, height)
            });
            Bar {
                x: n * slot,
                width: slot.saturating_sub(2).max(1),
                parts: [parts[0], parts[2], parts[1]],
            }
        };
        (0..)
            .zip(&self.days)
            .filter_map(|(n, counts)| Some((n, counts.as_ref()?)))
            .map(bar)
            .collect()
    }

    /// What the drawing says.
    pub fn words(&self) -> String {
        let counted: Vec<_> = self.days.iter().flatten().collect();
        let (Some(first), Some(last)) = (counted.first(), counted.last()) else {
            return String::new();
        };
        format!(
            "{} of {} phones were ready on {}, {} of {} today.",
            thousands(first.ready),
            thousands(first.total()),
            self.from,
            thousands(last.ready),
            thousands(last.total())
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(ready: u64, blocked: u64, unknown: u64) -> Counts {
        Counts {
            ready,
            blocked,
            unknown,
            without: 0,
        }
    }

    #[test]
    fn a_small_share_is_not_nothing() {
        let all = counts(990, 3, 7);
        assert_eq!(all.share(all.blocked), "< 1 %");
        assert_eq!(all.share(all.ready), "99 %");
        assert_eq!(counts(0, 0, 0).share(0), "0 %");
        assert_eq!(all.bar(), [990, 3, 7]);
    }

    #[test]
    fn bars_stand_on_the_ground_and_days_without_a_count_leave_a_gap() {
        let trend = Trend {
            days: vec![Some(counts(50, 50, 0)), None, Some(counts(200, 0, 0))],
            from: "2026-11-01".to_owned(),
        };
        let bars = trend.bars();
        assert_eq!(bars.len(), 2);
        assert_eq!(bars[0].parts, [(90, 30), (60, 30), (90, 0)]);
        assert_eq!((bars[1].x, bars[1].parts[0]), (400, (0, 120)));
        assert!(trend.is_drawn());
        assert_eq!(
            trend.words(),
            "50 of 100 phones were ready on 2026-11-01, 200 of 200 today."
        );
    }
}
