//! When the next picture is asked for.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::onlooker::Attention;
use crate::config;
use crate::domain::ids::PhoneId;

/// After a key a picture is asked for at once, then 150, 400 and 900 ms later, when most phones have redrawn, then until
/// two equal pictures follow each other.
const SETTLING_MS: [u64; 3] = [150, 250, 500];
/// Time between further pictures of a screen that still changes after a key.
const STILL_CHANGING_MS: u64 = 500;
/// A screen that has not come to rest after so many pictures does not do so because of the key.
const SETTLING_MOST: usize = 24;
/// Unchanged pictures in a row after which the pace slows.
const QUIET_AFTER: u32 = 5;
/// The longest wait between attempts at a phone that fails.
const LONGEST_RETRY_MS: u64 = 30_000;
/// Whoever opens a phone that fails has it asked at once, but never sooner after the last attempt: opening it again and
/// again must not be a way around the growing waits.
const HURRY: Duration = Duration::from_secs(1);
/// Polls are counted over this time.
const COUNTED: Duration = Duration::from_secs(10);

/// The pace of one watch. Times run from the beginning of one picture to the beginning of the next.
#[derive(Debug)]
pub(super) struct Pace {
    /// Pictures begun since the last key, while the screen is not known to stand still.
    settling: Option<usize>,
    unchanged: u32,
    failures: u32,
    /// From where the next wait runs, and when the phone may be asked again at the earliest.
    base: Instant,
    rested: Instant,
    /// Somebody wants a picture now, whatever the pace.
    hurry: bool,
    /// Thousandths by which the first wait is longer than half, so that watches that begin together do not go on together.
    spread: u32,
    /// Pictures begun, in all and lately.
    pictures: u64,
    begun: VecDeque<Instant>,
}

/// When a picture is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) at: Instant,
    /// Whether the pace would have had it sooner than the phone can give it.
    pub(super) by_phone: bool,
}

impl Pace {
    /// Nothing was asked for yet.
    pub(super) fn new(phone: PhoneId) -> Self {
        let now = Instant::now();
        let hash = xxhash_rust::xxh3::xxh3_64(&phone.0.to_le_bytes());
        Self {
            settling: None,
            unchanged: 0,
            failures: 0,
            base: now,
            rested: now,
            hurry: false,
            spread: u32::try_from(hash % 1_000).unwrap_or(0),
            pictures: 0,
            begun: VecDeque::new(),
        }
    }

    /// A key was pressed.
    pub(super) fn expect_change(&mut self) {
        self.settling = Some(0);
        self.unchanged = 0;
    }

    /// Whether pictures are asked for because of a key.
    pub(super) fn is_settling(&self) -> bool {
        self.settling.is_some()
    }

    /// A picture is asked for now.
    pub(super) fn begin(&mut self, now: Instant) {
        (self.base, self.rested) = (now, now);
        self.hurry = false;
        self.pictures += 1;
        self.settling = self.settling.map(|begun| begun + 1);
        self.begun.push_back(now);
        self.forget_old(now);
    }

    /// A picture came.
    pub(super) fn captured(&mut self, changed: bool, now: Instant) {
        self.failures = 0;
        self.unchanged = if changed { 0 } else { self.unchanged.saturating_add(1) };
        if let Some(begun) = self.settling {
            let still = begun > SETTLING_MS.len() && self.unchanged > 0;
            if still || begun >= SETTLING_MOST {
                self.settling = None;
                self.unchanged = self.unchanged.min(1);
            }
        }
        // A phone that is slow to answer has time for its own work between two pictures.
        let rest = if self.is_settling() {
            Duration::ZERO
        } else {
            now.saturating_duration_since(self.base) / 2
        };
        self.rested = now + rest;
    }

    /// None came.
    pub(super) fn failed(&mut self, now: Instant) {
        (self.base, self.rested) = (now, now);
        self.failures = self.failures.saturating_add(1);
        self.settling = None;
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Somebody wants to know how a phone that failed is now.
    pub(super) fn hurry(&mut self) {
        self.hurry = true;
    }

    /// Polls a second, over the last 10 s.
    #[expect(clippy::cast_precision_loss, reason = "a handful of polls")]
    pub(super) fn polls_per_s(&mut self, now: Instant) -> f32 {
        self.forget_old(now);
        self.begun.len() as f32 / COUNTED.as_secs_f32()
    }

    /// When the next picture is due for somebody who looks so closely.
    pub(super) fn due(&self, settings: &config::Screens, closest: Attention) -> Due {
        if self.settling == Some(0) || self.pictures == 0 {
            return Due {
                at: self.base,
                by_phone: false,
            };
        }
        if self.hurry {
            return Due {
                at: self.base + HURRY,
                by_phone: false,
            };
        }
        let by_pace = self.base + self.wait(settings, closest);
        Due {
            at: by_pace.max(self.rested),
            by_phone: self.rested > by_pace,
        }
    }

    fn wait(&self, settings: &config::Screens, closest: Attention) -> Duration {
        if let Some(begun) = self.settling {
            let step = begun.checked_sub(1);
            let wait = step.map_or(0, |step| SETTLING_MS.get(step).copied().unwrap_or(STILL_CHANGING_MS));
            return Duration::from_millis(wait);
        }
        let (usual, quiet) = match closest {
            Attention::Foreground => (settings.idle_ms, settings.quiet_ms),
            Attention::Tile => (settings.tile_ms, settings.tile_quiet_ms),
        };
        if self.failures > 0 {
            let doubled = usual.saturating_mul(1 << self.failures.min(10));
            return Duration::from_millis(doubled.min(LONGEST_RETRY_MS.max(usual)));
        }
        let wait = Duration::from_millis(if self.unchanged >= QUIET_AFTER { quiet } else { usual });
        if self.pictures == 1 {
            wait / 2 + wait / 2_000 * self.spread
        } else {
            wait
        }
    }

    fn forget_old(&mut self, now: Instant) {
        while self.begun.front().is_some_and(|begun| *begun + COUNTED < now) {
            self.begun.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOK: Duration = Duration::from_millis(20);

    /// A pace and the time of the test.
    struct Bench {
        pace: Pace,
        now: Instant,
        settings: config::Screens,
    }

    /// After the first picture, whose wait is another one than the later ones.
    fn running() -> Bench {
        let mut bench = Bench {
            pace: Pace::new(PhoneId(1)),
            now: Instant::now(),
            settings: config::Screens::default(),
        };
        bench.picture(true, Duration::ZERO);
        bench
    }

    impl Bench {
        fn picture(&mut self, changed: bool, took: Duration) {
            self.pace.begin(self.now);
            self.now += took;
            self.pace.captured(changed, self.now);
        }

        fn due(&self, closest: Attention) -> Due {
            self.pace.due(&self.settings, closest)
        }

        fn is_due(&self, closest: Attention) -> bool {
            self.due(closest).at <= self.now
        }

        /// Takes a picture when it is due, for each of the changes; the answers are the waits after them.
        fn waits(&mut self, closest: Attention, changes: &[bool], took: Duration) -> Vec<u128> {
            let mut waits = Vec::new();
            for changed in changes {
                let begun = self.now;
                self.picture(*changed, took);
                self.now = self.due(closest).at;
                waits.push((self.now - begun).as_millis());
            }
            waits
        }
    }

    #[test]
    fn an_idle_screen_is_asked_for_every_2_s_and_a_quiet_one_every_5_s() {
        let mut bench = running();
        let changes = [true, false, false, false, false, false, false];
        let found = bench.waits(Attention::Foreground, &changes, TOOK);
        assert_eq!(found, [2000, 2000, 2000, 2000, 2000, 5000, 5000]);
        assert_eq!(bench.waits(Attention::Foreground, &[true], TOOK), [2000]);
        assert_eq!(bench.waits(Attention::Tile, &[true], TOOK), [10_000]);
        let found = bench.waits(Attention::Tile, &[false; 5], TOOK);
        assert_eq!(found, [10_000, 10_000, 10_000, 10_000, 20_000]);
    }

    #[test]
    fn a_tile_that_somebody_opens_is_due_at_the_pace_of_the_foreground() {
        let mut bench = running();
        let begun = bench.now;
        bench.picture(false, TOOK);
        assert_eq!(bench.due(Attention::Tile).at - begun, Duration::from_secs(10));
        assert_eq!(bench.due(Attention::Foreground).at - begun, Duration::from_secs(2));
    }

    #[test]
    fn after_a_key_it_is_asked_for_until_it_stands_still_tiles_too() {
        for (closest, usual) in [(Attention::Foreground, 2000), (Attention::Tile, 10_000)] {
            let mut bench = running();
            bench.pace.expect_change();
            assert!(bench.is_due(closest));
            let changes = [true, true, false, true, true, true, false, false];
            let found = bench.waits(closest, &changes, TOOK);
            assert_eq!(found, [150, 250, 500, 500, 500, 500, usual, usual]);
        }
    }

    #[test]
    fn a_screen_that_never_stands_still_is_let_go() {
        let mut bench = running();
        bench.pace.expect_change();
        let found = bench.waits(Attention::Foreground, &[true; SETTLING_MOST + 1], TOOK);
        assert_eq!(found[SETTLING_MOST - 2..], [500, 2000, 2000]);
    }

    #[test]
    fn a_picture_begun_before_the_key_does_not_count() {
        let mut bench = running();
        bench.pace.begin(bench.now);
        bench.pace.expect_change();
        bench.now += TOOK;
        bench.pace.captured(false, bench.now);
        assert!(bench.is_due(Attention::Tile));
        let found = bench.waits(Attention::Tile, &[false; 4], TOOK);
        assert_eq!(found, [150, 250, 500, 10_000]);
    }

    #[test]
    fn a_slow_phone_sets_its_own_pace_and_may_rest() {
        let (mut bench, slow) = (running(), Duration::from_millis(1_600));
        assert_eq!(bench.waits(Attention::Foreground, &[true], slow), [2_400]);
        bench.picture(true, slow);
        assert!(bench.due(Attention::Foreground).by_phone);
        assert!(!bench.due(Attention::Tile).by_phone);
        // A key does not wait for the rest.
        bench.pace.expect_change();
        assert!(bench.is_due(Attention::Foreground) && !bench.due(Attention::Foreground).by_phone);
        assert_eq!(bench.waits(Attention::Foreground, &[true], slow), [1_600]);
    }

    #[test]
    fn a_failing_phone_is_asked_ever_more_rarely() {
        let mut bench = running();
        let mut found = Vec::new();
        for _ in 0..6 {
            bench.pace.begin(bench.now);
            bench.pace.failed(bench.now);
            found.push((bench.due(Attention::Foreground).at - bench.now).as_secs());
        }
        assert_eq!(found, [4, 8, 16, 30, 30, 30]);
        bench.pace.hurry();
        assert_eq!(bench.due(Attention::Foreground).at, bench.now + HURRY);
        bench.now += HURRY;
        assert_eq!(bench.waits(Attention::Foreground, &[true], TOOK), [2000]);
    }

    #[test]
    fn watches_that_begin_together_spread() {
        let settings = config::Screens::default();
        let mut waits: Vec<u128> = Vec::new();
        for phone in 0..200 {
            let mut pace = Pace::new(PhoneId(phone));
            let now = Instant::now();
            assert!(pace.due(&settings, Attention::Tile).at <= now, "the first goes at once");
            pace.begin(now);
            pace.captured(true, now);
            waits.push((pace.due(&settings, Attention::Tile).at - now).as_millis());
        }
        assert!(waits.iter().all(|wait| (5_000..=10_000).contains(wait)));
        for second in 5..10 {
            let within = waits.iter().filter(|&&wait| wait / 1_000 == second).count();
            assert!((20..=60).contains(&within), "{within} of 200 in second {second}");
        }
    }

    #[test]
    fn polls_are_counted_over_10_s() {
        let mut bench = running();
        bench.waits(Attention::Foreground, &[true; 12], TOOK);
        let rate = bench.pace.polls_per_s(bench.now);
        assert!((0.5..=0.6).contains(&rate), "{rate}");
        bench.now += Duration::from_mins(1);
        assert!(bench.pace.polls_per_s(bench.now) < 0.01);
    }
}
