//! Whether a phone is in use: in a call, or driven by a person.

use std::time::Duration;

use super::{Doing, Done};
use crate::phone::{LineInfo, Urgency};

/// `LineType` of a line, in contrast to a speed dial (phone-xml-api.md 1.8).
const LINE: u32 = 9;
/// States of a line without a call on this phone (phone-xml-api.md 1.8).
const AT_REST: [&str; 5] = ["IDLE", "INACTIVE", "ONHOOK", "REGISTERING", "REMOTELY_IN_USE"];
/// How long the phone may take to tell.
const ASK: Duration = Duration::from_secs(4);

impl Doing<'_> {
    /// Leaves a phone alone that somebody drives, or that tells that a call is up. One that does not tell counts as free:
    /// models without that page could never be worked on otherwise, and the preview says so.
    pub(super) async fn is_free(&self) -> Result<(), Done> {
        let parts = self.jobs.parts();
        if let Some(driver) = parts.control.driver(self.phone)
            && driver.user != self.viewer.user
        {
            return Err(Done::busy(format!("{} drives the phone", driver.name)));
        }
        let Ok(target) = parts.inventory.target(self.phone).await else {
            return Ok(());
        };
        let asked = parts.phones.line_info(&target, Urgency::Background);
        match tokio::time::timeout(ASK, asked).await {
            Ok(Ok(Some(lines))) => match in_call(&lines) {
                Some(state) => Err(Done::busy(format!("the phone is in a call ({state})"))),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// The state of the first line with a call.
fn in_call(lines: &LineInfo) -> Option<&str> {
    let lines = lines
        .lines
        .iter()
        .filter(|line| line.line_type.is_none_or(|kind| kind == LINE));
    let mut states = lines.filter_map(|line| line.state.as_deref());
    states.find(|state| !state.is_empty() && !AT_REST.iter().any(|word| state.eq_ignore_ascii_case(word)))
}
