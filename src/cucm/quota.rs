//! How many RIS queries may be sent, and whose turn it is. Pure: every instant is given.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::{RisBudget, Urgency};

/// The sliding window of one cluster. A query counts from before it is sent until a window after its answer, so that no
/// delay on the way lets CUCM see more of them in a minute than we counted.
#[derive(Debug)]
pub(super) struct Quota {
    budget: RisBudget,
    answered: VecDeque<(Instant, Urgency)>,
    people_in_flight: usize,
    background_in_flight: usize,
    people_waiting: usize,
    background_rests_until: Option<Instant>,
}

impl Quota {
    pub(super) fn new(budget: RisBudget) -> Self {
        Self {
            budget,
            answered: VecDeque::new(),
            people_in_flight: 0,
            background_in_flight: 0,
            people_waiting: 0,
            background_rests_until: None,
        }
    }

    /// Takes a place, or tells after how long to ask again. Every place taken must be given back by [`Self::answered`].
    pub(super) fn take(&mut self, now: Instant, urgency: Urgency) -> Result<(), Duration> {
        self.forget_before(now);
        let wait = match urgency {
            Urgency::Person => self.wait_for_all(now),
            Urgency::Background => self.wait_for_background(now).or_else(|| self.wait_for_all(now)),
        };
        match (wait, urgency) {
            (Some(wait), _) => Err(wait),
            (None, Urgency::Person) => {
                self.people_in_flight += 1;
                Ok(())
            }
            (None, Urgency::Background) => {
                self.background_in_flight += 1;
                Ok(())
            }
        }
    }

    /// Gives a place back: its query was answered, failed or given up.
    pub(super) fn answered(&mut self, now: Instant, urgency: Urgency) {
        let in_flight = match urgency {
            Urgency::Person => &mut self.people_in_flight,
            Urgency::Background => &mut self.background_in_flight,
        };
        *in_flight = in_flight.saturating_sub(1);
        self.answered.push_back((now, urgency));
    }

    /// CUCM told that the rate is exceeded, perhaps by other programs: background rests.
    pub(super) fn refused(&mut self, now: Instant) {
        self.background_rests_until = Some(now + self.budget.pause);
    }

    /// A person begins (or ends) to wait; background stands back meanwhile.
    pub(super) fn person_waits(&mut self, begins: bool) {
        self.people_waiting = if begins {
            self.people_waiting + 1
        } else {
            self.people_waiting.saturating_sub(1)
        };
    }

    fn forget_before(&mut self, now: Instant) {
        let window = self.budget.window;
        while self
            .answered
            .front()
            .is_some_and(|(at, _)| now.duration_since(*at) >= window)
        {
            self.answered.pop_front();
        }
    }

    fn wait_for_all(&self, now: Instant) -> Option<Duration> {
        let used = self.answered.len() + self.people_in_flight + self.background_in_flight;
        (used >= self.budget.limit).then(|| self.until_free(now, |_| true))
    }

    fn wait_for_background(&self, now: Instant) -> Option<Duration> {
        if let Some(until) = self.background_rests_until.filter(|until| *until > now) {
            return Some(until - now);
        }
        let is_background = |urgency: Urgency| urgency == Urgency::Background;
        let used = self
            .answered
            .iter()
            .filter(|(_, urgency)| is_background(*urgency))
            .count()
            + self.background_in_flight;
        (self.people_waiting > 0 || used >= self.budget.background_limit).then(|| self.until_free(now, is_background))
    }

    /// Until the oldest counted query leaves the window; a short while when all are still in flight.
    fn until_free(&self, now: Instant, counts: impl Fn(Urgency) -> bool) -> Duration {
        const IN_FLIGHT: Duration = Duration::from_millis(200);
        self.answered
            .iter()
            .find(|(_, urgency)| counts(*urgency))
            .map_or(IN_FLIGHT, |(at, _)| {
                (*at + self.budget.window).saturating_duration_since(now)
            })
            .max(Duration::from_millis(1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn sent(quota: &mut Quota, now: Instant, urgency: Urgency) -> bool {
        let taken = quota.take(now, urgency).is_ok();
        if taken {
            quota.answered(now, urgency);
        }
        taken
    }

    #[test]
    fn background_leaves_room_for_people() {
        let (mut quota, start) = (Quota::new(RisBudget::default()), Instant::now());
        let count = |quota: &mut Quota, urgency| (0..30).filter(|_| sent(quota, start, urgency)).count();
        assert_eq!(count(&mut quota, Urgency::Background), 8);
        assert_eq!(count(&mut quota, Urgency::Person), 7);
        assert_eq!(quota.take(start + 20 * SECOND, Urgency::Person), Err(40 * SECOND));
        assert!(sent(&mut quota, start + 60 * SECOND, Urgency::Background));
    }

    #[test]
    fn background_stands_back_for_a_waiting_person_and_after_a_refusal() {
        let (mut quota, start) = (Quota::new(RisBudget::default()), Instant::now());
        quota.person_waits(true);
        assert!(quota.take(start, Urgency::Background).is_err());
        quota.person_waits(false);
        assert!(quota.take(start, Urgency::Background).is_ok());
        quota.answered(start, Urgency::Background);
        quota.refused(start);
        assert_eq!(quota.take(start + SECOND, Urgency::Background), Err(59 * SECOND));
        assert!(quota.take(start + SECOND, Urgency::Person).is_ok());
        assert!(quota.take(start + 61 * SECOND, Urgency::Background).is_ok());
    }

    #[test]
    fn a_query_counts_until_a_window_after_its_answer() {
        let budget = RisBudget {
            limit: 1,
            ..RisBudget::default()
        };
        let (mut quota, start) = (Quota::new(budget), Instant::now());
        quota.take(start, Urgency::Person).unwrap();
        assert!(
            quota.take(start + 90 * SECOND, Urgency::Person).is_err(),
            "still in flight"
        );
        quota.answered(start + 90 * SECOND, Urgency::Person);
        assert!(quota.take(start + 149 * SECOND, Urgency::Person).is_err());
        assert!(quota.take(start + 150 * SECOND, Urgency::Person).is_ok());
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_the_limit(steps in prop::collection::vec((0u64..9000, any::<bool>()), 1..200)) {
            let (mut quota, mut now) = (Quota::new(RisBudget::default()), Instant::now());
            let mut times = Vec::new();
            for (millis, person) in steps {
                now += Duration::from_millis(millis);
                let urgency = if person { Urgency::Person } else { Urgency::Background };
                if sent(&mut quota, now, urgency) {
                    times.push(now);
                }
            }
            for (index, first) in times.iter().enumerate() {
                let within = times[index..].iter().filter(|at| **at - *first < 60 * SECOND).count();
                prop_assert!(within <= 15);
            }
        }
    }
}
