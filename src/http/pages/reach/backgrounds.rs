//! Backgrounds and ring tones: what is kept, how phones will show it, and the proof.

use askama::Template;

use super::announcements::SoundRow;
use super::{Pick, Tab};
use crate::http::pages::{FieldErrors, Layout, Section, When};

/// `GET /backgrounds?phone=`, and the answers to its forms.
#[derive(Debug, Template)]
#[template(path = "reach/backgrounds.html")]
pub struct BackgroundsPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The pages beside it.
    pub tabs: Vec<Tab>,
    /// Backgrounds that are kept, by name.
    pub backgrounds: Vec<BackgroundRow>,
    /// Sounds that are kept, by name.
    pub sounds: Vec<SoundRow>,
    /// The kinds of displays.
    pub kinds: Vec<KindView>,
    /// Whether the viewer adds and removes backgrounds.
    pub may_edit: bool,
    /// The background that is chosen.
    pub background: Option<i64>,
    /// The ring tone that is chosen.
    pub sound: Option<i64>,
    /// The phone that gets the background.
    pub pick: Pick,
    /// The phone that gets the ring tone.
    pub ring_pick: Pick,
    /// What was typed for a new background.
    pub upload: UploadForm,
    /// What was typed for the name of a new ring tone.
    pub sound_name: String,
    /// What is wrong with the forms.
    pub errors: FieldErrors,
    /// What came of setting one.
    pub proof: Option<Proof>,
    /// The most bytes of a picture.
    pub most_bytes: usize,
    /// The most bytes of a sound.
    pub most_sound_bytes: usize,
}

/// What was typed for a new background.
#[derive(Debug, Clone, Default)]
pub struct UploadForm {
    /// Its name.
    pub name: String,
    /// The part to be shown: x, y, width, height; empty: its middle.
    pub crop: [String; 4],
}

/// The names of the fields of a crop, for people.
pub const CROP: [(&str, &str); 4] = [
    ("x", "From the left"),
    ("y", "From the top"),
    ("width", "Width"),
    ("height", "Height"),
];

impl BackgroundsPage {
    /// The fields of the crop: name, label, value.
    pub fn crop_fields(&self) -> Vec<(&'static str, &'static str, &str)> {
        let fields = CROP.iter().zip(&self.upload.crop);
        fields
            .map(|((name, label), value)| (*name, *label, value.as_str()))
            .collect()
    }
}

/// A kind of display.
#[derive(Debug, Clone)]
pub struct KindView {
    /// Its word.
    pub id: &'static str,
    /// The models.
    pub title: &'static str,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Whether it has no colours.
    pub grey: bool,
}

impl KindView {
    /// Half of its width, for a page.
    pub fn shown_width(&self) -> u32 {
        if self.width > 400 {
            self.width / 4
        } else {
            self.width / 2
        }
    }

    /// Its height in the same measure.
    pub fn shown_height(&self) -> u32 {
        if self.width > 400 {
            self.height / 4
        } else {
            self.height / 2
        }
    }
}

/// A background that is kept.
#[derive(Debug, Clone)]
pub struct BackgroundRow {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its pixels as uploaded, such as `1920 × 1080`.
    pub size: String,
    /// Whether a part of it was chosen.
    pub cropped: bool,
    /// By whom.
    pub by: String,
    /// When.
    pub at: When,
}

/// What came of setting a background.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The phone's number.
    pub phone: i64,
    /// Its name.
    pub name: String,
    /// The background's name.
    pub background: String,
    /// Whether the pictures show it.
    pub proved: bool,
    /// What they show, as a sentence.
    pub evidence: String,
    /// The screen before.
    pub before: Option<Shot>,
    /// The screen after.
    pub after: Option<Shot>,
}

/// A picture that travels in the page: it is kept nowhere.
#[derive(Debug, Clone)]
pub struct Shot {
    /// A `data:` address.
    pub source: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}
