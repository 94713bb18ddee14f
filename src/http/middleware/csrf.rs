//! No foreign page changes anything here: every request of a page that is no GET brings the session's CSRF token, as the
//! form's field `csrf` or the header `X-CSRF-Token`, and comes from our own origin. In a form with files `csrf` is the first
//! field, so that nothing of a foreign file is taken in.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};

use super::identify::Identity;
use crate::http::failure::Failure;
use crate::http::multipart;
use crate::http::origin::is_same_origin;
use crate::http::state::App;
use crate::security::Viewer;

/// The largest form, in bytes.
pub const LARGEST_FORM: usize = 1024 * 1024;
/// By here the first field of a form with files must have ended.
const FIRST_FIELD: usize = 4 * 1024;

/// Refuses what fails the check; nothing behind it has run then.
pub async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    match checked(&app, request).await {
        Ok(request) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

async fn checked(app: &App, request: Request) -> Result<Request, Failure> {
    if is_same_origin(request.headers(), &app.config.server) == Some(false) {
        return Err(Failure::forbidden(
            "The form came from a page of another site. Nothing was changed.",
        ));
    }
    let viewer = request
        .extensions()
        .get::<Identity>()
        .and_then(|identity| identity.viewer.clone());
    // Without a session there is nothing that a foreign page could misuse; sign-in itself checks the origin above.
    let Some(viewer) = viewer else { return Ok(request) };
    if let Some(token) = request
        .headers()
        .get("x-csrf-token")
        .and_then(|value| value.to_str().ok())
    {
        return if viewer.csrf_fits(token) {
            Ok(request)
        } else {
            Err(outdated())
        };
    }
    let (parts, body) = request.into_parts();
    let kind = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if let Some(boundary) = multipart::boundary(kind) {
        let body = checked_upload(&viewer, body, boundary).await?;
        return Ok(Request::from_parts(parts, body));
    }
    let bytes = to_bytes(body, LARGEST_FORM).await.map_err(|_| {
        Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The request is too large",
            "At most 1 MiB is taken.",
        )
    })?;
    let is_form = kind.starts_with("application/x-www-form-urlencoded");
    let mut fields = url::form_urlencoded::parse(&bytes);
    let fits = is_form && fields.any(|(name, value)| name == "csrf" && viewer.csrf_fits(&value));
    if fits {
        Ok(Request::from_parts(parts, Body::from(bytes)))
    } else {
        Err(outdated())
    }
}

/// Reads a form with files up to the end of its first field; the rest is left to whoever wants it, as large as they take.
async fn checked_upload(viewer: &Viewer, body: Body, boundary: &str) -> Result<Body, Failure> {
    let mut rest = body.into_data_stream();
    let mut beginning = BytesMut::new();
    while beginning.len() < FIRST_FIELD {
        let Some(Ok(more)) = rest.next().await else {
            return Err(outdated());
        };
        beginning.extend_from_slice(&more);
        let read = Bytes::copy_from_slice(&beginning[..beginning.len().min(2 * FIRST_FIELD)]);
        let Some(field) = multipart::first(&read, boundary).map_err(|_| outdated())? else {
            continue;
        };
        let fits = field.file_name.is_none()
            && field.name == "csrf"
            && std::str::from_utf8(&field.bytes).is_ok_and(|token| viewer.csrf_fits(token));
        if !fits {
            return Err(outdated());
        }
        let read = stream::once(std::future::ready(Ok(beginning.freeze())));
        return Ok(Body::from_stream(read.chain(rest)));
    }
    Err(outdated())
}

fn outdated() -> Failure {
    Failure::forbidden("The form is out of date. Go back, reload the page and try again. Nothing was changed.")
}
