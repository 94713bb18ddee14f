//! What is never pressed by a step that is not marked, whatever the text of the macro made of it: keys in menus that reset,
//! softkeys and rows that do, and the stars that restart a phone of the 7900 series.

use std::time::{Duration, Instant};

use super::act::digit_of;
use super::ending::Ending;
use super::look::Menu;
use super::player::Player;
use super::words::{fold, is_one_of};
use crate::domain::key::Key;
use crate::domain::script::Danger;

/// Beginnings of words for setting back and restarting. Phones print them in the language of their locale, whose texts are
/// not documented: these are the usual translations.
const RESETS: [&str; 13] = [
    "reset",
    "erase",
    "erasing",
    "restart",
    "zurücksetz",
    "neustart",
    "neu starten",
    "réinitialis",
    "redémarr",
    "restablec",
    "reinici",
    "ripristin",
    "redefin",
];
/// For deleting: in a menu of entries they may be harmless, so that only macros marked safe keep off them.
const DELETES: [&str; 8] = [
    "delet",
    "lösch",
    "effac",
    "supprim",
    "borrar",
    "elimina",
    "apagar",
    "verwijder",
];
/// For the settings from the factory.
const FACTORY: [&str; 5] = ["factory", "werkseinstellung", "usine", "fábrica", "fabbrica"];
/// What leaves a menu.
const LEAVES: [&str; 4] = ["Exit", "Back", "Cancel", "Quit"];
/// How long after `**#` two stars may still restart the phone (phone-xml-api.md 7.1: wait 10 s).
const STARS_REST: Duration = Duration::from_secs(10);

/// The `**#` that opens a padlock, followed over steps and pauses.
#[derive(Debug, Default)]
pub(super) struct Padlock {
    last: String,
    opened: Option<Instant>,
}

impl Padlock {
    /// Whether this digit would begin the two stars that restart a phone.
    pub(super) fn would_restart(&self, digit: char, now: Instant) -> bool {
        let is_near = |at: Instant| now.saturating_duration_since(at) < STARS_REST;
        digit == '*' && self.opened.is_some_and(is_near)
    }

    /// A digit was pressed.
    pub(super) fn digit(&mut self, digit: char, now: Instant) {
        self.last.push(digit);
        self.opened = self.last.ends_with("**#").then_some(now);
        if self.last.len() > 2 {
            self.last.remove(0);
        }
    }
}

impl Player<'_> {
    /// Right before a key of a step that is not marked: the menu that is open does not make it one that cannot be taken back.
    /// Nothing can be said of a phone that does not tell its menus.
    pub(super) async fn harmless(&mut self, key: &Key, is_destructive: bool) -> Result<(), Ending> {
        let is_safe = self.piece.script.danger == Danger::Safe;
        if is_destructive || !chooses(key) || !is_safe && softkey(key).is_none() {
            return Ok(());
        }
        let Some(menu) = self.menu().await.map_err(|trouble| self.lost(&trouble))? else {
            return Ok(());
        };
        let Some(harm) = harm_of(&menu, key, is_safe) else {
            return Ok(());
        };
        let why = if is_safe {
            "a macro marked safe does not press it"
        } else {
            "a step that is not marked destructive does not press it"
        };
        Err(Ending::failed(format!("{key} would press {harm}: {why}")))
    }
}

/// Whether a key may choose something on the display; others leave, move, or have a page or a lamp of their own.
fn chooses(key: &Key) -> bool {
    let name = key.as_str();
    digit_of(key).is_some() || softkey(key).is_some() || matches!(name, "NavSelect" | "NavRight")
}

fn softkey(key: &Key) -> Option<u8> {
    key.as_str().strip_prefix("Soft")?.parse().ok()
}

/// What a key would press that cannot be taken back, in words.
fn harm_of(menu: &Menu, key: &Key, is_safe: bool) -> Option<String> {
    let position = softkey(key);
    let label = menu.softkeys.iter().find(|(at, _)| Some(*at) == position);
    let label = label.map(|(_, label)| label.as_str());
    if let Some(label) = label.filter(|label| says(label, &RESETS) || says(label, &FACTORY)) {
        return Some(format!("the softkey \"{label}\""));
    }
    if !is_safe {
        return None;
    }
    if let Some(label) = label.filter(|label| says(label, &DELETES)) {
        return Some(format!("the softkey \"{label}\""));
    }
    if label.is_some_and(|label| is_one_of(label, &LEAVES.map(str::to_owned))) {
        return None;
    }
    if [&RESETS[..], &DELETES, &FACTORY]
        .iter()
        .any(|words| says(&menu.title, words))
    {
        return Some(format!("something in the menu \"{}\"", menu.title));
    }
    if let Some((_, label)) = menu.softkeys.iter().find(|(_, label)| says(label, &RESETS)) {
        return Some(format!("something in a menu with the softkey \"{label}\""));
    }
    let row = digit_of(key).and_then(|digit| digit.to_digit(10)?.checked_sub(1));
    let row = menu.rows.get(usize::try_from(row?).ok()?).map(Menu::row_text)?;
    says(row, &RESETS).then(|| format!("the row \"{row}\""))
}

/// Whether any word of a text begins with one of these.
fn says(text: &str, words: &[&str]) -> bool {
    let text = fold(text);
    words.iter().any(|word| {
        let mut places = text.match_indices(word);
        places.any(|(at, _)| !text[..at].ends_with(char::is_alphanumeric))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu(title: &str, rows: &[&str], softkeys: &[(u8, &str)]) -> Menu {
        Menu {
            title: title.to_owned(),
            rows: rows.iter().map(|row| ((*row).to_owned(), String::new())).collect(),
            softkeys: softkeys.iter().map(|(at, label)| (*at, (*label).to_owned())).collect(),
            lines: Vec::new(),
        }
    }

    fn harm(menu: &Menu, key: &str, is_safe: bool) -> Option<String> {
        harm_of(menu, &key.parse().unwrap(), is_safe)
    }

    #[test]
    fn nothing_is_chosen_safely_where_things_are_reset() {
        let resets = menu(
            "Reset settings",
            &["Reset device", "All settings"],
            &[(1, "Exit"), (2, "Select")],
        );
        for key in ["KeyPad1", "KeyPad2", "KeyPadStar", "NavSelect", "Soft2"] {
            assert!(harm(&resets, key, true).is_some(), "{key}");
            assert_eq!(harm(&resets, key, false), None, "{key}");
        }
        assert_eq!(harm(&resets, "Soft1", true), None, "it leaves");
        let confirm = menu("All settings", &[], &[(1, "Cancel"), (3, "Reset")]);
        for is_safe in [true, false] {
            let told = harm(&confirm, "Soft3", is_safe);
            assert_eq!(told.as_deref(), Some("the softkey \"Reset\""));
            assert_eq!(harm(&confirm, "Soft1", is_safe), None);
        }
        assert!(harm(&confirm, "NavSelect", true).is_some(), "it may press the softkey");
        let admin = menu(
            "Admin settings",
            &["Network setup", "4. Reset settings..."],
            &[(1, "Exit")],
        );
        assert_eq!(harm(&admin, "KeyPad1", true), None);
        assert!(harm(&admin, "KeyPad2", true).is_some());
        let calls = menu("Missed calls", &["Ana"], &[(2, "Delete"), (3, "Call")]);
        assert!(harm(&calls, "Soft2", true).is_some());
        assert_eq!(
            (harm(&calls, "Soft2", false), harm(&calls, "Soft3", true)),
            (None, None)
        );
    }

    #[test]
    fn words_are_told_by_their_beginnings() {
        for text in [
            "RESET",
            "4. Auf Werk zurücksetzen",
            "Réinitialiser",
            "Erasing",
            "Neu  starten",
        ] {
            assert!(says(text, &RESETS), "{text}");
        }
        for text in ["Presets", "Settings", "Select", ""] {
            assert!(!says(text, &RESETS), "{text}");
        }
    }

    #[test]
    fn stars_after_the_padlock_are_followed_key_by_key() {
        let mut padlock = Padlock::default();
        let begun = Instant::now();
        for digit in "1**#".chars() {
            assert!(!padlock.would_restart(digit, begun));
            padlock.digit(digit, begun);
        }
        let soon = begun + Duration::from_secs(9);
        assert!(padlock.would_restart('*', soon) && !padlock.would_restart('1', soon));
        assert!(!padlock.would_restart('*', begun + STARS_REST));
        padlock.digit('5', soon);
        assert!(!padlock.would_restart('*', soon), "another digit ended it");
    }
}
