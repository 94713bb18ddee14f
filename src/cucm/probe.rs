//! Whether a host can be reached at all, before anything is said to it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;

use super::error::one_line;

/// More addresses of one name are not tried.
const MAX_ADDRESSES: usize = 8;

/// How a host answered the attempt to connect. Refused and silent can both be true when a name has several addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The addresses of the name, in the resolver's order, each once; or the resolver's word for why there are none.
    pub resolved: Result<Vec<IpAddr>, String>,
    /// The first address that accepted a connection.
    pub connected: Option<SocketAddr>,
    /// Whether an address refused: a host is there, and nothing listens on the port.
    pub refused: bool,
    /// Whether an address gave no answer in time: the host is off, or a firewall drops what is sent to it.
    pub silent: bool,
    /// How long it took, name resolution included.
    pub took: Duration,
}

/// Resolves a name (or takes an address) and connects to all its addresses at once, for at most `limit` together. Sends
/// nothing, needs no credentials, and closes the connection again.
pub async fn probe(host: &str, port: u16, limit: Duration) -> Probe {
    let started = Instant::now();
    let mut result = Probe {
        resolved: Ok(Vec::new()),
        connected: None,
        refused: false,
        silent: false,
        took: Duration::ZERO,
    };
    match tokio::time::timeout(limit, resolve(host, port)).await {
        Ok(Ok(addresses)) => {
            let left = limit.saturating_sub(started.elapsed());
            connect(&addresses, left, &mut result).await;
            result.resolved = Ok(addresses.iter().map(SocketAddr::ip).collect());
        }
        Ok(Err(word)) => result.resolved = Err(word),
        Err(_) => result.resolved = Err("the resolver did not answer in time".to_owned()),
    }
    result.took = started.elapsed();
    result
}

/// The addresses of a host, each once; IPv6 addresses may stand in brackets. An error holds the resolver's word.
pub(super) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    let host = host.trim().trim_start_matches('[').trim_end_matches(']');
    let found = tokio::net::lookup_host((host, port))
        .await
        .map_err(|error| one_line(&error.to_string(), 200))?;
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in found {
        if !addresses.contains(&address) && addresses.len() < MAX_ADDRESSES {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        return Err("the name has no address".to_owned());
    }
    Ok(addresses)
}

async fn connect(addresses: &[SocketAddr], limit: Duration, result: &mut Probe) {
    let attempt = |address: SocketAddr| async move {
        let connected = tokio::time::timeout(limit, TcpStream::connect(address)).await;
        (address, connected)
    };
    let mut attempts: FuturesUnordered<_> = addresses.iter().copied().map(attempt).collect();
    while let Some((address, connected)) = attempts.next().await {
        match connected {
            Ok(Ok(_)) => {
                result.connected = Some(address);
                return;
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => result.refused = true,
            // A router's word that there is no way is silence of the host, too.
            Ok(Err(_)) | Err(_) => result.silent = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn tells_open_refused_and_unknown_apart() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let open = listener.local_addr().unwrap();
        let found = probe("127.0.0.1", open.port(), LIMIT).await;
        assert_eq!(found.connected, Some(open));
        assert!(!found.refused && !found.silent);
        assert_eq!(found.resolved, Ok(vec![open.ip()]));

        drop(listener);
        let found = probe("[127.0.0.1]", open.port(), LIMIT).await;
        assert_eq!((found.connected, found.refused, found.silent), (None, true, false));

        let found = probe("no_such..name", 80, LIMIT).await;
        assert!(found.resolved.is_err() && found.connected.is_none());
        assert!(!found.refused && !found.silent);
    }

    #[tokio::test]
    async fn silence_ends_at_the_limit() {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        socket.bind(&any.into()).unwrap();
        socket.listen(0).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        // The queue of a listener that never accepts fills up; then the system drops what else comes.
        let limit = Duration::from_millis(200);
        let mut held = Vec::new();
        let silent = loop {
            let attempt = tokio::time::timeout(limit, TcpStream::connect(address)).await;
            match attempt {
                Ok(Ok(stream)) if held.len() < 16 => held.push(stream),
                other => break other.is_err(),
            }
        };
        assert!(silent, "the queue never filled");
        let found = probe("127.0.0.1", address.port(), limit).await;
        assert_eq!((found.connected, found.refused, found.silent), (None, false, true));
        assert!(found.took >= limit);
    }
}
