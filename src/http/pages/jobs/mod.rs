//! Work on many phones: what runs, what waits for whom, what failed.

mod form;
mod job;
mod preview;
mod run;
mod schedule;

use askama::Template;

pub use form::{ChosenMacro, DAYS, DOINGS, Errors, JobForm, JobFormPage, Offers, Question, REMEDIES, Softkey, WHENS};
pub use job::{
    ByHandView, Column, HoldView, JobPage, NEEDS_PERSON, PairView, RunQuery, RunRow, RunsView, Shot, Tally, run_word,
};
pub use preview::{JobPreviewPage, SkippedView};
pub use run::{JobRunPage, StepView};
pub use schedule::{LogView, SchedulePage, ScheduleView};

use super::{Layout, Section, Trouble, When, span, thousands};
use crate::domain::job::{Hold, JobState};

/// `GET /jobs?show=&before=`
#[derive(Debug, Template)]
#[template(path = "jobs/list.html", blocks = ["rows"])]
pub struct JobsPage {
    /// What surrounds it.
    pub layout: Layout,
    /// Which are shown: `all`, `running`, `failed` or `over`.
    pub show: String,
    /// Those that a person must do something for, newest first; only with `all`.
    pub held: Vec<JobView>,
    /// Newest first.
    pub jobs: Vec<JobView>,
    /// Jobs by the calendar.
    pub schedules: Vec<ScheduleView>,
    /// Whether these are older ones than the newest.
    pub is_later: bool,
    /// Where older ones are.
    pub older: Option<String>,
}

/// A tab: its word, its address, whether it is open.
pub type Tab = (&'static str, String, bool);

impl JobsPage {
    /// Whether the list must be fetched again soon.
    pub fn is_busy(&self) -> bool {
        self.jobs.iter().any(|job| !job.state.is_over())
    }

    /// Whether not all jobs are asked for.
    pub fn is_narrow(&self) -> bool {
        self.show != "all" || self.is_later
    }

    /// Where the newest of this tab are.
    pub fn here(&self) -> String {
        tab_href(&self.show)
    }

    /// Why a tab is empty.
    pub fn none_here(&self) -> &'static str {
        match self.show.as_str() {
            "running" => "Nothing is under way now.",
            "failed" => "No job failed.",
            "over" => "No job is over yet.",
            _ => "There are no older jobs.",
        }
    }

    /// What is read aloud when something waits for a person.
    pub fn aloud(&self) -> String {
        match self.held.len() {
            0 => "No job waits for somebody.".to_owned(),
            1 => "1 job waits for somebody.".to_owned(),
            count => format!("{count} jobs wait for somebody."),
        }
    }

    /// Which jobs can be shown.
    pub fn tabs(&self) -> Vec<Tab> {
        [
            ("All", "all"),
            ("Under way", "running"),
            ("Failed", "failed"),
            ("Over", "over"),
        ]
        .into_iter()
        .map(|(word, id)| (word, tab_href(id), self.show == id))
        .collect()
    }
}

fn tab_href(id: &str) -> String {
    match id {
        "all" => "/jobs".to_owned(),
        other => format!("/jobs?show={other}"),
    }
}

/// One job.
#[derive(Debug, Clone)]
pub struct JobView {
    /// Its number.
    pub id: i64,
    /// What it is, in words: `Sync of Lyon`.
    pub title: String,
    /// Its cluster, where it has one.
    pub cluster_id: Option<i64>,
    /// Where it stands.
    pub state: JobState,
    /// Why it does not go on by itself.
    pub hold: Option<Hold>,
    /// The version of where it stands, for orders to name.
    pub version: u64,
    /// What is being done now, in words; may be empty.
    pub phase: String,
    /// How many there are; 0 while that is not known.
    pub total: u64,
    /// How many are done, the failed ones among them.
    pub done: u64,
    /// How many failed.
    pub failed: u64,
    /// Who started it.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: When,
    /// How long it took, or has taken so far, in seconds; none before it started.
    pub took_s: Option<u64>,
    /// How long it will still take, as its runner tells.
    pub seconds_left: Option<u64>,
    /// Why it failed.
    pub error: Option<Trouble>,
}

impl JobView {
    /// The whole of it in percent, when the total is known.
    pub fn percent(&self) -> Option<u64> {
        (self.total > 0).then(|| (self.done.saturating_mul(100) / self.total).min(100))
    }

    /// `1 200 of 5 000`.
    pub fn counts(&self) -> String {
        match self.total {
            0 => thousands(self.done),
            total => format!("{} of {}", thousands(self.done), thousands(total)),
        }
    }

    /// How long it will still take, as its runner tells or from the pace so far; none while that would be a guess.
    pub fn left(&self) -> Option<String> {
        let runs = self.state == JobState::Running && self.hold.is_none();
        if let Some(seconds) = self.seconds_left.filter(|_| runs) {
            return Some(format!("about {} left", span(seconds.max(1))));
        }
        let took = self.took_s.filter(|took| *took >= 2)?;
        let open = self.total.checked_sub(self.done)?;
        let running = runs && open > 0 && self.done > 0;
        running.then(|| format!("about {} left", span((took.saturating_mul(open) / self.done).max(1))))
    }

    /// How many are done in a minute, from the pace so far; none while that would be a guess, and when it is held.
    pub fn rate(&self) -> Option<String> {
        let took = self.took_s.filter(|took| *took >= 10)?;
        let running = self.state == JobState::Running && self.hold.is_none() && self.done >= 5;
        running.then(|| format!("{} a minute", thousands(self.done.saturating_mul(60) / took)))
    }

    /// How long it took.
    pub fn took(&self) -> Option<String> {
        self.took_s.map(span)
    }

    /// What must be told at once when it changes.
    pub fn standing(&self) -> String {
        format!("{} {}", self.mark(), self.hold.map_or("", Hold::as_str))
    }

    /// Where it stands, to be read aloud.
    pub fn aloud(&self) -> String {
        let failed = (self.failed > 0).then(|| format!("{} failed", thousands(self.failed)));
        let parts = [
            Some(format!("{}: {}", self.state_word(), self.counts())),
            failed,
            self.left(),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// The class of its mark.
    pub fn mark(&self) -> &'static str {
        if self.hold.is_some() && !self.state.is_over() {
            return "held";
        }
        self.state.as_str()
    }

    /// The state in words.
    pub fn state_word(&self) -> &'static str {
        match (self.state, self.hold) {
            (JobState::Queued | JobState::Running, Some(hold)) => hold_word(hold),
            (JobState::Queued, None) => "Queued",
            (JobState::Running, None) => "Running",
            (JobState::Succeeded, _) => "Succeeded",
            (JobState::PartlyFailed, _) => "Partly failed",
            (JobState::Failed, _) => "Failed",
            (JobState::Cancelled, _) => "Cancelled",
        }
    }

    /// What it waits for, as a sentence.
    pub fn hold_words(&self) -> &'static str {
        match self.hold {
            Some(Hold::Approval) => "A second admin must approve it before anything is sent.",
            Some(Hold::Canary) => "The first phones are done: somebody must look at their pictures.",
            Some(Hold::Paused) => "Somebody paused it.",
            Some(Hold::Failures) => "Too many phones failed, so it stopped by itself.",
            Some(Hold::Window) => "It goes on when its maintenance window opens.",
            None => "",
        }
    }

    /// What there is to do about it.
    pub fn hold_act(&self) -> &'static str {
        match self.hold {
            Some(Hold::Approval) => "Review it",
            Some(Hold::Canary) => "Look at them",
            Some(Hold::Failures) => "See what failed",
            _ => "Open it",
        }
    }
}

/// A hold in two or three words.
pub fn hold_word(hold: Hold) -> &'static str {
    match hold {
        Hold::Approval => "Needs approval",
        Hold::Canary => "Needs a look",
        Hold::Paused => "Paused",
        Hold::Window => "Waits for its window",
        Hold::Failures => "Stopped by failures",
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn job() -> JobView {
        let now = Timestamp::UNIX_EPOCH;
        JobView {
            id: 1,
            title: String::new(),
            cluster_id: None,
            state: JobState::Running,
            hold: None,
            version: 1,
            phase: String::new(),
            total: 0,
            done: 0,
            failed: 0,
            created_by: String::new(),
            created_at: When::new(now, now),
            took_s: Some(10),
            seconds_left: None,
            error: None,
        }
    }

    #[test]
    fn progress_is_told_once_it_can_be() {
        let mut job = job();
        assert_eq!((job.percent(), job.left(), job.rate()), (None, None, None));
        (job.total, job.done) = (5000, 1250);
        assert_eq!(job.percent(), Some(25));
        assert_eq!(job.left().as_deref(), Some("about 30 s left"));
        assert_eq!(job.rate().as_deref(), Some("7\u{202f}500 a minute"));
        job.state = JobState::Cancelled;
        assert_eq!(job.left(), None);
    }

    #[test]
    fn a_held_job_says_what_it_waits_for_and_no_time() {
        let held = JobView {
            hold: Some(Hold::Canary),
            total: 100,
            done: 6,
            ..job()
        };
        assert_eq!((held.state_word(), held.mark()), ("Needs a look", "held"));
        assert_eq!((held.left(), held.rate()), (None, None));
        let over = JobView {
            state: JobState::Cancelled,
            ..held
        };
        assert_eq!((over.state_word(), over.mark()), ("Cancelled", "cancelled"));
    }
}
