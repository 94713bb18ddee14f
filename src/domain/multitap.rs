//! Text typed on a keypad: a letter is its key, pressed as often as its place on the key (phone-xml-api.md 3.2 names
//! the keys; the letters are those that Cisco prints on them).
//!
//! Between two letters of one key the phone must take the first as finished, so somebody has to wait there.

use serde::Serialize;

/// The longest text that is typed at once, in characters.
pub const MAX_TEXT: usize = 64;

/// Keys and what their taps stand for, first tap first. Symbols stand on `1`, the blank on `0`; the digit is last where
/// letters come before it.
const KEYS: [(&str, &str); 10] = [
    ("KeyPad1", "1.@-_:/"),
    ("KeyPad2", "abc2"),
    ("KeyPad3", "def3"),
    ("KeyPad4", "ghi4"),
    ("KeyPad5", "jkl5"),
    ("KeyPad6", "mno6"),
    ("KeyPad7", "pqrs7"),
    ("KeyPad8", "tuv8"),
    ("KeyPad9", "wxyz9"),
    ("KeyPad0", " 0"),
];

/// One character: which key, how often, and whether to wait before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tap {
    /// As it was written.
    pub character: char,
    /// The key's name.
    pub key: &'static str,
    /// How often it is pressed.
    pub times: usize,
    /// The character before stands on the same key: wait until the phone has taken it.
    pub wait: bool,
}

/// Why a text cannot be typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untypable {
    /// Nothing to type.
    #[error("type at least one character")]
    Empty,
    /// More than [`MAX_TEXT`].
    #[error("at most {MAX_TEXT} characters at once")]
    TooLong,
    /// Characters that are on no key, each once.
    #[error("no key has {}", listed(.0))]
    Unsupported(Vec<char>),
}

fn listed(characters: &[char]) -> String {
    let quoted: Vec<_> = characters.iter().map(|character| format!("{character:?}")).collect();
    quoted.join(", ")
}

/// The taps of a text. Upper and lower case are one: the phone's field decides which it writes.
pub fn taps(text: &str) -> Result<Vec<Tap>, Untypable> {
    if text.is_empty() {
        return Err(Untypable::Empty);
    }
    if text.chars().count() > MAX_TEXT {
        return Err(Untypable::TooLong);
    }
    let mut taps: Vec<Tap> = Vec::with_capacity(text.len());
    let mut unsupported: Vec<char> = Vec::new();
    for character in text.chars() {
        match place(character) {
            Some((key, times)) => taps.push(Tap {
                character,
                key,
                times,
                wait: taps.last().is_some_and(|last| last.key == key),
            }),
            None if unsupported.contains(&character) => {}
            None => unsupported.push(character),
        }
    }
    if unsupported.is_empty() {
        Ok(taps)
    } else {
        Err(Untypable::Unsupported(unsupported))
    }
}

/// The key of a character, and how often it is pressed.
fn place(character: char) -> Option<(&'static str, usize)> {
    let wanted = character.to_ascii_lowercase();
    KEYS.iter().find_map(|(key, characters)| {
        let index = characters.chars().position(|on_key| on_key == wanted)?;
        Some((*key, index + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<(char, &'static str, usize, bool)> {
        let taps = taps(text).unwrap();
        taps.iter()
            .map(|tap| (tap.character, tap.key, tap.times, tap.wait))
            .collect()
    }

    #[test]
    fn a_letter_is_its_place_on_its_key() {
        assert_eq!(
            written("Ruiz 2"),
            [
                ('R', "KeyPad7", 3, false),
                ('u', "KeyPad8", 2, false),
                ('i', "KeyPad4", 3, false),
                ('z', "KeyPad9", 4, false),
                (' ', "KeyPad0", 1, false),
                ('2', "KeyPad2", 4, false),
            ]
        );
    }

    #[test]
    fn two_letters_of_one_key_need_a_wait_between_them() {
        assert_eq!(
            written("abbe"),
            [
                ('a', "KeyPad2", 1, false),
                ('b', "KeyPad2", 2, true),
                ('b', "KeyPad2", 2, true),
                ('e', "KeyPad3", 2, false),
            ]
        );
    }

    #[test]
    fn what_no_key_has_is_named_once_each() {
        let error = taps("Müßü+").unwrap_err();
        assert_eq!(error, Untypable::Unsupported(vec!['ü', 'ß', '+']));
        assert_eq!(error.to_string(), "no key has 'ü', 'ß', '+'");
    }

    #[test]
    fn a_text_is_neither_empty_nor_endless() {
        assert_eq!(taps(""), Err(Untypable::Empty));
        assert!(taps(&"a".repeat(MAX_TEXT)).is_ok());
        assert_eq!(taps(&"a".repeat(MAX_TEXT + 1)), Err(Untypable::TooLong));
    }

    #[test]
    fn every_key_of_the_table_exists_and_no_character_stands_twice() {
        let mut seen = Vec::new();
        for (key, characters) in KEYS {
            assert!(key.parse::<crate::domain::key::Key>().is_ok());
            for character in characters.chars() {
                assert!(!seen.contains(&character), "{character}");
                seen.push(character);
            }
        }
    }
}
