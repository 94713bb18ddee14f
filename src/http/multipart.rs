//! Forms with files, `multipart/form-data` (RFC 7578), as browsers write them: no preamble, no nested parts, names in
//! UTF-8 with `"`, CR and LF percent-encoded (WHATWG HTML, form submission).

use bytes::Bytes;
use percent_encoding::percent_decode_str;

/// The most parts of one form.
const MOST_PARTS: usize = 10_000;
/// The longest head of one part, in bytes.
const LONGEST_HEAD: usize = 8 * 1024;

/// One field or file of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The field's name.
    pub name: String,
    /// The file's name on the sender's machine; none for a field. Never a path to write to.
    pub file_name: Option<String>,
    /// What it holds.
    pub bytes: Bytes,
}

/// The form breaks off, or is no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the form is not multipart/form-data as browsers send it")]
pub(super) struct Malformed;

/// The boundary of a `Content-Type`; none when it is another type.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then(|| value.trim().trim_matches('"'))
    })?;
    (1..=70).contains(&boundary.len()).then_some(boundary)
}

/// The first part of a form of which only the beginning has come; none while that part is not whole yet.
///
/// # Errors
/// [`Malformed`] when it cannot become a form any more.
pub(super) fn first(beginning: &Bytes, boundary: &str) -> Result<Option<Part>, Malformed> {
    let delimiter = format!("\r\n--{boundary}");
    let opening = &delimiter.as_bytes()[2..];
    let known = beginning.len().min(opening.len());
    if beginning[..known] != opening[..known] {
        return Err(Malformed);
    }
    if beginning.len() < opening.len() + 2 {
        return Ok(None);
    }
    let rest = beginning.slice(opening.len()..);
    match part(&rest, delimiter.as_bytes()) {
        Ok(Some((part, _))) => Ok(Some(part)),
        Err(Malformed) if find(&rest, b"\r\n\r\n").is_none() && rest.len() < LONGEST_HEAD => Ok(None),
        Err(Malformed) if rest.starts_with(b"\r\n") && head_reads(&rest) => Ok(None),
        Ok(None) | Err(Malformed) => Err(Malformed),
    }
}

/// Every part of a form, in order.
///
/// # Errors
/// [`Malformed`], also for more than [`MOST_PARTS`].
pub(super) fn parts(body: &Bytes, boundary: &str) -> Result<Vec<Part>, Malformed> {
    let delimiter = format!("\r\n--{boundary}");
    let opening = &delimiter.as_bytes()[2..];
    if !body.starts_with(opening) {
        return Err(Malformed);
    }
    let mut rest = body.slice(opening.len()..);
    let mut parts = Vec::new();
    while let Some((part, after)) = part(&rest, delimiter.as_bytes())? {
        parts.push(part);
        if parts.len() > MOST_PARTS {
            return Err(Malformed);
        }
        rest = after;
    }
    Ok(parts)
}

/// The part that begins behind a delimiter, and what stands behind the next one; none behind the last.
fn part(rest: &Bytes, delimiter: &[u8]) -> Result<Option<(Part, Bytes)>, Malformed> {
    if rest.starts_with(b"--") {
        return Ok(None);
    }
    let (head, body_at) = head(rest)?;
    let (name, file_name) = disposition(head).ok_or(Malformed)?;
    let body = rest.slice(body_at..);
    let end = find(&body, delimiter).ok_or(Malformed)?;
    let part = Part {
        name,
        file_name,
        bytes: body.slice(..end),
    };
    Ok(Some((part, body.slice(end + delimiter.len()..))))
}

fn head_reads(rest: &Bytes) -> bool {
    head(rest).is_ok_and(|(head, _)| disposition(head).is_some())
}

/// The lines of a part's head, and where its content begins.
fn head(rest: &Bytes) -> Result<(&str, usize), Malformed> {
    if !rest.starts_with(b"\r\n") {
        return Err(Malformed);
    }
    let within = &rest[..rest.len().min(LONGEST_HEAD)];
    let end = find(within, b"\r\n\r\n").ok_or(Malformed)?;
    let head = std::str::from_utf8(&rest[..end]).map_err(|_| Malformed)?;
    Ok((head, end + 4))
}

/// Name and file name of `Content-Disposition: form-data; name="…"; filename="…"`.
fn disposition(head: &str) -> Option<(String, Option<String>)> {
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let name = quoted(value, "; name=\"")?;
    Some((name, quoted(value, "; filename=\"")))
}

fn quoted(value: &str, before: &str) -> Option<String> {
    let (_, after) = value.split_once(before)?;
    let (text, _) = after.split_once('"')?;
    // Browsers encode these three alone; a percent sign that somebody typed stays.
    let mut plain = text.to_owned();
    for code in ["%22", "%0D", "%0A"] {
        let character = percent_decode_str(code).decode_utf8().ok()?.into_owned();
        plain = plain.replace(code, &character);
    }
    Some(plain)
}

/// Where `needle`, which begins with a carriage return, stands.
fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|byte| *byte == b'\r') {
        if text[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORM: &str = "--B7\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--B7\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"a %22b%22.csv\"\r\nContent-Type: text/csv\r\n\r\n\
        one\r\n\r\n--B8\r\n\r\n--B7\r\nContent-Disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n--B7--\r\n";

    #[test]
    fn reads_fields_and_files() {
        let read = parts(&Bytes::from_static(FORM.as_bytes()), "B7").unwrap();
        let told: Vec<_> = read
            .iter()
            .map(|part| (part.name.as_str(), part.file_name.as_deref(), part.bytes.as_ref()))
            .collect();
        assert_eq!(
            told,
            [
                ("csrf", None, &b"abc"[..]),
                ("file", Some("a \"b\".csv"), b"one\r\n\r\n--B8\r\n"),
                ("none", Some(""), b"")
            ]
        );
    }

    #[test]
    fn the_first_field_is_read_as_soon_as_it_is_there_and_never_otherwise() {
        let whole = FORM.find("abc\r\n--B7").unwrap() + "abc\r\n--B7".len();
        for length in 0..FORM.len() {
            let found = first(&Bytes::copy_from_slice(&FORM.as_bytes()[..length]), "B7").unwrap();
            assert_eq!(
                found.map(|part| part.bytes),
                (length >= whole).then(|| Bytes::from_static(b"abc")),
                "{length}"
            );
        }
        assert_eq!(first(&Bytes::from_static(b"csrf=abc"), "B7"), Err(Malformed));
        assert_eq!(first(&Bytes::from_static(b"--B7--\r\n"), "B7"), Err(Malformed));
    }

    #[test]
    fn boundaries_are_read_with_and_without_quotes() {
        assert_eq!(boundary("multipart/form-data; boundary=----x"), Some("----x"));
        assert_eq!(
            boundary("Multipart/Form-Data; charset=utf-8; boundary=\"x y\""),
            Some("x y")
        );
        assert_eq!(boundary("application/x-www-form-urlencoded; boundary=x"), None);
        assert_eq!(boundary("multipart/form-data"), None);
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_breaks_it(body in proptest::collection::vec(any::<u8>(), 0..400), cut in 0..400_usize) {
            let body = Bytes::from(body);
            let _ = first(&body, "B7");
            let _ = parts(&body, "B7");
            let form = Bytes::copy_from_slice(&FORM.as_bytes()[..cut.min(FORM.len() - 4)]);
            prop_assert_eq!(parts(&form, "B7"), Err(Malformed));
        }
    }
}
