//! `/clusters`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::shapes::{ChecksShape, ClusterShape, JobShape, List, StartedShape};
use crate::domain::ids::ClusterId;
use crate::http::extract::{ApiJson, Can, Path};
use crate::http::failure::Failure;
use crate::http::state::App;
use crate::inventory::{ClusterDraft, ClusterPatch};
use crate::security::ManageClusters;

/// Every cluster that the caller may see.
#[utoipa::path(get, path = "/clusters", tag = "clusters", responses((status = 200, body = List<ClusterShape>)))]
pub(super) async fn list(
    State(app): State<App>,
    Can(may): Can<ManageClusters>,
) -> Result<Json<List<ClusterShape>>, Failure> {
    let items: Vec<ClusterShape> = app
        .inventory
        .clusters(&may)
        .await?
        .into_iter()
        .map(Into::into)
        .collect();
    let total = items.len() as u64;
    Ok(Json(List {
        items,
        next_cursor: None,
        total,
    }))
}

/// Adds a cluster.
#[utoipa::path(post, path = "/clusters", tag = "clusters", request_body = serde_json::Value,
    responses((status = 201, body = ClusterShape), (status = 409), (status = 422)))]
pub(super) async fn add(
    State(app): State<App>,
    Can(may): Can<ManageClusters>,
    ApiJson(draft): ApiJson<ClusterDraft>,
) -> Result<Response, Failure> {
    let cluster = app.inventory.add_cluster(&may, &draft).await?;
    let location = format!("/api/v1/clusters/{}", cluster.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(ClusterShape::from(cluster)),
    )
        .into_response())
}

/// One cluster.
#[utoipa::path(get, path = "/clusters/{id}", tag = "clusters", params(("id" = i64, Path)),
    responses((status = 200, body = ClusterShape), (status = 404)))]
pub(super) async fn show(
    State(app): State<App>,
    Can(may): Can<ManageClusters>,
    Path(id): Path<ClusterId>,
) -> Result<Json<ClusterShape>, Failure> {
    Ok(Json(app.inventory.cluster(&may, id).await?.into()))
}

/// Changes the members that are sent; a password that is not sent stays.
#[utoipa::path(patch, path = "/clusters/{id}", tag = "clusters", params(("id" = i64, Path)),
    request_body = serde_json::Value, responses((status = 200, body = ClusterShape), (status = 404), (status = 422)))]
pub(super) async fn change(
    State(app): State<App>,
    Can(may): Can<ManageClusters>,
    Path(id): Path<ClusterId>,
    ApiJson(patch): ApiJson<ClusterPatch>,
) -> Result<Json<ClusterShape>, Failure> {
    Ok(Json(app.inventory.change_cluster(&may, id, patch).await?.into()))
}

/// Removes a cluster with its phones.
#[utoipa::path(delete, path = "/clusters/{id}", tag = "clusters", params(("id" = i64, Path)),
    responses((status = 204), (status = 404)))]
pub(super) async fn remove(
    State(app): State<App>,
    Can(may): Can<ManageClusters>,
    Path(id): Path<ClusterId>,
) -> Result<StatusCode, Failure> {
    app.inventory.remove_cluster(&may, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Runs every check of a cluster now.
#[utoipa::path(post, path = "/clusters/{id}/checks", tag = "clusters", params(("id" = i64, Path)),
    responses((status = 200, body = ChecksShape), (status = 404)))]
pub(super) async fn check(
    State(app): State<App>,
    Can(may): Can<ManageClusters>,
    Path(id): Path<ClusterId>,
) -> Result<Json<ChecksShape>, Failure> {
    Ok(Json(app.inventory.check_cluster(&may, id).await?.into()))
}

/// Starts a sync, or names the one that is running.
#[utoipa::path(post, path = "/clusters/{id}/syncs", tag = "clusters", params(("id" = i64, Path)),
    responses((status = 202, body = StartedShape), (status = 404)))]
pub(super) async fn sync(
    State(app): State<App>,
    Can(may): Can<ManageClusters>,
    Path(id): Path<ClusterId>,
) -> Result<Response, Failure> {
    let job = app.jobs.start_sync(&may, id).await?.job;
    let location = HeaderValue::from_str(&format!("/api/v1/jobs/{}", job.id));
    let mut response = (
        StatusCode::ACCEPTED,
        Json(StartedShape {
            job: JobShape::from(job),
        }),
    )
        .into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}
