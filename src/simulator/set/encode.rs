//! From pixels to the file that each model sends. Own code: the clients' decoders are not involved.

use std::fmt::Write as _;

use bytes::Bytes;

use super::canvas::{Canvas, Rgb};
use super::profiles::{Form, Screen};
use super::types::Encoded;

pub(super) fn encode(canvas: &Canvas, screen: &Screen, device_name: &str) -> Encoded {
    match screen.form {
        Form::CipXml { row_padded } => {
            let levels: Vec<u8> = canvas.pixels().iter().map(|pixel| 3 - (luma(*pixel) / 64)).collect();
            Encoded {
                content_type: "text/xml",
                body: cip_xml(&levels, canvas, row_padded, device_name).into(),
            }
        }
        Form::Bmp { bits, bottom_up } => Encoded {
            content_type: "image/bmp",
            body: bmp(canvas, screen, bits, bottom_up).into(),
        },
        Form::Png => Encoded {
            content_type: "image/png",
            body: png(canvas, screen.colour),
        },
    }
}

/// Four pixels a byte, the first in the lowest bits; 0 is white, 3 black (section 5.2).
fn pack_levels(levels: &[u8]) -> Vec<u8> {
    let byte = |four: &[u8]| four.iter().rev().fold(0, |byte, level| byte << 2 | level);
    levels.chunks(4).map(byte).collect()
}

fn cip_data(levels: &[u8], width: usize, row_padded: bool) -> String {
    let packed = if row_padded {
        levels.chunks(width).flat_map(pack_levels).collect()
    } else {
        pack_levels(levels)
    };
    packed
        .iter()
        .fold(String::with_capacity(packed.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02X}");
            text
        })
}

fn cip_xml(levels: &[u8], canvas: &Canvas, row_padded: bool, device_name: &str) -> String {
    let (width, height) = (canvas.width(), canvas.height());
    let data = cip_data(levels, width, row_padded);
    format!(
        "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\r\n<CiscoIPPhoneImage>\r\n<Title>{device_name}</Title>\r\n\
         <LocationX>0</LocationX>\r\n<LocationY>0</LocationY>\r\n<Width>{width}</Width>\r\n<Height>{height}</Height>\r\n\
         <Depth>2</Depth>\r\n<Data>{data}</Data>\r\n</CiscoIPPhoneImage>\r\n"
    )
}

fn luma([red, green, blue]: Rgb) -> u8 {
    let sum = (u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29) >> 8;
    u8::try_from(sum).unwrap_or(u8::MAX)
}

fn bmp(canvas: &Canvas, screen: &Screen, bits: u16, bottom_up: bool) -> Vec<u8> {
    let colours: u32 = if bits <= 8 { 1 << bits } else { 0 };
    // 5-6-5 needs its masks said; the default of 16 bits is 5-5-5. The two row orders also tell the two layouts apart.
    let masks: &[u32] = if bits == 16 && bottom_up {
        &[0xF800, 0x07E0, 0x001F]
    } else {
        &[]
    };
    let offset = 54 + colours * 4 + if masks.is_empty() { 0 } else { 12 };
    let stride = (screen.width * u32::from(bits)).div_ceil(32) * 4;
    let size = stride * screen.height;
    let height = screen.height.cast_signed();
    let mut out = Vec::with_capacity((offset + size) as usize);
    out.extend(b"BM");
    put(&mut out, &[offset + size, 0, offset, 40, screen.width]);
    out.extend(if bottom_up { height } else { -height }.to_le_bytes());
    out.extend(1_u16.to_le_bytes());
    out.extend(bits.to_le_bytes());
    put(
        &mut out,
        &[if masks.is_empty() { 0 } else { 3 }, size, 2835, 2835, colours, 0],
    );
    put(&mut out, masks);
    for index in 0..colours {
        let level = u8::try_from(index * 255 / (colours - 1)).unwrap_or(u8::MAX);
        out.extend([level, level, level, 0]);
    }
    let rows = canvas.pixels().chunks(canvas.width());
    let ordered: Vec<&[Rgb]> = if bottom_up {
        rows.rev().collect()
    } else {
        rows.collect()
    };
    for row in ordered {
        let start = out.len();
        bmp_row(&mut out, row, bits, !masks.is_empty());
        out.resize(start + stride as usize, 0);
    }
    out
}

fn put(out: &mut Vec<u8>, values: &[u32]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn bmp_row(out: &mut Vec<u8>, row: &[Rgb], bits: u16, five_six_five: bool) {
    match bits {
        1 => out.extend(row.chunks(8).map(|eight| {
            let byte = eight
                .iter()
                .fold(0_u8, |byte, pixel| byte << 1 | u8::from(luma(*pixel) >= 128));
            byte << (8 - eight.len())
        })),
        4 => out.extend(row.chunks(2).map(|two| {
            let low = two.get(1).map_or(0, |pixel| luma(*pixel) >> 4);
            (luma(two[0]) & 0xF0) | low
        })),
        8 => out.extend(row.iter().map(|pixel| luma(*pixel))),
        16 => {
            for [red, green, blue] in row {
                let (red, green, blue) = (u16::from(*red), u16::from(*green), u16::from(*blue));
                let value = if five_six_five {
                    (red >> 3) << 11 | (green >> 2) << 5 | blue >> 3
                } else {
                    (red >> 3) << 10 | (green >> 3) << 5 | blue >> 3
                };
                out.extend(value.to_le_bytes());
            }
        }
        24 => out.extend(row.iter().flat_map(|[red, green, blue]| [*blue, *green, *red])),
        _ => out.extend(row.iter().flat_map(|[red, green, blue]| [*blue, *green, *red, 0])),
    }
}

fn png(canvas: &Canvas, colour: bool) -> Bytes {
    let pixels: Vec<u8> = if colour {
        canvas.pixels().as_flattened().to_vec()
    } else {
        canvas.pixels().iter().map(|pixel| luma(*pixel)).collect()
    };
    let mut out = Vec::new();
    let (width, height) = (
        u32::try_from(canvas.width()).unwrap_or(0),
        u32::try_from(canvas.height()).unwrap_or(0),
    );
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(if colour {
        png::ColorType::Rgb
    } else {
        png::ColorType::Grayscale
    });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    // Writing into memory fails only on a wrong length, which the canvas rules out.
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels));
    debug_assert!(written.is_ok(), "a canvas fits its own header");
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the reference, section 5.2, in both packings.
    #[test]
    fn packs_the_worked_example() {
        let levels = [3, 0, 0, 0, 3, 0, 2, 1, 2, 0, 3, 3, 3, 3, 3];
        assert_eq!(cip_data(&levels, 5, false), "0363F23F");
        assert_eq!(cip_data(&levels, 5, true), "03039800FF03");
        assert_eq!(cip_data(&[1, 3, 2, 0], 4, false), "2D");
    }
}
