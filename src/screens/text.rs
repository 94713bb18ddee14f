//! What a phone says of its screen in words: ModeInfo, LineInfo and CallInfo (phone-xml-api.md 1.8) as one text.

use jiff::Timestamp;

/// The screen of a phone in words. Labels and states are as the phone prints them; what it prints as `null` is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Whether the phone tells its screen in words at all; without it all the rest is empty.
    pub available: bool,
    /// The title of the open menu.
    pub title: Option<String>,
    /// Entries of the open menu, from the top.
    pub rows: Vec<Row>,
    /// The prompt line.
    pub prompt: Option<String>,
    /// The notification line.
    pub notify: Option<String>,
    /// The status line.
    pub status: Option<String>,
    /// Softkeys that have a label and can be pressed, from the left.
    pub softkeys: Vec<Softkey>,
    /// Line keys, from the top.
    pub lines: Vec<TextLine>,
    /// Calls of all lines.
    pub calls: Vec<TextCall>,
    /// When the phone was asked.
    pub read_at: Timestamp,
}

/// One entry of the open menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its value; may be empty.
    pub value: String,
}

/// One softkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Softkey {
    /// Its number from the left, 1 the first.
    pub position: u8,
    /// What stands above it.
    pub label: String,
}

/// One line, speed dial or feature beside a line key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLine {
    /// The number of its key from the top, 1 the first.
    pub position: u8,
    /// Its directory number.
    pub number: Option<String>,
    /// Its label.
    pub label: Option<String>,
    /// `ONHOOK`, `RINGING`, `CONNECTED`, `ONHOLD` and so on.
    pub state: Option<String>,
    /// Whether a message waits.
    pub message_waiting: Option<bool>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextCall {
    /// The position of its line.
    pub line: u8,
    /// `CONNECTED` and so on.
    pub state: Option<String>,
    /// `INBOUND` or `OUTBOUND`.
    pub direction: Option<String>,
    /// The other party's name.
    pub name: Option<String>,
    /// The other party's number.
    pub number: Option<String>,
    /// As the phone prints it.
    pub duration: Option<String>,
}
