//! What clients send over the live channel (`docs/live.md`).

use serde::Deserialize;

use crate::domain::ids::PhoneId;

/// The longest `ref` that is echoed, in characters.
const LONGEST_REF: usize = 40;

/// A message of the client; exactly one member is there.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FromClient {
    /// Look at these phones.
    Watch(Vec<PhoneId>),
    /// Look at these phones as tiles among many.
    Tiles(Vec<PhoneId>),
    /// Look no longer.
    Unwatch(Vec<PhoneId>),
    /// Whether anybody can see the page.
    Visible(bool),
    /// Also send what these phones say of their screen in words.
    Read(Vec<PhoneId>),
    /// No longer send words.
    Unread(Vec<PhoneId>),
    /// Press a key.
    Press(PressRequest),
    /// Take the wheel.
    Drive(Which),
    /// Ask the driver for it.
    Ask(Which),
    /// The driver's answer.
    Answer(Answer),
    /// Let go of the wheel.
    Release(Which),
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

/// The phone that is meant.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Its number.
    pub phone: PhoneId,
}

/// What a driver says to who asks for the wheel.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Of which phone.
    pub phone: PhoneId,
    /// Whether they may have it.
    pub allow: bool,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_the_shape_of_the_document() {
        assert_eq!(
            read(r#"{"watch":[1,2]}"#),
            Ok(FromClient::Watch(vec![PhoneId(1), PhoneId(2)]))
        );
        assert_eq!(read(r#"{"visible":false}"#), Ok(FromClient::Visible(false)));
        assert_eq!(read(r#"{"tiles":[3]}"#), Ok(FromClient::Tiles(vec![PhoneId(3)])));
        assert_eq!(
            read(r#"{"ask":{"phone":1}}"#),
            Ok(FromClient::Ask(Which { phone: PhoneId(1) }))
        );
        let answer = Answer {
            phone: PhoneId(1),
            allow: false,
        };
        assert_eq!(
            read(r#"{"answer":{"phone":1,"allow":false}}"#),
            Ok(FromClient::Answer(answer))
        );
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
            r#"{"drive":1}"#,
            r#"{"drive":{"phone":1,"force":true}}"#,
            r#"{"answer":{"phone":1}}"#,
            r#"{"watch":[1],"visible":true}"#,
            &long,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
