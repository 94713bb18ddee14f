//! Words that several checks use.

use crate::cucm::Error;

/// The HTTP status that an answer of CUCM had; none where there was no answer.
pub(super) fn status(error: &Error) -> Option<String> {
    let number = match error {
        Error::LoginRejected { .. } => 401,
        Error::RoleMissing { .. } => 403,
        Error::VersionUnsupported { .. } => 599,
        Error::Throttled => 503,
        Error::Status { status, .. } => *status,
        _ => return None,
    };
    Some(format!("HTTP {number}"))
}

/// Whether CUCM could not be talked to at all, which the checks of its address and certificate tell.
pub(super) fn is_unreached(error: &Error) -> bool {
    matches!(
        error,
        Error::NotResolved { .. }
            | Error::Refused { .. }
            | Error::Silent { .. }
            | Error::Unreachable { .. }
            | Error::NotTls { .. }
            | Error::TlsFailed { .. }
            | Error::TlsUntrusted { .. }
            | Error::TlsTooOld { .. }
            | Error::InvalidConnection { .. }
    )
}

/// A moment as people read it, to the minute and in UTC; from unix seconds.
pub(super) fn moment(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| "an unknown time".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

/// `1 device`, `2 devices`.
pub(super) fn counted(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
