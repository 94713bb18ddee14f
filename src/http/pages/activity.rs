//! The audit trail.

use askama::Template;

use super::{Choice, Layout, Pager, Section, When};

/// `GET /activity?user=&action=&outcome=&phone=`
#[derive(Debug, Template)]
#[template(path = "activity.html", blocks = ["rows"])]
pub struct ActivityPage {
    /// What surrounds it.
    pub layout: Layout,
    /// What was asked for.
    pub filter: ActivityFilter,
    /// People to choose from; the value is what `user` sends.
    pub users: Vec<Choice>,
    /// Actions to choose from.
    pub actions: Vec<Choice>,
    /// Newest first.
    pub events: Vec<EventRow>,
    /// Where in the list.
    pub pager: Pager,
}

/// What was asked for; empty means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// A person.
    pub user: String,
    /// An action.
    pub action: String,
    /// `done`, `refused`, `failed` or `started`.
    pub outcome: String,
    /// A device name.
    pub phone: String,
}

impl ActivityFilter {
    /// Whether anything is filtered.
    pub fn is_set(&self) -> bool {
        [&self.user, &self.action, &self.outcome, &self.phone]
            .iter()
            .any(|value| !value.is_empty())
    }
}

/// One event.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// When.
    pub at: When,
    /// Who.
    pub user: String,
    /// `browser`, `api`, `command` or `system`.
    pub via: String,
    /// From which address; may be empty.
    pub address: String,
    /// What, in words: `Pressed a key`.
    pub action: String,
    /// On what: keys, a field, a name; may be empty.
    pub detail: String,
    /// The phone, where it is about one.
    pub phone: Option<PhoneLink>,
    /// The cluster's name; may be empty.
    pub cluster: String,
    /// `started`, `done`, `refused` or `failed`.
    pub outcome: String,
    /// The title of the cause, where there is one.
    pub cause: Option<String>,
    /// Milliseconds it took.
    pub duration_ms: Option<u64>,
}

/// A phone by name, with its page while it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneLink {
    /// The number of its page; none once it is gone.
    pub id: Option<i64>,
    /// Its name.
    pub name: String,
}
