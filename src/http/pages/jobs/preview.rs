//! What a job would do, before anything is sent.

use askama::Template;

use super::Errors;
use crate::http::pages::{Layout, Section};

/// Unknown names that are listed.
const NAMES_SHOWN: usize = 60;

/// The answer to `POST /jobs/preview`, and to a refused `POST /jobs`.
#[derive(Debug, Template)]
#[template(path = "jobs/preview.html")]
pub struct JobPreviewPage {
    /// What surrounds it.
    pub layout: Layout,
    /// What the job is called.
    pub title: String,
    /// The preview that is accepted.
    pub token: String,
    /// Everything that was typed, to travel on.
    pub hidden: Vec<(String, String)>,
    /// What is wrong.
    pub errors: Errors,
    /// What to know before.
    pub warnings: Vec<String>,
    /// Phones that it would be done to.
    pub total: u64,
    /// The same by model.
    pub by_model: Vec<(String, u64)>,
    /// The first phones.
    pub first: Vec<String>,
    /// How long it will take, in words.
    pub estimate: String,
    /// What it does, each a label and a text.
    pub facts: Vec<(&'static str, String)>,
    /// The next starts, in words; empty: now.
    pub starts: Vec<String>,
    /// Phones that are left alone.
    pub skipped: Vec<SkippedView>,
    /// Names that no phone has, or some of them.
    pub unknown: Vec<String>,
    /// How many there are.
    pub unknown_count: u64,
    /// What must be typed.
    pub confirm: Option<String>,
    /// What was typed there.
    pub confirmation: String,
    /// Whether it does what cannot be taken back.
    pub destructive: bool,
    /// Whether there is anything to do.
    pub may_go: bool,
    /// The words of the button.
    pub go: String,
    /// What happens after the button, in a sentence; may be empty.
    pub note: String,
}

/// Phones that are left alone for one reason.
#[derive(Debug, Clone)]
pub struct SkippedView {
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// Some of them.
    pub names: Vec<String>,
}

impl SkippedView {
    /// How many are not named.
    pub fn more(&self) -> u64 {
        self.count
            .saturating_sub(u64::try_from(self.names.len()).unwrap_or(u64::MAX))
    }
}

impl JobPreviewPage {
    /// How many are left alone.
    pub fn skipped_count(&self) -> u64 {
        self.skipped.iter().map(|row| row.count).sum()
    }

    /// Those that are listed.
    pub fn unknown_shown(&self) -> &[String] {
        &self.unknown[..self.unknown.len().min(NAMES_SHOWN)]
    }

    /// How many are not.
    pub fn unknown_more(&self) -> u64 {
        let shown = u64::try_from(self.unknown_shown().len()).unwrap_or(u64::MAX);
        self.unknown_count.saturating_sub(shown)
    }
}
