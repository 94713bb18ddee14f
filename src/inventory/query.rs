//! What a person types into the search box, as terms.
//!
//! Words must all hold; `"quoted words"` hold together; `field:value` looks in one field; `!` before any of them means
//! that it must not be there. Nothing typed is an error: half a query must find something while it is typed, so an
//! unknown field is a word with a colon.

use crate::store::search::{Field, Term};

/// Longer queries are cut here, in characters: nobody types them.
const MAX_QUERY: usize = 200;
/// More terms are ignored.
const MAX_TERMS: usize = 16;

/// The fields by the names that are typed (design, section 5), with what they hold.
pub const FIELDS: [(&str, Field, &str); 10] = [
    ("name", Field::Name, "device name or MAC address"),
    ("dn", Field::Dn, "directory number of any line"),
    ("user", Field::User, "owner's user id"),
    ("description", Field::Description, "description in CUCM"),
    ("address", Field::Address, "IP address"),
    ("model", Field::Model, "model"),
    ("pool", Field::Pool, "device pool"),
    ("firmware", Field::Firmware, "active load"),
    ("serial", Field::Serial, "serial number"),
    ("switch", Field::Switch, "switch or switch port"),
];

/// The terms of a query.
pub(super) fn parse(query: &str) -> Vec<Term> {
    let cleaned: String = query
        .chars()
        .take(MAX_QUERY)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let mut rest = cleaned.trim_start();
    let mut terms = Vec::new();
    while !rest.is_empty() && terms.len() < MAX_TERMS {
        let (term, after) = next(rest);
        terms.extend(term);
        rest = after.trim_start();
    }
    terms
}

fn next(text: &str) -> (Option<Term>, &str) {
    let (negated, text) = match text.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (field, text) = field(text);
    let (value, rest) = value(text);
    let value = value.trim();
    let term = (!value.is_empty()).then(|| Term {
        field,
        spellings: spellings(field, value),
        negated,
    });
    (term, rest)
}

fn field(text: &str) -> (Option<Field>, &str) {
    FIELDS
        .iter()
        .find_map(|(name, field, _)| {
            let head = text.get(..name.len())?;
            let rest = text[name.len()..].strip_prefix(':')?;
            head.eq_ignore_ascii_case(name).then_some((Some(*field), rest))
        })
        .unwrap_or((None, text))
}

/// A quoted phrase (to its closing quote or the end), else everything up to a blank.
fn value(text: &str) -> (&str, &str) {
    match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => match text.find(char::is_whitespace) {
            Some(at) => text.split_at(at),
            None => (text, ""),
        },
    }
}

fn spellings(field: Option<Field>, value: &str) -> Vec<String> {
    let mut spellings = vec![value.to_owned()];
    if matches!(field, None | Some(Field::Name))
        && let Some(digits) = mac_digits(value)
    {
        // A device name has the MAC without separators; a description may have it as typed.
        spellings.push(digits);
    }
    spellings
}

/// The digits of (a part of) a MAC address written with separators: `0c:75:bd`, `0C-75-BD`, `0c75.bd31`.
fn mac_digits(value: &str) -> Option<String> {
    let separator = value.chars().find(|c| matches!(c, ':' | '-' | '.'))?;
    let width = if separator == '.' { 4 } else { 2 };
    let groups: Vec<&str> = value.trim_end_matches(separator).split(separator).collect();
    let (last, whole) = groups.split_last()?;
    let hexadecimal = groups
        .iter()
        .all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_hexdigit()));
    let fits = whole.iter().all(|group| group.len() == width) && last.len() <= width;
    let digits = groups.concat();
    (hexadecimal && fits && (3..=12).contains(&digits.len())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(query: &str) -> Vec<String> {
        parse(query)
            .into_iter()
            .map(|term| {
                let sign = if term.negated { "!" } else { "" };
                let field = term.field.map(|field| format!("{field:?}=")).unwrap_or_default();
                format!("{sign}{field}{}", term.spellings.join("|"))
            })
            .collect()
    }

    #[test]
    fn words_phrases_fields_and_negations() {
        assert_eq!(shown("ana  1001"), ["ana", "1001"]);
        assert_eq!(shown("\"front desk\" lyon"), ["front desk", "lyon"]);
        assert_eq!(
            shown("model:8845 !Pool:\"DP Lyon\" !spare"),
            ["Model=8845", "!Pool=DP Lyon", "!spare"]
        );
        assert_eq!(shown("colour:red"), ["colour:red"]);
    }

    #[test]
    fn half_typed_queries_are_no_error() {
        for query in ["", " ", "!", "\"", "model:", "!model:\"", "\"\"", ":"] {
            assert!(shown(query).len() <= 1, "{query}");
        }
        assert_eq!(shown("\"front de"), ["front de"]);
    }

    #[test]
    fn separators_of_mac_addresses_are_folded_but_addresses_stay() {
        assert_eq!(shown("0c:75:bd:31"), ["0c:75:bd:31|0c75bd31"]);
        assert_eq!(shown("0C-75-BD"), ["0C-75-BD|0C75BD"]);
        assert_eq!(shown("0c75.bd31"), ["0c75.bd31|0c75bd31"]);
        assert_eq!(shown("10.20.30.40"), ["10.20.30.40"]);
        assert_eq!(shown("8841-lyon"), ["8841-lyon"]);
    }

    proptest! {
        #[test]
        fn any_text_parses(query in ".{0,300}") {
            prop_assert!(parse(&query).len() <= MAX_TERMS);
        }
    }
}
