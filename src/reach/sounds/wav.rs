//! Reading an uploaded WAV: what it is, and its sound as one channel of numbers between -1 and 1.

use std::fmt;
use std::io::Cursor;

use hound::{SampleFormat, WavReader};

use crate::reach::limits;

/// The rates that are taken, in samples a second.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=48_000;

/// One channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Pcm {
    /// Between -1 and 1.
    pub samples: Vec<f32>,
    /// Samples a second.
    pub rate: u32,
    /// What it was, in words.
    pub source: String,
}

/// What the head of the file says.
#[derive(Debug, Clone, Copy)]
struct Head {
    format: u16,
    channels: u16,
    rate: u32,
    bits: u16,
    block: u16,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels = if self.channels == 1 { "mono" } else { "stereo" };
        let kind = if self.format == FLOAT { "float" } else { "bit" };
        let whole = self.rate / 1_000;
        let rest = self.rate % 1_000;
        if rest == 0 {
            write!(f, "{whole} kHz {channels}, {} {kind}", self.bits)
        } else {
            let decimals = format!("{rest:03}");
            let decimals = decimals.trim_end_matches('0');
            write!(f, "{whole}.{decimals} kHz {channels}, {} {kind}", self.bits)
        }
    }
}

/// `WAVE_FORMAT_PCM`.
const PCM: u16 = 1;
/// `WAVE_FORMAT_IEEE_FLOAT`.
const FLOAT: u16 = 3;
/// `WAVE_FORMAT_EXTENSIBLE`: the true format stands in the rest of the chunk.
const EXTENSIBLE: u16 = 0xfffe;

/// Reads a WAV: 8 to 48 kHz, mono or stereo, 8, 16, 24 or 32 bits of integers, or floats, up to 5 minutes.
///
/// # Errors
/// What is wrong with it, as a sentence without a full stop.
pub fn read(bytes: &[u8]) -> Result<Pcm, String> {
    let head = head(bytes)?;
    check(&head)?;
    let mut reader = WavReader::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let spec = reader.spec();
    let seconds = f64::from(reader.duration()) / f64::from(spec.sample_rate.max(1));
    let most = limits().sound_seconds;
    if seconds > f64::from(most) {
        return Err(format!("the sound lasts {seconds:.0} s; {} min is the most", most / 60));
    }
    let source = Head {
        format: if spec.sample_format == SampleFormat::Float {
            FLOAT
        } else {
            PCM
        },
        ..head
    }
    .to_string();
    let samples = match spec.sample_format {
        SampleFormat::Float => reader
            .samples::<f32>()
            .map(|sample| sample.map(|value| if value.is_finite() { value.clamp(-1.0, 1.0) } else { 0.0 }))
            .collect::<Result<Vec<_>, _>>(),
        SampleFormat::Int => {
            let scale = 1.0 / f32::from(1_u16 << (spec.bits_per_sample.min(16) - 1));
            let shift = spec.bits_per_sample.saturating_sub(16);
            reader
                .samples::<i32>()
                .map(|sample| sample.map(|value| sixteen(value, shift) * scale))
                .collect()
        }
    };
    let samples = samples.map_err(|error| broken(&error))?;
    if samples.is_empty() {
        return Err("the file holds no sound".to_owned());
    }
    Ok(Pcm {
        samples: mixed(samples, spec.channels),
        rate: spec.sample_rate,
        source,
    })
}

/// A sample of up to 32 bits as one of at most 16: more than the eight bits of G.711 can carry.
fn sixteen(value: i32, shift: u16) -> f32 {
    let value = value >> shift;
    f32::from(i16::try_from(value).unwrap_or(if value < 0 { i16::MIN } else { i16::MAX }))
}

/// The mean of both channels.
fn mixed(samples: Vec<f32>, channels: u16) -> Vec<f32> {
    if channels < 2 {
        return samples;
    }
    let (pairs, _) = samples.as_chunks::<2>();
    pairs.iter().map(|[left, right]| f32::midpoint(*left, *right)).collect()
}

/// The `fmt ` chunk, wherever it stands before the data (Multimedia Programming Interface 1.0, 1991, WAVE).
fn head(bytes: &[u8]) -> Result<Head, String> {
    if bytes.len() < 12 || &bytes[..4] != b"RIFF" || &bytes[8..12] != b"WAVE" {
        return Err(format!("this is no WAV file{}", other_format(bytes)));
    }
    let mut at = 12;
    while let Some(chunk) = bytes.get(at..at + 8) {
        let length = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        match &chunk[..4] {
            b"fmt " => {
                let fields = bytes.get(at + 8..at + 24).ok_or("the head of the file is cut short")?;
                let half = |n: usize| u16::from_le_bytes([fields[n], fields[n + 1]]);
                return Ok(Head {
                    format: half(0),
                    channels: half(2),
                    rate: u32::from_le_bytes([fields[4], fields[5], fields[6], fields[7]]),
                    block: half(12),
                    bits: half(14),
                });
            }
            b"data" => break,
            _ => at = at.saturating_add(8).saturating_add(length),
        }
    }
    Err("the file does not say what its sound is (no fmt chunk)".to_owned())
}

/// What else it looks like.
fn other_format(bytes: &[u8]) -> &'static str {
    match bytes {
        [b'I', b'D', b'3', ..] | [0xff, 0xe0..=0xff, ..] => ", but an MP3; save it as WAV",
        [b'O', b'g', b'g', b'S', ..] => ", but an Ogg file; save it as WAV",
        [b'f', b'L', b'a', b'C', ..] => ", but a FLAC; save it as WAV",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => ", but an MP4; save it as WAV",
        [0x1a, 0x45, 0xdf, 0xa3, ..] => ", but a WebM; save it as WAV",
        _ => "",
    }
}

fn check(head: &Head) -> Result<(), String> {
    let coded = match head.format {
        PCM | FLOAT | EXTENSIBLE => None,
        2 | 0x11 => Some("ADPCM"),
        6 => Some("A-law"),
        7 => Some("µ-law"),
        0x55 => Some("MP3"),
        _ => Some("a coding that is not known here"),
    };
    if let Some(name) = coded {
        return Err(format!(
            "the sound is coded as {name} (format {}); save it as PCM with 8, 16, 24 or 32 bits, or as float",
            head.format
        ));
    }
    if !(1..=2).contains(&head.channels) {
        return Err(format!(
            "the sound has {} channels; mono or stereo is taken",
            head.channels
        ));
    }
    if !RATES.contains(&head.rate) {
        return Err(format!(
            "the sound has {} samples a second; 8,000 to 48,000 are taken",
            head.rate
        ));
    }
    let whole = head.block != 0 && head.block.is_multiple_of(head.channels);
    if !matches!(head.bits, 8 | 16 | 24 | 32) || !whole || u32::from(head.block) * 8 < u32::from(head.bits) {
        return Err(format!(
            "the sound has {} bits a sample; 8, 16, 24 or 32 are taken",
            head.bits
        ));
    }
    Ok(())
}

fn broken(error: &hound::Error) -> String {
    match error {
        hound::Error::IoError(_) => "the file ends in the middle of its sound".to_owned(),
        hound::Error::Unsupported => "the coding of its sound is not known here; save it as PCM".to_owned(),
        other => format!("the file is broken: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hound::{WavSpec, WavWriter};

    fn written(channels: u16, rate: u32, bits: u16, float: bool, values: &[f32]) -> Vec<u8> {
        let spec = WavSpec {
            channels,
            sample_rate: rate,
            bits_per_sample: bits,
            sample_format: if float { SampleFormat::Float } else { SampleFormat::Int },
        };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
        for value in values {
            if float {
                writer.write_sample(*value).unwrap();
            } else {
                let full = 2_f64.powi(i32::from(bits) - 1) - 1.0;
                #[expect(clippy::cast_possible_truncation, reason = "within the bits of the sample")]
                writer.write_sample((f64::from(*value) * full) as i32).unwrap();
            }
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn every_kind_is_read_to_the_same_sound() {
        let values = [0.0, 0.5, -0.5, 0.99, -0.99, 0.25];
        for (bits, float) in [(8, false), (16, false), (24, false), (32, false), (32, true)] {
            let pcm = read(&written(1, 16_000, bits, float, &values)).unwrap();
            assert_eq!((pcm.rate, pcm.samples.len()), (16_000, values.len()), "{bits}");
            for (read, meant) in pcm.samples.iter().zip(values) {
                assert!((read - meant).abs() < 0.02, "{bits} {float}: {read} for {meant}");
            }
        }
        let stereo = read(&written(2, 44_100, 16, false, &[0.5, 0.1, -0.5, -0.1])).unwrap();
        assert_eq!(
            (stereo.samples.len(), stereo.source.as_str()),
            (2, "44.1 kHz stereo, 16 bit")
        );
        assert!((stereo.samples[0] - 0.3).abs() < 0.001, "{:?}", stereo.samples);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let good = written(1, 8_000, 16, false, &[0.1; 100]);
        let changed = |at: usize, bytes: &[u8]| {
            let mut wav = good.clone();
            wav[at..at + bytes.len()].copy_from_slice(bytes);
            read(&wav).unwrap_err()
        };
        assert_eq!(read(b"").unwrap_err(), "this is no WAV file");
        assert!(read(b"ID3\x04abcdefghijkl").unwrap_err().contains("MP3"));
        assert!(read(&good[..60]).unwrap_err().contains("ends in the middle"));
        assert!(read(&good[..20]).unwrap_err().contains("cut short"));
        assert!(changed(20, &7_u16.to_le_bytes()).contains("µ-law"));
        assert!(changed(22, &6_u16.to_le_bytes()).contains("6 channels"));
        assert!(changed(22, &0_u16.to_le_bytes()).contains("0 channels"));
        assert!(changed(24, &96_000_u32.to_le_bytes()).contains("96000"));
        assert!(changed(32, &0_u16.to_le_bytes()).contains("bits"));
        assert!(changed(34, &0_u16.to_le_bytes()).contains("0 bits"));
        assert!(
            read(&written(1, 8_000, 16, false, &[]))
                .unwrap_err()
                .contains("no sound")
        );
    }

    #[test]
    fn five_minutes_are_the_most() {
        let long = vec![0.0; 8_000 * 301];
        let problem = read(&written(1, 8_000, 8, false, &long)).unwrap_err();
        assert_eq!(problem, "the sound lasts 301 s; 5 min is the most");
    }
}
