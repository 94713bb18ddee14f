//! The objects that are pushed to a phone, and their limits (reference, sections 2.1, 4.2 and 4.4).

use roxmltree::Node;

use crate::simulator::set::{PushedKey, PushedText};

const MOST_ITEMS: usize = 3;
const MOST_URL: usize = 256;
const MOST_TITLE: usize = 32;
const MOST_TEXT: usize = 4_000;
const MOST_SOFTKEYS: usize = 16;

/// One pushed object.
pub(super) enum Object {
    /// What to execute.
    Execute(Vec<Item>),
    /// A text to show.
    Text(PushedText),
    /// Addresses of an image and of its preview.
    Background { image: String, icon: String },
    /// The address of a ring tone.
    RingTone(String),
    /// Another object that phones show. It is taken, and not shown.
    Other,
}

/// An item of an Execute object.
pub(super) struct Item {
    pub(super) url: String,
    /// 0 at once, 1 when idle, 2 only if idle; of meaning for addresses of pages alone.
    pub(super) priority: u8,
}

/// The object of a text; `None` is what a phone cannot parse, or will not because something in it is too long.
pub(super) fn parse(object: &str, most_position: i32) -> Option<Object> {
    let document = roxmltree::Document::parse(object.trim()).ok()?;
    let root = document.root_element();
    match root.tag_name().name() {
        "CiscoIPPhoneExecute" => items(root).map(Object::Execute),
        "CiscoIPPhoneText" => text(root, most_position).map(Object::Text),
        "setBackground" => {
            let background = child(root, "background")?;
            let image = address(content(background, "image")?)?;
            let icon = address(content(background, "icon")?)?;
            Some(Object::Background { image, icon })
        }
        "setRingTone" => Some(Object::RingTone(address(content(root, "ringTone")?)?)),
        name => name.starts_with("CiscoIPPhone").then_some(Object::Other),
    }
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn content(node: Node<'_, '_>, name: &str) -> Option<String> {
    let text = child(node, name)?.children().filter_map(|part| part.text());
    Some(text.collect::<String>().trim().to_owned())
}

fn address(url: String) -> Option<String> {
    let good = url.starts_with("http://") || url.starts_with("https://");
    (good && url.chars().count() <= MOST_URL).then_some(url)
}

fn items(root: Node<'_, '_>) -> Option<Vec<Item>> {
    let item = |item: Node<'_, '_>| {
        let url = item.attribute("URL").unwrap_or("").to_owned();
        let priority = item.attribute("Priority").map_or(Some(0), |number| number.parse().ok());
        let priority = priority.filter(|number| *number <= 2)?;
        (1..=MOST_URL)
            .contains(&url.chars().count())
            .then_some(Item { url, priority })
    };
    let all = root.children().filter(|child| child.has_tag_name("ExecuteItem"));
    let items: Vec<Item> = all.map(item).collect::<Option<_>>()?;
    (1..=MOST_ITEMS).contains(&items.len()).then_some(items)
}

fn text(root: Node<'_, '_>, most_position: i32) -> Option<PushedText> {
    let short = |name: &str, most: usize| {
        let text = content(root, name).unwrap_or_default();
        (text.chars().count() <= most).then_some(text)
    };
    let keys = root.children().filter(|child| child.has_tag_name("SoftKeyItem"));
    let keys: Vec<(i32, PushedKey)> = keys.map(|key| softkey(key, most_position)).collect::<Option<_>>()?;
    if keys.len() > MOST_SOFTKEYS {
        return None;
    }
    Some(PushedText {
        title: short("Title", MOST_TITLE)?,
        text: short("Text", MOST_TEXT)?,
        prompt: short("Prompt", MOST_TITLE)?,
        // One at -1 is behind the Applications or Settings key: it has no place on the display.
        softkeys: keys
            .into_iter()
            .filter(|(place, _)| *place > 0)
            .map(|(_, key)| key)
            .collect(),
    })
}

/// A softkey and its position as written: -1, or from 1.
fn softkey(node: Node<'_, '_>, most_position: i32) -> Option<(i32, PushedKey)> {
    let position: i32 = content(node, "Position")?.parse().ok()?;
    let (name, url) = (content(node, "Name")?, content(node, "URL").unwrap_or_default());
    if name.chars().count() > MOST_TITLE || url.chars().count() > MOST_URL {
        return None;
    }
    if position != -1 && !(1..=most_position).contains(&position) {
        return None;
    }
    let key = PushedKey {
        position: u8::try_from(position).unwrap_or_default(),
        name,
        url,
    };
    Some((position, key))
}
