//! Pixels, rectangles and text.

use std::convert::Infallible;
use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef, ScaleFont as _, point};
use embedded_graphics::Drawable as _;
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor as _};
use embedded_graphics::prelude::{DrawTarget, OriginDimensions, Pixel, Point, Size};
use embedded_graphics::text::{Baseline, Text};
use image::RgbImage;

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];

/// A picture in the making.
#[derive(Debug)]
pub(super) struct Canvas {
    width: i32,
    height: i32,
    pixels: Vec<Rgb>,
}

/// A font at a size.
#[derive(Debug, Clone, Copy)]
pub(super) enum Type {
    /// A font of pixels, for displays without greys.
    Pixels(&'static MonoFont<'static>),
    /// A smooth font of this height in pixels.
    Smooth { size: f32, bold: bool },
}

static REGULAR: LazyLock<FontRef<'static>> = LazyLock::new(|| font(include_bytes!("fonts/DejaVuSans.ttf")));
static BOLD: LazyLock<FontRef<'static>> = LazyLock::new(|| font(include_bytes!("fonts/DejaVuSans-Bold.ttf")));

fn font(file: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(file).expect("the vendored font is whole")
}

impl Type {
    fn smooth(bold: bool) -> &'static FontRef<'static> {
        if bold { &BOLD } else { &REGULAR }
    }

    /// Height of a line of text.
    pub(super) fn height(self) -> i32 {
        match self {
            Self::Pixels(font) => signed(font.character_size.height),
            Self::Smooth { size, .. } => whole(size),
        }
    }

    /// Width of a text.
    pub(super) fn width(self, text: &str) -> i32 {
        match self {
            Self::Pixels(font) => {
                signed(font.character_size.width) * i32::try_from(text.chars().count()).unwrap_or(i32::MAX / 64)
            }
            Self::Smooth { size, bold } => {
                let font = Self::smooth(bold).as_scaled(size);
                whole(text.chars().map(|letter| font.h_advance(font.glyph_id(letter))).sum())
            }
        }
    }

    /// The text, cut with dots where it is wider than the room.
    pub(super) fn fit(self, text: &str, room: i32) -> String {
        if self.width(text) <= room {
            return text.to_owned();
        }
        let mut cut = text.to_owned();
        while cut.pop().is_some() {
            let dotted = format!("{}...", cut.trim_end());
            if self.width(&dotted) <= room {
                return dotted;
            }
        }
        cut
    }

    /// The text in lines no wider than the room, broken at blanks.
    pub(super) fn wrap(self, text: &str, room: i32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let longer = if line.is_empty() {
                    word.to_owned()
                } else {
                    format!("{line} {word}")
                };
                if self.width(&longer) <= room || line.is_empty() {
                    line = longer;
                } else {
                    lines.push(std::mem::replace(&mut line, word.to_owned()));
                }
            }
            lines.push(line);
        }
        lines
    }
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32, background: Rgb) -> Self {
        let (width, height) = (signed(width), signed(height));
        let count = usize::try_from(width * height).unwrap_or(0);
        Self {
            width,
            height,
            pixels: vec![background; count],
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width.unsigned_abs() as usize
    }

    pub(super) fn height(&self) -> usize {
        self.height.unsigned_abs() as usize
    }

    pub(super) fn pixels(&self) -> &[Rgb] {
        &self.pixels
    }

    fn pixel(&mut self, x: i32, y: i32) -> Option<&mut Rgb> {
        if !(0..self.width).contains(&x) || !(0..self.height).contains(&y) {
            return None;
        }
        self.pixels.get_mut(usize::try_from(y * self.width + x).ok()?)
    }

    /// Fills a rectangle; what lies outside is cut off.
    pub(super) fn fill(&mut self, x: i32, y: i32, width: i32, height: i32, colour: Rgb) {
        for row in y.max(0)..(y + height).min(self.height) {
            let from = usize::try_from(row * self.width + x.clamp(0, self.width)).unwrap_or(0);
            let to = usize::try_from(row * self.width + (x + width).clamp(0, self.width)).unwrap_or(0);
            if let Some(run) = self.pixels.get_mut(from..to) {
                run.fill(colour);
            }
        }
    }

    /// A picture with its upper left corner at a place; what lies outside is cut off.
    pub(super) fn picture(&mut self, x: i32, y: i32, picture: &RgbImage) {
        for (column, row, colour) in picture.enumerate_pixels() {
            if let Some(pixel) = self.pixel(x + signed(column), y + signed(row)) {
                *pixel = colour.0;
            }
        }
    }

    /// Fills a rectangle from one colour at the top to another at the bottom.
    pub(super) fn shade(&mut self, y: i32, height: i32, top: Rgb, bottom: Rgb) {
        for row in 0..height {
            let blend = |from: u8, to: u8| {
                let value = (i32::from(from) * (height - row) + i32::from(to) * row) / height.max(1);
                u8::try_from(value).unwrap_or(u8::MAX)
            };
            let colour = [
                blend(top[0], bottom[0]),
                blend(top[1], bottom[1]),
                blend(top[2], bottom[2]),
            ];
            self.fill(0, y + row, self.width, 1, colour);
        }
    }

    /// Draws the outline of a rectangle.
    pub(super) fn frame(&mut self, x: i32, y: i32, width: i32, height: i32, colour: Rgb) {
        self.fill(x, y, width, 1, colour);
        self.fill(x, y + height - 1, width, 1, colour);
        self.fill(x, y, 1, height, colour);
        self.fill(x + width - 1, y, 1, height, colour);
    }

    /// Fills a circle.
    pub(super) fn disc(&mut self, x: i32, y: i32, radius: i32, colour: Rgb) {
        for row in -radius..=radius {
            let half = (0..=radius)
                .rev()
                .find(|half| half * half + row * row <= radius * radius)
                .unwrap_or(0);
            self.fill(x - half, y + row, half * 2 + 1, 1, colour);
        }
    }

    /// Writes text with its upper left corner at a point.
    pub(super) fn text(&mut self, x: i32, y: i32, font: Type, colour: Rgb, text: &str) {
        match font {
            Type::Pixels(mono) => {
                let style = MonoTextStyle::new(mono, Rgb888::new(colour[0], colour[1], colour[2]));
                let Ok(_) = Text::with_baseline(text, Point::new(x, y), style, Baseline::Top).draw(self);
            }
            Type::Smooth { size, bold } => self.smooth_text((x, y), Type::smooth(bold), size, colour, text),
        }
    }

    /// Writes text that ends at `x`.
    pub(super) fn text_right(&mut self, x: i32, y: i32, font: Type, colour: Rgb, text: &str) {
        self.text(x - font.width(text), y, font, colour, text);
    }

    /// Writes text with its middle at `x`.
    pub(super) fn text_middle(&mut self, x: i32, y: i32, font: Type, colour: Rgb, text: &str) {
        self.text(x - font.width(text) / 2, y, font, colour, text);
    }

    fn smooth_text(&mut self, at: (i32, i32), font: &FontRef<'static>, size: f32, colour: Rgb, text: &str) {
        let scaled = font.as_scaled(size);
        let mut pen = 0.0;
        for letter in text.chars() {
            let id = scaled.glyph_id(letter);
            let glyph = id.with_scale_and_position(size, point(pen, scaled.ascent()));
            pen += scaled.h_advance(id);
            let Some(outline) = font.outline_glyph(glyph) else {
                continue;
            };
            let bounds = outline.px_bounds();
            let (left, top) = (at.0 + whole(bounds.min.x), at.1 + whole(bounds.min.y));
            outline.draw(|x, y, cover| {
                if let Some(pixel) = self.pixel(left + signed(x), top + signed(y)) {
                    for (under, over) in pixel.iter_mut().zip(colour) {
                        let mixed = f32::from(*under) + (f32::from(over) - f32::from(*under)) * cover.min(1.0);
                        *under = u8::try_from(whole(mixed)).unwrap_or(u8::MAX);
                    }
                }
            });
        }
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.width.unsigned_abs(), self.height.unsigned_abs())
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(at, colour) in pixels {
            if let Some(pixel) = self.pixel(at.x, at.y) {
                *pixel = [colour.r(), colour.g(), colour.b()];
            }
        }
        Ok(())
    }
}

fn signed(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

#[expect(clippy::cast_possible_truncation, reason = "pixel positions of a small display")]
fn whole(value: f32) -> i32 {
    value.round() as i32
}
