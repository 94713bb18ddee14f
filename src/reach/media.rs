//! What phones fetch from this server: under a random address, for minutes.
//!
//! Phones send no login, so the address is the key: 128 random bits, forgotten when its time is over. It is kept in
//! memory alone: after a restart of the program a phone is told anew.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use super::ReachError;
use crate::clock::Clock;

/// The most that wait to be fetched at once. Pictures of one size are shared, so that this is no amount of memory.
const MOST: usize = 50_000;
/// Random bytes of an address.
const TOKEN: usize = 16;

/// Something to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Its media type.
    pub content_type: &'static str,
    /// What it is.
    pub bytes: Bytes,
}

#[derive(Debug)]
struct Prepared {
    media: Media,
    until: i64,
}

/// What waits to be fetched, and where phones find it.
#[derive(Debug)]
pub(super) struct Shelf {
    clock: Clock,
    base_url: String,
    minutes: u64,
    listening: Mutex<Option<SocketAddr>>,
    prepared: Mutex<HashMap<[u8; TOKEN], Prepared>>,
}

impl Shelf {
    pub(super) fn new(clock: Clock, base_url: &str, minutes: u64) -> Self {
        Self {
            clock,
            base_url: base_url.trim_end_matches('/').to_owned(),
            minutes,
            listening: Mutex::default(),
            prepared: Mutex::default(),
        }
    }

    /// Where the server answers; from now on phones can be told to fetch.
    pub(super) fn listen(&self, address: SocketAddr) {
        *self.listening.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
    }

    /// Lays something out for a phone; the answer is the URL under which it finds it.
    pub(super) fn put(&self, phone: Ipv4Addr, media: Media) -> Result<String, ReachError> {
        let base = self.base_for(phone)?;
        let mut token = [0_u8; TOKEN];
        getrandom::fill(&mut token).map_err(|error| std::io::Error::other(error.to_string()))?;
        let now = self.clock.now_ms();
        let lifetime = Duration::from_secs(self.minutes * 60).as_millis();
        let until = now.saturating_add(i64::try_from(lifetime).unwrap_or(i64::MAX));
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if prepared.len() >= MOST {
            prepared.retain(|_, prepared| prepared.until > now);
        }
        if prepared.len() >= MOST {
            let problem = "too much waits to be fetched by phones already; try again in some minutes";
            return Err(ReachError::TooMany(problem.to_owned()));
        }
        prepared.insert(token, Prepared { media, until });
        let hex = token.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Ok(format!("{base}/media/{hex}"))
    }

    /// What lies under a token, if its time is not over.
    pub(super) fn take(&self, token: &str) -> Option<Media> {
        let token = parse(token)?;
        let now = self.clock.now_ms();
        let prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let found = prepared.get(&token).filter(|prepared| prepared.until > now)?;
        Some(found.media.clone())
    }

    /// Forgets what nobody may fetch any more.
    pub(super) fn sweep(&self) {
        let now = self.clock.now_ms();
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.retain(|_, prepared| prepared.until > now);
    }

    /// The origin under which a phone reaches this server: the configured one, or our own address on the way to it.
    fn base_for(&self, phone: Ipv4Addr) -> Result<String, ReachError> {
        if !self.base_url.is_empty() {
            return Ok(self.base_url.clone());
        }
        let listening = *self.listening.lock().unwrap_or_else(PoisonError::into_inner);
        let listening = listening.ok_or_else(|| ReachError::NoBaseUrl("it does not listen yet".to_owned()))?;
        let ours = route_to(phone).map_err(|error| ReachError::NoBaseUrl(format!("no way to {phone}: {error}")))?;
        let answers = match listening.ip() {
            IpAddr::V4(address) => address.is_unspecified() || address == ours,
            // An unspecified IPv6 socket takes IPv4 too, on every system where that was not switched off.
            IpAddr::V6(address) => address.is_unspecified(),
        };
        if !answers {
            let problem = format!("it listens on {listening} alone, and {phone} is reached from {ours}");
            return Err(ReachError::NoBaseUrl(problem));
        }
        Ok(format!("http://{ours}:{}", listening.port()))
    }
}

/// Our own address on the way to a phone. Nothing is sent: the system only looks up the route.
pub(super) fn route_to(phone: Ipv4Addr) -> std::io::Result<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect((phone, 9))?;
    match socket.local_addr()?.ip() {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(_) => Err(std::io::Error::other("an IPv6 address on the way to an IPv4 one")),
    }
}

fn parse(token: &str) -> Option<[u8; TOKEN]> {
    if token.len() != 2 * TOKEN || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0_u8; TOKEN];
    for (byte, pair) in bytes.iter_mut().zip(token.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    const PHONE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 5);

    fn media() -> Media {
        Media {
            content_type: "text/xml",
            bytes: Bytes::from_static(b"<x/>"),
        }
    }

    #[test]
    fn what_is_laid_out_is_found_until_its_time_is_over() {
        let clock = Clock::fixed_at(Timestamp::from_second(1_800_000_000).unwrap());
        let shelf = Shelf::new(clock.clone(), "http://10.0.0.1:81", 10);
        let url = shelf.put(PHONE, media()).unwrap();
        let token = url.strip_prefix("http://10.0.0.1:81/media/").unwrap();
        assert_eq!(shelf.take(token), Some(media()));
        assert_ne!(url, shelf.put(PHONE, media()).unwrap());
        for wrong in ["", "00", &"0".repeat(32), &"é".repeat(16), &format!("{token}0")] {
            assert_eq!(shelf.take(wrong), None, "{wrong}");
        }
        clock.advance(Duration::from_mins(10));
        assert_eq!(shelf.take(token), None);
        shelf.sweep();
        assert!(shelf.prepared.lock().unwrap().is_empty());
    }

    #[test]
    fn phones_are_told_the_address_that_the_server_answers_at() {
        let shelf = Shelf::new(Clock::system(), "", 10);
        assert!(matches!(shelf.put(PHONE, media()), Err(ReachError::NoBaseUrl(_))));
        shelf.listen("127.0.0.1:8080".parse().unwrap());
        assert!(
            shelf
                .put(PHONE, media())
                .unwrap()
                .starts_with("http://127.0.0.1:8080/media/")
        );
        shelf.listen("0.0.0.0:8080".parse().unwrap());
        assert!(
            shelf
                .put(PHONE, media())
                .unwrap()
                .starts_with("http://127.0.0.1:8080/media/")
        );
        shelf.listen("127.0.0.9:8080".parse().unwrap());
        assert!(matches!(shelf.put(PHONE, media()), Err(ReachError::NoBaseUrl(_))));
    }
}
