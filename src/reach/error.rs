//! Why somebody was not reached.

use crate::control::{Driver, ExecuteError};
use crate::domain::cause::Trouble;
use crate::inventory;
use crate::phone::{self, ErrorKind};
use crate::security::Denied;
use crate::store;

/// Why nothing was done, or what the phone said instead.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// What was typed or uploaded breaks a rule; nothing was sent.
    #[error("{problem}")]
    Invalid {
        /// Which field, by its name in forms and in the API.
        field: &'static str,
        /// What is wrong with it, as a sentence without a full stop.
        problem: String,
    },
    /// The role does not carry it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such phone, or not one that this viewer may know of.
    #[error("there is no such phone")]
    UnknownPhone,
    /// No such template, sound, background or announcement.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// Something of this name is there already.
    #[error("{0} exists already")]
    NameTaken(&'static str),
    /// More than are kept or run at once.
    #[error("{0}")]
    TooMany(String),
    /// It is in use now.
    #[error("{0}")]
    InUse(String),
    /// The phone cannot be controlled, refused, or did not answer.
    #[error("{}", .0.cause.title())]
    Blocked(Trouble),
    /// The phone is in a call, and is to be left alone then.
    #[error("{0}")]
    Busy(String),
    /// Somebody else drives the phone; nothing was sent.
    #[error("{}", .0.in_the_way())]
    Driven(Driver),
    /// A button would dial an emergency number; nothing was sent.
    #[error("{0} is an emergency number; a message never offers to dial one")]
    Emergency(String),
    /// The model cannot do that; nothing was sent.
    #[error("a {model} has no {what}")]
    Unsupported {
        /// What it lacks.
        what: &'static str,
        /// The model's name.
        model: String,
    },
    /// The phone takes keys, but no background and no ring tone: that is switched off for it in CUCM, or its load is too
    /// old.
    #[error(
        "the phone takes no background and no ring tone: Phone Personalization is off for it in CUCM, or its load is \
         older than 9.1 ({})", .0.evidence
    )]
    Personalization(Trouble),
    /// Phones cannot fetch anything from this server.
    #[error("phones cannot reach this server to fetch what is prepared for them ({0}); set reach.base_url")]
    NoBaseUrl(String),
    /// A file of this server cannot be read or written.
    #[error("a file of this server cannot be read or written: {0}")]
    File(#[from] std::io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The program ends.
    #[error("the server is stopping; nothing was sent")]
    Stopping,
}

impl ReachError {
    pub(super) fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            problem: problem.into(),
        }
    }

    /// The cause and its proof, where a phone or CUCM is to blame.
    pub fn trouble(&self) -> Option<&Trouble> {
        match self {
            Self::Blocked(trouble) | Self::Personalization(trouble) => Some(trouble),
            _ => None,
        }
    }
}

/// Whether a phone may have done what it was asked, though it failed: something was sent, and no clear no came back.
pub(super) fn in_doubt(error: &phone::Error) -> bool {
    let answered = matches!(
        error.kind(),
        ErrorKind::PhoneError(_)
            | ErrorKind::ItemRefused { .. }
            | ErrorKind::Unauthorized
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
    );
    error.was_sent() && !answered
}

impl From<ExecuteError> for ReachError {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Driven(driver) => Self::Driven(driver),
            ExecuteError::Trouble(trouble) => Self::Blocked(trouble),
            ExecuteError::Emergency(number) => Self::Emergency(number),
            other @ (ExecuteError::Invalid(_) | ExecuteError::NoSuchKey { .. }) => {
                Self::invalid("items", other.to_string())
            }
        }
    }
}

impl From<inventory::Error> for ReachError {
    fn from(error: inventory::Error) -> Self {
        match error {
            inventory::Error::UnknownPhone => Self::UnknownPhone,
            inventory::Error::Store(error) => Self::Store(error),
            other => Self::Blocked(other.into()),
        }
    }
}
