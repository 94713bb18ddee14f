//! Presses of a person, made into a macro.
//!
//! What a menu showed is worth more than the digit that was pressed: rows move with firmware and model, their names hardly.

use std::time::Duration;

use crate::domain::key::Key;
use crate::domain::script::{Act, Danger, Fits, LONGEST_WAIT, MOST_STEPS, Place, Script, Seen, Step, Template};

/// A pause up to this is no pause: it is how fast people press.
const NO_PAUSE: Duration = Duration::from_millis(1_500);
/// A pause up to this was for the screen; a longer one was meant.
const FOR_THE_SCREEN: Duration = Duration::from_secs(8);
/// The most presses of one recording: each can become three steps.
pub const MOST_PRESSES: usize = MOST_STEPS / 3;

/// What was recorded on one phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// What the macro shall be called.
    pub name: String,
    /// The family of the phone, by its id in the catalogue; it becomes the macro's.
    pub family: Option<String>,
    /// The presses in their order; those beyond [`MOST_PRESSES`] are left out.
    pub presses: Vec<Pressed>,
}

/// One press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressed {
    /// The key.
    pub key: Key,
    /// When, in unix milliseconds.
    pub at: i64,
    /// Where a digit chose a row of a menu that the phone gives as text: the row's text.
    pub row: Option<String>,
    /// Where a softkey was pressed whose label the phone gives as text: the label.
    pub softkey: Option<String>,
    /// The heading of the menu that followed, where the phone gave it as text and it differs from the one before.
    pub title_after: Option<String>,
}

/// The macro that repeats what was recorded: a digit that chose a row becomes `choose`, the heading that followed
/// `expect title`, a pause `settle` or `wait`. It is marked safe, with no step marked destructive: whoever saves it judges
/// that, and the text's own checks refuse a plain press of `Reset`.
pub fn recorder(recording: &Recording) -> Script {
    let mut steps = Steps::default();
    let mut before: Option<&Pressed> = None;
    for pressed in recording.presses.iter().take(MOST_PRESSES) {
        if let Some(before) = before {
            steps.pause(before, pressed);
        }
        steps.press(pressed);
        before = Some(pressed);
    }
    steps.flush();
    Script {
        name: clean(&recording.name, 64).unwrap_or_else(|| "Recorded macro".to_owned()),
        description: String::new(),
        danger: Danger::Safe,
        fits: Fits {
            families: recording.family.iter().cloned().collect(),
            ..Fits::default()
        },
        parameters: Vec::new(),
        steps: steps.done,
    }
}

#[derive(Default)]
struct Steps {
    done: Vec<Step>,
    /// Keys of the keypad that follow each other quickly: one `digits` step.
    digits: String,
}

impl Steps {
    /// Where a step would stand: recorded ones have no text yet, each counts as a line.
    fn place(&self) -> Place {
        let line = u32::try_from(self.done.len() + 1).unwrap_or(u32::MAX);
        Place { line, column: 1 }
    }

    fn push(&mut self, act: Act) {
        self.flush();
        self.push_now(act);
    }

    fn push_now(&mut self, act: Act) {
        let at = self.place();
        self.done.push(Step {
            at,
            destructive: false,
            act,
        });
    }

    fn flush(&mut self) {
        if !self.digits.is_empty() {
            let text = std::mem::take(&mut self.digits);
            let at = self.place();
            self.push_now(Act::Digits(Template { text, at }));
        }
    }

    fn pause(&mut self, before: &Pressed, now: &Pressed) {
        let millis = u64::try_from(now.at.saturating_sub(before.at)).unwrap_or(0);
        let pause = Duration::from_millis(millis);
        if pause <= NO_PAUSE || before.title_after.is_some() && pause <= FOR_THE_SCREEN {
            // An expectation waits by itself.
            return;
        }
        if pause <= FOR_THE_SCREEN {
            self.push(Act::Settle(FOR_THE_SCREEN));
        } else {
            // Whole seconds: nobody meant the rest.
            self.push(Act::Wait(Duration::from_secs(pause.as_secs()).min(LONGEST_WAIT)));
        }
    }

    fn press(&mut self, pressed: &Pressed) {
        let at = self.place();
        let text = |text: &String| Some(Template { text: shown(text)?, at });
        if let Some(row) = pressed.row.as_ref().and_then(text) {
            self.push(Act::Choose(row));
        } else if let Some(label) = pressed.softkey.as_ref().and_then(text) {
            self.push(Act::Softkey(label));
        } else if let Some(symbol) = symbol(pressed.key.as_str()) {
            self.digits.push(symbol);
            if self.digits.len() == 64 {
                self.flush();
            }
        } else {
            self.push(Act::Press(pressed.key.clone()));
        }
        if let Some(title) = pressed.title_after.as_ref().and_then(text) {
            self.push(Act::Expect {
                seen: Seen::Title(title),
                within: super::text::LOOKED,
            });
        }
    }
}

/// The sign of a key of the keypad.
fn symbol(key: &str) -> Option<char> {
    match key.strip_prefix("KeyPad")? {
        "Star" => Some('*'),
        "Pound" => Some('#'),
        digit => digit.chars().next(),
    }
}

/// A text of the display as the language takes it: without braces and bars, which mean something there.
fn shown(text: &str) -> Option<String> {
    let text: String = text
        .chars()
        .map(|c| if matches!(c, '{' | '}' | '|') { ' ' } else { c })
        .collect();
    clean(&text, 64)
}

/// One line without blanks at its ends; none when nothing is left.
fn clean(text: &str, most: usize) -> Option<String> {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut: String = text.trim().chars().take(most).collect();
    let cut = cut.trim();
    (!cut.is_empty()).then(|| cut.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::macros::{parse, write};

    fn pressed(key: &str, at: i64) -> Pressed {
        Pressed {
            key: key.parse().unwrap(),
            at,
            row: None,
            softkey: None,
            title_after: None,
        }
    }

    fn text(presses: Vec<Pressed>) -> String {
        let recording = Recording {
            name: "Recorded on SEP001".to_owned(),
            family: Some("8800".to_owned()),
            presses,
        };
        let text = write(&recorder(&recording));
        assert!(parse(&text).is_ok(), "{text}");
        text.split_once("\n\n").unwrap().1.to_owned()
    }

    #[test]
    fn a_way_through_menus_is_kept_by_names() {
        let way = vec![
            Pressed {
                title_after: Some("Applications".to_owned()),
                ..pressed("Applications", 0)
            },
            Pressed {
                row: Some("Admin settings".to_owned()),
                title_after: Some("Admin settings".to_owned()),
                ..pressed("KeyPad5", 3_000)
            },
            Pressed {
                softkey: Some("Exit".to_owned()),
                ..pressed("Soft1", 4_000)
            },
        ];
        let expected = "press Applications\nexpect title \"Applications\"\nchoose \"Admin settings\"\n\
                        expect title \"Admin settings\"\nsoftkey \"Exit\"\n";
        assert_eq!(text(way), expected);
    }

    #[test]
    fn pauses_become_steps_and_digits_stay_together() {
        let presses = vec![
            pressed("KeyPadStar", 0),
            pressed("KeyPadStar", 200),
            pressed("KeyPadPound", 400),
            pressed("KeyPad2", 3_400),
            pressed("NavDwn", 3_600),
            pressed("NavDwn", 15_700),
            pressed("NavDwn", 15_600),
        ];
        let expected =
            "digits \"**#\"\nsettle within 8s\ndigits \"2\"\npress NavDwn\nwait 12s\npress NavDwn\npress NavDwn\n";
        assert_eq!(text(presses), expected);
    }

    #[test]
    fn odd_texts_and_long_recordings_make_a_macro_that_can_be_read() {
        let odd = vec![
            Pressed {
                row: Some("a|b {c}\n".to_owned()),
                title_after: Some("  ".to_owned()),
                ..pressed("KeyPad1", 0)
            },
            Pressed {
                row: Some("\"\\".to_owned()),
                ..pressed("KeyPad1", i64::MAX)
            },
        ];
        assert_eq!(text(odd), "choose \"a b  c\"\nwait 10m\nchoose \"\\\"\\\\\"\n");
        let many = (0..2_000).map(|n| pressed("NavDwn", n * 60_000)).collect();
        assert_eq!(text(many).lines().count(), MOST_PRESSES * 2 - 1);
        let digits = (0..100).map(|n| pressed("KeyPad1", n)).collect();
        assert_eq!(text(digits).lines().count(), 2);
    }

    #[test]
    fn a_press_of_reset_is_not_saved_unmarked() {
        let recording = Recording {
            name: String::new(),
            family: None,
            presses: vec![Pressed {
                softkey: Some("Reset".to_owned()),
                ..pressed("Soft3", 0)
            }],
        };
        let script = recorder(&recording);
        assert_eq!(script.name, "Recorded macro");
        let mistakes = parse(&write(&script)).unwrap_err();
        assert!(mistakes[0].message.contains("cannot be taken back"), "{mistakes:?}");
    }
}
