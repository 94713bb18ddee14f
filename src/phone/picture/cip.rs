//! `CiscoIPPhoneImage`: pixels of 1 or 2 bits as hexadecimal digits (phone-xml-api.md 5.2).

use super::super::document;
use super::super::screenshot::PictureError;
use super::{check_size, encode};
use crate::domain::screen::Picture;

/// The grey levels of one picture, packed as the phone sent them.
struct Raster {
    size: (u32, u32),
    width: usize,
    height: usize,
    depth: usize,
    data: Vec<u8>,
}

impl Raster {
    /// Bytes when pixels run on over the ends of rows, as phones pack them.
    fn continuous(&self) -> usize {
        (self.width * self.height * self.depth).div_ceil(8)
    }

    /// Bytes when each row begins with a new byte, as some other writers pack them.
    fn padded(&self) -> usize {
        self.height * (self.width * self.depth).div_ceil(8)
    }
}

/// Whether all pixels are there. A document whose numbers cannot be read is not called cut off: asking again would not
/// mend it.
pub(super) fn is_whole(body: &[u8]) -> bool {
    let closed = body.windows(2).any(|pair| pair == b"</") && body.trim_ascii_end().ends_with(b">");
    match raster(body) {
        Ok(raster) => raster.data.len() >= raster.continuous(),
        Err(_) => closed,
    }
}

fn raster(body: &[u8]) -> Result<Raster, PictureError> {
    let root = document::parse(body).ok_or_else(|| PictureError::new("no document"))?;
    let number = |name: &str| {
        let text = root.field(name).unwrap_or_default().trim();
        text.parse::<u32>()
            .map_err(|_| PictureError::new(format!("CiscoIPPhoneImage without a usable {name}")))
    };
    let (width, height, depth) = (number("Width")?, number("Height")?, number("Depth")?);
    check_size(width, height)?;
    if !matches!(depth, 1 | 2) {
        return Err(PictureError::new(format!(
            "CiscoIPPhoneImage of depth {depth}, expected 1 or 2"
        )));
    }
    Ok(Raster {
        size: (width, height),
        width: width as usize,
        height: height as usize,
        depth: depth as usize,
        data: bytes_of_hex(root.field("Data").unwrap_or_default())?,
    })
}

/// Two digits a byte, either case, with blanks and line breaks anywhere.
fn bytes_of_hex(text: &str) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => return Err(PictureError::new("CiscoIPPhoneImage with data that is not hexadecimal")),
        };
        match high.take() {
            None => high = Some(digit),
            Some(first) => bytes.push(first << 4 | digit),
        }
    }
    Ok(bytes)
}

pub(super) fn to_png(body: &[u8]) -> Result<Picture, PictureError> {
    let raster = raster(body)?;
    if raster.data.len() < raster.continuous() {
        return Err(PictureError::new(format!(
            "CiscoIPPhoneImage of {}x{} with {} bytes of data, expected {}",
            raster.width,
            raster.height,
            raster.data.len(),
            raster.continuous()
        )));
    }
    let rows = grey_rows(&raster);
    let depth = if raster.depth == 1 {
        png::BitDepth::One
    } else {
        png::BitDepth::Two
    };
    encode(raster.size, png::ColorType::Grayscale, depth, &rows)
}

/// Rows as PNG wants them: each from a new byte, first pixel in the highest bits, 0 black. Phones have the first pixel
/// in the lowest bits and 0 white; on the greys 255, 170, 85 and 0 that is the complement.
fn grey_rows(raster: &Raster) -> Vec<u8> {
    let per_byte = 8 / raster.depth;
    let row_bytes = raster.width.div_ceil(per_byte);
    // When both packings have one length it cannot be told; the documented one is taken.
    let is_padded = raster.data.len() == raster.padded() && raster.padded() != raster.continuous();
    let stride = if is_padded { row_bytes * per_byte } else { raster.width };
    let flipped: Vec<u8> = raster.data.iter().map(|&byte| flip(byte, raster.depth)).collect();
    let mut rows = Vec::with_capacity(row_bytes * raster.height);
    for y in 0..raster.height {
        let first = y * stride;
        let (at, shift) = (first / per_byte, first % per_byte * raster.depth);
        for x in 0..row_bytes {
            let high = flipped.get(at + x).copied().unwrap_or(0);
            let low = flipped.get(at + x + 1).copied().unwrap_or(0);
            rows.push((u16::from_be_bytes([high, low]) << shift >> 8) as u8);
        }
    }
    rows
}

/// The complement of a byte with its pixels in the opposite order.
fn flip(byte: u8, depth: usize) -> u8 {
    let turned = byte.reverse_bits();
    let ordered = if depth == 1 {
        turned
    } else {
        (turned & 0x55) << 1 | (turned & 0xaa) >> 1
    };
    !ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(width: u32, height: u32, depth: u32, data: &str) -> Vec<u8> {
        format!(
            "<?xml version=\"1.0\"?><CiscoIPPhoneImage><Title/><LocationX>-1</LocationX><Width>{width}</Width><Height>{height}</Height>\
             <Depth>{depth}</Depth><Data>{data}</Data></CiscoIPPhoneImage>"
        )
        .into_bytes()
    }

    fn greys(body: &[u8]) -> Vec<u8> {
        let picture = to_png(body).unwrap();
        image::load_from_memory(&picture.bytes).unwrap().into_luma8().into_raw()
    }

    #[test]
    fn the_worked_example_in_both_packings() {
        let expected = [0, 255, 255, 255, 0, 255, 85, 170, 85, 255, 0, 0, 0, 0, 0];
        assert_eq!(greys(&document(5, 3, 2, "0363F23F")), expected);
        assert_eq!(greys(&document(5, 3, 2, " 03 63\nf2 3f ")), expected);
        assert_eq!(greys(&document(5, 3, 2, "03039800FF03")), expected);
        assert_eq!(greys(&document(4, 1, 2, "2D")), [170, 0, 85, 255]);
    }

    #[test]
    fn one_bit_a_pixel() {
        assert_eq!(greys(&document(3, 2, 1, "1D")), [0, 255, 0, 0, 0, 255]);
        assert_eq!(greys(&document(3, 2, 1, "0503")), [0, 255, 0, 0, 0, 255]);
    }

    #[test]
    fn what_is_cut_short_is_seen_and_refused() {
        let whole = document(5, 3, 2, "0363F23F");
        assert!(is_whole(&whole));
        for cut in [document(5, 3, 2, "0363"), whole[..whole.len() - 45].to_vec()] {
            assert!(!is_whole(&cut));
            assert!(to_png(&cut).is_err());
        }
        assert!(to_png(&document(5000, 3, 2, "00")).is_err());
        assert!(to_png(&document(5, 3, 4, "00")).is_err());
        assert!(to_png(&document(1, 1, 2, "0G")).is_err());
    }
}
