//! Starting tasks, and stopping them in order.
//!
//! Every task of the program is spawned through [`Tasks`]: it has a name for the log, it is told to stop by a token, and
//! the program waits for it, for a while, before it ends. A task that panics stops the whole program with a failing exit
//! code: half a server is worse than none.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long the program waits for its tasks after it was told to stop.
pub const STOP_DEADLINE: Duration = Duration::from_millis(1_500);

/// The tracked tasks of one program (or of one test). Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    stop: CancellationToken,
    tracker: TaskTracker,
    failed: Arc<AtomicBool>,
}

impl Tasks {
    /// No tasks yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a task. A panic in it is logged under its name and stops the program.
    #[expect(clippy::disallowed_methods, reason = "the one place that spawns")]
    pub fn spawn<F>(&self, name: &'static str, future: F) -> JoinHandle<Option<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (stop, failed) = (self.stop.clone(), Arc::clone(&self.failed));
        tokio::spawn(self.tracker.track_future(async move {
            let outcome = AssertUnwindSafe(future).catch_unwind().await;
            if outcome.is_err() {
                tracing::error!(task = name, "task {name} panicked; stopping");
                failed.store(true, Ordering::Relaxed);
                stop.cancel();
            }
            outcome.ok()
        }))
    }

    /// The token that is cancelled when the program stops.
    pub fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Asks every task to stop; does not wait.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits for the order to stop.
    pub async fn stopping(&self) {
        self.stop.cancelled().await;
    }

    /// Asks every task to stop and waits for them, [`STOP_DEADLINE`] at most. True when all ended and none had panicked.
    pub async fn finish(&self) -> bool {
        self.stop.cancel();
        self.tracker.close();
        let in_time = tokio::time::timeout(STOP_DEADLINE, self.tracker.wait()).await.is_ok();
        if !in_time {
            tracing::warn!(
                tasks = self.tracker.len(),
                "tasks still running at the deadline; ending anyway"
            );
        }
        in_time && !self.failed.load(Ordering::Relaxed)
    }
}

/// Completes at the first SIGINT or SIGTERM.
pub async fn interrupted() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
