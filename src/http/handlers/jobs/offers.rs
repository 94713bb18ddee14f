//! What there is to choose from when a job is made.

use crate::domain::cause::Cause;
use crate::domain::ids::MacroId;
use crate::domain::phone::{ReadinessState, RegistrationStatus};
use crate::domain::script::{Danger, Parameter, ParameterKind};
use crate::http::failure::Failure;
use crate::http::handlers::phones::model_choice;
use crate::http::pages::Choice;
use crate::http::pages::jobs::{ChosenMacro, JobForm, Offers, Question};
use crate::http::pages::phones::{readiness_word, status_word};
use crate::http::visit::Visit;
use crate::macros::{Kept, MacroError};
use crate::security::{May, SeePhones};

/// Everything that can be chosen by this visitor.
pub(super) async fn of(visit: &Visit, may: &May<SeePhones>) -> Result<Offers, Failure> {
    let app = &visit.app;
    let clusters = app.inventory.clusters(may).await?;
    let models = app.inventory.models(may).await?;
    let filters = app.jobs.filters(may).await?;
    let macros = app.macros.library().list(may).await.map_err(|error| unread(&error))?;
    let lost = |error: crate::reach::ReachError| Failure::incident(&error);
    let backgrounds = app.reach.backgrounds(may).await.map_err(lost)?;
    let sounds = app.reach.sounds(may).await.map_err(lost)?;
    Ok(Offers {
        clusters: clusters
            .into_iter()
            .map(|cluster| Choice::new(cluster.id.to_string(), cluster.name))
            .collect(),
        models: models
            .into_iter()
            .map(|(model, count)| model_choice(&model, count))
            .collect(),
        statuses: RegistrationStatus::ALL
            .iter()
            .map(|status| Choice::new(status.as_str(), status_word(*status)))
            .collect(),
        readinesses: ReadinessState::ALL
            .iter()
            .map(|state| Choice::new(state.as_str(), readiness_word(*state)))
            .collect(),
        causes: Cause::ALL
            .iter()
            .filter(|cause| **cause != Cause::None)
            .map(|cause| Choice::new(cause.code(), cause.title()))
            .collect(),
        filters: filters
            .into_iter()
            .map(|filter| {
                let label = if filter.user == may.user {
                    filter.name
                } else {
                    format!("{} (of {})", filter.name, filter.owner)
                };
                Choice::new(filter.id.to_string(), label)
            })
            .collect(),
        macros: macros
            .iter()
            .filter(|kept| kept.script.is_some())
            .map(macro_choice)
            .collect(),
        tones: app.macros.library().tones(may).await.map_err(|error| unread(&error))?,
        backgrounds: backgrounds
            .into_iter()
            .map(|image| Choice::new(image.id.to_string(), image.name))
            .collect(),
        sounds: sounds
            .into_iter()
            .map(|sound| Choice::new(sound.id.to_string(), sound.name))
            .collect(),
        zones: jiff::tz::db().available().map(|name| name.to_string()).collect(),
    })
}

/// What whoever may run jobs may read cannot be read.
fn unread(error: &MacroError) -> Failure {
    Failure::incident(error)
}

fn macro_choice(kept: &Kept) -> Choice {
    let label = match kept.danger {
        Danger::Safe => kept.name.clone(),
        Danger::Destructive => format!("{} (cannot be taken back)", kept.name),
    };
    Choice::new(kept.id.to_string(), label)
}

/// What the macro that was chosen asks; none when there is no such one.
pub(super) async fn chosen(visit: &Visit, form: &JobForm) -> Result<Option<ChosenMacro>, Failure> {
    let Ok(id) = form.word("macro").parse().map(MacroId) else {
        return Ok(None);
    };
    let library = visit.app.macros.library();
    let kept = match library.get(&visit.viewer, id).await {
        Ok(kept) => kept,
        Err(MacroError::Unknown) => return Ok(None),
        Err(error) => return Err(unread(&error)),
    };
    let tones = library.tones(&visit.viewer).await.map_err(|error| unread(&error))?;
    Ok(Some(ChosenMacro {
        description: kept.description,
        destructive: kept.danger == Danger::Destructive,
        questions: kept
            .parameters
            .into_iter()
            .map(|parameter| question(parameter, form, &tones))
            .collect(),
    }))
}

fn question(parameter: Parameter, form: &JobForm, tones: &[String]) -> Question {
    let (hint, choices) = match parameter.kind {
        ParameterKind::Text => ("Up to 200 characters.".to_owned(), Vec::new()),
        ParameterKind::Number { least, most } => (format!("A whole number from {least} to {most}."), Vec::new()),
        ParameterKind::Digits => (
            "What can be dialled: digits, *, #, + and commas.".to_owned(),
            Vec::new(),
        ),
        ParameterKind::Choice(choices) => (String::new(), choices),
        ParameterKind::Tone => (String::new(), tones.to_vec()),
    };
    let answer = form.argument(&parameter.name).map(ToOwned::to_owned);
    Question {
        value: answer.or(parameter.default).unwrap_or_default(),
        name: parameter.name,
        label: parameter.label,
        hint,
        choices,
    }
}
