//! "Why not?": the button, and the diagnosis while it runs and afterwards.

mod events;
mod mending;
mod remedy;
mod reports;

use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use crate::diagnosis::{self, Record, RecordState, Summary};
use crate::domain::cause::Cause;
use crate::domain::ids::{DiagnosisId, PhoneId, RemedyRunId};
use crate::domain::phone::{ReadinessState, RegistrationStatus};
use crate::http::extract::{Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::diagnosis::{DiagnosisPage, EarlierView, PhoneView, PictureView, StartPage, areas};
use crate::http::pages::{Section, Trouble, When};
use crate::http::state::App;
use crate::http::visit::{self, Visit};
use crate::inventory::{self, Phone};
use crate::security::Diagnose;

/// Earlier diagnoses on a page.
const EARLIER: u32 = 10;
/// Whoever asks why again so soon after a diagnosis is shown that one, in milliseconds.
const FRESH_MS: i64 = 60_000;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/phones/{id}/diagnosis", get(offer).post(start))
        .route("/diagnoses/{id}", get(show))
        .route("/diagnoses/{id}/events", get(events::follow))
        .route("/diagnoses/{id}/picture", get(picture))
        .route("/phones/{id}/remedies/{remedy}", get(remedy::show).post(remedy::apply))
        .route("/phones/{id}/remedies/{remedy}/checks", post(remedy::check))
        .route("/phones/{id}/remedy-runs/{run}/undo", post(remedy::undo))
        .route("/diagnoses/{id}/report.txt", get(reports::text))
        .route("/diagnoses/{id}/report.md", get(reports::markdown))
        .route("/diagnoses/{id}/report.json", get(reports::json))
        .route("/diagnoses/{id}/report.html", get(reports::html))
}

impl From<diagnosis::Error> for Failure {
    fn from(error: diagnosis::Error) -> Self {
        use diagnosis::Error;
        match error {
            Error::Unknown => Self::not_found("diagnosis"),
            Error::TooMany => Self::too_many(
                format!(
                    "{} diagnoses run already. Try again in a few seconds.",
                    diagnosis::MOST_AT_ONCE
                ),
                Duration::from_secs(10),
            ),
            Error::Phone(error) => error.into(),
            Error::Store(error) => error.into(),
        }
    }
}

/// The page with the button; whoever comes while a diagnosis runs, or soon after one, is shown that one.
async fn offer(visit: Visit, Path(id): Path<PhoneId>) -> Result<Response, Failure> {
    let may = visit.may::<Diagnose>()?;
    let phone = visit.app.inventory.phone(&may, id).await?;
    let known = visit.app.diagnoses.of_phone(&may, id, EARLIER).await?;
    if let Some(newest) = known
        .first()
        .filter(|newest| is_fresh(newest, visit.app.clock.now_ms()))
    {
        return Ok(visit::see_other(&format!("/diagnoses/{}", newest.id)));
    }
    let blocked = phone.readiness.state == ReadinessState::Blocked;
    let cause = phone.readiness.cause.filter(|_| blocked);
    visit::html(&StartPage {
        layout: visit.layout(&format!("Why not? {}", phone.name), Section::Phones),
        known: cause.map(|cause| Trouble::new(cause, "")),
        phone: phone_view(&visit, phone).await?,
        changes: mending::changes(&visit, id).await?,
        earlier: earlier(&visit, &known, None),
    })
}

fn is_fresh(newest: &Summary, now: i64) -> bool {
    match newest.state {
        RecordState::Running => true,
        RecordState::Finished => now - newest.started_at < FRESH_MS,
        RecordState::Interrupted => false,
    }
}

async fn start(visit: Visit, Path(id): Path<PhoneId>) -> Result<Response, Failure> {
    let may = visit.may::<Diagnose>()?;
    let begun = visit.app.diagnoses.start(&may, id).await?;
    Ok(visit::see_other(&format!("/diagnoses/{begun}")))
}

#[derive(Debug, Deserialize)]
struct Followed {
    /// The run of a remedy whose effect is looked at.
    run: Option<RemedyRunId>,
}

async fn show(visit: Visit, Path(id): Path<DiagnosisId>, Query(asked): Query<Followed>) -> Result<Response, Failure> {
    let may = visit.may::<Diagnose>()?;
    let record = visit.app.diagnoses.record(&may, id).await?;
    let followed = match asked.run {
        Some(run) => mending::Followed::of(&visit, run, &record).await?,
        None => None,
    };
    let known = known(&visit, &record).await?;
    if let (Some(run), Some(followed), Some(newest)) = (asked.run, &followed, known.first())
        && followed.is_outlived_by(&record, newest)
    {
        return Ok(visit::see_other(&format!("/diagnoses/{}?run={run}", newest.id)));
    }
    let mut page = page(&visit, &record, &known).await?;
    page.mending = followed.map(|followed| followed.view(&visit, &record));
    match visit.fragment() {
        Some("whole") => visit::fragment(&page.as_whole()),
        _ => visit::html(&page),
    }
}

/// The phone's diagnoses, newest first; none of a phone that was removed.
async fn known(visit: &Visit, record: &Record) -> Result<Vec<Summary>, Failure> {
    match visit.app.diagnoses.of_phone(&visit.viewer, record.phone, EARLIER).await {
        Ok(known) => Ok(known),
        Err(diagnosis::Error::Phone(inventory::Error::UnknownPhone)) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

async fn page(visit: &Visit, record: &Record, known: &[Summary]) -> Result<DiagnosisPage, Failure> {
    let phone = match visit.app.inventory.phone(&visit.viewer, record.phone).await {
        Ok(phone) => phone_view(visit, phone).await?,
        // It was removed since; what was found of it is kept.
        Err(inventory::Error::UnknownPhone) => removed(record),
        Err(error) => return Err(error.into()),
    };
    let (remedies, changes) = if phone.exists {
        (
            mending::remedies(visit, record).await,
            mending::changes(visit, record.phone).await?,
        )
    } else {
        (Vec::new(), Vec::new())
    };
    let running = record.state == RecordState::Running;
    Ok(DiagnosisPage {
        layout: visit.layout(&title(record, &phone), Section::Phones),
        id: record.id.0,
        started_at: When::from_ms(record.started_at, visit.app.clock.now_ms()),
        by: record.by.clone(),
        running,
        areas: areas(&record.findings, !running),
        verdict: record.verdict.clone(),
        picture: picture_view(visit, record).await?,
        remedies,
        changes,
        earlier: earlier(visit, known, Some(record.id)),
        mending: None,
        phone,
    })
}

/// What a tab of the browser is called: the answer, as soon as there is one.
fn title(record: &Record, phone: &PhoneView) -> String {
    match &record.verdict {
        Some(verdict) if verdict.cause == Cause::None => format!("{} can be controlled", phone.title()),
        Some(verdict) => format!("{}: {}", phone.title(), verdict.cause.title()),
        None => format!("Why not? {}", phone.title()),
    }
}

async fn phone_view(visit: &Visit, phone: Phone) -> Result<PhoneView, Failure> {
    let cluster = visit.app.inventory.cluster(&visit.viewer, phone.cluster_id).await?;
    Ok(PhoneView {
        id: phone.id.0,
        exists: true,
        number: phone.lines.first().map(|line| line.dn.clone()).unwrap_or_default(),
        model: phone.model.trim_start_matches("Cisco ").to_owned(),
        cluster: cluster.name,
        status: phone.status,
        name: phone.name,
        owner: phone.owner,
        description: phone.description,
    })
}

fn removed(record: &Record) -> PhoneView {
    PhoneView {
        id: record.phone.0,
        exists: false,
        name: record.phone_name.clone(),
        owner: String::new(),
        number: String::new(),
        description: String::new(),
        model: record.model.trim_start_matches("Cisco ").to_owned(),
        cluster: record.cluster_name.clone(),
        status: RegistrationStatus::Unknown,
    }
}

fn earlier(visit: &Visit, known: &[Summary], but: Option<DiagnosisId>) -> Vec<EarlierView> {
    let now = visit.app.clock.now_ms();
    let others = known.iter().filter(|one| Some(one.id) != but);
    let views = others.map(|one| EarlierView {
        id: one.id.0,
        at: When::from_ms(one.started_at, now),
        by: one.by.clone(),
        cause: one.cause,
        running: one.state == RecordState::Running,
    });
    views.collect()
}

async fn picture_view(visit: &Visit, record: &Record) -> Result<Option<PictureView>, Failure> {
    if !record.has_picture {
        return Ok(None);
    }
    let picture = visit.app.diagnoses.picture(&visit.viewer, record.id).await?;
    Ok(picture.map(|picture| PictureView {
        src: format!("/diagnoses/{}/picture", record.id),
        width: picture.width,
        height: picture.height,
    }))
}

/// What the phone showed then. It never changes, but is asked for anew each time: the right to see it may end.
async fn picture(visit: Visit, Path(id): Path<DiagnosisId>) -> Result<Response, Failure> {
    let may = visit.may::<Diagnose>()?;
    let picture = visit.app.diagnoses.picture(&may, id).await?;
    let picture = picture.ok_or_else(|| Failure::not_found("picture"))?;
    let about = [
        (header::CONTENT_TYPE, picture.format.media_type()),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    Ok((about, picture.bytes).into_response())
}
