//! Plain text, for a mail or a ticket that takes nothing else.

use std::fmt::Write as _;

use super::{about, by_area, causes, headline, one_line, ruled_out};
use crate::diagnosis::Record;

/// A record as plain text, lines ended by LF.
pub fn text(record: &Record) -> String {
    let mut out = format!("{}\n", headline(record));
    if let Some(verdict) = &record.verdict {
        let _ = writeln!(out, "{}", one_line(&verdict.summary));
    }
    out.push('\n');
    for (label, value) in about(record) {
        let _ = writeln!(out, "{:<14} {}", format!("{label}:"), one_line(&value));
    }
    if let Some(verdict) = &record.verdict {
        if !verdict.also.is_empty() {
            out.push_str("\nFurther faults, in this order:\n");
            for cause in causes(&verdict.also) {
                let _ = writeln!(out, "- {cause}");
            }
        }
        if !verdict.ruled_out.is_empty() {
            let _ = writeln!(out, "\nRuled out: {}", ruled_out(verdict));
        }
    }
    for (area, findings) in by_area(record) {
        let _ = writeln!(out, "\n{}", area.title());
        for finding in findings {
            let outcome = format!("[{}]", finding.outcome.as_str());
            let evidence = one_line(&finding.evidence);
            let _ = writeln!(out, "{outcome:<10} {}: {evidence}", finding.check.title());
            for detail in &finding.details {
                let _ = writeln!(
                    out,
                    "           {}: {}",
                    one_line(&detail.label),
                    one_line(&detail.text)
                );
            }
        }
    }
    out.push_str("\nPasswords are not part of this report.\n");
    out
}
