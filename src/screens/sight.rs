//! What a picture shows beside its clock: a number that is equal for equal screens.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};
use sha2::{Digest as _, Sha256};

use crate::domain::screen::{Picture, ScreenFormat};

/// The largest picture that is decoded, in pixels a side, as for pictures of phones.
const LARGEST_SIDE: u32 = 4096;
/// The part of the height, from above, that holds the status bar with the clock: an eighth on every family.
const BAR: u32 = 8;

/// The picture cannot be read; it is equal to none.
#[derive(Debug, thiserror::Error)]
#[error("the picture cannot be read: {0}")]
pub struct SightError(#[from] image::ImageError);

/// The SHA-256 of a picture's size and pixels below its status bar. Equal for equal pixels only, however they are encoded.
/// Work for a blocking thread.
///
/// # Errors
/// When the picture cannot be decoded.
pub fn sight(picture: &Picture) -> Result<[u8; 32], SightError> {
    let format = match picture.format {
        ScreenFormat::Png => ImageFormat::Png,
        ScreenFormat::Jpeg => ImageFormat::Jpeg,
    };
    let mut reader = ImageReader::with_format(Cursor::new(&picture.bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE);
    limits.max_image_height = Some(LARGEST_SIDE);
    reader.limits(limits);
    let image = reader.decode()?.into_rgb8();
    let (width, height) = image.dimensions();
    let bar = usize::try_from(height / BAR * width).unwrap_or(0) * 3;
    let mut hash = Sha256::new();
    hash.update(width.to_be_bytes());
    hash.update(height.to_be_bytes());
    hash.update(image.as_raw().get(bar..).unwrap_or_default());
    Ok(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use image::{DynamicImage, Rgb, RgbImage};

    fn picture(dots: &[(u32, u32)]) -> Picture {
        let mut image = RgbImage::new(16, 16);
        for (x, y) in dots {
            image.put_pixel(*x, *y, Rgb([255, 255, 255]));
        }
        let mut bytes = Vec::new();
        DynamicImage::from(image)
            .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
            .unwrap();
        Picture {
            bytes: Bytes::from(bytes),
            format: ScreenFormat::Png,
            width: 16,
            height: 16,
        }
    }

    #[test]
    fn the_clock_is_no_difference_and_every_other_dot_is() {
        let plain = sight(&picture(&[])).unwrap();
        assert_eq!(plain, sight(&picture(&[(3, 0), (9, 1)])).unwrap());
        assert_ne!(plain, sight(&picture(&[(3, 2)])).unwrap());
        let broken = Picture {
            bytes: Bytes::from_static(b"none"),
            ..picture(&[])
        };
        assert!(sight(&broken).is_err());
    }
}
