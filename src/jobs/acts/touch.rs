//! The mark that something was, or was about to be, sent to a phone.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::ids::JobRunId;
use crate::jobs::writer::Notes;

/// The mark of one run in one attempt.
#[derive(Debug)]
pub(in crate::jobs) struct Touch {
    notes: Notes,
    run: JobRunId,
    is_set: AtomicBool,
}

impl Touch {
    /// Nothing was sent.
    pub(in crate::jobs) fn new(notes: Notes, run: JobRunId) -> Self {
        Self {
            notes,
            run,
            is_set: AtomicBool::new(false),
        }
    }

    /// Sets it, once; true when it is on disk.
    pub(super) async fn set(&self) -> bool {
        if self.is_set.load(Ordering::Acquire) {
            return true;
        }
        let kept = self.notes.touch(self.run).await;
        if kept {
            self.is_set.store(true, Ordering::Release);
        }
        kept
    }

    /// Whether something was, or was about to be, sent.
    pub(in crate::jobs) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Acquire)
    }
}
