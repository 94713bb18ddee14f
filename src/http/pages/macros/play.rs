//! Before a macro starts: which phone, and what is asked.

use askama::Template;

use super::{Layout, MacroRow, Section, StepView};
use crate::domain::phone::RegistrationStatus;

/// `GET /macros/{id}/play?q=`: which phone?
#[derive(Debug, Template)]
#[template(path = "macros/choose.html", blocks = ["rows"])]
pub struct ChoosePage {
    /// What surrounds it.
    pub layout: Layout,
    /// The macro.
    pub about: MacroRow,
    /// The words of the search.
    pub q: String,
    /// The phones that were found.
    pub phones: Vec<PhoneView>,
    /// How many fit the search in all.
    pub total: u64,
}

impl ChoosePage {
    /// Whether more phones fit than are shown.
    pub fn has_more(&self) -> bool {
        self.total > self.phones.len() as u64
    }
}

/// A phone that a macro may be played on.
#[derive(Debug, Clone)]
pub struct PhoneView {
    /// Its number.
    pub id: i64,
    /// Its device name, or address.
    pub name: String,
    /// Its owner; may be empty.
    pub owner: String,
    /// Its first directory number; may be empty.
    pub number: String,
    /// Its model's name, without `Cisco `.
    pub model: String,
    /// Whether it is registered.
    pub status: RegistrationStatus,
    /// Why the macro is not for it; empty when it is.
    pub unfit: String,
}

impl PhoneView {
    /// The owner, or the name of a phone that nobody owns.
    pub fn title(&self) -> &str {
        if self.owner.is_empty() { &self.name } else { &self.owner }
    }
}

/// `GET /macros/{id}/play?phone=`: what will be done, and what is asked. Its form is `POST /macros/{id}/play` with
/// `phone`, `a-` and the name of each question, `dry_run`, `step_by_step`, `way` and `confirmation`.
#[derive(Debug, Template)]
#[template(path = "macros/play.html")]
pub struct PlayPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The macro.
    pub about: MacroRow,
    /// On which phone.
    pub phone: PhoneView,
    /// What it does.
    pub steps: Vec<StepView>,
    /// What it asks.
    pub questions: Vec<QuestionView>,
    /// Whether it ends before the first step that cannot be taken back.
    pub dry_run: bool,
    /// Whether it waits before each step.
    pub step_by_step: bool,
    /// `auto`, `web` or `ssh`.
    pub way: String,
    /// What does not work over SSH; empty where SSH is no way to this phone.
    pub ssh_limits: Vec<String>,
    /// What must be typed, for a macro that can do harm.
    pub confirm: Option<String>,
    /// What was wrong with the confirmation.
    pub confirm_error: Option<String>,
    /// Why it was not started.
    pub error: Option<String>,
}

impl PlayPage {
    /// How many of its steps cannot be taken back.
    pub fn destructive_steps(&self) -> usize {
        self.steps.iter().filter(|step| step.destructive).count()
    }
}

/// A question before the start.
#[derive(Debug, Clone)]
pub struct QuestionView {
    /// Its name; the field is `a-` and this.
    pub name: String,
    /// What is asked.
    pub label: String,
    /// What is typed or chosen.
    pub kind: QuestionKind,
    /// The answer so far.
    pub value: String,
    /// Whether it must be answered.
    pub required: bool,
    /// What is wrong with the answer.
    pub error: Option<String>,
}

/// How a question is answered.
#[derive(Debug, Clone)]
pub enum QuestionKind {
    /// By words.
    Text,
    /// By digits.
    Digits,
    /// By a number between two.
    Number(u32, u32),
    /// By one of these.
    Choice(Vec<String>),
}

/// `GET /phones/{id}/macros`: every macro for one phone, and its latest runs.
#[derive(Debug, Template)]
#[template(path = "macros/of_phone.html")]
pub struct PhoneMacrosPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The phone.
    pub phone: PhoneView,
    /// The macros that fit it.
    pub macros: Vec<MacroRow>,
    /// How many do not.
    pub others: usize,
    /// What was played on it, newest first.
    pub runs: Vec<super::RunLine>,
}
