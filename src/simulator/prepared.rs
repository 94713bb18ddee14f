//! Pictures for load: drawn once, 20 KB each, all different.

use std::sync::LazyLock;

use bytes::Bytes;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};

const WIDTH: usize = 800;
const HEIGHT: usize = 480;
/// Rows of noise, which do not compress: 26 rows of 800 grey pixels are 20 KB.
const NOISY_ROWS: usize = 26;
/// Enough that two that follow each other always differ.
const COUNT: usize = 16;

static PICTURES: LazyLock<Vec<Bytes>> = LazyLock::new(|| (0..COUNT).map(picture).collect());

/// The picture of a step; steps that follow each other have different ones.
pub(super) fn at(step: usize) -> Bytes {
    PICTURES[step % COUNT].clone()
}

fn picture(step: usize) -> Bytes {
    let mut seed = u32::try_from(step + 1).unwrap_or(1).wrapping_mul(2_654_435_761);
    let noise = std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed.to_be_bytes()[0]
    });
    let flat = std::iter::repeat_n(0x30, WIDTH * (HEIGHT - NOISY_ROWS));
    let pixels: Vec<u8> = noise.take(WIDTH * NOISY_ROWS).chain(flat).collect();
    let mut file = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut file, CompressionType::Default, FilterType::NoFilter);
    let (width, height) = (800, 480);
    encoder
        .write_image(&pixels, width, height, ExtendedColorType::L8)
        .expect("a picture of fixed size into memory");
    Bytes::from(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_20_kb_and_differ() {
        for step in 0..COUNT {
            assert!((20_000..24_000).contains(&at(step).len()), "{}", at(step).len());
            assert_ne!(at(step), at(step + 1));
        }
    }
}
