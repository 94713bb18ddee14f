//! Whose turn it is: the runs of one job that wait to be begun, within its pace.
//!
//! Runs stand in lanes: one a cluster, or one a switch where the job minds switches. Turns go round the lanes, so that no
//! cluster and no switch waits for the end of another's queue; a lane that has all it may have is passed over. Nothing here
//! reads a clock or a row.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::brakes::Brakes;
use crate::domain::ids::{ClusterId, JobRunId, PhoneId};
use crate::store::jobs::runs::Open;

/// A run that is to be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) run: JobRunId,
    pub(super) phone: Option<PhoneId>,
    pub(super) stage: u32,
    /// When its phone, once met busy, is given up, in unix milliseconds.
    pub(super) give_up_at: Option<i64>,
    pub(super) lane: Lane,
}

/// What shares a limit: a cluster, and a switch in it where switches are minded and known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Lane {
    cluster: ClusterId,
    switch: Option<Arc<str>>,
}

/// What a cluster has of its pace.
#[derive(Debug)]
struct Pace {
    at_work: u32,
    /// Until when the turns given out so far are paid for.
    paid_until: Option<Instant>,
}

/// The runs of one job that are not over.
#[derive(Debug)]
pub(super) struct Queue {
    at_once: u32,
    per_switch: Option<u32>,
    share: Option<Duration>,
    /// How far ahead of time a cluster may be: what a second's worth of turns costs.
    burst: Duration,
    /// By stage, then by lane.
    stages: BTreeMap<u32, VecDeque<(Lane, VecDeque<Pending>)>>,
    /// Runs whose phone was busy, by when they are tried again, in unix milliseconds.
    waiting: BTreeMap<(i64, JobRunId), Pending>,
    clusters: HashMap<ClusterId, Pace>,
    switches: HashMap<Lane, u32>,
    at_work: u32,
}

impl Queue {
    /// The runs of a job, in order.
    pub(super) fn new(brakes: &Brakes, open: Vec<Open>) -> Self {
        let share = brakes.per_minute.map(|pace| Duration::from_mins(1) / pace.max(1));
        let mut queue = Self {
            at_once: brakes.at_once,
            per_switch: brakes.per_switch,
            share,
            burst: share.map_or(Duration::ZERO, |share| Duration::from_secs(1).saturating_sub(share)),
            stages: BTreeMap::new(),
            waiting: BTreeMap::new(),
            clusters: HashMap::new(),
            switches: HashMap::new(),
            at_work: 0,
        };
        let mut names: HashMap<String, Arc<str>> = HashMap::new();
        let mut lanes: BTreeMap<u32, HashMap<Lane, VecDeque<Pending>>> = BTreeMap::new();
        let mut order: BTreeMap<u32, Vec<Lane>> = BTreeMap::new();
        for run in open {
            let switch = (queue.per_switch.is_some() && !run.switch_name.is_empty()).then(|| {
                let name = names
                    .entry(run.switch_name)
                    .or_insert_with_key(|name| name.as_str().into());
                Arc::clone(name)
            });
            let pending = Pending {
                run: run.id,
                phone: run.phone,
                stage: run.stage,
                give_up_at: run.give_up_at,
                lane: Lane {
                    cluster: run.cluster,
                    switch,
                },
            };
            if let Some(due) = run.due_at {
                queue.waiting.insert((due, pending.run), pending);
            } else {
                let lane = lanes.entry(pending.stage).or_default().entry(pending.lane.clone());
                let waits = lane.or_insert_with(|| {
                    order.entry(pending.stage).or_default().push(pending.lane.clone());
                    VecDeque::new()
                });
                waits.push_back(pending);
            }
        }
        for (stage, order) in order {
            let mut of_stage = lanes.remove(&stage).unwrap_or_default();
            let in_order = order.into_iter().filter_map(|lane| of_stage.remove_entry(&lane));
            queue.stages.insert(stage, in_order.collect());
        }
        queue
    }

    /// The next run that may begin, up to a stage; `now_ms` is for those that waited for their phone.
    pub(super) fn next(&mut self, stage: u32, now_ms: i64, now: Instant) -> Option<Pending> {
        self.wake(now_ms);
        let numbers: Vec<u32> = self.stages.range(..=stage).map(|(number, _)| *number).collect();
        for number in numbers {
            let lanes = self.stages.get(&number).map_or(0, VecDeque::len);
            for _ in 0..lanes {
                let Some(front) = self
                    .stages
                    .get(&number)
                    .and_then(|lanes| lanes.front())
                    .map(|(lane, _)| lane.clone())
                else {
                    break;
                };
                let may = self.may_begin(&front, now);
                let of_stage = self.stages.get_mut(&number)?;
                if !may {
                    of_stage.rotate_left(1);
                    continue;
                }
                let (lane, mut runs) = of_stage.pop_front()?;
                let taken = runs.pop_front();
                if !runs.is_empty() {
                    of_stage.push_back((lane, runs));
                }
                if of_stage.is_empty() {
                    self.stages.remove(&number);
                }
                if let Some(run) = taken {
                    self.begin(&run.lane, now);
                    return Some(run);
                }
            }
        }
        None
    }

    /// When a turn that pace alone delays is due; none when nothing waits for that.
    pub(super) fn paced_until(&self, stage: u32, now: Instant) -> Option<Instant> {
        self.share?;
        let lanes = self.stages.range(..=stage).flat_map(|(_, lanes)| lanes);
        let due = lanes.filter_map(|(lane, _)| {
            let paid = self.clusters.get(&lane.cluster)?.paid_until?;
            paid.checked_sub(self.burst).filter(|due| *due > now)
        });
        due.min()
    }

    fn may_begin(&self, lane: &Lane, now: Instant) -> bool {
        let free_switch = lane.switch.is_none()
            || self
                .per_switch
                .is_none_or(|most| self.switches.get(lane).is_none_or(|at_work| *at_work < most));
        let free_cluster = self.clusters.get(&lane.cluster).is_none_or(|pace| {
            let paid = pace.paid_until.is_none_or(|until| until <= now + self.burst);
            pace.at_work < self.at_once && paid
        });
        free_switch && free_cluster
    }

    fn begin(&mut self, lane: &Lane, now: Instant) {
        self.at_work += 1;
        let pace = self.clusters.entry(lane.cluster).or_insert(Pace {
            at_work: 0,
            paid_until: None,
        });
        pace.at_work += 1;
        pace.paid_until = self
            .share
            .map(|share| pace.paid_until.map_or(now, |until| until.max(now)) + share);
        if lane.switch.is_some() {
            *self.switches.entry(lane.clone()).or_default() += 1;
        }
    }

    /// A run is not at work any more.
    pub(super) fn ended(&mut self, lane: &Lane) {
        self.at_work = self.at_work.saturating_sub(1);
        if let Some(pace) = self.clusters.get_mut(&lane.cluster) {
            pace.at_work = pace.at_work.saturating_sub(1);
        }
        if let Some(at_work) = self.switches.get_mut(lane) {
            *at_work -= 1;
            if *at_work == 0 {
                self.switches.remove(lane);
            }
        }
    }

    /// A run whose phone was busy is tried again at a time.
    pub(super) fn put_off(&mut self, run: Pending, due_ms: i64) {
        self.waiting.insert((due_ms, run.run), run);
    }

    /// Nothing of it begins any more.
    pub(super) fn clear(&mut self) {
        self.stages.clear();
        self.waiting.clear();
    }

    fn wake(&mut self, now_ms: i64) {
        while let Some(entry) = self.waiting.first_entry() {
            if entry.key().0 > now_ms {
                return;
            }
            let run = entry.remove();
            let of_stage = self.stages.entry(run.stage).or_default();
            match of_stage.iter_mut().find(|(lane, _)| *lane == run.lane) {
                Some((_, runs)) => runs.push_back(run),
                None => of_stage.push_back((run.lane.clone(), VecDeque::from([run]))),
            }
        }
    }

    /// Whether nothing is left, also not of those under way.
    pub(super) fn is_over(&self) -> bool {
        self.at_work == 0 && self.stages.is_empty() && self.waiting.is_empty()
    }

    /// Whether nothing of the stages up to this one is left, also not of those under way, and something of a later one is.
    pub(super) fn stage_is_over(&self, stage: u32) -> bool {
        let left = self.stages.range(..=stage).next().is_some();
        let waits = self.waiting.values().any(|run| run.stage <= stage);
        self.at_work == 0 && !left && !waits && !self.is_over()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(id: i64, cluster: i64, switch: &str, stage: u32) -> Open {
        Open {
            id: JobRunId(id),
            phone: Some(PhoneId(id)),
            cluster: ClusterId(cluster),
            switch_name: switch.to_owned(),
            stage,
            due_at: None,
            give_up_at: None,
        }
    }

    fn brakes(at_once: u32, per_switch: Option<u32>, per_minute: Option<u32>) -> Brakes {
        Brakes {
            per_minute,
            at_once,
            per_switch,
            ..Brakes::default()
        }
    }

    fn drain(queue: &mut Queue, stage: u32, now: Instant) -> Vec<i64> {
        std::iter::from_fn(|| queue.next(stage, 0, now))
            .map(|run| run.run.0)
            .collect()
    }

    #[test]
    fn turns_go_round_clusters_and_switches_and_no_limit_is_passed() {
        let runs = vec![
            open(1, 1, "a", 2),
            open(2, 1, "a", 2),
            open(3, 1, "a", 2),
            open(4, 1, "b", 2),
            open(5, 2, "", 2),
            open(6, 2, "", 2),
        ];
        let now = Instant::now();
        let mut queue = Queue::new(&brakes(3, Some(1), None), runs.clone());
        assert_eq!(
            drain(&mut queue, 2, now),
            [1, 4, 5, 6],
            "one a switch; no limit where it is not known"
        );
        let first = Lane {
            cluster: ClusterId(1),
            switch: Some("a".into()),
        };
        queue.ended(&first);
        assert_eq!(drain(&mut queue, 2, now), [2]);
        let mut queue = Queue::new(&brakes(1, None, None), runs);
        assert_eq!(drain(&mut queue, 2, now), [1, 5], "one a cluster");
        assert_eq!(queue.at_work, 2);
    }

    #[test]
    fn a_minute_has_no_more_than_its_pace() {
        let runs = (1..=300).map(|id| open(id, 1, "", 2)).collect();
        let mut queue = Queue::new(&brakes(500, None, Some(120)), runs);
        let start = Instant::now();
        let begun = |queue: &mut Queue, second: u64| drain(queue, 2, start + Duration::from_secs(second)).len();
        let by_second: Vec<usize> = (0..60).map(|second| begun(&mut queue, second)).collect();
        assert_eq!(
            by_second.iter().sum::<usize>(),
            120,
            "two a second, the first second's burst counted"
        );
        assert!(by_second.iter().all(|count| (1..=3).contains(count)), "{by_second:?}");
        let now = start + Duration::from_secs(59);
        assert!(queue.paced_until(2, now).is_some_and(|due| due > now));
    }

    #[test]
    fn a_slow_pace_has_no_burst() {
        let runs = (1..=10).map(|id| open(id, 1, "", 2)).collect();
        let mut queue = Queue::new(&brakes(500, None, Some(6)), runs);
        let start = Instant::now();
        assert_eq!(drain(&mut queue, 2, start), [1]);
        assert_eq!(drain(&mut queue, 2, start + Duration::from_secs(9)), [0; 0]);
        assert_eq!(drain(&mut queue, 2, start + Duration::from_secs(10)), [2]);
    }

    #[test]
    fn a_stage_waits_for_those_before_it() {
        let runs = vec![open(1, 1, "", 0), open(2, 1, "", 1), open(3, 1, "", 2)];
        let now = Instant::now();
        let mut queue = Queue::new(&brakes(5, None, None), runs);
        let first = queue.next(0, 0, now).unwrap();
        assert_eq!((first.run, queue.next(0, 0, now)), (JobRunId(1), None));
        assert!(!queue.stage_is_over(0), "it is under way");
        queue.ended(&first.lane);
        queue.put_off(first, 100);
        assert!(!queue.stage_is_over(0), "it waits for its phone");
        let again = queue.next(0, 100, now).unwrap();
        queue.ended(&again.lane);
        assert!(queue.stage_is_over(0));
        assert_eq!(drain(&mut queue, 2, now), [2, 3]);
        assert!(!queue.is_over());
    }
}
