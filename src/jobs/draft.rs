//! A job before it is made: what, to which phones, how carefully, when.

use serde::{Deserialize, Serialize};

use super::Error;
use crate::domain::brakes::{Brakes, When};
use crate::domain::cause::Cause;
use crate::domain::ids::{ClusterId, FilterId, PhoneId};
use crate::domain::job::Action;
use crate::domain::phone::{ReadinessState, RegistrationStatus};

/// The longest title, in characters.
pub const LONGEST_TITLE: usize = 80;
/// The most phones of one job.
pub const MOST_PHONES: usize = 250_000;

/// A job that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// What people will call it, up to [`LONGEST_TITLE`] characters; empty: what it does.
    #[serde(default)]
    pub title: String,
    /// What it does to each phone.
    pub action: Action,
    /// To which phones.
    pub targets: Targets,
    /// How carefully.
    #[serde(default)]
    pub brakes: Brakes,
    /// When, by the calendar; now without it.
    #[serde(default)]
    pub schedule: Option<When>,
}

/// The phones a job is for. A search is frozen to a list of phones when the job is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Targets {
    /// Whatever a search finds.
    Search(Choice),
    /// Whatever a saved filter finds.
    Filter(FilterId),
    /// These.
    Phones(Vec<PhoneId>),
    /// The phones of these names or MAC addresses, as [`super::names_from_csv`] reads them.
    Names(Vec<String>),
}

/// A search, as on the list of phones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Choice {
    /// Words and `field:value`.
    pub q: String,
    /// One cluster only.
    pub cluster: Option<ClusterId>,
    /// One model only.
    pub model: Option<String>,
    /// Registration.
    pub status: Option<RegistrationStatus>,
    /// Whether they can be controlled.
    pub readiness: Option<ReadinessState>,
    /// Why they cannot.
    pub cause: Option<Cause>,
}

/// What comes with the order to make a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accepted {
    /// [`super::Preview::token`]: the preview that was looked at, unknown names and all.
    pub preview_token: String,
    /// What was typed, where [`super::Preview::confirm`] asks for it.
    pub confirmation: Option<String>,
}

impl Draft {
    /// The title, tidied; what the job does when none was given.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub(super) fn titled(&self, words: &str) -> Result<String, Error> {
        let title = self.title.trim();
        if title.chars().count() > LONGEST_TITLE || title.chars().any(char::is_control) {
            return Err(Error::invalid(
                "title",
                format!("a title has up to {LONGEST_TITLE} visible characters"),
            ));
        }
        Ok(if title.is_empty() { words } else { title }.to_owned())
    }
}

/// What a job of this kind does, as a heading.
pub fn kind_words(action: &Action) -> &'static str {
    match action {
        Action::Macro { dry_run: false, .. } => "Play a macro",
        Action::Macro { dry_run: true, .. } => "Rehearse a macro",
        Action::Message { .. } => "Show a message",
        Action::Ring { .. } => "Ring",
        Action::Picture => "Take a picture",
        Action::Restart { reset: false } => "Restart",
        Action::Restart { reset: true } => "Reset",
        Action::Remedy { remedy } if remedy == "add-controlled-device" => "Add to the controlled devices",
        Action::Remedy { .. } => "Turn on web access",
        Action::Facts => "Read facts",
        Action::Readiness => "Look whether they can be controlled",
        Action::Logout => "Log Extension Mobility users out",
        Action::Background { .. } => "Set a background image",
        Action::RingTone { .. } => "Set a ring tone",
    }
}
