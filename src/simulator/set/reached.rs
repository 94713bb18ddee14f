//! What reaches the set from outside: pushed texts, a background image, a ring tone, sounds.

use std::sync::Arc;

use image::RgbImage;
use jiff::Timestamp;

use super::menu::Page;
use super::profiles::Family;
use super::types::Effect;
use super::{Open, Set};

/// Sounds and vibrations that are remembered, the newest.
const REMEMBERED: usize = 256;

/// A softkey that came with a pushed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedKey {
    /// Its place, from 1.
    pub position: u8,
    /// Its label.
    pub name: String,
    /// What it does: an internal URI or an address.
    pub url: String,
}

/// A `CiscoIPPhoneText`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PushedText {
    /// The heading.
    pub title: String,
    /// The text.
    pub text: String,
    /// The line above the softkeys.
    pub prompt: String,
    /// Its softkeys; none leaves the set's own.
    pub softkeys: Vec<PushedKey>,
}

/// The picture behind the idle screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Background {
    /// Where it was fetched.
    pub url: String,
    /// The size of the file.
    pub bytes: usize,
    /// The picture.
    pub image: Arc<RgbImage>,
}

/// A ring tone that was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingTone {
    /// Where it was fetched.
    pub url: String,
    /// The size of the file.
    pub bytes: usize,
}

/// A `Vibrate:` that was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vibration {
    /// Milliseconds on.
    pub on_ms: u32,
    /// Milliseconds off.
    pub off_ms: u32,
    /// How often.
    pub count: u32,
}

/// Width and height of a picture.
pub type Pixels = (u32, u32);

/// What a set holds of all this; one box, as most sets never have any.
#[derive(Debug, Default)]
pub(super) struct Reached {
    pub(super) text: Option<PushedText>,
    pub(super) background: Option<Background>,
    pub(super) ring_tone: Option<RingTone>,
    sounds: Vec<String>,
    vibrations: Vec<Vibration>,
}

impl Set {
    /// Shows a pushed text in place of whatever is on the display. A 6900 shows only the prompt where there is a title too.
    pub fn show(&mut self, mut text: PushedText) {
        if self.profile.family == Family::F6900 && !text.prompt.is_empty() {
            text.title.clear();
        }
        self.shown = None;
        self.more = false;
        self.reached.text = Some(text);
        self.pages = vec![Open {
            page: Page::Pushed,
            row: 0,
        }];
    }

    /// The pushed text on the display.
    pub fn shown_text(&self) -> Option<&PushedText> {
        self.reached.text.as_ref().filter(|_| self.page() == Some(Page::Pushed))
    }

    /// The sizes of a background image and of its preview that the model takes (reference, section 4.4); none where
    /// it has no changeable background.
    pub fn background_sizes(&self) -> Option<(Pixels, Pixels)> {
        /// The only model of its family whose image is four rows higher.
        const CISCO_7975: u32 = 437;
        /// Without greys to show a picture in.
        const CISCO_8811: u32 = 36217;
        let number = self.profile.number;
        Some(match self.profile.family {
            Family::F7911 => ((95, 34), (23, 8)),
            Family::F7941 => ((320, 196), (80, 53)),
            Family::F7975 if number == CISCO_7975 => ((320, 216), (80, 53)),
            Family::F7945 | Family::F7975 => ((320, 212), (80, 53)),
            Family::F8821 => ((240, 320), (117, 117)),
            Family::F8800 if number != CISCO_8811 => ((800, 480), (139, 109)),
            Family::F8900 | Family::F9900 => ((640, 480), (123, 111)),
            _ => return None,
        })
    }

    /// Puts a picture behind the idle screen. The caller has checked its size.
    pub fn set_background(&mut self, background: Background) {
        self.shown = None;
        self.reached.background = Some(background);
    }

    /// The picture behind the idle screen.
    pub fn background(&self) -> Option<&Background> {
        self.reached.background.as_ref()
    }

    /// Rings with a fetched tone from now on.
    pub fn set_ring_tone(&mut self, tone: RingTone) {
        self.shown = None;
        self.reached.ring_tone = Some(tone);
    }

    /// The fetched ring tone.
    pub fn ring_tone(&self) -> Option<&RingTone> {
        self.reached.ring_tone.as_ref()
    }

    /// The files that `Play:` played, oldest first; the newest 256.
    pub fn sounds(&self) -> &[String] {
        &self.reached.sounds
    }

    /// What `Vibrate:` did, oldest first; the newest 256.
    pub fn vibrations(&self) -> &[Vibration] {
        &self.reached.vibrations
    }

    pub(super) fn played(&mut self, file: &str) {
        remember(&mut self.reached.sounds, file.to_owned());
    }

    pub(super) fn vibrated(&mut self, vibration: Vibration) {
        remember(&mut self.reached.vibrations, vibration);
    }

    /// What a factory reset takes away of all this; what was played and felt remains known.
    pub(super) fn forget_reached(&mut self) {
        self.reached.background = None;
        self.reached.ring_tone = None;
    }

    /// Presses the softkey at this place in the pushed text's list.
    pub(super) fn pushed_key(&mut self, place: usize, now: Timestamp) -> Vec<Effect> {
        let key = self.reached.text.as_ref().and_then(|text| text.softkeys.get(place));
        let Some(url) = key.map(|key| key.url.clone()) else {
            return Vec::new();
        };
        match url.as_str() {
            "SoftKey:Exit" | "SoftKey:Cancel" | "SoftKey:Back" => self.back(now),
            address if address.starts_with("http://") || address.starts_with("https://") => {
                vec![Effect::Fetch { url }]
            }
            _ => self.execute_uri(&url, now).effects,
        }
    }
}

fn remember<T>(list: &mut Vec<T>, one: T) {
    if list.len() == REMEMBERED {
        list.remove(0);
    }
    list.push(one);
}
