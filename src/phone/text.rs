//! Bytes of a phone as text: UTF-8 where they are, else iso-8859-1, whatever the answer claims to be.

use std::borrow::Cow;

/// Phones label answers as either encoding and mix them up; bytes that are valid UTF-8 are hardly ever anything else.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()),
    }
}

/// Resolves character references and the few names that phones use; anything else stays as it is written.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        // No reference is longer than this; looking further would take quadratic time on hostile text.
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let reference = end.and_then(|end| resolve(&rest[1..end]).map(|character| (character, end + 1)));
        let (character, length) = reference.unwrap_or(('&', 1));
        out.push(character);
        rest = &rest[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character of a reference without `&` and `;`.
pub(super) fn resolve(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32);
    }
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => None,
    }
}

/// One blank for each run of white space, none at the ends.
pub(super) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A label without case, blanks and punctuation, so that `MAC Address`, `MAC address` and `MACAddress` are one.
pub(super) fn fold(label: &str) -> String {
    let folded: String = label
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    folded.replace("neighbour", "neighbor")
}

/// The value without surrounding blanks; none when it is empty or the word `null`, which 88xx phones print for nothing.
pub(super) fn value(text: &str) -> Option<String> {
    let text = squeeze(text);
    (!text.is_empty() && text != "null").then_some(text)
}

/// Yes and no in the languages of phone locales that are known to print them.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "yes" | "oui" | "ja" | "si" | "sí" | "sì" | "sim" | "on" | "true" => Some(true),
        "no" | "non" | "nein" | "nee" | "não" | "nao" | "nej" | "nei" | "off" | "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_both_encodings_and_escapes() {
        assert_eq!(decode(b"\xef\xbb\xbfcaf\xc3\xa9"), "café");
        assert_eq!(decode(b"caf\xe9"), "café");
        assert_eq!(
            unescape("12&#x2D;5 &amp; &#47;a &copy; & &#x110000; &nbsp;"),
            "12-5 & /a &copy; & &#x110000;  "
        );
        assert_eq!(unescape("&é;&amp"), "&é;&amp");
    }

    #[test]
    fn labels_fold_to_one() {
        for label in ["MAC Address", " MAC address", "MACAddress", "mac-address"] {
            assert_eq!(fold(label), "macaddress");
        }
        assert_eq!(yes_or_no(" NO"), Some(false));
        assert_eq!(yes_or_no(" OUI"), Some(true));
        assert_eq!(yes_or_no("peut-être"), None);
        assert_eq!(value(" null "), None);
    }
}
