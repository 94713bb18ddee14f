//! One request to one phone: in its turn, inside the networks, with limits on time and size, never redirected unseen.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, LOCATION, VIA};
use reqwest::{Client, Method, Response};
use secrecy::ExposeSecret;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout_at;
use url::Url;

use super::document;
use super::error::{BuildError, Error, ErrorKind};
use super::journal::{Exchange, Terms};
use super::target::{Settings, Target, Urgency};
use super::tls;
use super::turns::{Phone, Turn, Turns};
use crate::domain::catalogue::Scheme;

/// The most that is set aside for an answer on the phone's word about its length.
const MOST_RESERVED: usize = 256 * 1024;
/// Idle connections are given up sooner than the phones' own web servers do.
const IDLE: Duration = Duration::from_secs(15);

/// How long the words of a refusal are waited for when somebody keeps a journal.
const GLANCE: Duration = Duration::from_millis(250);

/// The first mark of a document stands within so many bytes, behind blanks and marks of the encoding.
const LATEST_MARK: usize = 64;

/// The two clients and the queues in front of them.
#[derive(Debug)]
pub(super) struct Wire {
    /// Keeps one connection a phone alive, for whoever looks.
    looks: Client,
    /// A new connection for each request. A press must not meet a connection that the phone has just closed: it
    /// could not be told whether the press arrived, and it is never repeated.
    acts: Client,
    turns: Arc<Turns>,
    /// One SSH session a phone, in the order in which they were asked for.
    sessions: Arc<Turns>,
    permits: Semaphore,
    pub(super) settings: Settings,
}

/// What to ask.
#[derive(Debug, Clone)]
pub(super) struct Ask<'a> {
    pub(super) scheme: Scheme,
    /// Path and query.
    pub(super) path: &'a str,
    /// Whether the control login goes with it: information pages need none, so they get none.
    pub(super) login: bool,
    /// The form of a POST; without it the request is a GET.
    pub(super) form: Option<Bytes>,
    /// Time for the whole request.
    pub(super) limit: Duration,
    /// What else the asker wants.
    pub(super) terms: &'a Terms,
}

/// A whole answer: 2xx, or the redirect of an answer to a POST.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) url: Url,
    pub(super) location: Option<Url>,
    pub(super) body: Bytes,
    pub(super) took: Duration,
    line: String,
}

impl Reply {
    /// One line for a technician.
    pub(super) fn evidence(&self, note: &str) -> String {
        format!("{}, {note}, {} ms", self.line, self.took.as_millis())
    }

    /// This answer as a failure.
    pub(super) fn fail(&self, kind: ErrorKind) -> Error {
        let note = kind.to_string();
        Error::new(kind, self.evidence(&note), true)
    }

    /// Whether the answer is an HTML page.
    pub(super) fn is_page(&self) -> bool {
        document::root_name(&self.body).is_some_and(|name| name.eq_ignore_ascii_case("html"))
    }
}

/// The other scheme.
pub(super) fn other(scheme: Scheme) -> Scheme {
    match scheme {
        Scheme::Http => Scheme::Https,
        Scheme::Https => Scheme::Http,
    }
}

impl Wire {
    pub(super) fn new(settings: Settings) -> Result<Self, BuildError> {
        Ok(Self {
            looks: client(&settings, 1)?,
            acts: client(&settings, 0)?,
            turns: Arc::new(Turns::default()),
            sessions: Arc::new(Turns::default()),
            permits: Semaphore::new(settings.max_concurrent.clamp(1, Semaphore::MAX_PERMITS)),
            settings,
        })
    }

    /// The right to speak with a phone, by whichever protocol: one conversation at a time in front of each, a cap over
    /// all.
    pub(super) async fn turn(&self, phone: Phone, urgency: Urgency) -> (Turn, Option<SemaphorePermit<'_>>) {
        let turn = self.turns.wait(phone, urgency).await;
        // The semaphore is never closed, so waiting for it cannot fail; without a permit the request goes on all the same.
        (turn, self.permits.acquire().await.ok())
    }

    /// The place in front of a phone's SSH port, held as long as a session lasts. Its key is the address and that port.
    pub(super) async fn ssh_place(&self, port: Phone) -> Turn {
        self.sessions.wait(port, Urgency::Press).await
    }

    /// A GET; a redirect to the same host is followed once.
    pub(super) async fn get(&self, target: &Target, ask: &Ask<'_>, urgency: Urgency) -> Result<Reply, Error> {
        let url = locate(target, ask.scheme, ask.path)?;
        let reply = self.get_once(target, ask, &url, urgency).await?;
        if !(300..400).contains(&reply.status) {
            return Ok(reply);
        }
        let elsewhere = || reply.fail(ErrorKind::RedirectElsewhere);
        let location = reply.location.clone().filter(|url| is_same_phone(target, url));
        let reply = self
            .get_once(target, ask, &location.ok_or_else(elsewhere)?, urgency)
            .await?;
        match reply.status {
            status @ 300..400 => Err(reply.fail(ErrorKind::Status(status))),
            _ => Ok(reply),
        }
    }

    /// A GET may be repeated when its connection ended before the first byte of an answer: a kept connection may have
    /// been closed by the phone in between.
    async fn get_once(&self, target: &Target, ask: &Ask<'_>, url: &Url, urgency: Urgency) -> Result<Reply, Error> {
        match self.exchange(&self.looks, target, ask, url, urgency).await {
            Err(error) if *error.kind() == ErrorKind::Refused && error.was_sent() => {
                self.exchange(&self.acts, target, ask, url, urgency).await
            }
            result => result,
        }
    }

    /// A POST, sent at most once. Redirects are handed back.
    pub(super) async fn post(&self, target: &Target, ask: &Ask<'_>, urgency: Urgency) -> Result<Reply, Error> {
        let url = locate(target, ask.scheme, ask.path)?;
        self.exchange(&self.acts, target, ask, &url, urgency).await
    }

    async fn exchange(
        &self,
        client: &Client,
        target: &Target,
        ask: &Ask<'_>,
        url: &Url,
        urgency: Urgency,
    ) -> Result<Reply, Error> {
        if !target.networks.contain(target.address) {
            let networks = target.networks.iter().collect::<Vec<_>>().join(", ");
            let evidence = format!(
                "{} is outside the phone networks {networks}; nothing was sent",
                target.address
            );
            return Err(Error::new(ErrorKind::OutsideNetworks, evidence, false));
        }
        let method = if ask.form.is_some() { Method::POST } else { Method::GET };
        let line = format!("{method} {url}");
        let phone = (target.address, target.http_port);
        let scheme = if url.scheme() == "https" {
            Scheme::Https
        } else {
            Scheme::Http
        };
        let (asked, ahead) = (Instant::now(), self.turns.ahead(phone));
        let in_turn = self.turn(phone, urgency);
        let _turn = match ask.terms.deadline {
            None => in_turn.await,
            Some(deadline) => timeout_at(deadline, in_turn).await.map_err(|_| {
                if let Some(journal) = &ask.terms.journal {
                    let mut noted = Exchange::new(&line, scheme, ahead, asked.elapsed());
                    noted.failure = Some(ErrorKind::Queued);
                    journal.add(noted);
                }
                let waited = asked.elapsed().as_millis();
                let evidence =
                    format!("{line}: not sent within {waited} ms; {ahead} others of this server were in front");
                Error::new(ErrorKind::Queued, evidence, false)
            })?,
        };
        let left = ask
            .terms
            .deadline
            .map(|at| at.saturating_duration_since(tokio::time::Instant::now()));
        let mut talk = Talk {
            begun: Instant::now(),
            connect_timeout: self.settings.connect_timeout,
            limit: left.map_or(ask.limit, |left| left.min(ask.limit)),
            tls: url.scheme() == "https",
            noted: ask
                .terms
                .journal
                .is_some()
                .then(|| Exchange::new(&line, scheme, ahead, asked.elapsed())),
            line,
        };
        let outcome = self.converse(client, target, ask, url, &mut talk).await;
        if let (Some(journal), Some(mut noted)) = (&ask.terms.journal, talk.noted.take()) {
            noted.took = talk.begun.elapsed();
            noted.failure = outcome.as_ref().err().map(|error| error.kind().clone());
            journal.add(noted);
        }
        outcome
    }

    async fn converse(
        &self,
        client: &Client,
        target: &Target,
        ask: &Ask<'_>,
        url: &Url,
        talk: &mut Talk,
    ) -> Result<Reply, Error> {
        let method = if ask.form.is_some() { Method::POST } else { Method::GET };
        let mut request = client.request(method, url.clone());
        if let Some(credentials) = target.credentials.as_ref().filter(|_| ask.login) {
            request = request.basic_auth(&credentials.username, Some(credentials.password.expose_secret()));
        }
        if let Some(form) = &ask.form {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.clone());
        }
        let deadline = tokio::time::Instant::now() + talk.limit;
        let response = match timeout_at(deadline, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(talk.no_answer(&error)),
            Err(_) => return Err(talk.fail(ErrorKind::Silent, true)),
        };
        talk.read(response, url, deadline, self.settings.max_picture_bytes)
            .await
    }
}

/// One exchange under way, for its evidence.
struct Talk {
    line: String,
    begun: Instant,
    connect_timeout: Duration,
    limit: Duration,
    tls: bool,
    /// The same for a journal, where one is kept.
    noted: Option<Exchange>,
}

impl Talk {
    fn fail(&self, kind: ErrorKind, sent: bool) -> Error {
        let note = match kind {
            ErrorKind::Unreachable => format!("no connection within {} ms", self.connect_timeout.as_millis()),
            ErrorKind::Silent => format!("connected, but no answer within {} ms", self.limit.as_millis()),
            ErrorKind::Slow => format!("the answer began but did not end within {} ms", self.limit.as_millis()),
            ref kind => kind.to_string(),
        };
        let evidence = format!("{} → {note}, {} ms", self.line, self.begun.elapsed().as_millis());
        Error::new(kind, evidence, sent)
    }

    /// Why no answer came at all.
    fn no_answer(&mut self, error: &reqwest::Error) -> Error {
        let causes = causes(error);
        let is_io = |kinds: &[io::ErrorKind]| {
            let mut found = causes.iter().filter_map(|cause| cause.downcast_ref::<io::Error>());
            found.any(|error| kinds.contains(&error.kind()))
        };
        if causes.iter().any(|cause| cause.is::<rustls::Error>()) {
            return self.fail(ErrorKind::Handshake, false);
        }
        let is_ended = is_io(&[
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::ConnectionAborted,
            io::ErrorKind::BrokenPipe,
            io::ErrorKind::UnexpectedEof,
        ]);
        if let Some(noted) = &mut self.noted {
            noted.refused = is_ended || is_io(&[io::ErrorKind::ConnectionRefused]);
        }
        if error.is_connect() {
            let kind = match (is_ended, self.tls) {
                _ if is_io(&[io::ErrorKind::ConnectionRefused]) => ErrorKind::Refused,
                (true, true) => ErrorKind::Handshake,
                (true, false) => ErrorKind::Refused,
                (false, _) => ErrorKind::Unreachable,
            };
            return self.fail(kind, false);
        }
        let is_broken_off = causes.iter().any(|cause| {
            let error = cause.downcast_ref::<hyper::Error>();
            error.is_some_and(|error| error.is_incomplete_message() || error.is_canceled() || error.is_closed())
        });
        let kind = if is_ended || is_broken_off {
            ErrorKind::Refused
        } else {
            ErrorKind::Foreign
        };
        self.fail(kind, true)
    }

    async fn read(
        &mut self,
        mut response: Response,
        url: &Url,
        deadline: tokio::time::Instant,
        most: usize,
    ) -> Result<Reply, Error> {
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let media_type = header(CONTENT_TYPE)
            .unwrap_or("no type")
            .split(';')
            .next()
            .unwrap_or_default()
            .trim();
        self.line = format!(
            "{} → {status} {}",
            self.line,
            media_type.chars().take(60).collect::<String>()
        );
        if let Some(noted) = &mut self.noted {
            noted.headed(&response, self.begun.elapsed());
        }
        let location = header(LOCATION).and_then(|location| url.join(location).ok());
        let refusal = match status {
            _ if response.headers().contains_key(VIA) => Some(ErrorKind::Foreign),
            200..=299 | 301 | 302 | 303 | 307 | 308 => None,
            401 => Some(ErrorKind::Unauthorized),
            403 => Some(ErrorKind::Forbidden),
            404 => Some(ErrorKind::NotFound),
            other => Some(ErrorKind::Status(other)),
        };
        if let Some(kind) = refusal {
            if let Some(noted) = &mut self.noted {
                // What it says is proof, yet not worth waiting for.
                let soon = deadline.min(tokio::time::Instant::now() + GLANCE);
                if let Ok(Ok(Some(chunk))) = timeout_at(soon, response.chunk()).await {
                    noted.bodied(&chunk);
                }
            }
            return Err(self.answered(kind));
        }
        let announced = response
            .content_length()
            .and_then(|length| usize::try_from(length).ok());
        let mut body = Vec::with_capacity(announced.unwrap_or_default().min(MOST_RESERVED));
        let broken = loop {
            match timeout_at(deadline, response.chunk()).await {
                Err(_) => break Some(ErrorKind::Slow),
                Ok(Err(_)) => break Some(ErrorKind::Truncated),
                Ok(Ok(None)) => break None,
                Ok(Ok(Some(chunk))) if body.len() + chunk.len() > most => break Some(ErrorKind::TooLong),
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            }
        };
        if let Some(noted) = &mut self.noted {
            noted.bodied(&body);
        }
        if let Some(kind) = broken {
            return Err(self.answered(kind));
        }
        if let Some(number) = phone_error(&body) {
            return Err(self.answered(ErrorKind::PhoneError(number)));
        }
        // Pictures are kept as they came.
        body.shrink_to_fit();
        Ok(Reply {
            status,
            url: url.clone(),
            location,
            body: Bytes::from(body),
            took: self.begun.elapsed(),
            line: self.line.clone(),
        })
    }

    fn answered(&self, kind: ErrorKind) -> Error {
        let note = match kind {
            ErrorKind::PhoneError(number) => format!("CiscoIPPhoneError {number}"),
            ref kind => kind.to_string(),
        };
        let evidence = format!("{}, {note}, {} ms", self.line, self.begun.elapsed().as_millis());
        Error::new(kind, evidence, true)
    }
}

/// The number of a `CiscoIPPhoneError`, which comes with HTTP 200 (phone-xml-api.md 1.4).
pub(super) fn phone_error(body: &[u8]) -> Option<u32> {
    // Pictures are by far the most frequent answers, and need not be read as text.
    if !body.iter().take(LATEST_MARK).any(|byte| *byte == b'<') {
        return None;
    }
    let named = document::root_name(body).is_some_and(|name| name.eq_ignore_ascii_case("CiscoIPPhoneError"));
    let node = named.then(|| document::parse(body)).flatten()?;
    node.field("Number")?.trim().parse().ok()
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> Vec<&'a (dyn StdError + 'static)> {
    let mut found = Vec::new();
    let mut next: Option<&'a (dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        found.push(error);
        // `source` of an io::Error skips the error it wraps.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped
            .map(|wrapped| wrapped as &(dyn StdError + 'static))
            .or_else(|| error.source());
    }
    found
}

/// The URL of a path at the phone.
fn locate(target: &Target, scheme: Scheme, path: &str) -> Result<Url, Error> {
    let name = match scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    let text = format!("{name}://{}:{}{path}", target.address, target.port(scheme));
    Url::parse(&text).map_err(|error| Error::new(ErrorKind::NotFound, format!("{text}: {error}"), false))
}

/// Whether a redirect stays with the phone: its address and the port of the scheme, so that credentials may go there.
pub(super) fn is_same_phone(target: &Target, url: &Url) -> bool {
    let port = match url.scheme() {
        "http" => target.http_port,
        "https" => target.https_port,
        _ => return false,
    };
    url.host() == Some(url::Host::Ipv4(target.address)) && url.port_or_known_default() == Some(port)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one builder of clients for phones: no proxies, no redirects, no retries"
)]
fn client(settings: &Settings, idle: usize) -> Result<Client, BuildError> {
    let tls = tls::config().map_err(|error| BuildError(error.to_string()))?;
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_gzip()
        .http1_only()
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        .connect_timeout(settings.connect_timeout)
        .pool_max_idle_per_host(idle)
        .pool_idle_timeout(IDLE)
        .tls_backend_preconfigured(tls)
        .build()
        .map_err(|error| BuildError(error.to_string()))
}
