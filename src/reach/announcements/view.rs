//! What people see of an announcement.

use std::time::Duration;

use super::super::Busy;
use crate::domain::ids::{AnnouncementId, ClusterId, PhoneId, SoundId, UserId};
use crate::reach::sounds::RATE;
use crate::store::reach::announcements::{PhoneRow, Row};

macro_rules! words {
    ($(#[$about:meta])* $name:ident, else $otherwise:ident { $($(#[$doc:meta])+ $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])+ $variant,)+
        }

        impl $name {
            /// The word in the API and the store.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The value of a stored word.
            pub fn from_stored(word: &str) -> Self {
                match word { $($word => Self::$variant,)+ _ => Self::$otherwise }
            }
        }
    };
}

words! {
    /// How the sound travels.
    Mode, else Unicast {
        /// A stream for each phone.
        Unicast = "unicast",
        /// One stream for all, where the network carries it.
        Multicast = "multicast",
    }
}

impl Mode {
    /// The mode of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Unicast, Self::Multicast]
            .into_iter()
            .find(|mode| mode.as_str() == word)
    }
}

words! {
    /// How a phone stands with an announcement.
    Hearing, else Failed {
        /// It has not been asked yet.
        Waiting = "waiting",
        /// It is being told to listen.
        Starting = "starting",
        /// It listens.
        Listening = "listening",
        /// It listened, and was told to stop.
        Done = "done",
        /// It was left alone, for a reason that is told.
        Skipped = "skipped",
        /// It did not take it.
        Failed = "failed",
        /// It could not be told to stop; that is tried again until it answers.
        Unstopped = "unstopped",
    }
}

words! {
    /// How an announcement ended.
    Ending, else Abandoned {
        /// Played to its end.
        Played = "played",
        /// A person stopped it.
        Stopped = "stopped",
        /// Nobody listened.
        Unheard = "unheard",
        /// The person who began it lost the right to.
        RightLost = "right-lost",
        /// The program was stopped.
        Shutdown = "shutdown",
        /// The program ended in the middle.
        Abandoned = "abandoned",
    }
}

impl Ending {
    /// The same for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Played => "played to its end",
            Self::Stopped => "stopped by a person",
            Self::Unheard => "no phone listened",
            Self::RightLost => "stopped: who began it may no longer do that",
            Self::Shutdown => "stopped with the server",
            Self::Abandoned => "cut off when the server ended",
        }
    }
}

/// One phone of an announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HearingPhone {
    /// The phone; it may be gone from the inventory.
    pub phone: PhoneId,
    /// Its name.
    pub name: String,
    /// Its cluster.
    pub cluster: ClusterId,
    /// How it stands.
    pub state: Hearing,
    /// More about that; may be empty.
    pub detail: String,
}

/// An announcement as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncementView {
    /// The row.
    pub id: AnnouncementId,
    /// The sound; it may be gone.
    pub sound: SoundId,
    /// Its name then.
    pub sound_name: String,
    /// How long it lasts.
    pub duration: Duration,
    /// How much of it was sent; zero once it ended.
    pub position: Duration,
    /// How it travels.
    pub mode: Mode,
    /// 0 to 100.
    pub volume: u8,
    /// What becomes of phones in a call.
    pub busy: Busy,
    /// Who began it.
    pub user: UserId,
    /// Their name then.
    pub user_name: String,
    /// Unix milliseconds.
    pub began_at: i64,
    /// Unix milliseconds; none while it runs or phones are told to stop.
    pub ended_at: Option<i64>,
    /// How it ended.
    pub ending: Option<Ending>,
    /// Its phones by name.
    pub phones: Vec<HearingPhone>,
}

impl AnnouncementView {
    /// How many phones stand in a state.
    pub fn count(&self, state: Hearing) -> usize {
        self.phones.iter().filter(|phone| phone.state == state).count()
    }

    pub(super) fn of(row: Row, phones: Vec<PhoneRow>) -> Self {
        let samples = u64::try_from(row.samples).unwrap_or(0);
        Self {
            id: AnnouncementId(row.id),
            sound: SoundId(row.sound_id),
            sound_name: row.sound_name,
            duration: Duration::from_millis(samples * 1_000 / u64::from(RATE)),
            position: Duration::ZERO,
            mode: Mode::from_stored(&row.mode),
            volume: u8::try_from(row.volume).unwrap_or(0),
            busy: Busy::parse(&row.busy).unwrap_or_default(),
            user: UserId(row.user_id),
            user_name: row.user_name,
            began_at: row.began_at,
            ended_at: row.ended_at,
            ending: row.ended_at.map(|_| Ending::from_stored(&row.ending)),
            phones: phones.into_iter().map(HearingPhone::of).collect(),
        }
    }
}

impl HearingPhone {
    fn of(row: PhoneRow) -> Self {
        Self {
            phone: PhoneId(row.phone_id),
            name: row.phone_name,
            cluster: ClusterId(row.cluster_id),
            state: Hearing::from_stored(&row.state),
            detail: row.detail,
        }
    }
}
