//! A small HTTP client that costs little, and what was measured with it.

pub(super) mod site;

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::Child;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The kernel counts processor time in hundredths of a second for programs (`USER_HZ`, fixed on Linux).
const TICK: Duration = Duration::from_millis(10);
/// A started program listens within this time, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(10);

/// One line of the report.
pub(super) fn say(line: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").unwrap();
}

/// Waits until a port takes connections.
pub(super) async fn wait_until_it_listens(address: SocketAddr) {
    let begun = Instant::now();
    while TcpStream::connect(address).await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "nothing listens on {address}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Asks for one path again and again over one connection.
pub(super) struct Asker {
    stream: TcpStream,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl Asker {
    pub(super) async fn connect(address: SocketAddr, path: &str, authorization: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let authorization = if authorization.is_empty() {
            String::new()
        } else {
            format!("Authorization: {authorization}\r\n")
        };
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{authorization}\r\n").into_bytes();
        Ok(Self {
            stream,
            request,
            buffer: Vec::with_capacity(256 * 1024),
        })
    }

    /// One answer's body. Anything but a 200 of announced length is an error.
    pub(super) async fn ask(&mut self) -> io::Result<&[u8]> {
        self.stream.write_all(&self.request).await?;
        self.buffer.clear();
        let head = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let text = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: Option<usize> = length.and_then(|length| length.trim().parse().ok());
        let Some(length) = length.filter(|_| text.starts_with("http/1.1 200")) else {
            return Err(io::Error::other(text));
        };
        while self.buffer.len() < head + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(&self.buffer[head..])
    }

    /// How long each answer took.
    pub(super) async fn ask_until(mut self, end: Instant) -> Vec<Duration> {
        let mut times = Vec::new();
        while Instant::now() < end {
            let begun = Instant::now();
            self.ask().await.unwrap();
            times.push(begun.elapsed());
        }
        times
    }
}

/// What many answers took.
pub(super) struct Figures {
    sorted: Vec<Duration>,
    during: Duration,
}

impl Figures {
    pub(super) fn new(mut times: Vec<Duration>, during: Duration) -> Self {
        times.sort_unstable();
        Self { sorted: times, during }
    }

    /// The time that this share of all stays under, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    pub(super) fn percentile(&self, share: f64) -> f64 {
        let at = (self.sorted.len().saturating_sub(1)) as f64 * share;
        self.sorted
            .get(at.round() as usize)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
    }

    /// p50, p99, rate, processor time a request, memory.
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    pub(super) fn row(&self, spent: Duration, memory_mib: Option<f64>) -> String {
        let count = self.sorted.len() as f64;
        let rate = count / self.during.as_secs_f64();
        let each = spent.as_secs_f64() * 1_000_000.0 / count.max(1.0);
        let (middle, late) = (self.percentile(0.5), self.percentile(0.99));
        match memory_mib {
            None => format!("{middle:>8.2} {late:>8.2} {rate:>11.0}                   -        -"),
            Some(memory) => format!("{middle:>8.2} {late:>8.2} {rate:>11.0} {each:>19.0} {memory:>8.1}"),
        }
    }
}

/// A program that is ended with this; its own processes count with it.
pub(super) struct Process(pub(super) Child);

impl Process {
    fn and_its_own(&self) -> Vec<u32> {
        let id = self.0.id();
        let own = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let own = own.split_whitespace().filter_map(|id| id.parse().ok());
        std::iter::once(id).chain(own).collect()
    }

    /// User and system time so far.
    pub(super) fn processor_time(&self) -> Duration {
        let ticks = self.and_its_own().into_iter().map(|id| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
            let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u32>().ok()).unwrap_or(0);
            ticks(11) + ticks(12)
        });
        TICK * ticks.sum::<u32>()
    }

    /// What is resident now, shared pages counted for each process.
    pub(super) fn memory_mib(&self) -> f64 {
        let kib = self.and_its_own().into_iter().map(|id| {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u32>().ok());
            kib.map_or(0.0, f64::from)
        });
        kib.sum::<f64>() / 1024.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Asked to end, so that a program with processes of its own ends them too.
        let _ = std::process::Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}
