//! Phones that may still listen to an announcement that is over: they did not answer, or the program was killed.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::Mode;
use super::view::{Ending, Hearing};
use crate::domain::ids::{AnnouncementId, PhoneId};
use crate::reach::{Reach, ReachError, Shared};
use crate::security::{May, ReachPeople, Viewer};
use crate::store::{self, reach::announcements as rows};

/// How often it is looked for such phones.
pub(in crate::reach) const LOOK_EVERY: Duration = Duration::from_secs(30);
/// The longest pause between two tries on one phone. The first is as long as a look, each next twice the last.
const LONGEST_PAUSE: Duration = Duration::from_mins(30);
/// A phone that could not be reached for so long has restarted since, in milliseconds.
const GIVE_UP_MS: i64 = 24 * 60 * 60 * 1_000;

/// When a phone is tried next, and the pause after that.
pub(super) type Waits = HashMap<PhoneId, (Instant, Duration)>;

impl Reach {
    /// Ends the announcements that an earlier run of the program left open. Their phones are told to stop by
    /// [`Reach::stop_leftovers`].
    pub(in crate::reach) async fn close_abandoned(&self) -> Result<(), store::Error> {
        let mut tx = self.shared.store.begin().await?;
        let now = self.shared.clock.now_ms();
        let ended = rows::end_abandoned(&mut tx, now, Ending::Abandoned.as_str()).await?;
        tx.commit().await?;
        if ended > 0 {
            tracing::warn!("{ended} announcements were cut off when the server ended; their phones are told to stop");
        }
        Ok(())
    }

    /// Tells phones to stop that listen to an announcement that is over; how many of them did. The program does so by
    /// itself at its start and every half a minute, ever more rarely for a phone that does not answer, for a day.
    ///
    /// # Errors
    /// The store.
    pub async fn stop_leftovers(&self) -> Result<usize, store::Error> {
        let shared = &self.shared;
        let mut stopped = 0;
        for leftover in rows::leftovers(&shared.store, None).await? {
            let phone = PhoneId(leftover.phone_id);
            if shared.tasks.stop_token().is_cancelled() {
                break;
            }
            if !leftover.is_there {
                shared.let_go(&leftover, "it is no longer in the inventory").await?;
            } else if shared.clock.now_ms() - leftover.began_at > GIVE_UP_MS {
                shared
                    .let_go(&leftover, "it could not be told to stop for a day")
                    .await?;
            } else if !shared.on_air.has(phone) && shared.on_air.is_due(phone) {
                let may: May<ReachPeople> = match Viewer::system().may() {
                    Ok(may) => may,
                    Err(_) => break,
                };
                let silenced = shared.silence_leftover(&leftover, &may).await;
                shared.on_air.tried(phone, silenced.is_ok());
                stopped += usize::from(silenced.is_ok());
            }
        }
        Ok(stopped)
    }
}

impl super::OnAir {
    fn is_due(&self, phone: PhoneId) -> bool {
        let waits = self.waits.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        waits.get(&phone).is_none_or(|(next, _)| *next <= Instant::now())
    }

    fn tried(&self, phone: PhoneId, stopped: bool) {
        let mut waits = self.waits.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if stopped {
            waits.remove(&phone);
            return;
        }
        let pause = waits.get(&phone).map_or(LOOK_EVERY, |(_, pause)| *pause);
        waits.insert(phone, (Instant::now() + pause, (pause * 2).min(LONGEST_PAUSE)));
    }
}

impl Shared {
    /// Tells a phone to stop what an earlier announcement left, before a new one begins on it.
    pub(super) async fn silenced(&self, phone: PhoneId, may: &May<ReachPeople>) {
        // Whoever silences it now must have ended: the order to stop must not come behind the new one to listen.
        let mut silencing = self.on_air.silencing.subscribe();
        let _ = silencing.wait_for(|phones| !phones.contains(&phone)).await;
        let leftovers = match rows::leftovers(&self.store, Some(phone)).await {
            Ok(leftovers) => leftovers,
            Err(error) => {
                tracing::warn!(error = %error, "phones that may still listen cannot be read: {error}");
                return;
            }
        };
        for leftover in &leftovers {
            if let Err(error) = self.stop_leftover(leftover, may).await {
                tracing::info!(phone = phone.0, "a phone cannot be told to stop: {error}");
            }
        }
    }

    /// The same for the program by itself; a new announcement on that phone waits meanwhile.
    async fn silence_leftover(&self, leftover: &rows::Leftover, may: &May<ReachPeople>) -> Result<(), ReachError> {
        let phone = PhoneId(leftover.phone_id);
        self.on_air.silencing.send_modify(|phones| {
            phones.insert(phone);
        });
        // One that begins now either sees that, or is seen here.
        let stopped = if self.on_air.has(phone) {
            Err(ReachError::InUse("another announcement is played on it".to_owned()))
        } else {
            self.stop_leftover(leftover, may).await
        };
        self.on_air.silencing.send_modify(|phones| {
            phones.remove(&phone);
        });
        stopped
    }

    async fn stop_leftover(&self, leftover: &rows::Leftover, may: &May<ReachPeople>) -> Result<(), ReachError> {
        let mode = Mode::from_stored(&leftover.mode);
        self.stop_listening(PhoneId(leftover.phone_id), mode, may).await?;
        let detail = "told to stop after the announcement was over";
        Ok(self.close(leftover, Hearing::Done, detail).await?)
    }

    /// Nobody tells this phone to stop any more.
    async fn let_go(&self, leftover: &rows::Leftover, why: &str) -> Result<(), store::Error> {
        tracing::warn!(
            phone = leftover.phone_id,
            "a phone may still listen to an announcement: {why}"
        );
        self.close(leftover, Hearing::Unstopped, why).await
    }

    async fn close(&self, leftover: &rows::Leftover, state: Hearing, detail: &str) -> Result<(), store::Error> {
        let (id, phone) = (AnnouncementId(leftover.announcement_id), PhoneId(leftover.phone_id));
        let mut tx = self.store.begin().await?;
        rows::set_listening(&mut tx, id, phone, false).await?;
        rows::set_state(&mut tx, id, phone, state.as_str(), detail).await?;
        tx.commit().await
    }
}
