//! Where the keys stand on a device, as data of its family: what a picture of the phone is drawn from.
//!
//! Lengths are units: one CSS pixel when the device is shown at its full size. Regions are pixels of the phone's own
//! picture, because that is what one clicks on.

use serde::Deserialize;

use super::{KeyGroup, Model, Size};

/// Pixels of a display that is not known.
const UNKNOWN_SCREEN: Size = Size {
    width: 320,
    height: 240,
};

/// The drawing of one or more models of a family.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faceplate {
    /// The models it is for, without `Cisco `; empty for all that no other drawing names.
    #[serde(default)]
    models: Vec<String>,
    /// Colours of the device.
    pub theme: Theme,
    /// Width and height of the whole drawing.
    pub size: [f32; 2],
    /// The body as left, top, width and height; none when paths of the decor draw it.
    #[serde(default)]
    pub body: Option<[f32; 4]>,
    /// Radius of the corners of the body.
    #[serde(default)]
    pub radius: f32,
    /// Where the display stands.
    screen: ScreenPlace,
    #[serde(default)]
    keys: Vec<Block>,
    #[serde(default)]
    ring: Option<Ring>,
    /// What is no key, from the back to the front.
    #[serde(default)]
    decor: Vec<Decor>,
    #[serde(default)]
    regions: Regions,
}

/// Colours of a device: its own, whatever the page's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// Dark body, dark keys.
    Charcoal,
    /// Grey metal with a black face and light keys.
    Silver,
    /// Black, with silver keys.
    Black,
    /// White body, light keys.
    White,
}

impl Theme {
    /// The word in class names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Charcoal => "charcoal",
            Self::Silver => "silver",
            Self::Black => "black",
            Self::White => "white",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScreenPlace {
    at: [f32; 2],
    /// Units that one pixel of the picture takes.
    zoom: f32,
    /// Pixels of the picture where they differ from what the catalogue knows of the model.
    #[serde(default)]
    pixels: Option<Size>,
}

/// Keys in rows of equal steps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    /// Names in reading order; an empty one leaves its place free.
    #[serde(default)]
    names: Vec<String>,
    /// All keys of a group, in the order of the catalogue.
    #[serde(default)]
    group: Option<KeyGroup>,
    /// First and last line key, of those the model has.
    #[serde(default)]
    lines: Option<[u8; 2]>,
    at: [f32; 2],
    size: [f32; 2],
    #[serde(default)]
    step: [f32; 2],
    /// Keys in a row.
    #[serde(default = "one")]
    columns: u16,
    #[serde(default)]
    shape: Shape,
}

fn one() -> u16 {
    1
}

/// The form of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A rectangle with small rounded corners.
    #[default]
    Plain,
    /// A circle, or a bar with round ends.
    Round,
    /// A wide bar under the display.
    Bar,
    /// A lamp key at the left of the display.
    Left,
    /// A lamp key at the right of the display.
    Right,
    /// A part of a round cluster.
    Up,
    /// As above.
    Down,
    /// As above.
    West,
    /// As above.
    East,
    /// The middle of a round cluster.
    Hub,
}

impl Shape {
    /// The word in class names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Round => "round",
            Self::Bar => "bar",
            Self::Left => "left",
            Self::Right => "right",
            Self::Up => "up",
            Self::Down => "down",
            Self::West => "west",
            Self::East => "east",
            Self::Hub => "hub",
        }
    }
}

/// A round navigation cluster.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ring {
    /// Its middle.
    pub at: [f32; 2],
    /// Its outer radius.
    pub radius: f32,
    /// The radius of its middle key.
    pub hub: f32,
}

/// A part of the device that is no key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decor {
    /// What it is.
    pub kind: DecorKind,
    /// Left and top; the middle of a disc, a camera.
    #[serde(default)]
    pub at: [f32; 2],
    /// Width and height; of a disc or a camera its diameter twice.
    #[serde(default)]
    pub size: [f32; 2],
    /// Radius of corners.
    #[serde(default)]
    pub radius: f32,
    /// An outline in the words of SVG, for `path`.
    #[serde(default)]
    pub path: String,
    /// Its colour.
    #[serde(default)]
    pub tone: Tone,
    /// The models that have it, without `Cisco `; empty for all.
    #[serde(default)]
    models: Vec<String>,
}

/// What a part of the device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecorKind {
    /// A rectangle.
    Plate,
    /// A circle.
    Disc,
    /// Any outline.
    Path,
    /// The handset on its cradle.
    Handset,
    /// Holes of a loudspeaker.
    Grille,
    /// A camera.
    Camera,
    /// The lamp of waiting messages.
    Lamp,
}

/// The colour of a part, within the theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// As the body.
    #[default]
    Body,
    /// Darker than the body.
    Shade,
    /// Lighter than the body.
    Light,
    /// The face around a display.
    Face,
    /// The edge of the body.
    Rim,
}

impl Tone {
    /// The word in class names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Shade => "shade",
            Self::Light => "light",
            Self::Face => "face",
            Self::Rim => "rim",
        }
    }
}

/// Parts of the picture that act as keys.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Regions {
    /// Height of the strip of softkey labels at the bottom, in columns of equal width.
    softkeys: u32,
    lines: Option<Rows>,
    sessions: Option<Rows>,
    /// Rows of a menu: the first is chosen by `KeyPad1`.
    rows: Option<Rows>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    x: u32,
    y: u32,
    width: u32,
    /// Height of one row.
    row: u32,
    /// Rows that fit.
    count: u8,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left.
    pub x: f32,
    /// Top.
    pub y: f32,
    /// Across.
    pub width: f32,
    /// Down.
    pub height: f32,
}

/// A key and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Its name in the `Key:` URI.
    pub key: String,
    /// Where, in units.
    pub area: Area,
    /// Its form.
    pub shape: Shape,
}

/// When a part of the picture acts as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// While no menu is open.
    NoMenu,
    /// While a menu is open.
    Menu,
}

/// A part of the picture and the key it acts as.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// The key's name.
    pub key: String,
    /// Where, in pixels of the picture.
    pub area: Area,
    /// When.
    pub when: When,
}

impl Faceplate {
    pub(super) fn is_for(&self, model: &str) -> bool {
        names(&self.models, model)
    }

    /// What is no key on this model, from the back to the front.
    pub fn decor(&self, model: &Model) -> impl Iterator<Item = &Decor> {
        self.decor.iter().filter(|part| names(&part.models, &model.name))
    }

    /// Pixels of the picture that its frame is made for.
    pub fn pixels(&self, model: &Model) -> Size {
        self.screen.pixels.or(model.screen).unwrap_or(UNKNOWN_SCREEN)
    }

    /// Units that one pixel of the picture takes.
    pub fn zoom(&self) -> f32 {
        self.screen.zoom
    }

    /// Where the display stands, in units.
    pub fn screen(&self, model: &Model) -> Area {
        let pixels = self.pixels(model);
        let [x, y] = self.screen.at;
        Area {
            x,
            y,
            width: float(pixels.width) * self.screen.zoom,
            height: float(pixels.height) * self.screen.zoom,
        }
    }

    /// The round cluster, where there is one.
    pub fn ring(&self) -> Option<Ring> {
        self.ring
    }

    /// Where each key of the model stands.
    pub fn places(&self, model: &Model) -> Vec<Place> {
        let mut places: Vec<Place> = self.keys.iter().flat_map(|block| block.places(model)).collect();
        if let Some(ring) = &self.ring {
            places.extend(ring.places(model));
        }
        places
    }

    /// The parts of the picture that act as keys.
    pub fn regions(&self, model: &Model) -> Vec<Region> {
        let pixels = self.pixels(model);
        let soft = model.keys(KeyGroup::Softkeys);
        let column = float(pixels.width) / count(soft.len().max(1));
        let height = float(self.regions.softkeys);
        let strip = soft.into_iter().filter(|_| height > 0.0).enumerate();
        let mut regions: Vec<Region> = strip
            .map(|(index, button)| Region {
                key: button.key.as_str().to_owned(),
                area: Area {
                    x: column * count(index),
                    y: float(pixels.height) - height,
                    width: column,
                    height,
                },
                when: When::Always,
            })
            .collect();
        let names = |group| {
            model
                .keys(group)
                .into_iter()
                .map(|button| button.key.as_str().to_owned())
        };
        if let Some(rows) = self.regions.lines {
            regions.extend(rows.regions(names(KeyGroup::Lines), When::NoMenu));
        }
        if let Some(rows) = self.regions.sessions {
            regions.extend(rows.regions(names(KeyGroup::Sessions), When::NoMenu));
        }
        if let Some(rows) = self.regions.rows {
            let digits = names(KeyGroup::Keypad).filter(|key| key.ends_with(|c: char| ('1'..='9').contains(&c)));
            regions.extend(rows.regions(digits, When::Menu));
        }
        regions
    }
}

impl Block {
    fn places(&self, model: &Model) -> Vec<Place> {
        let lines = self.lines.map(|[first, last]| {
            (first..=last.min(model.lines))
                .map(|number| format!("Line{number}"))
                .collect()
        });
        let grouped = self.group.map(|group| {
            let keys = model.keys(group).into_iter();
            keys.map(|button| button.key.as_str().to_owned()).collect()
        });
        let names: Vec<String> = lines.or(grouped).unwrap_or_else(|| self.names.clone());
        let columns = usize::from(self.columns.max(1));
        let place = |(index, key)| Place {
            key,
            area: Area {
                x: self.at[0] + count(index % columns) * self.step[0],
                y: self.at[1] + count(index / columns) * self.step[1],
                width: self.size[0],
                height: self.size[1],
            },
            shape: self.shape,
        };
        let numbered = names.into_iter().enumerate().filter(|(_, key)| !key.is_empty());
        numbered.map(place).collect()
    }
}

impl Ring {
    fn places(&self, model: &Model) -> Vec<Place> {
        let ([x, y], outer, hub) = (self.at, self.radius, self.hub);
        let parts = [
            ("NavUp", Shape::Up, [-hub, -outer, 2.0 * hub, outer - hub]),
            ("NavDwn", Shape::Down, [-hub, hub, 2.0 * hub, outer - hub]),
            ("NavLeft", Shape::West, [-outer, -hub, outer - hub, 2.0 * hub]),
            ("NavRight", Shape::East, [hub, -hub, outer - hub, 2.0 * hub]),
            ("NavSelect", Shape::Hub, [-hub, -hub, 2.0 * hub, 2.0 * hub]),
        ];
        let has = |name: &str| {
            let keys = model.keys(KeyGroup::Navigation);
            keys.iter().any(|button| button.key.as_str() == name)
        };
        let present = parts.into_iter().filter(|part| has(part.0));
        present
            .map(|(key, shape, [left, top, width, height])| Place {
                key: key.to_owned(),
                area: Area {
                    x: x + left,
                    y: y + top,
                    width,
                    height,
                },
                shape,
            })
            .collect()
    }
}

impl Rows {
    fn regions(self, keys: impl Iterator<Item = String>, when: When) -> Vec<Region> {
        keys.take(usize::from(self.count))
            .enumerate()
            .map(|(index, key)| Region {
                key,
                area: Area {
                    x: float(self.x),
                    y: float(self.y) + count(index) * float(self.row),
                    width: float(self.width),
                    height: float(self.row),
                },
                when,
            })
            .collect()
    }
}

impl Area {
    /// Whether two rectangles share more than an edge.
    pub fn overlaps(&self, other: &Self) -> bool {
        let apart = 0.01;
        self.x + self.width > other.x + apart
            && other.x + other.width > self.x + apart
            && self.y + self.height > other.y + apart
            && other.y + other.height > self.y + apart
    }

    /// Whether it lies within a rectangle at 0, 0.
    pub fn within(&self, width: f32, height: f32) -> bool {
        self.x >= 0.0 && self.y >= 0.0 && self.x + self.width <= width + 0.01 && self.y + self.height <= height + 0.01
    }
}

/// Whether a list names a model; an empty one names all.
fn names(list: &[String], model: &str) -> bool {
    let bare = model.trim_start_matches("Cisco ");
    list.is_empty() || list.iter().any(|name| name == bare)
}

/// Sizes of displays and counts of keys are far below what a float holds exactly.
fn float(value: u32) -> f32 {
    u16::try_from(value).map_or(f32::from(u16::MAX), f32::from)
}

fn count(value: usize) -> f32 {
    u16::try_from(value).map_or(f32::from(u16::MAX), f32::from)
}

#[cfg(test)]
mod tests {
    use super::super::{Control, generic, models};
    use super::*;

    /// The room from which on the device is drawn, in CSS pixels; `static/faceplate.css` has the same number.
    const DRAWN_FROM: f32 = 850.0;
    /// The smallest side of a key for a mouse, in CSS pixels.
    const SMALLEST: f32 = 32.0;

    fn drawn() -> impl Iterator<Item = (&'static Model, &'static Faceplate)> {
        models()
            .chain([generic()])
            .filter_map(|model| Some((model, model.faceplate()?)))
    }

    #[test]
    fn every_model_with_keys_is_drawn() {
        for model in models().chain([generic()]) {
            let keys = model.family.control != Control::None;
            assert_eq!(model.faceplate().is_some(), keys, "{}", model.name);
        }
    }

    #[test]
    fn every_key_has_exactly_one_place() {
        for (model, plate) in drawn() {
            let mut expected: Vec<String> = KeyGroup::ALL
                .into_iter()
                .flat_map(|group| model.keys(group))
                .map(|button| button.key.as_str().to_owned())
                .collect();
            let mut placed: Vec<String> = plate.places(model).into_iter().map(|place| place.key).collect();
            expected.sort();
            placed.sort();
            assert_eq!(placed, expected, "{}", model.name);
        }
    }

    #[test]
    fn keys_and_display_lie_within_the_drawing_and_apart() {
        for (model, plate) in drawn() {
            let places = plate.places(model);
            let screen = plate.screen(model);
            let [width, height] = plate.size;
            assert!(screen.within(width, height), "{}: {screen:?}", model.name);
            for (index, place) in places.iter().enumerate() {
                let name = format!("{} {}", model.name, place.key);
                assert!(place.area.within(width, height), "{name}: {:?}", place.area);
                assert!(!place.area.overlaps(&screen), "{name} is on the display");
                let scale = (DRAWN_FROM / width).min(1.0);
                let smallest = place.area.width.min(place.area.height) * scale;
                assert!(smallest >= SMALLEST, "{name} is {smallest} px small");
                for other in &places[index + 1..] {
                    assert!(!place.area.overlaps(&other.area), "{name} and {}", other.key);
                }
            }
        }
    }

    #[test]
    fn regions_lie_within_the_picture_and_act_as_keys_of_the_model() {
        for (model, plate) in drawn() {
            let pixels = plate.pixels(model);
            let regions = plate.regions(model);
            for (index, region) in regions.iter().enumerate() {
                let name = format!("{} {}", model.name, region.key);
                assert!(
                    region.area.within(float(pixels.width), float(pixels.height)),
                    "{name}: {region:?}"
                );
                assert!(model.has(&region.key.parse().unwrap()), "{name}");
                for other in &regions[index + 1..] {
                    let together =
                        region.when == other.when || region.when == When::Always || other.when == When::Always;
                    assert!(
                        !together || !region.area.overlaps(&other.area),
                        "{name} and {}",
                        other.key
                    );
                }
            }
        }
    }

    #[test]
    fn the_picture_of_an_8845_acts_as_its_keys() {
        let model = super::super::by_name("8845").unwrap();
        let regions = model.faceplate().unwrap().regions(model);
        let of = |key: &str| regions.iter().find(|region| region.key == key).unwrap().area;
        assert_eq!((of("Soft3").x, of("Soft3").y, of("Soft3").width), (400.0, 428.0, 200.0));
        assert_eq!((of("Line5").y, of("Line5").x), (344.0, 0.0));
        assert_eq!(
            (of("Session1").x, of("Session1").y, of("Session1").height),
            (400.0, 68.0, 69.0)
        );
    }
}
