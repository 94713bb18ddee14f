//! A remedy: its preview, its steps, applying it, taking it back.

use axum::response::Response;
use secrecy::SecretString;
use serde::Deserialize;

use super::mending::address;
use super::phone_view;
use crate::diagnosis::Record;
use crate::diagnosis::remedies::{Applied, Apply, Guide, Preview, RemedyError, RemedyId};
use crate::domain::ids::{DiagnosisId, PhoneId, RemedyRunId};
use crate::http::extract::{Form, Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::diagnosis::{PhoneView, RowView};
use crate::http::pages::remedy::{AskView, GuidePage, PreviewPage, SeenView, UndoPage};
use crate::http::pages::{FieldErrors, Section};
use crate::http::visit::{self, Visit};
use crate::inventory::Phone;
use crate::security::Diagnose;

fn sentence(error: &RemedyError) -> String {
    let text = error.to_string();
    let mut letters = text.trim_end_matches('.').chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).chain(['.']).collect()
}

/// One remedy of one phone, and who asks.
struct Asking {
    visit: Visit,
    phone: Phone,
    remedy: RemedyId,
    /// The newest diagnosis, else the page that begins one.
    back: String,
}

impl Asking {
    async fn new(visit: Visit, phone: PhoneId, remedy: &str) -> Result<Self, Failure> {
        let may = visit.may::<Diagnose>()?;
        let remedy = remedy.parse().map_err(|_| Failure::not_found("remedy"))?;
        let phone = visit.app.inventory.phone(&may, phone).await?;
        let back = back(&visit, phone.id).await?;
        Ok(Self {
            visit,
            phone,
            remedy,
            back,
        })
    }

    async fn preview(&self, input: Option<&str>) -> Result<Preview, RemedyError> {
        let remedies = &self.visit.app.remedies;
        remedies
            .preview(&self.visit.viewer, self.phone.id, self.remedy, input)
            .await
    }

    /// The page with what would be done, and what was wrong with the form that asked for it.
    async fn previewed(self, preview: Preview, errors: FieldErrors) -> Result<PreviewPage, Failure> {
        Ok(PreviewPage {
            layout: self.visit.layout(preview.title, Section::Phones),
            phone: phone_view(&self.visit, self.phone).await?,
            preview,
            back: self.back,
            errors,
        })
    }

    /// The page with the steps. `seen` is a diagnosis that was asked for from here.
    async fn guided(self, guide: Guide, asks: bool, seen: Option<&Record>) -> Result<GuidePage, Failure> {
        let phone = phone_view(&self.visit, self.phone.clone()).await?;
        let outcome = |record: &Record, number: usize| {
            let check = guide.steps.get(number)?.check?;
            let finding = record.findings.iter().find(|finding| finding.check == check)?;
            Some((number + 1, RowView::of(finding)))
        };
        let outcomes = seen.map(|record| {
            (0..guide.steps.len())
                .filter_map(|number| outcome(record, number))
                .collect()
        });
        Ok(GuidePage {
            layout: self.visit.layout(guide.title, Section::Phones),
            ask: asks.then(|| self.ask(&phone)),
            seen: seen.map(|record| SeenView {
                diagnosis: record.id.0,
                cause: record.verdict.as_ref().map(|verdict| verdict.cause),
            }),
            outcomes: outcomes.unwrap_or_default(),
            phone,
            guide,
            back: self.back,
        })
    }

    fn ask(&self, phone: &PhoneView) -> AskView {
        AskView {
            role: self.visit.viewer.role,
            needs: self.remedy.needs().least_role(),
            text: format!(
                "Please apply “{}” to {} ({}, {}):",
                self.remedy.title(),
                phone.title(),
                phone.name,
                phone.cluster
            ),
            link: address(self.phone.id, self.remedy),
        }
    }

    /// Nothing was done: the page again, with what is wrong, and as things stand now.
    async fn refused(self, field: &'static str, message: String, input: Option<&str>) -> Result<Response, Failure> {
        let is_input = field == "input";
        // The token has no field of its own.
        let field = if field == "token" { "" } else { field };
        match self.preview(input.filter(|_| !is_input)).await {
            Ok(mut preview) => {
                if let (Some(shown), Some(typed)) = (&mut preview.input, input) {
                    typed.clone_into(&mut shown.value);
                }
                let mut errors = FieldErrors::default();
                errors.add(field, message);
                visit::refused(&self.previewed(preview, errors).await?)
            }
            Err(_) => Ok(visit::failed(&self.back, message)),
        }
    }
}

async fn back(visit: &Visit, phone: PhoneId) -> Result<String, Failure> {
    let newest = visit.app.diagnoses.of_phone(&visit.viewer, phone, 1).await?;
    Ok(newest.first().map_or_else(
        || format!("/phones/{phone}/diagnosis"),
        |newest| format!("/diagnoses/{}", newest.id),
    ))
}

#[derive(Debug, Deserialize)]
pub(super) struct Proposed {
    /// What was typed instead of what is proposed.
    input: Option<String>,
    /// A diagnosis that was asked for from here.
    diagnosis: Option<DiagnosisId>,
}

pub(super) async fn show(
    visit: Visit,
    Path((phone, remedy)): Path<(PhoneId, String)>,
    Query(asked): Query<Proposed>,
) -> Result<Response, Failure> {
    let asking = Asking::new(visit, phone, &remedy).await?;
    let seen = match asked.diagnosis {
        Some(id) => Some(asking.visit.app.diagnoses.record(&asking.visit.viewer, id).await?),
        None => None,
    };
    let seen = seen.as_deref().filter(|record| record.phone == phone);
    let input = asked.input.as_deref();
    match asking.preview(input).await {
        Ok(preview) => visit::html(&asking.previewed(preview, FieldErrors::default()).await?),
        Err(RemedyError::Guided(guide)) => visit::html(&asking.guided(*guide, false, seen).await?),
        Err(RemedyError::Denied(_)) => {
            let visit = &asking.visit;
            let guide = visit.app.remedies.guide(&visit.viewer, phone, asking.remedy).await?;
            visit::html(&asking.guided(guide, true, seen).await?)
        }
        Err(RemedyError::Invalid { field, problem }) => asking.refused(field, problem, input).await,
        Err(error @ (RemedyError::NotPossible(_) | RemedyError::AlreadyDone(_))) => {
            let text = format!("{}: {}", asking.remedy.title(), sentence(&error));
            Ok(visit::failed(&asking.back, text))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Order {
    token: Option<String>,
    confirmation: Option<String>,
    input: Option<String>,
    password: Option<SecretString>,
}

pub(super) async fn apply(
    visit: Visit,
    Path((phone, remedy)): Path<(PhoneId, String)>,
    Form(order): Form<Order>,
) -> Result<Response, Failure> {
    let asking = Asking::new(visit, phone, &remedy).await?;
    let input = order.input;
    let request = Apply {
        token: order.token.filter(|token| !token.is_empty()),
        confirmation: order.confirmation,
        input: input.clone(),
        password: order.password,
    };
    let visit = &asking.visit;
    let applied = visit
        .app
        .remedies
        .apply(&visit.viewer, phone, asking.remedy, request)
        .await;
    let input = input.as_deref();
    match applied {
        Ok(applied) => Ok(followed(&applied, &asking.back, "It was done.")),
        Err(RemedyError::Guided(guide)) => visit::refused(&asking.guided(*guide, false, None).await?),
        Err(RemedyError::Invalid { field, problem }) => asking.refused(field, problem, input).await,
        Err(RemedyError::Unconfirmed { expected, .. }) => {
            let message = format!("Type {expected} to confirm. Nothing was changed.");
            asking.refused("confirmation", message, input).await
        }
        Err(RemedyError::AlreadyDone(text)) => Ok(visit::done(&asking.back, capitalised(&text))),
        Err(error @ RemedyError::Failed(_)) => {
            let message = format!("It was not done, and everything is as before. {}", sentence(&error));
            asking.refused("", message, input).await
        }
        Err(
            error @ (RemedyError::Changed(_)
            | RemedyError::NotPossible(_)
            | RemedyError::Doubtful(_)
            | RemedyError::Busy),
        ) => asking.refused("", sentence(&error), input).await,
        Err(error) => Err(error.into()),
    }
}

fn capitalised(text: &str) -> String {
    sentence(&RemedyError::AlreadyDone(text.to_owned()))
}

fn followed(applied: &Applied, back: &str, done: &str) -> Response {
    match applied.diagnosis {
        Some(diagnosis) => visit::see_other(&format!("/diagnoses/{diagnosis}?run={}", applied.run)),
        None => visit::done(back, format!("{done} The diagnosis after it could not begin yet.")),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct CheckForm {
    /// From 1; without it the page is shown from its top.
    #[serde(default)]
    step: usize,
}

/// Looks again, and comes back to the step that asked.
pub(super) async fn check(
    visit: Visit,
    Path((phone, remedy)): Path<(PhoneId, String)>,
    Form(form): Form<CheckForm>,
) -> Result<Response, Failure> {
    let asking = Asking::new(visit, phone, &remedy).await?;
    let visit = &asking.visit;
    let record = visit.app.diagnoses.run_for(&visit.viewer, phone).await?;
    let page = address(phone, asking.remedy);
    Ok(visit::see_other(&format!(
        "{page}?diagnosis={}#step-{}",
        record.id, form.step
    )))
}

#[derive(Debug, Deserialize)]
pub(super) struct UndoOrder {
    /// The phone's name, where a call on it may end.
    confirmation: Option<String>,
}

pub(super) async fn undo(
    visit: Visit,
    Path((phone, run)): Path<(PhoneId, RemedyRunId)>,
    Form(order): Form<UndoOrder>,
) -> Result<Response, Failure> {
    let may = visit.may::<Diagnose>()?;
    let remedies = &visit.app.remedies;
    let shown = remedies.run(&visit.viewer, run).await?;
    if shown.phone != phone {
        return Err(Failure::not_found("run of a remedy"));
    }
    let back = back(&visit, phone).await?;
    let typed = order.confirmation;
    match remedies.undo(&visit.viewer, run, typed.as_deref()).await {
        Ok(applied) => Ok(followed(&applied, &back, "It was undone.")),
        Err(RemedyError::Unconfirmed { expected, why }) => {
            let phone = visit.app.inventory.phone(&may, phone).await?;
            let mut errors = FieldErrors::default();
            if typed.is_some() {
                errors.add(
                    "confirmation",
                    format!("Type {expected} to confirm. Nothing was changed."),
                );
            }
            visit::refused(&UndoPage {
                layout: visit.layout("Undo", Section::Phones),
                phone: phone_view(&visit, phone).await?,
                run: run.0,
                what: shown.title,
                expected,
                why,
                back,
                errors,
            })
        }
        Err(RemedyError::AlreadyDone(text)) => Ok(visit::done(&back, capitalised(&text))),
        Err(
            error @ (RemedyError::NotUndoable(_)
            | RemedyError::Changed(_)
            | RemedyError::Failed(_)
            | RemedyError::NotPossible(_)
            | RemedyError::Doubtful(_)
            | RemedyError::Busy),
        ) => Ok(visit::failed(&back, format!("It was not undone. {}", sentence(&error)))),
        Err(error) => Err(error.into()),
    }
}
