//! One HTTP client a cluster: no proxies, no redirects, capped answers, errors without URLs.

use std::error::Error as _;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::SET_COOKIE;
use reqwest::{Client, RequestBuilder, redirect};

use super::error::{Error, Service, one_line};
use super::{Settings, Trust, tls};

/// The largest AXL or RIS answer we take: twice what AXL sends before it faults.
pub(super) const MAX_SOAP_BYTES: usize = 16 * 1024 * 1024;
/// The largest answer of the authenticate service and UDS.
pub(super) const MAX_SMALL_BYTES: usize = 64 * 1024;

/// An answer read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    /// The `name=value` of every cookie set.
    pub(super) cookies: Vec<String>,
    pub(super) body: Bytes,
}

impl Answer {
    /// The body as text; bytes that are not UTF-8 become replacement characters.
    pub(super) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// The client of a cluster.
#[expect(
    clippy::disallowed_methods,
    reason = "this is cucm's client builder: no proxies, no redirects"
)]
pub(super) fn client(trust: &Trust, settings: &Settings) -> Result<Client, Error> {
    Client::builder()
        .tls_backend_preconfigured(tls::client_config(trust)?)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .http1_only()
        .gzip(true)
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.read_timeout)
        .build()
        .map_err(|error| Error::InvalidConnection {
            what: one_line(&error.without_url().to_string(), 200),
        })
}

/// A client for one question to one host that is not trusted with anything: its addresses are given, no redirect is
/// followed, nothing is unpacked.
#[expect(
    clippy::disallowed_methods,
    reason = "this is cucm's client builder: no proxies, no redirects"
)]
pub(super) fn stranger_client(
    tls: rustls::ClientConfig,
    host: &str,
    addresses: &[SocketAddr],
    connect: Duration,
    whole: Duration,
) -> Result<Client, Error> {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .http1_only()
        .gzip(false)
        .resolve_to_addrs(host, addresses)
        .connect_timeout(connect)
        .timeout(whole)
        .build()
        .map_err(|error| Error::InvalidConnection {
            what: one_line(&error.without_url().to_string(), 200),
        })
}

/// Sends a request and reads the answer, at most `limit` bytes of it.
pub(super) async fn send(request: RequestBuilder, service: Service, limit: usize) -> Result<Answer, Error> {
    let mut response = request.send().await.map_err(|error| request_error(error, service))?;
    let status = response.status().as_u16();
    let cookies = response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .filter_map(|cookie| cookie.split(';').next())
        .map(|pair| pair.trim().to_owned())
        .collect();
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| body_error(&error, service))? {
        if body.len() + chunk.len() > limit {
            return Err(Error::TooLong { service, limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        cookies,
        body: body.freeze(),
    })
}

pub(super) fn body_error(error: &reqwest::Error, service: Service) -> Error {
    if error.is_timeout() {
        Error::TimedOut { service }
    } else {
        Error::Truncated { service }
    }
}

pub(super) fn request_error(error: reqwest::Error, service: Service) -> Error {
    let error = error.without_url();
    if error.is_connect() {
        return connect_error(&error, service);
    }
    if error.is_timeout() {
        return Error::TimedOut { service };
    }
    // Connected, sent, and closed before the answer began.
    Error::Truncated { service }
}

fn connect_error(error: &reqwest::Error, service: Service) -> Error {
    if let Some(tls) = tls::tls_cause(error) {
        return tls::handshake_error(tls, service);
    }
    let reason = innermost(error);
    let mut refused = false;
    let mut not_resolved = false;
    let mut source = error.source();
    while let Some(inner) = source {
        refused |= inner
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        not_resolved |= inner.to_string().starts_with("dns error");
        source = inner.source();
    }
    if not_resolved {
        Error::NotResolved { service, reason }
    } else if refused {
        Error::Refused { service }
    } else if error.is_timeout() {
        Error::Silent { service }
    } else if reason.contains("handshake") {
        Error::TlsFailed { service, reason }
    } else {
        Error::Unreachable { service, reason }
    }
}

/// The last words of a chain of errors: the system's own.
fn innermost(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = inner.to_string();
        source = inner.source();
    }
    one_line(&text, 200)
}
