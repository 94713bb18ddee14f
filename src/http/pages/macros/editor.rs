//! The editor of macros.

use askama::Template;

use super::super::Icon;
use super::difference::Difference;
use super::{Layout, Section, StepView, When, mark_icon};
use crate::domain::script::{Danger, LONGEST_TEXT};

/// Rows of an editor without script beyond the lines of its text, to write on.
const MORE_ROWS: usize = 12;

/// `GET /macros/new`, `GET /macros/{id}/edit`, and the answer to a form of either that was not saved: what was typed stays.
///
/// Forms: `POST /macros` and `POST /macros/{id}` with `text`, `note`, `base_version` and `action` (`save` or `check`).
#[derive(Debug, Template)]
#[template(path = "macros/editor.html")]
pub struct EditorPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The macro; none for a new one.
    pub id: Option<i64>,
    /// The version that the text was made from; 0 for a new one.
    pub base_version: u32,
    /// The text as it was typed.
    pub text: String,
    /// What is said about the version.
    pub note: String,
    /// What the text means, or what is wrong with it.
    pub preview: PreviewView,
    /// Why it was not saved, when the text is not to blame.
    pub error: Option<String>,
    /// Somebody saved meanwhile.
    pub conflict: Option<ConflictView>,
    /// Where the text comes from, when it was recorded.
    pub recorded: Option<RecordedView>,
}

impl EditorPage {
    /// Where the form goes.
    pub fn action(&self) -> String {
        self.id
            .map_or_else(|| "/macros".to_owned(), |id| format!("/macros/{id}"))
    }

    /// Where one goes without saving.
    pub fn back(&self) -> String {
        match (&self.recorded, self.id) {
            (Some(recorded), _) => format!("/phones/{}", recorded.phone_id),
            (None, Some(id)) => format!("/macros/{id}"),
            (None, None) => "/macros".to_owned(),
        }
    }

    /// Rows that show the whole text, and some to write on.
    pub fn rows(&self) -> usize {
        self.text.lines().count() + MORE_ROWS
    }

    /// The longest text, in bytes.
    pub fn longest(&self) -> usize {
        LONGEST_TEXT
    }
}

/// Presses that were recorded on a phone.
#[derive(Debug, Clone)]
pub struct RecordedView {
    /// The phone.
    pub phone_id: i64,
    /// Its name.
    pub phone: String,
}

/// What somebody else saved while one typed.
#[derive(Debug, Clone)]
pub struct ConflictView {
    /// Their version.
    pub version: u32,
    /// Who.
    pub by: String,
    /// When.
    pub at: When,
    /// Their text.
    pub text: String,
    /// From theirs to what was typed here.
    pub difference: Difference,
}

/// What a text means.
#[derive(Debug, Clone, Default)]
pub struct PreviewView {
    /// The name in the text.
    pub name: String,
    /// The mark in the text; none while it has mistakes.
    pub danger: Option<Danger>,
    /// For which phones.
    pub fits: String,
    /// The steps; empty while there are mistakes.
    pub steps: Vec<StepView>,
    /// What is wrong, in the order of the text.
    pub mistakes: Vec<MistakeView>,
    /// Whether there is no text yet.
    pub is_blank: bool,
}

impl PreviewView {
    /// The icon of the mark; of a safe macro while the text has mistakes.
    pub fn mark_icon(&self) -> Icon {
        Icon(mark_icon(self.danger.unwrap_or(Danger::Safe)))
    }

    /// What is said aloud.
    pub fn in_words(&self) -> String {
        let count = |count: usize, one: &str, many: &str| {
            if count == 1 {
                format!("1 {one}")
            } else {
                format!("{count} {many}")
            }
        };
        if self.is_blank {
            return "Nothing written yet".to_owned();
        }
        match self.mistakes.len() {
            0 => {
                let steps = self.steps.iter().filter(|step| !step.number.is_empty());
                format!("No mistakes, {}", count(steps.count(), "step", "steps"))
            }
            mistakes => count(mistakes, "mistake", "mistakes"),
        }
    }
}

/// A mistake in a text.
#[derive(Debug, Clone)]
pub struct MistakeView {
    /// Its line, from 1.
    pub line: u32,
    /// Its column, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What may be meant.
    pub hint: Option<String>,
    /// The line as it is written.
    pub quoted: String,
}

/// `POST /macros/preview` (`text`): what a text means, for the editor's script.
#[derive(Debug, Template)]
#[template(path = "macros/preview.html")]
pub struct PreviewFragment {
    /// What surrounds it.
    pub layout: Layout,
    /// What the text means.
    pub preview: PreviewView,
}

/// `GET /macros/import`, and the answer to a file with mistakes.
#[derive(Debug, Template)]
#[template(path = "macros/import.html")]
pub struct ImportPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The text of the file.
    pub text: String,
    /// What is wrong with it; empty before one was given.
    pub mistakes: Vec<MistakeView>,
    /// Why it was not taken, when the text is not to blame.
    pub error: Option<String>,
}
