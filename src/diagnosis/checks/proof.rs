//! What was exchanged, as details of a finding.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret as _;

use crate::diagnosis::seen::Seen;
use crate::domain::finding::Finding;
use crate::phone::Exchange;

/// What stands in place of a password that somebody echoed.
const MASK: &str = "•••";

/// A finding with the exchanges behind it: each request with its status and times, and of the last what tells who
/// answered and the first bytes.
pub(super) fn with(finding: Finding, seen: &Seen, exchanges: &[Exchange]) -> Finding {
    let mut finding = with_requests(finding, seen, exchanges);
    let Some(last) = exchanges.last() else { return finding };
    for (name, value) in &last.headers {
        finding = finding.detail(*name, masked(seen, value));
    }
    if !last.first_bytes.is_empty() {
        let bytes = masked(seen, &last.first_text());
        finding = finding.detail("First bytes", format!("{bytes} ({} bytes in all)", last.length));
    }
    finding
}

/// The same without what was answered, where that tells of people and not of the fault.
pub(super) fn with_requests(finding: Finding, seen: &Seen, exchanges: &[Exchange]) -> Finding {
    let requests = exchanges.iter().map(|exchange| masked(seen, &line(exchange)));
    requests.fold(finding, |finding, request| finding.detail("Request", request))
}

/// One exchange in a line: request, status or failure, times.
fn line(exchange: &Exchange) -> String {
    let outcome = match (&exchange.status, &exchange.failure) {
        (Some(status), None) => format!("HTTP {status}"),
        (Some(status), Some(failure)) => format!("HTTP {status}, {failure}"),
        (None, Some(failure)) => failure.to_string(),
        (None, None) => "no answer".to_owned(),
    };
    let first = exchange.first_byte.map_or_else(String::new, |after| {
        format!(" (first byte after {} ms)", after.as_millis())
    });
    format!(
        "{} → {outcome}, {} ms{first}",
        exchange.request,
        exchange.took.as_millis()
    )
}

/// Text without the control login's password.
pub(super) fn masked(seen: &Seen, text: &str) -> String {
    let control = &seen.subject.control;
    without(text, &control.username, control.password.expose_secret())
}

/// Text without a password, in whatever form somebody may echo it: as it is, as in a URL or a form, as in markup, and as in
/// an `Authorization` header.
fn without(text: &str, username: &str, password: &str) -> String {
    if password.is_empty() {
        return text.to_owned();
    }
    let in_url = utf8_percent_encode(password, NON_ALPHANUMERIC).to_string();
    let in_form: String = url::form_urlencoded::byte_serialize(password.as_bytes()).collect();
    let in_markup = password
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let spellings = [
        STANDARD.encode(format!("{username}:{password}")),
        STANDARD.encode(password),
        with_small_hex(&in_url),
        with_small_hex(&in_form),
        in_url,
        in_form,
        in_markup.replace('\'', "&apos;"),
        in_markup.replace('\'', "&#39;"),
        in_markup,
        password.to_owned(),
    ];
    spellings
        .iter()
        .fold(text.to_owned(), |text, spelling| text.replace(spelling, MASK))
}

/// Percent-encoded text whose hexadecimal digits are written small, as some programs do.
fn with_small_hex(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |done, part| {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        format!("{done}%{}{rest}", digits.to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_the_password_is_left() {
        for echo in [
            "P&w/3 d",
            "P%26w%2F3%20d",
            "P%26w%2f3%20d",
            "P%26w%2F3+d",
            "P&amp;w/3 d",
            "c2lkZXRvbmU6UCZ3LzMgZA==",
            "UCZ3LzMgZA==",
        ] {
            let masked = without(&format!("<{echo}>"), "sidetone", "P&w/3 d");
            assert_eq!(masked, format!("<{MASK}>"), "{echo}");
        }
        assert_eq!(without("kept", "sidetone", ""), "kept");
    }
}
