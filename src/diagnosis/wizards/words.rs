//! Sentences with names and values set apart, so that a page shows exactly what stands in CUCM or goes into a field.

use serde::Serialize;

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Span {
    /// Running text.
    Plain(String),
    /// A name as it stands on a page of CUCM or on a phone.
    Name(String),
    /// A value as it is typed or shown.
    Value(String),
}

impl Span {
    fn text_mut(&mut self) -> &mut String {
        match self {
            Self::Plain(text) | Self::Name(text) | Self::Value(text) => text,
        }
    }

    /// The text without its kind.
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Name(text) | Self::Value(text) => text,
        }
    }
}

/// A sentence or two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Words(pub Vec<Span>);

impl Words {
    /// Reads `*names*`, `` `values` `` and `{placeholders}`; a placeholder's value is taken as it is, marks and all.
    pub fn read(text: &str, value: impl Fn(&str) -> String) -> Self {
        let mut spans = vec![Span::Plain(String::new())];
        let mut rest = text;
        let mut open: Option<char> = None;
        while let Some(at) = rest.find(['*', '`', '{']) {
            let (before, from) = rest.split_at(at);
            push(&mut spans, before);
            let mark = from.chars().next().unwrap_or_default();
            rest = &from[1..];
            match (mark, open) {
                ('{', _) => {
                    let (name, after) = rest.split_once('}').unwrap_or((rest, ""));
                    push(&mut spans, &value(name));
                    rest = after;
                }
                // Within a value a star is a star.
                ('*', Some('`')) => push(&mut spans, "*"),
                (mark, Some(opened)) if mark == opened => {
                    open = None;
                    spans.push(Span::Plain(String::new()));
                }
                (mark, _) => {
                    open = Some(mark);
                    spans.push(match mark {
                        '*' => Span::Name(String::new()),
                        _ => Span::Value(String::new()),
                    });
                }
            }
        }
        push(&mut spans, rest);
        spans.retain(|span| !span.text().is_empty());
        Self(spans)
    }

    /// The sentence as plain text.
    pub fn plain(&self) -> String {
        self.0.iter().map(Span::text).collect()
    }
}

fn push(spans: &mut [Span], text: &str) {
    if let Some(last) = spans.last_mut() {
        last.text_mut().push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_values_and_placeholders_are_told_apart() {
        let words = Words::read("Open *User > {user}* and type `**#` for {user}.", |name| match name {
            "user" => "a*b`c".to_owned(),
            _ => String::new(),
        });
        assert_eq!(
            words.0,
            [
                Span::Plain("Open ".to_owned()),
                Span::Name("User > a*b`c".to_owned()),
                Span::Plain(" and type ".to_owned()),
                Span::Value("**#".to_owned()),
                Span::Plain(" for a*b`c.".to_owned()),
            ]
        );
        assert_eq!(words.plain(), "Open User > a*b`c and type **# for a*b`c.");
    }
}
