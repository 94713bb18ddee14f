//! What is done by itself.

use tokio::time::MissedTickBehavior;

use super::Reach;
use super::messages::LOOK_EVERY;
use crate::store;
use crate::store::reach::{backgrounds, sounds};

impl Reach {
    /// Removes files that no row names. To be called before anything is kept.
    ///
    /// # Errors
    /// The store.
    pub async fn recover(&self) -> Result<(), store::Error> {
        let shared = &self.shared;
        let kept = (
            sounds::ids(&shared.store).await?,
            backgrounds::ids(&shared.store).await?,
        );
        if let Err(error) = shared.files.remove_others(&kept.0, &kept.1).await {
            tracing::warn!(error = %error, "the folder of sounds and pictures cannot be read: {error}");
        }
        Ok(())
    }

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
