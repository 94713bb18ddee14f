//! How keys reach the phone: through its web server or over SSH, always through `control`.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::ending::Ending;
use super::player::Player;
use super::types::{Skip, Way};
use crate::control::{ExecuteError, Hold, Outcome, Pressing, Refusal, SharedSession, Source, is_in_doubt};
use crate::domain::cause::{Cause, Trouble};
use crate::domain::execute::{ExecuteItem, ExecuteUrl};
use crate::domain::key::Key;
use crate::domain::script::RunEnd;
use crate::phone::SshSession;

/// The way that keys take.
pub(super) enum Hands {
    /// None yet: nothing was pressed.
    Undecided,
    /// The phone's web server.
    Web(Source),
    /// An open SSH session.
    Ssh(Source, SharedSession),
}

/// Why a key or an act was not taken.
#[derive(Debug)]
pub(super) struct Missed {
    pub(super) how: How,
    pub(super) trouble: Trouble,
}

/// How sure it is that nothing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Nothing was sent, because somebody else drives the phone.
    Driven,
    /// Nothing was sent.
    NotSent,
    /// The phone said no.
    Refused,
    /// It may have happened.
    Doubtful,
}

impl Hands {
    pub(super) fn way(&self) -> Way {
        match self {
            Self::Undecided => Way::Auto,
            Self::Web(_) => Way::Web,
            Self::Ssh(..) => Way::Ssh,
        }
    }

    /// Where its keys come from; none when it has no way.
    pub(super) fn source(&self) -> Option<Source> {
        match self {
            Self::Undecided => None,
            Self::Web(source) | Self::Ssh(source, _) => Some(*source),
        }
    }

    pub(super) fn ssh(source: Source, session: SshSession) -> Self {
        Self::Ssh(source, Arc::new(Mutex::new(session)))
    }

    /// Ends what was open.
    pub(super) async fn close(&mut self) {
        if let Self::Ssh(source, session) = std::mem::replace(self, Self::Undecided) {
            match Arc::try_unwrap(session) {
                Ok(session) => session.into_inner().close().await,
                // The phone's queue still holds it: it ends when that lets go.
                Err(session) => drop(session),
            }
            tracing::debug!(?source, "an SSH session was ended");
        }
    }
}

impl Player<'_> {
    /// Where keys and acts of this run come from.
    pub(super) fn source(&self) -> Source {
        let held = self.hold.as_ref().map(Hold::source);
        held.or_else(|| self.hands.source())
            .unwrap_or_else(|| self.shared.parts.control.source())
    }

    /// Takes the wheel for the run, or finds that it still has it: nobody else's key comes between what was seen and what
    /// is pressed, not even one of the same person.
    pub(super) fn hold_wheel(&mut self) -> Result<(), Ending> {
        let (control, phone) = (&self.shared.parts.control, self.phone.id);
        let Some(hold) = &self.hold else {
            self.nobody_drives()?;
            let held = control.hold(&self.may, phone, self.source(), &self.piece.name);
            self.hold = Some(held.map_err(|driver| Ending::skipped(Skip::Driven, driver.in_the_way()))?);
            return Ok(());
        };
        if hold.is_kept() {
            return Ok(());
        }
        let taken = || "The wheel was taken from the run; nothing was sent".to_owned();
        let evidence = control.driver(phone).map_or_else(taken, |driver| driver.in_the_way());
        let missed = Missed {
            how: How::Driven,
            trouble: Trouble::new(Cause::None, evidence),
        };
        self.missed(missed, false)
    }

    /// Presses one key through the phone's queue and waits for its outcome.
    pub(super) async fn send_key(&self, key: &Key) -> Result<(), Missed> {
        let (control, phone) = (&self.shared.parts.control, self.phone.id);
        let keys = vec![self.as_pressed(key)];
        let queued = match &self.hands {
            Hands::Web(source) => control.press_from(*source, &self.may, phone, keys).await,
            Hands::Ssh(source, session) => control.press_over_ssh(*source, &self.may, phone, session, keys).await,
            Hands::Undecided => return Err(no_way()),
        };
        let pressed = Pressing::outcome(queued.map_err(refused)?).await;
        let Some(pressed) = pressed.into_iter().next() else {
            return Ok(());
        };
        let how = match pressed.outcome {
            Outcome::Sent => return Ok(()),
            Outcome::Refused => How::Refused,
            Outcome::Failed => How::Doubtful,
            Outcome::NotSent => {
                let driver = control.driver(phone);
                if driver.is_some_and(|driver| driver.user != self.viewer.user) {
                    How::Driven
                } else {
                    How::NotSent
                }
            }
        };
        let trouble = pressed.trouble.unwrap_or_else(|| {
            let evidence = format!("{key} was not taken");
            Trouble::new(Cause::None, evidence)
        });
        Err(Missed { how, trouble })
    }

    /// Over SSH the key of the applications goes by the name of the settings (phone-xml-api.md 7.4): 78xx and 88xx have one
    /// key for both.
    fn as_pressed(&self, key: &Key) -> Key {
        let named = || "Settings".parse().ok();
        let applications = matches!(self.hands, Hands::Ssh(..)) && key.as_str() == "Applications";
        applications.then(named).flatten().unwrap_or_else(|| key.clone())
    }

    /// Runs one URI on the phone.
    pub(super) async fn send_item(&self, url: ExecuteUrl, priority: u8) -> Result<(), Missed> {
        let shown = url.as_str().split(':').next().unwrap_or_default().to_owned();
        let (control, items) = (&self.shared.parts.control, vec![ExecuteItem { url, priority }]);
        let answers = control
            .execute_from(self.source(), &self.may, self.phone.id, items, false)
            .await
            .map_err(not_executed)?;
        match answers.into_iter().find(|answer| answer.status != 0) {
            None => Ok(()),
            Some(answer) => Err(Missed {
                how: How::Refused,
                trouble: Trouble::new(
                    Cause::PhoneInternalError,
                    format!(
                        "The phone answered {shown} with status {}: {}",
                        answer.status, answer.data
                    ),
                ),
            }),
        }
    }

    /// What a key or an act that was not taken means for the run. Only the proof after the last destructive step tells
    /// whether a phone that went away did what it was told (phone-xml-api.md 1.4, trap 35).
    pub(super) fn missed(&mut self, missed: Missed, is_destructive: bool) -> Result<(), Ending> {
        let Missed { how, trouble } = missed;
        let may_have_worked = match how {
            How::Doubtful => is_destructive || self.state.destructive,
            How::NotSent => self.state.destructive,
            How::Driven | How::Refused => false,
        };
        self.state.destructive |= is_destructive && how == How::Doubtful;
        if may_have_worked && self.state.proof_next {
            self.state.doubt = Some(trouble.evidence);
            return Ok(());
        }
        let ending = Ending::failed_by(&trouble);
        Err(match how {
            How::Driven if self.state.taken <= 1 || !self.state.touched => {
                Ending::skipped(Skip::Driven, ending.evidence)
            }
            How::Driven => Ending::stopped(ending.evidence),
            How::NotSent | How::Refused => ending,
            How::Doubtful => Ending {
                end: RunEnd::Unsure,
                ..ending
            },
        })
    }
}

/// After the session was ended, nobody looked which phone its web server is.
fn no_way() -> Missed {
    let evidence = "No key is pressed after the SSH session was ended for the proof";
    Missed {
        how: How::NotSent,
        trouble: Trouble::new(Cause::None, evidence),
    }
}

/// Why a key was not even queued.
fn refused(refusal: Refusal) -> Missed {
    let how = match &refusal {
        Refusal::Driven(_) => How::Driven,
        _ => How::NotSent,
    };
    let trouble = match refusal {
        Refusal::Blocked(trouble) => trouble,
        Refusal::Driven(driver) => Trouble::new(Cause::None, driver.in_the_way()),
        other => Trouble::new(Cause::None, format!("{other}; nothing was sent")),
    };
    Missed { how, trouble }
}

/// Why an item was not run.
pub(super) fn not_executed(error: ExecuteError) -> Missed {
    let none = Cause::None;
    match error {
        ExecuteError::Driven(driver) => Missed {
            how: How::Driven,
            trouble: Trouble::new(none, driver.in_the_way()),
        },
        ExecuteError::Trouble(trouble) => Missed {
            how: if is_in_doubt(&trouble) {
                How::Doubtful
            } else {
                How::Refused
            },
            trouble,
        },
        ExecuteError::Emergency(number) => Missed {
            how: How::NotSent,
            trouble: Trouble::new(none, format!("{number} is an emergency number; a macro never dials it")),
        },
        other => Missed {
            how: How::NotSent,
            trouble: Trouble::new(none, format!("{other}; nothing was sent")),
        },
    }
}
