//! Where a request comes from: over TLS or not, from this machine or another, and from which site.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use crate::config;

/// How a request reached us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The browser's address, as far as trusted proxies tell it.
    pub address: IpAddr,
    /// Whether it travelled over TLS, ours or a trusted proxy's.
    pub secure: bool,
    /// Whether it came from this machine without any proxy.
    pub local: bool,
}

impl Arrival {
    /// Reads it from the connection, and from a proxy's headers when the connection is a trusted proxy's.
    pub fn of(parts: &Parts, settings: &config::Server) -> Self {
        let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = connection.map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
        let forwarded = header_text(&parts.headers, "x-forwarded-for");
        if !settings.trusted_proxies.contains(&peer) {
            return Self {
                address: peer,
                secure: false,
                local: peer.is_loopback() && forwarded.is_none(),
            };
        }
        // The last entry is the one that our own proxy added; earlier ones may be anybody's invention.
        let address = forwarded
            .and_then(|list| list.rsplit(',').next()?.trim().parse().ok())
            .unwrap_or(peer);
        let secure = header_text(&parts.headers, "x-forwarded-proto") == Some("https");
        Self {
            address,
            secure,
            local: false,
        }
    }

    /// Whether people may sign in over it.
    pub fn may_sign_in(&self, settings: &config::Server) -> bool {
        self.secure || self.local || settings.allow_plain_http
    }
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether the request was made by a page of our own: its `Origin` is the public origin, or names the host asked for.
/// A browser that sends neither `Origin` nor `Sec-Fetch-Site` is believed only where the caller says so.
pub(super) fn is_same_origin(headers: &HeaderMap, settings: &config::Server) -> Option<bool> {
    if let Some(origin) = header_text(headers, header::ORIGIN.as_str()) {
        if !settings.public_origin.is_empty() {
            return Some(origin == settings.public_origin);
        }
        let host = header_text(headers, header::HOST.as_str()).unwrap_or_default();
        let origin_host = origin.split_once("://").map_or("", |(_, host)| host);
        return Some(!host.is_empty() && origin_host.eq_ignore_ascii_case(host));
    }
    header_text(headers, "sec-fetch-site").map(|site| matches!(site, "same-origin" | "none"))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, Request};

    use super::*;

    fn parts(peer: [u8; 4], headers: &[(&'static str, &'static str)]) -> Parts {
        let mut request = Request::new(());
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::from((peer, 5000))));
        request.into_parts().0
    }

    #[test]
    fn proxies_are_believed_only_when_trusted() {
        let mut settings = config::Server::default();
        let headers = [
            ("x-forwarded-for", "203.0.113.9, 198.51.100.7"),
            ("x-forwarded-proto", "https"),
        ];
        let stranger = Arrival::of(&parts([127, 0, 0, 1], &headers), &settings);
        assert_eq!(
            stranger,
            Arrival {
                address: [127, 0, 0, 1].into(),
                secure: false,
                local: false
            }
        );
        assert!(!stranger.may_sign_in(&settings));
        settings.trusted_proxies = vec![[127, 0, 0, 1].into()];
        let proxied = Arrival::of(&parts([127, 0, 0, 1], &headers), &settings);
        assert_eq!(
            proxied,
            Arrival {
                address: [198, 51, 100, 7].into(),
                secure: true,
                local: false
            }
        );
        let direct = Arrival::of(&parts([192, 0, 2, 1], &[]), &settings);
        assert!(!direct.may_sign_in(&settings));
        settings.allow_plain_http = true;
        assert!(direct.may_sign_in(&settings));
    }

    #[test]
    fn only_our_own_pages_are_of_the_same_origin() {
        let mut settings = config::Server::default();
        let of = |headers: &[(&'static str, &'static str)], settings: &config::Server| {
            is_same_origin(&parts([127, 0, 0, 1], headers).headers, settings)
        };
        assert_eq!(
            of(&[("host", "a:80"), ("origin", "http://a:80")], &settings),
            Some(true)
        );
        assert_eq!(
            of(&[("host", "a:80"), ("origin", "http://b:80")], &settings),
            Some(false)
        );
        assert_eq!(of(&[("host", "a:80"), ("origin", "null")], &settings), Some(false));
        assert_eq!(of(&[("sec-fetch-site", "cross-site")], &settings), Some(false));
        assert_eq!(of(&[], &settings), None);
        settings.public_origin = "https://sidetone.example".to_owned();
        assert_eq!(
            of(&[("host", "a:80"), ("origin", "http://a:80")], &settings),
            Some(false)
        );
        assert_eq!(of(&[("origin", "https://sidetone.example")], &settings), Some(true));
    }
}
