//! From an uploaded picture to what a phone takes.

use std::io::Cursor;

use bytes::Bytes;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, ImageReader, Limits as Bounds};

use crate::domain::catalogue::Size;
use crate::reach::limits;

/// The most that a decoded picture may take: a file of some hundred bytes can claim gigabytes.
const MOST_DECODED: u64 = 128 * 1024 * 1024;
/// A part of a picture has at least so many pixels a side.
const LEAST_SIDE: u32 = 8;

/// The part of a picture that matters, in its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crop {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Across.
    pub width: u32,
    /// Down.
    pub height: u32,
}

impl Crop {
    /// As the store keeps it.
    pub(super) fn to_stored(self) -> String {
        format!("{},{},{},{}", self.x, self.y, self.width, self.height)
    }

    pub(super) fn from_stored(text: &str) -> Option<Self> {
        let numbers: Vec<u32> = text.split(',').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        match numbers[..] {
            [x, y, width, height] => Some(Self { x, y, width, height }),
            _ => None,
        }
    }

    fn fits(self, size: Size) -> bool {
        self.width >= LEAST_SIDE
            && self.height >= LEAST_SIDE
            && self.x.checked_add(self.width).is_some_and(|right| right <= size.width)
            && self
                .y
                .checked_add(self.height)
                .is_some_and(|bottom| bottom <= size.height)
    }
}

/// What an uploaded picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// `png` or `jpeg`.
    pub format: &'static str,
    /// Its pixels.
    pub size: Size,
}

/// Looks whether a file is a picture that can be used, by decoding it once. Work for a blocking thread.
///
/// # Errors
/// What is wrong with it, as a sentence without a full stop.
pub fn examine(bytes: &[u8], crop: Option<Crop>) -> Result<Kind, String> {
    let (format, word) = match image::guess_format(bytes) {
        Ok(format @ ImageFormat::Png) => (format, "png"),
        Ok(format @ ImageFormat::Jpeg) => (format, "jpeg"),
        _ => return Err("the picture must be a PNG or a JPEG".to_owned()),
    };
    let (width, height) = ImageReader::with_format(Cursor::new(bytes), format)
        .into_dimensions()
        .map_err(|error| format!("the picture is broken: {error}"))?;
    let size = Size { width, height };
    let most = limits().picture_side;
    if width > most || height > most {
        return Err(format!(
            "the picture has {width}x{height} pixels; {most}x{most} is the most"
        ));
    }
    if width < LEAST_SIDE || height < LEAST_SIDE {
        return Err(format!("the picture has {width}x{height} pixels only"));
    }
    if crop.is_some_and(|crop| !crop.fits(size)) {
        return Err(format!(
            "the part to be shown does not lie inside the {width}x{height} pixels"
        ));
    }
    decode(bytes)?;
    Ok(Kind { format: word, size })
}

fn reader(bytes: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, String> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| format!("the picture cannot be read: {error}"))?;
    let mut bounds = Bounds::default();
    bounds.max_image_width = Some(limits().picture_side);
    bounds.max_image_height = Some(limits().picture_side);
    bounds.max_alloc = Some(MOST_DECODED);
    reader.limits(bounds);
    Ok(reader)
}

/// Decodes a picture within the limits.
fn decode(bytes: &[u8]) -> Result<DynamicImage, String> {
    reader(bytes)?.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => format!(
            "the picture takes more than {} MB when it is unpacked",
            MOST_DECODED / 1024 / 1024
        ),
        other => format!("the picture is broken: {other}"),
    })
}

/// A PNG of exactly this size: the largest part of the picture (of `crop`, where there is one) that has its shape, from
/// the middle. Work for a blocking thread.
///
/// # Errors
/// What is wrong with the picture.
pub fn make(bytes: &[u8], crop: Option<Crop>, size: Size, grey: bool) -> Result<Bytes, String> {
    let picture = decode(bytes)?;
    let whole = Crop {
        x: 0,
        y: 0,
        width: picture.width(),
        height: picture.height(),
    };
    let part = shaped(crop.unwrap_or(whole), size);
    let picture = picture.crop_imm(part.x, part.y, part.width, part.height);
    let picture = picture.resize_exact(size.width, size.height, FilterType::Lanczos3);
    // Phones know no transparency: what is behind it is white.
    let picture = if picture.color().has_alpha() {
        on_white(&picture)
    } else {
        picture
    };
    let picture = if grey {
        DynamicImage::ImageLuma8(picture.to_luma8())
    } else {
        DynamicImage::ImageRgb8(picture.to_rgb8())
    };
    let mut png = Cursor::new(Vec::new());
    picture
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|error| format!("the picture cannot be written: {error}"))?;
    Ok(Bytes::from(png.into_inner()))
}

fn on_white(picture: &DynamicImage) -> DynamicImage {
    let mut under = image::RgbaImage::from_pixel(picture.width(), picture.height(), image::Rgba([255; 4]));
    image::imageops::overlay(&mut under, &picture.to_rgba8(), 0, 0);
    DynamicImage::ImageRgba8(under)
}

/// The largest middle part with the shape of a size.
fn shaped(part: Crop, size: Size) -> Crop {
    let scaled = |length: u32, to: u32, by: u32| {
        let length = u64::from(length) * u64::from(to) / u64::from(by.max(1));
        u32::try_from(length).unwrap_or(u32::MAX).max(1)
    };
    let width = scaled(part.height, size.width, size.height).min(part.width);
    let height = scaled(part.width, size.height, size.width).min(part.height);
    Crop {
        x: part.x + (part.width - width) / 2,
        y: part.y + (part.height - height) / 2,
        width,
        height,
    }
}

/// How much of a picture differs from another, 0 to 1; none when they cannot be compared. Work for a blocking thread.
pub fn difference(before: &[u8], after: &[u8]) -> Option<f64> {
    /// Steps of one colour below which two pixels are one: JPEG never gives the same twice.
    const NOISE: u8 = 24;
    let (Ok(before), Ok(after)) = (decode(before), decode(after)) else {
        return None;
    };
    let (before, after) = (before.to_rgb8(), after.to_rgb8());
    if before.dimensions() != after.dimensions() {
        return None;
    }
    let differs = |(one, other): (&image::Rgb<u8>, &image::Rgb<u8>)| {
        one.0
            .iter()
            .zip(other.0)
            .any(|(one, other)| one.abs_diff(other) > NOISE)
    };
    let pixels = u32::try_from(before.pixels().len()).unwrap_or(u32::MAX).max(1);
    let changed = before
        .pixels()
        .zip(after.pixels())
        .filter(|pair| differs(*pair))
        .count();
    Some(f64::from(u32::try_from(changed).unwrap_or(u32::MAX)) / f64::from(pixels))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(picture: &DynamicImage) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    /// Red on the left, blue on the right.
    fn halves(width: u32, height: u32) -> Vec<u8> {
        let picture = image::RgbImage::from_fn(width, height, |x, _| {
            image::Rgb(if x < width / 2 { [255, 0, 0] } else { [0, 0, 255] })
        });
        png(&DynamicImage::ImageRgb8(picture))
    }

    fn size(width: u32, height: u32) -> Size {
        Size { width, height }
    }

    #[test]
    fn the_middle_is_kept_in_the_shape_of_the_display() {
        let whole = |width, height| Crop {
            x: 0,
            y: 0,
            width,
            height,
        };
        let part = |x, y, width, height| Crop { x, y, width, height };
        assert_eq!(shaped(whole(1600, 480), size(800, 480)), part(400, 0, 800, 480));
        assert_eq!(shaped(whole(800, 960), size(800, 480)), part(0, 240, 800, 480));
        assert_eq!(shaped(part(10, 10, 95, 34), size(95, 34)), part(10, 10, 95, 34));
        assert_eq!(shaped(whole(8, 8_000), size(800, 480)), part(0, 3_998, 8, 4));
    }

    #[test]
    fn a_part_is_cut_out_and_greys_are_grey() {
        let picture = halves(200, 100);
        let right = Crop {
            x: 100,
            y: 0,
            width: 100,
            height: 100,
        };
        let made = make(&picture, Some(right), size(80, 53), false).unwrap();
        let seen = image::load_from_memory(&made).unwrap().to_rgb8();
        assert_eq!((seen.dimensions(), seen.get_pixel(2, 2).0), ((80, 53), [0, 0, 255]));
        let grey = make(&picture, None, size(95, 34), true).unwrap();
        assert_eq!(image::load_from_memory(&grey).unwrap().color(), image::ColorType::L8);
        let clear = DynamicImage::ImageRgba8(image::RgbaImage::new(50, 50));
        let made = make(&png(&clear), None, size(10, 10), false).unwrap();
        assert_eq!(
            image::load_from_memory(&made).unwrap().to_rgb8().get_pixel(5, 5).0,
            [255; 3]
        );
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let whole = halves(64, 64);
        assert_eq!(examine(&whole, None).unwrap().size, size(64, 64));
        assert!(examine(b"GIF89a", None).unwrap_err().contains("PNG or a JPEG"));
        assert!(examine(&whole[..whole.len() / 2], None).unwrap_err().contains("broken"));
        let outside = Crop {
            x: 60,
            y: 0,
            width: 10,
            height: 10,
        };
        assert!(examine(&whole, Some(outside)).unwrap_err().contains("inside"));
        assert!(examine(&halves(9_000, 8), None).unwrap_err().contains("8000x8000"));
        assert!(examine(&halves(4, 4), None).unwrap_err().contains("only"));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        // 8000x8000 in colours takes 192 MB, though the file has some hundred KB.
        let bomb = png(&DynamicImage::ImageRgb8(image::RgbImage::new(8_000, 8_000)));
        assert!(examine(&bomb, None).unwrap_err().contains("unpacked"));
    }

    #[test]
    fn a_clock_that_moved_is_little_and_another_background_much() {
        let one = halves(100, 100);
        assert!(difference(&one, &one).unwrap() < f64::EPSILON);
        let other = png(&DynamicImage::ImageRgb8(image::RgbImage::new(100, 100)));
        assert!(difference(&one, &other).unwrap() > 0.99);
    }

    #[test]
    fn what_cannot_be_compared_proves_nothing() {
        let one = halves(100, 100);
        assert_eq!(difference(&one, b"no picture"), None);
        assert_eq!(difference(&one, &halves(100, 101)), None);
    }

    #[test]
    fn a_crop_reads_back() {
        let crop = Crop {
            x: 1,
            y: 2,
            width: 30,
            height: 40,
        };
        assert_eq!(Crop::from_stored(&crop.to_stored()), Some(crop));
        assert_eq!(Crop::from_stored("1,2,3"), None);
    }
}
