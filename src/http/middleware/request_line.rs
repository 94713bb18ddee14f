//! One line in the log for each request, and its count.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::failure::Failure;
use crate::telemetry;

/// Who made the request, left in the response by the middleware that knows.
#[derive(Debug, Clone)]
pub struct LoggedViewer(pub String);

/// Logs method, route pattern (never the query, which may hold what people search for), status, time, viewer and cause.
pub async fn log(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or_else(|| "unknown".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let viewer = response
        .extensions()
        .get::<LoggedViewer>()
        .map_or("-", |viewer| viewer.0.as_str());
    let failure = response.extensions().get::<Failure>();
    let cause = failure
        .and_then(|failure| failure.cause)
        .map_or("-", crate::domain::cause::Cause::code);
    let incident = failure.and_then(|failure| failure.incident.as_deref()).unwrap_or("-");
    telemetry::count_request(method.as_str(), &route, status);
    tracing::info!(
        %method, route, status, duration_ms, viewer, cause, incident,
        "{method} {route} {status} {duration_ms} ms"
    );
    response
}
