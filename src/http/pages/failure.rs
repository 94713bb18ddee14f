//! What is shown instead of a page.

use askama::Template;

use super::{Layout, Section};

/// Not found, not allowed, gone wrong.
#[derive(Debug, Template)]
#[template(path = "failure.html")]
pub struct FailurePage {
    /// What surrounds it; without a viewer where the session is not known.
    pub layout: Layout,
    /// The status code.
    pub status: u16,
    /// Such as `No such phone`.
    pub title: String,
    /// What happened, in a sentence.
    pub what: String,
    /// What to do, in a sentence.
    pub next_step: String,
    /// The number of the request in the log, for a 500.
    pub incident: Option<String>,
}

impl FailurePage {
    /// The page for someone whose role does not reach.
    pub fn not_allowed(layout: Layout, needed: &str) -> Self {
        let role = layout.viewer.as_ref().map_or("visitor", |viewer| viewer.role.as_str());
        Self {
            status: 403,
            title: "Not allowed".to_owned(),
            what: format!("You are signed in as {role}; this page needs {needed}."),
            next_step: "Ask an admin to change your role, or to do it for you.".to_owned(),
            incident: None,
            layout,
        }
    }
}
