//! The search form of the corporate directory: a name by multi-tap, a number by digits.

use jiff::{SignedDuration, Timestamp};

use super::view::{Row, fact};

/// A key pressed again within this time goes on to its next letter; later it starts another.
const TIME_OUT: SignedDuration = SignedDuration::from_secs(1);
/// Characters that a field takes.
const MOST: usize = 32;
const FIELDS: [&str; 3] = ["First name", "Last name", "Number"];
const NUMBER: usize = 2;

/// What is in the form.
#[derive(Debug, Default)]
pub(super) struct Form {
    texts: [String; FIELDS.len()],
    /// The letter that may still change: its key, its place on it, and when it was pressed.
    open: Option<(char, usize, Timestamp)>,
}

impl Form {
    /// A key of the keypad while this field, from 0, has the cursor.
    pub(super) fn tap(&mut self, field: usize, symbol: char, now: Timestamp) {
        let field = field.min(NUMBER);
        let Some(letters) = letters(symbol) else {
            self.open = None;
            return;
        };
        if field == NUMBER {
            self.write(field, symbol);
            return;
        }
        let going_on = self
            .open
            .filter(|(key, _, at)| *key == symbol && now.duration_since(*at) < TIME_OUT);
        let place = match going_on {
            Some((_, place, _)) => {
                self.texts[field].pop();
                (place + 1) % letters.len()
            }
            None => 0,
        };
        self.write(field, char::from(letters[place]));
        self.open = Some((symbol, place, now));
    }

    /// Takes the last character of a field away.
    pub(super) fn erase(&mut self, field: usize) {
        self.texts[field.min(NUMBER)].pop();
        self.settle();
    }

    /// The open letter stays as it is.
    pub(super) fn settle(&mut self) {
        self.open = None;
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let fields = FIELDS.iter().zip(&self.texts);
        fields.map(|(label, text)| fact(label, text)).collect()
    }

    /// Whether an entry of the directory fits: every field that is filled begins it.
    pub(super) fn finds(&self, name: &str, number: &str) -> bool {
        let (first, last) = name.split_once(' ').unwrap_or((name, ""));
        let begins = |text: &str, wanted: &str| text.to_lowercase().starts_with(&wanted.to_lowercase());
        begins(first, &self.texts[0]) && begins(last, &self.texts[1]) && number.starts_with(&self.texts[NUMBER])
    }

    fn write(&mut self, field: usize, character: char) {
        if self.texts[field].len() < MOST {
            self.texts[field].push(character);
        }
    }
}

fn letters(symbol: char) -> Option<&'static [u8]> {
    Some(match symbol {
        '1' => b"1.@-_:/",
        '2' => b"abc2",
        '3' => b"def3",
        '4' => b"ghi4",
        '5' => b"jkl5",
        '6' => b"mno6",
        '7' => b"pqrs7",
        '8' => b"tuv8",
        '9' => b"wxyz9",
        '0' => b" 0",
        _ => return None,
    })
}
