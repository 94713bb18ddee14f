//! Carrying a plan out.

use sha2::{Digest as _, Sha256};

use super::apply::as_json;
use super::kept::Kept;
use super::plan::Act;
use super::types::Apply;
use super::{Case, RemedyError, Shared, association, push, urls, vendor};
use crate::cucm::{self, Login};
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::{ClusterId, PhoneId, RemedyRunId};
use crate::inventory::{self, ClusterPatch, ControlPatch, LoginPatch, TlsDraft};
use crate::security::{ManageClusters, May, PressKeys};
use crate::store::remedies as rows;

/// Why something was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mishap {
    /// Everything is as it was before.
    Failed(Trouble),
    /// Nobody knows what CUCM made of it.
    Doubtful(Trouble),
    /// Somebody changed it between the plan and the writing; nothing was written.
    Changed(String),
    /// The CUCM login may only read; nothing was changed.
    ReadOnly,
}

impl Mishap {
    pub(super) fn failed(cause: Cause, evidence: impl Into<String>) -> Self {
        Self::Failed(Trouble::new(cause, evidence))
    }

    /// A question before anything was sent: whatever became of it, nothing was changed.
    pub(super) fn unread(error: &cucm::Error) -> Self {
        Self::failed(error.cause(), error.evidence())
    }

    pub(super) fn doubtful(cause: Cause, evidence: impl Into<String>) -> Self {
        Self::Doubtful(Trouble::new(cause, evidence))
    }
}

/// Of a change that was sent.
impl From<cucm::Error> for Mishap {
    fn from(error: cucm::Error) -> Self {
        let trouble = Trouble::new(error.cause(), error.evidence());
        if error.is_read_only() {
            Self::ReadOnly
        } else if error.is_doubtful() {
            Self::Doubtful(trouble)
        } else {
            Self::Failed(trouble)
        }
    }
}

impl From<inventory::Error> for Mishap {
    fn from(error: inventory::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Of a right that ended meanwhile.
impl From<crate::security::Denied> for Mishap {
    fn from(denied: crate::security::Denied) -> Self {
        Self::failed(Cause::None, denied.to_string())
    }
}

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// What to know about it; may be empty.
    pub(super) note: String,
    /// The phone to look at, when it is another one now.
    pub(super) phone: Option<PhoneId>,
    /// Whether the phone's web server must come up first.
    pub(super) wait_for_web_server: bool,
}

impl Done {
    fn noted(note: Option<String>) -> Self {
        Self {
            note: note.unwrap_or_default(),
            ..Self::default()
        }
    }
}

impl Shared {
    /// Carries a plan out and reads back what came of it. The caller holds the cluster's lock and has written the line.
    pub(super) async fn act(&self, case: &Case, act: &Act) -> Result<Done, Mishap> {
        let cucm = &case.subject.cucm;
        match act {
            Act::Associate {
                user,
                end_user,
                device,
                devices,
            } => {
                let way = association::add(cucm, (user, *end_user), device, devices).await?;
                self.note_way(case.subject.cluster.id, way);
                Ok(Done::default())
            }
            Act::Vendor(write) => {
                vendor::write(cucm, write).await?;
                let note = push::take(case, &write.device).await;
                Ok(Done {
                    wait_for_web_server: note.is_none() && write.turns_on_web_access(),
                    ..Done::noted(note)
                })
            }
            Act::Urls(write) => {
                urls::write(cucm, write).await?;
                Ok(Done::noted(push::take(case, &write.device).await))
            }
            Act::Push(push, device) => push::order(case, *push, device).await.map(|()| Done::default()),
            Act::Unlock { user, end_user } => unlock(cucm, user, *end_user).await.map(|()| Done::default()),
            Act::Certificate(fingerprint) => {
                let tls = TlsDraft {
                    mode: "pinned".to_owned(),
                    fingerprint_sha256: Some(fingerprint.to_string()),
                    ca_pem: None,
                };
                self.patch(
                    case,
                    ClusterPatch {
                        tls: Some(tls),
                        ..ClusterPatch::default()
                    },
                )
                .await
            }
            Act::CucmLogin => {
                let control_login = ControlPatch::CucmLogin;
                self.patch(
                    case,
                    ClusterPatch {
                        control_login,
                        ..ClusterPatch::default()
                    },
                )
                .await
            }
            Act::ControlLogin {
                username,
                password,
                unproved,
            } => {
                let note = proved(cucm, username, password, *unproved).await?;
                let control_login = ControlPatch::Change(LoginPatch {
                    username: Some(username.clone()),
                    password: Some(password.clone()),
                });
                self.patch(
                    case,
                    ClusterPatch {
                        control_login,
                        ..ClusterPatch::default()
                    },
                )
                .await?;
                Ok(Done::noted(note))
            }
            Act::Address(address) => {
                let may: May<PressKeys> = case.viewer.may()?;
                let phone = case.subject.phone.id;
                self.parts.inventory.set_address(&may, phone, Some(*address)).await?;
                Ok(Done::default())
            }
            Act::ByAddress(address) => {
                let may: May<PressKeys> = case.viewer.may()?;
                let cluster = case.subject.cluster.id;
                let added = self.parts.inventory.add_by_address(&may, cluster, *address).await?;
                Ok(Done {
                    note: format!("this is {}", added.phone.name),
                    phone: Some(added.phone.id),
                    ..Done::default()
                })
            }
        }
    }

    async fn patch(&self, case: &Case, patch: ClusterPatch) -> Result<Done, Mishap> {
        let may: May<ManageClusters> = case.viewer.may()?;
        let cluster = case.subject.cluster.id;
        self.parts.inventory.change_cluster(&may, cluster, patch).await?;
        Ok(Done::default())
    }

    /// What undo needs, as it is before the act.
    pub(super) async fn keep(&self, case: &Case, act: &Act) -> Result<(Kept, Option<Vec<u8>>), RemedyError> {
        let cluster = &case.subject.cluster;
        let kept = Kept::of(act, &case.subject);
        let sealed = match act {
            Act::CucmLogin | Act::ControlLogin { .. } => self.parts.inventory.sealed_control_login(cluster.id).await?,
            _ => None,
        };
        Ok((kept, sealed))
    }

    /// Adds to what is kept what only the act made: which sealed password it left, so that undo sees another one.
    pub(super) async fn keep_after(&self, case: &Case, run: RemedyRunId, act: &Act) -> Result<(), RemedyError> {
        let Act::ControlLogin { .. } = act else { return Ok(()) };
        let Kept::ControlLogin { before, after, .. } = Kept::of(act, &case.subject) else {
            return Ok(());
        };
        let kept = as_json(&Kept::ControlLogin {
            before,
            after,
            after_password: self.password_mark(case.subject.cluster.id).await?,
        });
        let mut tx = self.parts.store.begin().await?;
        rows::set_kept(&mut tx, run, &kept).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A short word for the sealed control password that a cluster has now: another one after each change, even to the same
    /// password.
    pub(super) async fn password_mark(&self, cluster: ClusterId) -> Result<Option<String>, RemedyError> {
        let sealed = self.parts.inventory.sealed_control_login(cluster).await?;
        Ok(sealed.map(|sealed| {
            let digest = Sha256::digest(sealed);
            digest
                .iter()
                .fold(String::new(), |mark, byte| mark + &format!("{byte:02x}"))
        }))
    }
}

/// Checks what must come with the order but is no part of the preview.
pub(super) fn complete(act: &Act, given: &Apply) -> Result<(), RemedyError> {
    let missing = |field, problem: &str| {
        Err(RemedyError::Invalid {
            field,
            problem: problem.to_owned(),
        })
    };
    match act {
        Act::ControlLogin { .. } if given.password.is_none() => missing("password", "the user's password is needed"),
        Act::Certificate(_) if given.token.is_none() => missing(
            "token",
            "look at both certificates first: the preview gives the token that belongs to the one it shows",
        ),
        _ => Ok(()),
    }
}

/// What it means that things are as before after a change was sent: CUCM did not make it, or, when its answer was not
/// understood, may still make it.
pub(super) fn unchanged(cause: Cause, doubt: Option<String>, what: &str) -> Mishap {
    match doubt {
        None => Mishap::failed(
            cause,
            format!("CUCM said that it made the change, and still has {what}"),
        ),
        Some(doubt) => Mishap::doubtful(
            cause,
            format!("{doubt}; for now CUCM has {what}, and may still make the change"),
        ),
    }
}

/// Takes the lock away, and looks whether it is gone.
async fn unlock(cucm: &cucm::Cucm, user: &str, end_user: bool) -> Result<(), Mishap> {
    let doubt = match cucm.unlock_user(user, end_user).await {
        Ok(()) => None,
        Err(error) if error.is_doubtful() => Some(error),
        Err(error) => return Err(error.into()),
    };
    match (cucm.user_of_kind(user, end_user).await, doubt) {
        (Ok(Some(told)), Some(doubt)) if told.locked => Err(Mishap::doubtful(
            doubt.cause(),
            format!("{}; for now {user} is still locked", doubt.evidence()),
        )),
        (Ok(Some(told)), None) if told.locked => Err(Mishap::failed(
            Cause::ControlLoginLocked,
            format!("CUCM took the order, and {user} is still locked"),
        )),
        (Ok(_), _) => Ok(()),
        (Err(error), _) => Err(Mishap::doubtful(error.cause(), error.evidence())),
    }
}

/// Asks CUCM once whether a password is right. One that cannot be proved, such as that of a paging server's user, is taken
/// only when a person has agreed to that.
async fn proved(
    cucm: &cucm::Cucm,
    username: &str,
    password: &secrecy::SecretString,
    unproved: bool,
) -> Result<Option<String>, Mishap> {
    let login = Login {
        username: username.to_owned(),
        password: password.clone(),
    };
    let why = match cucm.check_password(&login).await {
        Ok(told) if told.authenticated => return Ok(None),
        Ok(told) if told.known => {
            return Err(Mishap::failed(
                Cause::ControlLoginRejected,
                format!("CUCM does not take this password for {username}, or the user is locked; nothing was changed"),
            ));
        }
        Ok(_) => {
            format!("CUCM has no user {username}: it must be one of the server that the Authentication URL belongs to")
        }
        Err(error) => format!("whether the password is right is not known: {}", error.evidence()),
    };
    if unproved {
        Ok(Some(why))
    } else {
        Err(Mishap::failed(
            Cause::ControlLoginRejected,
            format!("{why}; nothing was changed"),
        ))
    }
}
