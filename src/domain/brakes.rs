//! What keeps a job on many phones from doing harm: how fast, when, how many first, and when it stops by itself.

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

/// The brakes of a job. Kept with the job as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Brakes {
    /// One phone first, then five, then the rest.
    pub canary: bool,
    /// A person looks at the pictures between the stages of the canary; without it the job goes on when they succeeded.
    pub look: bool,
    /// Held when so many percent of the runs that ended have failed, 1 to 100; never without it.
    pub stop_share_percent: Option<u8>,
    /// The share counts only after so many runs have ended, 1 to 10,000.
    pub stop_after: u32,
    /// Phones of one cluster that are begun in a minute, 1 to 6,000; as fast as it goes without it.
    pub per_minute: Option<u32>,
    /// Phones of one cluster at once, 1 to 500.
    pub at_once: u32,
    /// Phones on one switch at once, 1 to 500; any number without it.
    pub per_switch: Option<u32>,
    /// A phone in a call, or driven by somebody, is tried again after so many minutes, 1 to 1,440.
    pub in_call_again_minutes: u32,
    /// It is given up so many minutes after it was met busy for the first time, 1 to 10,080.
    pub give_up_minutes: u32,
    /// Phones are begun only within this window.
    pub window: Option<Window>,
    /// A second admin must approve it. A destructive job always needs that.
    pub approval: bool,
}

impl Default for Brakes {
    fn default() -> Self {
        Self {
            canary: true,
            look: true,
            stop_share_percent: Some(10),
            stop_after: 5,
            per_minute: Some(60),
            at_once: 20,
            per_switch: Some(5),
            in_call_again_minutes: 10,
            give_up_minutes: 240,
            window: None,
            approval: false,
        }
    }
}

/// When phones may be begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Days of the week on which it opens, 1 (Monday) to 7 (Sunday); empty: every day.
    #[serde(default)]
    pub days: Vec<u8>,
    /// When it opens, by the clock of the time zone.
    pub from: Time,
    /// When it closes; at or before `from`: on the next day.
    pub to: Time,
    /// An IANA time zone, such as `Europe/Paris`.
    pub time_zone: String,
}

/// When a scheduled job starts. Kept with the schedule as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The rule.
    pub rule: Rule,
    /// The IANA time zone whose clock the rule goes by.
    pub time_zone: String,
    /// What becomes of a start that was missed because the program was down.
    #[serde(default)]
    pub missed: Missed,
}

/// A rule of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Rule {
    /// Once.
    Once {
        /// By the clock of the time zone.
        at: jiff::civil::DateTime,
    },
    /// Every day.
    Daily {
        /// By the clock of the time zone.
        time: Time,
    },
    /// On some days of the week.
    Weekly {
        /// 1 (Monday) to 7 (Sunday); at least one.
        days: Vec<u8>,
        /// By the clock of the time zone.
        time: Time,
    },
    /// On one day of each month.
    Monthly {
        /// 1 to 31; a month without that day has no start.
        day: u8,
        /// By the clock of the time zone.
        time: Time,
    },
    /// A pattern of five fields: minute, hour, day of the month, month, day of the week.
    Cron {
        /// Such as `30 2 * * 1-5`.
        pattern: String,
    },
}

/// What becomes of a start that was missed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missed {
    /// It is left out.
    #[default]
    Skip,
    /// The job starts once, late, however many starts were missed.
    RunLate,
}
