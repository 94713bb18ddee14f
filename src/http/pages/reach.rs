//! Reaching people: what its pages share.

use askama::Template;

use super::{Icon, Layout};
use crate::domain::phone::RegistrationStatus;

pub mod announcements;
pub mod backgrounds;
pub mod messages;
pub mod phone;

/// The pages under the rail's entry, in order.
const TABS: [(&str, &str, &str); 3] = [
    ("/messages", "Messages", "message"),
    ("/announcements", "Announcements", "volume"),
    ("/backgrounds", "Backgrounds and ring tones", "photo"),
];

/// One of the pages under the rail's entry.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Its address.
    pub href: &'static str,
    /// Its name.
    pub label: &'static str,
    /// Its icon.
    pub icon: Icon,
    /// Whether it is the one shown.
    pub is_here: bool,
}

/// The pages under the rail's entry, the one at `here` marked.
pub fn tabs(here: &str) -> Vec<Tab> {
    let tab = |&(href, label, icon): &(&'static str, &'static str, &'static str)| Tab {
        href,
        label,
        icon: Icon(icon),
        is_here: href == here,
    };
    TABS.iter().map(tab).collect()
}

/// A phone to choose.
#[derive(Debug, Clone)]
pub struct PickRow {
    /// Its number.
    pub id: i64,
    /// Its device name.
    pub name: String,
    /// Its owner or description; may be empty.
    pub about: String,
    /// Its first directory number; may be empty.
    pub number: String,
    /// Its model.
    pub model: String,
    /// Whether it is registered.
    pub status: RegistrationStatus,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl PickRow {
    /// Whether it is registered: what is usual needs no word.
    pub fn is_registered(&self) -> bool {
        self.status == RegistrationStatus::Registered
    }
}

/// A part of a form that chooses phones: chosen ones first, then what the search found.
#[derive(Debug, Clone, Default)]
pub struct Pick {
    /// Begins the ids of its elements.
    pub id: &'static str,
    /// Whether several can be chosen.
    pub many: bool,
    /// What was searched for.
    pub q: String,
    /// The phones shown.
    pub rows: Vec<PickRow>,
    /// How many fit the search.
    pub total: u64,
    /// What was wrong with the choice.
    pub error: Option<String>,
}

impl Pick {
    /// How many fit the search and are not shown, at least: a chosen phone may be none of them.
    pub fn hidden(&self) -> u64 {
        self.total.saturating_sub(self.rows.len() as u64)
    }
}

/// `GET /reach/phones?q=&many=&id=`: the choices alone, for the page's own script.
#[derive(Debug, Template)]
#[template(path = "reach/choices.html")]
pub struct PickFragment {
    /// For icons and numbers.
    pub layout: Layout,
    /// The choices.
    pub pick: Pick,
}
