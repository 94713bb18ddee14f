//! Painting over parts of a picture, for good.

use std::io::Cursor;

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, ImageReader, Limits, Rgb};

use crate::domain::screen::{Picture, ScreenFormat};

/// The colour of what was painted over; told apart from the black of a dark display.
pub const PAINT: [u8; 3] = [0x6b, 0x72, 0x80];
/// The largest picture that is decoded, in pixels a side, as for pictures of phones.
const LARGEST_SIDE: u32 = 4096;

/// A part of a picture, in its pixels from the upper left corner. What lies outside the picture is no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    /// Pixels from the left edge.
    pub x: u32,
    /// Pixels from the upper edge.
    pub y: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// The picture cannot be read or written; nothing of it may be shown then.
#[derive(Debug, thiserror::Error)]
#[error("the picture cannot be painted over: {0}")]
pub struct MaskError(#[from] image::ImageError);

/// The picture with these parts painted over: decoded, filled and encoded anew as PNG, so that no byte of what was
/// there is left, nor any note that the file carried. Work for a blocking thread.
///
/// # Errors
/// When the picture cannot be decoded.
pub fn mask(picture: &Picture, parts: &[Rect]) -> Result<Picture, MaskError> {
    let format = match picture.format {
        ScreenFormat::Png => ImageFormat::Png,
        ScreenFormat::Jpeg => ImageFormat::Jpeg,
    };
    let mut reader = ImageReader::with_format(Cursor::new(&picture.bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE);
    limits.max_image_height = Some(LARGEST_SIDE);
    reader.limits(limits);
    let mut image = reader.decode()?.into_rgb8();
    let (width, height) = image.dimensions();
    for part in parts {
        for y in part.y.min(height)..part.y.saturating_add(part.height).min(height) {
            for x in part.x.min(width)..part.x.saturating_add(part.width).min(width) {
                image.put_pixel(x, y, Rgb(PAINT));
            }
        }
    }
    let mut bytes = Vec::new();
    DynamicImage::from(image).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
    Ok(Picture {
        bytes: Bytes::from(bytes),
        format: ScreenFormat::Png,
        width,
        height,
    })
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    fn picture(format: ImageFormat) -> Picture {
        let image = RgbImage::from_fn(40, 30, |x, y| {
            Rgb([u8::try_from(x * 6).unwrap(), u8::try_from(y * 8).unwrap(), 9])
        });
        let mut bytes = Vec::new();
        DynamicImage::from(image)
            .write_to(&mut Cursor::new(&mut bytes), format)
            .unwrap();
        Picture {
            bytes: bytes.into(),
            format: if format == ImageFormat::Png {
                ScreenFormat::Png
            } else {
                ScreenFormat::Jpeg
            },
            width: 40,
            height: 30,
        }
    }

    #[test]
    fn what_is_masked_is_gone_and_the_rest_stays() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let before = picture(format);
            let part = Rect {
                x: 5,
                y: 6,
                width: 10,
                height: 7,
            };
            let beyond = Rect {
                x: 38,
                y: 28,
                width: u32::MAX,
                height: u32::MAX,
            };
            let masked = mask(&before, &[part, beyond]).unwrap();
            assert_eq!((masked.width, masked.height), (40, 30));
            let was = image::load_from_memory(&before.bytes).unwrap().into_rgb8();
            let is = image::load_from_memory(&masked.bytes).unwrap().into_rgb8();
            for (x, y, pixel) in is.enumerate_pixels() {
                let hidden = (5..15).contains(&x) && (6..13).contains(&y) || x >= 38 && y >= 28;
                let expected = if hidden { Rgb(PAINT) } else { *was.get_pixel(x, y) };
                assert_eq!(*pixel, expected, "{x},{y}");
            }
        }
    }

    #[test]
    fn what_is_no_picture_is_not_let_through() {
        let mut broken = picture(ImageFormat::Png);
        broken.bytes = broken.bytes.slice(..20);
        assert!(mask(&broken, &[]).is_err());
    }
}
