//! What a phone says of its screen in words: ModeInfo, LineInfo and CallInfo (phone-xml-api.md 1.8) as one text.

use jiff::Timestamp;

use crate::phone::{Call, CallInfo, Feature, Line, LineInfo, ModeField, ModeInfo};

/// `LineType` of a line, in contrast to a speed dial (phone-xml-api.md 1.8).
const LINE: u32 = 9;
/// States of a line without a call.
const AT_REST: [&str; 6] = [
    "IDLE",
    "INACTIVE",
    "ONHOOK",
    "REGISTERING",
    "REMOTELY_IN_USE",
    "UNKNOWN",
];

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

impl Text {
    /// Of a phone that does not tell.
    pub(super) fn unavailable(read_at: Timestamp) -> Self {
        Self {
            available: false,
            title: None,
            rows: Vec::new(),
            prompt: None,
            notify: None,
            status: None,
            softkeys: Vec::new(),
            lines: Vec::new(),
            calls: Vec::new(),
            read_at,
        }
    }

    /// Whether it differs in nothing but the time of reading.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let other = Self {
            read_at: self.read_at,
            ..other.clone()
        };
        *self == other
    }
}

/// The lines that have a call: the position of their key, and their number among the lines alone.
pub fn lines_in_a_call(info: &LineInfo) -> Vec<(u8, u8)> {
    let lines = positions(info).filter(|(_, line)| line.line_type.is_none_or(|kind| kind == LINE));
    lines
        .zip(1..=u8::MAX)
        .filter(|((_, line), _)| line.state.as_deref().is_some_and(|state| !AT_REST.contains(&state)))
        .map(|((position, _), number)| (position, number))
        .collect()
}

fn positions(info: &LineInfo) -> impl Iterator<Item = (u8, &Line)> {
    (1..=u8::MAX).zip(&info.lines)
}

/// The pages of one reading as one text. Softkeys are those of the open menu; where the phone tells none of it, those of a
/// call.
pub(super) fn compose(mode: ModeInfo, lines: LineInfo, calls: Vec<(u8, CallInfo)>, read_at: Timestamp) -> Text {
    let keys_of_a_call = calls
        .iter()
        .map(|(_, info)| &info.softkeys)
        .find(|keys| !keys.is_empty());
    let keys = if mode.softkeys.is_empty() {
        keys_of_a_call.unwrap_or(&mode.softkeys)
    } else {
        &mode.softkeys
    };
    Text {
        available: true,
        softkeys: keys.iter().filter(|key| key.enabled).map(softkey).collect(),
        lines: positions(&lines)
            .map(|(position, line)| text_line(position, line))
            .collect(),
        title: mode.title,
        rows: mode.fields.into_iter().map(row).collect(),
        prompt: mode.prompt.or(lines.prompt),
        notify: mode.notify.or(lines.notify),
        status: mode.status.or(lines.status),
        calls: calls
            .into_iter()
            .flat_map(|(line, info)| info.calls.into_iter().map(move |call| text_call(line, call)))
            .collect(),
        read_at,
    }
}

fn row(field: ModeField) -> Row {
    Row {
        name: field.name,
        value: field.value,
    }
}

fn softkey(key: &Feature) -> Softkey {
    Softkey {
        position: key.position,
        label: key.label.clone(),
    }
}

fn text_line(position: u8, line: &Line) -> TextLine {
    TextLine {
        position,
        number: line.directory_number.clone(),
        label: line.label.clone(),
        state: line.state.clone(),
        message_waiting: line.message_waiting,
    }
}

/// The other party is who calls, or who is called.
fn text_call(line: u8, call: Call) -> TextCall {
    let outbound = call
        .direction
        .as_deref()
        .is_some_and(|word| word.eq_ignore_ascii_case("OUTBOUND"));
    let (name, number) = if outbound {
        (call.called_name, call.called_number)
    } else {
        (call.calling_name, call.calling_number)
    };
    TextCall {
        line,
        state: call.state,
        direction: call.direction,
        name,
        number,
        duration: call.duration,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: u32, state: &str) -> Line {
        Line {
            line_type: Some(kind),
            state: Some(state.to_owned()),
            ..Line::default()
        }
    }

    fn key(position: u8, enabled: bool, label: &str) -> Feature {
        Feature {
            position,
            enabled,
            label: label.to_owned(),
        }
    }

    #[test]
    fn lines_in_a_call_are_counted_without_speed_dials() {
        let info = LineInfo {
            lines: vec![
                line(9, "ONHOOK"),
                line(2, "BLF_BUSY"),
                line(9, "CONNECTED"),
                line(9, "ONHOLD"),
            ],
            ..LineInfo::default()
        };
        assert_eq!(lines_in_a_call(&info), [(3, 2), (4, 3)]);
    }

    #[test]
    fn the_other_party_and_the_keys_that_can_be_pressed() {
        let call = |direction: &str| Call {
            direction: Some(direction.to_owned()),
            calling_number: Some("1".to_owned()),
            called_number: Some("2".to_owned()),
            ..Call::default()
        };
        let info = CallInfo {
            calls: vec![call("INBOUND"), call("OUTBOUND")],
            softkeys: vec![key(1, true, "End Call"), key(2, false, "Hold")],
            ..CallInfo::default()
        };
        let at = Timestamp::UNIX_EPOCH;
        let text = compose(ModeInfo::default(), LineInfo::default(), vec![(3, info.clone())], at);
        let others: Vec<_> = text
            .calls
            .iter()
            .map(|call| (call.line, call.number.as_deref()))
            .collect();
        assert_eq!(others, [(3, Some("1")), (3, Some("2"))]);
        assert_eq!(
            text.softkeys,
            [Softkey {
                position: 1,
                label: "End Call".to_owned()
            }]
        );
        let mode = ModeInfo {
            softkeys: vec![key(1, true, "Exit")],
            ..ModeInfo::default()
        };
        let open = compose(mode, LineInfo::default(), vec![(3, info)], at);
        assert_eq!(open.softkeys[0].label, "Exit");
    }

    #[test]
    fn the_time_of_reading_is_no_difference() {
        let one = Text::unavailable(Timestamp::UNIX_EPOCH);
        let other = Text::unavailable(Timestamp::MAX);
        assert!(one != other && one.says_the_same(&other));
        assert!(!one.says_the_same(&compose(
            ModeInfo::default(),
            LineInfo::default(),
            Vec::new(),
            one.read_at
        )));
    }
}
