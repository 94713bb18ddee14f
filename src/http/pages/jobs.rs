//! Long work with progress.

use askama::Template;

use super::{Layout, Section, Trouble, When, span, thousands};
use crate::domain::job::JobState;

/// `GET /jobs`
#[derive(Debug, Template)]
#[template(path = "jobs/list.html", blocks = ["rows"])]
pub struct JobsPage {
    /// What surrounds it.
    pub layout: Layout,
    /// Newest first.
    pub jobs: Vec<JobView>,
}

impl JobsPage {
    /// Whether the list must be fetched again soon.
    pub fn is_busy(&self) -> bool {
        self.jobs.iter().any(|job| !job.state.is_over())
    }
}

/// `GET /jobs/{id}`; with the header `X-Fragment: progress` only the block `progress`.
#[derive(Debug, Template)]
#[template(path = "jobs/job.html", blocks = ["progress"])]
pub struct JobPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The job.
    pub job: JobView,
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

    /// How long it will still take, from the pace so far; none while that would be a guess.
    pub fn left(&self) -> Option<String> {
        let took = self.took_s.filter(|took| *took >= 2)?;
        let open = self.total.checked_sub(self.done)?;
        let running = self.state == JobState::Running && open > 0 && self.done > 0;
        running.then(|| format!("about {} left", span((took.saturating_mul(open) / self.done).max(1))))
    }

    /// How long it took.
    pub fn took(&self) -> Option<String> {
        self.took_s.map(span)
    }

    /// The state in words.
    pub fn state_word(&self) -> &'static str {
        match self.state {
            JobState::Queued => "Queued",
            JobState::Running => "Running",
            JobState::Succeeded => "Succeeded",
            JobState::PartlyFailed => "Partly failed",
            JobState::Failed => "Failed",
            JobState::Cancelled => "Cancelled",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn progress_is_told_once_it_can_be() {
        let now = Timestamp::UNIX_EPOCH;
        let mut job = JobView {
            id: 1,
            title: String::new(),
            cluster_id: None,
            state: JobState::Running,
            phase: String::new(),
            total: 0,
            done: 0,
            failed: 0,
            created_by: String::new(),
            created_at: When::new(now, now),
            took_s: Some(10),
            error: None,
        };
        assert_eq!((job.percent(), job.left()), (None, None));
        (job.total, job.done) = (5000, 1250);
        assert_eq!(job.percent(), Some(25));
        assert_eq!(job.left().as_deref(), Some("about 30 s left"));
        job.state = JobState::Cancelled;
        assert_eq!(job.left(), None);
    }
}
