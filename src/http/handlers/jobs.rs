//! Jobs: list, one with its progress, cancellation.

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};

use crate::domain::cause::Cause;
use crate::domain::ids::{ClusterId, JobId};
use crate::http::extract::Path;
use crate::http::failure::Failure;
use crate::http::pages::jobs::{JobPage, JobView, JobsPage};
use crate::http::pages::{Section, Trouble, When};
use crate::http::state::App;
use crate::http::visit::{self, Visit};
use crate::inventory::Cluster;
use crate::jobs::Job;
use crate::security::RunJobs;

/// Jobs on the page.
const SHOWN: u32 = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/jobs", get(list))
        .route("/jobs/{id}", get(show))
        .route("/jobs/{id}/cancellation", post(cancel))
}

async fn list(visit: Visit) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let clusters = visit.app.inventory.clusters(&may).await?;
    let page = visit.app.jobs.list(&may, None, SHOWN).await?;
    let now = visit.app.clock.now_ms();
    let jobs = page.jobs.iter().map(|job| view(job, &clusters, now)).collect();
    let page = JobsPage {
        layout: visit.layout("Jobs", Section::Jobs),
        jobs,
    };
    match visit.fragment() {
        Some("rows") => visit::fragment(&page.as_rows()),
        _ => visit::html(&page),
    }
}

async fn show(visit: Visit, Path(id): Path<JobId>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let clusters = visit.app.inventory.clusters(&may).await?;
    let job = view(
        &visit.app.jobs.job(&may, id).await?,
        &clusters,
        visit.app.clock.now_ms(),
    );
    let page = JobPage {
        layout: visit.layout(&job.title, Section::Jobs),
        job,
    };
    match visit.fragment() {
        Some("progress") => visit::fragment(&page.as_progress()),
        _ => visit::html(&page),
    }
}

async fn cancel(visit: Visit, Path(id): Path<JobId>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let path = format!("/jobs/{id}");
    match visit.app.jobs.cancel(&may, id).await {
        Ok(_) => Ok(visit::done(&path, "The job stops after the step it is at.")),
        Err(crate::jobs::Error::Over) => Ok(visit::failed(&path, "The job was over already.")),
        Err(error) => Err(error.into()),
    }
}

/// A job as the pages show it.
pub(super) fn view(job: &Job, clusters: &[Cluster], now: i64) -> JobView {
    let name = cluster_name(clusters, job.cluster_id);
    let seconds = |from: i64| u64::try_from((job.finished_at.unwrap_or(now) - from) / 1000).unwrap_or(0);
    let error = job.error.as_ref().map(|text| match job.cause {
        Some(cause) => Trouble::new(cause, text.clone()),
        None => Trouble {
            title: "The job did not end well".to_owned(),
            ..Trouble::new(Cause::None, text.clone())
        },
    });
    JobView {
        id: job.id.0,
        title: format!("Sync of {name}"),
        cluster_id: job.cluster_id.map(|id| id.0),
        state: job.state,
        phase: job.phase.clone(),
        total: job.total,
        done: job.done,
        failed: job.failed,
        created_by: job.created_by.clone(),
        created_at: When::from_ms(job.created_at, now),
        took_s: job.started_at.map(seconds),
        error,
    }
}

fn cluster_name(clusters: &[Cluster], id: Option<ClusterId>) -> &str {
    let cluster = clusters.iter().find(|cluster| Some(cluster.id) == id);
    cluster.map_or("a removed cluster", |cluster| cluster.name.as_str())
}
