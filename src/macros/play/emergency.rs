//! Digits that a run types key by key never become an emergency number.

/// The digits that a run has pressed outside menus, since the last key of another kind and in all.
#[derive(Debug, Default)]
pub(super) struct Typed {
    since_other: String,
    all: String,
}

impl Typed {
    /// The emergency number that the digits would be with one more; also behind one digit for an outside line.
    pub(super) fn would_be<'n>(&self, digit: char, numbers: &'n [String]) -> Option<&'n str> {
        let with = |typed: &str| format!("{typed}{digit}");
        let candidates = [with(&self.since_other), with(&self.all)];
        candidates.iter().find_map(|typed| named_by(typed, numbers))
    }

    /// A digit was pressed.
    pub(super) fn digit(&mut self, digit: char) {
        self.since_other.push(digit);
        self.all.push(digit);
    }

    /// A key of another kind was pressed.
    pub(super) fn other(&mut self) {
        self.since_other.clear();
    }

    /// A menu is open: digits there choose rows, and what was typed before is gone from the display.
    pub(super) fn clear(&mut self) {
        self.since_other.clear();
        self.all.clear();
    }
}

/// The emergency number that these digits dial, also behind one digit for an outside line.
pub(super) fn named_by<'n>(dialled: &str, numbers: &'n [String]) -> Option<&'n str> {
    let digits: String = dialled
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#' | '+'))
        .collect();
    let digits = digits.trim_end_matches('#');
    numbers
        .iter()
        .map(String::as_str)
        .find(|number| digits == *number || digits.len() == number.len() + 1 && digits.ends_with(number))
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
    }
}
