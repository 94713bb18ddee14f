//! The mark that something was, or was about to be, sent to a phone.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use crate::domain::ids::{JobId, JobRunId};
use crate::jobs::writer::Notes;

/// The mark of one run in one attempt.
#[derive(Debug)]
pub(in crate::jobs) struct Touch {
    notes: Notes,
    job: JobId,
    run: JobRunId,
    /// Cancelled when the job is, or the program stops.
    cancel: CancellationToken,
    is_set: AtomicBool,
}

/// Why nothing may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unset {
    /// The job was cancelled, or the program stops.
    Cancelled,
    /// It could not be kept.
    NotKept,
}

impl Touch {
    /// Nothing was sent.
    pub(in crate::jobs) fn new(notes: Notes, (job, run): (JobId, JobRunId), cancel: CancellationToken) -> Self {
        Self {
            notes,
            job,
            run,
            cancel,
            is_set: AtomicBool::new(false),
        }
    }

    /// Sets it, once; it is on disk then. A run that is over on disk, and one of a job that was cancelled, is never marked.
    pub(super) async fn set(&self) -> Result<(), Unset> {
        if self.is_set() {
            return Ok(());
        }
        if self.cancel.is_cancelled() {
            return Err(Unset::Cancelled);
        }
        if self.notes.touch(self.job, self.run).await {
            self.is_set.store(true, Ordering::Release);
            return Ok(());
        }
        Err(if self.cancel.is_cancelled() {
            Unset::Cancelled
        } else {
            Unset::NotKept
        })
    }

    /// Whether something was, or was about to be, sent.
    pub(in crate::jobs) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Acquire)
    }
}
