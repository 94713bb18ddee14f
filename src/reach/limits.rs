//! What phones and this server take, for checks and for the counters of forms.

use super::ReachError;
use crate::domain::job::Text;

/// The most of everything. Lengths of texts are in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of a title (phone-xml-api.md 4.2).
    pub title: usize,
    /// Of a prompt.
    pub prompt: usize,
    /// Of a text.
    pub text: usize,
    /// Of what stands above a softkey.
    pub button: usize,
    /// Of a number that a button dials.
    pub number: usize,
    /// Buttons beside Exit.
    pub buttons: usize,
    /// Minutes until a text is taken off the display.
    pub expires_minutes: u32,
    /// Rings in a row.
    pub rings: u32,
    /// Of the name of a template, a sound or a background.
    pub name: usize,
    /// Bytes of an uploaded sound.
    pub sound_bytes: usize,
    /// Seconds of a sound.
    pub sound_seconds: u32,
    /// Bytes of an uploaded picture.
    pub picture_bytes: usize,
    /// Pixels of a side of an uploaded picture.
    pub picture_side: u32,
    /// Volume of an announcement.
    pub volume: u8,
    /// Templates that are kept; as many sounds and as many backgrounds.
    pub kept: usize,
}

/// The limits. They are the phones' own where phone-xml-api.md names one.
pub const fn limits() -> Limits {
    Limits {
        title: 32,
        prompt: 32,
        text: 4_000,
        button: 32,
        number: 32,
        buttons: 3,
        expires_minutes: 1_440,
        rings: 10,
        name: 64,
        sound_bytes: 64 * 1024 * 1024,
        sound_seconds: 300,
        picture_bytes: 16 * 1024 * 1024,
        picture_side: 8_000,
        volume: 100,
        kept: 200,
    }
}

/// Checks everything about a text that needs no phone.
///
/// # Errors
/// [`ReachError::Invalid`] with the field: `title`, `prompt`, `text`, `buttons`, `expires_minutes`.
pub fn check_text(text: &Text) -> Result<(), ReachError> {
    let limits = limits();
    let short = [
        ("title", &text.title, limits.title),
        ("prompt", &text.prompt, limits.prompt),
    ];
    for (field, value, most) in short {
        let length = value.chars().count();
        if length > most {
            let problem = format!("the {field} has {length} characters; phones take {most}");
            return Err(ReachError::invalid(field, problem));
        }
    }
    let length = text.text.chars().count();
    if text.text.trim().is_empty() {
        return Err(ReachError::invalid("text", "write a text"));
    }
    if length > limits.text {
        let problem = format!("the text has {length} characters; phones take {}", limits.text);
        return Err(ReachError::invalid("text", problem));
    }
    if text
        .expires_minutes
        .is_some_and(|minutes| !(1..=limits.expires_minutes).contains(&minutes))
    {
        let problem = format!(
            "a text is taken off the display after 1 to {} minutes",
            limits.expires_minutes
        );
        return Err(ReachError::invalid("expires_minutes", problem));
    }
    check_buttons(text)
}

fn check_buttons(text: &Text) -> Result<(), ReachError> {
    let limits = limits();
    let invalid = |problem: String| Err(ReachError::invalid("buttons", problem));
    if text.buttons.len() > limits.buttons {
        return invalid(format!("at most {} buttons beside Exit", limits.buttons));
    }
    for button in &text.buttons {
        let label = button.label.trim();
        if label.is_empty() || label.chars().count() > limits.button {
            return invalid(format!("what stands on a button has 1 to {} characters", limits.button));
        }
        if label.eq_ignore_ascii_case("exit") {
            return invalid("every message has an Exit button already".to_owned());
        }
        let is_number = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#' | '+' | ',');
        let has_digit = button.dials.chars().any(|c| c.is_ascii_digit());
        if !has_digit || button.dials.len() > limits.number || !button.dials.chars().all(is_number) {
            return invalid(format!(
                "the number of the button {label:?} has 1 to {} digits, and may have * # + and commas",
                limits.number
            ));
        }
    }
    Ok(())
}

/// A name without blanks at its ends.
///
/// # Errors
/// [`ReachError::Invalid`] with the field `name`.
pub(super) fn check_name(name: &str) -> Result<&str, ReachError> {
    let name = name.trim();
    let most = limits().name;
    if name.is_empty() || name.chars().count() > most || name.chars().any(char::is_control) {
        return Err(ReachError::invalid(
            "name",
            format!("a name has 1 to {most} characters"),
        ));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::job::TextButton;

    fn field(text: &Text) -> Option<&'static str> {
        match check_text(text) {
            Err(ReachError::Invalid { field, .. }) => Some(field),
            _ => None,
        }
    }

    fn good() -> Text {
        Text {
            text: "Hello".to_owned(),
            ..Text::default()
        }
    }

    fn button(label: &str, dials: &str) -> Text {
        Text {
            buttons: vec![TextButton {
                label: label.to_owned(),
                dials: dials.to_owned(),
            }],
            ..good()
        }
    }

    #[test]
    fn each_limit_names_its_field() {
        assert_eq!(field(&good()), None);
        let title = |n| Text {
            title: "é".repeat(n),
            ..good()
        };
        assert_eq!((field(&title(32)), field(&title(33))), (None, Some("title")));
        let body = |n| Text {
            text: "x".repeat(n),
            ..Text::default()
        };
        assert_eq!((field(&body(4_000)), field(&body(4_001))), (None, Some("text")));
        assert_eq!(field(&body(0)), Some("text"));
        let expiry = |minutes| Text {
            expires_minutes: Some(minutes),
            ..good()
        };
        assert_eq!(field(&expiry(0)), Some("expires_minutes"));
        assert_eq!(field(&expiry(1_440)), None);
        assert_eq!(field(&button("Desk", "+331*2#,,3")), None);
        for (label, dials) in [
            ("", "1"),
            ("Exit", "1"),
            ("Desk", ""),
            ("Desk", "+"),
            ("Desk", "12a"),
            ("Desk", "1:2"),
        ] {
            assert_eq!(field(&button(label, dials)), Some("buttons"), "{label} {dials}");
        }
    }
}
