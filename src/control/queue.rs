//! The keys that wait for one phone.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::ssh::SharedSession;
use super::{Pressed, Source};
use crate::domain::key::Key;
use crate::security::Viewer;

/// Keys asked for at once.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) viewer: Viewer,
    pub(super) source: Source,
    /// None for the phone's web server.
    pub(super) session: Option<SharedSession>,
    pub(super) keys: Vec<Key>,
    pub(super) reply: oneshot::Sender<Vec<Pressed>>,
}

/// First come, first sent.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Batch>,
    has_worker: bool,
}

impl Queue {
    /// Adds a batch; true when the caller must start the worker.
    pub(super) fn push(&mut self, batch: Batch) -> bool {
        self.waiting.push_back(batch);
        !std::mem::replace(&mut self.has_worker, true)
    }

    pub(super) fn pop(&mut self) -> Option<Batch> {
        self.waiting.pop_front()
    }

    pub(super) fn waiting_keys(&self) -> usize {
        self.waiting.iter().map(|batch| batch.keys.len()).sum()
    }

    /// Takes out what this viewer has waiting, in order, but for what comes from one source.
    pub(super) fn take_of(&mut self, viewer: &Viewer, but: Option<Source>) -> Vec<Batch> {
        let (theirs, others) = self
            .waiting
            .drain(..)
            .partition(|batch| batch.viewer.user == viewer.user && Some(batch.source) != but);
        self.waiting = others;
        Vec::from(theirs)
    }
}
