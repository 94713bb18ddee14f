//! One job.

use axum::response::Response;
use serde::Deserialize;

use super::facts::{action_facts, brake_facts};
use super::runs::{by_hand, row, shots};
use super::view;
use crate::domain::ids::JobId;
use crate::domain::job::{Hold, RunState};
use crate::http::extract::{Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::jobs::{
    HoldView, JobPage, NEEDS_PERSON, PairView, RunQuery, RunRow, RunsView, Tally, run_word,
};
use crate::http::pages::{Choice, Pager, Section, thousands};
use crate::http::visit::{self, Visit};
use crate::jobs::{Job, NeedsPerson, Table, Wanted};
use crate::security::{May, RunJobs};

/// Runs of a page.
const RUNS: u32 = 50;
/// Phones of the canary that are shown.
const CANARY: u32 = 6;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    state: String,
    model: String,
    sort: String,
    page: Option<u64>,
}

impl Asked {
    fn query(self) -> RunQuery {
        RunQuery {
            q: self.q.trim().to_owned(),
            state: self.state,
            model: self.model,
            sort: self.sort,
            page: self.page.unwrap_or(1).max(1),
        }
    }
}

fn wanted(query: &RunQuery) -> Result<Wanted, Failure> {
    let needs_person = query.state == NEEDS_PERSON;
    let state = match query.state.as_str() {
        "" | NEEDS_PERSON => None,
        word => Some(
            RunState::ALL
                .into_iter()
                .find(|state| state.as_str() == word)
                .ok_or_else(|| Failure::malformed(format!("There is no state {word:?}.")))?,
        ),
    };
    let (descending, column) = query
        .sort
        .strip_prefix('-')
        .map_or((false, query.sort.as_str()), |column| (true, column));
    if !["", "phone", "model", "state", "took", "ended"].contains(&column) {
        return Err(Failure::malformed(format!("There is no sort {:?}.", query.sort)));
    }
    Ok(Wanted {
        state,
        needs_person,
        model: Some(query.model.clone()).filter(|model| !model.is_empty()),
        name: query.q.clone(),
        sort: column.to_owned(),
        descending,
    })
}

pub(super) async fn show(visit: Visit, Path(id): Path<JobId>, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let job = visit.app.jobs.job(&may, id).await?;
    let fragment = visit.fragment();
    let query = asked.query();
    let page = page(&visit, &may, &job, query, fragment != Some("progress")).await?;
    match fragment {
        Some("progress") => visit::fragment(&page.as_progress()),
        Some("runs") => visit::fragment(&page.as_runs()),
        _ => visit::html(&page),
    }
}

async fn page(
    visit: &Visit,
    may: &May<RunJobs>,
    job: &Job,
    query: RunQuery,
    with_runs: bool,
) -> Result<JobPage, Failure> {
    let clusters = visit.app.inventory.clusters(may).await?;
    let now = visit.app.clock.now_ms();
    let shown = view(job, &clusters, now);
    let mut facts = match &job.action {
        Some(action) => action_facts(visit, action).await,
        None => Vec::new(),
    };
    facts.extend(job.brakes.as_ref().map(brake_facts).unwrap_or_default());
    let needs_person = visit.app.jobs.needs_person(may, job.id).await?;
    let has_runs = job.action.is_some();
    let runs = if has_runs && with_runs {
        Some(table(visit, may, job, query.clone(), now).await?)
    } else {
        None
    };
    Ok(JobPage {
        layout: visit.layout(&shown.title, Section::Jobs),
        schedule: schedule(visit, may, job).await,
        origin: job.origin.map(|id| id.0),
        hold: hold(may, job, now),
        pairs: pairs(visit, may, job).await?,
        tally: tally(job, needs_person, &query),
        approved_by: job.approved_by.clone(),
        brakes: facts,
        retry: retry(job),
        retry_confirm: job.destructive.then(|| match job.failed {
            1 => "1 phone".to_owned(),
            failed => format!("{failed} phones"),
        }),
        has_runs,
        runs,
        job: shown,
    })
}

async fn schedule(visit: &Visit, may: &May<RunJobs>, job: &Job) -> Option<(i64, String)> {
    let id = job.schedule?;
    let (schedule, _) = visit.app.jobs.schedule_of(may, id).await.ok()?;
    Some((id.0, schedule.title))
}

/// The words of the button that repeats the failed runs; none when there is nothing to repeat.
fn retry(job: &Job) -> Option<String> {
    let over = job.state.is_over() && job.action.is_some() && job.failed > 0;
    over.then(|| match job.failed {
        1 => "Try the one that failed again".to_owned(),
        failed => format!("Try the {} that failed again", thousands(failed)),
    })
}

fn hold(may: &May<RunJobs>, job: &Job, now: i64) -> Option<HoldView> {
    let hold = job.hold.filter(|_| !job.state.is_over())?;
    let rest = job.total.saturating_sub(job.done);
    let own = job.user == Some(may.user);
    let words = match hold {
        Hold::Approval if own => {
            "You made it, so somebody else must look at it: ask another admin to open this page. Nothing was sent yet."
                .to_owned()
        }
        Hold::Approval => format!(
            "{} asks for it. Look at what it does and to which phones, then approve or refuse it. Nothing was sent yet.",
            job.created_by
        ),
        Hold::Canary => format!(
            "The first {} done. Look at the pictures: if they show what you meant, go on with {} more.",
            match job.succeeded + job.failed + job.unproved + job.unsure {
                1 => "phone is".to_owned(),
                count => format!("{} phones are", thousands(count)),
            },
            thousands(next_stage(job))
        ),
        Hold::Paused if rest == 1 => "Nothing begins. 1 phone is still to be done.".to_owned(),
        Hold::Paused => format!("Nothing begins. {} phones are still to be done.", thousands(rest)),
        Hold::Window => window_words(job, now),
        Hold::Failures => format!(
            "{} of {} phones that ended did not end well. See below what failed, then go on with the {} that are left, or \
             stop here. Those that failed can be tried again afterwards.",
            thousands(job.failed + job.unproved + job.unsure),
            thousands(job.done.saturating_sub(job.skipped)),
            thousands(rest)
        ),
    };
    Some(HoldView {
        may: !(hold == Hold::Approval && own),
        seen: match hold {
            Hold::Canary => Some(u64::from(job.stage)),
            Hold::Failures | Hold::Paused => Some(job.version),
            Hold::Approval | Hold::Window => None,
        },
        rest: if hold == Hold::Canary { next_stage(job) } else { rest },
        hold,
        words,
    })
}

/// How many phones follow when the canary is released: five, then the rest.
fn next_stage(job: &Job) -> u64 {
    let rest = job.total.saturating_sub(job.done);
    if job.stage == 0 { rest.min(5) } else { rest }
}

fn window_words(job: &Job, now: i64) -> String {
    let window = job.brakes.as_ref().and_then(|brakes| brakes.window.as_ref());
    let now = jiff::Timestamp::from_millisecond(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    match window.and_then(|window| Some((window, window.opens_after(now)?))) {
        Some((window, opens)) => format!(
            "It goes on by itself at {}: {}.",
            super::schedules::in_words(&[opens], &window.time_zone).concat(),
            window.words()
        ),
        None => "It goes on by itself when the window opens.".to_owned(),
    }
}

fn tally(job: &Job, needs_person: NeedsPerson, query: &RunQuery) -> Vec<Tally> {
    if job.action.is_none() {
        return Vec::new();
    }
    let open = job.total.saturating_sub(job.done).saturating_sub(job.waiting);
    let counts = [
        ("", "All", job.total),
        ("queued", "To do", open),
        ("waiting", run_word(RunState::Waiting), job.waiting),
        ("succeeded", run_word(RunState::Succeeded), job.succeeded),
        ("failed", run_word(RunState::Failed), job.failed),
        (NEEDS_PERSON, "Need a person", needs_person.left),
        ("unproved", run_word(RunState::Unproved), job.unproved),
        ("unsure", run_word(RunState::Unsure), job.unsure),
        ("skipped", run_word(RunState::Skipped), job.skipped),
        ("cancelled", run_word(RunState::Cancelled), job.cancelled),
    ];
    counts
        .into_iter()
        // What people have worked off stays to be looked up.
        .filter(|(state, _, count)| *count > 0 || state.is_empty() || *state == NEEDS_PERSON && needs_person.all > 0)
        .map(|(state, word, count)| Tally {
            state,
            word,
            count,
            href: format!("{}#h-runs", query.in_state(state).href(job.id.0)),
            current: query.state == state,
        })
        .collect()
}

/// The phones of the canary with their pictures, while somebody must look at them.
async fn pairs(visit: &Visit, may: &May<RunJobs>, job: &Job) -> Result<Vec<PairView>, Failure> {
    if job.hold != Some(Hold::Canary) || job.state.is_over() {
        return Ok(Vec::new());
    }
    let first = visit.app.jobs.canary(may, job.id, CANARY).await?;
    Ok(first
        .into_iter()
        .map(|run| PairView {
            run: run.id.0,
            name: run.phone_name.clone(),
            model: run.model.trim_start_matches("Cisco ").to_owned(),
            state: run.state.as_str(),
            word: run_word(run.state),
            evidence: run.evidence.clone(),
            shots: shots(&run),
        })
        .collect())
}

async fn table(visit: &Visit, may: &May<RunJobs>, job: &Job, query: RunQuery, now: i64) -> Result<RunsView, Failure> {
    let jobs = &visit.app.jobs;
    let found: Table = jobs.table(may, job.id, &wanted(&query)?, query.page, RUNS).await?;
    let played = jobs.by_hand(may, job.id, &found.runs).await?;
    let rows = found.runs.iter().map(|run| RunRow {
        by_hand: by_hand(job, run, played.get(&run.id)),
        ..row(run, now)
    });
    let before = (query.page - 1).saturating_mul(RUNS.into());
    let shown = found.runs.len() as u64;
    let at_page = |page: u64| {
        let query = RunQuery { page, ..query.clone() };
        format!("{}#h-runs", query.href(job.id.0))
    };
    let model = |(model, count): (String, u64)| {
        let words = format!("{} ({count})", model.trim_start_matches("Cisco "));
        Choice::new(model, words)
    };
    Ok(RunsView {
        columns: RunsView::columns_of(job.id.0, &query),
        pager: Pager {
            first: if shown == 0 { 0 } else { before + 1 },
            last: before + shown,
            total: found.total,
            previous: (query.page > 1).then(|| at_page(query.page - 1)),
            next: (before + shown < found.total).then(|| at_page(query.page + 1)),
        },
        rows: rows.collect(),
        models: found.models.into_iter().map(model).collect(),
        query,
    })
}
