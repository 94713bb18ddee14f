//! What goes wrong between us and a CUCM.

use std::fmt;
use std::time::Duration;

use crate::domain::cause::Cause;

/// Which service of CUCM was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// AXL: configuration.
    Axl,
    /// `RISPort70`: registration.
    Ris,
    /// `/ccmcip/authenticate.jsp`.
    Authentication,
    /// `/cucm-uds`.
    Uds,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Axl => "AXL",
            Self::Ris => "RIS",
            Self::Authentication => "the authenticate service",
            Self::Uds => "UDS",
        })
    }
}

/// A SOAP fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", axl_code.map(|code| format!(" (axlcode {code})")).unwrap_or_default())]
pub struct Fault {
    /// `faultcode`, with its prefix.
    pub fault_code: String,
    /// `axlcode`, where AXL gives one: 5007 is an object not found, -1 a size or memory limit.
    pub axl_code: Option<i64>,
    /// `axlmessage`, else `faultstring`; one line, capped.
    pub message: String,
}

/// Why a request to CUCM failed. Holds no secret and no URL.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// No TCP connection, or the name does not resolve.
    #[error("no connection for {service}: {reason}")]
    Unreachable {
        /// The service asked.
        service: Service,
        /// The system's words.
        reason: String,
    },
    /// The certificate is not the trusted one.
    #[error("CUCM's certificate is not trusted: {reason}")]
    TlsUntrusted {
        /// What is wrong with it.
        reason: String,
    },
    /// No TLS version or cipher in common.
    #[error("CUCM does not speak TLS 1.2 or newer: {reason}")]
    TlsTooOld {
        /// What the handshake said.
        reason: String,
    },
    /// Connected, then nothing for too long.
    #[error("{service} did not answer in time")]
    TimedOut {
        /// The service asked.
        service: Service,
    },
    /// HTTP 401.
    #[error("{service} answered 401: login refused")]
    LoginRejected {
        /// The service asked.
        service: Service,
    },
    /// HTTP 403.
    #[error("{service} answered 403: a role is missing")]
    RoleMissing {
        /// The service asked.
        service: Service,
    },
    /// Another HTTP status than 200, lasting.
    #[error("{service} answered HTTP {status}")]
    Status {
        /// The service asked.
        service: Service,
        /// The status.
        status: u16,
    },
    /// HTTP 599 and no version in common.
    #[error("no AXL version in common; CUCM offers {offered}")]
    VersionUnsupported {
        /// The versions offered, as one text.
        offered: String,
    },
    /// A SOAP fault.
    #[error("{service} answered a fault: {fault}")]
    Fault {
        /// The service asked.
        service: Service,
        /// The fault.
        fault: Fault,
    },
    /// The answer ended before its end.
    #[error("the answer of {service} was cut short")]
    Truncated {
        /// The service asked.
        service: Service,
    },
    /// The answer is longer than we take.
    #[error("the answer of {service} is longer than {limit} bytes")]
    TooLong {
        /// The service asked.
        service: Service,
        /// Our limit in bytes.
        limit: usize,
    },
    /// The answer is not what the service answers.
    #[error("the answer of {service} is not understood: {what}")]
    Malformed {
        /// The service asked.
        service: Service,
        /// What was wrong.
        what: String,
    },
    /// The limit of RIS queries is used up.
    #[error("RIS queries are used up; try again in {} s", wait.as_secs().max(1))]
    RisQuotaExhausted {
        /// After how long to try again.
        wait: Duration,
    },
    /// AXL has no such device.
    #[error("CUCM has no device {name}")]
    PhoneUnknown {
        /// The device name.
        name: String,
    },
    /// A user name that is never put into a query.
    #[error("this user name cannot be looked up: it has characters that CUCM user names do not have")]
    OddUserName,
    /// The connection itself makes no sense: host, CA file.
    #[error("{what}")]
    InvalidConnection {
        /// What is wrong.
        what: String,
    },
}

impl Error {
    /// The cause in the one list of design section 7.
    pub fn cause(&self) -> Cause {
        match self {
            Self::TlsUntrusted { .. } => Cause::CucmTlsUntrusted,
            Self::TlsTooOld { .. } => Cause::CucmTlsTooOld,
            Self::VersionUnsupported { .. } => Cause::AxlVersionUnsupported,
            Self::RisQuotaExhausted { .. } => Cause::RisQuotaExhausted,
            Self::PhoneUnknown { .. } => Cause::PhoneUnknown,
            Self::OddUserName => Cause::CucmLoginRejected,
            Self::InvalidConnection { .. } => Cause::CucmUnreachable,
            Self::Unreachable { service, .. } | Self::TimedOut { service } => match service {
                Service::Authentication => Cause::AuthenticationServiceDown,
                Service::Axl | Service::Ris | Service::Uds => Cause::CucmUnreachable,
            },
            Self::LoginRejected { service } => match service {
                Service::Authentication => Cause::AuthenticationServiceDown,
                Service::Axl | Service::Ris | Service::Uds => Cause::CucmLoginRejected,
            },
            Self::RoleMissing { service } => match service {
                Service::Authentication => Cause::AuthenticationServiceDown,
                Service::Axl | Service::Ris | Service::Uds => Cause::CucmRoleMissing,
            },
            Self::Status { service, .. }
            | Self::Fault { service, .. }
            | Self::Truncated { service }
            | Self::TooLong { service, .. }
            | Self::Malformed { service, .. } => service_down(*service),
        }
    }

    /// What was seen, in one readable line; never a secret.
    pub fn evidence(&self) -> String {
        one_line(&self.to_string(), 300)
    }

    /// Whether AXL answered and told that the object is not there.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Self::Fault { fault, .. } if fault.axl_code == Some(5007))
    }
}

fn service_down(service: Service) -> Cause {
    match service {
        Service::Axl | Service::Uds => Cause::AxlUnavailable,
        Service::Ris => Cause::RisUnavailable,
        Service::Authentication => Cause::AuthenticationServiceDown,
    }
}

/// A text of the server's in one line of at most `limit` characters.
pub(super) fn one_line(text: &str, limit: usize) -> String {
    let mut line = String::new();
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
    {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > limit * 4 {
            break;
        }
    }
    match line.char_indices().nth(limit) {
        Some((at, _)) => {
            line.truncate(at);
            line.push('…');
            line
        }
        None => line,
    }
}
