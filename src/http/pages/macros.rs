//! Macros: the list, one macro with its versions, and what its pages share.

use askama::Template;

use super::{Choice, Icon, Layout, Section, When};
use crate::domain::script::Danger;

pub mod difference;
pub mod editor;
pub mod play;
pub mod recorder;
pub mod run;

use difference::Difference;

/// `GET /macros?q=&mark=&family=`; with the header `X-Fragment: rows` only the block `rows`.
#[derive(Debug, Template)]
#[template(path = "macros/list.html", blocks = ["rows"])]
pub struct MacrosPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The words of the search.
    pub q: String,
    /// `safe`, `destructive`, or empty.
    pub mark: String,
    /// The id of a family, or empty.
    pub family: String,
    /// The families that macros are made for.
    pub families: Vec<Choice>,
    /// The macros that fit the search, by name.
    pub macros: Vec<MacroRow>,
    /// How many there are in all.
    pub total: u64,
    /// Whether the viewer writes macros.
    pub may_edit: bool,
}

impl MacrosPage {
    /// Whether a filter or a word is set.
    pub fn is_filtered(&self) -> bool {
        !(self.q.is_empty() && self.mark.is_empty() && self.family.is_empty())
    }
}

/// Where a macro comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A person wrote it.
    Own,
    /// It came with the program.
    BuiltIn,
    /// It came with the program, and a person changed it.
    Changed,
}

impl Origin {
    /// Whether it came with the program.
    pub fn is_built_in(self) -> bool {
        self != Self::Own
    }

    /// Whether a person changed what came with the program.
    pub fn is_changed(self) -> bool {
        self == Self::Changed
    }
}

/// A macro in a few words.
#[derive(Debug, Clone)]
pub struct MacroRow {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Whether it can do harm.
    pub danger: Danger,
    /// The phones it is for, in words; empty: all.
    pub fits: String,
    /// The same in a few words, for where there is no room: `6900 series, 7800 series and 9 more`.
    pub fits_briefly: String,
    /// Its newest version.
    pub version: u32,
    /// Where it comes from.
    pub origin: Origin,
    /// Its last run, if the viewer may know of one.
    pub last: Option<RunLine>,
    /// Whether the viewer may play it.
    pub may_play: bool,
    /// Whether this program can read it: one that a newer program wrote may hold words unknown here.
    pub readable: bool,
}

impl MacroRow {
    /// The icon of its mark.
    pub fn mark_icon(&self) -> Icon {
        Icon(mark_icon(self.danger))
    }
}

/// A shape for each mark.
pub fn mark_icon(danger: Danger) -> &'static str {
    match danger {
        Danger::Safe => "circle-check",
        Danger::Destructive => "alert-triangle",
    }
}

/// A run in one line.
#[derive(Debug, Clone)]
pub struct RunLine {
    /// Its number.
    pub id: i64,
    /// The macro's name.
    pub macro_name: String,
    /// The phone's name.
    pub phone: String,
    /// Who played it.
    pub by: String,
    /// When it began.
    pub at: When,
    /// How it stands, in a word.
    pub word: &'static str,
    /// The class of its sign.
    pub class: &'static str,
}

/// One step in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepView {
    /// Its line in the text.
    pub line: u32,
    /// Its column.
    pub column: u32,
    /// How deep it stands in blocks, 0 the outermost.
    pub depth: usize,
    /// Its number, such as `3.1`; empty for words that open a block's other half.
    pub number: String,
    /// What it does.
    pub words: String,
    /// Whether it cannot be taken back.
    pub destructive: bool,
}

/// `GET /macros/{id}`
#[derive(Debug, Template)]
#[template(path = "macros/macro.html")]
pub struct MacroPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The macro.
    pub about: MacroRow,
    /// When this version was saved.
    pub updated: When,
    /// By whom.
    pub updated_by: String,
    /// What it does.
    pub steps: Vec<StepView>,
    /// What it asks before it starts.
    pub parameters: Vec<ParameterView>,
    /// Every version that is kept, newest first.
    pub versions: Vec<VersionView>,
    /// Its latest runs, newest first.
    pub runs: Vec<RunLine>,
    /// Whether the viewer writes macros.
    pub may_edit: bool,
    /// Whether the viewer makes jobs.
    pub may_run_jobs: bool,
    /// Whether a deletion was asked for without its tick.
    pub unconfirmed: bool,
}

/// A question of a macro.
#[derive(Debug, Clone)]
pub struct ParameterView {
    /// As it is asked.
    pub label: String,
    /// Its name in the text.
    pub name: String,
    /// What an answer may be, in words.
    pub kind: String,
    /// The answer when none is given.
    pub default: Option<String>,
}

/// A version that is kept.
#[derive(Debug, Clone)]
pub struct VersionView {
    /// Its number.
    pub version: u32,
    /// When it was saved.
    pub at: When,
    /// By whom.
    pub by: String,
    /// What was said about it; may be empty.
    pub note: String,
    /// Whether it is the newest.
    pub current: bool,
}

/// `GET /macros/sights`: the screens without words that people confirmed, so that nobody is asked again.
#[derive(Debug, Template)]
#[template(path = "macros/sights.html")]
pub struct SightsPage {
    /// What surrounds it.
    pub layout: Layout,
    /// By model and load.
    pub sights: Vec<SightView>,
}

/// A picture by which macros know a screen.
#[derive(Debug, Clone)]
pub struct SightView {
    /// Its number.
    pub id: i64,
    /// What it stands for.
    pub expectation: String,
    /// The row that was named on it.
    pub row: Option<u8>,
    /// The number of its picture.
    pub picture: i64,
    /// The model's name.
    pub model: String,
    /// The load that showed it; may be empty.
    pub load: String,
    /// Who confirmed it.
    pub by: String,
    /// When.
    pub at: When,
}

/// `GET /macros/{id}/versions/{version}?with=`: a version beside another one.
#[derive(Debug, Template)]
#[template(path = "macros/version.html")]
pub struct VersionPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The macro's number.
    pub id: i64,
    /// The macro's name.
    pub name: String,
    /// The version that is shown.
    pub shown: VersionView,
    /// The version it is compared with; none for the first.
    pub with: Option<VersionView>,
    /// Every version, to choose from.
    pub versions: Vec<VersionView>,
    /// What differs.
    pub difference: Difference,
    /// Its text.
    pub text: String,
    /// Whether the viewer writes macros.
    pub may_edit: bool,
}

/// `GET /macros/tones`: the ring tones that macros and rings may name.
#[derive(Debug, Template)]
#[template(path = "macros/tones.html")]
pub struct TonesPage {
    /// What surrounds it.
    pub layout: Layout,
    /// One file name a line.
    pub tones: String,
    /// What is wrong with the list.
    pub error: Option<String>,
}
