//! What a phone does with objects that are more than keys: it shows texts, fetches pages, images and ring tones.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use image::{ImageReader, Limits, RgbImage};
use url::Url;

use super::fetch::{self, Fetched, Page};
use super::object::{self, Object};
use super::panel;
use crate::simulator::models::Pages;
use crate::simulator::phone::Phone;
use crate::simulator::set::{Background, Pixels, PushedText, RingTone};
use crate::simulator::world::World;

/// How long a phone waits for a page.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of an object, and of a file.
const MOST_OBJECT: usize = 40 * 1024;
const MOST_FILE: usize = 4 * 1024 * 1024;
/// The most pixels of a picture on either side.
const MOST_SIDE: u32 = 2_000;
/// Most characters of a page shown as plain text.
const MOST_TEXT: usize = 4_000;
/// Sizes of a ring tone: 8,000 samples a second of one byte; wide-band ones of the 78xx and 88xx are longer.
const RING_STEP: usize = 240;
const MOST_RING: usize = 16_080;
const MOST_WIDE_RING: usize = 160_800;

/// Why a phone did not do what an object asks; the number of the error it answers. Which of the two a refusal gets is not
/// documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The model or its firmware does not have the object: error 1.
    NotKnown,
    /// A file that cannot be fetched, or is none that the model can use: error 3.
    BadFile,
    /// Phone personalization is off: error 4.
    NotAllowed,
}

impl Refusal {
    pub(super) fn number(self) -> u8 {
        match self {
            Self::NotKnown => 1,
            Self::BadFile => 3,
            Self::NotAllowed => 4,
        }
    }
}

/// The highest place that a softkey of an object may have.
pub(super) fn most_position(phone: &Phone) -> i32 {
    if phone.device.model.pages == Pages::Wireless {
        8
    } else {
        16
    }
}

async fn page(world: &World, phone: &Phone, url: &str, most: usize) -> Option<Page> {
    let url = Url::parse(url).ok()?;
    let fetched = fetch::get(world, &url, phone.device.model.product, most);
    match tokio::time::timeout(PATIENCE, fetched).await {
        Ok(Ok(Fetched::Page(page))) => Some(page),
        _ => None,
    }
}

/// Fetches an address and shows the object there. What is labelled `text/html` is plain text without a title.
pub(super) async fn show_page(world: &World, phone: &Phone, url: &str) -> bool {
    let Some(page) = page(world, phone, url, MOST_OBJECT).await else {
        return false;
    };
    let body = String::from_utf8_lossy(&page.body);
    if page.content_type.starts_with("text/html") {
        let text = PushedText {
            text: body.chars().take(MOST_TEXT).collect(),
            ..PushedText::default()
        };
        panel::show(world, phone, text);
        return true;
    }
    match object::parse(&body, most_position(phone)) {
        Some(Object::Text(text)) => {
            panel::show(world, phone, text);
            true
        }
        other => other.is_some(),
    }
}

/// Fetches a page in the background, as a softkey makes a phone do.
pub(super) fn show_later(world: &Arc<World>, phone: &Arc<Phone>, url: String) {
    let (shown_in, on) = (Arc::clone(world), Arc::clone(phone));
    world.tasks.spawn("simulated-page", async move {
        show_page(&shown_in, &on, &url).await;
    });
}

/// Both objects need personalization and, on the 7900 series, firmware 9.1.
fn allowed(phone: &Phone) -> Result<(), Refusal> {
    if phone.device.model.pages == Pages::Java && !has_personalization(&panel::load(phone)) {
        return Err(Refusal::NotKnown);
    }
    if phone.has("personalization-off") {
        return Err(Refusal::NotAllowed);
    }
    Ok(())
}

/// Whether a load such as `SCCP45.9-4-2SR3-1S` is 9.1 or later. One that is named in another way is taken for new.
fn has_personalization(load: &str) -> bool {
    let mut numbers = load.split_once('.').map_or("", |(_, version)| version).split('-');
    let mut number = || numbers.next().and_then(|part| part.parse::<u32>().ok());
    match (number(), number()) {
        (Some(major), Some(minor)) => (major, minor) >= (9, 1),
        _ => true,
    }
}

/// Fetches an image and its preview, and puts the image behind the idle screen.
pub(super) async fn set_background(world: &World, phone: &Phone, image: &str, icon: &str) -> Result<(), Refusal> {
    allowed(phone)?;
    let (size, icon_size) = panel::background_sizes(world, phone).ok_or(Refusal::NotKnown)?;
    let preview = page(world, phone, icon, MOST_FILE).await.ok_or(Refusal::BadFile)?;
    let whole = page(world, phone, image, MOST_FILE).await.ok_or(Refusal::BadFile)?;
    picture(&preview.body, icon_size).ok_or(Refusal::BadFile)?;
    let picture = picture(&whole.body, size).ok_or(Refusal::BadFile)?;
    let background = Background {
        url: image.to_owned(),
        bytes: whole.body.len(),
        image: Arc::new(picture),
    };
    panel::set_background(world, phone, background);
    Ok(())
}

/// A PNG of this size; phones take no other file.
fn picture(file: &[u8], size: Pixels) -> Option<RgbImage> {
    let mut reader = ImageReader::with_format(Cursor::new(file), image::ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    reader.limits(limits);
    let picture = reader.decode().ok()?.to_rgb8();
    (picture.dimensions() == size).then_some(picture)
}

/// Fetches a ring tone: raw samples, 240 to 16,080 bytes in steps of 240 (reference, section 3.3).
pub(super) async fn set_ring_tone(world: &World, phone: &Phone, url: &str) -> Result<(), Refusal> {
    allowed(phone)?;
    let file = page(world, phone, url, MOST_FILE).await.ok_or(Refusal::BadFile)?;
    let wide = matches!(phone.device.model.pages, Pages::TwoCells | Pages::Escaped);
    let wide_file = url.rsplit_once('.').is_some_and(|(_, kind)| kind == "rwb");
    let most = if wide && wide_file { MOST_WIDE_RING } else { MOST_RING };
    let bytes = file.body.len();
    if !(RING_STEP..=most).contains(&bytes) || bytes % RING_STEP != 0 {
        return Err(Refusal::BadFile);
    }
    let tone = RingTone {
        url: url.to_owned(),
        bytes,
    };
    panel::set_ring_tone(world, phone, tone);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personalization_came_with_firmware_9_1() {
        assert!(has_personalization("SCCP45.9-4-2SR3-1S"));
        assert!(has_personalization("SIP75.9-1-1SR1S"));
        assert!(!has_personalization("SCCP45.8-3-1S"));
        assert!(has_personalization("other"));
    }
}
