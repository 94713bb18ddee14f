//! The list of ring tones.

use axum::response::Response;
use serde::Deserialize;

use super::{HERE, views};
use crate::http::extract::Form;
use crate::http::failure::Failure;
use crate::http::pages::Section;
use crate::http::pages::macros::TonesPage;
use crate::http::visit::{self, Visit};
use crate::macros::MacroError;
use crate::security::EditMacros;

/// The list, to be edited.
pub(super) async fn show(visit: Visit) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    let tones = visit.app.macros.library().tones(&may).await?;
    visit::html(&page(&visit, tones.join("\n"), None))
}

fn page(visit: &Visit, tones: String, error: Option<String>) -> TonesPage {
    TonesPage {
        layout: visit.layout("Ring tones", Section::Macros),
        tones,
        error,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    tones: String,
}

/// Puts another list in its place.
pub(super) async fn save(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    let lines = typed.tones.lines().map(str::to_owned).collect();
    match visit.app.macros.library().set_tones(&may, lines).await {
        Ok(()) => Ok(visit::done(HERE, "The list of ring tones is saved.")),
        Err(error @ MacroError::Tones(_)) => {
            let words = format!("{} Nothing was saved.", views::sentence(&error));
            visit::refused(&page(&visit, typed.tones, Some(words)))
        }
        Err(error) => Err(error.into()),
    }
}
