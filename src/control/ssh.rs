//! Keys over SSH, by the same wheel, queue and trail as keys over the phone's web server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::execute::{ExecuteError, refuse_emergency_number};
use super::outcome::{Outcome, outcome_of, trouble_of};
use super::record::Record;
use super::{Control, Pressing, Refusal, Shared, Source, check_count};
use crate::audit::action;
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::PhoneId;
use crate::domain::key::Key;
use crate::phone::{SshSession, has_ssh_code};
use crate::security::{May, PressKeys, Viewer};

/// An open session that whoever plays keeps, and the queue of the phone uses: one key at a time.
pub type SharedSession = Arc<tokio::sync::Mutex<SshSession>>;

impl Control {
    /// Puts keys into the phone's queue to be pressed over an open SSH session; in all else as
    /// [`Control::press_from`]: same wheel, same order, a line in the trail for each key (`press-over-ssh`), and nothing
    /// after a key that was not taken.
    ///
    /// # Errors
    /// Also [`Refusal::NoSshCode`], and [`Refusal::Blocked`] when the session is with another address than the phone
    /// now has.
    pub async fn press_over_ssh(
        &self,
        source: Source,
        may: &May<PressKeys>,
        phone: PhoneId,
        session: &SharedSession,
        keys: Vec<Key>,
    ) -> Result<Pressing, Refusal> {
        check_count(&keys)?;
        self.check_session(phone, session).await.map_err(Refusal::Blocked)?;
        if let Some(key) = keys.iter().find(|key| !has_ssh_code(key)) {
            return Err(Refusal::NoSshCode(key.clone()));
        }
        self.shared
            .drivers
            .press(phone, may, Some(source))
            .map_err(Refusal::Driven)?;
        self.keep();
        self.enqueue(source, may, phone, keys, Some(Arc::clone(session)))
    }

    /// Lets the phone dial a number over an open SSH session, with a line in the trail (`dial-over-ssh`) that does not
    /// hold the number. An emergency number is never dialled.
    ///
    /// # Errors
    /// As [`Control::execute`].
    pub async fn dial_over_ssh(
        &self,
        source: Source,
        may: &May<PressKeys>,
        phone: PhoneId,
        session: &SharedSession,
        number: &str,
    ) -> Result<Duration, ExecuteError> {
        self.check_session(phone, session)
            .await
            .map_err(ExecuteError::Trouble)?;
        refuse_emergency_number(&self.shared, may, phone, number).await?;
        self.shared
            .drivers
            .press(phone, may, Some(source))
            .map_err(ExecuteError::Driven)?;
        self.keep();
        let (shared, viewer) = (Arc::clone(&self.shared), Viewer::clone(may));
        let (session, number) = (Arc::clone(session), number.to_owned());
        // A caller that leaves must not separate the act from its audit line.
        let dialling = self.shared.tasks.spawn("dial over ssh", async move {
            dial(&shared, (source, &viewer), phone, &session, &number).await
        });
        dialling
            .await
            .ok()
            .flatten()
            .unwrap_or_else(|| Err(ExecuteError::Trouble(super::stopped())))
    }

    /// Whether a session is with the phone: it may have moved since, and another may have its address.
    async fn check_session(&self, phone: PhoneId, session: &SharedSession) -> Result<(), Trouble> {
        let target = self.shared.inventory.target(phone).await?;
        let address = session.lock().await.address();
        if address == target.address {
            return Ok(());
        }
        let evidence = format!(
            "the SSH session is with {address}, but the phone is at {} now; nothing was sent",
            target.address
        );
        Err(Trouble::new(Cause::PhoneAddressStale, evidence))
    }
}

async fn dial(
    shared: &Shared,
    (source, viewer): (Source, &Viewer),
    phone: PhoneId,
    session: &SharedSession,
    number: &str,
) -> Result<Duration, ExecuteError> {
    let record = Record::begin(shared, viewer, phone, action::DIAL_OVER_SSH, "")
        .await
        .map_err(ExecuteError::Trouble)?;
    let started = Instant::now();
    // The wheel may have changed hands meanwhile.
    if let Err(driver) = shared.drivers.sends(phone, viewer, Some(source)) {
        let trouble = super::wheel::no_longer(Some(&driver));
        record
            .end(shared, Outcome::NotSent, Some(&trouble), Duration::ZERO)
            .await;
        return Err(ExecuteError::Driven(driver));
    }
    let answer = session.lock().await.dial(number).await;
    let (outcome, trouble) = match &answer {
        Ok(_) => (Outcome::Sent, None),
        Err(error) => (outcome_of(error), Some(trouble_of(error))),
    };
    record.end(shared, outcome, trouble.as_ref(), started.elapsed()).await;
    answer.map_err(|error| ExecuteError::Trouble(trouble_of(&error)))
}
