//! Keys that let a phone call a number it holds already never call an emergency number: speed dials, redial, lists of calls.

use super::act::digit_of;
use super::desk::Answer;
use super::emergency::{named_by, number_in};
use super::ending::Ending;
use super::look::Menu;
use super::player::Player;
use super::types::Question;
use super::words::fold;
use crate::domain::key::Key;
use crate::domain::script::RunEnd;
use crate::phone::LineInfo;

/// Kinds of line keys in `LineInfo` (phone-xml-api.md 1.8).
const LINE: u32 = 9;
/// Softkeys that call a number which stands on the display or was called last, without case and blanks.
const DIALLING: [&str; 9] = [
    "redial",
    "dial",
    "call",
    "callback",
    "send",
    "wahlwdh",
    "wahlwdhlg",
    "wählen",
    "anrufen",
];

/// What a line key is known to do.
#[derive(Debug, PartialEq, Eq)]
enum LineKey {
    /// It takes a line, or calls a number that is no emergency number.
    Fine,
    /// It calls this emergency number.
    Emergency(String),
    /// Nobody can tell what it calls.
    Unknown,
}

impl Player<'_> {
    /// Outside menus, digits are a number that the phone may dial.
    pub(super) async fn never_an_emergency(&mut self, key: &Key) -> Result<(), Ending> {
        let Some(digit) = digit_of(key) else { return Ok(()) };
        let Some(number) = self.state.typed.would_be(digit, &self.emergency).map(str::to_owned) else {
            return Ok(());
        };
        let menu = self.menu().await.ok().flatten();
        // A phone shows a number that is being typed as a screen of its own, too, and below it the calls that fit.
        let chooses = |menu: &Menu| menu.rows.len() > 1 && numbers_in(menu).next().is_none();
        if menu.as_ref().is_some_and(chooses) {
            self.state.typed.clear();
            return Ok(());
        }
        Err(Ending::failed(format!(
            "With this digit the phone would have the emergency number {number}; it was not pressed"
        )))
    }

    /// A number that a URI puts on the display, behind what stands there.
    pub(super) fn never_typed(&self, number: &str) -> Result<(), Ending> {
        match self.state.typed.would_be_with(number, &self.emergency) {
            Some(emergency) => Err(emergency_number(emergency)),
            None => Ok(()),
        }
    }

    /// Before a key that may call somebody by itself.
    pub(super) async fn may_begin_a_call(&mut self, key: &Key) -> Result<(), Ending> {
        if let Some(position) = line_of(key) {
            return self.may_press_line(position).await;
        }
        let label = match soft_of(key) {
            Some(position) => {
                let keys = self.softkeys().await.map_err(|trouble| self.lost(&trouble))?;
                let shown = keys.into_iter().flatten().find(|(at, _)| *at == position);
                shown.map(|(_, label)| label).filter(|label| is_dialling(label))
            }
            None => None,
        };
        if let Some(label) = label {
            return self.may_dial_what_stands(&format!("{label:?}")).await;
        }
        if matches!(key.as_str(), "Speaker" | "Headset" | "Offhook" | "NavSelect")
            && let Some(number) = self.emergency_shown().await?
        {
            return Err(emergency_number(&number));
        }
        Ok(())
    }

    async fn may_press_line(&mut self, position: usize) -> Result<(), Ending> {
        let lines = self.line_info().await.map_err(|trouble| self.lost(&trouble))?;
        match line_key(lines.as_ref(), position, &self.emergency) {
            LineKey::Fine => Ok(()),
            LineKey::Emergency(number) => Err(emergency_number(&number)),
            LineKey::Unknown => {
                let words = format!("Line key {position} may call a number, and the phone does not tell which");
                self.agreed(&words).await
            }
        }
    }

    /// A softkey that calls what stands on the display, or what was called last. The number must be seen.
    pub(super) async fn may_dial_what_stands(&mut self, label: &str) -> Result<(), Ending> {
        let menu = self.menu().await.map_err(|trouble| self.lost(&trouble))?;
        let shown: Vec<&str> = menu.iter().flat_map(numbers_in).collect();
        if let Some(number) = shown.iter().find_map(|shown| named_by(shown, &self.emergency)) {
            return Err(emergency_number(number));
        }
        // Redial calls another number than any that is shown.
        let calls_the_last = is_redial(label);
        if shown.len() == 1 && !calls_the_last {
            return Ok(());
        }
        self.agreed(&format!(
            "The softkey {label} calls a number, and the phone does not tell which"
        ))
        .await
    }

    async fn emergency_shown(&self) -> Result<Option<String>, Ending> {
        let menu = self.menu().await.map_err(|trouble| self.lost(&trouble))?;
        let mut shown = menu.iter().flat_map(numbers_in);
        Ok(shown
            .find_map(|shown| named_by(shown, &self.emergency))
            .map(str::to_owned))
    }

    /// A person decides; a job calls no number that nobody knows.
    async fn agreed(&mut self, words: &str) -> Result<(), Ending> {
        if !self.desk.is_attended() {
            return Err(Ending::new(
                RunEnd::NeedsPerson,
                format!("{words}; a job does not press it"),
            ));
        }
        let question = Question {
            expectation: "no emergency call".to_owned(),
            picture: None,
            words: format!("{words}. Is it sure that it is no emergency number?"),
            needs_row: false,
            can_remember: false,
        };
        match self.desk.ask(question).await? {
            Answer::Yes { .. } => Ok(()),
            Answer::No => Err(Ending::stopped(format!("{words}; it was not pressed"))),
        }
    }
}

fn emergency_number(number: &str) -> Ending {
    Ending::failed(format!(
        "The key would call the emergency number {number}; a macro never dials it, and it was not pressed"
    ))
}

/// Whether a key takes the phone off the hook.
pub(super) fn begins_a_call(key: &Key) -> bool {
    line_of(key).is_some() || matches!(key.as_str(), "Speaker" | "Headset" | "Offhook")
}

/// Whether a softkey calls a number that the phone holds already.
pub(super) fn is_dialling(label: &str) -> bool {
    let folded: String = fold(label).chars().filter(|c| c.is_alphanumeric()).collect();
    DIALLING.contains(&folded.as_str())
}

fn is_redial(label: &str) -> bool {
    let folded = fold(label);
    ["redial", "call back", "callback", "wahlw"]
        .iter()
        .any(|word| folded.contains(word))
}

fn line_of(key: &Key) -> Option<usize> {
    let name = key.as_str();
    let position = name.strip_prefix("Line").or_else(|| name.strip_prefix("Session"))?;
    position.parse().ok()
}

fn soft_of(key: &Key) -> Option<u8> {
    key.as_str().strip_prefix("Soft")?.parse().ok()
}

/// What a line key does, by what the phone tells of it.
fn line_key(lines: Option<&LineInfo>, position: usize, emergency: &[String]) -> LineKey {
    let line = lines.and_then(|info| info.lines.get(position.checked_sub(1)?));
    let Some(line) = line else { return LineKey::Unknown };
    if line.line_type == Some(LINE) {
        return LineKey::Fine;
    }
    let told = [line.directory_number.as_deref(), line.label.as_deref()];
    if let Some(number) = told.into_iter().flatten().find_map(|told| named_by(told, emergency)) {
        return LineKey::Emergency(number.to_owned());
    }
    match line.directory_number.as_deref().and_then(number_in) {
        Some(_) => LineKey::Fine,
        None => LineKey::Unknown,
    }
}

/// What of a screen reads as a number that can be called.
fn numbers_in(menu: &Menu) -> impl Iterator<Item = &str> {
    let rows = menu.rows.iter().flat_map(|(name, value)| [name, value]);
    let texts = rows.chain(&menu.lines).chain([&menu.title]);
    texts.filter_map(|text| number_in(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::Line;

    fn line(kind: Option<u32>, number: &str, label: &str) -> Line {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Line {
            line_type: kind,
            directory_number: text(number),
            label: text(label),
            ..Line::default()
        }
    }

    #[test]
    fn a_line_key_calls_no_emergency_number_and_none_that_is_unknown() {
        let info = LineInfo {
            lines: vec![
                line(Some(9), "4112", ""),
                line(Some(2), "0112", "Porter"),
                line(Some(2), "2001", "Anna"),
                line(Some(2), "", "Anna"),
                line(Some(2), "", "112"),
                line(None, "", ""),
            ],
            ..LineInfo::default()
        };
        let numbers = ["112".to_owned()];
        let of = |position| line_key(Some(&info), position, &numbers);
        assert_eq!(of(1), LineKey::Fine);
        assert_eq!(of(2), LineKey::Emergency("112".to_owned()));
        assert_eq!(of(3), LineKey::Fine);
        assert_eq!(of(4), LineKey::Unknown);
        assert_eq!(of(5), LineKey::Emergency("112".to_owned()));
        assert_eq!(of(6), LineKey::Unknown);
        assert_eq!(of(7), LineKey::Unknown, "beyond what the phone tells");
        assert_eq!(line_key(None, 1, &numbers), LineKey::Unknown);
    }

    #[test]
    fn softkeys_that_call_are_known() {
        for label in ["Redial", "Dial", "Call", "Call Back", "Anrufen"] {
            assert!(is_dialling(label), "{label}");
        }
        for label in ["Reset", "Exit", "End Call", "New Call", "Cancel"] {
            assert!(!is_dialling(label), "{label}");
        }
    }

    #[test]
    fn numbers_on_a_screen_are_told_from_other_texts() {
        let menu = Menu {
            title: "Missed calls".to_owned(),
            rows: vec![
                ("1".to_owned(), "112".to_owned()),
                ("IP address".to_owned(), "10.1.1.2".to_owned()),
            ],
            softkeys: Vec::new(),
            lines: vec!["+49 30 555-1234".to_owned(), "2 new".to_owned()],
        };
        assert_eq!(numbers_in(&menu).collect::<Vec<_>>(), ["112", "+49 30 555-1234"]);
    }
}
