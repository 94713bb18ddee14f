//! From the form to a job: the preview, and the order.

use axum::response::Response;

use super::draft::{self, sentence};
use super::facts::{action_facts, brake_facts, phone_facts};
use super::form::{self, FORM_MIB, Pairs, STARTS};
use super::schedules;
use crate::http::extract::Upload;
use crate::http::failure::Failure;
use crate::http::pages::jobs::{Errors, JobForm, JobPreviewPage, SkippedView};
use crate::http::pages::{Section, span, thousands};
use crate::http::visit::{self, Visit};
use crate::jobs::{Accepted, Draft, Error, Preview};
use crate::security::{May, RunJobs};

/// Shows what the form would do; nothing is kept.
pub(super) async fn preview(visit: Visit, upload: Upload<Pairs, FORM_MIB>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let (form, errors) = form::read(upload);
    let drafted = match draft::draft(&form) {
        Ok(drafted) if errors.is_empty() => drafted,
        Ok(_) => return back(&visit, form, errors).await,
        Err(more) => {
            let mut all = errors;
            for (field, message) in more.into_map() {
                all.add(field, message);
            }
            return back(&visit, form, all).await;
        }
    };
    match visit.app.jobs.draft(&may, &drafted).await {
        Ok(preview) => visit::html(&page(&visit, &may, &form, &drafted, preview, Errors::default()).await?),
        Err(error) => refused(&visit, form, error).await,
    }
}

/// Makes the job of a preview, or its schedule.
pub(super) async fn create(visit: Visit, upload: Upload<Pairs, FORM_MIB>) -> Result<Response, Failure> {
    let may = visit.may::<RunJobs>()?;
    let given = |name: &str| {
        let pair = upload.form.iter().find(|(field, _)| field == name);
        pair.map(|(_, value)| value.clone())
    };
    let accepted = Accepted {
        preview_token: given("accept").unwrap_or_default(),
        confirmation: given("confirmation"),
    };
    let (form, errors) = form::read(upload);
    let drafted = match draft::draft(&form) {
        Ok(drafted) if errors.is_empty() => drafted,
        Ok(_) => return back(&visit, form, errors).await,
        Err(errors) => return back(&visit, form, errors).await,
    };
    let made = if drafted.schedule.is_some() {
        let made = visit.app.jobs.schedule(&may, &drafted, &accepted).await;
        made.map(|id| format!("/jobs/schedules/{id}"))
    } else {
        let made = visit.app.jobs.create(&may, &drafted, &accepted).await;
        made.map(|id| format!("/jobs/{id}"))
    };
    let mut wrong = Errors::default();
    match made {
        Ok(path) => return Ok(visit::see_other(&path)),
        Err(Error::Changed) => wrong.add(
            "",
            format!("{} Below is how it stands now.", sentence(&Error::Changed.to_string())),
        ),
        Err(Error::Unconfirmed { expected }) => {
            wrong.add(
                "confirmation",
                format!("Type {expected} to confirm. Nothing was started."),
            );
        }
        Err(error) => return refused(&visit, form, error).await,
    }
    match visit.app.jobs.draft(&may, &drafted).await {
        Ok(preview) => {
            let mut page = page(&visit, &may, &form, &drafted, preview, wrong).await?;
            page.confirmation = accepted.confirmation.unwrap_or_default();
            visit::refused(&page)
        }
        Err(error) => refused(&visit, form, error).await,
    }
}

/// The form with what is wrong.
async fn back(visit: &Visit, form: JobForm, errors: Errors) -> Result<Response, Failure> {
    visit::refused(&form::page(visit, form, errors).await?)
}

/// The form with what the jobs refused, beside its field.
async fn refused(visit: &Visit, form: JobForm, error: Error) -> Result<Response, Failure> {
    let errors = match &error {
        Error::Invalid { field, problem } => draft::refused(field, problem, &form),
        Error::UnknownFilter => draft::refused("targets", "this filter is gone, or it is not shared any more", &form),
        Error::Denied(denied) => draft::refused("", &denied.to_string(), &form),
        _ => return Err(error.into()),
    };
    back(visit, form, errors).await
}

async fn page(
    visit: &Visit,
    may: &May<RunJobs>,
    form: &JobForm,
    drafted: &Draft,
    preview: Preview,
    errors: Errors,
) -> Result<JobPreviewPage, Failure> {
    let mut facts = action_facts(visit, &drafted.action).await;
    facts.push(("Phones", phone_facts(visit, may, &drafted.targets).await?));
    facts.extend(brake_facts(&drafted.brakes));
    let starts = drafted.schedule.as_ref().map_or_else(Vec::new, |when| {
        let starts = schedules::next_starts(when, visit.app.clock.now(), STARTS);
        schedules::in_words(&starts, &when.time_zone)
    });
    if let Some(when) = &drafted.schedule {
        facts.push(("Starts", when.words()));
    }
    Ok(JobPreviewPage {
        layout: visit.layout("Preview", Section::Jobs),
        go: go(drafted, &preview),
        note: note(drafted, &preview),
        estimate: estimate(&preview),
        warnings: warnings(&preview),
        may_go: preview.will_run > 0 || drafted.schedule.is_some(),
        title: preview.title,
        token: preview.token,
        hidden: form
            .hidden()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        errors,
        total: preview.will_run,
        by_model: preview
            .by_model
            .into_iter()
            .map(|(model, count)| (model.trim_start_matches("Cisco ").to_owned(), count))
            .collect(),
        first: preview.first,
        facts,
        starts,
        skipped: preview
            .skipped
            .into_iter()
            .map(|group| SkippedView {
                reason: sentence(&group.reason),
                count: group.count,
                names: group.names,
            })
            .collect(),
        unknown: preview.unknown,
        unknown_count: preview.unknown_count,
        confirm: preview.confirm,
        confirmation: String::new(),
        destructive: preview.destructive,
    })
}

fn go(drafted: &Draft, preview: &Preview) -> String {
    let phones = match preview.will_run {
        1 => "1 phone".to_owned(),
        count => format!("{} phones", thousands(count)),
    };
    match (&drafted.schedule, preview.approval) {
        (Some(_), _) => "Keep the schedule".to_owned(),
        (None, true) => format!("Ask for approval: {phones}"),
        (None, false) => format!("Start it on {phones}"),
    }
}

fn note(drafted: &Draft, preview: &Preview) -> String {
    let brakes = &drafted.brakes;
    match (&drafted.schedule, preview.approval) {
        (Some(_), true) => "It starts nothing before a second admin has approved the schedule.",
        (Some(_), false) => "The phones are found anew at each start.",
        (None, true) => "It waits until a second admin has looked at it and approved it.",
        (None, false) if brakes.canary && brakes.look => {
            "It begins with one phone and then waits until somebody has looked at its pictures."
        }
        (None, false) if brakes.canary => "It begins with one phone, then five, then the rest.",
        (None, false) => "It begins at once.",
    }
    .to_owned()
}

fn estimate(preview: &Preview) -> String {
    match preview.minutes_estimate {
        0 => String::new(),
        1 => "Takes about a minute of work.".to_owned(),
        minutes => format!(
            "Takes about {} of work; looks, busy phones and windows come on top.",
            span(minutes * 60)
        ),
    }
}

fn warnings(preview: &Preview) -> Vec<String> {
    let mut warnings = preview.warnings.clone();
    let some = |names: &[String]| names.iter().take(10).map(String::as_str).collect::<Vec<_>>().join(", ");
    if !preview.double.is_empty() {
        warnings.push(format!(
            "{} stand in the list more than once; each counts once.",
            some(&preview.double)
        ));
    }
    if !preview.ambiguous.is_empty() {
        warnings.push(format!(
            "{} are names of phones in several clusters; none of them is taken.",
            some(&preview.ambiguous)
        ));
    }
    warnings
}
