//! Why a macro is not played.

use super::super::MacroError;
use crate::domain::ids::MacroRunId;
use crate::inventory;
use crate::security::Denied;
use crate::store;

/// Why a run was not begun, found or told something. Nothing was sent to the phone.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// No such run, or not one this viewer may know of.
    #[error("there is no such run of a macro")]
    Unknown,
    /// The run is over.
    #[error("this run is over")]
    Over,
    /// A command that does not fit where the run stands, such as an answer to no question.
    #[error("{0}")]
    NotNow(&'static str),
    /// The right is missing.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The macro was written by a newer program.
    #[error("this version of the macro was written by a newer program and cannot be played")]
    Unreadable,
    /// An answer to one of the macro's questions is missing or wrong.
    #[error("{name}: {problem}")]
    Argument {
        /// The parameter.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The macro is for other phones.
    #[error("{0}")]
    OtherKind(String),
    /// A destructive macro needs the phone's name typed.
    #[error("type the phone's name, {0}, to play a macro that cannot be taken back")]
    Confirm(String),
    /// A parameter is an emergency number.
    #[error("{0} is an emergency number; a macro never dials it")]
    Emergency(String),
    /// A macro is played on the phone already.
    #[error("a macro is played on this phone already")]
    Busy(Option<MacroRunId>),
    /// Too many at once.
    #[error("{most} macros are played already; try again in a moment", most = super::MOST_AT_ONCE)]
    TooMany,
    /// The macro.
    #[error(transparent)]
    Macro(#[from] MacroError),
    /// The phone or its cluster.
    #[error(transparent)]
    Phone(#[from] inventory::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}
