//! `RTPRx`, `RTPMRx`, `RTPTx` and `RTPMTx`: real sockets on the phone's own address while a stream is open, and counters
//! of what arrives. Nothing is ever sent.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::simulator::exchange;
use crate::simulator::phone::Phone;
use crate::simulator::world::{World, lock};

/// The ports of a stream; only the even ones (reference, section 3.3).
const PORTS: RangeInclusive<u16> = 20_480..=32_768;
const LOUDEST: u8 = 100;
/// Larger than any packet of 20 ms.
const MOST_BYTES: usize = 2_048;
/// Length of the fixed part of a packet's head.
const HEAD: usize = 12;
/// How much of the sound is kept: two seconds of G.711.
const MOST_SOUND: usize = 16_000;

/// What has arrived by RTP at a phone since it was made, and whether it listens now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RtpReceived {
    /// Packets.
    pub packets: u64,
    /// Bytes of sound in them, without their heads.
    pub bytes: u64,
    /// The payload type of the newest packet; 0 is G.711 µ-law.
    pub payload_type: Option<u8>,
    /// The newest packet's source.
    pub ssrc: Option<u32>,
    /// Packets that never came, by the sequence numbers.
    pub gaps: u64,
    /// Streams that are open now, 0 or 1.
    pub streams_open: usize,
    /// Streams that were ever opened.
    pub streams_opened: usize,
    /// Where the newest stream listened; a group for multicast.
    pub listened_at: Option<SocketAddrV4>,
    /// The volume that the newest stream asked for.
    pub volume: Option<u8>,
    /// The first two seconds of sound of the newest stream, as they came.
    pub sound: Vec<u8>,
}

/// A phone's streams.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Media {
    receiving: Option<Receiving>,
    /// The name of the URI that made it send.
    sending: Option<&'static str>,
    received: watch::Sender<RtpReceived>,
}

#[derive(Debug)]
struct Receiving {
    scheme: &'static str,
    stop: CancellationToken,
    task: JoinHandle<Option<()>>,
}

impl Media {
    /// What arrived so far, and what will.
    pub(in crate::simulator) fn received(&self) -> watch::Receiver<RtpReceived> {
        self.received.subscribe()
    }
}

/// What a URI of this kind came to.
pub(super) enum Outcome {
    /// The status and data of its item.
    Item(i32, String),
    /// The whole request ends in this error.
    Error(u8),
}

struct Stream {
    address: Ipv4Addr,
    port: Option<u16>,
    volume: Option<u8>,
}

/// Runs a URI for a stream; `None` for every other URI.
pub(super) async fn run(world: &Arc<World>, phone: &Arc<Phone>, uri: &str) -> Option<Outcome> {
    let (scheme, argument) = uri.split_once(':')?;
    let scheme = ["RTPRx", "RTPMRx", "RTPTx", "RTPMTx"]
        .into_iter()
        .find(|known| *known == scheme)?;
    let receives = scheme.ends_with("Rx");
    if argument == "Stop" {
        if receives {
            stop_receiving(phone, scheme).await;
        } else {
            lock(&phone.state).media.as_mut().map(|media| media.sending.take());
        }
        return Some(Outcome::Item(0, "Success".to_owned()));
    }
    let multicast = scheme.contains('M');
    let Some(stream) = parse(argument).filter(|stream| stream.address.is_multicast() == multicast) else {
        return Some(Outcome::Item(1, "Invalid URI".to_owned()));
    };
    if receives {
        return Some(receive(world, phone, scheme, &stream));
    }
    if exchange::is_in_call(world, phone) {
        return Some(Outcome::Error(4));
    }
    let mut state = lock(&phone.state);
    let media = state.media.get_or_insert_default();
    if media.sending.is_some() {
        return Some(Outcome::Error(1));
    }
    media.sending = Some(scheme);
    Some(Outcome::Item(0, "Success".to_owned()))
}

/// `ip[:port[:volume[:speaker]]]`; a part may be empty.
fn parse(argument: &str) -> Option<Stream> {
    let mut parts = argument.split(':');
    let address = parts.next()?.parse().ok()?;
    let port: Option<u16> = optional(parts.next()).ok()?;
    let volume: Option<u8> = optional(parts.next()).ok()?;
    // On the 8821: 0 the speaker, 1 the handset, 2 whichever is in use.
    let speaker: Option<u8> = optional(parts.next()).ok()?;
    let good = port.is_none_or(|port| PORTS.contains(&port) && port % 2 == 0)
        && volume.is_none_or(|volume| volume <= LOUDEST)
        && speaker.is_none_or(|speaker| speaker <= 2)
        && parts.next().is_none();
    good.then_some(Stream { address, port, volume })
}

/// Absent or empty is none; what is no number is refused.
fn optional<T: FromStr>(part: Option<&str>) -> Result<Option<T>, T::Err> {
    part.filter(|part| !part.is_empty()).map(str::parse).transpose()
}

fn receive(world: &World, phone: &Phone, scheme: &'static str, stream: &Stream) -> Outcome {
    let mut state = lock(&phone.state);
    let own = state.address;
    let media = state.media.get_or_insert_default();
    if media.receiving.is_some() {
        return Outcome::Error(1);
    }
    let opened = own
        .ok_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable))
        .and_then(|own| open(own, stream));
    let (socket, listened_at) = match opened {
        Ok(opened) => opened,
        Err(error) => return Outcome::Item(6, format!("No stream: {}", error.kind())),
    };
    let received = media.received.clone();
    received.send_modify(|seen| {
        seen.streams_open = 1;
        seen.streams_opened += 1;
        seen.listened_at = Some(listened_at);
        seen.volume = stream.volume;
        seen.sound.clear();
    });
    let stop = world.tasks.stop_token().child_token();
    let task = world
        .tasks
        .spawn("simulated-stream", listen(socket, received, stop.clone()));
    media.receiving = Some(Receiving { scheme, stop, task });
    // The port is told where it was chosen.
    let data = stream
        .port
        .map_or_else(|| listened_at.port().to_string(), |_| "Success".to_owned());
    Outcome::Item(0, data)
}

/// A socket that listens for a stream: on the phone's address, or as a member of a group on the loopback interface.
fn open(own: Ipv4Addr, stream: &Stream) -> io::Result<(UdpSocket, SocketAddrV4)> {
    let multicast = stream.address.is_multicast();
    let on = if multicast { stream.address } else { own };
    let bind = |port: u16| {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        if multicast {
            // Every member of a group listens on the same port.
            socket.set_reuse_address(true)?;
            socket.join_multicast_v4(&stream.address, &Ipv4Addr::LOCALHOST)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&SocketAddrV4::new(on, port).into())?;
        Ok((UdpSocket::from_std(socket.into())?, SocketAddrV4::new(on, port)))
    };
    if let Some(port) = stream.port {
        return bind(port);
    }
    let mut last = Err(io::ErrorKind::AddrInUse.into());
    for port in PORTS.step_by(2) {
        last = bind(port);
        if last.is_ok() {
            break;
        }
    }
    last
}

async fn listen(socket: UdpSocket, received: watch::Sender<RtpReceived>, stop: CancellationToken) {
    let mut last = None;
    let mut packet = [0; MOST_BYTES];
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            arrived = socket.recv(&mut packet) => match arrived {
                Ok(length) => count(&packet[..length], &mut last, &received),
                Err(_) => break,
            },
        }
    }
    // What had arrived before the order to stop.
    while let Ok(length) = socket.try_recv(&mut packet) {
        count(&packet[..length], &mut last, &received);
    }
    drop(socket);
    received.send_modify(|seen| seen.streams_open = 0);
}

/// Counts one packet; what is none is left out.
fn count(packet: &[u8], last: &mut Option<(u32, u16)>, received: &watch::Sender<RtpReceived>) {
    let Some(head) = packet.get(..HEAD).filter(|head| head[0] >> 6 == 2) else {
        return;
    };
    let ssrc = u32::from_be_bytes([head[8], head[9], head[10], head[11]]);
    let sequence = u16::from_be_bytes([head[2], head[3]]);
    let sources = HEAD + 4 * usize::from(head[0] & 0x0F);
    let sound = packet.get(sources..).unwrap_or_default();
    let missing = match *last {
        Some((same, before)) if same == ssrc => sequence.wrapping_sub(before).wrapping_sub(1),
        _ => 0,
    };
    // One that comes late is no gap, and the newest stays the newest.
    let late = missing >= 0x8000;
    if !late {
        *last = Some((ssrc, sequence));
    }
    received.send_modify(|seen| {
        seen.packets += 1;
        seen.bytes += sound.len() as u64;
        seen.payload_type = Some(head[1] & 0x7F);
        seen.ssrc = Some(ssrc);
        seen.gaps += if late { 0 } else { u64::from(missing) };
        let room = MOST_SOUND.saturating_sub(seen.sound.len());
        seen.sound.extend(sound.iter().take(room));
    });
}

/// When this returns, nothing listens any more.
async fn stop_receiving(phone: &Phone, scheme: &str) {
    let stopped = {
        let mut state = lock(&phone.state);
        let media = state.media.as_mut();
        media.and_then(|media| media.receiving.take_if(|stream| stream.scheme == scheme))
    };
    if let Some(stream) = stopped {
        stream.stop.cancel();
        // It ends by itself; a panic in it has stopped the program.
        let _ = stream.task.await;
    }
}

/// The phone goes away: its streams end.
pub(in crate::simulator) fn silence(phone: &Phone) {
    if let Some(media) = &mut lock(&phone.state).media {
        media.sending = None;
        if let Some(stream) = media.receiving.take() {
            stream.stop.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_even_and_volumes_at_most_a_hundred() {
        let full = parse("127.0.0.1:20480:40").unwrap();
        assert_eq!((full.port, full.volume), (Some(20_480), Some(40)));
        assert_eq!(parse("239.1.2.3").unwrap().port, None);
        assert_eq!(parse("127.0.0.1::40").unwrap().volume, Some(40));
        for wrong in [
            "",
            "Start",
            "127.0.0.1:20481",
            "127.0.0.1:20000",
            "127.0.0.1:20480:101",
            "::1",
        ] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn packets_are_counted_with_what_is_missing_between_them() {
        let (received, mut last) = (watch::Sender::default(), None);
        let packet = |sequence: u16| {
            let mut packet = vec![0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
            packet[2..4].copy_from_slice(&sequence.to_be_bytes());
            packet.extend([0xFF; 160]);
            packet
        };
        for sequence in [65_534, 65_535, 2, 1, 3] {
            count(&packet(sequence), &mut last, &received);
        }
        count(b"no packet", &mut last, &received);
        let seen = received.borrow();
        assert_eq!((seen.packets, seen.bytes, seen.gaps), (5, 800, 2));
        assert_eq!((seen.payload_type, seen.ssrc), (Some(0), Some(9)));
    }
}
