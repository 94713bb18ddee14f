//! What is done by itself.

use tokio::time::MissedTickBehavior;

use super::Reach;
use super::announcements::LOOK_EVERY as LEFTOVERS_EVERY;
use super::messages::{LOOK_EVERY, ROUND};
use crate::store;
use crate::store::reach::{announcements, backgrounds, sounds};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

impl Reach {
    /// Ends what an earlier run of the program left open, and removes files that no row names. To be called before anything
    /// begins.
    ///
    /// # Errors
    /// The store.
    pub async fn recover(&self) -> Result<(), store::Error> {
        self.close_abandoned().await?;
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

    /// Removes announcements that are older than they may become.
    ///
    /// # Errors
    /// The store.
    pub async fn sweep(&self) -> Result<(), store::Error> {
        let days = i64::try_from(self.shared.settings.keep_days).unwrap_or(0);
        if days == 0 {
            return Ok(());
        }
        let mut tx = self.shared.store.begin().await?;
        let removed = announcements::prune(&mut tx, self.shared.clock.now_ms() - days * DAY_MS).await?;
        tx.commit().await?;
        if removed > 0 {
            tracing::info!("{removed} announcements older than {days} days were removed");
        }
        Ok(())
    }

    /// Begins to take texts off displays in time, to tell phones to stop that still listen, and to forget what nobody may
    /// fetch any more.
    pub fn start(&self) {
        self.keep_phones_silent();
        let (reach, stop) = (self.clone(), self.shared.tasks.stop_token());
        self.shared.tasks.spawn("ends of messages", async move {
            let mut due = tokio::time::interval(LOOK_EVERY);
            due.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = due.tick() => {}
                    () = stop.cancelled() => return,
                }
                tokio::select! {
                    () = reach.end_all_messages() => {}
                    () = stop.cancelled() => return,
                }
                reach.shared.shelf.sweep();
            }
        });
    }

    /// Round after round until no text is due any more.
    async fn end_all_messages(&self) {
        loop {
            match self.end_messages().await {
                Ok(tried) if tried as u64 >= ROUND.unsigned_abs() => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::warn!(error = %error, "texts whose time is over cannot be looked for: {error}");
                    return;
                }
            }
        }
    }

    fn keep_phones_silent(&self) {
        let (reach, stop) = (self.clone(), self.shared.tasks.stop_token());
        self.shared.tasks.spawn("ends of announcements", async move {
            let mut due = tokio::time::interval(LEFTOVERS_EVERY);
            due.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = due.tick() => {}
                    () = stop.cancelled() => return,
                }
                tokio::select! {
                    told = reach.stop_leftovers() => if let Err(error) = told {
                        tracing::warn!(error = %error, "phones that may still listen cannot be looked for: {error}");
                    },
                    () = stop.cancelled() => return,
                }
            }
        });
    }
}
