//! A form that may bring files.

use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::Failure;
use super::input::read_pairs;
use crate::http::multipart;

/// A form with files, of at most `MIB` MiB in all; a form without files (`application/x-www-form-urlencoded`) is taken
/// too. The CSRF token, which must be its first field, was checked before.
#[derive(Debug)]
pub struct Upload<T, const MIB: usize> {
    /// Its fields.
    pub form: T,
    files: Vec<File>,
}

/// A file that is the whole body, of at most `MIB` MiB.
#[derive(Debug)]
pub struct Raw<const MIB: usize>(pub Bytes);

impl<S: Send + Sync, const MIB: usize> FromRequest<S> for Raw<MIB> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        read::<MIB>(request).await.map(Self)
    }
}

/// A whole body. One that says that it is too large is refused before any of it is read.
async fn read<const MIB: usize>(request: Request) -> Result<Bytes, Failure> {
    let too_large = || {
        let detail = format!("At most {MIB} MiB are taken. Go back: what you typed is still there.");
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "The file is too large", detail)
    };
    let most = MIB * 1024 * 1024;
    let said = request.headers().get(header::CONTENT_LENGTH);
    let said: Option<usize> = said.and_then(|value| value.to_str().ok()?.parse().ok());
    if said.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    axum::body::to_bytes(request.into_body(), most)
        .await
        .map_err(|_| too_large())
}

/// A file that was uploaded.
#[derive(Debug, Clone)]
pub struct File {
    /// The field it came in.
    pub field: String,
    /// What it is called on the sender's machine; for people to read, never a path to write to.
    pub name: String,
    /// What it holds.
    pub bytes: Bytes,
}

impl<T, const MIB: usize> Upload<T, MIB> {
    /// The file of a field; none when nobody chose one.
    pub fn file(&self, field: &str) -> Option<&File> {
        self.files.iter().find(|file| file.field == field)
    }
}

impl<S: Send + Sync, T: DeserializeOwned, const MIB: usize> FromRequest<S> for Upload<T, MIB> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let body = read::<MIB>(request).await?;
        let unreadable = |message: String| Failure::malformed(format!("In the form: {message}."));
        let Some(boundary) = multipart::boundary(&kind) else {
            let form = read_pairs(&body).map_err(unreadable)?;
            return Ok(Self {
                form,
                files: Vec::new(),
            });
        };
        let mut fields = url::form_urlencoded::Serializer::new(String::new());
        let mut files = Vec::new();
        for part in multipart::parts(&body, boundary).map_err(|error| unreadable(error.to_string()))? {
            match part.file_name {
                None => {
                    let text =
                        std::str::from_utf8(&part.bytes).map_err(|_| unreadable("the text is not UTF-8".to_owned()))?;
                    fields.append_pair(&part.name, text);
                }
                // What a browser sends for a file field without a file.
                Some(name) if name.is_empty() && part.bytes.is_empty() => {}
                Some(name) => files.push(File {
                    field: part.name,
                    name,
                    bytes: part.bytes,
                }),
            }
        }
        let form = read_pairs(fields.finish().as_bytes()).map_err(unreadable)?;
        Ok(Self { form, files })
    }
}
