//! Cookies that hold no secret: the theme, and the message about what was just done.

use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, Response};
use axum_extra::extract::cookie::{Cookie, SameSite};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::pages::{Flash, Theme};

const FLASH: &str = "flash";
const THEME: &str = "theme";

/// The value of a cookie.
pub(super) fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| Cookie::split_parse(text.to_owned()))
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// The theme that was chosen.
pub(super) fn theme(headers: &HeaderMap) -> Theme {
    Theme::from_cookie(&value(headers, THEME).unwrap_or_default())
}

/// The message that the last answer left.
pub(super) fn flash(headers: &HeaderMap) -> Option<Flash> {
    let stored = value(headers, FLASH)?;
    let text = percent_decode_str(&stored).decode_utf8().ok()?;
    let (kind, text) = text.split_once(' ')?;
    Some(Flash {
        failed: kind == "failed",
        text: text.to_owned(),
    })
}

/// Leaves a message for the next page.
pub(super) fn set_flash<B>(response: &mut Response<B>, flash: &Flash) {
    let text = format!("{} {}", if flash.failed { "failed" } else { "done" }, flash.text);
    add(
        response,
        &build(utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string()),
    );
}

/// Removes the message once it was shown.
pub(super) fn clear_flash<B>(response: &mut Response<B>) {
    let mut cookie = build(String::new());
    cookie.make_removal();
    add(response, &cookie);
}

fn build(value: String) -> Cookie<'static> {
    Cookie::build((FLASH, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .build()
}

fn add<B>(response: &mut Response<B>, cookie: &Cookie<'static>) {
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
