//! Telling one phone to listen, and to stop.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::run::{Run, scheme};
use super::{Hearing, Mode};
use crate::audit::action;
use crate::control::{Act, Heed};
use crate::domain::ids::PhoneId;
use crate::phone::{ErrorKind, Target};
use crate::reach::error::in_doubt as is_in_doubt;
use crate::reach::media::route_to;
use crate::reach::rings::uri;
use crate::reach::{ReachError, Shared};
use crate::security::{May, ReachPeople};

/// Pauses before a phone is told to stop again.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(3)];

/// Why a phone does not listen.
enum NotListening {
    /// It was left alone.
    LeftAlone(ReachError),
    /// It was asked, in vain.
    Failed(ReachError),
}

impl Run {
    /// Tells a phone to listen, unless there is a reason to leave it alone. Before that it is kept that it was.
    pub(super) async fn start(&self, phone: PhoneId) {
        if self.halt.is_cancelled() {
            return;
        }
        self.tell(phone, Hearing::Starting, "");
        let (state, detail) = match self.try_to_start(phone).await {
            Ok(()) => (Hearing::Listening, String::new()),
            Err(NotListening::LeftAlone(error)) => (Hearing::Skipped, in_words(&error)),
            Err(NotListening::Failed(error)) => (Hearing::Failed, in_words(&error)),
        };
        self.note(phone, state, &detail).await;
    }

    async fn try_to_start(&self, phone: PhoneId) -> Result<(), NotListening> {
        self.shared.silenced(phone, &self.may).await;
        self.shared
            .mind_calls(phone, self.order.busy)
            .await
            .map_err(|error| match error {
                busy @ ReachError::Busy(_) => NotListening::LeftAlone(busy),
                other => NotListening::Failed(other),
            })?;
        let target = self.shared.inventory.target(phone).await;
        let target = target.map_err(|error| NotListening::Failed(error.into()))?;
        let ours = route_to(target.address).map_err(|error| NotListening::Failed(error.into()))?;
        let url = uri(&self.listen_uri(&target, ours)).map_err(NotListening::Failed)?;
        self.keep_listening(phone, true)
            .await
            .map_err(|error| NotListening::Failed(error.into()))?;
        let in_doubt = Arc::new(AtomicBool::new(false));
        let doubt = Arc::clone(&in_doubt);
        let act = Act {
            action: action::ANNOUNCEMENT,
            detail: self.detail(),
            heed: Heed::Driver,
        };
        let asked = self
            .shared
            .control
            .act(&self.may, phone, act, async move |phones, target| {
                let answer = phones.run_one(&target, url).await;
                if let Err(error) = &answer {
                    doubt.store(is_in_doubt(error), Ordering::Relaxed);
                }
                answer
            });
        let answer = asked.await;
        if answer.is_ok() || in_doubt.load(Ordering::Relaxed) {
            self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(phone);
        } else if let Err(error) = self.keep_listening(phone, false).await {
            // It will be told to stop, which does no harm.
            tracing::warn!(error = %error, "that a phone does not listen cannot be kept: {error}");
        }
        match answer.map_err(ReachError::from) {
            Ok(_) => {}
            Err(driven @ ReachError::Driven(_)) => return Err(NotListening::LeftAlone(driven)),
            Err(error) => return Err(NotListening::Failed(error)),
        }
        if self.order.mode == Mode::Unicast {
            self.join(phone, &target, ours)?;
        }
        Ok(())
    }

    /// From now on the phone is sent the sound.
    fn join(&self, phone: PhoneId, target: &Target, ours: Ipv4Addr) -> Result<(), NotListening> {
        if !target.networks.contain(target.address) {
            let problem = format!("{} is outside the phone networks of its cluster", target.address);
            return Err(NotListening::Failed(ReachError::invalid("phones", problem)));
        }
        let to = SocketAddrV4::new(target.address, self.port);
        let joined = self.destinations.add_phone(phone, to, ours);
        joined.map_err(|error| NotListening::Failed(error.into()))
    }

    /// `RTPRx:ours:port:volume`, or `RTPMRx:group:port:volume`. The 8821 and 9821 also want to know where it is heard: 0
    /// is the speaker (phone-xml-api.md 3.3).
    fn listen_uri(&self, target: &Target, ours: Ipv4Addr) -> String {
        let (from, volume) = (self.running.group.unwrap_or(ours), self.order.volume);
        let speaker = match target.model.family.id.as_str() {
            "8821" | "9821" => ":0",
            _ => "",
        };
        format!("{}:{from}:{}:{volume}{speaker}", self.scheme(), self.port)
    }

    /// Tells a phone to stop, three times if need be, or `once`.
    pub(super) async fn stop(&self, phone: PhoneId, once: bool) {
        let tries = if once { &PAUSES[..1] } else { &PAUSES };
        let mut last = None;
        for pause in tries {
            sleep(*pause).await;
            match self.shared.stop_listening(phone, self.order.mode, &self.may).await {
                Ok(()) => {
                    self.stopped(phone).await;
                    return;
                }
                Err(error) => last = Some(error),
            }
        }
        let why = last.map(|error| in_words(&error)).unwrap_or_default();
        let detail = format!("it could not be told to stop, which is tried until it answers: {why}");
        self.note(phone, Hearing::Unstopped, &detail).await;
    }

    async fn stopped(&self, phone: PhoneId) {
        if let Err(error) = self.keep_listening(phone, false).await {
            tracing::warn!(error = %error, "that a phone was told to stop cannot be kept: {error}");
        }
        let listened = {
            let view = self.running.view.borrow();
            let found = view.phones.iter().find(|found| found.phone == phone);
            found.is_some_and(|found| found.state == Hearing::Listening)
        };
        if listened {
            self.note(phone, Hearing::Done, "").await;
        }
    }
}

impl Shared {
    /// Tells a phone to stop listening, whoever drives it. One that knows of no stream has stopped.
    ///
    /// # Errors
    /// What is in the way: it may still listen.
    pub(super) async fn stop_listening(
        &self,
        phone: PhoneId,
        mode: Mode,
        may: &May<ReachPeople>,
    ) -> Result<(), ReachError> {
        let url = uri(&format!("{}:Stop", scheme(mode)))?;
        let act = Act {
            action: action::ANNOUNCEMENT_STOPPED,
            detail: mode.as_str().to_owned(),
            heed: Heed::Nobody,
        };
        let stopping = self.control.act(may, phone, act, async move |phones, target| {
            match phones.run_one(&target, url).await {
                Err(error) if matches!(error.kind(), ErrorKind::ItemRefused { .. }) => Ok(Duration::ZERO),
                answer => answer,
            }
        });
        stopping.await?;
        Ok(())
    }
}

/// A failure in one line for the list of phones.
fn in_words(error: &ReachError) -> String {
    match error.trouble() {
        Some(trouble) if trouble.named().is_some() => format!("{}: {}", trouble.cause.title(), trouble.evidence),
        Some(trouble) => trouble.evidence.clone(),
        None => error.to_string(),
    }
}
