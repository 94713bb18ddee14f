//! Keys of a phone, by the names of the `Key:` URI.
//!
//! Names are Cisco's (phone-xml-api.md 3.2): `NavDwn` and `VolDwn`, never `NavDown` or `VolDown`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A documented key name. Which keys a model has is the catalogue's business.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

/// Why a name is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key of a Cisco phone")]
pub struct UnknownKey(pub String);

/// Names without a number.
const PLAIN: &[&str] = &[
    "KeyPadStar",
    "KeyPadPound",
    "VolUp",
    "VolDwn",
    "NavUp",
    "NavDwn",
    "NavLeft",
    "NavRight",
    "NavSelect",
    "NavBack",
    "Headset",
    "Speaker",
    "Mute",
    "Release",
    "PTT",
    "Info",
    "Messages",
    "Services",
    "Directories",
    "Settings",
    "Applications",
    "AppMenu",
    "Contacts",
    "KEMPage",
    "KemPage",
    "Onhook",
    "Offhook",
    "Hold",
    "Transfer",
    "Conference",
    "Key_Asterisk",
    "Key_Period",
    "Key_NumberSign",
];

/// Names with a number, and the numbers that exist.
const NUMBERED: &[(&str, std::ops::RangeInclusive<u8>)] = &[
    ("KeyPad", 0..=9),
    ("Soft", 1..=5),
    ("Line", 1..=120),
    ("Feature", 1..=120),
    ("Session", 1..=6),
    ("FixedFeature", 1..=3),
    ("Key_", 0..=9),
];

impl Key {
    /// The name without `Key:`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Every key there is, those without a number first.
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = PLAIN.iter().map(|name| Self((*name).to_owned()));
        let numbered = NUMBERED.iter().flat_map(|(prefix, numbers)| {
            let numbers = numbers.clone();
            numbers.map(move |number| Self(format!("{prefix}{number}")))
        });
        plain.chain(numbered)
    }

    /// The URI that presses it.
    pub fn uri(&self) -> String {
        format!("Key:{}", self.0)
    }
}

fn is_numbered(name: &str) -> bool {
    NUMBERED.iter().any(|(prefix, numbers)| {
        name.strip_prefix(prefix).is_some_and(|digits| {
            let canonical = !digits.is_empty() && (digits == "0" || !digits.starts_with('0'));
            canonical
                && digits.bytes().all(|b| b.is_ascii_digit())
                && digits.parse::<u8>().is_ok_and(|number| numbers.contains(&number))
        })
    })
}

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if PLAIN.contains(&name) || is_numbered(name) {
            Ok(Self(name.to_owned()))
        } else {
            Err(UnknownKey(name.chars().take(40).collect()))
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_documented_names_only() {
        for good in [
            "KeyPad0",
            "KeyPadStar",
            "Soft5",
            "Line120",
            "Session6",
            "NavDwn",
            "VolDwn",
            "KEMPage",
            "KemPage",
        ] {
            assert!(good.parse::<Key>().is_ok(), "{good}");
        }
        assert!(Key::all().all(|key| key.as_str().parse() == Ok(key.clone())));
        for bad in [
            "NavDown", "VolDown", "VolDn", "EndCall", "Soft6", "Soft0", "Soft01", "KeyPad10", "Line121", "Line999",
            "key", "Soft", "Soft+1",
        ] {
            assert!(bad.parse::<Key>().is_err(), "{bad}");
        }
    }
}
