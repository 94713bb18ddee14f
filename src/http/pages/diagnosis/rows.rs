//! The checks of a diagnosis, one row each.

use askama::Template;

use crate::domain::cause::Cause;
use crate::domain::finding::{Area, CheckId, CheckOutcome, Detail, Finding};
use crate::http::pages::Icon;

/// One check of the list.
#[derive(Debug, Clone)]
pub struct RowView {
    /// Which.
    pub check: CheckId,
    /// How it ended; none while it has not.
    pub outcome: Option<CheckOutcome>,
    /// What was seen.
    pub evidence: String,
    /// The proof, piece by piece.
    pub details: Vec<Detail>,
    /// What it excludes.
    pub rules_out: Vec<Cause>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Whether the pieces of proof stand open.
    pub is_open: bool,
}

impl RowView {
    /// A check that has not ended.
    pub fn waiting(check: CheckId) -> Self {
        Self {
            check,
            outcome: None,
            evidence: String::new(),
            details: Vec::new(),
            rules_out: Vec::new(),
            duration_ms: 0,
            is_open: false,
        }
    }

    /// A finding, closed.
    pub fn of(finding: &Finding) -> Self {
        Self {
            check: finding.check,
            outcome: Some(finding.outcome),
            evidence: finding.evidence.clone(),
            details: finding.details.clone(),
            rules_out: finding.rules_out.clone(),
            duration_ms: finding.duration_ms,
            is_open: false,
        }
    }

    /// Whether it has not ended.
    pub fn is_waiting(&self) -> bool {
        self.outcome.is_none()
    }

    /// Whether there is more to see than the line itself.
    pub fn has_proof(&self) -> bool {
        !self.details.is_empty() || !self.rules_out.is_empty()
    }

    /// The word in class names.
    pub fn state(&self) -> &'static str {
        self.outcome.map_or("waiting", CheckOutcome::as_str)
    }

    /// The same for people.
    pub fn word(&self) -> &'static str {
        match self.outcome {
            None => "Waiting",
            Some(CheckOutcome::Passed) => "Passed",
            Some(CheckOutcome::Failed) => "Failed",
            Some(CheckOutcome::Warning) => "Warning",
            Some(CheckOutcome::Skipped) => "Skipped",
        }
    }

    /// Its sign.
    pub fn icon(&self) -> Icon {
        Icon(match self.outcome {
            None => "circle-dot",
            Some(CheckOutcome::Passed) => "circle-check",
            Some(CheckOutcome::Failed) => "circle-x",
            Some(CheckOutcome::Warning) => "alert-triangle",
            Some(CheckOutcome::Skipped) => "circle-minus",
        })
    }

    /// The sign that opens the proof.
    pub fn chevron(&self) -> Icon {
        Icon("chevron-down")
    }

    /// How long it took, where that says something.
    pub fn took(&self) -> Option<String> {
        match self.outcome {
            None | Some(CheckOutcome::Skipped) => None,
            Some(_) if self.duration_ms < 1_000 => Some(format!("{} ms", self.duration_ms)),
            Some(_) => Some(format!(
                "{}.{} s",
                self.duration_ms / 1_000,
                self.duration_ms % 1_000 / 100
            )),
        }
    }
}

/// One row, as it is sent when its check ends.
#[derive(Debug, Template)]
#[template(path = "diagnosis/row.html")]
pub struct RowFragment {
    /// The row.
    pub row: RowView,
}

/// Checks that belong together.
#[derive(Debug, Clone)]
pub struct AreaView {
    /// Which area.
    pub area: Area,
    /// In order.
    pub rows: Vec<RowView>,
}

/// Every check in its area, with the findings that are there. When all are, those that failed stand open.
pub fn areas(findings: &[Finding], ended: bool) -> Vec<AreaView> {
    let row = |check: CheckId| {
        let finding = findings.iter().find(|finding| finding.check == check);
        let row = finding.map_or_else(|| RowView::waiting(check), RowView::of);
        RowView {
            is_open: ended && row.outcome == Some(CheckOutcome::Failed),
            ..row
        }
    };
    let rows_of = |area: Area| {
        let checks = CheckId::ALL.iter().copied().filter(|check| check.area() == area);
        AreaView {
            area,
            rows: checks.map(row).collect(),
        }
    };
    Area::ALL.into_iter().map(rows_of).collect()
}
