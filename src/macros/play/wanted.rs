//! What a macro expects to see, with its parameters put in.

use super::words::listed;

/// [`Seen`](crate::domain::script::Seen) with every text filled in and its alternatives taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    Title(Vec<String>),
    Row(Vec<String>),
    Softkey(Vec<String>),
    Line(Vec<String>),
    Idle,
    CallState(Vec<String>),
    InCall,
    StatusMessage(Vec<String>),
    Picture(String),
    Changed,
    Not(Box<Self>),
    /// A heading or a row that is the whole text, and does not only hold it.
    Exact(Box<Self>),
}

/// How the words of a picture begin to which a macro gave a name.
const NAMED_PICTURE: &str = "the picture \"";

/// Whether an expectation is a picture with a name that its macro made up.
pub(super) fn is_named_picture(expectation: &str) -> bool {
    expectation.trim_start_matches(NO_LONGER).starts_with(NAMED_PICTURE)
}

/// How the words of what must not be seen begin.
const NO_LONGER: &str = "no longer ";

impl Wanted {
    /// As it is looked for right before a step that cannot be taken back: "Network settings" is not "Settings".
    pub(super) fn exactly(self) -> Self {
        match self {
            Self::Title(_) | Self::Row(_) => Self::Exact(Box::new(self)),
            other => other,
        }
    }

    /// It as people read it. Also the name under which a screen is remembered: never change one that is in use.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Title(texts) => format!("a menu with the heading {}", listed(texts)),
            Self::Row(texts) => format!("a menu with the row {}", listed(texts)),
            Self::Softkey(texts) => format!("the softkey {}", listed(texts)),
            Self::Line(texts) => format!("a line that says {}", listed(texts)),
            Self::Idle => "the idle screen".to_owned(),
            Self::CallState(texts) => format!("a line in the state {}", listed(texts)),
            Self::InCall => "a call".to_owned(),
            Self::StatusMessage(texts) => format!("a status message that says {}", listed(texts)),
            Self::Picture(name) => format!("{NAMED_PICTURE}{name}\""),
            Self::Changed => "another screen than before the last key".to_owned(),
            Self::Not(wanted) => format!("{NO_LONGER}{}", wanted.words()),
            Self::Exact(wanted) => wanted.words(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_macro_made_up_are_told_from_words_of_the_screen() {
        let picture = Wanted::Picture("menu".to_owned());
        assert!(is_named_picture(&picture.words()));
        assert!(is_named_picture(&Wanted::Not(Box::new(picture)).words()));
        let title = Wanted::Title(vec!["the picture \"x\"".to_owned()]);
        assert!(!is_named_picture(&title.words()));
        assert!(!is_named_picture(&Wanted::Idle.words()));
    }
}
