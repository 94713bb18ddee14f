//! Why a job was not made, found or changed.

use crate::inventory;
use crate::security::Denied;
use crate::store;

/// Why a job, a run, a schedule or a saved filter was not made, found or changed. Nothing was begun.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such job, or not one this viewer may know of.
    #[error("there is no such job")]
    UnknownJob,
    /// No such run, or not one this viewer may know of.
    #[error("there is no such run")]
    UnknownRun,
    /// No such schedule, or not one this viewer may know of.
    #[error("there is no such schedule")]
    UnknownSchedule,
    /// No such saved filter, or one that this viewer may not use or change.
    #[error("there is no such saved filter")]
    UnknownFilter,
    /// Nothing is left to do.
    #[error("this job is over already")]
    Over,
    /// It does not wait for this.
    #[error("{0}")]
    NotHeld(&'static str),
    /// Nothing failed in it.
    #[error("no run of this job failed and was not tried again; runs that are unsure are chosen one by one")]
    NothingFailed,
    /// The viewer's role does not carry it.
    #[error("{0}")]
    Denied(#[from] Denied),
    /// What was asked for breaks a rule.
    #[error("{problem}")]
    Invalid {
        /// The field: `title`, `action`, `targets`, `brakes.at_once` and so on.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// What was previewed is not so any more.
    #[error("the phones, or what would be done to them, have changed since the preview; look at it again")]
    Changed,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandom,
    /// It must be confirmed by typing this.
    #[error("type {expected} to confirm")]
    Unconfirmed {
        /// What to type.
        expected: String,
    },
    /// Whoever made it cannot approve it.
    #[error("{}", own_approval(*.alone))]
    OwnApproval {
        /// Whether there is no other admin who can sign in.
        alone: bool,
    },
    /// They have a filter of this name.
    #[error("you have a filter of this name already")]
    NameTaken,
    /// The inventory.
    #[error(transparent)]
    Inventory(#[from] inventory::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

fn own_approval(alone: bool) -> &'static str {
    if alone {
        "a second admin must approve this, and there is no other admin who can sign in: add one under People, or do it \
         phone by phone from the phones' own pages"
    } else {
        "a second admin must approve this: whoever made it cannot"
    }
}

impl Error {
    pub(super) fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            problem: problem.into(),
        }
    }
}
