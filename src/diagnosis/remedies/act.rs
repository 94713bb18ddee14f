//! Carrying a plan out.

use super::kept::Kept;
use super::plan::Act;
use super::types::Apply;
use super::{Case, RemedyError, Shared, association, push, urls, vendor};
use crate::cucm::{self, Login};
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::PhoneId;
use crate::inventory::{self, ClusterPatch, ControlPatch, LoginPatch, TlsDraft};
use crate::security::{ManageClusters, May, PressKeys};

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
            } => association::add(cucm, (user, *end_user), device, devices)
                .await
                .map(|()| Done::default()),
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
            Act::ControlLogin { username, password } => {
                let note = proved(cucm, username, password).await?;
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

/// Takes the lock away, and looks whether it is gone.
async fn unlock(cucm: &cucm::Cucm, user: &str, end_user: bool) -> Result<(), Mishap> {
    let sent = cucm.unlock_user(user, end_user).await;
    if let Err(error) = sent
        && !error.is_doubtful()
    {
        return Err(error.into());
    }
    match cucm.user_of_kind(user, end_user).await {
        Ok(Some(told)) if told.locked => Err(Mishap::failed(
            Cause::ControlLoginLocked,
            format!("CUCM took the order, and {user} is still locked"),
        )),
        Ok(_) => Ok(()),
        Err(error) => Err(Mishap::doubtful(error.cause(), error.evidence())),
    }
}

/// Asks CUCM once whether a password is right. A user of a paging server is none of CUCM's.
async fn proved(cucm: &cucm::Cucm, username: &str, password: &secrecy::SecretString) -> Result<Option<String>, Mishap> {
    let login = Login {
        username: username.to_owned(),
        password: password.clone(),
    };
    match cucm.check_password(&login).await {
        Ok(told) if told.authenticated => Ok(None),
        Ok(told) if told.known => Err(Mishap::failed(
            Cause::ControlLoginRejected,
            format!("CUCM does not take this password for {username}, or the user is locked; nothing was changed"),
        )),
        Ok(_) => Ok(Some(format!(
            "CUCM has no user {username}: it must be one of the server that the Authentication URL belongs to"
        ))),
        Err(error) => Ok(Some(format!(
            "whether the password is right is not known: {}",
            error.evidence()
        ))),
    }
}
