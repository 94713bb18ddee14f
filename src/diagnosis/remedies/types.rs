//! What people and programs see of remedies: offers, previews, guides, runs.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::RemedyId;
use crate::domain::finding::CheckId;
use crate::domain::ids::{DiagnosisId, PhoneId, RemedyRunId, UserId};
use crate::domain::role::Role;

/// A remedy beside a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub id: RemedyId,
    /// What it is called.
    pub title: &'static str,
    /// What it changes, and what else that touches, in a sentence or two.
    pub effect: String,
    /// Whether one click applies it; else it is a guide.
    pub one_click: bool,
    /// Whether it can be taken back.
    pub undo: bool,
    /// Whether this viewer may apply it.
    pub allowed: bool,
    /// The least role that may.
    pub needs: Role,
    /// Why one that could be a click is a guide here; none where it is a click, or never could be.
    pub guided_because: Option<String>,
}

/// One value that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What it is: `Web Access`, `Controlled devices of ctl`.
    pub what: String,
    /// What it is now; never a password.
    pub from: String,
    /// What it becomes; never a password.
    pub to: String,
}

impl Change {
    pub(super) fn new(what: impl Into<String>, from: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            from: from.into(),
            to: to.into(),
        }
    }
}

/// Something that a person may type before a remedy is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What it is.
    pub label: String,
    /// What is proposed; sent back as [`Apply::input`], changed or not.
    pub value: String,
    /// Other values worth proposing, with what speaks for or against each.
    pub choices: Vec<(String, String)>,
}

/// Exactly what a remedy would do now. Nothing has been changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Which remedy.
    pub id: RemedyId,
    /// Of which phone.
    pub phone: PhoneId,
    /// Its name.
    pub phone_name: String,
    /// What it is called.
    pub title: &'static str,
    /// What changes; empty when everything is so already.
    pub changes: Vec<Change>,
    /// How many phones this touches.
    pub phones_touched: u64,
    /// What else follows, and what speaks against it.
    pub warnings: Vec<String>,
    /// What must be typed before it is done.
    pub confirm: Option<String>,
    /// A short word for everything that was read: applying is refused when it is another by then.
    pub token: String,
    /// What a person may type.
    pub input: Option<Input>,
    /// Whether a password must be given too.
    pub asks_password: bool,
    /// Whether it can be taken back.
    pub undo: bool,
}

/// What comes with the order to apply a remedy.
#[derive(Debug, Clone, Default)]
pub struct Apply {
    /// [`Preview::token`]; without it what is there now counts. What ends a call or touches more than one phone is not done
    /// without it.
    pub token: Option<String>,
    /// What was typed to confirm.
    pub confirmation: Option<String>,
    /// What was typed for [`Preview::input`]; without it what is proposed counts.
    pub input: Option<String>,
    /// The password, where one is asked.
    pub password: Option<SecretString>,
}

/// A remedy that was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The run.
    pub run: RemedyRunId,
    /// The first diagnosis after it. More follow by themselves until the cause is gone. None when it could not begin: the
    /// change was made all the same.
    pub diagnosis: Option<DiagnosisId>,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Under way.
    Begun,
    /// Done.
    Done,
    /// Not done; CUCM is as it was.
    Failed,
    /// Done, and taken back.
    Undone,
    /// Cut off, or CUCM did not answer: nobody knows whether it was done.
    Doubtful,
}

impl RunState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Begun, Self::Done, Self::Failed, Self::Undone, Self::Doubtful];

    /// The word in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Undone => "undone",
            Self::Doubtful => "doubtful",
        }
    }
}

/// One time that a remedy was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: RemedyRunId,
    /// Which remedy; none of a later program's.
    pub remedy: Option<RemedyId>,
    /// What it is called.
    pub title: String,
    /// Of which phone.
    pub phone: PhoneId,
    /// The phone's name then.
    pub phone_name: String,
    /// By whom; none for the program itself.
    pub user: Option<UserId>,
    /// Their name then.
    pub user_name: String,
    /// When it began, in unix milliseconds.
    pub began_at: i64,
    /// When it ended, in unix milliseconds; none while it is under way.
    pub ended_at: Option<i64>,
    /// What was changed, before and after; empty when everything was so already.
    pub changes: Vec<Change>,
    /// How it stands.
    pub state: RunState,
    /// What was seen when it was not done, or is not certain; may be empty.
    pub evidence: String,
    /// Whether it can be taken back now.
    pub undoable: bool,
    /// Of one for a visit: until when at the latest, in unix milliseconds.
    pub visit_until: Option<i64>,
    /// Who took it back, and when in unix milliseconds.
    pub undone: Option<(String, i64)>,
    /// The first diagnosis after it, as far as it was made.
    pub diagnosis: Option<DiagnosisId>,
}

/// One step of a guide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuideStep {
    /// What it is about.
    pub title: String,
    /// What to do, and what for.
    pub text: String,
    /// Where: the menu of CUCM or of the phone, word for word.
    pub menu: Vec<String>,
    /// Fields of that page and what belongs into them.
    pub values: Vec<(String, String)>,
    /// What can go wrong.
    pub warning: Option<String>,
    /// The check that tells whether it worked.
    pub check: Option<CheckId>,
}

impl GuideStep {
    pub(super) fn new(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            text: text.into(),
            ..Self::default()
        }
    }

    #[must_use]
    pub(super) fn menu(mut self, menu: &[&str]) -> Self {
        self.menu = menu.iter().map(|item| (*item).to_owned()).collect();
        self
    }

    #[must_use]
    pub(super) fn value(mut self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.push((field.into(), value.into()));
        self
    }

    #[must_use]
    pub(super) fn warning(mut self, warning: impl Into<String>) -> Self {
        self.warning = Some(warning.into());
        self
    }

    #[must_use]
    pub(super) fn check(mut self, check: CheckId) -> Self {
        self.check = Some(check);
        self
    }
}

/// A remedy that a person carries out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    /// Which remedy.
    pub id: RemedyId,
    /// What it is called.
    pub title: &'static str,
    /// Why it helps, and why it is no click.
    pub why: String,
    /// In order.
    pub steps: Vec<GuideStep>,
    /// How many phones it touches, where that is known.
    pub phones_touched: Option<u64>,
}
