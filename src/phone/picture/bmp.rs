//! Windows bitmaps of any depth.
//!
//! The `image` crate decodes all depths, row orders and run lengths to RGB (tests check each). Its indexed mode is not
//! used: it panics on depths below 8 and on run lengths.

use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::{ColorType, ImageDecoder};

use super::super::screenshot::PictureError;
use super::{check_size, encode};
use crate::domain::screen::Picture;

/// What the headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    /// Length of the whole file; some writers leave 0.
    file_length: usize,
    pixels_at: usize,
    width: u32,
    height: u32,
    bits: u32,
    is_run_length: bool,
}

fn word(body: &[u8], at: usize) -> Option<u32> {
    body.get(at..at + 2)?
        .try_into()
        .ok()
        .map(|bytes| u32::from(u16::from_le_bytes(bytes)))
}

fn long(body: &[u8], at: usize) -> Option<u32> {
    body.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn header(body: &[u8]) -> Option<Header> {
    body.starts_with(b"BM").then_some(())?;
    let file_length = long(body, 2)? as usize;
    let pixels_at = long(body, 10)? as usize;
    // 12 bytes: the header of OS/2, with sides of 16 bits.
    if long(body, 14)? == 12 {
        return Some(Header {
            file_length,
            pixels_at,
            width: word(body, 18)?,
            height: word(body, 20)?,
            bits: word(body, 24)?,
            is_run_length: false,
        });
    }
    Some(Header {
        file_length,
        pixels_at,
        width: long(body, 18)?,
        // A negative height means rows from the top.
        height: long(body, 22)?.cast_signed().unsigned_abs(),
        bits: word(body, 28)?,
        is_run_length: matches!(long(body, 30)?, 1 | 2),
    })
}

/// Whether all rows are there; for run-length coding, whether the file is as long as it says.
pub(super) fn is_whole(body: &[u8]) -> bool {
    let Some(header) = header(body) else {
        return false;
    };
    if header.is_run_length {
        return body.len() >= header.file_length;
    }
    let row = (u64::from(header.width) * u64::from(header.bits)).div_ceil(32) * 4;
    let pixels = row.saturating_mul(u64::from(header.height));
    u64::try_from(body.len()).is_ok_and(|length| length >= pixels.saturating_add(header.pixels_at as u64))
}

pub(super) fn to_png(body: &[u8]) -> Result<Picture, PictureError> {
    let header = header(body).ok_or_else(|| PictureError::new("a BMP without a header"))?;
    check_size(header.width, header.height)?;
    let failed = |error: image::ImageError| PictureError::new(format!("BMP: {error}"));
    let decoder = BmpDecoder::new(Cursor::new(body)).map_err(failed)?;
    let size = decoder.dimensions();
    check_size(size.0, size.1)?;
    let is_alpha = decoder.color_type() == ColorType::Rgba8;
    let pixels = size.0 as usize * size.1 as usize;
    let mut rows = vec![0; pixels * if is_alpha { 4 } else { 3 }];
    decoder.read_image(&mut rows).map_err(failed)?;
    if is_alpha {
        // Displays have no alpha; writers that declare one leave it 0, which would make the picture invisible.
        rows = rows
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect();
    }
    encode(size, png::ColorType::Rgb, png::BitDepth::Eight, &rows)
}
