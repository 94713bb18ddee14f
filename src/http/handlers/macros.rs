//! Macros: the list; its other pages have files of their own.

mod edit;
mod events;
mod import;
mod play;
mod recorder;
mod runs;
mod show;
mod sights;
mod tones;
mod versions;
mod views;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::domain::ids::PhoneId;
use crate::domain::script::Danger;
use crate::http::extract::{Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::macros::MacrosPage;
use crate::http::pages::macros::play::PhoneMacrosPage;
use crate::http::pages::{Choice, Section};
use crate::http::state::App;
use crate::http::visit::{self, Visit};
use crate::macros::{Kept, MacroError};
use crate::security::{EditMacros, RunMacros};

pub(super) use recorder::bar;

const HERE: &str = "/macros";
/// Runs in a list beside something else.
const FEW_RUNS: u32 = 10;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/macros", get(list).post(edit::add))
        .route("/macros/new", get(edit::blank))
        .route("/macros/preview", post(edit::preview))
        .route("/macros/import", get(import::show).post(import::take))
        .route("/macros/sights", get(sights::list))
        .route("/macros/sights/{id}/picture", get(sights::picture))
        .route("/macros/sights/{id}/removal", post(sights::forget))
        .route("/macros/tones", get(tones::show).post(tones::save))
        .route("/macros/{id}", get(show::show).post(edit::save))
        .route("/macros/{id}/edit", get(edit::open))
        .route("/macros/{id}/export", get(show::export))
        .route("/macros/{id}/removal", post(show::remove))
        .route("/macros/{id}/restoration", post(show::restore))
        .route("/macros/{id}/versions/{version}", get(versions::show))
        .route("/macros/{id}/versions/{version}/restoration", post(versions::restore))
        .route("/macros/{id}/play", get(play::show).post(play::start))
        .route("/macro-runs/{id}", get(runs::show))
        .route("/macro-runs/{id}/events", get(events::follow))
        .route("/macro-runs/{id}/commands", post(runs::command))
        .route("/macro-runs/{id}/pictures/{picture}", get(runs::picture))
        .route("/phones/{id}/macros", get(of_phone))
        .route("/phones/{id}/macro-recording", post(recorder::start))
        .route("/phones/{id}/macro-recording/end", post(recorder::end))
}

impl From<MacroError> for Failure {
    fn from(error: MacroError) -> Self {
        match error {
            MacroError::Unknown => Self::not_found("macro"),
            MacroError::Mistakes(mistakes) => Self::mistakes(mistakes),
            MacroError::Denied(denied) => Self::forbidden(views::sentence(&denied)),
            MacroError::NameTaken | MacroError::Conflict { .. } | MacroError::BuiltIn | MacroError::NotBuiltIn => {
                Self::conflict(views::sentence(&error))
            }
            MacroError::TooMany | MacroError::Note | MacroError::Tones(_) => {
                Self::unacceptable(views::sentence(&error))
            }
            MacroError::Store(error) => error.into(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    mark: String,
    #[serde(default)]
    family: String,
}

impl Asked {
    fn fits(&self, kept: &Kept) -> bool {
        let text = format!("{} {}", kept.name, kept.description).to_lowercase();
        let words = self.q.to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
            && (self.mark.is_empty() || kept.danger.as_str() == self.mark)
            && (self.family.is_empty() || views::is_for_family(kept, &self.family))
    }
}

async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let may = visit.may::<RunMacros>()?;
    if !asked.mark.is_empty()
        && ![Danger::Safe, Danger::Destructive]
            .map(Danger::as_str)
            .contains(&asked.mark.as_str())
    {
        return Err(Failure::malformed(format!("There is no mark {:?}.", asked.mark)));
    }
    let kept = visit.app.macros.library().list(&may).await?;
    let mut macros = Vec::new();
    for one in kept.iter().filter(|one| asked.fits(one)) {
        macros.push(views::row_with_last_run(&visit, one).await?);
    }
    let page = MacrosPage {
        layout: visit.layout("Macros", Section::Macros),
        families: families(&kept),
        macros,
        total: kept.len() as u64,
        may_edit: visit.viewer.may::<EditMacros>().is_ok(),
        q: asked.q,
        mark: asked.mark,
        family: asked.family,
    };
    match visit.fragment() {
        Some("rows") => visit::fragment(&page.as_rows()),
        _ => visit::html(&page),
    }
}

/// The families that any macro names.
fn families(kept: &[Kept]) -> Vec<Choice> {
    let mut ids: Vec<&str> = kept.iter().flat_map(|one| &one.families).map(String::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter()
        .map(|id| Choice::new(id, views::family_title(id)))
        .collect()
}

/// Every macro for one phone.
async fn of_phone(visit: Visit, Path(id): Path<PhoneId>) -> Result<Response, Failure> {
    let may = visit.may::<RunMacros>()?;
    let phone = visit.app.inventory.phone(&may, id).await?;
    let kept = visit.app.macros.library().list(&may).await?;
    let (fitting, others): (Vec<_>, Vec<_>) = kept.iter().partition(|one| views::unfit(one, &phone).is_empty());
    let runs = visit.app.macros.runs_of_phone(&may, id, FEW_RUNS).await?;
    visit::html(&PhoneMacrosPage {
        layout: visit.layout(&format!("Macros for {}", phone.name), Section::Phones),
        phone: views::phone(&phone, String::new()),
        macros: fitting.into_iter().map(|one| views::row(&visit.viewer, one)).collect(),
        others: others.len(),
        runs: runs.iter().map(|line| views::run_line(&visit, line)).collect(),
    })
}
