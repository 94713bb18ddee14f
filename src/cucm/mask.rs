//! Keeping a secret out of what a server sends back.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

/// A text with every spelling of a secret replaced: as it is, as it stands in a query, and as it stands in HTML or XML.
pub(super) fn mask(text: &str, secret: &SecretString) -> String {
    let secret = secret.expose_secret();
    if secret.is_empty() {
        return text.to_owned();
    }
    let in_query = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let in_form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let in_markup = quick_xml::escape::escape(secret);
    let in_less_markup = quick_xml::escape::partial_escape(secret);
    let mut masked = text.to_owned();
    for spelling in [in_query.as_str(), &in_form, &in_markup, &in_less_markup, secret] {
        masked = masked.replace(spelling, "***");
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_the_secret_is_left() {
        let secret = SecretString::from("a&b c'<");
        for spelling in [
            "a&b c'<",
            "a%26b%20c%27%3C",
            "a%26b+c%27%3C",
            "a&amp;b c&apos;&lt;",
            "a&amp;b c'&lt;",
        ] {
            assert_eq!(mask(&format!("x{spelling}y"), &secret), "x***y", "{spelling}");
        }
        assert_eq!(mask("kept", &SecretString::from("")), "kept");
    }
}
