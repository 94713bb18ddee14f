//! What was exchanged, as details of a finding.

use secrecy::ExposeSecret as _;

use crate::diagnosis::seen::Seen;
use crate::domain::finding::Finding;
use crate::phone::Exchange;

/// What stands in place of a password that somebody echoed.
const MASK: &str = "•••";

/// A finding with the exchanges behind it: each request with its status and times, and of the last what tells who
/// answered and the first bytes.
pub(super) fn with(mut finding: Finding, seen: &Seen, exchanges: &[Exchange]) -> Finding {
    for exchange in exchanges {
        finding = finding.detail("Request", masked(seen, &line(exchange)));
    }
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
    let password = seen.subject.control.password.expose_secret();
    if password.is_empty() {
        return text.to_owned();
    }
    text.replace(password, MASK)
}
