//! What viewers of a phone are told.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::cause::{Cause, Trouble};
use crate::domain::screen::Screen;

/// How the picture stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// No answer yet.
    Connecting,
    /// The picture is what the phone shows.
    Live,
    /// So it is, but the phone takes its time.
    Slow,
    /// The last attempt failed or is overdue; the picture is old.
    Stale,
    /// No picture can be had.
    Lost,
}

impl Phase {
    /// The word in the live channel and on the page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Slow => "slow",
            Self::Stale => "stale",
            Self::Lost => "lost",
        }
    }
}

/// What set the wait before a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacedBy {
    /// The pace of the settings.
    Settings,
    /// The phone, which takes longer for its answer than the pace would wait.
    Phone,
    /// The cluster's budget of pictures a second.
    Budget,
}

impl PacedBy {
    /// The word in the live channel.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Phone => "phone",
            Self::Budget => "budget",
        }
    }
}

/// The latest that is known of a phone's screen.
#[derive(Debug, Clone)]
pub struct State {
    /// How it stands.
    pub phase: Phase,
    /// Why there is no newer picture.
    pub trouble: Option<Trouble>,
    /// The latest picture.
    pub screen: Option<Arc<Screen>>,
    /// When the phone last confirmed that this is its picture.
    pub confirmed_at: Option<Timestamp>,
    /// How long the phone took for its last answer.
    pub answer_time: Option<Duration>,
    /// Pictures asked for a second, over the last 10 s.
    pub polls_per_s: f32,
    /// What set the wait before the last picture.
    pub paced_by: PacedBy,
}

impl State {
    /// Before the first answer.
    pub(super) fn connecting() -> Self {
        Self {
            phase: Phase::Connecting,
            trouble: None,
            screen: None,
            confirmed_at: None,
            answer_time: None,
            polls_per_s: 0.0,
            paced_by: PacedBy::Settings,
        }
    }

    /// Whether it tells viewers more than that the picture before is still the phone's.
    pub(super) fn is_news_after(&self, before: &Self) -> bool {
        let version = |state: &Self| state.screen.as_ref().map(|screen| screen.version);
        version(self) != version(before)
            || self.phase != before.phase
            || self.paced_by != before.paced_by
            || self.trouble.is_some()
    }

    /// How old the picture is.
    pub fn age(&self, now: Timestamp) -> Option<Duration> {
        let age = now.as_millisecond() - self.confirmed_at?.as_millisecond();
        Some(Duration::from_millis(age.try_into().unwrap_or(0)))
    }
}

/// The trouble of a watch that was stopped before it had anything to tell.
pub(super) fn not_yet() -> Trouble {
    Trouble::new(
        Cause::PhoneNotAnswering,
        "the server stopped before the phone had answered",
    )
}
