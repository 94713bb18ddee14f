//! To the ticket: a diagnosis as text, Markdown, JSON, or one HTML file.

use std::sync::Arc;

use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use crate::diagnosis::{Record, report};
use crate::domain::ids::DiagnosisId;
use crate::http::extract::Path;
use crate::http::failure::Failure;
use crate::http::visit::Visit;
use crate::security::Diagnose;

pub(super) async fn text(visit: Visit, Path(id): Path<DiagnosisId>) -> Result<Response, Failure> {
    let record = record(&visit, id).await?;
    Ok(file("text/plain; charset=utf-8", report::text(&record)))
}

pub(super) async fn markdown(visit: Visit, Path(id): Path<DiagnosisId>) -> Result<Response, Failure> {
    let record = record(&visit, id).await?;
    Ok(file("text/markdown; charset=utf-8", report::markdown(&record)))
}

pub(super) async fn json(visit: Visit, Path(id): Path<DiagnosisId>) -> Result<Response, Failure> {
    let record = record(&visit, id).await?;
    Ok(file("application/json", report::json(&record)))
}

/// The HTML file is always saved: what it holds has a style of its own, which pages of this server may not have.
pub(super) async fn html(visit: Visit, Path(id): Path<DiagnosisId>) -> Result<Response, Failure> {
    let may = visit.may::<Diagnose>()?;
    let record = record(&visit, id).await?;
    let picture = visit.app.diagnoses.picture(&may, id).await?;
    let name = format!("attachment; filename=\"diagnosis-{id}.html\"");
    let body = report::html(&record, picture.as_ref());
    Ok((
        [(header::CONTENT_DISPOSITION, name)],
        file("text/html; charset=utf-8", body),
    )
        .into_response())
}

async fn record(visit: &Visit, id: DiagnosisId) -> Result<Arc<Record>, Failure> {
    let may = visit.may::<Diagnose>()?;
    Ok(visit.app.diagnoses.record(&may, id).await?)
}

fn file(media_type: &'static str, body: String) -> Response {
    let about = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    (about, body).into_response()
}
