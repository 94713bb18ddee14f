//! Maintenance windows: whether one is open, and when it opens next.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::Error;
use crate::domain::brakes::Window;

/// Days that are looked ahead for the next opening: a week and the days that a change of the clocks may take away.
const AHEAD: i32 = 9;

/// Days of the week as they are printed.
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A time zone by its IANA name.
///
/// # Errors
/// [`Error::Invalid`] of the field.
pub(super) fn zone(field: &'static str, name: &str) -> Result<TimeZone, Error> {
    TimeZone::get(name).map_err(|_| Error::invalid(field, format!("{name:?} is no time zone, such as Europe/Paris")))
}

/// Days of the week, each once.
pub(super) fn checked_days(field: &'static str, days: &[u8]) -> Result<(), Error> {
    let known = days.iter().all(|day| (1..=7).contains(day));
    let once = days.iter().enumerate().all(|(at, day)| !days[..at].contains(day));
    if known && once {
        Ok(())
    } else {
        Err(Error::invalid(field, "days are 1 (Monday) to 7 (Sunday), each once"))
    }
}

impl Window {
    /// Checks its words.
    pub(super) fn check(&self) -> Result<(), Error> {
        zone("brakes.window.time_zone", &self.time_zone)?;
        checked_days("brakes.window.days", &self.days)
    }

    /// Whether it is open at a time; a window of an unknown time zone never is.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.opening(at, -1..=0).any(|(from, to)| from <= at && at < to)
    }

    /// When it opens next after a time at which it is closed; none when it never does.
    pub fn opens_after(&self, at: Timestamp) -> Option<Timestamp> {
        self.opening(at, -1..=AHEAD)
            .map(|(from, _)| from)
            .find(|from| *from > at)
    }

    /// For how long it is open in one week, in minutes, by the clock.
    pub fn minutes_a_week(&self) -> u64 {
        let minutes = |time: Time| u64::from(time.hour().unsigned_abs()) * 60 + u64::from(time.minute().unsigned_abs());
        let (from, to) = (minutes(self.from), minutes(self.to));
        let a_day = if to > from { to - from } else { 24 * 60 - from + to };
        let days = if self.days.is_empty() {
            7
        } else {
            self.days.len() as u64
        };
        a_day * days
    }

    /// In words: `Mon, Tue from 22:00 to 05:00 (Europe/Paris)`.
    pub fn words(&self) -> String {
        let days: Vec<&str> = (1..=7_u8)
            .zip(DAYS)
            .filter(|(number, _)| self.days.contains(number))
            .map(|(_, name)| name)
            .collect();
        let days = if days.is_empty() || days.len() == DAYS.len() {
            "every day".to_owned()
        } else {
            days.join(", ")
        };
        let clock = |time: Time| format!("{:02}:{:02}", time.hour(), time.minute());
        format!(
            "{days} from {} to {} ({})",
            clock(self.from),
            clock(self.to),
            self.time_zone
        )
    }

    /// The openings of the days around a time. A time of the clock that a change of the clocks leaves out is the same span
    /// later; one that comes twice is the first.
    fn opening(
        &self,
        at: Timestamp,
        days: std::ops::RangeInclusive<i32>,
    ) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let zone = TimeZone::get(&self.time_zone).ok();
        let today = zone.as_ref().map(|zone| at.to_zoned(zone.clone()).date());
        days.filter_map(move |day| {
            let (zone, date) = (zone.as_ref()?, today?.checked_add(day.days()).ok()?);
            let number = date.weekday().to_monday_one_offset().unsigned_abs();
            if !self.days.is_empty() && !self.days.contains(&number) {
                return None;
            }
            let end = if self.to > self.from {
                date
            } else {
                date.tomorrow().ok()?
            };
            Some((instant(zone, date, self.from)?, instant(zone, end, self.to)?))
        })
    }
}

/// The moment at which the clock of a zone shows a time.
pub(super) fn instant(zone: &TimeZone, date: Date, time: Time) -> Option<Timestamp> {
    let moment = zone.to_ambiguous_zoned(date.to_datetime(time)).compatible().ok()?;
    Some(moment.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: &[u8], from: &str, to: &str) -> Window {
        Window {
            days: days.to_vec(),
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            time_zone: "Europe/Paris".to_owned(),
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_window_is_open_between_its_times_on_its_days() {
        let weekend = window(&[6, 7], "22:00", "23:30");
        // Saturday 21 November 2026, Paris is an hour ahead of UTC.
        assert!(!weekend.is_open(at("2026-11-21T20:59:59Z")));
        assert!(weekend.is_open(at("2026-11-21T21:00:00Z")));
        assert!(weekend.is_open(at("2026-11-21T22:29:59Z")));
        assert!(!weekend.is_open(at("2026-11-21T22:30:00Z")));
        assert!(!weekend.is_open(at("2026-11-23T21:15:00Z")), "a Monday");
        assert_eq!(
            weekend.opens_after(at("2026-11-22T23:00:00Z")),
            Some(at("2026-11-28T21:00:00Z"))
        );
        assert_eq!(weekend.minutes_a_week(), 180);
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_on_which_it_opens() {
        let friday = window(&[5], "22:00", "05:00");
        assert!(friday.is_open(at("2026-11-20T22:00:00Z")));
        assert!(friday.is_open(at("2026-11-21T03:59:00Z")), "Saturday before five");
        assert!(!friday.is_open(at("2026-11-21T04:00:00Z")));
        assert!(!friday.is_open(at("2026-11-21T22:00:00Z")), "Saturday night");
        let always = window(&[], "00:00", "00:00");
        assert!(always.is_open(at("2026-11-20T22:59:59Z")) && always.is_open(at("2026-11-20T23:00:00Z")));
    }

    #[test]
    fn the_clock_may_be_changed_within_a_window() {
        // On 29 March 2026 the clock of Paris goes from 2:00 to 3:00, on 25 October from 3:00 back to 2:00.
        let night = window(&[7], "01:00", "04:00");
        assert!(night.is_open(at("2026-03-29T00:00:00Z")));
        assert!(night.is_open(at("2026-03-29T01:59:59Z")));
        assert!(
            !night.is_open(at("2026-03-29T02:00:00Z")),
            "four o'clock, two hours after it opened"
        );
        assert!(night.is_open(at("2026-10-24T23:00:00Z")));
        assert!(night.is_open(at("2026-10-25T02:59:59Z")));
        assert!(
            !night.is_open(at("2026-10-25T03:00:00Z")),
            "four o'clock, four hours after it opened"
        );
    }

    #[test]
    fn a_time_that_the_clock_leaves_out_is_the_same_span_later() {
        let left_out = window(&[7], "02:30", "05:00");
        assert_eq!(
            left_out.opens_after(at("2026-03-28T12:00:00Z")),
            Some(at("2026-03-29T01:30:00Z")),
            "half past three by the new clock"
        );
        let twice = window(&[7], "02:30", "05:00");
        assert_eq!(
            twice.opens_after(at("2026-10-24T12:00:00Z")),
            Some(at("2026-10-25T00:30:00Z")),
            "the first half past two"
        );
    }

    #[test]
    fn wrong_words_are_refused_and_never_open() {
        let mut wrong = window(&[8], "01:00", "02:00");
        assert!(wrong.check().is_err());
        wrong.days = vec![1, 1];
        assert!(wrong.check().is_err());
        wrong.days = vec![1];
        assert!(wrong.check().is_ok());
        wrong.time_zone = "Europe/Nowhere".to_owned();
        assert!(wrong.check().is_err());
        assert!(!wrong.is_open(at("2026-11-23T00:30:00Z")));
        assert_eq!(wrong.opens_after(at("2026-11-23T00:30:00Z")), None);
    }

    #[test]
    fn a_window_tells_itself_in_words() {
        assert_eq!(
            window(&[7, 1], "22:00", "05:30").words(),
            "Mon, Sun from 22:00 to 05:30 (Europe/Paris)"
        );
        assert_eq!(
            window(&[], "22:00", "05:30").words(),
            "every day from 22:00 to 05:30 (Europe/Paris)"
        );
    }
}
