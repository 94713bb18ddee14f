//! A phone's picture as an answer, for pages and programs alike.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use super::failure::Failure;
use super::state::App;
use crate::domain::ids::PhoneId;
use crate::security::Viewer;

const VERSION: HeaderName = HeaderName::from_static("x-screen-version");
const CAPTURED_AT: HeaderName = HeaderName::from_static("x-captured-at");

/// The picture now, or one no older than `max_age`. The tag is of its content: the same picture has the same one,
/// whichever watch fetched it.
pub(super) async fn answer(
    app: &App,
    viewer: &Viewer,
    phone: PhoneId,
    max_age: Duration,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    app.inventory.require(viewer, phone).await?;
    let screen = app.screens.picture(phone, max_age).await;
    let screen = screen.map_err(|trouble| Failure::trouble(&trouble, Some(phone)))?;
    let picture = &screen.picture;
    let digest = Sha256::digest(&picture.bytes);
    let tag = digest
        .iter()
        .take(12)
        .fold(String::from("\""), |text, byte| text + &format!("{byte:02x}"))
        + "\"";
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let unchanged = known
        .flat_map(|value| value.split(','))
        .any(|value| value.trim() == tag);
    let about = [
        (header::ETAG, tag),
        (VERSION, screen.version.to_string()),
        (CAPTURED_AT, screen.captured_at.to_string()),
        (header::CONTENT_TYPE, picture.format.media_type().to_owned()),
    ];
    if unchanged {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    Ok((about, picture.bytes.clone()).into_response())
}
