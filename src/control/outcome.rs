//! What became of a key.

use crate::audit;
use crate::domain::cause::Trouble;
use crate::phone::{self, ErrorKind, SshFailure};

/// What became of a key (design, section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The phone took it. Phones drop keys in silence that do not fit: only the screen shows the effect.
    Sent,
    /// The phone answered no.
    Refused,
    /// No answer, or none that can be understood; the evidence says whether it may have reached the phone.
    Failed,
    /// Not tried, because a key before it was not taken, or because it is known that it would be refused.
    NotSent,
}

impl Outcome {
    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::NotSent => "not-sent",
        }
    }

    /// The same in the words of the audit trail.
    pub(super) fn in_trail(self) -> audit::Outcome {
        match self {
            Self::Sent => audit::Outcome::Done,
            Self::Refused => audit::Outcome::Refused,
            Self::Failed | Self::NotSent => audit::Outcome::Failed,
        }
    }
}

/// Whether a failed request was a no of the phone's, no request at all, or a doubt.
pub(super) fn outcome_of(error: &phone::Error) -> Outcome {
    match error.kind() {
        ErrorKind::PhoneError(_)
        | ErrorKind::ItemRefused { .. }
        | ErrorKind::Unauthorized
        | ErrorKind::Forbidden
        | ErrorKind::Ssh(SshFailure::Command) => Outcome::Refused,
        _ if !error.was_sent() => Outcome::NotSent,
        _ => Outcome::Failed,
    }
}

/// What the evidence of a request in doubt ends with.
const DOUBT: &str = "; it may have reached the phone all the same";

/// Whether a trouble is one of a request that may have reached the phone.
pub fn is_in_doubt(trouble: &Trouble) -> bool {
    trouble.evidence.ends_with(DOUBT)
}

/// The cause and its proof. A request in doubt says so: it is never repeated by itself.
pub(super) fn trouble_of(error: &phone::Error) -> Trouble {
    let doubt = outcome_of(error) == Outcome::Failed;
    let evidence = error.evidence();
    let evidence = if doubt { format!("{evidence}{DOUBT}") } else { evidence };
    Trouble::new(error.cause(), evidence)
}
