//! Objects that are pushed to a phone: a text, a background, a ring tone (phone-xml-api.md section 4).
//!
//! Phones have no full XML parser: no namespaces, no declaration, the five special characters escaped, tags in exactly
//! this case. Phones of the 79xx generation take 512 bytes at most (phone-xml-api.md 1.2); whatever is longer must be
//! fetched by the phone, told by an item with its URL.

use std::fmt::Write as _;
use std::time::Duration;

use super::client::Phones;
use super::document;
use super::error::{Error, ErrorKind};
use super::execute;
use super::target::Target;
use super::wire::Reply;
use crate::domain::catalogue::{Control, Model};
use crate::domain::job::Text;

/// An object in the form in which it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document(String);

impl Document {
    /// The XML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a phone of this model takes it pushed; else it must fetch it.
    pub fn fits(&self, model: &Model) -> bool {
        self.0.len() <= model.family.push_bytes
    }
}

/// A text with Exit and its buttons as softkeys.
///
/// Exit stands where phones of the generation have it: third on 79xx, first elsewhere (phone-xml-api.md 4.2). An 8875
/// knows no `SoftKey` URI: it keeps its own softkeys unless there are buttons. A 69xx shows only the prompt where both
/// title and prompt exist, so there the title stays and the prompt goes.
pub fn text(model: &Model, text: &Text) -> Document {
    let family = model.family.id.as_str();
    let mut out = String::from("<CiscoIPPhoneText>");
    element(&mut out, "Title", &text.title);
    if family != "6900" || text.title.is_empty() {
        element(&mut out, "Prompt", &text.prompt);
    }
    element(&mut out, "Text", &text.text);
    let exit = if is_79xx(model) { 3 } else { 1 };
    let mut free = (1..=8).filter(|position| *position != exit);
    for button in &text.buttons {
        let position = free.next().unwrap_or(8);
        softkey(&mut out, &button.label, &format!("Dial:{}", button.dials), position);
    }
    if family != "8875" {
        softkey(&mut out, "Exit", "SoftKey:Exit", exit);
    }
    out.push_str("</CiscoIPPhoneText>");
    Document(out)
}

/// Phones of the generation whose own softkeys are Select, Update, Exit in this order.
fn is_79xx(model: &Model) -> bool {
    matches!(
        model.family.id.as_str(),
        "7911" | "7925" | "7931" | "7941" | "7960" | "7965" | "7975" | "cipc"
    )
}

/// A background: the picture and its small one, both fetched by the phone (phone-xml-api.md 4.4).
fn background(image_url: &str, icon_url: &str) -> Document {
    let (image, icon) = (escaped(image_url), escaped(icon_url));
    Document(format!(
        "<setBackground><background><image>{image}</image><icon>{icon}</icon></background></setBackground>"
    ))
}

/// A ring tone that the phone fetches (phone-xml-api.md 4.4).
fn ring_tone(url: &str) -> Document {
    Document(format!(
        "<setRingTone><ringTone>{}</ringTone></setRingTone>",
        escaped(url)
    ))
}

fn element(out: &mut String, name: &str, text: &str) {
    if !text.is_empty() {
        let _ = write!(out, "<{name}>{}</{name}>", escaped(text));
    }
}

fn softkey(out: &mut String, name: &str, url: &str, position: u8) {
    let (name, url) = (escaped(name), escaped(url));
    let _ = write!(
        out,
        "<SoftKeyItem><Name>{name}</Name><URL>{url}</URL><Position>{position}</Position></SoftKeyItem>"
    );
}

/// The five special characters escaped; line ends become one sort, tabs blanks, other control characters go.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push('\n'),
            '\t' => out.push(' '),
            // Not allowed in XML, or without any meaning on a display.
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

impl Phones {
    /// Pushes a text, once; the answer is how long the phone took. It does not say that anybody read it.
    ///
    /// # Errors
    /// Also when the model takes none so long: see [`Document::fits`].
    pub async fn show_text(&self, target: &Target, text: &Document) -> Result<Duration, Error> {
        self.push_object(target, text).await
    }

    /// Tells a phone to fetch a background and to use it. The answer says only that it was accepted: the picture of the
    /// screen is the proof.
    pub async fn set_background(&self, target: &Target, image_url: &str, icon_url: &str) -> Result<Duration, Error> {
        self.push_object(target, &background(image_url, icon_url)).await
    }

    /// Tells a phone to fetch a ring tone and to use it.
    pub async fn set_ring_tone(&self, target: &Target, url: &str) -> Result<Duration, Error> {
        self.push_object(target, &ring_tone(url)).await
    }

    async fn push_object(&self, target: &Target, object: &Document) -> Result<Duration, Error> {
        if target.model.family.control == Control::None {
            let evidence = format!("{}; nothing was sent", target.model.name);
            return Err(Error::new(ErrorKind::ModelWithoutControl, evidence, false));
        }
        if !object.fits(target.model) {
            let (length, most) = (object.0.len(), target.model.family.push_bytes);
            let evidence = format!(
                "{length} bytes, a {} takes {most} in one push; nothing was sent",
                target.model.name
            );
            return Err(Error::new(ErrorKind::Unreadable, evidence, false));
        }
        let reply = self
            .deliver(target, execute::field(&object.0), self.read_timeout())
            .await?;
        match reply.status {
            // Old loads put the result elsewhere; what is asked for was accepted.
            303 => Ok(reply.took),
            300..=399 => Err(reply.fail(ErrorKind::RedirectElsewhere)),
            _ => match refusal(&reply) {
                Some(kind) => Err(reply.fail(kind)),
                None => Ok(reply.took),
            },
        }
    }
}

/// What speaks against an object in an answer with HTTP 200. An empty answer, or one without items, is a yes.
fn refusal(reply: &Reply) -> Option<ErrorKind> {
    if reply.is_page() {
        return Some(ErrorKind::Foreign);
    }
    let root = document::parse(&reply.body)?;
    let mut items = root.all().into_iter().filter(|node| node.is("ResponseItem"));
    items.find_map(|item| {
        let status: i32 = item.field("Status")?.trim().parse().ok()?;
        let data = item.value("Data").unwrap_or_default();
        (status != 0).then_some(ErrorKind::ItemRefused { status, data })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue;
    use crate::domain::job::TextButton;

    fn sample() -> Text {
        Text {
            title: "Fire <drill>".to_owned(),
            text: "Leave & \"meet\" at 'A'\u{7}\r\nNow".to_owned(),
            buttons: vec![TextButton {
                label: "Desk".to_owned(),
                dials: "2041".to_owned(),
            }],
            ..Text::default()
        }
    }

    #[test]
    fn a_text_is_escaped_and_its_softkeys_stand_where_the_generation_has_them() {
        let new = text(catalogue::by_name("Cisco 8845").unwrap(), &sample());
        assert_eq!(
            new.as_str(),
            "<CiscoIPPhoneText><Title>Fire &lt;drill&gt;</Title><Text>Leave &amp; &quot;meet&quot; at &apos;A&apos;\nNow</Text>\
             <SoftKeyItem><Name>Desk</Name><URL>Dial:2041</URL><Position>2</Position></SoftKeyItem>\
             <SoftKeyItem><Name>Exit</Name><URL>SoftKey:Exit</URL><Position>1</Position></SoftKeyItem></CiscoIPPhoneText>"
        );
        let old = text(catalogue::by_name("Cisco 7961").unwrap(), &sample());
        assert!(
            old.as_str().contains("Dial:2041</URL><Position>1</Position>"),
            "{old:?}"
        );
        assert!(
            old.as_str().contains("SoftKey:Exit</URL><Position>3</Position>"),
            "{old:?}"
        );
        let touch = text(catalogue::by_name("Cisco 8875").unwrap(), &sample());
        assert!(!touch.as_str().contains("SoftKey:"), "{touch:?}");
    }

    #[test]
    fn a_69xx_loses_the_prompt_and_not_the_title() {
        let said = Text {
            prompt: "Press Exit".to_owned(),
            ..sample()
        };
        let shown = text(catalogue::by_name("Cisco 6945").unwrap(), &said);
        assert!(
            shown.as_str().contains("<Title>") && !shown.as_str().contains("<Prompt>"),
            "{shown:?}"
        );
        let shown = text(catalogue::by_name("Cisco 8845").unwrap(), &said);
        assert!(shown.as_str().contains("<Prompt>Press Exit</Prompt>"), "{shown:?}");
    }

    #[test]
    fn old_phones_take_512_bytes() {
        let long = Text {
            text: "x".repeat(600),
            ..Text::default()
        };
        let model = catalogue::by_name("Cisco 7961").unwrap();
        assert!(!text(model, &long).fits(model));
        assert!(text(model, &sample()).fits(model));
        let model = catalogue::by_name("Cisco 8845").unwrap();
        assert!(text(model, &long).fits(model));
    }
}
