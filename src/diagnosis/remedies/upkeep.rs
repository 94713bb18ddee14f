//! What nobody is there to do: closing runs that were cut off, and taking back what was for a visit only.

use std::time::Duration;

use super::types::RunState;
use super::{Remedies, RemedyError, Shared};
use crate::security::Viewer;
use crate::store::remedies::{self as rows, End, Run};

/// A visit is over when nobody has looked at the phone or driven it for so long, in milliseconds.
const UNSEEN_MS: i64 = 15 * 60_000;
/// How often it is looked whether visits are over.
pub const SWEEP_EVERY: Duration = Duration::from_mins(1);

impl Remedies {
    /// Closes what the last run of the program left open, as doubtful; answers how many. Their lines of the trail stay
    /// started, which says that nobody knows.
    ///
    /// # Errors
    /// What the database failed with.
    pub async fn recover(&self) -> Result<usize, crate::store::Error> {
        let parts = &self.shared.parts;
        let open = rows::unfinished(&parts.store).await?;
        let end = End {
            at: parts.clock.now_ms(),
            state: RunState::Doubtful.as_str(),
            evidence: "the program ended in the middle; look at the phone in CUCM, or take it back",
            cause: None,
        };
        let mut tx = parts.store.begin().await?;
        for run in &open {
            rows::end(&mut tx, run.id, end).await?;
        }
        tx.commit().await?;
        Ok(open.len())
    }

    /// Takes back what was for visits that are over: nobody has looked at the phone or driven it for 15 minutes, or 8 hours
    /// have passed. To be called every [`SWEEP_EVERY`]. What cannot be taken back now is tried again at the next call.
    ///
    /// # Errors
    /// What the database failed with.
    pub async fn sweep(&self) -> Result<(), crate::store::Error> {
        let shared = &self.shared;
        let now = shared.parts.clock.now_ms();
        for run in rows::visits(&shared.parts.store).await? {
            if !shared.is_visit_over(&run, now).await? {
                continue;
            }
            match shared.undo(&Viewer::system(), run.id).await {
                Ok(_) | Err(RemedyError::AlreadyDone(_)) => {}
                Err(error @ (RemedyError::UnknownPhone | RemedyError::NotUndoable(_) | RemedyError::Changed(_))) => {
                    tracing::warn!(run = run.id.0, "a visit cannot be taken back any more: {error}");
                    let mut tx = shared.parts.store.begin().await?;
                    rows::end_visit(&mut tx, run.id).await?;
                    tx.commit().await?;
                }
                Err(error) => {
                    tracing::warn!(run = run.id.0, "a visit cannot be taken back now: {error}");
                }
            }
        }
        Ok(())
    }
}

impl Shared {
    async fn is_visit_over(&self, run: &Run, now: i64) -> Result<bool, crate::store::Error> {
        if run.visit_until.is_none_or(|until| now >= until) {
            return Ok(true);
        }
        let there = self.parts.screens.viewers(run.phone) > 0 || self.parts.control.driver(run.phone).is_some();
        if there {
            let mut tx = self.parts.store.begin().await?;
            rows::visit_seen(&mut tx, run.id, now).await?;
            tx.commit().await?;
            return Ok(false);
        }
        let seen = run.visit_seen_at.unwrap_or(run.began_at);
        Ok(now - seen >= UNSEEN_MS)
    }
}
