//! Why a remedy was not applied.

use super::Guide;
use crate::cucm;
use crate::domain::cause::{Cause, Trouble};
use crate::inventory;
use crate::security::Denied;
use crate::store;

/// Why a remedy was not applied, shown or taken back. Unless it says otherwise, CUCM and what is kept here are as before.
#[derive(Debug, thiserror::Error)]
pub enum RemedyError {
    /// The viewer's role does not carry it.
    #[error("{0}")]
    Denied(#[from] Denied),
    /// No such phone, or not one this viewer may know of.
    #[error("there is no such phone")]
    UnknownPhone,
    /// No such run, or not one this viewer may know of.
    #[error("there is no such run of a remedy")]
    UnknownRun,
    /// Nobody but a person can do it here; how is in the guide.
    #[error("this is done by hand: {}", .0.why)]
    Guided(Box<Guide>),
    /// It makes no sense as things are.
    #[error("{}", .0.evidence)]
    NotPossible(Trouble),
    /// What was previewed has changed since.
    #[error("what was shown has changed meanwhile: {0}")]
    Changed(String),
    /// Somebody has done it meanwhile.
    #[error("{0}")]
    AlreadyDone(String),
    /// It must be confirmed by typing this.
    #[error("type {expected} to confirm: {why}")]
    Unconfirmed {
        /// What to type.
        expected: String,
        /// What for.
        why: String,
    },
    /// What was typed cannot be used.
    #[error("{problem}")]
    Invalid {
        /// `input`, `password` or `token`.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// It was tried, and everything is as it was before.
    #[error("{}", .0.evidence)]
    Failed(Trouble),
    /// It was tried, and nobody knows what CUCM made of it.
    #[error("{}; look at the phone in CUCM before you try again", .0.evidence)]
    Doubtful(Trouble),
    /// It cannot be taken back.
    #[error("{0}")]
    NotUndoable(String),
    /// The audit trail cannot be written, so nothing was done.
    #[error("nothing was changed, because the audit trail could not be written")]
    Unrecorded,
    /// Another change of this cluster takes too long to wait for.
    #[error("somebody else is writing to this cluster; nothing was changed: try again in a minute")]
    Busy,
    /// The program stops.
    #[error("the server is stopping; nothing was begun")]
    Stopping,
    /// The inventory does not do it.
    #[error(transparent)]
    Inventory(inventory::Error),
    /// The database does not do it.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl RemedyError {
    /// It makes no sense as things are, for this reason.
    pub(super) fn not_possible(cause: Cause, evidence: impl Into<String>) -> Self {
        Self::NotPossible(Trouble::new(cause, evidence))
    }

    /// The cause, when a phone or CUCM is to blame.
    pub fn cause(&self) -> Option<Cause> {
        match self {
            Self::NotPossible(trouble) | Self::Failed(trouble) | Self::Doubtful(trouble) => trouble.named(),
            Self::Inventory(error) => error.cause(),
            _ => None,
        }
    }
}

impl From<inventory::Error> for RemedyError {
    fn from(error: inventory::Error) -> Self {
        match error {
            inventory::Error::UnknownPhone | inventory::Error::UnknownCluster => Self::UnknownPhone,
            inventory::Error::Store(error) => Self::Store(error),
            other => Self::Inventory(other),
        }
    }
}

/// Of a question to CUCM, which changed nothing.
impl From<cucm::Error> for RemedyError {
    fn from(error: cucm::Error) -> Self {
        Self::not_possible(error.cause(), error.evidence())
    }
}
