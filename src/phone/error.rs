//! Why a phone did not do what it was asked.

use crate::domain::cause::Cause;
use crate::domain::execute::InvalidExecute;
use crate::domain::key::Key;

/// The HTTP client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client for phones could not be made: {0}")]
pub struct BuildError(pub(super) String);

/// What went wrong, to the detail that decides a cause or a next try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// The address is outside the cluster's phone networks: nothing was sent.
    #[error("the address is outside the cluster's phone networks; nothing was sent")]
    OutsideNetworks,
    /// The model has no web server that takes keys or gives pictures: nothing was sent.
    #[error("this model cannot be controlled over its web server; nothing was sent")]
    ModelWithoutControl,
    /// The model gives no picture, or every known path was answered 404.
    #[error("the phone gives no picture of its screen")]
    ScreenshotUnsupported,
    /// Others of this server were in front of the phone until the asker's time was up: nothing was sent.
    #[error("other requests of this server were in front of the phone; nothing was sent")]
    Queued,
    /// The request breaks a limit of phones: nothing was sent.
    #[error("{0}; nothing was sent")]
    InvalidRequest(InvalidExecute),
    /// No connection within the limit, or no route.
    #[error("no connection within the limit")]
    Unreachable,
    /// The connection was refused, or reset before the first byte of an answer.
    #[error("the connection was refused")]
    Refused,
    /// The TLS handshake failed: older phones speak TLS 1.0 only.
    #[error("no common TLS version or cipher")]
    Handshake,
    /// Connected, then no byte within the limit.
    #[error("connected, but no answer within the limit")]
    Silent,
    /// The answer began and did not end within the limit.
    #[error("the answer began but did not end within the limit")]
    Slow,
    /// The connection ended in the middle of an answer that was being read.
    #[error("the answer was cut short")]
    Truncated,
    /// The answer is longer than the cap.
    #[error("the answer is longer than the limit")]
    TooLong,
    /// HTTP 401 in spite of credentials, or for want of them.
    #[error("the phone asks for another login (HTTP 401)")]
    Unauthorized,
    /// HTTP 403 from the phone itself.
    #[error("the phone forbids it (HTTP 403)")]
    Forbidden,
    /// HTTP 404.
    #[error("the phone knows no such path (HTTP 404)")]
    NotFound,
    /// Another HTTP status.
    #[error("unexpected HTTP status {0}")]
    Status(u16),
    /// A redirect to another host, which is never followed.
    #[error("redirected to another host; not followed")]
    RedirectElsewhere,
    /// Something that is no phone answered: a `Via` header or a foreign page.
    #[error("something other than the phone answered")]
    Foreign,
    /// `CiscoIPPhoneError` with its number (phone-xml-api.md 2.3).
    #[error("the phone answered CiscoIPPhoneError {0}")]
    PhoneError(u32),
    /// A `ResponseItem` with a status other than 0: the key or URI was not taken.
    #[error("the phone refused the item with status {status}: {data}")]
    ItemRefused {
        /// The item's status.
        status: i32,
        /// The phone's word on it.
        data: String,
    },
    /// An answer that is no document of the kind asked for.
    #[error("the answer is not what was asked for")]
    Unreadable,
    /// An answer to a screenshot that is no picture.
    #[error("the answer is no picture")]
    NoPicture,
    /// Keys over SSH.
    #[error("{0}")]
    Ssh(SshFailure),
}

/// What went wrong over SSH.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SshFailure {
    /// The model takes no keys over SSH: nothing was sent.
    #[error("this model takes no keys over SSH; nothing was sent")]
    Model,
    /// The phone takes no SSH connection, or the session is over: nothing was sent.
    #[error("the phone takes no SSH connection; SSH access is off in CUCM, or the phone is restarting")]
    Refused,
    /// What answers does not speak SSH as this program does.
    #[error("the phone's SSH could not be used")]
    Broken,
    /// The host key is not the one that was learned: no login was sent.
    #[error("another host key than the one that was learned for this phone; no login was sent")]
    HostKey,
    /// One of the two logins was refused.
    #[error("the phone refused the SSH login")]
    Login,
    /// The key has no number over SSH: nothing was sent.
    #[error("{0} cannot be pressed over SSH; nothing was sent")]
    NoCode(Key),
    /// This cannot be dialled over SSH: nothing was sent.
    #[error("this cannot be dialled over SSH; nothing was sent")]
    Number,
    /// The shell answered that it does not take the command.
    #[error("the phone's shell refused the command")]
    Command,
    /// The prompt did not come back after a command: it may have been carried out.
    #[error("the phone's shell did not come back to its prompt")]
    NoPrompt,
}

impl From<SshFailure> for ErrorKind {
    fn from(failure: SshFailure) -> Self {
        Self::Ssh(failure)
    }
}

impl SshFailure {
    fn cause(&self) -> Cause {
        match self {
            Self::Model => Cause::ModelWithoutControl,
            Self::Refused => Cause::PhoneUnreachable,
            // Another host key means another device, a phone that was replaced, or one that was reset. Only the first does
            // harm, so that is what is said.
            Self::HostKey => Cause::PhoneAddressStale,
            Self::Login => Cause::ControlLoginRejected,
            Self::NoCode(_) | Self::Number => Cause::None,
            Self::Broken | Self::NoPrompt => Cause::PhoneNotAnswering,
            Self::Command => Cause::PhoneInternalError,
        }
    }
}

/// One failed conversation with a phone.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{kind} ({evidence})")]
pub struct Error {
    kind: ErrorKind,
    evidence: String,
    sent: bool,
}

impl Error {
    pub(super) fn new(kind: impl Into<ErrorKind>, evidence: impl Into<String>, sent: bool) -> Self {
        Self {
            kind: kind.into(),
            evidence: evidence.into(),
            sent,
        }
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The cause of design section 7.
    ///
    /// Error 0 of a phone means that it could not reach or use its Authentication URL (phone-xml-api.md 2.3); which of
    /// name, port, path or trust it was is for the diagnosis to find. A 403 without a
    /// proxy's `Via`, and a 404 to a key or a page, come from a web server that is on but does not serve it, which is what
    /// read-only access looks like; for a picture it only means that
    /// the next way must be tried.
    pub fn cause(&self) -> Cause {
        match &self.kind {
            ErrorKind::OutsideNetworks | ErrorKind::Unreachable => Cause::PhoneUnreachable,
            ErrorKind::ModelWithoutControl => Cause::ModelWithoutControl,
            ErrorKind::Ssh(failure) => failure.cause(),
            ErrorKind::ScreenshotUnsupported => Cause::ScreenshotUnsupported,
            ErrorKind::NotFound | ErrorKind::Forbidden => Cause::WebAccessReadOnly,
            ErrorKind::Refused | ErrorKind::Handshake => Cause::WebAccessDisabled,
            ErrorKind::Silent => Cause::PhoneNotAnswering,
            ErrorKind::Slow | ErrorKind::Queued | ErrorKind::Status(503) => Cause::PhoneSlow,
            ErrorKind::Truncated => Cause::ScreenshotTruncated,
            ErrorKind::TooLong | ErrorKind::NoPicture => Cause::ScreenshotUndecodable,
            ErrorKind::Unauthorized | ErrorKind::PhoneError(4) => Cause::AuthenticationRefused,
            ErrorKind::RedirectElsewhere | ErrorKind::Foreign => Cause::ProxyInPath,
            ErrorKind::PhoneError(0) => Cause::AuthenticationUrlUnreachable,
            ErrorKind::PhoneError(_)
            | ErrorKind::InvalidRequest(_)
            | ErrorKind::Status(_)
            | ErrorKind::ItemRefused { .. }
            | ErrorKind::Unreadable => Cause::PhoneInternalError,
        }
    }

    /// One line that a technician can read, without secrets and without dialled digits.
    pub fn evidence(&self) -> String {
        self.evidence.clone()
    }

    /// Whether bytes of the request may have reached the phone.
    pub fn was_sent(&self) -> bool {
        self.sent
    }
}
