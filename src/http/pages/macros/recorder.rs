//! What the page of a phone shows of macros: the bar below it, and presses that are recorded.

use super::super::When;
use crate::domain::script::Danger;

/// The macros of one phone, for its page.
#[derive(Debug, Clone, Default)]
pub struct MacroBar {
    /// Those that everybody uses, in order.
    pub first: Vec<BarEntry>,
    /// All that fit the phone, by name.
    pub all: Vec<BarEntry>,
    /// Recording presses; none for who writes no macros.
    pub recorder: Option<Recorder>,
}

impl MacroBar {
    /// Whether there is anything to show.
    pub fn is_shown(&self) -> bool {
        !(self.all.is_empty() && self.recorder.is_none())
    }
}

/// One macro of the bar.
#[derive(Debug, Clone)]
pub struct BarEntry {
    /// The macro.
    pub id: i64,
    /// Its name, or a shorter word for one that everybody knows.
    pub label: String,
    /// Its name.
    pub name: String,
    /// Whether it can do harm.
    pub danger: Danger,
    /// Its icon.
    pub icon: &'static str,
}

/// Recording one's own presses.
#[derive(Debug, Clone)]
pub enum Recorder {
    /// Not under way.
    Ready,
    /// Under way.
    Running {
        /// Since when.
        since: When,
        /// Presses so far.
        presses: usize,
    },
    /// Stopped, and not yet saved as a macro.
    Waiting {
        /// Presses in it.
        presses: usize,
    },
}
