//! What can be told from the name of a firmware load.

/// A release as load names print it: `SCCP45.8-5-2S` is (8, 5, 2).
pub type Release = (u32, u32, u32);

/// The release that phones of the Auth Fail families must have run before they take a newer one: later loads are signed
/// with a key that earlier ones do not know (phone-xml-api.md 8).
pub const COMPULSORY: Release = (8, 5, 2);

/// CUCM's numbers of the models that can be caught by it: 7906, 7911, 7941, 7941G-GE, 7942, 7945, 7961, 7961G-GE, 7962,
/// 7965, 7970, 7971, 7975 (phone-xml-api.md 8, cucm-apis.md 2.5).
pub const AUTH_FAIL_MODELS: [u32; 13] = [369, 307, 115, 309, 434, 435, 30018, 308, 404, 436, 30006, 119, 437];

/// The release in a load's name: the first three numbers that dashes join. None where the name has another form, such as
/// `P0030801SR02` of a 7960.
pub fn release(load: &str) -> Option<Release> {
    let (_, version) = load.split_once('.')?;
    let mut numbers = version.split('-').map(|part| {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..digits].parse().ok()
    });
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}

/// The numbers of a version, the most significant first: `[14, 2, 1, 101, 33]` of the load `sip88xx.14-2-1-0101-33`,
/// `[12, 8]` of the text `12.8`, `[9, 4, 2, 3]` of `9.4(2)SR3`. None where there are none, as in `P00308010200`.
pub fn numbers(text: &str) -> Option<Vec<u32>> {
    let begins_with_a_number = text.starts_with(|c: char| c.is_ascii_digit());
    let version = if begins_with_a_number {
        text
    } else {
        text.split_once('.')?.1
    };
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let parts = version.split(|c: char| !c.is_ascii_digit());
    parts
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.parse().ok())
        .collect()
}

/// Whether a load is older than the compulsory step; none when its name does not tell.
pub fn is_before_compulsory(load: &str) -> Option<bool> {
    release(load).map(|release| release < COMPULSORY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_from_the_forms_that_phones_print() {
        for (load, expected) in [
            ("SCCP45.8-3-1S", Some((8, 3, 1))),
            ("SIP42.8-5-2SR1S", Some((8, 5, 2))),
            ("SCCP42.9-4-2SR3-1S", Some((9, 4, 2))),
            ("sip88xx.14-2-1-0201-83", Some((14, 2, 1))),
            ("P0030801SR02", None),
            ("term65.default.loads", None),
            ("", None),
        ] {
            assert_eq!(release(load), expected, "{load}");
        }
        for (text, expected) in [
            ("sip88xx.14-2-1-0101-33", Some(vec![14, 2, 1, 101, 33])),
            ("9.4(2)SR3", Some(vec![9, 4, 2, 3])),
            ("12", Some(vec![12])),
            ("term65.default.loads", None),
            ("99999999999", None),
            ("", None),
        ] {
            assert_eq!(numbers(text), expected, "{text}");
        }
        assert_eq!(is_before_compulsory("SCCP45.8-3-1S"), Some(true));
        assert_eq!(is_before_compulsory("SCCP45.8-5-2S"), Some(false));
        assert_eq!(is_before_compulsory("odd"), None);
    }
}
