//! A diagnosis for a ticket: plain text, Markdown, JSON, or one HTML file with the picture in it.
//!
//! Each is made from the [`Record`] alone, which holds no password: what checks wrote into it was masked by them. What
//! phones and CUCM answered is foreign text; each form neutralises it in its own way.

mod html;
mod json;
mod markdown;
mod text;

use jiff::Timestamp;

pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use text::text;

use super::{Record, RecordState};
use crate::domain::cause::Cause;
use crate::domain::finding::{Area, Finding, Verdict};

/// A time of a record as people write it, in UTC.
fn time(millis: i64) -> String {
    let at = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// What is known of phone and cluster, label by label.
fn about(record: &Record) -> Vec<(&'static str, String)> {
    let mut about = vec![("Phone", record.phone_name.clone())];
    if !record.model.is_empty() {
        about.push(("Model", record.model.clone()));
    }
    if let Some(address) = record.address {
        about.push(("Address", address.to_string()));
    }
    about.push(("Cluster", record.cluster_name.clone()));
    if let Some(version) = &record.cucm_version {
        about.push(("CUCM", version.clone()));
    }
    about.push(("Control login", record.control_login.clone()));
    about.push(("Examined", format!("{} by {}", time(record.started_at), record.by)));
    if let Some(finished) = record.finished_at {
        about.push(("Took", seconds(finished - record.started_at)));
    }
    about.push(("Diagnosis", record.id.to_string()));
    about
}

fn seconds(millis: i64) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}

/// The verdict in one line, or why there is none.
fn headline(record: &Record) -> String {
    match (&record.verdict, record.state) {
        (Some(verdict), _) => format!(
            "{} ({}, {})",
            verdict.cause.title(),
            verdict.cause,
            verdict.certainty.as_str()
        ),
        (None, RecordState::Running) => "The diagnosis still runs".to_owned(),
        (None, _) => "The diagnosis was interrupted before its verdict".to_owned(),
    }
}

/// Causes as people read them, with their codes.
fn causes(causes: &[Cause]) -> Vec<String> {
    causes
        .iter()
        .map(|cause| format!("{} ({cause})", cause.title()))
        .collect()
}

/// The codes of what was ruled out.
fn ruled_out(verdict: &Verdict) -> String {
    let codes: Vec<&str> = verdict.ruled_out.iter().map(|cause| cause.code()).collect();
    codes.join(", ")
}

/// The findings by area, in the order in which people read them; areas without one are left out.
fn by_area(record: &Record) -> Vec<(Area, Vec<&Finding>)> {
    let areas = Area::ALL.into_iter().map(|area| {
        let findings = record.findings.iter().filter(|finding| finding.check.area() == area);
        (area, findings.collect::<Vec<_>>())
    });
    areas.filter(|(_, findings)| !findings.is_empty()).collect()
}

/// Foreign text on one line: what moves a terminal's cursor or turns the direction of writing becomes a blank.
fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || turns { ' ' } else { c }
    });
    let plain: String = plain.collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
