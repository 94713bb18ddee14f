//! From what phones send to PNG: targets are 3 ms for an 800x480 BMP and 50 µs for a picture of a 7940 or 7960; 0.15 ms to
//! know an unchanged BMP.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use sidetone::phone::ShotKind;
use sidetone::phone::picture::{convert, is_whole};

/// Something like a screen: flat areas, lines, and a photograph's noise in one corner.
fn pixel(x: u32, y: u32) -> [u8; 3] {
    match (x, y) {
        (x, y) if x > 600 && y < 160 => {
            let noise = x
                .wrapping_mul(2_654_435_761)
                .wrapping_add(y.wrapping_mul(40_503))
                .to_be_bytes();
            [noise[0], noise[1], noise[2]]
        }
        (_, y) if y % 48 < 2 => [90, 90, 90],
        (x, y) if (x / 3 + y / 5) % 7 == 0 && y % 48 > 20 => [250, 250, 250],
        _ => [12, 40, 70],
    }
}

fn bitmap(bits: u32) -> Bytes {
    let (width, height) = (800, 480);
    let row = (width * bits).div_ceil(32) * 4;
    let palette = if bits == 8 { 256 } else { 0 };
    let pixels_at = 54 + palette * 4;
    let mut file = b"BM".to_vec();
    for long in [
        pixels_at + row * height,
        0,
        pixels_at,
        40,
        width,
        height,
        1 | bits << 16,
        0,
        0,
        0,
        0,
        0,
        0,
    ] {
        file.extend(long.to_le_bytes());
    }
    file.extend((0..palette).flat_map(|index| (index * 0x01_01_01).to_le_bytes()));
    for y in (0..height).rev() {
        for x in 0..width {
            let [red, green, blue] = pixel(x, y);
            match bits {
                8 => file.push(red / 3 + green / 3 + blue / 3),
                16 => {
                    let packed = u16::from(red >> 3) << 10 | u16::from(green >> 3) << 5 | u16::from(blue >> 3);
                    file.extend(packed.to_le_bytes());
                }
                _ => file.extend([blue, green, red]),
            }
        }
    }
    Bytes::from(file)
}

fn phone_image() -> Bytes {
    let (width, height) = (144, 65);
    let digits: String = (0..width * height / 4)
        .map(|byte| if byte % 9 < 5 { "00" } else { "C3" })
        .collect();
    Bytes::from(format!(
        "<CiscoIPPhoneImage><Width>{width}</Width><Height>{height}</Height><Depth>2</Depth><Data>{digits}</Data></CiscoIPPhoneImage>"
    ))
}

fn pictures(criterion: &mut Criterion) {
    for bits in [8, 16, 24] {
        let file = bitmap(bits);
        criterion.bench_function(&format!("BMP of {bits} bits, 800x480, to PNG"), |bencher| {
            bencher.iter(|| convert(ShotKind::Bmp, black_box(&file)));
        });
        // A watch knows a bitmap again by this, before anything is decoded.
        criterion.bench_function(&format!("whether a BMP of {bits} bits is another one"), |bencher| {
            bencher.iter(|| xxhash_rust::xxh3::xxh3_128(black_box(&file)));
        });
    }
    let document = phone_image();
    criterion.bench_function("CiscoIPPhoneImage of 144x65 to PNG", |bencher| {
        bencher.iter(|| convert(ShotKind::CipImage, black_box(&document)));
    });
    criterion.bench_function("whether a CiscoIPPhoneImage is whole", |bencher| {
        bencher.iter(|| is_whole(ShotKind::CipImage, black_box(&document)));
    });
}

criterion_group!(benches, pictures);
criterion_main!(benches);
