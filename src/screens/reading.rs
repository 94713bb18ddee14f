//! Who reads a phone's screen in words, and the words.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

use super::Shared;
use super::text::Text;
use super::watch::Watch;

/// The words of one phone's screen, for all who read them.
#[derive(Debug, Default)]
pub(super) struct Words {
    readers: AtomicUsize,
    latest: watch::Sender<Option<Arc<Text>>>,
}

impl Words {
    /// One more reader, to be taken back by dropping its [`Reading`].
    pub(super) fn join(&self) {
        self.readers.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether anybody reads.
    pub(super) fn is_wanted(&self) -> bool {
        self.readers.load(Ordering::Acquire) > 0
    }
}

/// One reader of one phone's screen in words; dropping it ends the reading.
#[derive(Debug)]
pub struct Reading {
    watch: Arc<Watch>,
    shared: Arc<Shared>,
    latest: watch::Receiver<Option<Arc<Text>>>,
}

impl Reading {
    /// The caller has counted this reader already, under the lock of the map of watches.
    pub(super) fn start(shared: &Arc<Shared>, watch: Arc<Watch>) -> Self {
        let mut latest = watch.words().latest.subscribe();
        latest.mark_changed();
        Self {
            watch,
            shared: Arc::clone(shared),
            latest,
        }
    }

    /// Waits for words that differ from what was last returned; at the first call, for the first words there are.
    pub async fn next(&mut self) -> Arc<Text> {
        loop {
            // The sender lives in the watch that we hold, so that waiting cannot fail.
            let _ = self.latest.changed().await;
            if let Some(text) = &*self.latest.borrow_and_update() {
                return Arc::clone(text);
            }
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.watch.words().readers.fetch_sub(1, Ordering::AcqRel);
        self.shared.forget_idle(&self.watch);
    }
}
