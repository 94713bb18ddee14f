//! The language of macros: text to [`Script`] and back (docs/macros.md is the reference for people).
//!
//! One statement a line; blocks end with `end`. Every mistake is found at once, each with its place; nothing is guessed.

mod blocks;
mod check;
mod header;
mod lex;
mod nearest;
mod reader;
mod seen;
mod steps;
mod template;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;

use serde::Serialize;

use crate::domain::script::{LONGEST_TEXT, Place, Script};

pub(super) use seen::LOOKED;
pub use write::write;

/// The most mistakes that are told of one text.
const MOST_MISTAKES: usize = 100;
/// How deep blocks may stand in each other.
const MOST_NESTED: usize = 8;

/// Something wrong in the text of a macro.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// Where it begins.
    pub at: Place,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

impl Mistake {
    fn new(at: Place, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

const START: Place = Place { line: 1, column: 1 };

fn too_long() -> Vec<Mistake> {
    let most = LONGEST_TEXT / 1024;
    vec![Mistake::new(START, format!("a macro has at most {most} KB of text"))]
}

/// The text of an imported file: UTF-8, at most [`LONGEST_TEXT`] bytes.
///
/// # Errors
/// One mistake, at the first byte that is no UTF-8.
pub fn decode(bytes: &[u8]) -> Result<String, Vec<Mistake>> {
    if bytes.len() > LONGEST_TEXT {
        return Err(too_long());
    }
    let hint = "save the file as UTF-8";
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(vec![Mistake::new(START, "this is UTF-16, not UTF-8").hint(hint)]);
    }
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let (good, bad) = bytes.split_at(error.valid_up_to());
        let good = String::from_utf8_lossy(good);
        let line = good.matches('\n').count() + 1;
        let column = good.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        let at = Place {
            line: number(line),
            column: number(column),
        };
        let byte = bad.first().copied().unwrap_or_default();
        vec![
            Mistake::new(
                at,
                format!("the byte {byte:#04x} is no UTF-8; the file looks like Latin-1"),
            )
            .hint(hint),
        ]
    })
}

/// The text as it is kept: no byte order mark, lines that end with a line feed.
pub(super) fn normal(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut normal = text.replace("\r\n", "\n").replace('\r', "\n");
    if !normal.ends_with('\n') {
        normal.push('\n');
    }
    normal
}

/// Reads a macro.
///
/// # Errors
/// Every mistake, in the order of their places; at most [`MOST_MISTAKES`].
pub fn parse(text: &str) -> Result<Script, Vec<Mistake>> {
    if text.len() > LONGEST_TEXT {
        return Err(too_long());
    }
    let mut mistakes = Vec::new();
    let lines = lex::lines(&normal(text), &mut mistakes);
    let script = blocks::parse(&lines, &mut mistakes);
    check::check(&script, &mut mistakes);
    if mistakes.is_empty() {
        return Ok(script.script);
    }
    mistakes.sort_by_key(|mistake| mistake.at);
    mistakes.truncate(MOST_MISTAKES);
    Err(mistakes)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
