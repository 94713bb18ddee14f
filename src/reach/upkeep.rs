//! What is done by itself.

use tokio::time::MissedTickBehavior;

use super::Reach;
use super::messages::LOOK_EVERY;

impl Reach {
    /// Begins to take texts off displays in time, and to forget what nobody may fetch any more.
    pub fn start(&self) {
        let (reach, stop) = (self.clone(), self.shared.tasks.stop_token());
        self.shared.tasks.spawn("ends of messages", async move {
            let mut due = tokio::time::interval(LOOK_EVERY);
            due.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = due.tick() => {}
                    () = stop.cancelled() => return,
                }
                if let Err(error) = reach.end_messages().await {
                    tracing::warn!(error = %error, "texts whose time is over cannot be looked for: {error}");
                }
                reach.shared.shelf.sweep();
            }
        });
    }
}
