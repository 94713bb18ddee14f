//! A job as a file: CSV for a spreadsheet, HTML for a ticket.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use crate::domain::ids::JobId;
use crate::http::extract::Path;
use crate::http::failure::Failure;
use crate::http::visit::Visit;
use crate::security::RunJobs;

pub(super) async fn csv(visit: Visit, Path(id): Path<JobId>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let report = visit.app.jobs.report_csv(&may, id).await?;
    Ok(file(&format!("job-{id}.csv"), "text/csv; charset=utf-8", report))
}

/// The HTML file is always saved: what it holds has a style of its own, which pages of this server may not have.
pub(super) async fn html(visit: Visit, Path(id): Path<JobId>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let report = visit.app.jobs.report_html(&may, id).await?;
    Ok(file(&format!("job-{id}.html"), "text/html; charset=utf-8", report))
}

fn file(name: &str, media_type: &'static str, body: String) -> Response {
    let about = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    (about, body).into_response()
}
