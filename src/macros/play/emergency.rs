//! Digits that a run types key by key never become an emergency number.

use std::collections::BTreeSet;

/// More texts than may stand on the display by the edits of any sensible macro.
const MOST_TEXTS: usize = 256;
/// A longer text ends in no emergency number behind a prefix.
const LONGEST: usize = 48;

/// What the digits that a run pressed outside menus may have left on the display. A phone may have dropped an edit, and a key
/// of another kind may have cleared the display or not: whatever may stand there is followed.
#[derive(Debug)]
pub(super) struct Typed {
    texts: BTreeSet<String>,
    /// So many edits that nobody can follow them.
    lost: bool,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            texts: BTreeSet::from([String::new()]),
            lost: false,
        }
    }
}

impl Typed {
    /// The emergency number that the digits would be with one more; also behind one digit for an outside line.
    pub(super) fn would_be<'n>(&self, digit: char, numbers: &'n [String]) -> Option<&'n str> {
        let mut encoded = [0; 4];
        self.would_be_with(digit.encode_utf8(&mut encoded), numbers)
    }

    /// The same with a whole number behind what was typed.
    pub(super) fn would_be_with<'n>(&self, number: &str, numbers: &'n [String]) -> Option<&'n str> {
        if self.lost {
            let last = number.chars().next_back()?;
            return numbers.iter().map(String::as_str).find(|known| known.ends_with(last));
        }
        let mut texts = self.texts.iter();
        texts.find_map(|text| named_by(&format!("{text}{number}"), numbers))
    }

    /// A number was put on the display.
    pub(super) fn digits(&mut self, number: &str) {
        let digits = number.chars().filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#'));
        for digit in digits {
            self.digit(digit);
        }
    }

    /// A digit was pressed.
    pub(super) fn digit(&mut self, digit: char) {
        let texts = std::mem::take(&mut self.texts).into_iter();
        self.texts = texts
            .filter(|text| text.len() < LONGEST)
            .map(|text| text + digit.encode_utf8(&mut [0; 4]))
            .collect();
    }

    /// A key was pressed that may have deleted the last digit.
    pub(super) fn edited(&mut self) {
        let shorter: Vec<String> = self.texts.iter().filter_map(|text| without_last(text)).collect();
        self.texts.extend(shorter);
        self.other();
    }

    /// A key of another kind was pressed.
    pub(super) fn other(&mut self) {
        self.texts.insert(String::new());
        self.lost |= self.texts.len() > MOST_TEXTS;
        if self.lost {
            self.texts.clear();
        }
    }

    /// A menu is open: digits there choose rows, and what was typed before is gone from the display.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

fn without_last(text: &str) -> Option<String> {
    let mut characters = text.chars();
    characters.next_back().map(|_| characters.as_str().to_owned())
}

/// A text that is a number: three digits at least, and nothing but what people write numbers with. Addresses of the network
/// and times are none.
pub(super) fn number_in(text: &str) -> Option<&str> {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '/' | '+' | '*' | '#' | ',');
    (digits >= 3 && text.chars().all(is_number)).then_some(text)
}

/// The emergency number that these digits dial, also behind one digit for an outside line, or behind two or three where
/// they are a feature code (`*67`) or an outside line dialled twice (`00`, `9,9`).
pub(super) fn named_by<'n>(dialled: &str, numbers: &'n [String]) -> Option<&'n str> {
    let digits: String = dialled
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#' | '+'))
        .collect();
    let digits = digits.trim_end_matches('#');
    numbers
        .iter()
        .map(String::as_str)
        .find(|number| digits.strip_suffix(number).is_some_and(leads_out))
}

fn leads_out(prefix: &str) -> bool {
    let is_code = prefix.starts_with(['*', '#']) || prefix.chars().all(|c| matches!(c, '0' | '9'));
    prefix.len() <= 1 || prefix.len() <= 3 && is_code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_followed_key_by_key() {
        let numbers = ["112".to_owned(), "911".to_owned()];
        let mut typed = Typed::default();
        for digit in "11".chars() {
            assert_eq!(typed.would_be(digit, &numbers), None);
            typed.digit(digit);
        }
        assert_eq!(typed.would_be('2', &numbers), Some("112"));
        typed.other();
        assert_eq!(
            typed.would_be('2', &numbers),
            Some("112"),
            "another key may have changed nothing"
        );
        typed.clear();
        assert_eq!(typed.would_be('2', &numbers), None);
        for digit in "091".chars() {
            typed.digit(digit);
        }
        assert_eq!(
            typed.would_be('1', &numbers),
            Some("911"),
            "behind a digit for an outside line"
        );
        assert_eq!(named_by("0,112#", &numbers), Some("112"));
        assert_eq!(named_by("4930112", &numbers), None);
        assert_eq!(named_by("20112", &numbers), None, "an extension of five digits");
        for hidden in ["*67911", "00112", "9,9,911"] {
            assert!(named_by(hidden, &numbers).is_some(), "{hidden}");
        }
        let mut edited = Typed::default();
        edited.digits("1,1");
        assert_eq!(edited.would_be('2', &numbers), Some("112"));
        assert_eq!(edited.would_be_with("2", &numbers), Some("112"));
    }

    #[test]
    fn deleted_digits_are_followed() {
        let numbers = ["112".to_owned()];
        let mut typed = Typed::default();
        typed.digits("113");
        assert_eq!(typed.would_be('2', &numbers), None);
        typed.edited();
        assert_eq!(typed.would_be('2', &numbers), Some("112"));
        typed.digits("45");
        assert_eq!(typed.would_be('2', &numbers), None);
        for _ in 0..2 {
            typed.edited();
        }
        assert_eq!(typed.would_be('2', &numbers), Some("112"), "each may have been taken");
        // Nobody follows so many: whatever may end such a number is refused.
        for digit in (0..40).map(|n| char::from_digit(n % 10, 10).unwrap()) {
            typed.digit(digit);
            typed.edited();
        }
        assert_eq!(typed.would_be('2', &numbers), Some("112"));
        assert_eq!(typed.would_be('1', &numbers), None);
        typed.clear();
        assert_eq!(typed.would_be('2', &numbers), None);
    }
}
