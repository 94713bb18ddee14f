//! One phone of a job.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;

use super::view;
use crate::domain::ids::{JobId, JobRunId};
use crate::domain::job::RunState;
use crate::http::extract::Path;
use crate::http::failure::Failure;
use crate::http::pages::jobs::{ByHandView, JobRunPage, RunRow, Shot, StepView, run_word};
use crate::http::pages::phones::short_title;
use crate::http::pages::{Section, Trouble, When};
use crate::http::visit::{self, Visit};
use crate::jobs::{Action, Job, Played, Run, Step};
use crate::security::{May, RunJobs};

/// A run as a row of a table.
pub(super) fn row(run: &Run, now: i64) -> RunRow {
    let cause = run.cause.map(short_title);
    RunRow {
        id: run.id.0,
        name: run.phone_name.clone(),
        model: run.model.trim_start_matches("Cisco ").to_owned(),
        state: run.state.as_str(),
        word: run_word(run.state),
        took: took(run),
        at: run
            .ended_at
            .or(run.due_at)
            .or(run.began_at)
            .map(|at| When::from_ms(at, now)),
        evidence: match cause {
            // Nothing is said twice.
            Some(cause) if cause.eq_ignore_ascii_case(&run.evidence) => String::new(),
            _ => run.evidence.clone(),
        },
        cause,
        by_hand: None,
    }
}

/// What there is to do for a run that needs a person, and what was done.
pub(super) fn by_hand(job: &Job, run: &Run, played: Option<&Played>) -> Option<ByHandView> {
    let Some(Action::Macro { macro_id, .. }) = job.action.as_ref().filter(|_| run.needs_person) else {
        return None;
    };
    let is_done = played.is_some_and(Played::is_done);
    let open = run.phone.filter(|_| !is_done);
    Some(ByHandView {
        play: open.map(|phone| format!("/macros/{macro_id}/play?phone={phone}&job={}", job.id)),
        played: played.map(|played| (format!("/macro-runs/{}", played.macro_run), played_words(played))),
        is_done,
    })
}

fn played_words(played: &Played) -> String {
    let by = &played.by;
    match played.state.as_str() {
        _ if played.is_done() => format!("Done by {by}"),
        "running" => format!("{by} plays it now"),
        "unproved" => format!("Played by {by}, not proved"),
        "unsure" => format!("Played by {by}, unsure"),
        _ => format!("Tried by {by}, without success"),
    }
}

fn took(run: &Run) -> String {
    match (run.began_at, run.ended_at) {
        (Some(began), Some(ended)) => millis(u64::try_from(ended - began).unwrap_or(0)),
        _ => String::new(),
    }
}

fn millis(took: u64) -> String {
    match took {
        0..1_000 => format!("{took} ms"),
        1_000..60_000 => format!("{}.{} s", took / 1_000, took % 1_000 / 100),
        _ => format!("{} min {} s", took / 60_000, took % 60_000 / 1_000),
    }
}

/// The kept pictures of a run.
pub(super) fn shots(run: &Run) -> Vec<Shot> {
    let shot = |(number, picture): (usize, &crate::jobs::Picture)| Shot {
        name: capitalised(&picture.name),
        href: format!("/jobs/{}/runs/{}/pictures/{number}", run.job, run.id),
    };
    run.pictures.iter().enumerate().map(shot).collect()
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// A run of this very job.
async fn of_job(visit: &Visit, may: &May<RunJobs>, job: JobId, run: JobRunId) -> Result<Run, Failure> {
    let run = visit.app.jobs.run(may, run).await?;
    if run.job == job {
        Ok(run)
    } else {
        Err(Failure::not_found("run"))
    }
}

pub(super) async fn show(visit: Visit, Path((job, run)): Path<(JobId, JobRunId)>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let job = visit.app.jobs.job(&may, job).await?;
    let run = of_job(&visit, &may, job.id, run).await?;
    let clusters = visit.app.inventory.clusters(&may).await?;
    let now = visit.app.clock.now_ms();
    let played = visit.app.jobs.by_hand(&may, job.id, std::slice::from_ref(&run)).await?;
    let page = JobRunPage {
        layout: visit.layout(&run.phone_name, Section::Jobs),
        job: job.id.0,
        job_title: view(&job, &clusters, now).title,
        phone: run.phone.map(|id| id.0),
        switch: run.switch_name.clone(),
        is_over: run.state.is_over(),
        trouble: run.cause.map(|cause| Trouble::new(cause, run.evidence.clone())),
        note: note(&run, now),
        shots: shots(&run),
        steps: run.steps.iter().map(step).collect(),
        facts: facts(&run),
        run: RunRow {
            by_hand: by_hand(&job, &run, played.get(&run.id)),
            ..row(&run, now)
        },
    };
    match visit.fragment() {
        Some("run") => visit::fragment(&page.as_run()),
        _ => visit::html(&page),
    }
}

fn note(run: &Run, now: i64) -> String {
    match run.state {
        RunState::Unsure => {
            "Something was being sent when the run was cut off. Nobody knows whether the phone took it, so \
            it is never repeated by itself: look at the phone, then make a job for it if need be."
                .to_owned()
        }
        RunState::Unproved => "It was done, but the phone gave no proof of it.".to_owned(),
        RunState::Waiting => {
            let due = run.due_at.map_or(0, |due| (due - now) / 60_000).max(0);
            format!("The phone was busy. It is tried again in about {due} min.")
        }
        _ => String::new(),
    }
}

fn step(step: &Step) -> StepView {
    let at = Timestamp::from_millisecond(step.began_at).unwrap_or(Timestamp::UNIX_EPOCH);
    StepView {
        words: step.words.clone(),
        outcome: step.outcome.clone(),
        seen: step.seen.clone().unwrap_or_default(),
        at: at.strftime("%H:%M:%S UTC").to_string(),
        took: millis(step.took_ms),
    }
}

fn facts(run: &Run) -> Vec<(&'static str, String)> {
    let moment = |at: i64| {
        let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
    };
    let stage = match run.stage {
        0 => "the first phone",
        1 => "one of the next five",
        _ => "the rest",
    };
    let mut facts = vec![("Stage", stage.to_owned())];
    if let Some(at) = run.began_at {
        facts.push(("Began", moment(at)));
    }
    if let Some(at) = run.ended_at {
        facts.push(("Ended", moment(at)));
    }
    if !took(run).is_empty() {
        facts.push(("Took", took(run)));
    }
    if run.attempts > 1 {
        facts.push(("Attempts", run.attempts.to_string()));
    }
    if let Some(at) = run.due_at {
        facts.push(("Tried again", moment(at)));
    }
    if let Some(at) = run.give_up_at {
        facts.push(("Given up", moment(at)));
    }
    if !run.way.is_empty() {
        let way = if run.way == "ssh" { "SSH" } else { "the web server" };
        facts.push(("Keys went over", way.to_owned()));
    }
    facts
}

/// A kept picture, numbered from 0.
pub(super) async fn picture(
    visit: Visit,
    Path((job, run, number)): Path<(JobId, JobRunId, usize)>,
) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let run = of_job(&visit, &may, job, run).await?;
    let (media_type, bytes) = visit.app.jobs.run_picture(&may, run.id, number).await?;
    let about = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "private, max-age=86400, immutable"),
    ];
    Ok((about, bytes).into_response())
}
