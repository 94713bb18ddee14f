//! One HTTP client a cluster: no proxies, no redirects, capped answers, errors without URLs.

use std::error::Error as _;

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

fn body_error(error: &reqwest::Error, service: Service) -> Error {
    if error.is_timeout() {
        Error::TimedOut { service }
    } else {
        Error::Truncated { service }
    }
}

fn request_error(error: reqwest::Error, service: Service) -> Error {
    let error = error.without_url();
    if let Some(tls) = tls::tls_cause(&error) {
        return tls::handshake_error(tls);
    }
    if error.is_connect() {
        return Error::Unreachable {
            service,
            reason: innermost(&error),
        };
    }
    if error.is_timeout() {
        return Error::TimedOut { service };
    }
    // Connected, sent, and closed before the answer began.
    Error::Truncated { service }
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
