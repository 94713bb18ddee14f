//! A run: its page, its pictures, what a person tells it.

use std::collections::BTreeMap;

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::{HERE, views};
use crate::domain::catalogue;
use crate::domain::ids::{EvidenceId, MacroRunId};
use crate::domain::screen::Picture;
use crate::domain::script::{Danger, Place};
use crate::http::api::command_of;
use crate::http::extract::{Form, Path};
use crate::http::failure::Failure;
use crate::http::handlers::phone::screen_view;
use crate::http::pages::macros::StepView;
use crate::http::pages::macros::run::{
    EndView, LogView, PictureView, Progress, QuestionView, RowView, RunPage, RunPhone, Standing, StateFragment,
    StateView, next_step, took,
};
use crate::http::pages::phone::DeviceView;
use crate::http::pages::{Section, Trouble, When};
use crate::http::visit::{self, Visit};
use crate::inventory::{self, Phone};
use crate::macros::{Kept, MacroError, PlayError, Playing, RunView, StepOutcome, StepRecord, Way};
use crate::security::RunMacros;

/// What a run is shown with: its macro and its phone, where they still exist.
#[derive(Debug, Clone)]
pub(super) struct Context {
    kept: Option<Kept>,
    phone: Option<Phone>,
    /// The steps of the version that is played.
    plan: Vec<StepView>,
    may_play: bool,
}

impl Context {
    pub(super) async fn of(visit: &Visit, run: &RunView) -> Result<Self, Failure> {
        let (app, viewer) = (&visit.app, &visit.viewer);
        let kept = match app.macros.library().version(viewer, run.macro_id, run.version).await {
            Ok(kept) => Some(kept),
            Err(MacroError::Unknown) => None,
            Err(error) => return Err(error.into()),
        };
        let phone = match app.inventory.phone(viewer, run.phone).await {
            Ok(phone) => Some(phone),
            Err(inventory::Error::UnknownPhone) => None,
            Err(error) => return Err(error.into()),
        };
        let script = kept.as_ref().and_then(|kept| kept.script.as_ref());
        Ok(Self {
            plan: script.map(views::steps).unwrap_or_default(),
            may_play: kept.as_ref().is_some_and(|kept| views::may_play(viewer, kept.danger)),
            kept,
            phone,
        })
    }

    /// How a run stands.
    pub(super) fn state(&self, run: &RunView, now: i64) -> StateView {
        let current = run.current.and_then(|at| self.step_at(at));
        StateView {
            id: run.id.0,
            again: self
                .kept
                .as_ref()
                .zip(self.phone.as_ref())
                .filter(|_| self.may_play)
                .map(|(kept, phone)| format!("{HERE}/{}/play?phone={}", kept.id, phone.id)),
            phone: self.phone.as_ref().map(|phone| format!("/phones/{}", phone.id)),
            standing: standing(run, now),
            current: current.map(|step| step.words.clone()).unwrap_or_default(),
            taken: run.steps.len(),
            may_command: self.may_play,
        }
    }

    fn step_at(&self, at: Place) -> Option<&StepView> {
        self.plan
            .iter()
            .find(|step| (step.line, step.column) == (at.line, at.column))
    }

    /// The plan, and how far it is.
    pub(super) fn rows(&self, run: &RunView) -> Vec<RowView> {
        let mut taken: BTreeMap<Place, Vec<&StepRecord>> = BTreeMap::new();
        for record in &run.steps {
            taken.entry(record.at).or_default().push(record);
        }
        let is_over = run.state.is_over();
        let rows = self.plan.iter().map(|step| {
            let at = Place {
                line: step.line,
                column: step.column,
            };
            let records = taken.get(&at).map(Vec::as_slice).unwrap_or_default();
            let is_other_half = step.number.is_empty();
            let now = run.current == Some(at) && !is_over && !is_other_half;
            row(step, if is_other_half { &[] } else { records }, now, is_over)
        });
        rows.collect()
    }
}

fn row(step: &StepView, records: &[&StepRecord], now: bool, is_over: bool) -> RowView {
    let last = records.last();
    let progress = match last {
        _ if now => Progress::Now,
        Some(record) => progress(record.outcome),
        None if is_over => Progress::Skipped,
        None => Progress::Waiting,
    };
    RowView {
        step: step.clone(),
        progress,
        times: records.len(),
        seen: last.and_then(|record| record.seen.clone()).unwrap_or_default(),
        cause: last.map(|record| cause(record)).unwrap_or_default(),
        took: last.map(|record| took(record.took_ms)).unwrap_or_default(),
    }
}

fn progress(outcome: StepOutcome) -> Progress {
    match outcome {
        StepOutcome::Done => Progress::Done,
        StepOutcome::Failed => Progress::Failed,
        StepOutcome::Skipped => Progress::Skipped,
        StepOutcome::Asked => Progress::Asked,
    }
}

fn cause(record: &StepRecord) -> String {
    record.cause.map(|cause| cause.title().to_owned()).unwrap_or_default()
}

/// One thing that was done; `n` counts from 1.
pub(super) fn log_line(n: usize, record: &StepRecord) -> LogView {
    let at = Timestamp::from_millisecond(record.began_at).unwrap_or(Timestamp::UNIX_EPOCH);
    LogView {
        n,
        clock: at.strftime("%H:%M:%S").to_string(),
        words: record.words.clone(),
        progress: progress(record.outcome),
        seen: record.seen.clone().unwrap_or_default(),
        cause: cause(record),
        took: took(record.took_ms),
    }
}

fn picture_src(run: MacroRunId, picture: EvidenceId) -> String {
    format!("/macro-runs/{run}/pictures/{picture}")
}

fn standing(run: &RunView, now: i64) -> Standing {
    match &run.state {
        Playing::Running => Standing::Running,
        Playing::Paused => Standing::Paused,
        Playing::Asking(question) => Standing::Asking(QuestionView {
            number: run.asked,
            expectation: question.expectation.clone(),
            words: question.words.clone(),
            picture: question.picture.map(|picture| picture_src(run.id, picture)),
            needs_row: question.needs_row,
            can_remember: question.can_remember,
        }),
        Playing::Over(end) => {
            let length = run.ended_at.map(|at| u64::try_from(at - run.began_at).unwrap_or(0));
            Standing::Over(EndView {
                end: *end,
                evidence: Some(&run.evidence)
                    .filter(|text| !text.is_empty())
                    .map_or_else(String::new, |text| views::capitalised(text)),
                trouble: run.cause.map(|cause| Trouble::new(cause, "")),
                next_step: next_step(*end),
                at: run.ended_at.map(|at| When::from_ms(at, now)),
                took: length.map(took).unwrap_or_default(),
            })
        }
    }
}

fn way_words(way: Way) -> &'static str {
    match way {
        Way::Auto => "",
        Way::Web => "by its web server",
        Way::Ssh => "over SSH",
    }
}

/// The page of a run, under way or over.
pub(super) async fn show(visit: Visit, Path(id): Path<MacroRunId>) -> Result<Response, Failure> {
    let may = visit.may::<RunMacros>()?;
    let run = visit.app.macros.run(&may, id).await?;
    let context = Context::of(&visit, &run).await?;
    visit::html(&page(&visit, &run, &context))
}

fn page(visit: &Visit, run: &RunView, context: &Context) -> RunPage {
    let (now, phone) = (visit.app.clock.now(), context.phone.as_ref());
    let model = phone.map_or_else(catalogue::generic, |phone| {
        catalogue::find(phone.model_number, &phone.model)
    });
    let state = visit.app.screens.state(run.phone);
    let screen = phone.map(|phone| screen_view(phone, model, state.as_deref(), now));
    let screen = screen.unwrap_or_default();
    let log = run.steps.iter().enumerate();
    let pictures = run.pictures.iter().map(|picture| PictureView {
        name: picture.name.clone(),
        src: picture_src(run.id, picture.evidence_id),
    });
    let state = context.state(run, now.as_millisecond());
    let title = format!("{} on {}", run.macro_name, run.phone_name);
    RunPage {
        layout: visit.layout(&title, Section::Macros),
        id: run.id.0,
        macro_id: context.kept.as_ref().map(|kept| kept.id.0),
        macro_name: run.macro_name.clone(),
        version: run.version,
        danger: context.kept.as_ref().map_or(Danger::Destructive, |kept| kept.danger),
        phone: RunPhone {
            id: run.phone.0,
            exists: phone.is_some(),
            name: run.phone_name.clone(),
            owner: phone.map(|phone| phone.owner.clone()).unwrap_or_default(),
            model: phone.map(views::model_name).unwrap_or_default(),
        },
        by: run.by.clone(),
        dry_run: run.dry_run,
        way: way_words(run.way).to_owned(),
        began: When::from_ms(run.began_at, now.as_millisecond()),
        rows: context.rows(run),
        log: log.map(|(index, record)| log_line(index + 1, record)).collect(),
        pictures: pictures.collect(),
        may_press: false,
        device: DeviceView::new(model, screen.size),
        screen,
        user: visit.viewer.name.clone(),
        state,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Told {
    #[serde(default)]
    command: String,
    #[serde(default)]
    remember: String,
    row: Option<u8>,
    /// The number of the question that is answered.
    question: Option<u32>,
}

/// Tells a run to pause, to go on, or what its screen shows.
pub(super) async fn command(
    visit: Visit,
    Path(id): Path<MacroRunId>,
    Form(told): Form<Told>,
) -> Result<Response, Failure> {
    let may = visit.may::<RunMacros>()?;
    let run = visit.app.macros.run(&may, id).await?;
    let here = format!("/macro-runs/{id}");
    let command = command_of(&told.command, told.question, told.remember == "yes", told.row)?;
    match visit.app.macros.command(&may, id, command).await {
        Ok(()) => {}
        // It has gone on meanwhile: its page says how it stands.
        Err(error @ (PlayError::Over | PlayError::NotNow(_))) if visit.fragment().is_none() => {
            return Ok(visit::failed(&here, views::sentence(&error)));
        }
        Err(error) => return Err(error.into()),
    }
    if visit.fragment() != Some("state") {
        return Ok(visit::see_other(&here));
    }
    let context = Context::of(&visit, &run).await?;
    let run = visit.app.macros.run(&may, id).await?;
    visit::fragment(&StateFragment {
        layout: visit.layout("", Section::Macros),
        state: context.state(&run, visit.app.clock.now_ms()),
    })
}

/// A picture that a run kept. It never changes, but is asked for anew each time: the right to see it may end.
pub(super) async fn picture(
    visit: Visit,
    Path((id, picture)): Path<(MacroRunId, EvidenceId)>,
) -> Result<Response, Failure> {
    let may = visit.may::<RunMacros>()?;
    Ok(answer(visit.app.macros.picture(&may, id, picture).await?))
}

/// A picture as an answer.
pub(super) fn answer(picture: Picture) -> Response {
    let about = [
        (header::CONTENT_TYPE, picture.format.media_type()),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    (about, picture.bytes).into_response()
}
