//! How many requests that cost CUCM an authentication call a cluster's phones are asked a second, and who goes first.
//!
//! Each cluster has a clock that runs ahead by one share of a second with each request; while it is no further ahead
//! than the burst allows, a request goes at once and costs one lock. Only those who must wait have a place in a queue,
//! and one task a cluster hands out their turns while there are any: nothing here grows with the number of watches.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::onlooker::Attention;
use crate::domain::ids::ClusterId;
use crate::lifecycle::Tasks;

/// While both classes wait, one turn in so many goes to the tiles, so that they never stand still.
const TILES_EVERY: u32 = 8;
/// The part of a second whose turns may be taken at once after a rest.
const BURST_DIVISOR: u32 = 5;

/// The budgets of all clusters. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    tasks: Tasks,
    rate: Rate,
    clusters: Mutex<HashMap<ClusterId, Cluster>>,
}

/// How fast turns follow each other.
#[derive(Debug, Clone, Copy)]
struct Rate {
    /// The share of a second that one turn costs.
    share: Duration,
    /// How far ahead of time a cluster's clock may be before its next turn.
    burst: Duration,
}

#[derive(Debug)]
struct Cluster {
    rate: Rate,
    /// Until when the turns given out so far are paid for.
    paid_until: Instant,
    foreground: Queue,
    tiles: Queue,
    /// Turns of the foreground in a row while tiles waited.
    passed: u32,
    tickets: u64,
    /// Whether a task hands out turns now.
    served: bool,
}

type Queue = BTreeMap<u64, oneshot::Sender<()>>;

/// A place in a queue, left when the one who waits is dropped.
struct Waiting<'a> {
    inner: &'a Inner,
    cluster: ClusterId,
    class: Attention,
    ticket: u64,
}

impl Rate {
    fn new(per_second: u32) -> Self {
        let share = Duration::from_secs(1) / per_second.max(1);
        Self {
            share,
            burst: share * (per_second / BURST_DIVISOR).saturating_sub(1),
        }
    }
}

impl Cluster {
    fn new(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            paid_until: now,
            foreground: Queue::new(),
            tiles: Queue::new(),
            passed: 0,
            tickets: 0,
            served: false,
        }
    }

    fn queue(&mut self, class: Attention) -> &mut Queue {
        match class {
            Attention::Foreground => &mut self.foreground,
            Attention::Tile => &mut self.tiles,
        }
    }

    fn nobody_waits(&self) -> bool {
        self.foreground.is_empty() && self.tiles.is_empty()
    }

    fn is_due(&self, now: Instant) -> bool {
        self.paid_until <= now + self.rate.burst
    }

    fn pay(&mut self, now: Instant) {
        self.paid_until = self.paid_until.max(now) + self.rate.share;
    }

    /// A turn at once, or a place in the queue of the class.
    fn ask(&mut self, class: Attention, now: Instant) -> Option<(u64, oneshot::Receiver<()>)> {
        if self.nobody_waits() && self.is_due(now) {
            self.pay(now);
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        self.tickets += 1;
        let ticket = self.tickets;
        self.queue(class).insert(ticket, sender);
        Some((ticket, receiver))
    }

    /// Hands out the turns that are due; answers when the next one is, none when nobody waits any more.
    fn hand_out(&mut self, now: Instant) -> Option<Instant> {
        while self.is_due(now)
            && let Some(first) = self.next()
        {
            if first.send(()).is_ok() {
                self.pay(now);
            }
        }
        if self.nobody_waits() {
            return None;
        }
        Some(self.paid_until.checked_sub(self.rate.burst).unwrap_or(now))
    }

    /// The first of the class whose turn it is.
    fn next(&mut self) -> Option<oneshot::Sender<()>> {
        let tiles_turn = self.foreground.is_empty() || self.passed + 1 >= TILES_EVERY;
        if tiles_turn && let Some((_, first)) = self.tiles.pop_first() {
            self.passed = 0;
            return Some(first);
        }
        self.passed = if self.tiles.is_empty() { 0 } else { self.passed + 1 };
        self.foreground.pop_first().map(|(_, first)| first)
    }
}

impl Budget {
    /// So many turns a second for each cluster, at least one.
    pub(super) fn new(tasks: Tasks, per_second: u32) -> Self {
        Self {
            inner: Arc::new(Inner {
                tasks,
                rate: Rate::new(per_second),
                clusters: Mutex::default(),
            }),
        }
    }

    /// Waits for a turn; the answer is how long that took, none when the program stops. Dropping it gives the place up.
    pub(super) async fn turn(&self, cluster: ClusterId, class: Attention) -> Option<Duration> {
        let asked = Instant::now();
        let (ticket, turn) = {
            let mut clusters = self.inner.lock();
            let budget = clusters
                .entry(cluster)
                .or_insert_with(|| Cluster::new(self.inner.rate, asked));
            let Some(place) = budget.ask(class, asked) else {
                return Some(Duration::ZERO);
            };
            if !std::mem::replace(&mut budget.served, true) {
                let inner = Arc::clone(&self.inner);
                self.inner
                    .tasks
                    .spawn("picture budget", async move { inner.serve(cluster).await });
            }
            place
        };
        let _place = Waiting {
            inner: &self.inner,
            cluster,
            class,
            ticket,
        };
        turn.await.ok().map(|()| asked.elapsed())
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, HashMap<ClusterId, Cluster>> {
        self.clusters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands out turns in time until nobody waits.
    async fn serve(&self, cluster: ClusterId) {
        let stop = self.tasks.stop_token();
        while let Some(due) = self.hand_out(cluster) {
            tokio::select! {
                () = sleep_until(due) => {}
                () = stop.cancelled() => {
                    // Those who wait are told by the end of their channels.
                    self.lock().remove(&cluster);
                    return;
                }
            }
        }
    }

    fn hand_out(&self, cluster: ClusterId) -> Option<Instant> {
        let mut clusters = self.lock();
        let budget = clusters.get_mut(&cluster)?;
        let due = budget.hand_out(Instant::now());
        budget.served = due.is_some();
        due
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(budget) = self.inner.lock().get_mut(&self.cluster) {
            budget.queue(self.class).remove(&self.ticket);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::poll;

    use super::*;

    const CLUSTER: ClusterId = ClusterId(1);

    /// A cluster whose time is what the test says, and those who asked, in the order in which they came.
    struct Bench {
        cluster: Cluster,
        start: Instant,
        now: Instant,
        asked: Vec<(Attention, Option<oneshot::Receiver<()>>)>,
        /// Who had a turn, by their number, and after how many milliseconds.
        turns: Vec<(usize, u128)>,
    }

    impl Bench {
        fn new(per_second: u32) -> Self {
            let now = Instant::now();
            Self {
                cluster: Cluster::new(Rate::new(per_second), now),
                start: now,
                now,
                asked: Vec::new(),
                turns: Vec::new(),
            }
        }

        fn ask(&mut self, class: Attention, count: usize) {
            for _ in 0..count {
                let place = self.cluster.ask(class, self.now);
                if place.is_none() {
                    self.turns.push((self.asked.len(), self.ms()));
                }
                self.asked.push((class, place.map(|(_, receiver)| receiver)));
            }
        }

        fn ms(&self) -> u128 {
            (self.now - self.start).as_millis()
        }

        /// As the serving task does it, without the waiting. Each look at the queue hands out one turn at most, as long as
        /// a share of a second is longer than the burst.
        fn run(&mut self) {
            while let Some(due) = self.cluster.hand_out(self.now) {
                self.note();
                self.now = due;
            }
            self.note();
        }

        fn note(&mut self) {
            let ms = self.ms();
            for (number, (_, waiting)) in self.asked.iter_mut().enumerate() {
                if waiting.as_mut().is_some_and(|turn| turn.try_recv().is_ok()) {
                    *waiting = None;
                    self.turns.push((number, ms));
                }
            }
        }

        fn times(&self) -> Vec<u128> {
            self.turns.iter().map(|(_, ms)| *ms).collect()
        }
    }

    #[test]
    fn a_burst_goes_at_once_and_the_rest_evenly() {
        let mut bench = Bench::new(20);
        bench.ask(Attention::Tile, 8);
        bench.run();
        assert_eq!(bench.times(), [0, 0, 0, 0, 50, 100, 150, 200]);
        // Rest earns the burst again, and no more than that.
        bench.now += Duration::from_mins(1);
        (bench.start, bench.turns) = (bench.now, Vec::new());
        bench.ask(Attention::Tile, 5);
        bench.run();
        assert_eq!(bench.times(), [0, 0, 0, 0, 50]);
    }

    #[test]
    fn no_second_has_more_than_the_budget() {
        let mut bench = Bench::new(1_000);
        bench.ask(Attention::Foreground, 3_200);
        bench.run();
        assert_eq!(bench.turns.len(), 3_200);
        assert_eq!(bench.times().last(), Some(&3_000));
    }

    #[test]
    fn the_foreground_goes_first_and_tiles_never_stand_still() {
        let mut bench = Bench::new(1);
        bench.ask(Attention::Tile, 4);
        bench.ask(Attention::Foreground, 10);
        bench.run();
        let tiles_at: Vec<u128> = bench
            .turns
            .iter()
            .filter(|(number, _)| bench.asked[*number].0 == Attention::Tile)
            .map(|(_, ms)| ms / 1_000)
            .collect();
        assert_eq!(tiles_at, [0, 8, 12, 13]);
    }

    #[test]
    fn within_a_class_it_is_first_come_first_served_and_who_leaves_costs_nothing() {
        let mut bench = Bench::new(1);
        bench.ask(Attention::Foreground, 4);
        bench.asked[1].1 = None;
        bench.run();
        assert_eq!(bench.turns, [(0, 0), (2, 1_000), (3, 2_000)]);
    }

    #[tokio::test]
    async fn who_waits_has_a_place_until_it_leaves_and_clusters_do_not_share() {
        let budget = Budget::new(Tasks::new(), 1);
        assert_eq!(budget.turn(CLUSTER, Attention::Tile).await, Some(Duration::ZERO));
        let mut waiting = Box::pin(budget.turn(CLUSTER, Attention::Tile));
        assert!(poll!(&mut waiting).is_pending());
        let other = budget.turn(ClusterId(2), Attention::Tile).await;
        assert_eq!(other, Some(Duration::ZERO));
        assert!(!budget.inner.lock()[&CLUSTER].nobody_waits());
        drop(waiting);
        assert!(budget.inner.lock()[&CLUSTER].nobody_waits());
    }

    #[tokio::test]
    async fn turns_are_handed_out_by_a_task_that_ends_with_the_queue() {
        let tasks = Tasks::new();
        let budget = Budget::new(tasks.clone(), 1_000);
        let many = (0..400).map(|_| budget.turn(CLUSTER, Attention::Tile));
        let waits = futures_util::future::join_all(many).await;
        assert!(waits.iter().all(Option::is_some));
        // The task marks its end under the lock under which it hands out the last turn.
        assert!(!budget.inner.lock()[&CLUSTER].served);
        assert!(tasks.finish().await);
    }

    #[tokio::test]
    async fn who_waits_when_the_program_stops_is_let_go() {
        let tasks = Tasks::new();
        let budget = Budget::new(tasks.clone(), 1);
        budget.turn(CLUSTER, Attention::Tile).await;
        let mut waiting = Box::pin(budget.turn(CLUSTER, Attention::Tile));
        assert!(poll!(&mut waiting).is_pending());
        tasks.stop();
        assert_eq!(waiting.await, None);
    }
}
