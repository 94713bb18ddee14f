//! What travels over the live channel (`docs/live.md`).

use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::control::Pressed;
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::PhoneId;
use crate::domain::screen::Screen;
use crate::screens::State;

/// The longest `ref` that is echoed, in characters.
const LONGEST_REF: usize = 40;

/// A message of the client; exactly one member is there.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FromClient {
    /// Look at these phones.
    Watch(Vec<PhoneId>),
    /// Look no longer.
    Unwatch(Vec<PhoneId>),
    /// Whether anybody can see the page.
    Visible(bool),
    /// Press a key.
    Press(PressRequest),
}

/// A key to press.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PressRequest {
    /// On which phone.
    pub phone: PhoneId,
    /// The key's name, without `Key:`.
    pub key: String,
    /// Comes back with the outcome.
    #[serde(rename = "ref", default)]
    pub reference: String,
}

/// Reads a message of the client; the error is a sentence for it.
pub fn read(text: &str) -> Result<FromClient, String> {
    let message: FromClient =
        serde_json::from_str(text).map_err(|error| format!("not a message of this channel: {error}"))?;
    match &message {
        FromClient::Press(press) if press.reference.chars().count() > LONGEST_REF => {
            Err(format!("ref has at most {LONGEST_REF} characters"))
        }
        _ => Ok(message),
    }
}

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
    Phone {
        phone: PhoneId,
        state: &'static str,
        age_ms: Option<u64>,
        answer_ms: Option<u64>,
        #[serde(flatten)]
        words: Words,
    },
    Error {
        message: &'a str,
    },
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

/// How a phone's picture stands.
pub fn phone(phone: PhoneId, state: &State, now: Timestamp) -> String {
    json(&Event::Phone {
        phone,
        state: state.phase.as_str(),
        age_ms: state.age(now).map(millis),
        answer_ms: state.answer_time.map(millis),
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

    #[test]
    fn messages_have_the_shape_of_the_document() {
        assert_eq!(
            read(r#"{"watch":[1,2]}"#),
            Ok(FromClient::Watch(vec![PhoneId(1), PhoneId(2)]))
        );
        assert_eq!(read(r#"{"visible":false}"#), Ok(FromClient::Visible(false)));
        let press = PressRequest {
            phone: PhoneId(7),
            key: "Soft1".to_owned(),
            reference: "c17".to_owned(),
        };
        assert_eq!(
            read(r#"{"press":{"phone":7,"key":"Soft1","ref":"c17"}}"#),
            Ok(FromClient::Press(press))
        );
    }

    #[test]
    fn what_is_no_message_is_refused_in_words() {
        let long = format!(r#"{{"press":{{"phone":1,"key":"a","ref":"{}"}}}}"#, "x".repeat(41));
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"watch":"all"}"#,
            r#"{"dance":1}"#,
            r#"{"watch":[1],"visible":true}"#,
            &long,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
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
