//! One HTML file that needs nothing else: no script, its style within it, the picture as a data URI.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{about, by_area, causes, headline, one_line, ruled_out};
use crate::diagnosis::Record;
use crate::domain::finding::Finding;
use crate::domain::screen::Picture;

/// The whole style. Outcomes are told by words too, so that nothing depends on colours.
const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8886; }
th { font-weight: 600; white-space: nowrap; }
td { overflow-wrap: anywhere; }
code { font: .85rem/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
dl { margin: .3rem 0 0; } dt { font-size: .85rem; } dd { margin: 0 0 .3rem 1rem; }
img { max-width: 100%; height: auto; border: 1px solid #8886; }
.failed { font-weight: 700; }
";

/// A record as one HTML file.
pub fn html(record: &Record, picture: Option<&Picture>) -> String {
    let title = format!("{}: {}", record.phone_name, headline(record));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n",
        escaped(&title),
        escaped(&title)
    );
    if let Some(verdict) = &record.verdict {
        let _ = writeln!(out, "<p>{}</p>", escaped(&verdict.summary));
    }
    out.push_str("<table>\n");
    for (label, value) in about(record) {
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{label}</th><td>{}</td></tr>",
            escaped(&value)
        );
    }
    out.push_str("</table>\n");
    if let Some(picture) = picture {
        out.push_str(&image(record, picture));
    }
    if let Some(verdict) = &record.verdict {
        if !verdict.also.is_empty() {
            out.push_str("<h2>Further faults, in this order</h2>\n<ol>\n");
            for cause in causes(&verdict.also) {
                let _ = writeln!(out, "<li>{}</li>", escaped(&cause));
            }
            out.push_str("</ol>\n");
        }
        if !verdict.ruled_out.is_empty() {
            let _ = writeln!(out, "<p>Ruled out: {}</p>", escaped(&ruled_out(verdict)));
        }
    }
    for (area, findings) in by_area(record) {
        let _ = writeln!(out, "<h2>{}</h2>\n<table>", escaped(area.title()));
        for finding in findings {
            out.push_str(&row(finding));
        }
        out.push_str("</table>\n");
    }
    out.push_str("<p>Passwords are not part of this report.</p>\n</main>\n</body>\n</html>\n");
    out
}

fn image(record: &Record, picture: &Picture) -> String {
    format!(
        "<p><img alt=\"The screen of {} then\" width=\"{}\" height=\"{}\" src=\"data:{};base64,{}\"></p>\n",
        escaped(&record.phone_name),
        picture.width,
        picture.height,
        picture.format.media_type(),
        STANDARD.encode(&picture.bytes)
    )
}

fn row(finding: &Finding) -> String {
    let outcome = finding.outcome.as_str();
    let mut out = format!(
        "<tr><td class=\"{outcome}\">{outcome}</td><th scope=\"row\">{}</th><td>{}",
        escaped(finding.check.title()),
        escaped(&finding.evidence)
    );
    if !finding.details.is_empty() {
        out.push_str("<dl>");
        for detail in &finding.details {
            let _ = write!(
                out,
                "<dt>{}</dt><dd><code>{}</code></dd>",
                escaped(&detail.label),
                escaped(&detail.text)
            );
        }
        out.push_str("</dl>");
    }
    let _ = writeln!(out, "</td><td>{} ms</td></tr>", finding.duration_ms);
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
