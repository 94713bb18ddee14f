//! From what is known to what the pages of reaching people show.

use std::fmt::Display;
use std::time::Duration;

use crate::domain::ids::PhoneId;
use crate::http::failure::Failure;
use crate::http::pages::reach::announcements::SoundRow;
use crate::http::pages::{Choice, FieldErrors, Trouble, When};
use crate::http::visit::Visit;
use crate::reach::{ReachError, Sound};

/// A reason as a sentence of its own.
pub(super) fn sentence(error: &impl Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let text: String = first.into_iter().flatten().chain(letters).collect();
    format!("{}.", text.trim_end_matches('.'))
}

/// `0:07`.
pub(super) fn length(duration: Duration) -> String {
    let seconds = duration.as_millis().div_ceil(1_000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

pub(super) fn sound_row(visit: &Visit, sound: &Sound) -> SoundRow {
    SoundRow {
        id: sound.id.0,
        name: sound.name.clone(),
        length: length(sound.duration),
        source: sound.source.clone(),
        ring_notice: sound.ring_notice.clone(),
        by: sound.added_by.clone(),
        at: When::from_ms(sound.added_at, visit.app.clock.now_ms()),
    }
}

/// Sounds to choose from.
pub(super) fn sound_choices(sounds: &[Sound]) -> Vec<Choice> {
    let choice = |sound: &Sound| {
        Choice::new(
            sound.id.to_string(),
            format!("{} ({})", sound.name, length(sound.duration)),
        )
    };
    sounds.iter().map(choice).collect()
}

/// What a form may answer itself: the field and the words, or a trouble of the phone. Anything else is a page of its own.
#[derive(Debug)]
pub(super) enum Refused {
    /// What is typed is wrong.
    Field(&'static str, String),
    /// It was not done, for another reason.
    Other(String),
    /// The phone is to blame.
    Phone(Box<Trouble>),
}

impl Refused {
    /// What the page tells of an error.
    ///
    /// # Errors
    /// The failure that needs a page of its own.
    pub(super) fn of(error: ReachError) -> Result<Self, Failure> {
        match error {
            ReachError::Invalid { field, problem } => Ok(Self::Field(field, sentence(&problem))),
            ReachError::Emergency(_) => Ok(Self::Field("buttons", sentence(&error))),
            ReachError::NameTaken(_) => Ok(Self::Field("name", sentence(&error))),
            ReachError::Blocked(trouble) if trouble.named().is_some() => {
                Ok(Self::Phone(Box::new(Trouble::new(trouble.cause, trouble.evidence))))
            }
            ReachError::Denied(_)
            | ReachError::UnknownPhone
            | ReachError::Unknown(_)
            | ReachError::File(_)
            | ReachError::Store(_) => Err(error.into()),
            ReachError::Blocked(trouble) => Ok(Self::Other(sentence(&trouble.evidence))),
            other => Ok(Self::Other(sentence(&other))),
        }
    }

    /// Puts it among the errors of a form; the answer is what the phone is to blame for.
    pub(super) fn into(self, errors: &mut FieldErrors) -> Option<Trouble> {
        match self {
            Self::Field(field, words) => errors.add(field, words),
            Self::Other(words) => errors.add("", words),
            Self::Phone(trouble) => return Some(*trouble),
        }
        None
    }

    /// The same in a few sentences.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Field(_, words) | Self::Other(words) => words.clone(),
            Self::Phone(trouble) => {
                let evidence = if trouble.evidence.is_empty() {
                    String::new()
                } else {
                    format!(" {}", sentence(&trouble.evidence))
                };
                format!("{}.{evidence} {}", trouble.title, trouble.next_step)
            }
        }
    }
}

/// The phones of a form, as they are named there; what is no number is nothing.
pub(super) fn phone_ids(typed: &[String]) -> Vec<PhoneId> {
    typed.iter().filter_map(|id| id.parse().ok()).map(PhoneId).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_sentences_read_as_people_say_them() {
        assert_eq!(length(Duration::from_millis(6_001)), "0:07");
        assert_eq!(length(Duration::from_secs(125)), "2:05");
        assert_eq!(sentence(&"write a text"), "Write a text.");
        assert_eq!(sentence(&"it ended."), "It ended.");
    }
}
