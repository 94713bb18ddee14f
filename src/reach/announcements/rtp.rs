//! RTP packets (RFC 3550 section 5.1) with G.711 µ-law (RFC 3551: payload type 0, 8,000 samples a second).

use std::time::Duration;

/// Sound of one packet: phones expect 20 ms (phone-xml-api.md 3.3).
pub(super) const PACE: Duration = Duration::from_millis(20);
/// Samples of one packet, a byte each.
pub(super) const SAMPLES: usize = 160;
/// Samples of one packet, as its timestamp counts them.
const STEP: u32 = 160;
/// Bytes before the sound.
const HEAD: usize = 12;
/// Version 2, no padding, no extension, no contributing sources.
const VERSION: u8 = 0x80;
/// The bit that marks the first packet of a stretch of speech, before the payload type (RFC 3551 4.1).
const MARKER: u8 = 0x80;
/// G.711 µ-law.
const PAYLOAD_TYPE: u8 = 0;

/// Packets from one source to one receiver or group.
#[derive(Debug)]
pub(super) struct Stream {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    marked: bool,
}

impl Stream {
    /// Everything begins at a random number, as RFC 3550 asks.
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            ssrc: u32::from_ne_bytes(random()?),
            timestamp: u32::from_ne_bytes(random()?),
            sequence: u16::from_ne_bytes(random()?),
            marked: false,
        })
    }

    /// Writes the next packet with 20 ms of sound into `packet`.
    pub(super) fn write(&mut self, sound: &[u8], packet: &mut Vec<u8>) {
        packet.clear();
        packet.reserve(HEAD + sound.len());
        let marker = if self.marked { 0 } else { MARKER };
        packet.push(VERSION);
        packet.push(marker | PAYLOAD_TYPE);
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        packet.extend(sound);
        self.marked = true;
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(STEP);
    }
}

fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_those_of_the_rfc() {
        let mut stream = Stream {
            ssrc: 0x0102_0304,
            sequence: u16::MAX,
            timestamp: u32::MAX - 159,
            marked: false,
        };
        let mut packet = Vec::new();
        stream.write(&[7; SAMPLES], &mut packet);
        assert_eq!(
            packet[..12],
            [0x80, 0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0x60, 1, 2, 3, 4]
        );
        assert_eq!(packet.len(), 172);
        stream.write(&[7; SAMPLES], &mut packet);
        assert_eq!(packet[..12], [0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
    }

    #[test]
    fn two_streams_begin_differently() {
        let (one, other) = (Stream::new().unwrap(), Stream::new().unwrap());
        assert_ne!((one.ssrc, one.timestamp), (other.ssrc, other.timestamp));
    }
}
