//! Calendar rules: when a schedule starts next.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::Error;
use super::window::{checked_days, instant, zone};
use crate::domain::brakes::{Rule, When};

/// The longest cron pattern, in characters.
const LONGEST_PATTERN: usize = 100;
/// Days that are looked ahead: a leap day on which a monthly rule may have to wait.
const AHEAD: i32 = 366;
/// Days of the week as they are printed.
const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

impl When {
    /// Checks its words.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the field.
    pub fn check(&self) -> Result<(), Error> {
        zone("schedule.time_zone", &self.time_zone)?;
        match &self.rule {
            Rule::Once { .. } | Rule::Daily { .. } => Ok(()),
            Rule::Weekly { days, .. } if days.is_empty() => Err(Error::invalid(
                "schedule.rule.days",
                "name at least one day of the week",
            )),
            Rule::Weekly { days, .. } => checked_days("schedule.rule.days", days),
            Rule::Monthly { day, .. } if (1..=31).contains(day) => Ok(()),
            Rule::Monthly { .. } => Err(Error::invalid("schedule.rule.day", "a day of the month is 1 to 31")),
            Rule::Cron { pattern } => self.crontab(pattern).map(drop),
        }
    }

    fn crontab(&self, pattern: &str) -> Result<cronexpr::Crontab, Error> {
        let wrong = |problem: String| Error::invalid("schedule.rule.pattern", problem);
        if pattern.len() > LONGEST_PATTERN || pattern.split_whitespace().count() != 5 {
            let problem = "a pattern has five fields: minute, hour, day of the month, month, day of the week";
            return Err(wrong(problem.to_owned()));
        }
        cronexpr::parse_crontab(&format!("{} {}", pattern.trim(), self.time_zone))
            .map_err(|error| wrong(format!("this is no such pattern: {error}")))
    }

    /// The first start after a time; none when there is no further one. A time of the clock that a change of the clocks
    /// leaves out is the same span later; one that comes twice is the first.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let zone = TimeZone::get(&self.time_zone).ok()?;
        let on_days = |time: Time, fits: &dyn Fn(jiff::civil::Date) -> bool| {
            let today = after.to_zoned(zone.clone()).date();
            (0..=AHEAD)
                .filter_map(|day| today.checked_add(day.days()).ok())
                .filter(|date| fits(*date))
                .filter_map(|date| instant(&zone, date, time))
                .find(|start| *start > after)
        };
        match &self.rule {
            Rule::Once { at } => instant(&zone, at.date(), at.time()).filter(|start| *start > after),
            Rule::Daily { time } => on_days(*time, &|_| true),
            Rule::Weekly { days, time } => on_days(*time, &|date| {
                days.contains(&date.weekday().to_monday_one_offset().unsigned_abs())
            }),
            Rule::Monthly { day, time } => on_days(*time, &|date| date.day().unsigned_abs() == *day),
            Rule::Cron { pattern } => {
                let crontab = self.crontab(pattern).ok()?;
                let next = crontab.find_next(cronexpr::MakeTimestamp(after)).ok()?;
                Some(next.timestamp())
            }
        }
    }

    /// In words: `every day at 02:30 (Europe/Paris)`.
    pub fn words(&self) -> String {
        let clock = |time: &Time| format!("{:02}:{:02}", time.hour(), time.minute());
        let rule = match &self.rule {
            Rule::Once { at } => format!("once, on {} at {}", at.date(), clock(&at.time())),
            Rule::Daily { time } => format!("every day at {}", clock(time)),
            Rule::Weekly { days, time } => {
                let numbered = (1..=7_u8).zip(DAYS);
                let names: Vec<&str> = numbered
                    .filter(|(day, _)| days.contains(day))
                    .map(|(_, name)| name)
                    .collect();
                format!("every {} at {}", names.join(", "), clock(time))
            }
            Rule::Monthly { day, time } => format!("on day {day} of every month at {}", clock(time)),
            Rule::Cron { pattern } => format!("by the pattern {pattern}"),
        };
        format!("{rule} ({})", self.time_zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::brakes::Missed;

    fn when(rule: Rule) -> When {
        When {
            rule,
            time_zone: "Europe/Paris".to_owned(),
            missed: Missed::Skip,
        }
    }

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn starts(rule: Rule, after: &str, count: usize) -> Vec<String> {
        let rule = when(rule);
        assert!(rule.check().is_ok());
        let first = after.parse::<Timestamp>().unwrap();
        std::iter::successors(rule.next_after(first), |last| rule.next_after(*last))
            .take(count)
            .map(|start| start.to_string())
            .collect()
    }

    #[test]
    fn rules_keep_to_the_clock_when_it_is_changed() {
        assert_eq!(
            starts(Rule::Daily { time: time("03:30") }, "2026-03-27T12:00:00Z", 3),
            ["2026-03-28T02:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T01:30:00Z"]
        );
        assert_eq!(
            starts(Rule::Daily { time: time("02:30") }, "2026-03-28T12:00:00Z", 2),
            ["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"],
            "half past two does not exist on the 29th: it starts an hour later by the clock"
        );
        assert_eq!(
            starts(Rule::Daily { time: time("02:30") }, "2026-10-24T12:00:00Z", 2),
            ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
            "half past two comes twice on the 25th: it starts once"
        );
    }

    #[test]
    fn weekly_monthly_and_once() {
        let weekly = Rule::Weekly {
            days: vec![1, 6],
            time: time("22:00"),
        };
        assert_eq!(
            starts(weekly, "2026-11-21T21:00:00Z", 3),
            ["2026-11-23T21:00:00Z", "2026-11-28T21:00:00Z", "2026-11-30T21:00:00Z"],
            "the start at this very moment is over"
        );
        let monthly = Rule::Monthly {
            day: 31,
            time: time("04:00"),
        };
        assert_eq!(
            starts(monthly, "2026-01-31T12:00:00Z", 2),
            ["2026-03-31T02:00:00Z", "2026-05-31T02:00:00Z"],
            "months without that day have no start"
        );
        let once = Rule::Once {
            at: "2026-11-22T02:00".parse().unwrap(),
        };
        assert_eq!(starts(once, "2026-11-21T00:00:00Z", 3), ["2026-11-22T01:00:00Z"]);
    }

    #[test]
    fn patterns_go_by_the_time_zone() {
        let pattern = Rule::Cron {
            pattern: "30 2 * * 1-5".to_owned(),
        };
        assert_eq!(
            starts(pattern, "2026-11-20T12:00:00Z", 2),
            ["2026-11-23T01:30:00Z", "2026-11-24T01:30:00Z"]
        );
    }

    #[test]
    fn wrong_rules_are_refused() {
        for rule in [
            Rule::Weekly {
                days: vec![],
                time: time("01:00"),
            },
            Rule::Weekly {
                days: vec![0],
                time: time("01:00"),
            },
            Rule::Monthly {
                day: 32,
                time: time("01:00"),
            },
            Rule::Cron {
                pattern: "61 * * * *".to_owned(),
            },
            Rule::Cron {
                pattern: "* * * *".to_owned(),
            },
            Rule::Cron {
                pattern: "* * * * * Asia/Tokyo".to_owned(),
            },
        ] {
            assert!(when(rule.clone()).check().is_err(), "{rule:?}");
        }
        let mut nowhere = when(Rule::Daily { time: time("01:00") });
        nowhere.time_zone = "Mars/Base".to_owned();
        assert!(nowhere.check().is_err());
        assert_eq!(nowhere.next_after(Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn rules_tell_themselves_in_words() {
        let weekly = when(Rule::Weekly {
            days: vec![5, 1],
            time: time("22:05"),
        });
        assert_eq!(weekly.words(), "every Monday, Friday at 22:05 (Europe/Paris)");
        let once = when(Rule::Once {
            at: "2026-11-22T02:00".parse().unwrap(),
        });
        assert_eq!(once.words(), "once, on 2026-11-22 at 02:00 (Europe/Paris)");
    }
}
