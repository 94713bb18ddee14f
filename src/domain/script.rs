//! A macro as data: what its steps do to one phone, and what must be seen on the way.
//!
//! `macros` reads it from text and writes it back; the words here are what a reader, a preview, a player and a page share.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::firmware;
use super::key::Key;

/// The most steps of a macro, those inside branches counted once each.
pub const MOST_STEPS: usize = 500;
/// The most rounds of one `repeat`.
pub const MOST_ROUNDS: u32 = 50;
/// The most steps that one run takes in all, rounds counted: a loop ends here at the latest.
pub const MOST_TAKEN: usize = 2_000;
/// The longest that one step may wait.
pub const LONGEST_WAIT: Duration = Duration::from_mins(10);
/// The longest text of a macro, in bytes.
pub const LONGEST_TEXT: usize = 64 * 1024;

/// Whether a macro can do harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Danger {
    /// Helpdesk may play it.
    Safe,
    /// It has steps that cannot be taken back: admins only, with a typed confirmation.
    Destructive,
}

impl Danger {
    /// The word in the text, the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Destructive => "destructive",
        }
    }
}

/// Where something stands in the text of a macro; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A macro.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its name, 1 to 64 characters.
    pub name: String,
    /// What it is for, up to 500 characters.
    pub description: String,
    /// Whether it can do harm.
    pub danger: Danger,
    /// What it is for; a phone of another kind is refused before the first step.
    pub fits: Fits,
    /// What is asked before it starts, in order.
    pub parameters: Vec<Parameter>,
    /// What it does.
    pub steps: Vec<Step>,
}

/// For which phones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fits {
    /// Families by their id in the catalogue (`8800`); empty: all.
    pub families: Vec<String>,
    /// Models by CUCM's name without `Cisco` (`8845`); empty: all of the families.
    pub models: Vec<String>,
    /// The firmware; none: any.
    pub firmware: Option<FirmwareRange>,
}

/// Versions of firmware, compared number by number (`12.8.1` < `12.10`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmwareRange {
    /// This one or later.
    pub from: Option<String>,
    /// Before this one.
    pub below: Option<String>,
}

impl FirmwareRange {
    /// Whether a load lies in the range; none when its name does not tell its version, such as `P00308010200` of a 7960.
    pub fn holds(&self, load: &str) -> Option<bool> {
        let version = firmware::numbers(load)?;
        let from = self.from.as_deref().and_then(firmware::numbers);
        let below = self.below.as_deref().and_then(firmware::numbers);
        Some(from.is_none_or(|from| version >= from) && below.is_none_or(|below| version < below))
    }
}

/// A question that is asked before a macro starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name: a lower-case letter, then letters, digits, `_` or `-`; used as `{name}`.
    pub name: String,
    /// What is asked, for people.
    pub label: String,
    /// What an answer may be.
    pub kind: ParameterKind,
    /// The answer when none is given; without one the question must be answered.
    pub default: Option<String>,
}

/// What an answer may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterKind {
    /// Any text up to 200 characters.
    Text,
    /// A whole number.
    Number {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// What can be dialled: digits, `*`, `#`, `+`, commas.
    Digits,
    /// One of these.
    Choice(Vec<String>),
    /// One of the ring tones that admins listed.
    Tone,
}

/// Text with `{name}` for a parameter or a fact that was fetched.
///
/// Where it names what stands on a display (row, title, softkey, line, status message, state of a call) it may hold several
/// texts, separated by `|`: any of them will do, because the same row is `Admin settings` on one firmware and
/// `Administrator settings` on another. A macro's text has `"Admin settings" or "Administrator settings"` for them. See
/// [`Template::alternatives`]; what replaces `{name}` is put in after they are taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Template {
    /// As it is written.
    pub text: String,
    /// Where it stands.
    pub at: Place,
}

impl Template {
    /// The texts of which any will do, in the order to look for them; one where there is nothing to choose from.
    pub fn alternatives(&self) -> impl Iterator<Item = &str> {
        self.text.split('|').map(str::trim).filter(|text| !text.is_empty())
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where it stands.
    pub at: Place,
    /// Whether it cannot be taken back; needs an expectation met just before it.
    pub destructive: bool,
    /// What it does.
    pub act: Act,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Presses one key.
    Press(Key),
    /// Presses the softkey with this label, wherever it stands.
    Softkey(Template),
    /// Presses digits, `*` and `#`, one request each.
    Digits(Template),
    /// Types text on the digits, letter by letter.
    Text(Template),
    /// Dials; never an emergency number.
    Dial(Template),
    /// Waits.
    Wait(Duration),
    /// Waits until two pictures that follow each other are equal, at most so long.
    Settle(Duration),
    /// Goes on when this is seen, and fails when it is not seen in time.
    Expect {
        /// What must be seen.
        seen: Seen,
        /// For how long it is looked.
        within: Duration,
    },
    /// Opens the row of the open menu whose text is this, by its digit, or with the arrows beyond nine.
    Choose(Template),
    /// One of two ways.
    If {
        /// What decides.
        condition: Condition,
        /// When it holds.
        then: Vec<Step>,
        /// When it does not.
        otherwise: Vec<Step>,
    },
    /// Does something several times.
    Repeat {
        /// The most rounds, 1 to [`MOST_ROUNDS`]; a template gives a number.
        times: Rounds,
        /// Ends before the round that would begin when this is seen.
        until: Option<Seen>,
        /// One round.
        steps: Vec<Step>,
    },
    /// Keeps the picture in the report, under a name.
    Screenshot(String),
    /// Runs a URI or URL on the phone.
    Execute {
        /// Which.
        url: Template,
        /// 0 now, 1 when idle, 2 only if idle; now without it.
        priority: Option<Template>,
    },
    /// Has the phone fetch a background image (`setBackground`, phone-xml-api.md 4.4).
    SetBackground {
        /// The http URL of the image in the display's own size.
        image: Template,
        /// The http URL of its small preview; the image itself without it.
        icon: Option<Template>,
    },
    /// Has the phone fetch a ring tone and use it (`setRingTone`, phone-xml-api.md 4.4): its http URL.
    SetRingTone(Template),
    /// Shows a text on the phone.
    Message {
        /// The heading, up to 32 characters.
        title: Template,
        /// The text, up to 4,000 characters.
        text: Template,
    },
    /// Reads a fact of the phone into `{name}`.
    Fetch {
        /// Which.
        fact: FactName,
        /// Under which name.
        name: String,
    },
    /// Restarts the phone through CUCM (the phone has no such URI).
    Restart,
    /// Proves what the macro was for; what is not proved ends the run as `unproved`.
    Prove {
        /// What.
        proof: Proof,
        /// For how long it is looked.
        within: Duration,
    },
    /// Ends the run here, with a reason.
    Stop {
        /// Why.
        reason: Template,
        /// Whether it is a failure.
        failed: bool,
    },
}

/// How often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rounds {
    /// So often.
    Count(u32),
    /// As often as this parameter says.
    Of(Template),
}

/// What can be seen on a phone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Seen {
    /// The heading of the open menu holds this (ModeInfo), case and blanks aside.
    Title(Template),
    /// A row of the open menu holds this (ModeInfo).
    Row(Template),
    /// A softkey has this label (ModeInfo, CallInfo).
    Softkey(Template),
    /// The prompt, notification or status line holds this (ModeInfo, LineInfo).
    Line(Template),
    /// No menu is open and no call is up.
    Idle,
    /// A line of the phone is in this state, such as `RINGING` (LineInfo).
    CallState(Template),
    /// A call is up, ringing or held (LineInfo, CallInfo).
    InCall,
    /// One of the phone's newest status messages holds this.
    StatusMessage(Template),
    /// The stored picture of this name, in its region.
    Picture(String),
    /// The picture differs from the one at the last press.
    Changed,
    /// None of it; never twice.
    Not(Box<Seen>),
}

/// What a branch asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The family is one of these (ids of the catalogue).
    Family(Vec<String>),
    /// The model is one of these (`8845`).
    Model(Vec<String>),
    /// The firmware lies in the range.
    Firmware(FirmwareRange),
    /// The phone's texts are in this language (`en`, `de`): by its user locale in CUCM.
    Locale(Vec<String>),
    /// This is seen now; never [`Seen::Not`], which reads as [`Condition::Not`] here.
    Seen(Seen),
    /// It does not hold; never twice.
    Not(Box<Condition>),
}

/// A fact that a macro can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactName {
    /// Hash of the ITL file, status messages and configuration: what [`Proof::TrustListDeleted`] compares with.
    TrustList,
    /// The running load.
    Firmware,
    /// The serial number.
    Serial,
    /// The switch and its port.
    Switch,
    /// Address, mask, router, DNS, VLAN, TFTP.
    Network,
    /// The rows of the open menu, read off the screen.
    Menu,
}

impl FactName {
    /// Every fact.
    pub const ALL: [Self; 6] = [
        Self::TrustList,
        Self::Firmware,
        Self::Serial,
        Self::Switch,
        Self::Network,
        Self::Menu,
    ];

    /// The word in the text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TrustList => "trust-list",
            Self::Firmware => "firmware",
            Self::Serial => "serial",
            Self::Switch => "switch",
            Self::Network => "network",
            Self::Menu => "menu",
        }
    }
}

/// What a macro can prove of its own effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// The trust list was deleted: another ITL hash or the status messages of the deletion, the phone registered anew, and
    /// its configuration taken. A phone that merely fell silent proves nothing.
    TrustListDeleted,
    /// The phone registered anew after the last press.
    Restarted,
    /// The phone's settings are those of a phone from the factory.
    FactoryReset,
    /// The lists of calls are empty.
    CallLogsEmpty,
    /// The screen changed after a background image was set. One that looks as before proves nothing: it may have had the
    /// image, or show something else than its idle screen.
    BackgroundShown,
}

impl Proof {
    /// Every proof.
    pub const ALL: [Self; 5] = [
        Self::TrustListDeleted,
        Self::Restarted,
        Self::FactoryReset,
        Self::CallLogsEmpty,
        Self::BackgroundShown,
    ];

    /// The word in the text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TrustListDeleted => "trust-list-deleted",
            Self::Restarted => "restarted",
            Self::FactoryReset => "factory-reset",
            Self::CallLogsEmpty => "call-logs-empty",
            Self::BackgroundShown => "background-shown",
        }
    }
}

/// Answers to a macro's questions, by name.
pub type Arguments = BTreeMap<String, String>;

/// How a run of a macro on one phone ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunEnd {
    /// Everything was done, and what was to be proved is.
    Succeeded,
    /// A step failed; nothing after it was done.
    Failed,
    /// Everything was done, but its effect could not be proved.
    Unproved,
    /// Cut off between two presses, or a press is in doubt: nobody knows how far it came. Never repeated by itself.
    Unsure,
    /// Not begun, for a reason that is no fault of the phone: another model, in a call, driven by somebody.
    Skipped,
    /// A screen must be judged by a person, and none was there.
    NeedsPerson,
    /// Ended by a person.
    Stopped,
    /// A dry run, which ended before the first destructive step.
    Rehearsed,
}

impl RunEnd {
    /// Every end.
    pub const ALL: [Self; 8] = [
        Self::Succeeded,
        Self::Failed,
        Self::Unproved,
        Self::Unsure,
        Self::Skipped,
        Self::NeedsPerson,
        Self::Stopped,
        Self::Rehearsed,
    ];

    /// The word in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unproved => "unproved",
            Self::Unsure => "unsure",
            Self::Skipped => "skipped",
            Self::NeedsPerson => "needs-person",
            Self::Stopped => "stopped",
            Self::Rehearsed => "rehearsed",
        }
    }
}

impl Script {
    /// Whether any step cannot be taken back.
    pub fn has_destructive_steps(&self) -> bool {
        fn any(steps: &[Step]) -> bool {
            steps.iter().any(|step| {
                step.destructive
                    || match &step.act {
                        Act::If { then, otherwise, .. } => any(then) || any(otherwise),
                        Act::Repeat { steps, .. } => any(steps),
                        _ => false,
                    }
            })
        }
        any(&self.steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_taken_apart() {
        let template = Template {
            text: "Admin settings| Administrator settings |".to_owned(),
            at: Place { line: 1, column: 1 },
        };
        let texts: Vec<_> = template.alternatives().collect();
        assert_eq!(texts, ["Admin settings", "Administrator settings"]);
    }

    #[test]
    fn versions_are_compared_number_by_number() {
        let range = FirmwareRange {
            from: Some("12.8.1".to_owned()),
            below: Some("14".to_owned()),
        };
        for (load, expected) in [
            ("sip78xx.12-8-1-0001-455", Some(true)),
            ("sip78xx.12-10-1", Some(true)),
            ("sip78xx.12-8-0", Some(false)),
            ("sip88xx.14-0-1-0101-33", Some(false)),
            ("9.4(2)SR3", Some(false)),
            ("P00308010200", None),
        ] {
            assert_eq!(range.holds(load), expected, "{load}");
        }
    }
}
