//! `/media/{token}`: what phones fetch. They sign in nowhere: the token is the key.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::state::App;

/// The route.
pub(super) const ROUTE: &str = "/media/{token}";

/// Answers what lies under a token, until its time is over. Nothing on the way may keep it.
pub(super) async fn serve(State(app): State<App>, Path(token): Path<String>) -> Response {
    match app.reach.media(&token) {
        Some(media) => {
            let headers = [
                (header::CONTENT_TYPE, media.content_type),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, media.bytes).into_response()
        }
        None => (StatusCode::NOT_FOUND, "there is nothing here, or not any more\n").into_response(),
    }
}
