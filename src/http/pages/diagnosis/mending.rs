//! What mends a phone, what was changed, and how it goes on.

use crate::diagnosis::remedies::RunState;
use crate::domain::role::Role;
use crate::http::pages::When;

/// A remedy that was applied to the phone.
#[derive(Debug, Clone)]
pub struct ChangeView {
    /// The number of the run.
    pub id: i64,
    /// What was done.
    pub title: String,
    /// What became of it, in words; may be empty.
    pub told: String,
    /// How it stands.
    pub state: RunState,
    /// When.
    pub at: When,
    /// By whom.
    pub by: String,
    /// Whether it is taken back by itself at the end of the visit.
    pub only_for_visit: bool,
    /// Whether the viewer may undo it now.
    pub can_undo: bool,
}

impl ChangeView {
    /// The class of its mark.
    pub fn class(&self) -> &'static str {
        match self.state {
            RunState::Begun => "started",
            RunState::Done => "done",
            RunState::Failed | RunState::Doubtful => "failed",
            RunState::Undone => "undone",
        }
    }

    /// How it stands, in a word.
    pub fn word(&self) -> &'static str {
        match self.state {
            RunState::Begun => "Under way",
            RunState::Done => "Done",
            RunState::Failed => "Not done",
            RunState::Undone => "Undone",
            RunState::Doubtful => "Not certain",
        }
    }
}

/// What mends the phone, beside the verdict.
#[derive(Debug, Clone)]
pub struct RemedyView {
    /// What it does, as an order: `Add the phone to the controlled devices`.
    pub title: String,
    /// What changes.
    pub effect: String,
    /// Where its preview or its steps are.
    pub href: String,
    /// Whether Sidetone can do it; else it is a list of steps.
    pub one_click: bool,
    /// Whether the viewer may apply it.
    pub allowed: bool,
    /// Who may apply it.
    pub needs: Role,
    /// Whether it can be taken back.
    pub undo: bool,
    /// Why one that could be a click is a list of steps here; empty otherwise.
    pub guided_because: String,
}

impl RemedyView {
    /// What the link to it says.
    pub fn action(&self) -> &'static str {
        match (self.one_click, self.allowed) {
            (true, true) => "Review and apply",
            (true, false) => "See what an admin would do",
            (false, _) => "Follow the steps",
        }
    }

    /// The icon of that link.
    pub fn icon(&self) -> &'static str {
        match (self.one_click, self.allowed) {
            (true, true) => "arrow-right",
            (true, false) => "eye",
            (false, _) => "list-check",
        }
    }

    /// What one wants to know before: icon and words.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        if self.undo {
            facts.push(("arrow-back-up", "Can be undone".to_owned()));
        }
        if self.one_click && !self.allowed {
            facts.push(("key", format!("Needs the role {}", self.needs)));
        }
        if !self.guided_because.is_empty() {
            facts.push(("info-circle", format!("By hand here, because {}", self.guided_because)));
        }
        facts
    }
}

/// How mending goes on, at the top of the diagnosis that looks whether it helped.
#[derive(Debug, Clone)]
pub struct MendingView {
    /// The number of the remedy's run.
    pub id: i64,
    /// What was done.
    pub title: String,
    /// What became of it, in words; may be empty.
    pub told: String,
    /// How it goes on.
    pub stage: MendingStage,
    /// Whether CUCM said that it was done.
    pub is_certain: bool,
    /// Whether the viewer may undo it now.
    pub can_undo: bool,
    /// Who took it back; empty when nobody did.
    pub undone_by: String,
}

/// Where mending stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MendingStage {
    /// It is being looked at again until the cause is gone.
    Checking,
    /// The cause is gone.
    Gone,
    /// The cause is gone, and another stood behind it.
    NextCause,
    /// It stayed; no more tries follow by themselves.
    Stayed,
    /// The change itself could not be made.
    NotMade,
    /// It was taken back.
    Undone,
}

impl MendingView {
    /// What became of it.
    pub fn words(&self) -> String {
        let done = if self.is_certain {
            "Done"
        } else {
            "CUCM did not say whether it was done"
        };
        match self.stage {
            MendingStage::Checking => format!("{done}. Checking again until it is gone."),
            MendingStage::Gone => format!("{done}, and it helped: the phone can be controlled."),
            MendingStage::NextCause => {
                format!("{done}, and it helped. Something else stands in the way now: it is named below.")
            }
            MendingStage::Stayed => {
                format!("{done}, but the fault is still there. Run it again in a minute, or undo the change.")
            }
            MendingStage::NotMade => "Not done; everything is as it was.".to_owned(),
            MendingStage::Undone if self.undone_by.is_empty() => "Undone.".to_owned(),
            MendingStage::Undone => format!("Undone by {}.", self.undone_by),
        }
    }

    /// The class of its banner.
    pub fn class(&self) -> &'static str {
        match self.stage {
            MendingStage::Checking | MendingStage::Undone => "calm",
            MendingStage::Gone | MendingStage::NextCause => "done",
            MendingStage::Stayed | MendingStage::NotMade => "failed",
        }
    }

    /// The icon of its banner.
    pub fn icon(&self) -> &'static str {
        match self.stage {
            MendingStage::Checking => "progress",
            MendingStage::Gone | MendingStage::NextCause => "circle-check",
            MendingStage::Stayed | MendingStage::NotMade => "alert-triangle",
            MendingStage::Undone => "arrow-back-up",
        }
    }
}
