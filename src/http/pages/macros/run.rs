//! A macro while it is played, and how it ended.

use askama::Template;

use super::super::phone::{DeviceView, ScreenView};
use super::super::{Icon, Layout, Section, Trouble, When};
use super::{StepView, mark_icon};
use crate::domain::script::{Danger, RunEnd};

/// `GET /macro-runs/{id}`; with the header `X-Fragment: whole` only the block `whole`.
///
/// While it runs, `GET /macro-runs/{id}/events` sends `state` ([`StateFragment`]), `row` ([`RowFragment`]), `log`
/// ([`LogFragment`]) and `done`. Forms: `POST /macro-runs/{id}/commands` (`command`: `pause`, `resume`, `step`, `confirm`,
/// `row`, `refuse` or `stop`; answers have the number of
/// the question in `question`; with `remember=yes` they hold from now on, and `row` has the number in `row`).
#[derive(Debug, Template)]
#[template(path = "macros/run.html", blocks = ["whole"])]
pub struct RunPage {
    /// What surrounds it.
    pub layout: Layout,
    /// Its number.
    pub id: i64,
    /// The macro; none when it was removed.
    pub macro_id: Option<i64>,
    /// The macro's name.
    pub macro_name: String,
    /// In which version.
    pub version: u32,
    /// Whether the macro can do harm.
    pub danger: Danger,
    /// The phone; `exists` when it still does.
    pub phone: RunPhone,
    /// Who plays it.
    pub by: String,
    /// Whether it ends before the first step that cannot be taken back.
    pub dry_run: bool,
    /// How keys reach the phone, in words.
    pub way: String,
    /// When it began.
    pub began: When,
    /// How it stands, and what can be done.
    pub state: StateView,
    /// What it does, in order, and how far it is.
    pub rows: Vec<RowView>,
    /// What was done, in order.
    pub log: Vec<LogView>,
    /// Pictures that were kept.
    pub pictures: Vec<PictureView>,
    /// Whether the viewer may press keys; the picture of a run is looked at, not pressed.
    pub may_press: bool,
    /// What the phone's display is like.
    pub device: DeviceView,
    /// The picture as known now.
    pub screen: ScreenView,
    /// Who looks.
    pub user: String,
}

impl RunPage {
    /// The icon of the macro's mark.
    pub fn mark_icon(&self) -> Icon {
        Icon(mark_icon(self.danger))
    }

    /// The phone's name, for the parts shared with the phone's page.
    pub fn name(&self) -> &str {
        &self.phone.name
    }

    /// Whether the frame holds the picture of the last moment rather than a panel.
    pub fn shows_picture(&self) -> bool {
        self.device.has_pictures() && self.screen.trouble.is_none()
    }
}

/// The phone of a run.
#[derive(Debug, Clone)]
pub struct RunPhone {
    /// Its number.
    pub id: i64,
    /// Whether it is still in the inventory.
    pub exists: bool,
    /// Its name.
    pub name: String,
    /// Its owner; may be empty.
    pub owner: String,
    /// Its model's name, without `Cisco `.
    pub model: String,
}

impl RunPhone {
    /// The owner, or the name of a phone that nobody owns.
    pub fn title(&self) -> &str {
        if self.owner.is_empty() { &self.name } else { &self.owner }
    }
}

/// How a run stands.
#[derive(Debug, Clone)]
pub enum Standing {
    /// Steps are taken.
    Running,
    /// It waits for somebody to go on.
    Paused,
    /// A person must say what the screen shows.
    Asking(QuestionView),
    /// It is over.
    Over(EndView),
}

/// What a person is asked.
#[derive(Debug, Clone)]
pub struct QuestionView {
    /// Its number in this run; the answer names it.
    pub number: u32,
    /// What must be seen, in words.
    pub expectation: String,
    /// The whole question.
    pub words: String,
    /// The address of the picture that it is about; none where there is no picture.
    pub picture: Option<String>,
    /// Whether a row of the menu must be named.
    pub needs_row: bool,
    /// Whether the picture can be remembered.
    pub can_remember: bool,
}

/// How it ended.
#[derive(Debug, Clone)]
pub struct EndView {
    /// The end.
    pub end: RunEnd,
    /// How that is known.
    pub evidence: String,
    /// What went wrong, with what to do.
    pub trouble: Option<Trouble>,
    /// What to do next; may be empty.
    pub next_step: &'static str,
    /// When.
    pub at: Option<When>,
    /// How long it took, in words.
    pub took: String,
}

/// The state, what it needs, and the buttons.
#[derive(Debug, Clone)]
pub struct StateView {
    /// The run.
    pub id: i64,
    /// Where "play again" leads; none when the macro or the phone is gone.
    pub again: Option<String>,
    /// The page of the phone; none when it is gone.
    pub phone: Option<String>,
    /// How it stands.
    pub standing: Standing,
    /// The step under way, in words; may be empty.
    pub current: String,
    /// Steps that were taken.
    pub taken: usize,
    /// Whether the viewer may command it.
    pub may_command: bool,
}

impl StateView {
    /// The word of the state.
    pub fn word(&self) -> &'static str {
        match &self.standing {
            Standing::Running => "Running",
            Standing::Paused => "Paused",
            Standing::Asking(_) => "Waits for your answer",
            Standing::Over(end) => end_word(end.end),
        }
    }

    /// What it is, for the page's script.
    pub fn key(&self) -> &'static str {
        match self.standing {
            Standing::Running => "running",
            Standing::Paused => "paused",
            Standing::Asking(_) => "asking",
            Standing::Over(_) => "over",
        }
    }

    /// The class of its sign.
    pub fn class(&self) -> &'static str {
        match &self.standing {
            Standing::Running => "j-running",
            Standing::Paused => "m-paused",
            Standing::Asking(_) => "m-asking",
            Standing::Over(end) => end_class(end.end),
        }
    }

    /// Whether nothing more happens.
    pub fn is_over(&self) -> bool {
        matches!(self.standing, Standing::Over(_))
    }

    /// What is said aloud when it changes.
    pub fn aloud(&self) -> String {
        match &self.standing {
            Standing::Running => self.current.clone(),
            Standing::Paused if self.current.is_empty() => "Paused".to_owned(),
            Standing::Paused => format!("Paused before: {}", self.current),
            Standing::Asking(question) => format!("Your answer is needed. {}", question.words),
            Standing::Over(end) => format!("{}. {}", end_word(end.end), end.evidence),
        }
    }
}

/// The word of an end.
pub fn end_word(end: RunEnd) -> &'static str {
    match end {
        RunEnd::Succeeded => "Succeeded",
        RunEnd::Failed => "Failed",
        RunEnd::Unproved => "Not proved",
        RunEnd::Unsure => "Unsure",
        RunEnd::Skipped => "Not begun",
        RunEnd::NeedsPerson => "Needs a person",
        RunEnd::Stopped => "Stopped",
        RunEnd::Rehearsed => "Rehearsed",
    }
}

/// The class of the sign of an end.
pub fn end_class(end: RunEnd) -> &'static str {
    match end {
        RunEnd::Succeeded => "j-succeeded",
        RunEnd::Failed => "j-failed",
        RunEnd::Unproved | RunEnd::Unsure | RunEnd::NeedsPerson => "j-partly-failed",
        RunEnd::Skipped | RunEnd::Stopped => "j-cancelled",
        RunEnd::Rehearsed => "m-rehearsed",
    }
}

/// What to do after an end that named no cause.
pub fn next_step(end: RunEnd) -> &'static str {
    match end {
        RunEnd::Succeeded => "",
        RunEnd::Failed => "Nothing after the failed step was done. Look at the phone, then play it again.",
        RunEnd::Unproved => {
            "It was done, but nothing proves its effect yet. Look at the phone before you play it again."
        }
        RunEnd::Unsure => {
            "Something was being sent when it was cut off, and nobody knows whether the phone took it. Look at the phone; \
             it is never repeated by itself."
        }
        RunEnd::Skipped => "Nothing was sent to the phone.",
        RunEnd::NeedsPerson => "Play it yourself once, and say what the screens show.",
        RunEnd::Stopped => "What was done until then stays done.",
        RunEnd::Rehearsed => "Everything before the first step that cannot be taken back works on this phone.",
    }
}

/// How far a step of the plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Not reached.
    Waiting,
    /// Under way.
    Now,
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// Left out, because its branch was not taken or the run ended before it.
    Skipped,
    /// A person was asked.
    Asked,
}

impl Progress {
    /// The word in class names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Now => "now",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Asked => "asked",
        }
    }

    /// The word people read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "not yet",
            Self::Now => "now",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "left out",
            Self::Asked => "asked you",
        }
    }

    /// Its icon; empty while it is not reached.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Waiting => "",
            Self::Now => "player-play",
            Self::Done => "check",
            Self::Failed => "x",
            Self::Skipped => "circle-minus",
            Self::Asked => "eye",
        }
    }
}

/// A step of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowView {
    /// The step.
    pub step: StepView,
    /// How far it is.
    pub progress: Progress,
    /// How often it was taken.
    pub times: usize,
    /// What was seen last; may be empty.
    pub seen: String,
    /// What went wrong; may be empty.
    pub cause: String,
    /// How long it took last, in words; empty before.
    pub took: String,
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogView {
    /// Its number from 1.
    pub n: usize,
    /// The time of day, UTC.
    pub clock: String,
    /// What was done.
    pub words: String,
    /// How it ended.
    pub progress: Progress,
    /// What was seen; may be empty.
    pub seen: String,
    /// What went wrong; may be empty.
    pub cause: String,
    /// How long it took, in words.
    pub took: String,
}

/// A picture that was kept.
#[derive(Debug, Clone)]
pub struct PictureView {
    /// Its name.
    pub name: String,
    /// Its address.
    pub src: String,
}

/// The state as a part of the page.
#[derive(Debug, Template)]
#[template(path = "macros/run_state.html")]
pub struct StateFragment {
    /// For icons and the token of forms.
    pub layout: Layout,
    /// How it stands.
    pub state: StateView,
}

/// A step of the plan as a part of the page.
#[derive(Debug, Template)]
#[template(path = "macros/run_row.html")]
pub struct RowFragment {
    /// For icons.
    pub layout: Layout,
    /// The step.
    pub row: RowView,
}

/// A line of what was done as a part of the page.
#[derive(Debug, Template)]
#[template(path = "macros/run_log.html")]
pub struct LogFragment {
    /// For icons.
    pub layout: Layout,
    /// The line.
    pub line: LogView,
}

/// A length of time as it is read beside a step.
pub fn took(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_beside_steps_are_short() {
        assert_eq!(took(0), "0 ms");
        assert_eq!(took(1_940), "1.9 s");
        assert_eq!(took(61_000), "1 min 1 s");
    }

    #[test]
    fn every_end_has_its_word_and_only_success_needs_nothing_more() {
        for end in RunEnd::ALL {
            assert!(!end_word(end).is_empty() && !end_class(end).is_empty());
            assert_eq!(next_step(end).is_empty(), end == RunEnd::Succeeded);
        }
    }
}
