//! G.711 µ-law (ITU-T G.711, 1988, tables 2a and 2b): eight bits for fourteen.

/// What µ-law adds before it looks for the segment, in 16-bit steps: 33 of 14-bit ones.
const BIAS: i32 = 0x84;
/// The largest magnitude before it.
const CLIP: i32 = 32_635;
/// Silence.
pub const SILENCE: u8 = 0xff;

/// One sample of 16 bits.
pub fn encode(sample: i16) -> u8 {
    let value = i32::from(sample);
    let sign: u8 = if value < 0 { 0x80 } else { 0 };
    let magnitude = value.abs().min(CLIP) + BIAS;
    // The segment is the place of the highest bit above the seventh.
    let segment = (magnitude >> 7).ilog2();
    let step = (magnitude >> (segment + 3)) & 0x0f;
    // Both fit: a segment is 0 to 7, a step 0 to 15.
    let code = u8::try_from(i32::try_from(segment << 4).unwrap_or(0x70) | step).unwrap_or(0x7f);
    !(sign | code)
}

/// The sample of a code.
pub fn decode(code: u8) -> i16 {
    let code = !code;
    let segment = i32::from(code >> 4 & 0x07);
    let step = i32::from(code & 0x0f);
    let magnitude = (((step << 3) + BIAS) << segment) - BIAS;
    let value = if code & 0x80 == 0 { magnitude } else { -magnitude };
    i16::try_from(value).unwrap_or(i16::MAX)
}

/// Samples between -1 and 1.
pub fn encode_all(samples: &[f32]) -> Vec<u8> {
    samples.iter().map(|sample| encode(to_16_bits(*sample))).collect()
}

fn to_16_bits(sample: f32) -> i16 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within the limits of i16 by the clamp; NaN is 0"
    )]
    let value = (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16;
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decision values and codes of table 2a, in 14-bit steps: the highest value of each segment, and its code there.
    const TABLE_2A: [(i16, u8); 9] = [
        (8_158, 0x80),
        (4_063, 0x8f),
        (2_015, 0x9f),
        (991, 0xaf),
        (479, 0xbf),
        (223, 0xcf),
        (95, 0xdf),
        (31, 0xef),
        (0, 0xff),
    ];
    /// Output values of table 2a, in 14-bit steps.
    const OUTPUT: [(u8, i16); 9] = [
        (0x80, 8_031),
        (0x8f, 4_191),
        (0x9f, 2_079),
        (0xaf, 1_023),
        (0xbf, 495),
        (0xcf, 231),
        (0xdf, 99),
        (0xef, 33),
        (0xff, 0),
    ];

    #[test]
    fn codes_are_those_of_the_recommendation() {
        for (code, value) in OUTPUT {
            assert_eq!(decode(code), value * 4, "{code:02x}");
            assert_eq!(decode(code & 0x7f), -value * 4, "{code:02x}");
        }
        for (value, code) in TABLE_2A {
            assert_eq!(encode(value * 4), code, "{value}");
        }
        assert_eq!((encode(i16::MAX), encode(i16::MIN)), (0x80, 0x00));
        assert_eq!((encode(0), SILENCE), (SILENCE, 0xff));
    }

    #[test]
    fn every_code_is_its_own_samples_code() {
        for code in 0..=u8::MAX {
            // There are two zeros; the negative one is written as the positive.
            let expected = if code == 0x7f { 0xff } else { code };
            assert_eq!(encode(decode(code)), expected, "{code:02x}");
        }
    }

    #[test]
    fn every_sample_is_met_within_half_a_step() {
        for sample in i16::MIN..=i16::MAX {
            let back = i32::from(decode(encode(sample)));
            let off = (back - i32::from(sample)).abs();
            let clipped = (i32::from(sample).abs() - 32_124).max(0);
            assert!(off <= i32::from(sample).abs() / 16 + 4 + clipped, "{sample}: {back}");
        }
        assert_eq!(encode_all(&[0.0, 2.0, -2.0, f32::NAN]), [0xff, 0x80, 0x00, 0xff]);
    }
}
