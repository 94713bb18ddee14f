//! Ends, removals and the start after a crash.

use super::ending::Ending;
use super::recorder::End;
use super::{Recording, Recordings, Shared};
use crate::audit::{self, Actor, action};
use crate::domain::ids::RecordingId;
use crate::store::{self, recordings as rows};

const MIB: u64 = 1024 * 1024;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Recordings {
    /// Closes what the last run of the program left open, so that it plays, and removes folders that no row names.
    /// To be called before the first recording begins.
    pub async fn recover(&self) -> Result<(), store::Error> {
        self.shared.close_abandoned().await?;
        let known = rows::ids(&self.shared.store).await?;
        if let Err(error) = self.shared.files.remove_others(&known).await {
            tracing::warn!(error = %error, "the folder of recordings cannot be read: {error}");
        }
        self.sweep().await
    }

    /// Removes recordings that are older than they may become, and closes those that could not be closed before.
    pub async fn sweep(&self) -> Result<(), store::Error> {
        let shared = &self.shared;
        shared.close_abandoned().await?;
        let days = shared.settings.keep_days;
        if days > 0 {
            let oldest = shared.clock.now_ms() - i64::try_from(days).unwrap_or(i64::MAX / DAY_MS) * DAY_MS;
            for id in rows::ended_before(&shared.store, oldest).await? {
                shared.remove_by_itself(id, &format!("older than {days} days")).await?;
            }
        }
        shared.make_room(0).await.map(drop)
    }
}

impl Shared {
    /// Writes the end of a recording, with its line in the trail. When that fails, a later sweep closes it.
    pub(super) async fn end(&self, id: RecordingId, end: End) {
        if !matches!(end.ending, Ending::Stopped | Ending::Shutdown) {
            tracing::info!(
                recording = id.0,
                detail = end.detail,
                "recording {id} ended: {}",
                end.ending.in_words()
            );
        }
        if let Err(error) = self.try_to_end(id, self.clock.now_ms(), end).await {
            tracing::error!(error = %error, "the end of recording {id} cannot be written: {error}");
        }
    }

    async fn try_to_end(&self, id: RecordingId, at: i64, end: End) -> Result<(), store::Error> {
        let Some(recording) = rows::find(&self.store, id, None).await? else {
            return Ok(());
        };
        let recording = Recording {
            ended_at: Some(at),
            ..recording
        };
        let mut tx = self.store.begin().await?;
        if rows::end(&mut tx, id, at, end.ending.as_str(), &end.detail).await? {
            let event = self.event(end.actor, action::RECORDING_ENDED, &recording, end.ending.in_words());
            audit::record(&mut tx, &event).await?;
        }
        tx.commit().await
    }

    /// Closes recordings that nobody runs. A picture that was cut off goes; what is before it stays.
    async fn close_abandoned(&self) -> Result<(), store::Error> {
        // One that is being begun has its row before it runs.
        let _turn = self.starting.lock().await;
        for id in rows::unfinished(&self.store).await? {
            if self.running().contains_key(&id) {
                continue;
            }
            let steps = rows::steps(&self.store, id).await?;
            for step in steps.iter().filter(|step| step.kind == "picture") {
                if !self.files.is_whole(id, step).await {
                    let mut tx = self.store.begin().await?;
                    rows::drop_step(&mut tx, id, step).await?;
                    tx.commit().await?;
                }
            }
            let recording = rows::find(&self.store, id, None).await?;
            let started = recording.map_or(0, |recording| recording.started_at);
            let last = steps.last().map_or(started, |step| step.at);
            self.try_to_end(id, last, End::by_itself(Ending::Interrupted, ""))
                .await?;
        }
        Ok(())
    }

    /// Removes the recordings that ended first until so many more bytes fit; false when what runs takes all the room.
    pub(super) async fn make_room(&self, more: u64) -> Result<bool, store::Error> {
        let most = self.settings.total_mib;
        loop {
            let total = rows::total_bytes(&self.store).await?.unsigned_abs();
            if total + more <= most * MIB {
                return Ok(true);
            }
            let Some(oldest) = rows::oldest_ended(&self.store).await? else {
                return Ok(false);
            };
            let reason = format!("the oldest, so that all recordings fit into {most} MiB");
            self.remove_by_itself(oldest, &reason).await?;
        }
    }

    async fn remove_by_itself(&self, id: RecordingId, reason: &str) -> Result<(), store::Error> {
        match rows::find(&self.store, id, None).await? {
            Some(recording) => self.remove(Actor::system(), &recording, reason).await,
            None => Ok(()),
        }
    }

    /// Removes a recording: its rows with a line in the trail, then its pictures.
    pub(super) async fn remove(&self, actor: Actor, recording: &Recording, reason: &str) -> Result<(), store::Error> {
        let event = self.event(actor, action::RECORDING_DELETED, recording, reason);
        let mut tx = self.store.begin().await?;
        if rows::remove(&mut tx, recording.id).await? {
            audit::record(&mut tx, &event).await?;
        }
        tx.commit().await?;
        self.files.remove(recording.id).await;
        Ok(())
    }
}
