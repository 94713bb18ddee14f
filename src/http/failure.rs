//! One value for everything that can go wrong with a request; pages render it as a page, the API as problem JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::control::{Driver, Refusal};
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::PhoneId;
use crate::macros::Mistake;

/// Why a request was not served. It travels in the extensions of an empty response; the middleware of the route group
/// turns it into a page or into `application/problem+json`.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The status.
    pub status: StatusCode,
    /// What happened, in a few words.
    pub title: String,
    /// More, and what to do.
    pub detail: String,
    /// The cause, when a phone or CUCM failed.
    pub cause: Option<Cause>,
    /// The phone that failed.
    pub phone: Option<PhoneId>,
    /// Who drives the phone, when that is in the way.
    pub driver: Option<Driver>,
    /// Problems by field of the request.
    pub fields: BTreeMap<String, String>,
    /// Mistakes in a macro's text.
    pub mistakes: Vec<Mistake>,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// Number under which the log tells more; only with status 500.
    pub incident: Option<String>,
}

impl Failure {
    /// A failure with this status.
    pub fn new(status: StatusCode, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            status,
            title: title.into(),
            detail: detail.into(),
            cause: None,
            phone: None,
            driver: None,
            fields: BTreeMap::new(),
            mistakes: Vec::new(),
            retry_after: None,
            incident: None,
        }
    }

    /// 400: the request cannot be read.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The request cannot be read", detail)
    }

    /// 401: nobody is signed in, or the token is unknown.
    pub fn unauthenticated() -> Self {
        let detail = "Send a token: Authorization: Bearer TOKEN. Tokens are made on the account page.";
        Self::new(StatusCode::UNAUTHORIZED, "Sign in first", detail)
    }

    /// 403: known, but not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Not allowed", detail)
    }

    /// 404: there is no such thing, or not for this person.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("No such {what}"),
            "It may have been removed, or the address is wrong.",
        )
    }

    /// 409: what is there already does not allow it.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "That conflicts with what is there", detail)
    }

    /// 422: understood, but not acceptable.
    pub fn unacceptable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "That cannot be done", detail)
    }

    /// 422 with a problem at each field named.
    pub fn fields(fields: BTreeMap<String, String>) -> Self {
        let detail = fields
            .iter()
            .map(|(field, problem)| format!("{field}: {problem}"))
            .collect::<Vec<_>>()
            .join("; ");
        Self {
            fields,
            ..Self::unacceptable(detail)
        }
    }

    /// 422 with every mistake in the text of a macro. Nothing was saved.
    pub fn mistakes(mistakes: Vec<Mistake>) -> Self {
        let detail = match mistakes.as_slice() {
            [one] => format!("{one}. Nothing was saved."),
            many => format!("The text has {} mistakes. Nothing was saved.", many.len()),
        };
        Self {
            mistakes,
            ..Self::unacceptable(detail)
        }
    }

    /// 429: too much at once.
    pub fn too_many(detail: impl Into<String>, retry_after: Duration) -> Self {
        let failure = Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many at once", detail);
        Self {
            retry_after: Some(retry_after),
            ..failure
        }
    }

    /// A phone or CUCM failed: the status tells programs whether it refused, stayed silent or is simply like that.
    pub fn trouble(trouble: &Trouble, phone: Option<PhoneId>) -> Self {
        let Some(cause) = trouble.named() else {
            let unavailable = StatusCode::SERVICE_UNAVAILABLE;
            return Self::new(unavailable, "That was not done", sentence(&trouble.evidence));
        };
        let detail = if trouble.evidence.is_empty() {
            cause.next_step().to_owned()
        } else {
            format!("{} {}", sentence(&trouble.evidence), cause.next_step())
        };
        Self {
            cause: Some(cause),
            phone,
            ..Self::new(status_of(cause), cause.title(), detail)
        }
    }

    /// Keys that were not even queued.
    pub fn refusal(refusal: &Refusal, phone: PhoneId) -> Self {
        match refusal {
            Refusal::QueueFull => Self::too_many(format!("{refusal}. Nothing was sent."), Duration::from_secs(2)),
            Refusal::Blocked(trouble) => Self::trouble(trouble, Some(phone)),
            Refusal::Driven(driver) => Self::driven(driver, phone),
            Refusal::NoKeys | Refusal::TooManyKeys | Refusal::NoSuchKey { .. } | Refusal::NoSshCode(_) => Self {
                phone: Some(phone),
                ..Self::unacceptable(format!("{refusal}. Nothing was sent."))
            },
        }
    }

    /// 409: somebody else drives the phone; nothing was sent.
    pub fn driven(driver: &Driver, phone: PhoneId) -> Self {
        let failure = Self::new(
            StatusCode::CONFLICT,
            "Somebody else drives this phone",
            sentence(&driver.in_the_way()),
        );
        Self {
            phone: Some(phone),
            driver: Some(driver.clone()),
            ..failure
        }
    }

    /// 500: our own fault. The reason goes to the log under an incident number, never into the answer.
    pub fn incident(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut number = [0_u8; 4];
        let _ = getrandom::fill(&mut number);
        let incident = number
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        tracing::error!(incident, error = %chain(error), "incident {incident}");
        let detail = "This is our fault. It is in the server's log under the number below.";
        let failure = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here", detail);
        Self {
            incident: Some(incident),
            ..failure
        }
    }
}

/// 504 timed out, 502 refused or nonsense, 409 not possible as things are.
fn status_of(cause: Cause) -> StatusCode {
    match cause {
        Cause::PhoneUnreachable | Cause::PhoneNotAnswering | Cause::PhoneSlow | Cause::CucmUnreachable => {
            StatusCode::GATEWAY_TIMEOUT
        }
        Cause::ModelWithoutControl
        | Cause::ScreenshotUnsupported
        | Cause::PhoneAddressMissing
        | Cause::PhoneNotRegistered
        | Cause::PhoneUnknown
        | Cause::PhoneAddressStale => StatusCode::CONFLICT,
        Cause::RisQuotaExhausted | Cause::PhoneRestarting => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_GATEWAY,
    }
}

fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    format!("{text}.")
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}

impl From<crate::diagnosis::readiness::Error> for Failure {
    fn from(error: crate::diagnosis::readiness::Error) -> Self {
        use crate::diagnosis::readiness::Error;
        match error {
            Error::Inventory(error) => error.into(),
            Error::Store(error) => error.into(),
        }
    }
}

impl From<crate::store::Error> for Failure {
    fn from(error: crate::store::Error) -> Self {
        Self::incident(&error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
