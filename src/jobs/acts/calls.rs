//! Whether a phone is in use: in a call, or driven by a person.

use super::{Doing, Done};
use crate::domain::cause::Trouble;
use crate::phone::{self, ErrorKind, LineInfo, Urgency};

/// `LineType` of a line, in contrast to a speed dial (phone-xml-api.md 1.8).
const LINE: u32 = 9;
/// States of a line without a call on this phone (phone-xml-api.md 1.8).
const AT_REST: [&str; 5] = ["IDLE", "INACTIVE", "ONHOOK", "REGISTERING", "REMOTELY_IN_USE"];

impl Doing<'_> {
    /// Leaves a phone alone that somebody drives, or that tells that a call is up. One without that page, or without a web
    /// server, counts as free: it could never be worked on otherwise, and the preview says so. One that could tell and did
    /// not is left alone.
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
        match parts.phones.line_info(&target, Urgency::Background).await {
            Ok(Some(lines)) => match in_call(&lines) {
                Some(state) => Err(Done::busy(format!("the phone is in a call ({state})"))),
                None => Ok(()),
            },
            Ok(None) => Ok(()),
            Err(error) => untold(&error),
        }
    }
}

/// What is done with a phone that did not tell whether a call is up.
fn untold(error: &phone::Error) -> Result<(), Done> {
    match error.kind() {
        ErrorKind::Queued => Err(Done::busy(
            "it could not be asked whether it is in a call: others are in front of it",
        )),
        // There is nothing that could tell; what is sent to such a phone itself fails with the right cause.
        ErrorKind::Refused
        | ErrorKind::Unreachable
        | ErrorKind::Handshake
        | ErrorKind::OutsideNetworks
        | ErrorKind::ModelWithoutControl
        | ErrorKind::Unauthorized
        | ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::PhoneError(_) => Ok(()),
        _ => {
            let evidence = format!(
                "it did not tell whether it is in a call, so nothing was sent: {}",
                error.evidence()
            );
            Err(Done::failed(Trouble::new(error.cause(), evidence)))
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
