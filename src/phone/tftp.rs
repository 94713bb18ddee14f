//! One question to a TFTP server: whether it serves a file (RFC 1350).
//!
//! The question is a read request; the first block of the answer is enough, and an error packet tells the server not to
//! send more. Nothing is written anywhere.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use tokio::net::UdpSocket;

use crate::domain::address::PhoneNetworks;

/// The port of TFTP.
pub const PORT: u16 = 69;
/// The longest file name that is asked for, in bytes.
const LONGEST_NAME: usize = 128;
/// Times a question is asked: a datagram may be lost.
const TRIES: u32 = 2;
/// The largest datagram of a plain transfer: 4 bytes of head, 512 of data.
const LARGEST: usize = 4 + 512;

/// What a TFTP server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Served {
    /// It serves the file; the first block has so many bytes (512 when there is more).
    Yes(usize),
    /// It answered with an error: its number and its words, at most 80 printable characters.
    No(u16, String),
    /// Nothing listens there.
    Refused,
    /// No answer within the limit.
    Silent,
    /// An answer that is no TFTP.
    Nonsense,
}

/// Why no question was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// Neither this machine nor a network of the cluster's phones.
    #[error("{0} is outside the phone networks of this cluster; nothing was sent to it")]
    OutsideNetworks(Ipv4Addr),
    /// A name that is empty, too long or not printable.
    #[error("this is no file name that a phone would ask for")]
    OddName,
    /// The system gave no socket.
    #[error("this server could not send: {0}")]
    NoSocket(String),
}

/// Asks for `file`, twice at most, each time waiting for `patience`. Only this machine and the networks of the cluster's
/// phones are asked.
///
/// # Errors
/// [`NotAsked`]: nothing left this server.
pub async fn serves(
    server: SocketAddrV4,
    file: &str,
    networks: &PhoneNetworks,
    patience: Duration,
) -> Result<Served, NotAsked> {
    let address = *server.ip();
    if !address.is_loopback() && !networks.contain(address) {
        return Err(NotAsked::OutsideNetworks(address));
    }
    let fits = (1..=LONGEST_NAME).contains(&file.len()) && file.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits {
        return Err(NotAsked::OddName);
    }
    let failed = |error: std::io::Error| NotAsked::NoSocket(error.to_string());
    let from = if address.is_loopback() {
        Ipv4Addr::LOCALHOST
    } else {
        Ipv4Addr::UNSPECIFIED
    };
    let socket = UdpSocket::bind((from, 0)).await.map_err(failed)?;
    for _ in 0..TRIES {
        socket.send_to(&request(file), server).await.map_err(failed)?;
        if let Ok(served) = tokio::time::timeout(patience, answer(&socket, address)).await {
            return Ok(served);
        }
    }
    Ok(Served::Silent)
}

/// Opcode 1, the name, the mode; each text ends with a zero.
fn request(file: &str) -> Vec<u8> {
    [&[0, 1][..], file.as_bytes(), &[0], b"octet", &[0]].concat()
}

/// The first datagram of the server: it answers from a port of its own choice.
async fn answer(socket: &UdpSocket, server: Ipv4Addr) -> Served {
    let mut datagram = [0_u8; LARGEST];
    loop {
        match socket.recv_from(&mut datagram).await {
            Ok((length, from)) if from.ip() == server => {
                let told = read(&datagram[..length]);
                if matches!(told, Served::Yes(_)) {
                    // Opcode 5, error 0: enough. When it is lost the server gives up by itself.
                    let _ = socket.send_to(b"\0\x05\0\0only looked\0", from).await;
                }
                return told;
            }
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => return Served::Refused,
            Err(_) => return Served::Silent,
        }
    }
}

fn read(datagram: &[u8]) -> Served {
    match datagram {
        [0, 3, 0, 1, data @ ..] => Served::Yes(data.len()),
        [0, 5, high, low, words @ ..] => {
            let words = words.split(|byte| *byte == 0).next().unwrap_or_default();
            let words = words.iter().filter(|byte| (b' '..=b'~').contains(byte)).take(80);
            Served::No(
                u16::from_be_bytes([*high, *low]),
                words.map(|byte| char::from(*byte)).collect(),
            )
        }
        _ => Served::Nonsense,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_that_of_the_standard() {
        assert_eq!(request("term42.default.loads"), b"\0\x01term42.default.loads\0octet\0");
    }

    #[test]
    fn answers_are_told_apart() {
        assert_eq!(read(b"\0\x03\0\x01abc"), Served::Yes(3));
        assert_eq!(
            read(b"\0\x05\0\x01File not\x1b found\0trailing"),
            Served::No(1, "File not found".to_owned())
        );
        for odd in [&b""[..], b"\0", b"\0\x03\0\x02x", b"HTTP/1.1 400"] {
            assert_eq!(read(odd), Served::Nonsense, "{odd:?}");
        }
    }

    #[tokio::test]
    async fn nothing_is_sent_outside_the_networks_or_for_an_odd_name() {
        let networks = PhoneNetworks::parse(["10.0.0.0/8"]).unwrap();
        let ask = |address: [u8; 4], file: &'static str| {
            let (server, networks) = (SocketAddrV4::new(address.into(), 9), networks.clone());
            async move { serves(server, file, &networks, Duration::from_millis(1)).await }
        };
        let outside = ask([192, 0, 2, 1], "a").await;
        assert_eq!(outside, Err(NotAsked::OutsideNetworks(Ipv4Addr::new(192, 0, 2, 1))));
        for odd in ["", "a b", "a\0b", "ü"] {
            assert_eq!(ask([127, 0, 0, 1], odd).await, Err(NotAsked::OddName), "{odd:?}");
        }
    }
}
