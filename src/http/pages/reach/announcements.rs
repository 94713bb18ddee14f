//! Announcements: what can be played, and what is played now or was.

use askama::Template;

use super::{Pick, Tab};
use crate::http::pages::{FieldErrors, Layout, Section, When};

/// `GET /announcements?phone=&sound=`, and the answer to a form that was refused.
#[derive(Debug, Template)]
#[template(path = "reach/announcements.html")]
pub struct AnnouncementsPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The pages beside it.
    pub tabs: Vec<Tab>,
    /// Sounds that are kept, by name.
    pub sounds: Vec<SoundRow>,
    /// What is chosen to be played.
    pub form: PlayForm,
    /// The phones.
    pub pick: Pick,
    /// What is wrong with the upload or the order.
    pub errors: FieldErrors,
    /// The name that was typed for a new sound.
    pub name: String,
    /// The most bytes of a sound.
    pub most_bytes: usize,
    /// The most seconds of a sound.
    pub most_seconds: u32,
    /// Announcements, newest first.
    pub earlier: Vec<AnnouncementRow>,
}

/// What is chosen to be played.
#[derive(Debug, Clone)]
pub struct PlayForm {
    /// The sound.
    pub sound: Option<i64>,
    /// Whether all phones that the search finds are meant.
    pub all_found: bool,
    /// Whether one stream goes to all.
    pub multicast: bool,
    /// 0 to 100.
    pub volume: String,
    /// Whether phones in a call hear it too.
    pub play_busy: bool,
}

/// A sound that is kept.
#[derive(Debug, Clone)]
pub struct SoundRow {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// How long it lasts, such as `0:07`.
    pub length: String,
    /// What was uploaded.
    pub source: String,
    /// What happens to it as a ring tone.
    pub ring_notice: Option<String>,
    /// By whom.
    pub by: String,
    /// When.
    pub at: When,
}

/// An announcement in one line.
#[derive(Debug, Clone)]
pub struct AnnouncementRow {
    /// Its number.
    pub id: i64,
    /// The sound's name then.
    pub sound: String,
    /// Who began it.
    pub by: String,
    /// When.
    pub at: When,
    /// `1 phone`, or how many.
    pub phones: String,
    /// How it stands, in words.
    pub word: String,
    /// The class of its sign.
    pub class: &'static str,
    /// How many heard it, and how many not.
    pub outcome: String,
}

/// `GET /announcements/{id}`.
#[derive(Debug, Template)]
#[template(path = "reach/announcement.html")]
pub struct AnnouncementPage {
    /// What surrounds it.
    pub layout: Layout,
    /// What changes while it is played.
    pub state: StateView,
}

/// What changes while it is played, alone.
#[derive(Debug, Template)]
#[template(path = "reach/announcement_state.html")]
pub struct StateFragment {
    /// For icons and the token.
    pub layout: Layout,
    /// How it stands.
    pub state: StateView,
}

/// How an announcement stands.
#[derive(Debug, Clone)]
pub struct StateView {
    /// Its number.
    pub id: i64,
    /// The sound's name then.
    pub sound: String,
    /// How it travels, how loud, and what becomes of phones in a call, in words.
    pub how: String,
    /// Who began it.
    pub by: String,
    /// When.
    pub began: When,
    /// Whether it is over.
    pub is_over: bool,
    /// How it stands, in words.
    pub word: String,
    /// The class of its sign.
    pub class: &'static str,
    /// How much was sent, in milliseconds.
    pub position_ms: u128,
    /// How long it lasts, in milliseconds.
    pub length_ms: u128,
    /// `0:03 of 0:12`.
    pub position: String,
    /// How many phones stand in which state, in words, none that is empty.
    pub counts: Vec<(&'static str, usize, &'static str)>,
    /// Its phones by name.
    pub phones: Vec<HearingRow>,
}

/// One phone of an announcement.
#[derive(Debug, Clone)]
pub struct HearingRow {
    /// Its number.
    pub id: i64,
    /// Its name then.
    pub name: String,
    /// How it stands, in words.
    pub word: &'static str,
    /// The class of its sign.
    pub class: &'static str,
    /// More about that; may be empty.
    pub detail: String,
}
