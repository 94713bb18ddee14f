//! Bitmaps of every depth and row order, made here by hand.

use bytes::Bytes;
use proptest::prelude::*;
use sidetone::phone::ShotKind;
use sidetone::phone::picture::{convert, is_whole, kind_of};

/// How pixels are stored.
#[derive(Debug, Clone, Copy)]
enum Form {
    Palette(u32),
    Rgb555,
    Rgb565,
    Rgb24,
    Rgb32,
}

const FORMS: [Form; 7] = [
    Form::Palette(1),
    Form::Palette(4),
    Form::Palette(8),
    Form::Rgb555,
    Form::Rgb565,
    Form::Rgb24,
    Form::Rgb32,
];

impl Form {
    fn bits(self) -> u32 {
        match self {
            Self::Palette(bits) => bits,
            Self::Rgb555 | Self::Rgb565 => 16,
            Self::Rgb24 => 24,
            Self::Rgb32 => 32,
        }
    }

    fn colors(self) -> u32 {
        match self {
            Self::Palette(bits) => 1 << bits,
            _ => 0,
        }
    }
}

fn channel(value: u32, bits: u32) -> u8 {
    let most = (1 << bits) - 1;
    u8::try_from((value * 255 + most / 2) / most).unwrap()
}

fn palette_color(index: u32) -> [u8; 3] {
    [index, index * 3, 255 - index].map(|value| u8::try_from(value % 256).unwrap())
}

/// A bitmap and the colours that its pixels have, row by row from the top.
fn bitmap(form: Form, width: u32, height: u32, top_down: bool, seed: &[u8]) -> (Vec<u8>, Vec<[u8; 3]>) {
    let mut colors = Vec::new();
    let mut rows = Vec::new();
    let random = |at: u32| u32::from_le_bytes([0, 1, 2, 3].map(|k| seed[(at as usize * 7 + k * 3) % seed.len()]));
    for y in 0..height {
        let mut bits: Vec<bool> = Vec::new();
        for x in 0..width {
            let raw = random(y * width + x);
            let value = raw & u32::MAX.checked_shr(32 - form.bits()).unwrap_or(u32::MAX);
            colors.push(match form {
                Form::Palette(_) => palette_color(value),
                Form::Rgb555 => [value >> 10 & 31, value >> 5 & 31, value & 31].map(|c| channel(c, 5)),
                Form::Rgb565 => [
                    channel(value >> 11, 5),
                    channel(value >> 5 & 63, 6),
                    channel(value & 31, 5),
                ],
                Form::Rgb24 | Form::Rgb32 => {
                    let [b, g, r, _] = value.to_le_bytes();
                    [r, g, b]
                }
            });
            let bytes = value.to_le_bytes();
            match form {
                Form::Palette(depth) => bits.extend((0..depth).rev().map(|bit| value >> bit & 1 == 1)),
                _ => bits.extend(
                    bytes[..form.bits() as usize / 8]
                        .iter()
                        .flat_map(|b| (0..8).rev().map(move |bit| b >> bit & 1 == 1)),
                ),
            }
        }
        bits.resize(bits.len().div_ceil(32) * 32, false);
        rows.push(
            bits.chunks(8)
                .map(|byte| byte.iter().fold(0_u8, |all, &bit| all << 1 | u8::from(bit)))
                .collect::<Vec<_>>(),
        );
    }
    if !top_down {
        rows.reverse();
    }
    let masks: &[u32] = if matches!(form, Form::Rgb565) {
        &[0xf800, 0x07e0, 0x001f]
    } else {
        &[]
    };
    let pixels_at = 54 + u32::try_from(masks.len()).unwrap() * 4 + form.colors() * 4;
    let pixels = rows.concat();
    let mut file = b"BM".to_vec();
    let mut long = |value: u32| file.extend(value.to_le_bytes());
    long(pixels_at + u32::try_from(pixels.len()).unwrap());
    [0, pixels_at, 40, width].into_iter().for_each(&mut long);
    long(if top_down { height.wrapping_neg() } else { height });
    long(1 | form.bits() << 16);
    long(if masks.is_empty() { 0 } else { 3 });
    [0, 2835, 2835, 0, 0].into_iter().for_each(&mut long);
    masks.iter().copied().for_each(&mut long);
    for index in 0..form.colors() {
        let [r, g, b] = palette_color(index);
        long(u32::from_le_bytes([b, g, r, 0]));
    }
    file.extend(pixels);
    (file, colors)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn bitmaps_of_every_depth_and_row_order(
        form in prop::sample::select(FORMS.to_vec()), width in 1_u32..40, height in 1_u32..20, top_down: bool,
        seed in prop::collection::vec(any::<u8>(), 64),
    ) {
        let (file, colors) = bitmap(form, width, height, top_down, &seed);
        prop_assert_eq!(kind_of(&file), Some(ShotKind::Bmp));
        prop_assert!(is_whole(ShotKind::Bmp, &file));
        prop_assert!(!is_whole(ShotKind::Bmp, &file[..file.len() - 1]));
        let picture = convert(ShotKind::Bmp, &Bytes::from(file)).unwrap();
        prop_assert_eq!((picture.width, picture.height), (width, height));
        let decoded = image::load_from_memory(&picture.bytes).unwrap().into_rgb8();
        let pixels: Vec<[u8; 3]> = decoded.pixels().map(|pixel| pixel.0).collect();
        prop_assert_eq!(pixels, colors);
    }

    #[test]
    fn phone_images_in_both_packings(
        width in 1_u32..40, height in 1_u32..20, depth in 1_u32..=2, padded: bool, lower: bool, levels in prop::collection::vec(0_u32..4, 800),
    ) {
        let lengths = ((width * height * depth).div_ceil(8), height * (width * depth).div_ceil(8));
        let padded = padded && lengths.0 != lengths.1;
        let level = |at: u32| levels[at as usize % 800] & ((1 << depth) - 1);
        let mut stream = Vec::new();
        for y in 0..height {
            stream.extend((0..width).map(|x| level(y * width + x)));
            let per_byte = 8 / depth;
            if padded { stream.resize(stream.len().next_multiple_of(per_byte as usize), 0); }
        }
        let data: String = stream.chunks(8 / depth as usize).map(|pixels| {
            let byte: u32 = (0_u32..).zip(pixels).map(|(at, level)| level << (at * depth)).sum();
            if lower { format!("{byte:02x}\n") } else { format!("{byte:02X}") }
        }).collect();
        let document = format!("<CiscoIPPhoneImage><Width>{width}</Width><Height>{height}</Height><Depth>{depth}</Depth><Data>{data}</Data></CiscoIPPhoneImage>");
        prop_assert_eq!(kind_of(document.as_bytes()), Some(ShotKind::CipImage));
        prop_assert!(is_whole(ShotKind::CipImage, document.as_bytes()));
        let picture = convert(ShotKind::CipImage, &Bytes::from(document)).unwrap();
        let decoded = image::load_from_memory(&picture.bytes).unwrap().into_luma8();
        let expected: Vec<u8> = (0..width * height).map(|at| 255 - channel(level(at), depth)).collect();
        prop_assert_eq!(decoded.into_raw(), expected);
    }
}

#[test]
fn run_length_bitmaps_are_decoded() {
    let (mut file, _) = bitmap(Form::Palette(8), 4, 2, false, &[7; 64]);
    let pixels_at = file.len() - 8;
    file.truncate(pixels_at);
    file.extend([4, 9, 0, 0, 2, 1, 2, 3, 0, 1]);
    file[30] = 1;
    let length = u32::try_from(file.len()).unwrap().to_le_bytes();
    file[2..6].copy_from_slice(&length);
    assert!(is_whole(ShotKind::Bmp, &file) && !is_whole(ShotKind::Bmp, &file[..file.len() - 2]));
    let picture = convert(ShotKind::Bmp, &Bytes::from(file)).unwrap();
    let decoded = image::load_from_memory(&picture.bytes).unwrap().into_rgb8();
    let expected = [1, 1, 3, 3, 9, 9, 9, 9].map(palette_color);
    assert!(decoded.pixels().map(|pixel| pixel.0).eq(expected));
}

#[test]
fn an_alpha_channel_does_not_make_a_screen_invisible() {
    let (mut file, colors) = bitmap(Form::Rgb32, 3, 2, true, &[1, 2, 3, 0, 5, 6, 7, 0, 9]);
    let pixels = file.split_off(54);
    file[14] = 56;
    file[30] = 3;
    let at = u32::try_from(70).unwrap();
    file[10..14].copy_from_slice(&at.to_le_bytes());
    for mask in [0x00ff_0000_u32, 0x0000_ff00, 0x0000_00ff, 0xff00_0000] {
        file.extend(mask.to_le_bytes());
    }
    file.extend(pixels);
    let picture = convert(ShotKind::Bmp, &Bytes::from(file)).unwrap();
    let decoded = image::load_from_memory(&picture.bytes).unwrap().into_rgba8();
    assert!(
        decoded
            .pixels()
            .map(|pixel| pixel.0)
            .eq(colors.into_iter().map(|[r, g, b]| [r, g, b, 255]))
    );
}

#[test]
fn jpeg_and_png_pass_untouched() {
    let mut jpeg = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut jpeg);
    encoder
        .encode(&[9; 5 * 4 * 3], 5, 4, image::ExtendedColorType::Rgb8)
        .unwrap();
    for (kind, body, size) in [(ShotKind::Jpeg, jpeg, (5, 4)), (ShotKind::Png, super::png(), (3, 2))] {
        assert_eq!(kind_of(&body), Some(kind));
        assert!(is_whole(kind, &body) && !is_whole(kind, &body[..body.len() - 5]));
        let picture = convert(kind, &Bytes::from(body.clone())).unwrap();
        assert_eq!(
            ((picture.width, picture.height), picture.bytes),
            (size, Bytes::from(body))
        );
    }
}

#[test]
fn huge_sides_are_refused() {
    let (mut file, _) = bitmap(Form::Rgb24, 1, 1, false, &[1; 8]);
    file[18..22].copy_from_slice(&4097_u32.to_le_bytes());
    assert!(convert(ShotKind::Bmp, &Bytes::from(file)).is_err());
}
