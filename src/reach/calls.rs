//! Whether somebody talks on a phone.

use std::time::Duration;

use super::{ReachError, Shared};
use crate::domain::ids::PhoneId;
use crate::phone::{LineInfo, Urgency};

/// `LineType` of a line, in contrast to a speed dial (phone-xml-api.md 1.8).
const LINE: u32 = 9;
/// States of a line without a call on this phone (phone-xml-api.md 1.8).
const AT_REST: [&str; 5] = ["IDLE", "INACTIVE", "ONHOOK", "REGISTERING", "REMOTELY_IN_USE"];
/// How long the phone may take to tell.
const ASK: Duration = Duration::from_secs(4);

/// What becomes of a phone on which somebody talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Busy {
    /// It is left alone.
    #[default]
    Skip,
    /// It is treated like any other.
    Play,
}

impl Busy {
    /// The word in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Play => "play",
        }
    }

    /// The choice of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Skip, Self::Play].into_iter().find(|busy| busy.as_str() == word)
    }
}

impl Shared {
    /// Refuses a phone on which somebody talks, unless that does not matter. A phone that does not tell counts as one
    /// without a call: models without that page could never be reached otherwise.
    pub(super) async fn mind_calls(&self, phone: PhoneId, busy: Busy) -> Result<(), ReachError> {
        if busy == Busy::Play {
            return Ok(());
        }
        let target = self.inventory.target(phone).await?;
        let asked = self.phones.line_info(&target, Urgency::Look);
        match tokio::time::timeout(ASK, asked).await {
            Ok(Ok(Some(lines))) => match in_call(&lines) {
                Some(state) => Err(ReachError::Busy(format!("the phone is in a call ({state})"))),
                None => Ok(()),
            },
            // It does not tell, or nobody knows: the phone itself says what is wrong with it when it is asked to do something.
            Ok(Ok(None) | Err(_)) | Err(_) => Ok(()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::Line;

    fn told(kind: u32, state: &str) -> LineInfo {
        LineInfo {
            lines: vec![Line {
                line_type: Some(kind),
                state: Some(state.to_owned()),
                ..Line::default()
            }],
            ..LineInfo::default()
        }
    }

    #[test]
    fn a_line_that_is_not_at_rest_is_in_a_call() {
        assert_eq!(in_call(&told(9, "CONNECTED")), Some("CONNECTED"));
        assert_eq!(in_call(&told(9, "something new")), Some("something new"));
        assert_eq!(in_call(&told(9, "onhook")), None);
        assert_eq!(in_call(&told(2, "CONNECTED")), None);
    }
}
