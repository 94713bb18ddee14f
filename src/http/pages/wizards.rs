//! Wizards: the list, the page that begins one, a page a step, and the file for support.

use askama::Template;

use super::{Choice, FieldErrors, Layout, Section, When};
use crate::diagnosis::wizards::{About, End, Field, Kind, Part, Pick, Proof, Span, Standing};
use crate::domain::finding::{CheckOutcome, Detail};

/// `GET /wizards`
#[derive(Debug, Template)]
#[template(path = "wizards/list.html")]
pub struct WizardsPage {
    /// What surrounds it.
    pub layout: Layout,
    /// Every wizard.
    pub kinds: &'static [Kind],
    /// Runs under way, newest first.
    pub open: Vec<RunLine>,
    /// Runs that are over, newest first.
    pub over: Vec<RunLine>,
}

/// One run in a list.
#[derive(Debug, Clone)]
pub struct RunLine {
    /// Its number.
    pub id: i64,
    /// What its wizard is called.
    pub title: &'static str,
    /// The phone or cluster.
    pub about: String,
    /// Its cluster; empty when `about` is it.
    pub cluster: String,
    /// The step it is at.
    pub step: String,
    /// Whether it was finished; else it was left, or is under way.
    pub finished: bool,
    /// Who began it.
    pub by: String,
    /// When something was last done.
    pub changed_at: When,
}

/// `GET /wizards/{kind}`
#[derive(Debug, Template)]
#[template(path = "wizards/begin.html")]
pub struct BeginPage {
    /// What surrounds it.
    pub layout: Layout,
    /// Which wizard.
    pub kind: Kind,
    /// What was typed to find the phone.
    pub q: String,
    /// Phones to choose from.
    pub phones: Vec<PhoneChoice>,
    /// How many phones fit in all.
    pub total: u64,
    /// Clusters to choose from.
    pub clusters: Vec<Choice>,
    /// What is wrong.
    pub errors: FieldErrors,
}

/// A phone to choose.
#[derive(Debug, Clone)]
pub struct PhoneChoice {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Number, user, model: what tells it apart.
    pub about: String,
}

impl BeginPage {
    /// Whether it is about a phone.
    pub fn is_about_phone(&self) -> bool {
        self.kind.about() == About::Phone
    }

    /// What its steps are called.
    pub fn steps(&self) -> Vec<&'static str> {
        self.kind.steps().iter().map(|step| step.title).collect()
    }
}

/// `GET /wizards/runs/{id}/{step}`; with the header `X-Fragment: live` only the block `live`.
#[derive(Debug, Template)]
#[template(path = "wizards/step.html", blocks = ["live"])]
pub struct StepPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The run.
    pub run: RunView,
    /// All its steps.
    pub rail: Vec<RailStep>,
    /// The step.
    pub id: &'static str,
    /// Its number, from 1, among those that are needed.
    pub number: usize,
    /// How many are needed.
    pub of: usize,
    /// What it is about.
    pub title: &'static str,
    /// Why it is asked.
    pub why: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// What the software makes of what it saw.
    pub proof: Proof,
    /// Whether the software looks at something here.
    pub looks: bool,
    /// Whether it is looking now.
    pub busy: bool,
    /// Whether it goes on looking while the page is open.
    pub watches: bool,
    /// What the diagnosis says, when its rows are shown.
    pub diagnosis: Option<DiagnosisView>,
    /// What was seen, in groups.
    pub groups: Vec<Group>,
    /// What to read and do.
    pub parts: Vec<PartView>,
    /// How it ends.
    pub end: End,
    /// What was chosen or typed, or is proposed, by field.
    pub fields: Vec<FieldView>,
    /// Who answered it and when; empty when nobody did.
    pub answered: Option<(String, When)>,
    /// What is wrong with what was given.
    pub errors: FieldErrors,
    /// The step before.
    pub back: Option<&'static str>,
    /// The step to go on with, when this one is over.
    pub next: Option<&'static str>,
    /// The log, oldest first.
    pub notes: Vec<NoteView>,
}

/// The run around a step.
#[derive(Debug, Clone)]
pub struct RunView {
    /// Its number.
    pub id: i64,
    /// What its wizard is called.
    pub title: &'static str,
    /// The phone's number.
    pub phone: Option<i64>,
    /// The phone or cluster.
    pub about: String,
    /// The cluster's name.
    pub cluster: String,
    /// Who began it.
    pub by: String,
    /// When.
    pub begun_at: When,
    /// Whether it is under way.
    pub is_open: bool,
    /// Whether it was finished.
    pub finished: bool,
    /// Whether this viewer may change CUCM.
    pub may_mend: bool,
}

/// One step in the list beside.
#[derive(Debug, Clone)]
pub struct RailStep {
    /// The word in addresses.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// Who answered it and when.
    pub by: Option<(String, When)>,
    /// Whether it may be opened.
    pub can_open: bool,
    /// Whether it is shown.
    pub is_current: bool,
}

impl RailStep {
    /// The word for how it stands.
    pub fn word(&self) -> &'static str {
        match self.standing {
            Standing::Seen => "seen to be right",
            Standing::Done => "done",
            Standing::Skipped => "left undone",
            Standing::Open => "open",
            Standing::Later => "later",
            Standing::NotNeeded => "not needed",
        }
    }

    /// The word for styles.
    pub fn class(&self) -> &'static str {
        match self.standing {
            Standing::Seen | Standing::Done => "over",
            Standing::Skipped => "skipped",
            Standing::Open => "open",
            Standing::Later | Standing::NotNeeded => "later",
        }
    }

    /// Its icon; the word stands beside it.
    pub fn icon(&self) -> &'static str {
        match self.standing {
            Standing::Seen => "eye",
            Standing::Done => "check",
            Standing::Skipped => "circle-minus",
            _ => "circle-dot",
        }
    }
}

/// The diagnosis behind the rows.
#[derive(Debug, Clone)]
pub struct DiagnosisView {
    /// Its number; 0 when there was none.
    pub id: i64,
    /// Its cause in words; empty while nothing is known.
    pub title: String,
    /// What follows, to be read aloud.
    pub summary: String,
    /// When.
    pub at: When,
}

/// Rows of one look.
#[derive(Debug, Clone)]
pub struct Group {
    /// When it was seen; none when it was not.
    pub at: Option<When>,
    /// The rows.
    pub rows: Vec<RowView>,
}

/// A row of what was seen.
#[derive(Debug, Clone)]
pub struct RowView {
    /// A name for its proof on the page.
    pub key: String,
    /// What was looked at.
    pub title: String,
    /// How it was; none: not looked at yet.
    pub outcome: Option<CheckOutcome>,
    /// What was seen.
    pub evidence: String,
    /// The proof.
    pub details: Vec<Detail>,
}

impl RowView {
    /// The word for styles.
    pub fn class(&self) -> &'static str {
        self.outcome.map_or("skipped", CheckOutcome::as_str)
    }

    /// The word for people.
    pub fn word(&self) -> &'static str {
        self.outcome.map_or("not looked at", CheckOutcome::as_str)
    }

    /// Its icon; the word stands beside it.
    pub fn icon(&self) -> &'static str {
        match self.outcome {
            Some(CheckOutcome::Passed) => "circle-check",
            Some(CheckOutcome::Failed) => "circle-x",
            Some(CheckOutcome::Warning) => "alert-triangle",
            Some(CheckOutcome::Skipped) | None => "circle-minus",
        }
    }
}

/// What a person reads and does, with addresses filled in.
#[derive(Debug, Clone)]
pub struct PartView {
    /// The part.
    pub part: Part,
    /// Where a remedy is; empty for other parts.
    pub href: String,
}

/// A field with its value.
#[derive(Debug, Clone)]
pub struct FieldView {
    /// The field.
    pub field: Field,
    /// What is in it.
    pub value: String,
}

/// A line of the log.
#[derive(Debug, Clone)]
pub struct NoteView {
    /// When.
    pub at: When,
    /// Who.
    pub by: String,
    /// The step's title; empty for the run as a whole.
    pub step: String,
    /// What.
    pub text: String,
}

impl StepPage {
    /// The picks of a choice.
    pub fn picks(&self) -> &'static [Pick] {
        match self.end {
            End::Choose(picks) => picks,
            _ => &[],
        }
    }

    /// Whether this pick is the chosen one, or the proposed one.
    pub fn is_picked(&self, value: &str) -> bool {
        self.fields.first().is_some_and(|field| field.value == value)
    }

    /// Whether the step is over, so that its button only goes on.
    pub fn is_over(&self) -> bool {
        self.standing.is_over()
    }

    /// The sentence that only the person can say; empty when none is needed.
    pub fn tick(&self) -> &'static str {
        match (&self.end, &self.proof) {
            (End::Next { tick, .. }, Proof::NotSeen | Proof::Unknown) => tick,
            _ => "",
        }
    }

    /// Whether the person can say that it is done.
    pub fn can_be_done(&self) -> bool {
        match (&self.end, &self.proof) {
            (End::Next { tick, .. }, Proof::Unknown) => !tick.is_empty(),
            (End::Next { .. }, Proof::Bad(_)) => false,
            _ => true,
        }
    }

    /// Whether it can be left undone; a step that needs nothing is simply gone on from.
    pub fn can_be_skipped(&self) -> bool {
        let may = matches!(self.end, End::Next { may_skip: true, .. });
        let free = matches!(
            (&self.end, &self.proof),
            (End::Next { tick: "", .. }, Proof::NotSeen) | (_, Proof::Good(_))
        );
        may && !free
    }

    /// Whether nothing was seen yet although there is something to see.
    pub fn is_blind(&self) -> bool {
        self.groups.iter().all(|group| group.at.is_none())
    }
}

/// Phones of a list: what they have in common, name and why of each that is shown, and how many there are in all.
pub type PhoneList = (String, Vec<(String, String)>, usize);

/// `GET /wizards/runs/{id}/support`: one file for whoever looks next.
#[derive(Debug, Template)]
#[template(path = "wizards/support.html")]
pub struct SupportFile {
    /// What its wizard is called.
    pub title: &'static str,
    /// The phone or cluster.
    pub about: String,
    /// What is known of it, by name.
    pub facts: Vec<(&'static str, String)>,
    /// When the file was made.
    pub made_at: String,
    /// The diagnosis' sentence; empty when there was none.
    pub verdict: String,
    /// What the diagnosis saw.
    pub findings: Vec<RowView>,
    /// What was seen beside it, by what was looked at.
    pub readings: Vec<(&'static str, String, Vec<RowView>)>,
    /// Phones of lists, by what they have in common.
    pub phones: Vec<PhoneList>,
    /// The steps: title, how it stands, who and when.
    pub steps: Vec<(&'static str, &'static str, String)>,
    /// The log: when, who, at which step, what.
    pub notes: Vec<(String, String, String, String)>,
}
