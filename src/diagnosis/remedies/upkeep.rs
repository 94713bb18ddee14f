//! What nobody is there to do: closing runs that were cut off, and taking back what was for a visit only.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;

use super::types::RunState;
use super::{Remedies, RemedyError, Shared, held};
use crate::domain::ids::{ClusterId, RemedyRunId};
use crate::security::Viewer;
use crate::store::remedies::{self as rows, End, Run};

/// A visit is over when nobody has looked at the phone or driven it for so long, in milliseconds.
const UNSEEN_MS: i64 = 15 * 60_000;
/// Pauses before a visit that could not be taken back is tried again, in minutes; the last one again and again.
const PAUSES_MIN: [i64; 3] = [1, 5, 30];
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
    /// have passed. To be called every [`SWEEP_EVERY`]. What cannot be taken back now is tried again after 1, then 5, then
    /// every 30 minutes. Clusters are swept side by side, so that a dead one holds up no other.
    ///
    /// # Errors
    /// What the database failed with.
    pub async fn sweep(&self) -> Result<(), crate::store::Error> {
        let shared = &self.shared;
        let now = shared.parts.clock.now_ms();
        let mut of_cluster: HashMap<ClusterId, Vec<Run>> = HashMap::new();
        for run in rows::visits(&shared.parts.store).await? {
            of_cluster.entry(run.cluster).or_default().push(run);
        }
        let sweeping = of_cluster.into_values().map(|runs| shared.sweep_cluster(runs, now));
        join_all(sweeping).await.into_iter().collect()
    }
}

impl Shared {
    async fn sweep_cluster(&self, runs: Vec<Run>, now: i64) -> Result<(), crate::store::Error> {
        for run in runs {
            let waits = held(&self.put_off).get(&run.id).is_some_and(|(_, until)| now < *until);
            if waits || !self.is_visit_over(&run, now).await? {
                continue;
            }
            match self.undo(&Viewer::system(), run.id, None).await {
                Ok(_) | Err(RemedyError::AlreadyDone(_)) => {
                    held(&self.put_off).remove(&run.id);
                }
                Err(error @ (RemedyError::UnknownPhone | RemedyError::NotUndoable(_) | RemedyError::Changed(_))) => {
                    tracing::warn!(run = run.id.0, "a visit cannot be taken back any more: {error}");
                    held(&self.put_off).remove(&run.id);
                    let mut tx = self.parts.store.begin().await?;
                    rows::end_visit(&mut tx, run.id).await?;
                    let told =
                        format!("the phone was not taken out again after the visit, and is not any more: {error}");
                    rows::set_evidence(&mut tx, run.id, &told).await?;
                    tx.commit().await?;
                }
                Err(error) => self.put_off(run.id, now, &error).await?,
            }
        }
        Ok(())
    }

    /// A visit that cannot be taken back now is tried again later, and says so among the phone's runs.
    async fn put_off(&self, run: RemedyRunId, now: i64, error: &RemedyError) -> Result<(), crate::store::Error> {
        let minutes = {
            let mut put_off = held(&self.put_off);
            let (failures, until) = put_off.entry(run).or_default();
            let minutes = PAUSES_MIN[(*failures).min(PAUSES_MIN.len() - 1)];
            *failures += 1;
            *until = now + minutes * 60_000;
            minutes
        };
        tracing::warn!(run = run.0, "a visit cannot be taken back now: {error}");
        let told = format!(
            "the visit is over, and the phone could not be taken out again: {error}; it is tried again after {minutes} min"
        );
        let mut tx = self.parts.store.begin().await?;
        rows::set_evidence(&mut tx, run, &told).await?;
        tx.commit().await
    }

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
