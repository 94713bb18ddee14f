//! From any rate to the 8,000 samples a second of G.711.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler as _};

use super::wav::Pcm;

/// Samples a second of G.711.
pub const RATE: u32 = 8_000;
/// Samples that are taken at a time.
const CHUNK: usize = 1_024;

/// The same sound with 8,000 samples a second; what those cannot carry is filtered out. Work for a blocking thread.
///
/// # Errors
/// What went wrong, as a sentence without a full stop.
pub fn to_8k(pcm: Pcm) -> Result<Vec<f32>, String> {
    if pcm.rate == RATE {
        return Ok(pcm.samples);
    }
    let failed = |error: &dyn std::fmt::Display| format!("the sound cannot be converted: {error}");
    let rate = usize::try_from(pcm.rate).map_err(|error| failed(&error))?;
    let mut resampler = Fft::<f32>::new(rate, 8_000, CHUNK, 1, FixedSync::Input).map_err(|error| failed(&error))?;
    let length = pcm.samples.len();
    let input = SequentialSlice::new(&pcm.samples, 1, length).map_err(|error| failed(&error))?;
    let output = resampler
        .process_all(&input, length, None)
        .map_err(|error| failed(&error))?;
    Ok(output.take_data())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::TAU;

    #[expect(clippy::cast_precision_loss, reason = "samples of a test")]
    fn tone(rate: u32, hertz: f32, seconds: f32) -> Pcm {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "samples of a test"
        )]
        let length = (rate as f32 * seconds) as usize;
        Pcm {
            samples: (0..length)
                .map(|n| 0.5 * (TAU * hertz * n as f32 / rate as f32).sin())
                .collect(),
            rate,
            source: String::new(),
        }
    }

    /// Root mean square of the middle of a sound.
    #[expect(clippy::cast_precision_loss, reason = "samples of a test")]
    fn loudness(samples: &[f32]) -> f32 {
        let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
        (middle.iter().map(|sample| sample * sample).sum::<f32>() / middle.len() as f32).sqrt()
    }

    #[test]
    fn a_tone_stays_as_long_and_as_loud() {
        for rate in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 47_999, 48_000] {
            let converted = to_8k(tone(rate, 440.0, 1.0)).unwrap();
            assert!(
                (7_990..=8_010).contains(&converted.len()),
                "{rate}: {}",
                converted.len()
            );
            assert!(
                (loudness(&converted) - 0.354).abs() < 0.01,
                "{rate}: {}",
                loudness(&converted)
            );
        }
    }

    #[test]
    fn what_8_khz_cannot_carry_does_not_fold_back() {
        let converted = to_8k(tone(48_000, 7_000.0, 1.0)).unwrap();
        assert!(loudness(&converted) < 0.005, "{}", loudness(&converted));
    }
}
