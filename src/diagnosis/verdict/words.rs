//! What a person is told.

use crate::domain::cause::Cause;
use crate::domain::finding::Certainty;

/// The values that sentences name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The phone's device name, or its address.
    pub phone: String,
    /// Its model.
    pub model: String,
    /// The user name of the control login.
    pub login: String,
    /// The cluster's name.
    pub cluster: String,
    /// The Authentication URL in force, where it was found.
    pub url: Option<String>,
}

/// A sentence or two that can be read aloud.
pub(super) fn summary(cause: Cause, certainty: Certainty, also: &[Cause], named: &Named) -> String {
    let phone = &named.phone;
    let sure = match certainty {
        Certainty::Proved => "",
        Certainty::Likely => "most likely: ",
        Certainty::Possible => "possibly: ",
    };
    let more = match also.len() {
        0 => String::new(),
        1 => format!(" Then there is one more fault: {}.", also[0].title()),
        many => format!(" Then there are {many} more faults."),
    };
    format!("{phone}, {sure}{}. {}{more}", cause.title(), cause.next_step())
}
