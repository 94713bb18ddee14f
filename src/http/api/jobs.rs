//! `/jobs`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::shapes::{JobShape, List};
use crate::domain::ids::JobId;
use crate::http::extract::{Can, Path, Query};
use crate::http::failure::Failure;
use crate::http::state::App;
use crate::security::RunJobs;

/// Which part of the list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// 1 to 500.
    limit: Option<u32>,
    /// The `next_cursor` of the part before.
    cursor: Option<i64>,
}

/// Jobs, newest first.
#[utoipa::path(get, path = "/jobs", tag = "jobs", params(Asked), responses((status = 200, body = List<JobShape>)))]
pub(super) async fn list(
    State(app): State<App>,
    Can(may): Can<RunJobs>,
    Query(asked): Query<Asked>,
) -> Result<Json<List<JobShape>>, Failure> {
    let limit = super::limit(asked.limit)?;
    let page = app.jobs.list(&may, asked.cursor.map(JobId), limit).await?;
    Ok(Json(List {
        items: page.jobs.into_iter().map(Into::into).collect(),
        next_cursor: page.next.map(|id| id.to_string()),
        total: page.total,
    }))
}

/// One job.
#[utoipa::path(get, path = "/jobs/{id}", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = JobShape), (status = 404)))]
pub(super) async fn show(
    State(app): State<App>,
    Can(may): Can<RunJobs>,
    Path(id): Path<JobId>,
) -> Result<Json<JobShape>, Failure> {
    Ok(Json(app.jobs.job(&may, id).await?.into()))
}

/// Stops a job between two steps; one that is over stays as it is (409).
#[utoipa::path(post, path = "/jobs/{id}/cancellation", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = JobShape), (status = 404), (status = 409)))]
pub(super) async fn cancel(
    State(app): State<App>,
    Can(may): Can<RunJobs>,
    Path(id): Path<JobId>,
) -> Result<Json<JobShape>, Failure> {
    Ok(Json(app.jobs.cancel(&may, id).await?.into()))
}
