//! One macro: its page, its file, its end.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::{FEW_RUNS, HERE, views};
use crate::domain::ids::MacroId;
use crate::http::extract::{Form, Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::macros::MacroPage;
use crate::http::pages::{Section, When};
use crate::http::visit::{self, Visit};
use crate::macros::{Kept, MacroError};
use crate::security::{EditMacros, RunJobs, RunMacros};

/// The page of a macro.
pub(super) async fn show(visit: Visit, Path(id): Path<MacroId>) -> Result<Response, Failure> {
    let may = visit.may::<RunMacros>()?;
    let kept = visit.app.macros.library().get(&may, id).await?;
    visit::html(&page(&visit, kept).await?)
}

async fn page(visit: &Visit, kept: Kept) -> Result<MacroPage, Failure> {
    let (app, viewer, id) = (&visit.app, &visit.viewer, kept.id);
    let versions = app.macros.library().versions(viewer, id).await?;
    let runs = app.macros.runs_of_macro(viewer, id, FEW_RUNS).await?;
    let now = app.clock.now_ms();
    Ok(MacroPage {
        layout: visit.layout(&kept.name, Section::Macros),
        about: views::row(viewer, &kept),
        updated: When::from_ms(kept.updated_at, now),
        updated_by: kept.updated_by.clone(),
        steps: kept.script.as_ref().map(views::steps).unwrap_or_default(),
        parameters: kept.parameters.iter().map(views::parameter).collect(),
        versions: versions
            .iter()
            .map(|line| views::version(visit, line, kept.version))
            .collect(),
        runs: runs.iter().map(|line| views::run_line(visit, line)).collect(),
        may_edit: viewer.may::<EditMacros>().is_ok(),
        may_run_jobs: viewer.may::<RunJobs>().is_ok(),
        unconfirmed: false,
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct Exported {
    version: Option<u32>,
}

/// The text as a file.
pub(super) async fn export(
    visit: Visit,
    Path(id): Path<MacroId>,
    Query(asked): Query<Exported>,
) -> Result<Response, Failure> {
    let may = visit.may::<RunMacros>()?;
    let library = visit.app.macros.library();
    let kept = match asked.version {
        Some(version) => library.version(&may, id, version).await?,
        None => library.get(&may, id).await?,
    };
    let file = format!("attachment; filename=\"{}.macro\"", file_name(&kept.name));
    let about = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, file),
    ];
    Ok((about, kept.text).into_response())
}

/// A name that every file system takes.
fn file_name(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        "macro".to_owned()
    } else {
        words.join("-").to_lowercase()
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Confirmed {
    #[serde(default)]
    confirm: String,
}

/// Removes a macro with its versions.
pub(super) async fn remove(
    visit: Visit,
    Path(id): Path<MacroId>,
    Form(form): Form<Confirmed>,
) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    let kept = visit.app.macros.library().get(&may, id).await?;
    if form.confirm != "yes" {
        let page = page(&visit, kept).await?;
        return visit::refused(&MacroPage {
            unconfirmed: true,
            ..page
        });
    }
    visit.app.macros.library().remove(&may, id).await?;
    Ok(visit::done(HERE, format!("“{}” is deleted.", kept.name)))
}

/// Puts what came with the program in the place of what a person made of it.
pub(super) async fn restore(visit: Visit, Path(id): Path<MacroId>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    let here = format!("{HERE}/{id}");
    match visit.app.macros.library().restore_built_in(&may, id).await {
        Ok(kept) => {
            let told = format!("What comes with the program is version {} now.", kept.version);
            Ok(visit::done(&here, told))
        }
        Err(error @ (MacroError::NotBuiltIn | MacroError::NameTaken)) => Ok(visit::failed(
            &here,
            format!("Nothing was restored. {}", views::sentence(&error)),
        )),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_after_their_macros() {
        assert_eq!(file_name("Delete the trust list"), "delete-the-trust-list");
        assert_eq!(file_name("../Ä\r\n\"x\""), "x");
        assert_eq!(file_name("…"), "macro");
    }
}
