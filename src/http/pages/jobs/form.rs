//! Making a job: what was typed, and what there is to choose from.

use std::collections::BTreeMap;

use askama::Template;

use crate::domain::brakes::Brakes;
use crate::http::pages::{Choice, Layout, Section};

/// The fields of the form. Whatever else was sent is dropped, answers to a macro's questions (`arg-…`) excepted.
const FIELDS: &[&str] = &[
    "title",
    "which",
    "q",
    "cluster",
    "model",
    "status",
    "readiness",
    "cause",
    "filter",
    "ids",
    "names",
    "action",
    "macro",
    "dry_run",
    "ssh",
    "m_title",
    "m_text",
    "m_prompt",
    "m_expires",
    "m_label1",
    "m_dials1",
    "m_label2",
    "m_dials2",
    "m_label3",
    "m_dials3",
    "tone",
    "times",
    "reset",
    "remedy",
    "background",
    "sound",
    "filled",
    "canary",
    "look",
    "stop_share",
    "stop_after",
    "per_minute",
    "at_once",
    "per_switch",
    "in_call_again",
    "give_up",
    "window",
    "window_day",
    "window_from",
    "window_to",
    "window_zone",
    "approval",
    "when",
    "at",
    "time",
    "day",
    "month_day",
    "pattern",
    "zone",
    "missed",
];

/// What was typed into the form, or what the address line brought; texts as they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobForm(BTreeMap<String, Vec<String>>);

impl JobForm {
    /// Reads pairs. The first time, before the form itself was sent, what nobody chose is the usual.
    pub fn read(pairs: Vec<(String, String)>, zone: &str) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            if FIELDS.contains(&name.as_str()) || name.starts_with("arg-") {
                form.0.entry(name).or_default().push(value);
            }
        }
        if !form.has("filled", "yes") {
            // Whoever comes from a macro wants to play it.
            if form.get("action").is_empty() && !form.get("macro").is_empty() {
                form.set("action", "macro".to_owned());
            }
            form.fill(zone);
        }
        form
    }

    fn fill(&mut self, zone: &str) {
        let which = if self.ids().is_empty() { "search" } else { "phones" };
        let brakes = Brakes::default();
        let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
        let usual = [
            ("which", which.to_owned()),
            ("times", "2".to_owned()),
            ("reset", "restart".to_owned()),
            ("remedy", "enable-web-access".to_owned()),
            ("canary", yes(brakes.canary)),
            ("look", yes(brakes.look)),
            ("stop_share", number(brakes.stop_share_percent.map(u32::from))),
            ("stop_after", brakes.stop_after.to_string()),
            ("per_minute", number(brakes.per_minute)),
            ("at_once", brakes.at_once.to_string()),
            ("per_switch", number(brakes.per_switch)),
            ("in_call_again", brakes.in_call_again_minutes.to_string()),
            ("give_up", brakes.give_up_minutes.to_string()),
            ("window_from", "22:00".to_owned()),
            ("window_to", "05:00".to_owned()),
            ("window_zone", zone.to_owned()),
            ("approval", yes(brakes.approval)),
            ("when", "now".to_owned()),
            ("time", "22:00".to_owned()),
            ("month_day", "1".to_owned()),
            ("pattern", "30 2 * * 1-5".to_owned()),
            ("zone", zone.to_owned()),
            ("missed", "skip".to_owned()),
            ("filled", "yes".to_owned()),
        ];
        for (name, value) in usual {
            if !value.is_empty() {
                self.0.entry(name.to_owned()).or_insert_with(|| vec![value]);
            }
        }
    }

    /// The value of a field; empty without one.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .get(name)
            .and_then(|values| values.first())
            .map_or("", String::as_str)
    }

    /// The same, without the blanks around it.
    pub fn word(&self, name: &str) -> &str {
        self.get(name).trim()
    }

    /// Whether one of a field's values is this.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.0
            .get(name)
            .is_some_and(|values| values.iter().any(|known| known == value))
    }

    /// Every value of a field.
    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Puts a value in the place of a field's values.
    pub fn set(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), vec![value]);
    }

    /// The numbers of the phones that were chosen one by one, each once; what is no number is left out.
    pub fn ids(&self) -> Vec<i64> {
        let mut seen = std::collections::BTreeSet::new();
        let words = self.all("ids").iter().flat_map(|list| list.split([',', ' ']));
        words
            .filter_map(|word| word.trim().parse().ok())
            .filter(|id| seen.insert(*id))
            .collect()
    }

    /// The names that were typed or uploaded: one a line, or with blanks, commas or semicolons between them.
    pub fn names(&self) -> Vec<String> {
        let words = self
            .get("names")
            .split(|c: char| c.is_whitespace() || c == ',' || c == ';');
        words
            .map(|word| word.trim_matches('"'))
            .filter(|word| !word.is_empty())
            .map(ToOwned::to_owned)
            .collect()
    }

    /// Answers to a macro's questions.
    pub fn arguments(&self) -> BTreeMap<String, String> {
        let answers = self.0.iter().filter_map(|(name, values)| {
            let name = name.strip_prefix("arg-")?;
            Some((name.to_owned(), values.first()?.clone()))
        });
        answers.collect()
    }

    /// The answer to one question of a macro.
    pub fn argument(&self, name: &str) -> Option<&str> {
        let values = self.0.get(&format!("arg-{name}"))?;
        values.first().map(String::as_str)
    }

    /// Everything, to travel in hidden fields.
    pub fn hidden(&self) -> Vec<(&str, &str)> {
        self.0
            .iter()
            .flat_map(|(name, values)| values.iter().map(move |value| (name.as_str(), value.as_str())))
            .collect()
    }
}

fn yes(on: bool) -> String {
    if on { "yes".to_owned() } else { String::new() }
}

/// What is wrong, by the name of the field; the empty name is for the form as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Errors(BTreeMap<String, String>);

impl Errors {
    /// Adds one; the first of a field stays.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.entry(field.into()).or_insert_with(|| message.into());
    }

    /// That of a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// Whether a field has one.
    pub fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn into_map(self) -> BTreeMap<String, String> {
        self.0
    }
}

/// `GET /jobs/new`, `POST /jobs/new` and the answer to a refused `POST /jobs/preview`. With the header `X-Fragment` only
/// the block `arguments` or `times`.
#[derive(Debug, Template)]
#[template(path = "jobs/form.html", blocks = ["arguments", "times", "found"])]
pub struct JobFormPage {
    /// What surrounds it.
    pub layout: Layout,
    /// What was typed.
    pub form: JobForm,
    /// What is wrong with it.
    pub errors: Errors,
    /// What there is to choose from.
    pub offers: Offers,
    /// What the chosen macro asks, and what it is.
    pub chosen: Option<ChosenMacro>,
    /// Phones that the search finds now.
    pub found: Option<u64>,
    /// Names of the first phones that were chosen one by one.
    pub selected: Vec<String>,
    /// The next starts, in words.
    pub starts: Vec<String>,
}

/// What there is to choose from.
#[derive(Debug, Clone, Default)]
pub struct Offers {
    /// Clusters, by number.
    pub clusters: Vec<Choice>,
    /// Models.
    pub models: Vec<Choice>,
    /// Registration.
    pub statuses: Vec<Choice>,
    /// Whether they can be controlled.
    pub readinesses: Vec<Choice>,
    /// Why not.
    pub causes: Vec<Choice>,
    /// Saved filters, by number.
    pub filters: Vec<Choice>,
    /// Macros, by number.
    pub macros: Vec<Choice>,
    /// Ring tones of the phones.
    pub tones: Vec<String>,
    /// Background images that were uploaded.
    pub backgrounds: Vec<Choice>,
    /// Sounds that were uploaded.
    pub sounds: Vec<Choice>,
    /// Time zones.
    pub zones: Vec<String>,
}

/// The macro that was chosen.
#[derive(Debug, Clone)]
pub struct ChosenMacro {
    /// What it is for.
    pub description: String,
    /// Whether it can do harm.
    pub destructive: bool,
    /// What it asks.
    pub questions: Vec<Question>,
}

/// A question of a macro.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its name.
    pub name: String,
    /// What is asked.
    pub label: String,
    /// What an answer may be.
    pub hint: String,
    /// The answer so far.
    pub value: String,
    /// Answers to choose from; empty: any.
    pub choices: Vec<String>,
}

impl Question {
    /// The name of its field.
    pub fn field(&self) -> String {
        format!("arg-{}", self.name)
    }
}

/// The fields of a softkey under a message.
#[derive(Debug, Clone)]
pub struct Softkey {
    /// From 1.
    pub number: u8,
    /// The field of its label.
    pub label: String,
    /// The field of what it dials.
    pub dials: String,
}

/// Something a job can do.
#[derive(Debug, Clone, Copy)]
pub struct Doing {
    /// Its word.
    pub id: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
}

const fn doing(id: &'static str, icon: &'static str, title: &'static str, about: &'static str) -> Doing {
    Doing { id, icon, title, about }
}

/// What a job can do, the most frequent first.
pub const DOINGS: [Doing; 11] = [
    doing(
        "macro",
        "list-check",
        "Play a macro",
        "Steps that look before they press.",
    ),
    doing(
        "message",
        "message",
        "Show a message",
        "A text on the display, with softkeys if you like.",
    ),
    doing("ring", "volume-2", "Ring", "To find phones, or to draw attention."),
    doing(
        "picture",
        "eye",
        "Take a picture",
        "What each display shows, kept with the run.",
    ),
    doing(
        "restart",
        "refresh",
        "Restart or reset",
        "Through CUCM. A call may end.",
    ),
    doing(
        "remedy",
        "heartbeat",
        "Apply a remedy",
        "Web access, controlled devices.",
    ),
    doing(
        "facts",
        "info-circle",
        "Read the facts",
        "Firmware, switch, network set-up, trust list.",
    ),
    doing(
        "readiness",
        "circle-check",
        "Check readiness",
        "Would they obey, and why not.",
    ),
    doing("logout", "logout", "Log out", "Extension Mobility users."),
    doing(
        "background",
        "maximize",
        "Set the background",
        "An image that was uploaded, proved by a picture.",
    ),
    doing("ring-tone", "volume", "Set the ring tone", "A sound that was uploaded."),
];

/// Days of the week as the form sends and shows them.
pub const DAYS: [(&str, &str); 7] = [
    ("1", "Mon"),
    ("2", "Tue"),
    ("3", "Wed"),
    ("4", "Thu"),
    ("5", "Fri"),
    ("6", "Sat"),
    ("7", "Sun"),
];

/// When a job can start, as the form sends it.
pub const WHENS: [(&str, &str); 6] = [
    ("now", "Now"),
    ("once", "Once, later"),
    ("daily", "Every day"),
    ("weekly", "Every week"),
    ("monthly", "Every month"),
    ("cron", "By a pattern"),
];

/// One-click remedies that a job can apply.
pub const REMEDIES: [(&str, &str, &str); 2] = [
    (
        "enable-web-access",
        "Turn on web access",
        "Changes the phone in CUCM and applies the configuration; the phone may restart.",
    ),
    (
        "add-controlled-device",
        "Add to the controlled devices",
        "Adds the phone to the controlled devices of the cluster's control login in CUCM.",
    ),
];

impl JobFormPage {
    /// What a job can do.
    pub fn doings(&self) -> &'static [Doing] {
        &DOINGS
    }

    /// Days of the week.
    pub fn days(&self) -> &'static [(&'static str, &'static str)] {
        &DAYS
    }

    /// Remedies.
    pub fn remedies(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        &REMEDIES
    }

    /// How many were chosen one by one.
    pub fn selected_count(&self) -> u64 {
        u64::try_from(self.form.ids().len()).unwrap_or(u64::MAX)
    }

    /// Their numbers as one field.
    pub fn selected_ids(&self) -> String {
        let numbers: Vec<String> = self.form.ids().iter().map(ToString::to_string).collect();
        numbers.join(",")
    }

    /// How many names the list holds.
    pub fn name_count(&self) -> u64 {
        u64::try_from(self.form.names().len()).unwrap_or(u64::MAX)
    }

    /// Whether the brakes beyond the usual ones are open.
    pub fn pace_is_open(&self) -> bool {
        const PACE: [&str; 6] = [
            "stop_after",
            "per_minute",
            "at_once",
            "per_switch",
            "in_call_again",
            "give_up",
        ];
        PACE.iter().any(|field| self.errors.has(field))
    }

    /// How many of those chosen one by one are not named.
    pub fn selected_more(&self) -> u64 {
        let named = u64::try_from(self.selected.len()).unwrap_or(u64::MAX);
        self.selected_count().saturating_sub(named)
    }

    /// The fields of the softkeys.
    pub fn softkeys(&self) -> [Softkey; 3] {
        [1, 2, 3].map(|number| Softkey {
            number,
            label: format!("m_label{number}"),
            dials: format!("m_dials{number}"),
        })
    }

    /// When a job can start.
    pub fn whens(&self) -> &'static [(&'static str, &'static str)] {
        &WHENS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> JobForm {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        JobForm::read(owned.collect(), "Europe/Paris")
    }

    #[test]
    fn the_usual_brakes_are_on_until_somebody_takes_them_off() {
        let fresh = read(&[("ids", "4,2"), ("ids", "4")]);
        assert_eq!((fresh.get("canary"), fresh.get("which")), ("yes", "phones"));
        assert_eq!((fresh.get("zone"), fresh.ids()), ("Europe/Paris", vec![4, 2]));
        assert_eq!(
            (fresh.get("action"), read(&[("macro", "7")]).get("action")),
            ("", "macro")
        );
        let sent = read(&[("filled", "yes"), ("which", "search")]);
        assert_eq!((sent.get("canary"), sent.get("stop_share")), ("", ""));
    }

    #[test]
    fn names_come_one_a_line_or_with_anything_usual_between_them() {
        let form = read(&[("names", "SEP001122334455\r\n\"SEP0011\"; SEP0012,SEP0013\n")]);
        assert_eq!(form.names(), ["SEP001122334455", "SEP0011", "SEP0012", "SEP0013"]);
    }

    #[test]
    fn what_was_typed_travels_on_and_nothing_else() {
        let form = read(&[
            ("filled", "yes"),
            ("arg-times", "3"),
            ("day", "1"),
            ("day", "5"),
            ("csrf", "secret"),
        ]);
        assert_eq!(
            form.hidden(),
            [("arg-times", "3"), ("day", "1"), ("day", "5"), ("filled", "yes")]
        );
        assert_eq!(form.argument("times"), Some("3"));
        assert_eq!(form.arguments().len(), 1);
    }
}
