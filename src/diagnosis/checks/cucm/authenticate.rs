//! Whether CUCM's authenticate service answers at all, over https and over http. Asked with a user that does not exist.

use url::Url;

use crate::cucm::{AuthenticateForm, Error, Service, UrlAnswer};
use crate::diagnosis::seen::{AUTHENTICATE, Seen, is_service_word, within};
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Sign};
use crate::inventory::nobody;

/// 69xx phones are known to misread answers with more header lines than small servers send: CUCM's has ten
/// (phone-xml-api.md 1.3).
const MANY_HEADERS: usize = 6;

pub(in crate::diagnosis::checks) async fn authenticate_https(seen: &Seen) -> Finding {
    const CHECK: CheckId = CheckId::AuthenticateHttps;
    if seen.reached().await.is_err() {
        return Finding::skipped(CHECK, "CUCM was not reached, or is not trusted");
    }
    ask(seen, CHECK, "https", seen.subject.cluster.port).await
}

pub(in crate::diagnosis::checks) async fn authenticate_http(seen: &Seen) -> Finding {
    const CHECK: CheckId = CheckId::AuthenticateHttp;
    // The host that refuses one port may take another; one that is silent or has no address takes none.
    let probe = seen.reach().await;
    if probe.connected.is_none() && !probe.refused {
        return Finding::skipped(CHECK, "CUCM was not reached");
    }
    ask(seen, CHECK, "http", seen.subject.cluster.authentication_http_port).await
}

async fn ask(seen: &Seen, check: CheckId, scheme: &str, port: u16) -> Finding {
    let host = &seen.subject.cluster.host;
    let path = AuthenticateForm::Jsp.path();
    let (Ok(url), Some(device)) = (
        Url::parse(&format!("{scheme}://{host}:{port}{path}")),
        seen.asked_device(),
    ) else {
        return Finding::skipped(check, "the cluster's host makes no URL");
    };
    let secure = scheme == "https";
    let request = format!("GET {url}?UserID=…&Password=…&devicename={device}, with a made-up user");
    let user = nobody();
    let asked = seen.subject.cucm.ask_authentication_url(&url, &user, &device, &[]);
    let finding = match within(AUTHENTICATE, Service::AuthenticationUrl, asked).await {
        Ok(answer) if answer.status == 200 && is_service_word(&answer.word) => answers(check, secure, &answer),
        Ok(answer) if answer.status == 200 => {
            let evidence =
                format!("What answers on port {port} says something else than a word of the authenticate service");
            down(check, secure, evidence).detail("Word", &answer.word)
        }
        Ok(answer) => {
            let evidence = format!("The authenticate service answers HTTP {} on port {port}", answer.status);
            down(check, secure, evidence).detail("Status", format!("HTTP {}", answer.status))
        }
        Err(error) => down(check, secure, unanswered(&error, port)).detail("Error", error.evidence()),
    };
    finding.detail("Request", request)
}

fn answers(check: CheckId, secure: bool, answer: &UrlAnswer) -> Finding {
    let finding = if answer.authorized {
        let evidence = "The authenticate service says AUTHORIZED to a user that does not exist: it lets anybody control \
                        phones";
        Finding::warning(check, evidence)
    } else {
        let evidence = format!(
            "The authenticate service answers in {} ms, with {} header lines",
            answer.took.as_millis(),
            answer.headers
        );
        Finding::passed(check, evidence)
    };
    let finding = finding
        .sign(Sign::AuthenticateAnswers(secure))
        .detail("Status", "HTTP 200")
        .detail("Word", &answer.word)
        .detail("Header lines", header_lines(answer.headers))
        .detail("Took", format!("{} ms", answer.took.as_millis()));
    if secure {
        finding.excludes(&[Cause::AuthenticationServiceDown])
    } else {
        finding
    }
}

/// The number of header lines, and what it means.
pub(in crate::diagnosis::checks) fn header_lines(number: usize) -> String {
    if number > MANY_HEADERS {
        format!("{number}: 69xx phones may misread an answer with so many")
    } else {
        number.to_string()
    }
}

fn unanswered(error: &Error, port: u16) -> String {
    match error {
        Error::Refused { .. } => format!("Nothing listens on port {port}: the connection is refused"),
        Error::Silent { .. } => format!("Nothing answers on port {port}"),
        Error::TimedOut { .. } => {
            format!("The authenticate service takes the connection on port {port} and does not answer in time")
        }
        Error::Truncated { .. } => {
            format!("The authenticate service takes the connection on port {port} and closes it without an answer")
        }
        other => other.evidence(),
    }
}

/// Many sites use https alone: over http it is no failure by itself.
fn down(check: CheckId, secure: bool, evidence: String) -> Finding {
    let finding = if secure {
        Finding::failed(check, evidence)
    } else {
        Finding::warning(
            check,
            format!("{evidence}. Only phones whose Authentication URL is http need it"),
        )
    };
    finding.sign(Sign::AuthenticateDown(secure))
}
