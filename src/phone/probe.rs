//! Whether a phone's port takes a connection, without a word said over it.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::error::{Error, ErrorKind};
use super::target::Target;
use crate::domain::catalogue::Scheme;
use crate::domain::finding::Port;

/// How a port met an attempt to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Address and port.
    pub at: SocketAddr,
    /// How it met us.
    pub met: Port,
    /// How long that took.
    pub took: Duration,
    /// The system's words when there was no connection and no refusal.
    pub reason: Option<String>,
}

impl Probe {
    /// The same as the failure of a request that needs the port; none when it is open.
    pub fn error(&self) -> Option<Error> {
        let kind = match self.met {
            Port::Open => return None,
            Port::Refused => ErrorKind::Refused,
            Port::Silent | Port::Unroutable => ErrorKind::Unreachable,
        };
        let evidence = format!("TCP {} → {kind}, {} ms", self.at, self.took.as_millis());
        Some(Error::new(kind, evidence, false))
    }
}

/// Connects, and hangs up at once. Takes at most `limit`. No address outside the phone networks is tried.
pub(super) async fn probe(target: &Target, scheme: Scheme, limit: Duration) -> Result<Probe, Error> {
    if !target.networks.contain(target.address) {
        let evidence = format!("{} is outside the phone networks; nothing was sent", target.address);
        return Err(Error::new(ErrorKind::OutsideNetworks, evidence, false));
    }
    let at = SocketAddr::from((target.address, target.port(scheme)));
    let begun = Instant::now();
    let connected = timeout(limit, TcpStream::connect(at)).await;
    let (met, reason) = match connected {
        Ok(Ok(_)) => (Port::Open, None),
        Ok(Err(error)) => match error.kind() {
            io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => (Port::Refused, None),
            io::ErrorKind::TimedOut => (Port::Silent, None),
            _ => (Port::Unroutable, Some(error.to_string())),
        },
        Err(_) => (Port::Silent, None),
    };
    Ok(Probe {
        at,
        met,
        took: begun.elapsed(),
        reason,
    })
}
