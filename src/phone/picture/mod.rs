//! From what phones send to what browsers show.

mod bmp;
mod cip;

use bytes::Bytes;

use super::document;
use super::screenshot::{PictureError, ShotKind};
use crate::domain::screen::{Picture, ScreenFormat};

/// The largest width and height that are decoded, in pixels; the largest display of a phone is 1280x720.
const MAX_SIDE: u32 = 4096;

/// The form of a picture by its first bytes or its root element; none when it is no picture. Content type, file name
/// and model are not asked: all three are wrong on some phones (phone-xml-api.md 5.1).
pub fn kind_of(body: &[u8]) -> Option<ShotKind> {
    match body {
        [0x89, b'P', b'N', b'G', ..] => Some(ShotKind::Png),
        [b'B', b'M', ..] => Some(ShotKind::Bmp),
        [0xff, 0xd8, 0xff, ..] => Some(ShotKind::Jpeg),
        _ => document::root_name(body)
            .filter(|name| name.eq_ignore_ascii_case("CiscoIPPhoneImage"))
            .map(|_| ShotKind::CipImage),
    }
}

/// Whether the picture is whole, as far as that shows without decoding it.
pub fn is_whole(kind: ShotKind, body: &[u8]) -> bool {
    match kind {
        ShotKind::Png => is_whole_png(body),
        ShotKind::Jpeg => {
            let end = body.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
            body[..end].ends_with(&[0xff, 0xd9])
        }
        ShotKind::Bmp => bmp::is_whole(body),
        ShotKind::CipImage => cip::is_whole(body),
    }
}

/// The picture for browsers: PNG and JPEG as they came, the rest as PNG. Work for a blocking thread.
///
/// # Errors
/// When the body is no picture of its kind, or larger than 4096x4096.
pub fn convert(kind: ShotKind, body: &Bytes) -> Result<Picture, PictureError> {
    match kind {
        ShotKind::Png => {
            let (width, height) = png_size(body).ok_or_else(|| PictureError::new("a PNG without a header"))?;
            as_it_came(body, ScreenFormat::Png, width, height)
        }
        ShotKind::Jpeg => {
            let (width, height) = jpeg_size(body).ok_or_else(|| PictureError::new("a JPEG without a frame"))?;
            as_it_came(body, ScreenFormat::Jpeg, width, height)
        }
        ShotKind::Bmp => bmp::to_png(body),
        ShotKind::CipImage => cip::to_png(body),
    }
}

fn as_it_came(body: &Bytes, format: ScreenFormat, width: u32, height: u32) -> Result<Picture, PictureError> {
    check_size(width, height)?;
    Ok(Picture {
        bytes: body.clone(),
        format,
        width,
        height,
    })
}

fn check_size(width: u32, height: u32) -> Result<(), PictureError> {
    if (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height) {
        Ok(())
    } else {
        Err(PictureError::new(format!(
            "{width}x{height} pixels, expected 1 to {MAX_SIDE} each"
        )))
    }
}

/// Encodes rows as PNG.
fn encode(
    (width, height): (u32, u32),
    color: png::ColorType,
    depth: png::BitDepth,
    rows: &[u8],
) -> Result<Picture, PictureError> {
    let mut bytes = Vec::with_capacity(rows.len() / 8 + 1024);
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.set_compression(png::Compression::Fast);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(rows)?;
        writer.finish()
    });
    written.map_err(|error| PictureError::new(error.to_string()))?;
    // It is kept as long as somebody looks.
    bytes.shrink_to_fit();
    Ok(Picture {
        bytes: Bytes::from(bytes),
        format: ScreenFormat::Png,
        width,
        height,
    })
}

fn big_endian(body: &[u8], at: usize) -> Option<u32> {
    body.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn png_size(body: &[u8]) -> Option<(u32, u32)> {
    let header = body.starts_with(b"\x89PNG\r\n\x1a\n") && body.get(12..16) == Some(b"IHDR".as_slice());
    header.then_some(())?;
    Some((big_endian(body, 16)?, big_endian(body, 20)?))
}

/// Walks the chunks to `IEND`.
fn is_whole_png(body: &[u8]) -> bool {
    let mut at = 8_usize;
    while let Some(length) = big_endian(body, at) {
        let end = at.saturating_add(length as usize).saturating_add(12);
        if body.len() < end {
            return false;
        }
        if body.get(at + 4..at + 8) == Some(b"IEND".as_slice()) {
            return true;
        }
        at = end;
    }
    false
}

/// Width and height from the first start-of-frame segment.
fn jpeg_size(body: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2_usize;
    loop {
        while *body.get(at)? == 0xff && body.get(at + 1) == Some(&0xff) {
            at += 1;
        }
        let (lead, marker) = (*body.get(at)?, *body.get(at + 1)?);
        if lead != 0xff || marker == 0xd9 {
            return None;
        }
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            at += 2;
            continue;
        }
        let word =
            |offset: usize| Some(u32::from(*body.get(at + offset)?) << 8 | u32::from(*body.get(at + offset + 1)?));
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            return Some((word(7)?, word(5)?));
        }
        at += 2 + usize::try_from(word(2)?.max(2)).ok()?;
    }
}
