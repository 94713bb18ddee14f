//! Sending the sound: one packet every 20 ms to each who listens.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::rtp::{PACE, SAMPLES, Stream};
use crate::config;
use crate::domain::ids::PhoneId;
use crate::reach::sounds::g711::SILENCE;

/// Failed packets in a row after which nothing more is sent to somebody: half a second of sound.
const MOST_FAILURES: u32 = 25;

#[derive(Debug)]
struct Destination {
    /// None for a group.
    phone: Option<PhoneId>,
    to: SocketAddrV4,
    socket: Arc<UdpSocket>,
    stream: Stream,
    failures: u32,
}

/// Where the sound goes. Phones may join while it is played.
#[derive(Debug, Default)]
pub(super) struct Destinations {
    list: Mutex<Vec<Destination>>,
    sockets: Mutex<HashMap<Ipv4Addr, Arc<UdpSocket>>>,
}

impl Destinations {
    fn lock(&self) -> MutexGuard<'_, Vec<Destination>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a phone; packets leave from `ours`, the address that it was told.
    pub(super) fn add_phone(&self, phone: PhoneId, to: SocketAddrV4, ours: Ipv4Addr) -> io::Result<()> {
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        let socket = if let Some(socket) = sockets.get(&ours) {
            Arc::clone(socket)
        } else {
            let socket = Arc::new(bound(ours)?);
            sockets.insert(ours, Arc::clone(&socket));
            socket
        };
        drop(sockets);
        self.lock().push(Destination {
            phone: Some(phone),
            to,
            socket,
            stream: Stream::new()?,
            failures: 0,
        });
        Ok(())
    }

    /// Adds a group.
    pub(super) fn add_group(&self, to: SocketAddrV4, settings: &config::Reach) -> io::Result<()> {
        let interface = settings.multicast_interface;
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        socket.set_multicast_ttl_v4(u32::try_from(settings.multicast_ttl).unwrap_or(1))?;
        if !interface.is_unspecified() {
            socket.set_multicast_if_v4(&interface)?;
        }
        socket.bind(&SocketAddrV4::new(interface, 0).into())?;
        let socket = Arc::new(UdpSocket::from_std(socket.into())?);
        self.lock().push(Destination {
            phone: None,
            to,
            socket,
            stream: Stream::new()?,
            failures: 0,
        });
        Ok(())
    }

    /// Sends one packet to each; the answer is who was given up because nothing can be sent to them.
    fn send(&self, sound: &[u8], packet: &mut Vec<u8>) -> Vec<(Option<PhoneId>, io::Error)> {
        let mut given_up = Vec::new();
        self.lock().retain_mut(|destination| {
            destination.stream.write(sound, packet);
            // A full buffer of the system loses one packet, as any network may; waiting would make all others late.
            match destination.socket.try_send_to(packet, destination.to.into()) {
                Ok(_) => destination.failures = 0,
                Err(error) => {
                    destination.failures += 1;
                    if destination.failures >= MOST_FAILURES {
                        given_up.push((destination.phone, error));
                        return false;
                    }
                }
            }
            true
        });
        given_up
    }
}

/// A socket on our address that routes to a phone: what is sent from it comes from where the phone expects it.
fn bound(ours: Ipv4Addr) -> io::Result<UdpSocket> {
    let socket = std::net::UdpSocket::bind(SocketAddrV4::new(ours, 0))?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

/// Plays a sound to its end, or until it is halted. Packet n leaves 20 ms times n after the first, by the clock that
/// never turns back: what was late once does not make the rest late.
pub(super) async fn play(
    sound: &Bytes,
    destinations: &Destinations,
    halt: &CancellationToken,
    mut told: impl FnMut(usize, Vec<(Option<PhoneId>, io::Error)>),
) {
    let begun = Instant::now();
    let mut packet = Vec::new();
    let mut last = [SILENCE; SAMPLES];
    for (n, chunk) in (0_u32..).zip(sound.chunks(SAMPLES)) {
        tokio::select! {
            () = sleep_until(begun + PACE * n) => {}
            () = halt.cancelled() => return,
        }
        let whole = if chunk.len() == SAMPLES {
            chunk
        } else {
            last[..chunk.len()].copy_from_slice(chunk);
            &last
        };
        let given_up = destinations.send(whole, &mut packet);
        told(n as usize + 1, given_up);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_packet_leaves_early_and_the_last_is_filled_with_silence() {
        let receiver = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, receiver.local_addr().unwrap().port());
        let destinations = Destinations::default();
        destinations.add_phone(PhoneId(1), to, Ipv4Addr::LOCALHOST).unwrap();
        let sound = Bytes::from(vec![9; 10 * SAMPLES + 1]);
        let begun = Instant::now();
        let mut sent = 0;
        play(&sound, &destinations, &CancellationToken::new(), |n, given_up| {
            assert!(given_up.is_empty(), "{given_up:?}");
            sent += 1;
            let due = PACE * u32::try_from(n - 1).unwrap();
            assert!(n == sent && begun.elapsed() >= due, "{n} after {:?}", begun.elapsed());
        })
        .await;
        let mut packet = [0; 256];
        let mut sequence = None;
        for n in 0..11 {
            let length = receiver.recv(&mut packet).unwrap();
            assert_eq!((length, packet[1]), (172, if n == 0 { 0x80 } else { 0 }));
            let seen = u16::from_be_bytes([packet[2], packet[3]]);
            assert!(sequence.is_none_or(|before: u16| before.wrapping_add(1) == seen));
            sequence = Some(seen);
        }
        assert_eq!((sent, packet[12], packet[13]), (11, 9, SILENCE));
    }

    #[tokio::test]
    async fn it_ends_when_it_is_halted() {
        let halt = CancellationToken::new();
        let sound = Bytes::from(vec![9; 1_000 * SAMPLES]);
        let mut sent = 0;
        play(&sound, &Destinations::default(), &halt, |n, _| {
            sent = n;
            if n == 3 {
                halt.cancel();
            }
        })
        .await;
        assert_eq!(sent, 3);
    }
}
