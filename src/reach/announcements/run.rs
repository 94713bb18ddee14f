//! One announcement from its beginning to its end.

use std::collections::BTreeSet;
use std::net::SocketAddrV4;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::rtp::PACE;
use super::sender::{self, Destinations};
use super::view::{AnnouncementView, Ending, Hearing};
use super::{Announcement, Mode, Running};
use crate::domain::ids::{AnnouncementId, PhoneId};
use crate::reach::Shared;
use crate::security::{May, ReachPeople, RunJobs, Viewer};
use crate::store::{self, reach::announcements as rows};

/// Phones that are told to listen at the same time, or to stop.
const AT_ONCE: usize = 32;
/// Once a phone listens, slower ones are waited for so long before the sound begins; they hear the rest.
const WAIT_FOR_OTHERS: Duration = Duration::from_secs(3);
/// Sound that phones hold back before they play it: they are not told to stop before it was heard.
const HELD_BACK: Duration = Duration::from_millis(300);
/// How often people are told how far it is.
const TELL_EVERY: usize = 25;
/// How often it is asked whether its person still has the right, beside when the server itself changed it.
const VERIFY_EVERY: Duration = Duration::from_secs(15);
/// How long what is under way may take when the program stops: it has 1.5 s in all (`lifecycle::STOP_DEADLINE`).
const LAST_ACTS: Duration = Duration::from_millis(400);

/// What it takes to play one.
pub(super) struct Run {
    pub(super) shared: Arc<Shared>,
    pub(super) id: AnnouncementId,
    pub(super) may: May<ReachPeople>,
    pub(super) order: Announcement,
    pub(super) running: Running,
    pub(super) destinations: Destinations,
    /// The port at the phones.
    pub(super) port: u16,
    /// Cancelled when no more sound is sent and no more phones are told to listen.
    pub(super) halt: CancellationToken,
    /// Phones that were told to listen, or may have been.
    pub(super) told: Mutex<BTreeSet<PhoneId>>,
    samples: Bytes,
}

impl Run {
    pub(super) fn new(
        shared: Arc<Shared>,
        id: AnnouncementId,
        may: May<ReachPeople>,
        order: Announcement,
        running: Running,
        samples: Bytes,
    ) -> Self {
        Self {
            port: port(shared.settings.port_from, shared.settings.port_to),
            shared,
            id,
            may,
            order,
            running,
            samples,
            destinations: Destinations::default(),
            halt: CancellationToken::new(),
            told: Mutex::default(),
        }
    }

    /// Plays it, and tells every phone to stop however it ended.
    pub(super) async fn perform(self) {
        let ending = self.play().await;
        self.halt.cancel();
        self.silence(ending == Ending::Shutdown).await;
        self.end(ending).await;
    }

    async fn play(&self) -> Ending {
        if let Some(group) = self.running.group {
            let to = SocketAddrV4::new(group, self.port);
            if let Err(error) = self.destinations.add_group(to, &self.shared.settings) {
                self.fail_all(&format!("nothing can be sent to {group}: {error}")).await;
                return Ending::Unheard;
            }
        }
        let playing = async {
            let ((), played) = tokio::join!(self.start_all(), self.send());
            if played { Ending::Played } else { Ending::Unheard }
        };
        tokio::pin!(playing);
        let why = tokio::select! {
            ending = &mut playing => return ending,
            why = self.reason_to_halt() => why,
        };
        self.halt.cancel();
        // A phone that is being told to listen just now must have answered before it can be told to stop.
        if why == Ending::Shutdown {
            let _ = timeout(LAST_ACTS, playing).await;
        } else {
            playing.await;
        }
        why
    }

    /// Tells all phones to listen, some at a time, and waits for their answers.
    async fn start_all(&self) {
        let phones: Vec<PhoneId> = self.running.phones.iter().copied().collect();
        futures_util::stream::iter(phones)
            .for_each_concurrent(AT_ONCE, |phone| self.start(phone))
            .await;
        self.all_asked();
    }

    /// Sends the sound once phones listen; false when none ever did.
    async fn send(&self) -> bool {
        let mut view = self.running.view.subscribe();
        let is_asked =
            |view: &Arc<AnnouncementView>| view.count(Hearing::Waiting) == 0 && view.count(Hearing::Starting) == 0;
        let listens = |view: &Arc<AnnouncementView>| view.count(Hearing::Listening) > 0;
        // The sender lives in `self`: these waits end.
        if view.wait_for(|view| listens(view) || is_asked(view)).await.is_err() {
            return false;
        }
        let _ = timeout(WAIT_FOR_OTHERS, view.wait_for(is_asked)).await;
        if !listens(&view.borrow()) {
            return false;
        }
        let mut failed = Vec::new();
        sender::play(&self.samples, &self.destinations, &self.halt, |n, given_up| {
            failed.extend(given_up);
            if n % TELL_EVERY == 0 {
                self.publish(|view| view.position = PACE * u32::try_from(n).unwrap_or(u32::MAX));
            }
        })
        .await;
        for (phone, error) in failed {
            let detail = format!("nothing more could be sent to it: {error}");
            match phone {
                Some(phone) => self.note(phone, Hearing::Failed, &detail).await,
                None => self.fail_all(&detail).await,
            }
        }
        tokio::select! {
            () = sleep(HELD_BACK) => {}
            () = self.halt.cancelled() => {}
        }
        true
    }

    /// Completes when it must not go on.
    async fn reason_to_halt(&self) -> Ending {
        tokio::select! {
            () = self.running.cancel.cancelled() => Ending::Stopped,
            () = self.shared.tasks.stopping() => Ending::Shutdown,
            () = self.right_lost() => Ending::RightLost,
        }
    }

    /// Completes when the person who began it may no longer do that.
    async fn right_lost(&self) {
        let viewer: &Viewer = &self.may;
        let mut changed = self.shared.security.changed_users();
        loop {
            tokio::select! {
                user = changed.recv() => match user {
                    Ok(user) if user != viewer.user => continue,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => sleep(VERIFY_EVERY).await,
                },
                () = sleep(VERIFY_EVERY) => {}
            }
            let now = match self.shared.security.as_of_now(viewer).await {
                Ok(now) => now,
                Err(error) => {
                    tracing::warn!(error = %error, "it cannot be read whether {} may still announce: {error}", viewer.name);
                    continue;
                }
            };
            let many = self.running.phones.len() > 1;
            let allowed = |now: &Viewer| now.may::<ReachPeople>().is_ok() && (!many || now.may::<RunJobs>().is_ok());
            if !now.as_ref().is_some_and(allowed) {
                return;
            }
        }
    }

    /// Tells every phone that was told to listen to stop. When the program stops there is one try; the next start of the
    /// program makes the others.
    async fn silence(&self, once: bool) {
        let told: Vec<PhoneId> = {
            let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            told.iter().copied().collect()
        };
        let at_once = if once { told.len().max(1) } else { AT_ONCE };
        let silencing = futures_util::stream::iter(told).for_each_concurrent(at_once, |phone| self.stop(phone, once));
        if once {
            let _ = timeout(LAST_ACTS * 2, silencing).await;
        } else {
            silencing.await;
        }
    }

    /// Nobody is asked any more: who waits was left out.
    fn all_asked(&self) {
        self.publish(|view| {
            for phone in view.phones.iter_mut().filter(|phone| phone.state == Hearing::Waiting) {
                phone.state = Hearing::Skipped;
                "the announcement ended before its turn".clone_into(&mut phone.detail);
            }
        });
    }

    async fn fail_all(&self, detail: &str) {
        for phone in self.running.phones.iter() {
            self.note(*phone, Hearing::Failed, detail).await;
        }
    }

    async fn end(&self, ending: Ending) {
        let at = self.shared.clock.now_ms();
        let left_out: Vec<(PhoneId, String)> = {
            let view = self.running.view.borrow();
            let skipped = view.phones.iter().filter(|phone| phone.state == Hearing::Skipped);
            skipped.map(|phone| (phone.phone, phone.detail.clone())).collect()
        };
        let ended = async {
            let mut tx = self.shared.store.begin().await?;
            for (phone, detail) in &left_out {
                rows::set_state(&mut tx, self.id, *phone, Hearing::Skipped.as_str(), detail).await?;
            }
            rows::end(&mut tx, self.id, at, ending.as_str()).await?;
            tx.commit().await
        };
        if let Err(error) = ended.await {
            // The next start of the program ends it.
            tracing::error!(error = %error, "the end of announcement {} cannot be written: {error}", self.id);
        }
        // Whoever asks from now on is told what the store has.
        self.shared.on_air.lock().remove(&self.id);
        self.publish(|view| {
            view.position = Duration::ZERO;
            view.ended_at = Some(at);
            view.ending = Some(ending);
        });
    }

    /// Keeps and tells how a phone stands.
    pub(super) async fn note(&self, phone: PhoneId, state: Hearing, detail: &str) {
        let noted = async {
            let mut tx = self.shared.store.begin().await?;
            rows::set_state(&mut tx, self.id, phone, state.as_str(), detail).await?;
            tx.commit().await
        };
        if let Err(error) = noted.await {
            tracing::error!(error = %error, "how a phone stands with an announcement cannot be kept: {error}");
        }
        self.tell(phone, state, detail);
    }

    /// Tells how a phone stands, without keeping it.
    pub(super) fn tell(&self, phone: PhoneId, state: Hearing, detail: &str) {
        self.publish(|view| {
            if let Some(found) = view.phones.iter_mut().find(|found| found.phone == phone) {
                found.state = state;
                detail.clone_into(&mut found.detail);
            }
        });
    }

    /// Keeps whether a phone was told to listen and not yet to stop.
    pub(super) async fn keep_listening(&self, phone: PhoneId, listening: bool) -> Result<(), store::Error> {
        let mut tx = self.shared.store.begin().await?;
        rows::set_listening(&mut tx, self.id, phone, listening).await?;
        tx.commit().await
    }

    fn publish(&self, change: impl FnOnce(&mut AnnouncementView)) {
        self.running.view.send_modify(|view| change(Arc::make_mut(view)));
    }

    /// What is written into the trail of each phone.
    pub(super) fn detail(&self) -> String {
        let name = self.running.view.borrow().sound_name.clone();
        format!("{name:?} by {}, volume {}", self.order.mode.as_str(), self.order.volume)
    }

    /// The scheme of the URI that makes a phone listen.
    pub(super) fn scheme(&self) -> &'static str {
        scheme(self.order.mode)
    }
}

/// The scheme of the URI that makes a phone listen, or stop (phone-xml-api.md 3.3).
pub(super) fn scheme(mode: Mode) -> &'static str {
    match mode {
        Mode::Unicast => "RTPRx",
        Mode::Multicast => "RTPMRx",
    }
}

/// An even port of the range by chance, so that two announcements hardly ever share one.
fn port(from: u64, to: u64) -> u16 {
    let (from, to) = (from.next_multiple_of(2), to);
    let choices = (to.saturating_sub(from)) / 2 + 1;
    let mut random = [0_u8; 8];
    // Without random numbers the first port is as good as any.
    let chance = getrandom::fill(&mut random).map_or(0, |()| u64::from_ne_bytes(random));
    u16::try_from(from + 2 * (chance % choices)).unwrap_or(20_480)
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn ports_are_even_and_in_their_range() {
        for _ in 0..200 {
            let port = port(20_480, 20_489);
            assert!((20_480..=20_488).contains(&port) && port.is_multiple_of(2), "{port}");
        }
        assert_eq!(port(20_481, 20_483), 20_482);
    }
}
