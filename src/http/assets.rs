//! Static files, embedded in the program.
//!
//! One version names the whole set and stands in the path (`/static/<version>/app.css`), so that relative imports
//! between scripts carry it too, and a browser may keep every file for a year.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;
use sha2::{Digest, Sha256};

/// Where the files are mounted; the router adds `/{*path}`.
pub const PREFIX: &str = "/static";

const FOREVER: &str = "public, max-age=31536000, immutable";
const ASK_FIRST: &str = "no-cache";

#[derive(Embed)]
#[folder = "static/"]
struct Files;

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    let mut names: Vec<_> = Files::iter().collect();
    names.sort_unstable();
    for name in names {
        if let Some(file) = Files::get(&name) {
            digest.update(name.as_bytes());
            digest.update(file.metadata.sha256_hash());
        }
    }
    hex(&digest.finalize()[..6])
});

/// The address of a file, with the version of the set in it.
pub fn url(name: &str) -> String {
    format!("{PREFIX}/{}/{name}", *VERSION)
}

/// Answers `GET /static/{*path}`. A path with the present version may be kept for a year; with another version, or
/// none, the file of today is given and the browser asks again next time.
pub async fn serve(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let (version, name) = path
        .split_once('/')
        .filter(|(first, _)| is_version(first))
        .unwrap_or(("", path.as_str()));
    let Some(file) = Files::get(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // A debug build reads files from the disk, where they may change under one version.
    let lasting = version == VERSION.as_str() && !cfg!(debug_assertions);
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let common = [
        (header::ETAG, tag.clone()),
        (
            header::CACHE_CONTROL,
            (if lasting { FOREVER } else { ASK_FIRST }).to_owned(),
        ),
    ];
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains(tag.as_str()));
    if known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let kind = [(header::CONTENT_TYPE, content_type(name))];
    (common, kind, file.data).into_response()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}

fn is_version(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_versioned_address_is_served_and_an_unchanged_file_is_not_sent_again() {
        let path = url("app.css");
        let path = path.strip_prefix("/static/").unwrap().to_owned();
        let first = serve(Path(path.clone()), HeaderMap::new()).await;
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        assert_eq!(serve(Path(path), headers).await.status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn what_is_no_file_is_not_found() {
        for path in ["nothing.css", "../Cargo.toml", "0123456789ab/../app.css", ""] {
            let answer = serve(Path(path.to_owned()), HeaderMap::new()).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
