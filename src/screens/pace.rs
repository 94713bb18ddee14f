//! When the next picture is asked for.

use std::time::Duration;

use crate::config;

/// Waits after a key: at once when the phone has taken it, then 150, 400 and 900 ms after it, when most phones have
/// redrawn; later ones until two equal pictures follow each other.
const SETTLING_MS: [u64; 4] = [0, 150, 250, 500];
/// Wait between further pictures of a screen that still changes after a key.
const STILL_CHANGING_MS: u64 = 500;
/// Unchanged pictures in a row after which the pace slows.
const QUIET_AFTER: u32 = 5;
/// The longest wait between attempts at a phone that fails.
const LONGEST_RETRY_MS: u64 = 30_000;

/// The pace of one watch.
#[derive(Debug, Default)]
pub(super) struct Pace {
    settling: Option<usize>,
    unchanged: u32,
    failures: u32,
}

impl Pace {
    /// A key was pressed.
    pub(super) fn expect_change(&mut self) {
        self.settling = Some(0);
        self.unchanged = 0;
    }

    /// A picture came.
    pub(super) fn captured(&mut self, changed: bool) {
        self.failures = 0;
        self.unchanged = if changed { 0 } else { self.unchanged.saturating_add(1) };
    }

    /// None came.
    pub(super) fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
        self.settling = None;
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// The wait before the next picture.
    pub(super) fn next(&mut self, settings: &config::Screens) -> Duration {
        if self.failures > 0 {
            let doubled = settings.idle_ms.saturating_mul(1 << self.failures.min(10));
            return Duration::from_millis(doubled.min(LONGEST_RETRY_MS));
        }
        if let Some(step) = self.settling {
            let still = step >= SETTLING_MS.len() && self.unchanged > 0;
            self.settling = (!still).then_some(step + 1);
            if !still {
                return Duration::from_millis(SETTLING_MS.get(step).copied().unwrap_or(STILL_CHANGING_MS));
            }
        }
        let quiet = self.unchanged >= QUIET_AFTER;
        Duration::from_millis(if quiet { settings.quiet_ms } else { settings.idle_ms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(pace: &mut Pace, changes: &[bool]) -> Vec<u64> {
        let settings = config::Screens::default();
        changes
            .iter()
            .map(|changed| {
                pace.captured(*changed);
                u64::try_from(pace.next(&settings).as_millis()).unwrap()
            })
            .collect()
    }

    #[test]
    fn an_idle_screen_is_asked_for_every_2_s_and_a_quiet_one_every_5_s() {
        let mut pace = Pace::default();
        assert_eq!(
            waits(&mut pace, &[true, false, false, false, false, false, false]),
            [2000, 2000, 2000, 2000, 2000, 5000, 5000]
        );
        assert_eq!(waits(&mut pace, &[true]), [2000]);
    }

    #[test]
    fn after_a_key_it_is_asked_for_until_it_stands_still() {
        let mut pace = Pace::default();
        pace.expect_change();
        assert_eq!(
            waits(&mut pace, &[true, true, false, true, true, true, false, false]),
            [0, 150, 250, 500, 500, 500, 2000, 2000]
        );
    }

    #[test]
    fn a_failing_phone_is_asked_ever_more_rarely() {
        let (mut pace, settings) = (Pace::default(), config::Screens::default());
        let mut waits = Vec::new();
        for _ in 0..6 {
            pace.failed();
            waits.push(pace.next(&settings).as_secs());
        }
        assert_eq!(waits, [4, 8, 16, 30, 30, 30]);
        pace.captured(true);
        assert_eq!(pace.next(&settings).as_secs(), 2);
    }
}
