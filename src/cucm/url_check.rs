//! Asking a URL that phones ask, exactly as it is written, on whatever host it leads to.

use std::net::{IpAddr, SocketAddr};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use ipnet::IpNet;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::header::LOCATION;
use secrecy::ExposeSecret;
use url::Url;

use super::authenticate::{AuthenticateForm, read_word};
use super::error::{Error, Service, one_line};
use super::probe::resolve;
use super::records::SeenCertificate;
use super::transport::{body_error, request_error, stranger_client};
use super::{Cucm, Login, Settings, tls};
use crate::domain::device_name::DeviceName;

const SERVICE: Service = Service::AuthenticationUrl;
/// The word is ten bytes; a page longer than this is no word.
const MAX_BYTES: usize = 16 * 1024;

/// What an Authentication URL answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Where a redirect leads: the host, with its port when one is written; never path or query.
    pub redirect: Option<String>,
    /// The body: one line, at most 80 characters, the password masked.
    pub word: String,
    /// True only for status 200 and exactly `AUTHORIZED`.
    pub authorized: bool,
    /// How long it took, name resolution included.
    pub took: Duration,
    /// How many header lines came. 69xx phones misread answers with many.
    pub headers: usize,
    /// The certificate shown, which nothing was checked of; `None` over http, or when it cannot be read.
    pub certificate: Option<SeenCertificate>,
}

impl Cucm {
    /// Asks one Authentication URL as a phone would: GET, with user, password and device merged into whatever query it
    /// has. Parameters that the query already names, in any of the spellings known, get their values in place; the others
    /// follow as phones write them. A redirect is reported, not followed.
    ///
    /// The host may be any, and its certificate is reported, not verified: whoever answers there reads the login. Pass a
    /// made-up user unless the URL is known to be the cluster's own; a wrong password of a real user may count toward its
    /// lock. Addresses outside `networks` are not asked (an empty list allows any), link-local and multicast ones never.
    ///
    /// At most 2 s to connect and 5 s in all ([`Settings::url_timeout`]).
    ///
    /// [`Error::OddUrl`] when it is not asked; [`Error::NotResolved`], [`Error::Refused`], [`Error::Silent`] (no answer to
    /// the attempt to connect), [`Error::TimedOut`] (connected, then silence), [`Error::TlsFailed`], [`Error::NotTls`].
    pub async fn ask_authentication_url(
        &self,
        url: &Url,
        login: &Login,
        device: &DeviceName,
        networks: &[IpNet],
    ) -> Result<UrlAnswer, Error> {
        let settings = &self.inner.settings;
        let limit = settings.url_timeout;
        tokio::time::timeout(limit, ask(url, login, device, networks, settings))
            .await
            .unwrap_or(Err(Error::TimedOut { service: SERVICE }))
    }
}

async fn ask(
    url: &Url,
    login: &Login,
    device: &DeviceName,
    networks: &[IpNet],
    settings: &Settings,
) -> Result<UrlAnswer, Error> {
    let started = Instant::now();
    let (host, port) = target(url)?;
    let addresses = allowed_addresses(&host, port, networks, settings.url_connect_timeout).await?;
    let (config, shown) = tls::recording_config()?;
    let client = stranger_client(
        config,
        &host,
        &addresses,
        settings.url_connect_timeout,
        settings.url_timeout,
    )?;
    let mut asked = url.clone();
    asked.set_query(Some(&merged_query(url.query(), login, device)));
    asked.set_fragment(None);
    let mut response = client
        .get(asked)
        .send()
        .await
        .map_err(|error| of_stranger(request_error(error, SERVICE)))?;
    let status = response.status().as_u16();
    let headers = response.headers().len();
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let redirect = location
        .filter(|_| (300..400).contains(&status))
        .and_then(|to| host_of(url, to));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| body_error(&error, SERVICE))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BYTES {
            break;
        }
    }
    let said = read_word(&String::from_utf8_lossy(&body), &login.password);
    let certificate = shown.lock().unwrap_or_else(PoisonError::into_inner).certificate();
    Ok(UrlAnswer {
        status,
        redirect,
        word: said.answer,
        authorized: said.authorized && status == 200,
        took: started.elapsed(),
        headers,
        certificate: certificate.and_then(Result::ok),
    })
}

/// Host and port of a URL that can be asked.
fn target(url: &Url) -> Result<(String, u16), Error> {
    let odd = |what: &str| Error::OddUrl { what: what.to_owned() };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(odd("its scheme is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(odd("it holds a login of its own"));
    }
    let host = url.host_str().ok_or_else(|| odd("it has no host"))?;
    let port = url.port_or_known_default().ok_or_else(|| odd("it has no port"))?;
    Ok((host.to_owned(), port))
}

async fn allowed_addresses(
    host: &str,
    port: u16,
    networks: &[IpNet],
    limit: Duration,
) -> Result<Vec<SocketAddr>, Error> {
    let not_resolved = |reason: String| Error::NotResolved {
        service: SERVICE,
        reason,
    };
    let found = tokio::time::timeout(limit, resolve(host, port))
        .await
        .map_err(|_| not_resolved("the resolver did not answer in time".to_owned()))?
        .map_err(not_resolved)?;
    let allowed: Vec<_> = found
        .into_iter()
        .filter(|address| is_allowed(address.ip(), networks))
        .collect();
    if allowed.is_empty() {
        return Err(Error::OddUrl {
            what: "its host has no address that may be asked".to_owned(),
        });
    }
    Ok(allowed)
}

fn is_allowed(address: IpAddr, networks: &[IpNet]) -> bool {
    let address = address.to_canonical();
    let never = address.is_unspecified()
        || address.is_multicast()
        || match address {
            IpAddr::V4(v4) => v4.is_link_local() || v4.is_broadcast(),
            IpAddr::V6(v6) => v6.is_unicast_link_local(),
        };
    !never && (networks.is_empty() || networks.iter().any(|network| network.contains(&address)))
}

/// A query with the three parameters set where it names them, and added where it does not. Everything else stays byte for
/// byte as it is.
fn merged_query(query: Option<&str>, login: &Login, device: &DeviceName) -> String {
    let values = [&login.username, login.password.expose_secret(), device.as_str()];
    let encoded = values.map(|value| utf8_percent_encode(value, NON_ALPHANUMERIC).to_string());
    let mut given = [false; 3];
    let mut parts = Vec::new();
    for part in query.unwrap_or_default().split('&').filter(|part| !part.is_empty()) {
        let name = part.split('=').next().unwrap_or_default();
        match parameter(&percent_decode_str(name).decode_utf8_lossy()) {
            Some(which) => {
                given[which] = true;
                parts.push(format!("{name}={}", encoded[which]));
            }
            None => parts.push(part.to_owned()),
        }
    }
    for (which, name) in AuthenticateForm::Jsp.parameters().into_iter().enumerate() {
        if !given[which] {
            parts.push(format!("{name}={}", encoded[which]));
        }
    }
    parts.join("&")
}

/// Which of user, password and device a parameter's name means, in any form and case.
fn parameter(name: &str) -> Option<usize> {
    let is_named = |which: usize| {
        AuthenticateForm::ALL
            .iter()
            .any(|form| form.parameters()[which].eq_ignore_ascii_case(name))
    };
    (0..3).find(|which| is_named(*which))
}

/// The host a redirect leads to.
fn host_of(asked: &Url, location: &str) -> Option<String> {
    let to = asked.join(location).ok()?;
    let host = to.host_str()?;
    let named = to
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Some(one_line(&named, 200))
}

/// The host is not CUCM: that its TLS is too old is told of it, not of CUCM.
fn of_stranger(error: Error) -> Error {
    match error {
        Error::TlsTooOld { reason } | Error::TlsUntrusted { reason } => Error::TlsFailed {
            service: SERVICE,
            reason: format!("no TLS 1.2 or newer in common: {reason}"),
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login() -> Login {
        Login {
            username: "a b".to_owned(),
            password: "p&w".into(),
        }
    }

    #[test]
    fn parameters_are_merged_into_the_query_there_is() {
        let device = "SEP001122334455".parse().unwrap();
        let merged = |query| merged_query(query, &login(), &device);
        assert_eq!(merged(None), "UserID=a%20b&Password=p%26w&devicename=SEP001122334455");
        assert_eq!(
            merged(Some("userid=&deviceName=SEP..&x=%41+b&password=..")),
            "userid=a%20b&deviceName=SEP001122334455&x=%41+b&password=p%26w"
        );
        assert_eq!(
            merged(Some("site=1&username=old")),
            "site=1&username=a%20b&Password=p%26w&devicename=SEP001122334455"
        );
    }

    #[test]
    fn only_urls_and_addresses_that_make_sense_are_asked() {
        for odd in ["ftp://h/", "mailto:a@b", "http://user:pw@h/", "file:///etc/passwd"] {
            assert!(
                matches!(target(&odd.parse().unwrap()), Err(Error::OddUrl { .. })),
                "{odd}"
            );
        }
        assert_eq!(target(&"https://h/x".parse().unwrap()), Ok(("h".to_owned(), 443)));
        let allowed = |address: &str, networks: &[&str]| {
            let networks: Vec<IpNet> = networks.iter().map(|network| network.parse().unwrap()).collect();
            is_allowed(address.parse().unwrap(), &networks)
        };
        assert!(allowed("10.1.2.3", &[]) && allowed("10.1.2.3", &["10.0.0.0/8"]));
        assert!(!allowed("10.1.2.3", &["192.168.0.0/16"]));
        for never in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "0.0.0.0",
            "224.0.0.1",
            "fe80::1",
        ] {
            assert!(!allowed(never, &[]), "{never}");
        }
    }

    #[test]
    fn a_redirect_names_its_host_only() {
        let asked: Url = "http://a/b".parse().unwrap();
        assert_eq!(
            host_of(&asked, "https://c:8443/d?Password=x"),
            Some("c:8443".to_owned())
        );
        assert_eq!(host_of(&asked, "/d"), Some("a".to_owned()));
    }
}
