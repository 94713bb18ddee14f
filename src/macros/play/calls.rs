//! Keys that let a phone call a number it holds already never call an emergency number: speed dials, redial, lists of calls.

use super::act::digit_of;
use super::desk::Answer;
use super::emergency::{named_by, number_in};
use super::ending::Ending;
use super::look::Menu;
use super::player::Player;
use super::types::Question;
use super::words::{fold, is_one_of};
use crate::domain::key::Key;
use crate::domain::script::RunEnd;
use crate::phone::LineInfo;

/// Kinds of line keys in `LineInfo` (phone-xml-api.md 1.8).
const LINE: u32 = 9;
/// Softkeys that call a number which stands on the display or was called last, without case and blanks.
const DIALLING: [&str; 10] = [
    "redial",
    "dial",
    "editdial",
    "call",
    "callback",
    "send",
    "wahlwdh",
    "wahlwdhlg",
    "wählen",
    "anrufen",
];

/// Softkeys that take up the highlighted row.
const SELECTS: [&str; 5] = ["Select", "OK", "Auswahl", "Auswählen", "Sélect."];
/// Words of headings of lists whose rows are called when they are chosen. Phones print them in the language of their locale,
/// whose texts are not documented: these are the usual ones.
const LISTS: [&str; 24] = [
    "calls",
    "call history",
    "call list",
    "call log",
    "recents",
    "directory",
    "contacts",
    "search results",
    "speed dial",
    "speeddial",
    "fast dial",
    "phone book",
    "anrufe",
    "anrufliste",
    "verzeichnis",
    "kontakte",
    "appels",
    "répertoire",
    "llamadas",
    "directorio",
    "contactos",
    "chiamate",
    "rubrica",
    "chamadas",
];
/// Softkeys of a form that searches a directory, whose rows are no entries.
const SEARCHES: [&str; 4] = ["search", "suchen", "rechercher", "buscar"];
/// The same, and that of a screen on which a number is typed.
const TYPES: [&str; 5] = ["<<", "search", "suchen", "rechercher", "buscar"];
/// Rows of a list that a question shows.
const MOST_SHOWN: usize = 8;

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
        let by_softkey = soft_of(key);
        let may_dial = digit_of(key).is_some() || by_softkey.is_some() || picks(key) || is_redial(key.as_str());
        if !may_dial {
            return Ok(());
        }
        let Some(menu) = self.menu().await.map_err(|trouble| self.lost(&trouble))? else {
            return self.may_press_unseen(key).await;
        };
        let label = match by_softkey {
            Some(_) if menu.softkeys.is_empty() => self.softkeys().await.map_err(|trouble| self.lost(&trouble))?,
            Some(_) => Some(menu.softkeys.clone()),
            None => None,
        };
        let mut labels = label.into_iter().flatten();
        let label = labels.find(|(at, _)| Some(*at) == by_softkey).map(|(_, label)| label);
        let key = Some(key);
        self.may_dial(&menu, &Pressed { key, label }).await
    }

    /// Before a softkey is pressed by its name in a URI.
    pub(super) async fn may_press_label(&mut self, label: &str) -> Result<(), Ending> {
        let menu = self.menu().await.map_err(|trouble| self.lost(&trouble))?;
        let dials = is_dialling(label) || is_one_of(label, &SELECTS.map(str::to_owned));
        match menu {
            Some(menu) => {
                let label = Some(label.to_owned());
                self.may_dial(&menu, &Pressed { key: None, label }).await
            }
            None if dials => self.may_dial_what_stands(label).await,
            None => Ok(()),
        }
    }

    async fn may_dial(&mut self, menu: &Menu, pressed: &Pressed<'_>) -> Result<(), Ending> {
        match dialled(menu, pressed, &self.emergency) {
            Dialled::Nothing => Ok(()),
            Dialled::Emergency(number) => Err(emergency_number(&number)),
            Dialled::Unknown(words) => self.agreed(&words).await,
        }
    }

    /// On a phone that does not tell its screen a job presses only what somebody recognised in a picture right before.
    async fn may_press_unseen(&mut self, key: &Key) -> Result<(), Ending> {
        let is_blind = soft_of(key).is_some() || key.as_str() == "NavSelect" || is_redial(key.as_str());
        if self.desk.is_attended() || self.state.met.is_some() || !is_blind {
            return Ok(());
        }
        let words = format!("The phone does not tell its screen, and {key} may call a number that nobody knows");
        self.agreed(&words).await
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

    /// A softkey that calls what stands on the display, or what was called last, on a phone that does not tell its screen.
    pub(super) async fn may_dial_what_stands(&mut self, label: &str) -> Result<(), Ending> {
        self.agreed(&format!(
            "The softkey {label} calls a number, and the phone does not tell which"
        ))
        .await
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

/// A key that is about to be pressed, and what stands above it; a URI names softkeys by their label alone.
struct Pressed<'k> {
    key: Option<&'k Key>,
    label: Option<String>,
}

impl Pressed<'_> {
    fn words(&self) -> String {
        match (&self.label, self.key) {
            (None, Some(key)) => format!("The key {key}"),
            (label, _) => format!("The softkey {:?}", label.as_deref().unwrap_or_default()),
        }
    }
}

/// What a key would call from the screen that is open.
#[derive(Debug, PartialEq, Eq)]
enum Dialled {
    /// Nothing, or a number that is known and none of the emergency numbers.
    Nothing,
    /// This emergency number.
    Emergency(String),
    /// Nobody can tell; what is known, in words.
    Unknown(String),
}

/// Redial calls what was called last; softkeys that dial, Select and going off the hook the highlighted row of a list of
/// numbers, or what stands on the display; a digit the row of its number.
fn dialled(menu: &Menu, pressed: &Pressed<'_>, emergency: &[String]) -> Dialled {
    let label = pressed.label.as_deref();
    let says = |fits: fn(&str) -> bool| label.is_some_and(fits);
    let redials = says(is_redial) || pressed.key.is_some_and(|key| is_redial(key.as_str()));
    let dials = redials || says(is_dialling);
    let selects =
        pressed.key.is_some_and(picks) || label.is_some_and(|label| is_one_of(label, &SELECTS.map(str::to_owned)));
    let row = pressed
        .key
        .and_then(digit_of)
        .and_then(|digit| usize::try_from(digit.to_digit(10)?).ok());
    if dials || selects {
        let mut shown = texts_of(menu).flat_map(str::split_whitespace).chain(texts_of(menu));
        if let Some(number) = shown.find_map(|shown| named_by(number_in(shown)?, emergency)) {
            return Dialled::Emergency(number.to_owned());
        }
    }
    let unknown = |known: &str| Dialled::Unknown(format!("{} calls a number, {known}", pressed.words()));
    if redials {
        return unknown("and the phone does not tell which");
    }
    let is_list = lists_numbers(menu);
    let of_row = |row| match of_row(row, emergency) {
        Err(_) if is_dial_screen(menu) => Dialled::Nothing,
        known => known.unwrap_or_else(unknown),
    };
    // In a form and on a dial screen digits are typed.
    if let Some(row) = row.filter(|_| is_list && !has_softkey(menu, &TYPES)) {
        let chosen = row.checked_sub(1).and_then(|row| menu.rows.get(row));
        return chosen.map_or(Dialled::Nothing, of_row);
    }
    let takes_up = selects && is_list && !has_softkey(menu, &SEARCHES);
    if !dials && !takes_up {
        return Dialled::Nothing;
    }
    match &menu.rows[..] {
        [row] => of_row(row),
        [] => match texts_of(menu).filter_map(number_in).collect::<Vec<_>>()[..] {
            [_] => Dialled::Nothing,
            _ => unknown("and the phone does not tell which"),
        },
        rows if rows.iter().all(|row| is_list_name(Menu::row_text(row))) => Dialled::Nothing,
        rows => {
            let shown: Vec<&str> = rows.iter().map(Menu::row_text).take(MOST_SHOWN).collect();
            let shown = shown.join(", ");
            unknown(&format!("and nobody can tell which row is highlighted of: {shown}"))
        }
    }
}

/// What a row of a list of numbers calls; else why nobody can tell.
fn of_row(row: &(String, String), emergency: &[String]) -> Result<Dialled, &'static str> {
    if is_list_name(Menu::row_text(row)) {
        return Ok(Dialled::Nothing);
    }
    let texts = [row.0.as_str(), row.1.as_str()];
    let mut parts = texts.into_iter().flat_map(str::split_whitespace).chain(texts);
    if let Some(number) = parts.find_map(|part| named_by(number_in(part)?, emergency)) {
        return Ok(Dialled::Emergency(number.to_owned()));
    }
    let numbers = texts.into_iter().filter_map(number_in).count();
    if numbers == 1 {
        return Ok(Dialled::Nothing);
    }
    Err("and its row does not tell which")
}

/// Whether a number that is being typed is all that is shown, however short it is.
fn is_dial_screen(menu: &Menu) -> bool {
    let is_number =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '#' | '+'));
    matches!(&menu.rows[..], [(name, number)] if is_number(number) && !is_number(name))
}

/// Whether the rows of a menu are numbers that are called when they are chosen.
fn lists_numbers(menu: &Menu) -> bool {
    let calls = |(_, label): &(u8, String)| is_dialling(label) && !is_redial(label);
    !menu.rows.is_empty() && (is_list_name(&menu.title) || menu.softkeys.iter().any(calls))
}

fn has_softkey(menu: &Menu, labels: &[&str]) -> bool {
    let mut shown = menu.softkeys.iter().map(|(_, label)| fold(label));
    shown.any(|label| labels.contains(&label.as_str()))
}

/// Whether a heading, or a row that leads there, is that of a list of calls or a directory.
fn is_list_name(text: &str) -> bool {
    let text = fold(text);
    LISTS.iter().any(|word| text.contains(word))
}

/// Keys that take up what is highlighted or stands on the display.
fn picks(key: &Key) -> bool {
    matches!(key.as_str(), "NavSelect" | "Speaker" | "Headset" | "Offhook")
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
    texts_of(menu).filter_map(number_in)
}

fn texts_of(menu: &Menu) -> impl Iterator<Item = &str> {
    let rows = menu.rows.iter().flat_map(|(name, value)| [name, value]);
    rows.chain(&menu.lines).chain([&menu.title]).map(String::as_str)
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
    fn what_a_key_calls_from_a_list_is_known_or_refused() {
        let screen = |title: &str, rows: &[(&str, &str)], softkeys: &[&str]| Menu {
            title: title.to_owned(),
            rows: rows
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            softkeys: (1..)
                .zip(softkeys)
                .map(|(at, label)| (at, (*label).to_owned()))
                .collect(),
            lines: Vec::new(),
        };
        let numbers = ["112".to_owned()];
        let calls = |menu: &Menu, name: &str| {
            let key: Key = name.parse().unwrap();
            let label = menu.softkeys.iter().find(|(at, _)| soft_of(&key) == Some(*at));
            let label = label.map(|(_, label)| label.clone());
            dialled(menu, &Pressed { key: Some(&key), label }, &numbers)
        };
        let is_unknown = |menu: &Menu, key: &str| matches!(calls(menu, key), Dialled::Unknown(_));
        let missed = screen(
            "Missed calls",
            &[("Ana", "2041"), ("Ana 2042", "12:03"), ("Fire 112", "12:04")],
            &["Exit", "Select"],
        );
        assert_eq!(calls(&missed, "KeyPad1"), Dialled::Nothing, "it is known");
        assert!(is_unknown(&missed, "KeyPad2"), "a name that ends in a number");
        let fire = Dialled::Emergency("112".to_owned());
        assert_eq!(calls(&missed, "KeyPad3"), fire);
        assert_eq!(calls(&missed, "KeyPad9"), Dialled::Nothing, "there is no such row");
        assert_eq!(calls(&missed, "Soft1"), Dialled::Nothing, "it leaves");
        for key in ["NavSelect", "Speaker", "Soft2"] {
            assert_eq!(calls(&missed, key), fire, "{key}");
        }
        let found = screen("Search results", &[("Ana", "2041"), ("Bob", "2042")], &["Dial", "Exit"]);
        for key in ["NavSelect", "Headset", "Soft1"] {
            let Dialled::Unknown(words) = calls(&found, key) else {
                panic!("{key}");
            };
            assert!(words.contains("which row is highlighted of: Ana, Bob"), "{words}");
        }
        let typed = screen("Dial", &[("Number", "2041")], &["Dial", "<<", "Cancel"]);
        assert_eq!(calls(&typed, "Soft1"), Dialled::Nothing);
        assert_eq!(calls(&typed, "Speaker"), Dialled::Nothing);
        let begun = screen("Dial", &[("Number", "20")], &["Dial", "Cancel"]);
        for key in ["KeyPad1", "Soft1", "Speaker"] {
            assert_eq!(calls(&begun, key), Dialled::Nothing, "{key}: a short number");
        }
        let lists = screen(
            "Call history",
            &[("Missed calls", ""), ("Placed calls", "")],
            &["Select"],
        );
        for key in ["KeyPad1", "NavSelect", "Soft1"] {
            assert_eq!(calls(&lists, key), Dialled::Nothing, "{key} opens a list");
        }
        let settings = screen("Settings", &[("VLAN", "110"), ("Status", "")], &["Select"]);
        for key in ["KeyPad1", "NavSelect", "Soft1", "Speaker"] {
            assert_eq!(calls(&settings, key), Dialled::Nothing, "{key}");
        }
        let form = screen(
            "Corporate directory",
            &[("Name", ""), ("Number", "")],
            &["Search", "<<"],
        );
        for key in ["KeyPad2", "NavSelect"] {
            assert_eq!(calls(&form, key), Dialled::Nothing, "{key}");
        }
        let idle = screen("", &[], &["Redial", "New Call"]);
        assert!(is_unknown(&idle, "Soft1"), "whatever was called last");
        assert_eq!(calls(&idle, "Speaker"), Dialled::Nothing);
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
