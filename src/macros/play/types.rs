//! What is asked of a player, and what it tells: orders, commands, the view of a run, the report of its end.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::domain::cause::Cause;
use crate::domain::ids::{EvidenceId, MacroId, MacroRunId, PhoneId};
use crate::domain::script::{Arguments, Place, RunEnd};
use crate::store;

/// A macro to be played on one phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Which.
    pub macro_id: MacroId,
    /// In which version; none: the newest.
    pub version: Option<u32>,
    /// On which phone.
    pub phone: PhoneId,
    /// Answers to its questions.
    pub arguments: Arguments,
    /// Whether it ends before the first step that cannot be taken back, and goes back to the idle screen.
    pub dry_run: bool,
    /// Whether it waits for [`Command::Step`] before each step.
    pub step_by_step: bool,
    /// How its keys reach the phone.
    pub way: Way,
    /// The phone's name, typed by the person; needed for a destructive macro that is not a dry run.
    pub confirmation: Option<String>,
}

/// How keys reach the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// By its web server; over SSH where that is dead and SSH is set up.
    #[default]
    Auto,
    /// By its web server.
    Web,
    /// Over SSH (phone-xml-api.md 7.4).
    Ssh,
}

impl Way {
    /// The word in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Web => "web",
            Self::Ssh => "ssh",
        }
    }
}

/// What a person tells a run under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Stand still before the next step.
    Pause,
    /// Go on.
    Resume,
    /// Take one step, then stand still.
    Step,
    /// The answer to a [`Question`].
    Answer {
        /// Which one, by [`RunView::asked`]: an answer to another question than the one that stands is not taken.
        question: u32,
        /// What is said.
        reply: Reply,
    },
    /// End the run here.
    Stop,
}

/// What a person says to a [`Question`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The phone shows what the macro expects.
    Confirm {
        /// Whether this picture will do from now on, on phones of this model and load.
        remember: bool,
    },
    /// To a question that asks for a row: the row that is meant, counted from 1 at the top.
    Row {
        /// Its number.
        row: u8,
        /// Whether it is the same row from now on, on phones of this model and load that show this picture.
        remember: bool,
    },
    /// It does not, or the run must not go on.
    Refuse,
}

impl Reply {
    /// It as the trail has it.
    pub(super) fn words(self) -> String {
        let kept = |remember: bool| if remember { ", to be remembered" } else { "" };
        match self {
            Self::Confirm { remember } => format!("yes{}", kept(remember)),
            Self::Row { row, remember } => format!("number {row}{}", kept(remember)),
            Self::Refuse => "no".to_owned(),
        }
    }
}

/// Who tells a run something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Teller {
    pub(super) name: String,
    /// Whether they may play destructive macros: only what such a person recognised stands in for a look there.
    pub(super) is_trusted: bool,
}

/// A command, with who gave it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) command: Command,
    pub(super) by: Teller,
}

/// What a run asks a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What the macro expects to see, in words.
    pub expectation: String,
    /// What the phone shows; none over SSH, or where it gives no picture.
    pub picture: Option<EvidenceId>,
    /// What is asked, as a sentence.
    pub words: String,
    /// Whether a row of the menu must be named ([`Reply::Row`]); else [`Reply::Confirm`] answers it.
    pub needs_row: bool,
    /// Whether the picture can be remembered.
    pub can_remember: bool,
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "about", rename_all = "lowercase")]
pub enum Playing {
    /// Under way.
    Running,
    /// A person told it to stand still, or to wait for each step.
    Paused,
    /// It waits for an answer.
    Asking(Question),
    /// Ended.
    Over(RunEnd),
}

impl Playing {
    /// The word in the API: `running`, `paused`, `asking`, or the word of its end.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Asking(_) => "asking",
            Self::Over(end) => end.as_str(),
        }
    }

    /// Whether nothing more will happen.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Over(_))
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepOutcome {
    /// Done.
    Done,
    /// Tried without success.
    Failed,
    /// Not needed, or not reached by a dry run.
    Skipped,
    /// Done after a person confirmed what the phone shows.
    Asked,
}

impl StepOutcome {
    /// The word in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Asked => "asked",
        }
    }
}

/// One step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Where it stands in the macro's text.
    pub at: Place,
    /// What it does, in words; dialled digits are left out.
    pub words: String,
    /// When it began, unix milliseconds.
    pub began_at: i64,
    /// How long it took.
    pub took_ms: u64,
    /// How it ended.
    pub outcome: StepOutcome,
    /// What was seen.
    pub seen: Option<String>,
    /// Why it failed.
    pub cause: Option<Cause>,
}

/// A picture that a run kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureRef {
    /// Its name: `first`, `before`, `last`, `question 1`, or that of a screenshot step.
    pub name: String,
    /// The picture.
    pub evidence_id: EvidenceId,
}

/// One run as people see it, under way or over. Kept as JSON when it is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    /// The row, and the link.
    pub id: MacroRunId,
    /// Of which macro.
    pub macro_id: MacroId,
    /// Its name then.
    pub macro_name: String,
    /// In which version.
    pub version: u32,
    /// On which phone.
    pub phone: PhoneId,
    /// The phone's name then.
    pub phone_name: String,
    /// Who plays it.
    pub by: String,
    /// Whether it ends before the first step that cannot be taken back.
    pub dry_run: bool,
    /// Where it stands.
    pub state: Playing,
    /// How many questions it asked: the number of the one that stands, if one does.
    #[serde(default)]
    pub asked: u32,
    /// How its keys reach the phone; [`Way::Auto`] until that is decided.
    pub way: Way,
    /// What was done so far, the first step first.
    pub steps: Vec<StepRecord>,
    /// The step it is at, or waits before; none before the first and after the last.
    pub current: Option<Place>,
    /// Why it failed.
    pub cause: Option<Cause>,
    /// How it ended, in a sentence, with what proves it.
    pub evidence: String,
    /// Unix milliseconds.
    pub began_at: i64,
    /// Unix milliseconds; none while it is under way.
    pub ended_at: Option<i64>,
    /// What was kept of the display, the oldest first.
    pub pictures: Vec<PictureRef>,
}

/// A run of a phone or of a macro, in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLine {
    /// The row, and the link.
    pub id: MacroRunId,
    /// Of which macro.
    pub macro_id: MacroId,
    /// Its name then.
    pub macro_name: String,
    /// In which version.
    pub version: u32,
    /// On which phone.
    pub phone: PhoneId,
    /// The phone's name then.
    pub phone_name: String,
    /// Who played it.
    pub by: String,
    /// Whether it was a dry run.
    pub dry_run: bool,
    /// `running`, or the word of its end.
    pub state: String,
    /// Why it failed.
    pub cause: Option<Cause>,
    /// Unix milliseconds.
    pub began_at: i64,
    /// Unix milliseconds; none while it is under way.
    pub ended_at: Option<i64>,
}

/// Why a phone was left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// A call is up, ringing or held: worth another try later.
    InCall,
    /// Somebody drives it: worth another try later.
    Driven,
    /// Another macro is played on it: worth another try later.
    Busy,
    /// The macro is for other phones.
    OtherKind,
}

impl Skip {
    /// Whether another try later makes sense.
    pub fn passes(self) -> bool {
        self != Self::OtherKind
    }
}

/// How the run of a job on one phone ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How.
    pub end: RunEnd,
    /// Why the phone was left alone, of [`RunEnd::Skipped`].
    pub skipped: Option<Skip>,
    /// Why it failed.
    pub cause: Option<Cause>,
    /// The same in a sentence, with what proves it.
    pub evidence: String,
    /// What was done, the first step first.
    pub steps: Vec<StepRecord>,
    /// How keys reached the phone; [`Way::Auto`] when none did.
    pub way: Way,
    /// What was kept of the display, by name, the oldest first.
    pub pictures: Vec<(String, EvidenceId)>,
}

/// What a job does around a run.
pub trait JobHooks: Send + Sync {
    /// Awaited once, before the first act that reaches the phone with an effect; looking is none. What it writes must be
    /// kept on disk when it returns: after a crash it tells a run that was begun from one that was not.
    fn about_to_send(&self) -> BoxFuture<'_, Result<(), store::Error>>;
}

/// A run as its followers are given it.
pub type Shown = Arc<RunView>;
