//! What the page of a phone offers to reach its people, and what came of it.

use askama::Template;

use super::backgrounds::Proof;
use crate::http::pages::{Choice, Layout};
use crate::reach::{Limits, limits};

/// The forms below a phone.
#[derive(Debug, Clone, Default)]
pub struct ReachBar {
    /// Whether the viewer may reach people, and the phone can be reached.
    pub is_shown: bool,
    /// The tones of the list.
    pub tones: Vec<String>,
    /// Whether the model can be told to vibrate.
    pub vibrates: bool,
    /// Backgrounds, when the model takes one.
    pub backgrounds: Vec<Choice>,
    /// Whether the model takes a background.
    pub takes_background: bool,
    /// Sounds for its ring tone.
    pub sounds: Vec<Choice>,
}

impl ReachBar {
    /// The most of everything.
    pub fn limits(&self) -> Limits {
        limits()
    }
}

/// What came of a form below the phone, for the page's own script.
#[derive(Debug, Template)]
#[template(path = "reach/said.html")]
pub struct Said {
    /// For icons.
    pub layout: Layout,
    /// Whether it failed.
    pub failed: bool,
    /// What, in a sentence or two.
    pub text: String,
    /// The screens before and after, when a background was set.
    pub proof: Option<Proof>,
}
