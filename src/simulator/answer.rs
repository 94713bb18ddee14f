//! Answers: whole, cut short, endless.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

/// How long a connection stays open after the half of an answer.
const BEFORE_BREAK: Duration = Duration::from_millis(5);

/// The body of an answer.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;
/// What a handler gives back; an error breaks the connection off without an answer.
pub(super) type Answer = io::Result<Response<Body>>;

/// A whole answer.
pub(super) fn whole(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let full = Full::new(body.into()).map_err(|never: Infallible| match never {});
    let mut response = Response::new(full.boxed_unsync());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !content_type.is_empty() {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}

/// XML with status 200.
pub(super) fn xml(body: impl Into<Bytes>) -> Response<Body> {
    whole(200, "text/xml; charset=utf-8", body)
}

/// An answer that announces the whole body and breaks off at half of it.
pub(super) fn cut(content_type: &'static str, body: &Bytes) -> Response<Body> {
    let announced = body.len();
    let half = body.slice(..announced / 2);
    let broken = stream::once(async {
        // The half must be on its way first, or the connection breaks without any answer.
        tokio::time::sleep(BEFORE_BREAK).await;
        Err(io::ErrorKind::ConnectionReset.into())
    });
    let frames = stream::iter([Ok(Frame::data(half))]).chain(broken);
    let mut response = whole(200, content_type, Bytes::new());
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from(announced));
    response.map(|_| StreamBody::new(frames).boxed_unsync())
}

/// An answer that never ends.
pub(super) fn endless(content_type: &'static str) -> Response<Body> {
    let chunk = Bytes::from_static(&[0x42; 16 * 1024]);
    let frames = stream::repeat_with(move || Ok::<_, io::Error>(Frame::data(chunk.clone()))).boxed();
    whole(200, content_type, Bytes::new()).map(|_| StreamBody::new(frames).boxed_unsync())
}

/// An answer that announces the whole body, and of which only the first half ever comes.
pub(super) fn stalled(content_type: &'static str, body: &Bytes) -> Response<Body> {
    let half = body.slice(..body.len() / 2);
    let frames = stream::iter([Ok(Frame::data(half))]).chain(stream::pending::<io::Result<_>>());
    let mut response = whole(200, content_type, Bytes::new());
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    response.map(|_| StreamBody::new(frames).boxed_unsync())
}

/// The text with the five special characters escaped.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            other => out.push(other),
        }
    }
    out
}

/// One element with text; empty ones in the short form.
pub(super) fn element(name: &str, text: &str) -> String {
    if text.is_empty() {
        format!("<{name}/>")
    } else {
        format!("<{name}>{}</{name}>", escape(text))
    }
}
