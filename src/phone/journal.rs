//! What was exchanged with a phone, for a proof: requests, the heads and first bytes of answers, times.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Response;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, SERVER, VIA, WWW_AUTHENTICATE};
use tokio::time::Instant;

use super::error::ErrorKind;
use crate::domain::catalogue::Scheme;

/// How many bytes of an answer are kept.
const FIRST_BYTES: usize = 80;
/// The longest header value that is kept, in characters.
const LONGEST_HEADER: usize = 200;

/// Under which terms somebody asks; by default under those of the settings.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    /// No request begins or lasts after this, whatever else it may take.
    pub(super) deadline: Option<Instant>,
    /// A picture that was cut short is not asked for again.
    pub(super) once: bool,
    /// Who writes down what is exchanged.
    pub(super) journal: Option<Journal>,
}

/// One request and what came of it. It holds no login: that travels in a header that is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Method and URL.
    pub request: String,
    /// By which scheme.
    pub scheme: Scheme,
    /// How many others of this server stood in the queue in front of the phone.
    pub ahead: usize,
    /// How long it waited in that queue.
    pub queued: Duration,
    /// The connection was refused, or reset before the first byte of an answer.
    pub refused: bool,
    /// The status.
    pub status: Option<u16>,
    /// The headers that tell who answers: `Server`, `Via`, `Location` and their like, as sent.
    pub headers: Vec<(&'static str, String)>,
    /// The first bytes of the body, at most 80.
    pub first_bytes: Vec<u8>,
    /// How many bytes of the body came.
    pub length: usize,
    /// From the request to the head of the answer, connecting included, queueing not.
    pub first_byte: Option<Duration>,
    /// From the request to its end, queueing not counted.
    pub took: Duration,
    /// What went wrong.
    pub failure: Option<ErrorKind>,
}

impl Exchange {
    pub(super) fn new(request: &str, scheme: Scheme, ahead: usize, queued: Duration) -> Self {
        Self {
            request: request.to_owned(),
            scheme,
            ahead,
            queued,
            refused: false,
            status: None,
            headers: Vec::new(),
            first_bytes: Vec::new(),
            length: 0,
            first_byte: None,
            took: Duration::ZERO,
            failure: None,
        }
    }

    /// The head of an answer came.
    pub(super) fn headed(&mut self, response: &Response, after: Duration) {
        self.status = Some(response.status().as_u16());
        self.first_byte = Some(after);
        for (name, label) in [
            (CONTENT_TYPE, "Content-Type"),
            (CONTENT_LENGTH, "Content-Length"),
            (SERVER, "Server"),
            (VIA, "Via"),
            (LOCATION, "Location"),
            (WWW_AUTHENTICATE, "WWW-Authenticate"),
        ] {
            if let Some(value) = response.headers().get(name).and_then(|value| value.to_str().ok()) {
                self.headers.push((label, value.chars().take(LONGEST_HEADER).collect()));
            }
        }
    }

    /// So much of its body came.
    pub(super) fn bodied(&mut self, body: &[u8]) {
        self.length = body.len();
        self.first_bytes = body[..body.len().min(FIRST_BYTES)].to_vec();
    }

    /// A header as it was sent.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(label, _)| label.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The first bytes as text: what cannot be printed is a dot.
    pub fn first_text(&self) -> String {
        let printable = |&byte: &u8| {
            if byte == b' ' || byte.is_ascii_graphic() {
                char::from(byte)
            } else {
                '.'
            }
        };
        self.first_bytes.iter().map(printable).collect()
    }
}

/// Everything that was exchanged, in the order in which it ended. Clones write into the same.
#[derive(Debug, Clone, Default)]
pub struct Journal(Arc<Mutex<Vec<Exchange>>>);

impl Journal {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was exchanged so far.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn add(&self, exchange: Exchange) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }
}
