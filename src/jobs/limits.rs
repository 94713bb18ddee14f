//! What is at work in each cluster and on each switch, of all jobs together, and how much of it there may be.
//!
//! Limits belong to jobs, and what they guard does not: a cluster or a switch minds how many of its phones are worked on,
//! whatever jobs those are of. So everything under way counts for every job, and while several jobs work in a cluster the
//! narrowest of their limits holds for all of them. Nothing here reads a clock or a row.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::pace::Lane;
use crate::domain::brakes::Brakes;
use crate::domain::ids::ClusterId;

/// How much there may be in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cap {
    at_once: u32,
    per_switch: Option<u32>,
    /// The time that each beginning takes of the pace; none: no pace is kept.
    share: Option<Duration>,
}

impl Cap {
    /// As the brakes of a job have it.
    pub(super) fn of(brakes: &Brakes) -> Self {
        Self {
            at_once: brakes.at_once,
            per_switch: brakes.per_switch,
            share: brakes.per_minute.map(|pace| Duration::from_mins(1) / pace.max(1)),
        }
    }

    fn and(self, other: Self) -> Self {
        let narrower = |a: Option<u32>, b: Option<u32>| a.into_iter().chain(b).min();
        Self {
            at_once: self.at_once.min(other.at_once),
            per_switch: narrower(self.per_switch, other.per_switch),
            share: self.share.max(other.share),
        }
    }

    /// How far ahead of time a cluster may be: what a second's worth of turns costs.
    fn burst(self) -> Duration {
        self.share
            .map_or(Duration::ZERO, |share| Duration::from_secs(1).saturating_sub(share))
    }
}

/// One cluster.
#[derive(Debug, Default)]
struct Place {
    cap: Option<Cap>,
    at_work: u32,
    switches: HashMap<Arc<str>, u32>,
    /// Until when the turns given out so far are paid for.
    paid_until: Option<Instant>,
}

/// All clusters.
#[derive(Debug, Default)]
pub(super) struct Limits {
    clusters: HashMap<ClusterId, Place>,
}

impl Limits {
    /// Sets what holds from now on: of each job that works, the clusters it works in and what it allows there.
    pub(super) fn set<C: IntoIterator<Item = ClusterId>>(&mut self, jobs: impl IntoIterator<Item = (Cap, C)>) {
        for place in self.clusters.values_mut() {
            place.cap = None;
        }
        for (cap, clusters) in jobs {
            for cluster in clusters {
                let place = self.clusters.entry(cluster).or_default();
                place.cap = Some(place.cap.map_or(cap, |other| other.and(cap)));
            }
        }
    }

    /// Whether a run of this lane may begin now.
    pub(super) fn may_begin(&self, lane: &Lane, now: Instant) -> bool {
        let Some(place) = self.clusters.get(&lane.cluster) else {
            return false;
        };
        let Some(cap) = place.cap else { return false };
        let on_switch = lane.switch.as_ref().and_then(|switch| place.switches.get(switch));
        let free_switch = cap
            .per_switch
            .is_none_or(|most| on_switch.is_none_or(|at_work| *at_work < most));
        let paid = cap.share.is_none() || place.paid_until.is_none_or(|until| until <= now + cap.burst());
        place.at_work < cap.at_once && free_switch && paid
    }

    /// Counts a run that begins.
    pub(super) fn begin(&mut self, lane: &Lane, now: Instant) {
        let place = self.clusters.entry(lane.cluster).or_default();
        place.at_work += 1;
        let share = place.cap.and_then(|cap| cap.share);
        place.paid_until = share.map(|share| place.paid_until.map_or(now, |until| until.max(now)) + share);
        if let Some(switch) = &lane.switch {
            *place.switches.entry(Arc::clone(switch)).or_default() += 1;
        }
    }

    /// A run is not at work any more.
    pub(super) fn ended(&mut self, lane: &Lane) {
        let Some(place) = self.clusters.get_mut(&lane.cluster) else {
            return;
        };
        place.at_work = place.at_work.saturating_sub(1);
        let Some(switch) = &lane.switch else { return };
        if let Some(at_work) = place.switches.get_mut(switch) {
            *at_work = at_work.saturating_sub(1);
            if *at_work == 0 {
                place.switches.remove(switch);
            }
        }
    }

    /// Takes back a beginning that did not come about: nothing was sent, and it costs nothing of the pace.
    pub(super) fn not_begun(&mut self, lane: &Lane) {
        self.ended(lane);
        if let Some(place) = self.clusters.get_mut(&lane.cluster)
            && let Some(share) = place.cap.and_then(|cap| cap.share)
        {
            place.paid_until = place.paid_until.and_then(|until| until.checked_sub(share));
        }
    }

    /// When a cluster's pace lets the next run begin; none when it is not the pace that a run waits for.
    pub(super) fn paced_until(&self, cluster: ClusterId, now: Instant) -> Option<Instant> {
        let place = self.clusters.get(&cluster)?;
        let cap = place.cap.filter(|cap| cap.share.is_some())?;
        place.paid_until?.checked_sub(cap.burst()).filter(|due| *due > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cap(at_once: u32, per_switch: Option<u32>, per_minute: Option<u32>) -> Cap {
        Cap::of(&Brakes {
            per_minute,
            at_once,
            per_switch,
            ..Brakes::default()
        })
    }

    fn lane(cluster: i64, switch: &str) -> Lane {
        Lane {
            cluster: ClusterId(cluster),
            switch: (!switch.is_empty()).then(|| switch.into()),
        }
    }

    fn begun(limits: &mut Limits, lane: &Lane, now: Instant) -> usize {
        std::iter::from_fn(|| limits.may_begin(lane, now).then(|| limits.begin(lane, now))).count()
    }

    #[test]
    fn the_narrowest_limit_of_those_who_work_in_a_cluster_holds_for_all() {
        let (mut limits, now) = (Limits::default(), Instant::now());
        let (narrow, wide) = (cap(3, None, None), cap(50, None, None));
        limits.set([(narrow, vec![ClusterId(1)]), (wide, vec![ClusterId(1), ClusterId(2)])]);
        assert_eq!(begun(&mut limits, &lane(1, ""), now), 3, "of both jobs together");
        assert_eq!(
            begun(&mut limits, &lane(2, ""), now),
            50,
            "the narrow one does not work there"
        );
        limits.ended(&lane(1, ""));
        assert_eq!(begun(&mut limits, &lane(1, ""), now), 1);
        limits.set([(wide, vec![ClusterId(1)])]);
        assert_eq!(
            begun(&mut limits, &lane(1, ""), now),
            47,
            "what is under way still counts"
        );
        limits.set(std::iter::empty::<(Cap, Vec<ClusterId>)>());
        assert!(!limits.may_begin(&lane(2, ""), now), "no job works there");
    }

    #[test]
    fn a_switch_counts_the_phones_of_every_job() {
        let (mut limits, now) = (Limits::default(), Instant::now());
        limits.set([
            (cap(50, Some(2), None), vec![ClusterId(1)]),
            (cap(50, None, None), vec![ClusterId(1)]),
        ]);
        assert_eq!(begun(&mut limits, &lane(1, "a"), now), 2);
        assert_eq!(begun(&mut limits, &lane(1, "b"), now), 2, "another switch");
        assert_eq!(
            begun(&mut limits, &lane(1, ""), now),
            46,
            "no limit where it is not known"
        );
        limits.ended(&lane(1, "a"));
        assert_eq!(begun(&mut limits, &lane(1, "a"), now), 1);
    }

    #[test]
    fn the_slowest_pace_is_the_pace_of_the_cluster() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        let (slow, fast) = (cap(500, None, Some(60)), cap(500, None, Some(600)));
        limits.set([(slow, vec![ClusterId(1)]), (fast, vec![ClusterId(1)])]);
        assert_eq!(begun(&mut limits, &lane(1, ""), start), 1, "one a second has no burst");
        assert_eq!(
            limits.paced_until(ClusterId(1), start),
            Some(start + Duration::from_secs(1))
        );
        limits.not_begun(&lane(1, ""));
        assert_eq!(
            begun(&mut limits, &lane(1, ""), start),
            1,
            "what did not begin costs nothing"
        );
        let minute = (1..60).map(|second| begun(&mut limits, &lane(1, ""), start + Duration::from_secs(second)));
        assert_eq!(minute.sum::<usize>(), 59);
        limits.set([(cap(500, None, None), vec![ClusterId(1)])]);
        assert!(limits.may_begin(&lane(1, ""), start), "nobody keeps a pace any more");
        assert_eq!(limits.paced_until(ClusterId(1), start), None);
    }
}
