//! What may be pushed to a phone: items of a CiscoIPPhoneExecute object.
//!
//! Limits are those of the phones: at most 3 items, a URL of 1 to 256 characters, priority 0, 1 or 2
//! (phone-xml-api.md 2.1).

use std::str::FromStr;

use super::key::Key;

/// The most items of one Execute.
pub const MAX_ITEMS: usize = 3;
/// The longest URL of an item, in characters.
pub const MAX_URL: usize = 256;

/// A URI or http(s) URL that a phone may be told to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecuteUrl(String);

/// One item: what to run, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecuteItem {
    /// What to run.
    pub url: ExecuteUrl,
    /// 0 now, 1 when idle, 2 only if idle. Phones heed it for http(s) URLs only: internal URIs run at once.
    pub priority: u8,
}

/// Why an item or a list of items is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidExecute {
    /// Nothing to do.
    #[error("name at least one item")]
    NoItems,
    /// More than a phone takes.
    #[error("a phone takes at most 3 items in one request")]
    TooManyItems,
    /// Empty or over-long.
    #[error("an item's URL has 1 to 256 characters")]
    Length,
    /// Control characters, blanks or text beyond ASCII.
    #[error("an item's URL has printable ASCII characters only")]
    Characters,
    /// A scheme that no phone knows.
    #[error("{0:?} is no URI of a Cisco phone, nor an http or https URL")]
    UnknownScheme(String),
    /// A key no phone has.
    #[error("{0:?} is no key of a Cisco phone")]
    UnknownKey(String),
    /// Only 0, 1 and 2 exist.
    #[error("a priority is 0 (now), 1 (when idle) or 2 (only if idle)")]
    Priority,
    /// More than one http(s) URL.
    #[error("at most one item may be an http or https URL")]
    TooManyUrls,
    /// More than one key: their order is not promised by phones.
    #[error("at most one key in one request: phones run items in any order")]
    TooManyKeys,
    /// `Play:Piano2.raw`: it has crashed a phone.
    #[error("Piano2.raw is refused: it has crashed phones")]
    CrashingRing,
}

/// Schemes of the internal URIs (phone-xml-api.md section 3).
const SCHEMES: [&str; 19] = [
    "Key",
    "SoftKey",
    "Init",
    "Dial",
    "EditDial",
    "SendDigits",
    "Play",
    "RTPRx",
    "RTPTx",
    "RTPMRx",
    "RTPMTx",
    "Display",
    "Device",
    "Vibrate",
    "App",
    "Notify",
    "QueryStringParam",
    "SettingsMenu",
    "Button",
];

impl ExecuteUrl {
    /// The text as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key, when this is a `Key:` URI.
    pub fn key(&self) -> Option<Key> {
        self.0.strip_prefix("Key:").and_then(|name| name.parse().ok())
    }

    /// The digits of a `Dial:`, `EditDial:` or `SendDigits:` URI, as typed.
    pub fn dialled(&self) -> Option<&str> {
        let (scheme, rest) = self.0.split_once(':')?;
        matches!(scheme, "Dial" | "EditDial" | "SendDigits").then(|| rest.split(':').next().unwrap_or_default())
    }

    fn is_http(&self) -> bool {
        let lower = self.0.to_ascii_lowercase();
        lower.starts_with("http://") || lower.starts_with("https://")
    }
}

impl FromStr for ExecuteUrl {
    type Err = InvalidExecute;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.chars().count() > MAX_URL {
            return Err(InvalidExecute::Length);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(InvalidExecute::Characters);
        }
        let url = Self(text.to_owned());
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        if url.is_http() {
            return Ok(url);
        }
        if rest.is_empty() || !SCHEMES.contains(&scheme) {
            return Err(InvalidExecute::UnknownScheme(scheme.to_owned()));
        }
        if scheme == "Key" && url.key().is_none() {
            return Err(InvalidExecute::UnknownKey(rest.to_owned()));
        }
        if scheme == "Play" && rest.to_ascii_lowercase().contains("piano2") {
            return Err(InvalidExecute::CrashingRing);
        }
        Ok(url)
    }
}

/// Checks a whole request: 1 to 3 items, at most one http(s) URL and at most one key.
pub fn validate(items: &[ExecuteItem]) -> Result<(), InvalidExecute> {
    if items.is_empty() {
        return Err(InvalidExecute::NoItems);
    }
    if items.len() > MAX_ITEMS {
        return Err(InvalidExecute::TooManyItems);
    }
    if items.iter().any(|item| item.priority > 2) {
        return Err(InvalidExecute::Priority);
    }
    if items.iter().filter(|item| item.url.is_http()).count() > 1 {
        return Err(InvalidExecute::TooManyUrls);
    }
    if items.iter().filter(|item| item.url.key().is_some()).count() > 1 {
        return Err(InvalidExecute::TooManyKeys);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(url: &str) -> ExecuteItem {
        ExecuteItem {
            url: url.parse().unwrap(),
            priority: 0,
        }
    }

    #[test]
    fn accepts_what_phones_know() {
        for good in [
            "Key:Soft1",
            "Dial:+33123",
            "Play:Analog1.raw",
            "http://h/x?a=b",
            "Init:Services",
            "Vibrate:1:2:3",
        ] {
            assert!(good.parse::<ExecuteUrl>().is_ok(), "{good}");
        }
        assert_eq!("Dial:112:1:app".parse::<ExecuteUrl>().unwrap().dialled(), Some("112"));
    }

    #[test]
    fn refuses_what_they_do_not() {
        let long = format!("Dial:{}", "1".repeat(252));
        for bad in [
            "",
            "Key:",
            "Key:NavDown",
            "TFTP:x",
            "javascript:1",
            "Dial:1 2",
            "Key:Soft1\n",
            long.as_str(),
        ] {
            assert!(bad.parse::<ExecuteUrl>().is_err(), "{bad:?}");
        }
        assert_eq!(
            "Play:PIANO2.raw".parse::<ExecuteUrl>(),
            Err(InvalidExecute::CrashingRing)
        );
    }

    #[test]
    fn a_request_has_one_to_three_items_and_one_key() {
        assert_eq!(validate(&[]), Err(InvalidExecute::NoItems));
        assert_eq!(
            validate(&[item("Dial:1"), item("Dial:1"), item("Dial:1"), item("Dial:1")]),
            Err(InvalidExecute::TooManyItems)
        );
        assert_eq!(
            validate(&[item("Key:Soft1"), item("Key:Soft2")]),
            Err(InvalidExecute::TooManyKeys)
        );
        assert_eq!(
            validate(&[item("http://a/"), item("http://b/")]),
            Err(InvalidExecute::TooManyUrls)
        );
        assert_eq!(validate(&[item("Key:Soft1"), item("Dial:1")]), Ok(()));
    }
}
