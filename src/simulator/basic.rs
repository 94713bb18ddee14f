//! HTTP Basic, read by hand.

/// User name and password of an `Authorization: Basic` value.
pub(super) fn decode(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(base64(encoded.trim())?).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xFF).unwrap_or(0));
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_and_passwords_with_colons() {
        let expected = Some(("ana".to_owned(), "a:b c".to_owned()));
        assert_eq!(decode("Basic YW5hOmE6YiBj"), expected);
        assert_eq!(decode("basic YW5hOmE6YiBj="), expected);
        for bad in ["", "Basic", "Bearer YW5hOmE6YiBj", "Basic !!!", "Basic YW5h"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
