//! The cookie of a session.
//!
//! Over TLS it is `__Host-sidetone`, which browsers bind to this host and to TLS; over plain http (loopback, or where an
//! admin allowed it) it is `sidetone`, for browsers refuse the prefix there.

use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, Response};
use axum_extra::extract::cookie::{Cookie, SameSite};
use secrecy::{ExposeSecret as _, SecretString};

use super::cookies;
use super::origin::Arrival;

fn name(arrival: &Arrival) -> &'static str {
    if arrival.secure { "__Host-sidetone" } else { "sidetone" }
}

/// The session's token, when the request carries one.
pub(super) fn read(headers: &HeaderMap, arrival: &Arrival) -> Option<SecretString> {
    cookies::value(headers, name(arrival)).map(SecretString::from)
}

/// Sets the cookie; it lives as long as the browser does, or until the session ends here.
pub(super) fn set<B>(response: &mut Response<B>, arrival: &Arrival, token: &SecretString) {
    add(response, &build(arrival, token.expose_secret().to_owned()));
}

/// Removes the cookie.
pub(super) fn clear<B>(response: &mut Response<B>, arrival: &Arrival) {
    let mut cookie = build(arrival, String::new());
    cookie.make_removal();
    add(response, &cookie);
}

fn build(arrival: &Arrival, value: String) -> Cookie<'static> {
    Cookie::build((name(arrival), value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(arrival.secure)
        .build()
}

fn add<B>(response: &mut Response<B>, cookie: &Cookie<'static>) {
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
