//! XML of phones as a small tree, read as far as it makes sense.
//!
//! Phones send several declarations, declarations inside documents, stray `&` and unclosed elements
//! (phone-xml-api.md section 9); a strict reader would refuse most of that.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::text;

/// Deeper than any answer of a phone.
const MAX_DEPTH: usize = 32;
/// More elements than any answer of a phone.
const MAX_NODES: usize = 8_000;

/// One element. Names have no prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// The element's own text.
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// Whether the element has this name, whatever the case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The first child of a name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(name))
    }

    /// An attribute, or else the text of the child of that name: phones write both.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let attribute = self.attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        attribute
            .map(|(_, value)| value.as_str())
            .or_else(|| self.child(name).map(|child| child.text.as_str()))
    }

    /// A field that says something.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.field(name).and_then(text::value)
    }

    /// This element and all below, in the order of the document.
    pub(super) fn all(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            found.push(node);
            open.extend(node.children.iter().rev());
        }
        found
    }
}

/// The first element of a document; none when there is none.
pub(super) fn parse(bytes: &[u8]) -> Option<Node> {
    let decoded = text::decode(bytes);
    let mut reader = Reader::from_str(&decoded);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    config.check_comments = false;
    let mut open: Vec<Node> = Vec::new();
    let mut count = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                count += 1;
                if open.len() >= MAX_DEPTH || count > MAX_NODES {
                    break;
                }
                open.push(element(&start));
            }
            Ok(Event::Empty(start)) => {
                count += 1;
                let node = element(&start);
                match open.last_mut() {
                    Some(_) if count > MAX_NODES => break,
                    Some(parent) => parent.children.push(node),
                    None => return Some(node),
                }
            }
            Ok(Event::End(_)) => {
                let done = close(&mut open);
                if done.is_some() {
                    return done;
                }
            }
            Ok(Event::Text(part)) => add_text(&mut open, &part.into_inner()),
            Ok(Event::CData(part)) => add_text(&mut open, &part.into_inner()),
            Ok(Event::GeneralRef(name)) => {
                if let Some(character) = text::resolve(&name.into_inner()) {
                    add_text(&mut open, character.encode_utf8(&mut [0; 4]));
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    let mut root = None;
    while root.is_none() && !open.is_empty() {
        root = close(&mut open);
    }
    root
}

/// The name of a document's first element, found without reading the rest.
pub(super) fn root_name(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(4096)];
    let decoded = text::decode(head);
    let mut rest = decoded.as_ref();
    loop {
        rest = &rest[rest.find('<')? + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
        } else if !rest.starts_with(['?', '!']) {
            let name: String = rest
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-'))
                .collect();
            let local = name.rsplit(':').next().unwrap_or_default();
            return (!local.is_empty()).then(|| local.to_owned());
        }
    }
}

fn element(start: &BytesStart<'_>) -> Node {
    let mut attributes = Vec::new();
    for attribute in start.html_attributes().with_checks(false).filter_map(Result::ok) {
        let key = attribute.key.local_name().as_ref().to_owned();
        attributes.push((key, text::unescape(&attribute.value).into_owned()));
    }
    Node {
        name: start.local_name().as_ref().to_owned(),
        attributes,
        ..Node::default()
    }
}

fn add_text(open: &mut [Node], part: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(part);
    }
}

/// Closes the innermost element; the outermost is handed out.
fn close(open: &mut Vec<Node>) -> Option<Node> {
    let node = open.pop()?;
    match open.last_mut() {
        Some(parent) => {
            parent.children.push(node);
            None
        }
        None => Some(node),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_anywhere_and_unclosed_elements() {
        let node = parse(b"<?xml version=\"1.0\"?><?xml version=\"1.0\"?><a b='1&#x2F;2'><?xml version=\"1.0\"?><c>x &amp; y & z<d/>").unwrap();
        assert_eq!((node.name.as_str(), node.field("B")), ("a", Some("1/2")));
        assert!(node.field("c").unwrap().starts_with("x & y"));
        assert_eq!(parse(b"no document"), None);
    }

    #[test]
    fn the_root_is_found_without_reading_all() {
        assert_eq!(
            root_name(b"<?xml?><!-- <a> --><!DOCTYPE x>\n<x:CiscoIPPhoneImage>").as_deref(),
            Some("CiscoIPPhoneImage")
        );
        assert_eq!(root_name(b"plain"), None);
        assert_eq!(root_name(b"< x"), None);
    }
}
