//! Execute: what is pushed, and what phones answer.

use askama::Template;
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::document::{self, Node};
use super::text;
use crate::domain::execute::ExecuteItem;

/// A phone's answer to one item of an Execute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemAnswer {
    /// The item's URL; in answers of [`Phones::execute`](super::Phones::execute) as it was asked for.
    pub url: String,
    /// 0 is done or accepted; for a key it only says that the event was queued (phone-xml-api.md 2.2).
    pub status: i32,
    /// The phone's word on it.
    pub data: String,
}

#[derive(Template)]
#[template(path = "phone/execute.xml", escape = "xml")]
struct Document<'a> {
    items: &'a [ExecuteItem],
}

/// The body of the POST: one form field named `XML` in capitals, its value percent-encoded, so that `+` of a number
/// does not become a blank.
pub(super) fn form(items: &[ExecuteItem]) -> Result<Bytes, askama::Error> {
    Ok(field(Document { items }.render()?.trim_end()))
}

/// An object as the form field in which phones take it.
pub(super) fn field(object: &str) -> Bytes {
    Bytes::from(format!("XML={}", utf8_percent_encode(object, NON_ALPHANUMERIC)))
}

/// Reads a `CiscoIPPhoneResponse` (or, as an old schema spells it, `CiscoIPhoneResponse`) with its items as attributes
/// or as child elements. Unused items, which old loads send with an empty URL, are left out. None for another document.
pub fn parse_response(body: &[u8]) -> Option<Vec<ItemAnswer>> {
    let root = document::parse(body)?;
    if !root.is("CiscoIPPhoneResponse") && !root.is("CiscoIPhoneResponse") {
        return None;
    }
    let items = root.all().into_iter().filter(|node| node.is("ResponseItem"));
    Some(items.filter_map(answer).collect())
}

fn answer(node: &Node) -> Option<ItemAnswer> {
    Some(ItemAnswer {
        url: node.value("URL")?,
        status: node
            .field("Status")
            .and_then(|status| status.trim().parse().ok())
            .unwrap_or(0),
        data: text::squeeze(node.field("Data").unwrap_or_default()),
    })
}

/// Puts answers, which come in the order of completion, into the order of the items. An item without an answer counts
/// as accepted: the document as a whole was.
pub(super) fn in_order(items: &[ExecuteItem], mut answers: Vec<ItemAnswer>) -> Vec<ItemAnswer> {
    let mut ordered: Vec<Option<ItemAnswer>> = items
        .iter()
        .map(|item| {
            let position = answers.iter().position(|answer| answer.url == item.url.as_str())?;
            Some(answers.remove(position))
        })
        .collect();
    // Some loads print the URL in another form: what is left over belongs to the items that are left over.
    let mut left = answers.into_iter();
    for slot in ordered.iter_mut().filter(|slot| slot.is_none()) {
        *slot = left.next();
    }
    items
        .iter()
        .zip(ordered)
        .map(|(item, answer)| ItemAnswer {
            url: item.url.as_str().to_owned(),
            status: answer.as_ref().map_or(0, |answer| answer.status),
            data: answer.map(|answer| answer.data).unwrap_or_default(),
        })
        .collect()
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
    fn the_form_is_escaped_twice() {
        let body = form(&[item("Dial:+33&1")]).unwrap();
        assert_eq!(
            body,
            "XML=%3CCiscoIPPhoneExecute%3E%3CExecuteItem%20Priority%3D%220%22%20URL%3D%22Dial%3A%2B33%26%2338%3B1%22%2F%3E\
             %3C%2FCiscoIPPhoneExecute%3E"
        );
    }

    #[test]
    fn both_shapes_and_both_names_are_read() {
        let attributes = parse_response(b"<CiscoIPPhoneResponse><ResponseItem URL=\"Key:Soft1\" Data=\"Success\" Status=\"0\"/></CiscoIPPhoneResponse>");
        let children = parse_response(b"<CiscoIPhoneResponse><ResponseItem><Status>6</Status><Data>URI not found</Data><URL>Init:X</URL></ResponseItem></CiscoIPhoneResponse>");
        assert_eq!(attributes.unwrap()[0].data, "Success");
        assert_eq!(children.unwrap()[0].status, 6);
        assert_eq!(parse_response(b"<html/>"), None);
    }

    #[test]
    fn answers_are_matched_by_url() {
        let answer = |url: &str, status| ItemAnswer {
            url: url.to_owned(),
            status,
            data: String::new(),
        };
        let items = [item("Init:Services"), item("Dial:1"), item("Key:Soft1")];
        let ordered = in_order(
            &items,
            vec![answer("Key:Soft1", 6), answer("Init:Services", 0), answer("Dial: 1", 1)],
        );
        let statuses: Vec<_> = ordered
            .iter()
            .map(|answer| (answer.url.as_str(), answer.status))
            .collect();
        assert_eq!(statuses, [("Init:Services", 0), ("Dial:1", 1), ("Key:Soft1", 6)]);
        assert_eq!(in_order(&items[..1], vec![])[0].status, 0);
    }
}
