//! Taking the wheel, giving it away, losing it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

use super::drivers::{Answered, Asking, Attendance, Driver, Handed, Wheel};
use super::{Control, Shared, drop_waiting, record};
use crate::audit::action;
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::{PhoneId, UserId};
use crate::security::{May, PressKeys, Viewer};

/// The longest wait before it is looked again whether somebody's time is over.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is asked whether drivers still have the right, beside when the server itself changed it.
const VERIFY_EVERY: Duration = Duration::from_secs(15);

/// Why the wheel stays where it is.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WheelError {
    /// Somebody else asks already.
    #[error("{} asks for the wheel already", .0.name)]
    AskedAlready(Asking),
    /// An answer of somebody who does not drive, or whom nobody asks.
    #[error("nobody asks you for the wheel of this phone")]
    NotAsked,
    /// The phone is unknown, or the audit trail cannot be written.
    #[error("{}", .0.evidence)]
    Trouble(Trouble),
}

impl Control {
    /// Who drives a phone now.
    pub fn driver(&self, phone: PhoneId) -> Option<Driver> {
        self.shared.drivers.driver(phone)
    }

    /// The wheel of a phone, as it changes.
    pub fn follow(&self, phone: PhoneId) -> watch::Receiver<Wheel> {
        self.shared.drivers.follow(phone)
    }

    /// A connection of a viewer watches a phone until the answer is dropped.
    pub fn attend(&self, phone: PhoneId, viewer: &Viewer) -> Attendance {
        self.shared.drivers.attend(phone, viewer.user)
    }

    /// Takes the wheel, also from somebody else; that leaves a line in the trail.
    ///
    /// # Errors
    /// [`WheelError::Trouble`].
    pub async fn drive(&self, may: &May<PressKeys>, phone: PhoneId) -> Result<(), WheelError> {
        let viewer = Viewer::clone(may);
        self.turn(move |shared| async move {
            let former = shared.drivers.driver(phone).filter(|driver| driver.user != viewer.user);
            if let Some(former) = former {
                let detail = format!("from {}", former.name);
                record::note(&shared, &viewer, phone, action::DRIVE_TAKEN, &detail).await?;
            }
            if let Some(former) = shared.drivers.take(phone, &viewer) {
                drop_waiting_of(&shared, phone, &former);
            }
            Ok(())
        })
        .await?;
        self.keep();
        Ok(())
    }

    /// Asks the driver for the wheel. They have 10 s to refuse; without an answer it is the asker's.
    ///
    /// # Errors
    /// [`WheelError::AskedAlready`].
    pub fn ask(&self, may: &May<PressKeys>, phone: PhoneId) -> Result<(), WheelError> {
        self.shared.drivers.ask(phone, may).map_err(WheelError::AskedAlready)?;
        self.keep();
        Ok(())
    }

    /// The driver's answer to who asks.
    ///
    /// # Errors
    /// [`WheelError::NotAsked`], [`WheelError::Trouble`].
    pub async fn answer(&self, may: &May<PressKeys>, phone: PhoneId, allow: bool) -> Result<(), WheelError> {
        let viewer = Viewer::clone(may);
        self.turn(move |shared| async move {
            let asker = shared.drivers.asker_of(phone, viewer.user);
            let asker = asker.ok_or(WheelError::NotAsked)?;
            let action = if allow {
                action::DRIVE_GRANTED
            } else {
                action::DRIVE_REFUSED
            };
            let detail = format!("to {}", asker.name);
            record::note(&shared, &viewer, phone, action, &detail).await?;
            match shared.drivers.answer(phone, viewer.user, allow) {
                Some(Answered::Granted(handed)) => drop_waiting_of(&shared, phone, &handed.from),
                Some(Answered::Refused { asker }) => {
                    tracing::debug!(phone = phone.0, "the wheel was refused to {}", asker.name);
                }
                None => return Err(WheelError::NotAsked),
            }
            Ok(())
        })
        .await
    }

    /// Lets go of the wheel, or takes an asking back. Nothing happens when the viewer does neither.
    ///
    /// # Errors
    /// [`WheelError::Trouble`], also while a macro drives for the viewer: it is stopped instead.
    pub async fn release(&self, may: &May<PressKeys>, phone: PhoneId) -> Result<(), WheelError> {
        let viewer = Viewer::clone(may);
        self.turn(move |shared| async move {
            let driver = shared.drivers.driver(phone).filter(|it| it.user == viewer.user);
            let Some(driver) = driver else {
                shared.drivers.withdraw(phone, viewer.user);
                return Ok(());
            };
            if driver.by_macro.is_some() {
                return Err(Trouble::new(Cause::None, driver.in_the_way()).into());
            }
            record::note(&shared, &viewer, phone, action::DRIVE_RELEASED, "").await?;
            if let Some(handed) = shared.drivers.release(phone, viewer.user) {
                drop_waiting_of(&shared, phone, &handed.from);
            }
            Ok(())
        })
        .await
    }

    /// Runs to its end even when the caller leaves, so that the wheel and its audit line stay together.
    async fn turn<F, T>(&self, act: F) -> Result<(), WheelError>
    where
        F: FnOnce(Arc<Shared>) -> T,
        T: Future<Output = Result<(), WheelError>> + Send + 'static,
    {
        let acting = self.shared.tasks.spawn("wheel", act(Arc::clone(&self.shared)));
        let ended = acting.await.ok().flatten();
        ended.unwrap_or_else(|| Err(WheelError::Trouble(super::stopped())))
    }

    /// Makes sure that a keeper runs while somebody drives.
    pub(super) fn keep(&self) {
        if self.shared.drivers.needs_keeper() {
            let shared = Arc::clone(&self.shared);
            self.shared
                .tasks
                .spawn("wheel keeper", async move { keep(&shared).await });
        }
    }
}

impl From<Trouble> for WheelError {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// Why a key that waited is not sent.
pub(super) fn no_longer(driver: Option<&Driver>) -> Trouble {
    let evidence = driver.map_or_else(
        || "the wheel was lost before this key was sent".to_owned(),
        Driver::in_the_way,
    );
    Trouble::new(Cause::None, evidence)
}

fn drop_waiting_of(shared: &Shared, phone: PhoneId, former: &Viewer) {
    let trouble = no_longer(shared.drivers.driver(phone).as_ref());
    drop_waiting(shared, phone, former, &trouble, None);
}

/// Ends what has lasted too long, on all phones, as long as anybody drives any.
async fn keep(shared: &Shared) {
    let stop = shared.tasks.stop_token();
    let mut changed = shared.security.changed_users();
    let mut verified = Instant::now();
    while !shared.drivers.lets_keeper_go() {
        let user = tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => None,
            user = changed.recv() => Some(user),
            () = stop.cancelled() => return,
        };
        match user {
            Some(Ok(user)) => verify(shared, Some(user)).await,
            Some(Err(broadcast::error::RecvError::Lagged(_))) => verify(shared, None).await,
            // The sender lives as long as the server.
            Some(Err(broadcast::error::RecvError::Closed)) => return,
            None if verified.elapsed() >= VERIFY_EVERY => {
                verified = Instant::now();
                verify(shared, None).await;
            }
            None => {}
        }
        for handed in shared.drivers.expire() {
            note_unanswered(shared, &handed).await;
            drop_waiting_of(shared, handed.phone, &handed.from);
        }
    }
}

async fn note_unanswered(shared: &Shared, handed: &Handed) {
    let detail = format!("to {}: {} did not answer", handed.to.name, handed.from.name);
    let noted = record::note(shared, &handed.to, handed.phone, action::DRIVE_GRANTED, &detail).await;
    if let Err(trouble) = noted {
        tracing::warn!("{}", trouble.evidence);
    }
}

/// Takes the wheel from those who may no longer drive: all, or one user.
async fn verify(shared: &Shared, user: Option<UserId>) {
    for (phone, viewer) in shared.drivers.driving() {
        if user.is_none_or(|user| user == viewer.user) && !may_drive(shared, phone, &viewer).await {
            shared.drivers.dismiss(phone, viewer.user);
            drop_waiting_of(shared, phone, &viewer);
        }
    }
}

/// Whether somebody still has the right to press this phone, as the store has it now.
pub(super) async fn may_drive(shared: &Shared, phone: PhoneId, viewer: &Viewer) -> bool {
    match shared.security.as_of_now(viewer).await {
        Ok(Some(now)) => now.may::<PressKeys>().is_ok() && shared.inventory.require(&now, phone).await.is_ok(),
        Ok(None) => false,
        Err(error) => {
            tracing::warn!(error = %error, "it cannot be read whether {} may still drive: {error}", viewer.name);
            true
        }
    }
}
