//! What the server sends over the live channel (`docs/live.md`).

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use jiff::Timestamp;
use serde::Serialize;

use super::message::PressRequest;
use crate::control::{Notice, Pressed, Reason, Wheel};
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::{PhoneId, UserId};
use crate::domain::role::Role;
use crate::domain::screen::Screen;
use crate::screens::{Audience, State, Text};

/// The most people that are named as viewers of a phone; all are counted.
const MOST_NAMED: usize = 50;

/// The words of a cause, as the page shows them.
#[derive(Debug, Default, Serialize)]
struct Words {
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause_title: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_step: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<String>,
}

impl Words {
    fn of(trouble: Option<&Trouble>) -> Self {
        let Some(trouble) = trouble else { return Self::default() };
        let cause = trouble.named();
        Self {
            cause,
            cause_title: cause.map(Cause::title),
            next_step: cause.map(Cause::next_step),
            evidence: Some(trouble.evidence.clone()),
        }
    }
}

/// An event of the server.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event<'a> {
    Press {
        phone: PhoneId,
        key: &'a str,
        #[serde(rename = "ref")]
        reference: &'a str,
        outcome: &'static str,
        duration_ms: u64,
        #[serde(flatten)]
        words: Words,
    },
    Pressed {
        phone: PhoneId,
        key: &'a str,
        by: &'a str,
        outcome: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cause_title: Option<&'static str>,
        duration_ms: u64,
    },
    Phone {
        phone: PhoneId,
        state: &'static str,
        age_ms: Option<u64>,
        answer_ms: Option<u64>,
        polls_per_s: f32,
        paced_by: &'static str,
        #[serde(flatten)]
        words: Words,
    },
    Driver {
        phone: PhoneId,
        driver: Option<DriverWords<'a>>,
        you: bool,
        asking: Option<AskingWords<'a>>,
        reason: &'static str,
    },
    Viewers {
        phone: PhoneId,
        viewers: Vec<ViewerWords<'a>>,
        count: usize,
    },
    Text {
        phone: PhoneId,
        available: bool,
        title: Option<&'a str>,
        rows: Vec<RowWords<'a>>,
        prompt: Option<&'a str>,
        notify: Option<&'a str>,
        status: Option<&'a str>,
        softkeys: Vec<SoftkeyWords<'a>>,
        lines: Vec<LineWords<'a>>,
        calls: Vec<CallWords<'a>>,
    },
    Error {
        message: &'a str,
    },
}

#[derive(Debug, Serialize)]
struct DriverWords<'a> {
    user: &'a str,
    since: Timestamp,
}

#[derive(Debug, Serialize)]
struct AskingWords<'a> {
    user: &'a str,
    until: Timestamp,
    you: bool,
}

#[derive(Debug, Serialize)]
struct ViewerWords<'a> {
    user: &'a str,
    role: Role,
    recording: bool,
}

#[derive(Debug, Serialize)]
struct RowWords<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Debug, Serialize)]
struct SoftkeyWords<'a> {
    position: u8,
    label: &'a str,
}

#[derive(Debug, Serialize)]
struct LineWords<'a> {
    position: u8,
    number: Option<&'a str>,
    label: Option<&'a str>,
    state: Option<&'a str>,
    message_waiting: Option<bool>,
}

#[derive(Debug, Serialize)]
struct CallWords<'a> {
    line: u8,
    state: Option<&'a str>,
    direction: Option<&'a str>,
    name: Option<&'a str>,
    number: Option<&'a str>,
    duration: Option<&'a str>,
}

fn json(event: &Event<'_>) -> String {
    serde_json::to_string(event).unwrap_or_default()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// What became of a key.
pub fn press(phone: PhoneId, reference: &str, pressed: &Pressed) -> String {
    json(&Event::Press {
        phone,
        key: pressed.key.as_str(),
        reference,
        outcome: pressed.outcome.as_str(),
        duration_ms: millis(pressed.took),
        words: Words::of(pressed.trouble.as_ref()),
    })
}

/// A key that was not even queued; `message` says why.
pub fn press_refused(request: &PressRequest, message: &str, cause: Option<Cause>) -> String {
    json(&Event::Press {
        phone: request.phone,
        key: &request.key,
        reference: &request.reference,
        outcome: "not-sent",
        duration_ms: 0,
        words: Words {
            cause,
            cause_title: cause.map(Cause::title),
            next_step: cause.map(Cause::next_step),
            evidence: Some(message.to_owned()),
        },
    })
}

/// A key of somebody else.
pub fn pressed(notice: &Notice) -> String {
    let pressed = &notice.pressed;
    let cause = pressed.trouble.as_ref().and_then(Trouble::named);
    json(&Event::Pressed {
        phone: notice.phone,
        key: pressed.key.as_str(),
        by: &notice.by,
        outcome: pressed.outcome.as_str(),
        cause_title: cause.map(Cause::title),
        duration_ms: millis(pressed.took),
    })
}

/// Who drives a phone, for a user; `reason` is what is told as the last change.
pub fn driver(phone: PhoneId, wheel: &Wheel, user: UserId, reason: Reason) -> String {
    json(&Event::Driver {
        phone,
        driver: wheel.driver.as_ref().map(|driver| DriverWords {
            user: &driver.name,
            since: driver.since,
        }),
        you: wheel.driver.as_ref().is_some_and(|driver| driver.user == user),
        asking: wheel.asking.as_ref().map(|asking| AskingWords {
            user: &asking.name,
            until: asking.until,
            you: asking.user == user,
        }),
        reason: reason.as_str(),
    })
}

/// Who looks at a phone: one entry a person however many pages they have open, and one for each who records.
pub fn viewers(phone: PhoneId, audience: &Audience) -> String {
    let (mut told, mut count) = (BTreeSet::new(), 0);
    let mut viewers = Vec::new();
    for onlooker in audience.values() {
        if !told.insert((onlooker.user, onlooker.recording)) {
            continue;
        }
        count += usize::from(!onlooker.recording);
        if viewers.len() < MOST_NAMED || onlooker.recording {
            viewers.push(ViewerWords {
                user: &onlooker.name,
                role: onlooker.role,
                recording: onlooker.recording,
            });
        }
    }
    json(&Event::Viewers { phone, viewers, count })
}

/// What a phone says of its screen.
pub fn text(phone: PhoneId, text: &Text) -> String {
    let rows = text.rows.iter().map(|row| RowWords {
        name: &row.name,
        value: &row.value,
    });
    let softkeys = text.softkeys.iter().map(|key| SoftkeyWords {
        position: key.position,
        label: &key.label,
    });
    let lines = text.lines.iter().map(|line| LineWords {
        position: line.position,
        number: line.number.as_deref(),
        label: line.label.as_deref(),
        state: line.state.as_deref(),
        message_waiting: line.message_waiting,
    });
    let calls = text.calls.iter().map(|call| CallWords {
        line: call.line,
        state: call.state.as_deref(),
        direction: call.direction.as_deref(),
        name: call.name.as_deref(),
        number: call.number.as_deref(),
        duration: call.duration.as_deref(),
    });
    json(&Event::Text {
        phone,
        available: text.available,
        title: text.title.as_deref(),
        rows: rows.collect(),
        prompt: text.prompt.as_deref(),
        notify: text.notify.as_deref(),
        status: text.status.as_deref(),
        softkeys: softkeys.collect(),
        lines: lines.collect(),
        calls: calls.collect(),
    })
}

/// How a phone's picture stands.
pub fn phone(phone: PhoneId, state: &State, now: Timestamp) -> String {
    json(&Event::Phone {
        phone,
        state: state.phase.as_str(),
        age_ms: state.age(now).map(millis),
        answer_ms: state.answer_time.map(millis),
        polls_per_s: (state.polls_per_s * 10.0).round() / 10.0,
        paced_by: state.paced_by.as_str(),
        words: Words::of(state.trouble.as_ref()),
    })
}

/// A message of the client could not be served.
pub fn error(message: &str) -> String {
    json(&Event::Error { message })
}

#[derive(Serialize)]
struct PictureHeader {
    phone: PhoneId,
    version: u64,
    captured_at: Timestamp,
    #[serde(rename = "type")]
    media_type: &'static str,
    width: u32,
    height: u32,
}

/// A picture: the length of the header in 4 bytes, the header as JSON, the picture.
pub fn picture(phone: PhoneId, screen: &Screen) -> Bytes {
    let picture = &screen.picture;
    let header = PictureHeader {
        phone,
        version: screen.version,
        captured_at: screen.captured_at,
        media_type: picture.format.media_type(),
        width: picture.width,
        height: picture.height,
    };
    let header = serde_json::to_vec(&header).unwrap_or_default();
    let mut message = BytesMut::with_capacity(4 + header.len() + picture.bytes.len());
    message.put_u32(u32::try_from(header.len()).unwrap_or(0));
    message.put_slice(&header);
    message.put_slice(&picture.bytes);
    message.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::screen::{Picture, ScreenFormat};
    use crate::screens::Onlooker;
    use crate::security::Viewer;

    #[test]
    fn a_person_is_told_once_and_a_recording_for_itself() {
        let one = Onlooker::new(&Viewer::system());
        let two = Onlooker {
            user: UserId(7),
            name: "ana".to_owned(),
            ..one.clone()
        };
        let seats = [one.clone(), two, one.clone().at_a_tile(), one.recording()];
        let audience = Audience::new((0..).zip(seats).collect());
        let told: serde_json::Value = serde_json::from_str(&viewers(PhoneId(3), &audience)).unwrap();
        let expected = serde_json::json!({"event": "viewers", "phone": 3, "count": 2, "viewers": [
            {"user": "sidetone", "role": "admin", "recording": false},
            {"user": "ana", "role": "admin", "recording": false},
            {"user": "sidetone", "role": "admin", "recording": true},
        ]});
        assert_eq!(told, expected);
    }

    #[test]
    fn a_picture_carries_its_header_in_front() {
        let picture = Picture {
            bytes: Bytes::from_static(b"PNG!"),
            format: ScreenFormat::Png,
            width: 8,
            height: 4,
        };
        let screen = Screen {
            picture,
            version: 3,
            captured_at: Timestamp::UNIX_EPOCH,
        };
        let message = super::picture(PhoneId(9), &screen);
        let length = u32::from_be_bytes(message[..4].try_into().unwrap()) as usize;
        let header: serde_json::Value = serde_json::from_slice(&message[4..4 + length]).unwrap();
        assert_eq!(header["phone"], 9);
        assert_eq!(header["type"], "image/png");
        assert_eq!(header["captured_at"], "1970-01-01T00:00:00Z");
        assert_eq!(&message[4 + length..], b"PNG!");
    }
}
