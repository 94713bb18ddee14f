//! Jobs: the list, making one, following one, and what people order it to do.

mod draft;
mod facts;
mod form;
mod make;
mod offers;
mod reports;
mod runs;
mod schedules;
mod show;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::domain::cause::Cause;
use crate::domain::ids::{ClusterId, JobId};
use crate::domain::job::{Hold, JobState};
use crate::http::extract::{Form, Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::jobs::{JobView, JobsPage};
use crate::http::pages::{Section, Trouble, When};
use crate::http::state::App;
use crate::http::visit::{self, Visit};
use crate::inventory::Cluster;
use crate::jobs::{Error, Job};
use crate::security::{May, RunJobs};

/// Jobs on the page.
const SHOWN: u32 = 50;
/// Jobs that are looked through for those that fit a tab.
const LOOKED_THROUGH: usize = 20;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/jobs", get(list).post(make::create))
        .route("/jobs/new", get(form::show).post(form::again))
        .route("/jobs/preview", post(make::preview))
        .route("/jobs/{id}", get(show::show))
        .route("/jobs/{id}/approval", post(approve))
        .route("/jobs/{id}/refusal", post(refuse))
        .route("/jobs/{id}/canary", post(release))
        .route("/jobs/{id}/pause", post(pause))
        .route("/jobs/{id}/resume", post(resume))
        .route("/jobs/{id}/cancellation", post(cancel))
        .route("/jobs/{id}/retry", post(retry))
        .route("/jobs/{id}/report.csv", get(reports::csv))
        .route("/jobs/{id}/report.html", get(reports::html))
        .route("/jobs/{id}/runs/{run}", get(runs::show))
        .route("/jobs/{id}/runs/{run}/pictures/{n}", get(runs::picture))
        .route("/jobs/schedules/{id}", get(schedules::show))
        .route("/jobs/schedules/{id}/approval", post(schedules::approve))
        .route("/jobs/schedules/{id}/run", post(schedules::run))
        .route("/jobs/schedules/{id}/removal", post(schedules::remove))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    show: String,
    before: Option<i64>,
}

impl Asked {
    fn shows(&self, job: &Job) -> bool {
        match self.show.as_str() {
            "running" => !job.state.is_over(),
            "failed" => matches!(job.state, JobState::Failed | JobState::PartlyFailed),
            "over" => job.state.is_over(),
            _ => true,
        }
    }

    fn tab(&self) -> Result<&str, Failure> {
        match self.show.as_str() {
            "" => Ok("all"),
            tab @ ("all" | "running" | "failed" | "over") => Ok(tab),
            other => Err(Failure::malformed(format!(
                "There is no view {other:?}: it is all, running, failed or over."
            ))),
        }
    }
}

async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let show = asked.tab()?.to_owned();
    let clusters = visit.app.inventory.clusters(&may).await?;
    let now = visit.app.clock.now_ms();
    let (found, next) = fitting(&visit, &may, &asked).await?;
    let held = if show == "all" && asked.before.is_none() {
        held(&visit, &may).await?
    } else {
        Vec::new()
    };
    let views = |jobs: &[Job]| jobs.iter().map(|job| view(job, &clusters, now)).collect();
    let page = JobsPage {
        layout: visit.layout("Jobs", Section::Jobs),
        held: views(&held),
        jobs: views(&found),
        schedules: schedules::views(&visit, &may).await?,
        is_later: asked.before.is_some(),
        older: next.map(|next| address(&show, next)),
        show,
    };
    match visit.fragment() {
        Some("rows") => visit::fragment(&page.as_rows()),
        _ => visit::html(&page),
    }
}

fn address(show: &str, before: JobId) -> String {
    let show = if show == "all" {
        String::new()
    } else {
        format!("show={show}&")
    };
    format!("/jobs?{show}before={before}")
}

/// A page of the jobs that fit a tab, and where the next one begins.
async fn fitting(visit: &Visit, may: &May<RunJobs>, asked: &Asked) -> Result<(Vec<Job>, Option<JobId>), Failure> {
    let mut found = Vec::new();
    let mut before = asked.before.map(JobId);
    let wanted = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    for _ in 0..LOOKED_THROUGH {
        let page = visit.app.jobs.list(may, before, SHOWN).await?;
        for job in page.jobs {
            if found.len() == wanted {
                return Ok((found, before));
            }
            before = Some(job.id);
            if asked.shows(&job) {
                found.push(job);
            }
        }
        before = page.next;
        if before.is_none() || found.len() == wanted {
            break;
        }
    }
    Ok((found, before))
}

/// The jobs that a person must do something for.
async fn held(visit: &Visit, may: &May<RunJobs>) -> Result<Vec<Job>, Failure> {
    let held = visit.app.jobs.held(may).await?;
    let waits = |job: &Job| {
        let person = matches!(
            job.hold,
            Some(Hold::Approval | Hold::Canary | Hold::Failures | Hold::Paused)
        );
        person && !job.state.is_over()
    };
    Ok(held.into_iter().filter(waits).collect())
}

/// A job as the pages show it.
pub(super) fn view(job: &Job, clusters: &[Cluster], now: i64) -> JobView {
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
        title: title(job, clusters),
        cluster_id: job.cluster_id.map(|id| id.0),
        state: job.state,
        hold: job.hold,
        version: job.version,
        phase: job.phase.clone(),
        total: job.total,
        done: job.done,
        failed: job.failed,
        created_by: job.created_by.clone(),
        created_at: When::from_ms(job.created_at, now),
        took_s: job.started_at.map(seconds),
        seconds_left: job.seconds_left,
        error,
    }
}

fn title(job: &Job, clusters: &[Cluster]) -> String {
    if job.title.is_empty() {
        format!("Sync of {}", cluster_name(clusters, job.cluster_id))
    } else {
        job.title.clone()
    }
}

fn cluster_name(clusters: &[Cluster], id: Option<ClusterId>) -> &str {
    let cluster = clusters.iter().find(|cluster| Some(cluster.id) == id);
    cluster.map_or("a removed cluster", |cluster| cluster.name.as_str())
}

/// Back to the job, with what was done or why it was not.
fn told(id: JobId, done: Result<Job, Error>, text: &str) -> Result<Response, Failure> {
    let path = format!("/jobs/{id}");
    match done {
        Ok(_) => Ok(visit::done(&path, text)),
        Err(Error::Over) => Ok(visit::failed(&path, "The job was over already.")),
        Err(error @ (Error::NotHeld(_) | Error::OwnApproval { .. })) => {
            Ok(visit::failed(&path, draft::sentence(&error.to_string())))
        }
        Err(error) => Err(error.into()),
    }
}

async fn approve(visit: Visit, Path(id): Path<JobId>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let done = visit.app.jobs.approve(&may, id).await;
    told(id, done, "The job is approved and begins.")
}

async fn refuse(visit: Visit, Path(id): Path<JobId>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let done = visit.app.jobs.refuse(&may, id).await;
    told(id, done, "The job is refused. Nothing was sent.")
}

/// What the page showed that the order is about: the stage of the canary, or the job's version.
#[derive(Debug, Deserialize)]
struct Seen {
    seen: Option<u64>,
}

async fn release(visit: Visit, Path(id): Path<JobId>, Form(form): Form<Seen>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    visit.app.jobs.job(&may, id).await?;
    let stage = form.seen.and_then(|seen| u32::try_from(seen).ok());
    let stage = stage.ok_or_else(|| Failure::malformed("The form does not say whose pictures were looked at."))?;
    let done = visit.app.jobs.release_canary(&may, id, stage).await;
    told(id, done, "The job goes on.")
}

async fn pause(visit: Visit, Path(id): Path<JobId>, Form(form): Form<Seen>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let done = visit.app.jobs.pause(&may, id, form.seen).await;
    told(id, done, "The job is paused. What has begun is finished.")
}

async fn resume(visit: Visit, Path(id): Path<JobId>, Form(form): Form<Seen>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let done = visit.app.jobs.resume(&may, id, form.seen).await;
    told(id, done, "The job goes on.")
}

async fn cancel(visit: Visit, Path(id): Path<JobId>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let done = visit.app.jobs.cancel(&may, id, None).await;
    told(id, done, "The job stops after the step it is at.")
}

#[derive(Debug, Deserialize)]
struct Confirmed {
    confirmation: Option<String>,
}

/// A new job for the phones that failed, at the same brakes.
async fn retry(visit: Visit, Path(id): Path<JobId>, Form(form): Form<Confirmed>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    match visit
        .app
        .jobs
        .retry_failed(&may, id, form.confirmation.as_deref())
        .await
    {
        Ok(new) => Ok(visit::see_other(&format!("/jobs/{new}"))),
        Err(Error::Unconfirmed { expected }) => Ok(visit::failed(
            &format!("/jobs/{id}"),
            format!("Type {expected} to confirm. Nothing was started."),
        )),
        Err(error @ (Error::NotHeld(_) | Error::NothingFailed | Error::Invalid { .. })) => Ok(visit::failed(
            &format!("/jobs/{id}"),
            draft::sentence(&error.to_string()),
        )),
        Err(error) => Err(error.into()),
    }
}
