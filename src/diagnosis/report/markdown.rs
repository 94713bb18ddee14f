//! Markdown, for a ticket that renders it.

use std::fmt::Write as _;

use super::{about, by_area, causes, headline, one_line, ruled_out};
use crate::diagnosis::Record;

/// A record as Markdown (`CommonMark` with tables).
pub fn markdown(record: &Record) -> String {
    let mut out = format!("# {}: {}\n\n", escaped(&record.phone_name), escaped(&headline(record)));
    if let Some(verdict) = &record.verdict {
        let _ = writeln!(out, "{}\n", escaped(&verdict.summary));
    }
    out.push_str("| | |\n|---|---|\n");
    for (label, value) in about(record) {
        let _ = writeln!(out, "| {label} | {} |", escaped(&value));
    }
    if let Some(verdict) = &record.verdict {
        if !verdict.also.is_empty() {
            out.push_str("\n## Further faults, in this order\n\n");
            for (n, cause) in causes(&verdict.also).iter().enumerate() {
                let _ = writeln!(out, "{}. {}", n + 1, escaped(cause));
            }
        }
        if !verdict.ruled_out.is_empty() {
            let _ = writeln!(out, "\nRuled out: {}", escaped(&ruled_out(verdict)));
        }
    }
    for (area, findings) in by_area(record) {
        let _ = writeln!(out, "\n## {}\n", area.title());
        for finding in findings {
            let evidence = escaped(&finding.evidence);
            let _ = writeln!(
                out,
                "- **{}** {}: {evidence}",
                finding.outcome.as_str(),
                finding.check.title()
            );
            for detail in &finding.details {
                let _ = writeln!(out, "  - {}: {}", escaped(&detail.label), code(&detail.text));
            }
        }
    }
    out.push_str("\nPasswords are not part of this report.\n");
    out
}

/// Text without a meaning to Markdown or to HTML in it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&' | '~' | '!'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Text as it was seen. The fence is longer than any run of backticks in it.
fn code(text: &str) -> String {
    let text = one_line(text);
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_means_nothing() {
        assert_eq!(escaped("<b>|*x*\n# y"), "\\<b\\>\\|\\*x\\* \\# y");
        assert_eq!(code("a ``b` c"), "``` a ``b` c ```");
        assert_eq!(code("\r\n"), "(empty)");
    }
}
