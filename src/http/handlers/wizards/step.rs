//! One step: its page, its answer, and another look.

use std::collections::BTreeMap;

use axum::response::Response;

use crate::diagnosis::wizards::{
    self, End, Given, Known, Look, Note, Part, Path as Way, Place, Reading, Row, Run, RunState, Seen, Standing, page_of,
};
use crate::domain::ids::WizardRunId;
use crate::http::extract::{Form, Path};
use crate::http::failure::Failure;
use crate::http::pages::wizards::{
    DiagnosisView, FieldView, Group, NoteView, PartView, RailStep, RowView, RunView, StepPage,
};
use crate::http::pages::{FieldErrors, Section, When};
use crate::http::visit::{self, Visit};
use crate::security::{Diagnose, May, MendPhones};

pub(super) async fn show(visit: Visit, Path((id, step)): Path<(WizardRunId, String)>) -> Result<Response, Failure> {
    let may = visit.may::<Diagnose>()?;
    let wizards = &visit.app.wizards;
    let mut run = wizards.open(&may, id).await?;
    let (_, place) = run.path.open(&step).map_err(wizards::Error::from)?;
    if run.line.state == RunState::Open && place.step.reading == Some(Reading::Back) {
        wizards.watch(&may, &run, place.step).await?;
        run = wizards.open(&may, id).await?;
    }
    let page = page(&visit, &run, &step, FieldErrors::default(), None).await?;
    match visit.fragment() {
        Some("live") => visit::fragment(&page.as_live()),
        _ => visit::html(&page),
    }
}

/// Looks again at what the step shows.
pub(super) async fn check(visit: Visit, Path((id, step)): Path<(WizardRunId, String)>) -> Result<Response, Failure> {
    let may = visit.may::<Diagnose>()?;
    visit.app.wizards.look(&may, id, &step).await?;
    Ok(visit::see_other(&page_of(id, &step)))
}

pub(super) async fn answer(
    visit: Visit,
    Path((id, step)): Path<(WizardRunId, String)>,
    Form(mut fields): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let may = visit.may::<Diagnose>()?;
    fields.remove("csrf");
    let given = Given {
        skip: fields.remove("outcome").is_some_and(|outcome| outcome == "skip"),
        tick: fields.remove("tick").is_some_and(|tick| !tick.is_empty()),
        fields,
    };
    let last = |next: &str| next == step;
    match visit.app.wizards.answer(&may, id, &step, &given).await {
        Ok(next) if last(next) => Ok(visit::done("/wizards", "The wizard is finished. Its log stays below.")),
        Ok(next) => Ok(visit::see_other(&page_of(id, next))),
        Err(error) => refused(&visit, &may, id, &step, &given, error).await,
    }
}

/// The same page with what was wrong; what was typed stays.
async fn refused(
    visit: &Visit,
    may: &May<Diagnose>,
    id: WizardRunId,
    step: &str,
    given: &Given,
    error: wizards::Error,
) -> Result<Response, Failure> {
    let mut errors = FieldErrors::default();
    match &error {
        wizards::Error::Wrong(fields) => {
            for (field, words) in fields {
                errors.add(field, words.clone());
            }
        }
        wizards::Error::NotTicked => errors.add("tick", "Tick that it is done first."),
        wizards::Error::NotDone(seen) => errors.add("", format!("This is not done yet: {seen}")),
        wizards::Error::MayNotSkip => errors.add("", "Nobody goes on without this step."),
        _ => return Err(error.into()),
    }
    let run = visit.app.wizards.open(may, id).await?;
    visit::refused(&page(visit, &run, step, errors, Some(&given.fields)).await?)
}

async fn page(
    visit: &Visit,
    run: &Run,
    step: &str,
    errors: FieldErrors,
    typed: Option<&BTreeMap<String, String>>,
) -> Result<StepPage, Failure> {
    let (at, place) = run.path.open(step).map_err(wizards::Error::from)?;
    let now = visit.app.clock.now_ms();
    let known = &run.known;
    let needed: Vec<&Place> = run.path.places.iter().filter(|place| is_counted(place)).collect();
    let is_open = run.line.state == RunState::Open;
    let watches = place.step.reading == Some(Reading::Back) && !place.standing.is_over() && is_open;
    let next = place.standing.is_over().then(|| run.path.after(at)).flatten();
    let answered = place.answer.as_ref();
    Ok(StepPage {
        layout: visit.layout(&format!("{} · {}", place.step.title, run.line.about), Section::Wizards),
        run: run_view(visit, run, now),
        rail: rail(&run.path, at, now),
        id: place.step.id,
        number: needed
            .iter()
            .position(|other| other.step.id == place.step.id)
            .map_or(0, |at| at + 1),
        of: needed.len(),
        title: place.step.title,
        why: place.step.why,
        standing: place.standing,
        proof: place.proof.clone(),
        looks: place.step.looks(),
        busy: is_busy(place, known),
        watches,
        diagnosis: diagnosis(place, known, now),
        groups: groups(place, known, now),
        parts: parts(place, known),
        end: place.step.end,
        fields: fields(place, known, typed),
        answered: answered.map(|answer| (answer.by.clone(), When::from_ms(answer.at, now))),
        errors,
        back: run.path.before(at).map(|place| place.step.id),
        next: next.map(|place| place.step.id),
        notes: notes(run, &visit.app.wizards.notes(run).await?, now),
    })
}

fn is_counted(place: &Place) -> bool {
    place.standing != Standing::NotNeeded
}

fn run_view(visit: &Visit, run: &Run, now: i64) -> RunView {
    let line = &run.line;
    RunView {
        id: line.id.0,
        title: line.kind.title(),
        phone: line.phone.map(|phone| phone.0),
        about: line.about.clone(),
        cluster: line.cluster_name.clone(),
        by: line.begun_by.clone(),
        begun_at: When::from_ms(line.begun_at, now),
        is_open: line.state == RunState::Open,
        finished: line.state == RunState::Finished,
        may_mend: visit.viewer.may::<MendPhones>().is_ok(),
    }
}

fn rail(path: &Way, at: usize, now: i64) -> Vec<RailStep> {
    let steps = path.places.iter().enumerate().map(|(index, place)| RailStep {
        id: place.step.id,
        title: place.step.title,
        standing: place.standing,
        by: place
            .answer
            .as_ref()
            .filter(|_| matches!(place.standing, Standing::Done | Standing::Skipped))
            .map(|answer| (answer.by.clone(), When::from_ms(answer.at, now))),
        can_open: path.open(place.step.id).is_ok(),
        is_current: index == at,
    });
    steps.collect()
}

fn is_busy(place: &Place, known: &Known) -> bool {
    let reading = place.step.reading.and_then(|reading| known.readings.get(reading.id()));
    (!place.step.checks.is_empty() && known.diagnosis.busy) || reading.is_some_and(|look| look.busy)
}

fn diagnosis(place: &Place, known: &Known, now: i64) -> Option<DiagnosisView> {
    let seen = known
        .diagnosis
        .seen
        .as_ref()
        .filter(|_| !place.step.checks.is_empty())?;
    let verdict = seen.verdict.as_ref();
    Some(DiagnosisView {
        id: seen.id,
        title: verdict.map_or("", |verdict| verdict.cause.title()).to_owned(),
        summary: match (verdict, &seen.failed) {
            (Some(verdict), _) => verdict.summary.clone(),
            (None, Some(failed)) => failed.clone(),
            (None, None) => String::new(),
        },
        at: When::from_ms(known.diagnosis.at, now),
    })
}

/// Rows of the diagnosis, then those of the reading.
fn groups(place: &Place, known: &Known, now: i64) -> Vec<Group> {
    let mut groups = Vec::new();
    if !place.step.checks.is_empty() {
        let rows = place.step.checks.iter().map(|check| match known.finding(*check) {
            Some(finding) => row_view(check.code(), &Row::from(finding)),
            None => RowView {
                key: check.code().to_owned(),
                title: check.title().to_owned(),
                outcome: None,
                evidence: String::new(),
                details: Vec::new(),
            },
        });
        groups.push(Group {
            at: known
                .diagnosis
                .seen
                .as_ref()
                .map(|_| When::from_ms(known.diagnosis.at, now)),
            rows: rows.collect(),
        });
    }
    if let Some(reading) = place.step.reading {
        let empty = Look::default();
        let look: &Look<Seen> = known.readings.get(reading.id()).unwrap_or(&empty);
        let rows = look.seen.as_ref().map(|seen| seen.rows.as_slice()).unwrap_or_default();
        groups.push(Group {
            at: look.seen.as_ref().map(|_| When::from_ms(look.at, now)),
            rows: rows
                .iter()
                .enumerate()
                .map(|(index, row)| row_view(&format!("{}-{index}", reading.id()), row))
                .collect(),
        });
    }
    groups
}

pub(super) fn row_view(key: &str, row: &Row) -> RowView {
    RowView {
        key: key.to_owned(),
        title: row.title.clone(),
        outcome: Some(row.outcome),
        evidence: row.evidence.clone(),
        details: row.details.clone(),
    }
}

fn parts(place: &Place, known: &Known) -> Vec<PartView> {
    let phone = known.phone.as_ref().map_or(0, |phone| phone.id);
    let parts = (place.step.body)(known).into_iter().map(|part| {
        let href = match &part {
            Part::Remedy { remedy, .. } => format!("/phones/{phone}/remedies/{remedy}"),
            _ => String::new(),
        };
        PartView { part, href }
    });
    parts.collect()
}

fn fields(place: &Place, known: &Known, typed: Option<&BTreeMap<String, String>>) -> Vec<FieldView> {
    let value = |name: &str| {
        let answered = place.answer.as_ref().map(|answer| &answer.fields);
        let given = typed.or(answered)?;
        given.get(name).cloned()
    };
    match place.step.end {
        End::Choose(_) => {
            // The model that CUCM has is what it nearly always is.
            let proposed = known.old_as_known().filter(|_| place.step.id == "model");
            let proposed = proposed.map(|old| old.model.to_owned());
            vec![FieldView {
                field: wizards::Field {
                    name: "choice",
                    label: "",
                    hint: "",
                    value: "",
                },
                value: value("choice").or(proposed).unwrap_or_default(),
            }]
        }
        End::Fill { fields, .. } => fields
            .iter()
            .map(|field| FieldView {
                field: *field,
                value: value(field.name).unwrap_or_else(|| field.value.to_owned()),
            })
            .collect(),
        End::Next { .. } | End::Last => Vec::new(),
    }
}

fn notes(run: &Run, notes: &[Note], now: i64) -> Vec<NoteView> {
    let title = |id: &str| {
        let step = run.line.kind.steps().iter().find(|step| step.id == id);
        step.map_or("", |step| step.title).to_owned()
    };
    let views = notes.iter().map(|note| NoteView {
        at: When::from_ms(note.at, now),
        by: note.by_name.clone(),
        step: title(&note.step),
        text: note.text.clone(),
    });
    views.collect()
}
