//! Reading XML that others wrote: local names only, every bound kept, never a panic.

use quick_xml::Reader;
use quick_xml::errors::SyntaxError;
use quick_xml::events::{BytesStart, Event};

/// Deeper than any answer of CUCM.
const MAX_DEPTH: usize = 64;
/// More elements than 1000 devices have.
const MAX_ELEMENTS: usize = 500_000;

/// An element with everything below it. Prefixes are dropped: CUCM's releases differ in them.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    text: String,
    pub(super) children: Vec<Element>,
}

/// Why a document was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum XmlError {
    /// It ends before its end.
    Truncated,
    /// It is no XML, or more than we read.
    Malformed(String),
}

impl Element {
    /// The first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of that name, in order.
    pub(super) fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text, trimmed; empty for a nil or empty element.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    /// The text of the first child of that name; empty when there is none.
    pub(super) fn text_of(&self, name: &str) -> String {
        self.child(name)
            .map(|child| child.text().to_owned())
            .unwrap_or_default()
    }

    /// An attribute by its local name.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first element of that name at any depth, itself included.
    pub(super) fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }
}

/// A boolean as AXL writes it: t, f, true, false, 0, 1.
pub(super) fn is_true(text: &str) -> bool {
    matches!(text.trim(), "t" | "T" | "true" | "True" | "TRUE" | "1")
}

/// Reads a whole document.
pub(super) fn read(xml: &str) -> Result<Element, XmlError> {
    read_records(xml, "", |_| ())
}

/// Reads a document whose many `return/<record>` elements are handed over one by one and then forgotten, so that a
/// long list never stands in memory twice. The rest of the document comes back.
pub(super) fn read_records(xml: &str, record: &str, mut visit: impl FnMut(&Element)) -> Result<Element, XmlError> {
    let mut builder = Builder::default();
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().map_err(|error| classify(&error))? {
            Event::Start(start) => builder.open(&start)?,
            Event::Empty(start) => {
                builder.open(&start)?;
                builder.close(record, &mut visit)?;
            }
            Event::End(_) => builder.close(record, &mut visit)?,
            Event::Text(text) => builder.push_text(&text.xml10_content()),
            Event::CData(text) => builder.push_text(&text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => builder.push_text(character.encode_utf8(&mut [0; 4])),
                _ => builder.push_text(predefined(&reference.xml10_content())),
            },
            Event::DocType(_) => return Err(XmlError::Malformed("a document type is not expected".to_owned())),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => (),
            Event::Eof => return builder.finish(),
        }
    }
}

/// The five entities of XML; any other names nothing here.
fn predefined(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "\u{fffd}",
    }
}

fn classify(error: &quick_xml::Error) -> XmlError {
    match error {
        quick_xml::Error::Syntax(SyntaxError::InvalidBangMarkup) => XmlError::Malformed("odd markup".to_owned()),
        quick_xml::Error::Syntax(_) => XmlError::Truncated,
        other => XmlError::Malformed(super::error::one_line(&other.to_string(), 120)),
    }
}

#[derive(Default)]
struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Builder {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), XmlError> {
        self.elements += 1;
        if self.open.len() >= MAX_DEPTH || self.elements > MAX_ELEMENTS {
            return Err(XmlError::Malformed("more elements than expected".to_owned()));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(XmlError::Malformed("more than one document".to_owned()));
        }
        let attributes = start
            .attributes()
            .with_checks(false)
            .filter_map(Result::ok)
            .map(|attribute| {
                let value = quick_xml::escape::unescape(&attribute.value)
                    .map_or_else(|_| attribute.value.to_string(), std::borrow::Cow::into_owned);
                (attribute.key.local_name().as_ref().to_owned(), value)
            })
            .collect();
        self.open.push(Element {
            name: start.local_name().as_ref().to_owned(),
            attributes,
            ..Element::default()
        });
        Ok(())
    }

    fn push_text(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }

    fn close(&mut self, record: &str, visit: &mut impl FnMut(&Element)) -> Result<(), XmlError> {
        let Some(element) = self.open.pop() else {
            return Err(XmlError::Malformed("an end without a beginning".to_owned()));
        };
        match self.open.last_mut() {
            None => self.root = Some(element),
            Some(parent) if element.name == record && parent.name == "return" => visit(&element),
            Some(parent) => parent.children.push(element),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlError> {
        if !self.open.is_empty() {
            return Err(XmlError::Truncated);
        }
        self.root.ok_or_else(|| XmlError::Malformed("not XML".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_names_without_prefixes_entities_and_cdata() {
        let xml = "<a:r x:k='1&amp;2'><b>x &lt;&#x41;<![CDATA[&]]></b><c/><b>2</b></a:r>";
        let root = read(xml).unwrap();
        assert_eq!(root.name, "r");
        assert_eq!(root.attribute("k"), Some("1&2"));
        assert_eq!(root.text_of("b"), "x <A&");
        assert_eq!(root.children("b").count(), 2);
        assert_eq!(root.text_of("c"), "");
    }

    #[test]
    fn tells_a_cut_document_from_nonsense() {
        for cut in ["<a><b>1</b>", "<a><b", "<a><!-- ", "<a b='"] {
            assert_eq!(read(cut).unwrap_err(), XmlError::Truncated, "{cut}");
        }
        for odd in ["", "hello", "<a></b>", "<a/><b/>", "<!DOCTYPE html><html/>", "</a>"] {
            assert!(matches!(read(odd), Err(XmlError::Malformed(_))), "{odd}");
        }
        assert!(matches!(read(&"<a>".repeat(100_000)), Err(XmlError::Malformed(_))));
    }

    #[test]
    fn hands_records_over_one_by_one() {
        let mut seen = Vec::new();
        let rest = read_records(
            "<e><return><row><n>1</n></row><row><n>2</n></row></return></e>",
            "row",
            |row| {
                seen.push(row.text_of("n"));
            },
        )
        .unwrap();
        assert_eq!(seen, ["1", "2"]);
        assert!(rest.find("return").unwrap().children.is_empty());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", markup in "[<>/&;a-c='\"!\\[\\]-]{0,60}") {
            let _ = read(&text);
            let _ = read(&markup);
        }
    }
}
