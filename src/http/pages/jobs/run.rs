//! One phone of a job: what was done, what was seen.

use askama::Template;

use super::{RunRow, Shot};
use crate::http::pages::{Layout, Section, Trouble};

/// `GET /jobs/{id}/runs/{run}`; with the header `X-Fragment: run` only the block `run`.
#[derive(Debug, Template)]
#[template(path = "jobs/run.html", blocks = ["run"])]
pub struct JobRunPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The job's number.
    pub job: i64,
    /// The job's title.
    pub job_title: String,
    /// The run.
    pub run: RunRow,
    /// The phone's number; none when it is gone.
    pub phone: Option<i64>,
    /// The switch that it hangs on; may be empty.
    pub switch: String,
    /// Whether nothing more will happen.
    pub is_over: bool,
    /// Why it did not succeed.
    pub trouble: Option<Trouble>,
    /// What its state means, where that is not plain; may be empty.
    pub note: String,
    /// Kept pictures, in order.
    pub shots: Vec<Shot>,
    /// What was done, in order.
    pub steps: Vec<StepView>,
    /// Each a label and a text.
    pub facts: Vec<(&'static str, String)>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct StepView {
    /// What it did.
    pub words: String,
    /// `done`, `failed`, `skipped` or `asked`.
    pub outcome: String,
    /// What was seen; may be empty.
    pub seen: String,
    /// When it began: the time of day in UTC.
    pub at: String,
    /// How long it took.
    pub took: String,
}

impl StepView {
    /// The icon of its outcome.
    pub fn icon(&self) -> &'static str {
        match self.outcome.as_str() {
            "done" => "circle-check",
            "failed" => "circle-x",
            "asked" => "help-circle",
            _ => "circle-minus",
        }
    }
}
