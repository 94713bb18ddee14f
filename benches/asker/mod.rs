//! A small HTTP client that costs little, and a line of what was measured with it.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::measure::Figures;

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

/// p50, p99, rate, processor time a request, memory; of the times of all answers.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(super) fn row(times: Vec<Duration>, during: Duration, spent: Duration, memory_mib: Option<f64>) -> String {
    let count = times.len() as f64;
    let rate = count / during.as_secs_f64();
    let each = spent.as_secs_f64() * 1_000_000.0 / count.max(1.0);
    let figures = Figures::new(times);
    let (middle, late) = (figures.percentile(0.5), figures.percentile(0.99));
    match memory_mib {
        None => format!("{middle:>8.2} {late:>8.2} {rate:>11.0}                   -        -"),
        Some(memory) => format!("{middle:>8.2} {late:>8.2} {rate:>11.0} {each:>19.0} {memory:>8.1}"),
    }
}
