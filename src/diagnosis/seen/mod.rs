//! What a diagnosis has seen: each question to CUCM or the phone is asked once, whoever needs the answer.

mod cucm;
mod login;
mod phone;
mod settings;
mod url;

use std::time::Instant;

use crate::clock::Clock;
use crate::control::Control;
use crate::inventory::{Inventory, Subject};
use crate::phone::Phones;
use crate::screens::Screens;
use crate::store::Store;

pub(super) use cucm::{AUTHENTICATE, CucmSeen, REACH, is_other_than_pinned, met, within};
pub(super) use login::{LoginTried, NotAsked, is_service_word};
pub(super) use phone::{ASKED_UNTIL, PhoneSeen, Stranger, device_name};
pub(super) use settings::{Level, Setting, SettingsSeen};
pub(super) use url::{Sourced, UrlHost, Urls, Whose, is_same};

/// What checks ask with.
#[derive(Debug, Clone)]
pub struct Tools {
    /// Conversations with phones.
    pub phones: Phones,
    /// Live pictures.
    pub screens: Screens,
    /// Presses.
    pub control: Control,
    /// Clusters and phones.
    pub inventory: Inventory,
    /// The database.
    pub store: Store,
    /// The time of day.
    pub clock: Clock,
}

/// How far a diagnosis goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Twenty pictures in a row, also when the first one came.
    pub thorough: bool,
}

/// One phone under examination.
#[derive(Debug)]
pub struct Seen {
    pub(super) subject: Subject,
    pub(super) tools: Tools,
    pub(super) options: Options,
    /// When the diagnosis began.
    pub(super) begun: Instant,
    pub(super) cucm: CucmSeen,
    pub(super) phone: PhoneSeen,
    pub(super) settings: SettingsSeen,
}

impl Seen {
    pub(super) fn new(subject: Subject, tools: Tools, options: Options) -> Self {
        Self {
            subject,
            tools,
            options,
            begun: Instant::now(),
            cucm: CucmSeen::default(),
            phone: PhoneSeen::default(),
            settings: SettingsSeen::default(),
        }
    }
}
