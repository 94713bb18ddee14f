//! A version of a macro beside another one.

use axum::response::Response;
use serde::Deserialize;

use super::{HERE, views};
use crate::domain::ids::MacroId;
use crate::http::extract::{Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::Section;
use crate::http::pages::macros::VersionPage;
use crate::http::pages::macros::difference::Difference;
use crate::http::visit::{self, Visit};
use crate::macros::MacroError;
use crate::security::{EditMacros, RunMacros};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// The version to compare with; the one before without it.
    with: Option<u32>,
}

/// One version, and what differs from another one.
pub(super) async fn show(
    visit: Visit,
    Path((id, version)): Path<(MacroId, u32)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let may = visit.may::<RunMacros>()?;
    let library = visit.app.macros.library();
    let newest = library.get(&may, id).await?;
    let lines = library.versions(&may, id).await?;
    let views: Vec<_> = lines
        .iter()
        .map(|line| views::version(&visit, line, newest.version))
        .collect();
    let of = |number: u32| views.iter().find(|one| one.version == number).cloned();
    let shown = of(version).ok_or_else(|| Failure::not_found("version"))?;
    let before = views
        .iter()
        .map(|one| one.version)
        .filter(|number| *number < version)
        .max();
    let with = match asked.with.filter(|with| *with != version) {
        Some(number) => Some(of(number).ok_or_else(|| Failure::not_found("version"))?),
        None => before.and_then(of),
    };
    let text = library.version(&may, id, version).await?.text;
    let other = match &with {
        Some(with) => library.version(&may, id, with.version).await?.text,
        None => String::new(),
    };
    visit::html(&VersionPage {
        layout: visit.layout(&format!("{}, version {version}", newest.name), Section::Macros),
        id: id.0,
        name: newest.name,
        difference: Difference::between(&other, &text),
        shown,
        with,
        versions: views,
        text,
        may_edit: visit.viewer.may::<EditMacros>().is_ok(),
    })
}

/// Makes an earlier version the newest again; nothing is lost.
pub(super) async fn restore(visit: Visit, Path((id, version)): Path<(MacroId, u32)>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    let here = format!("{HERE}/{id}");
    match visit.app.macros.library().restore_version(&may, id, version).await {
        Ok(kept) => {
            let told = format!("Version {version} is restored, as version {}.", kept.version);
            Ok(visit::done(&here, told))
        }
        Err(error @ (MacroError::Mistakes(_) | MacroError::NameTaken)) => {
            let told = format!("Version {version} was not restored. {}", views::sentence(&error));
            Ok(visit::failed(&here, told))
        }
        Err(error) => Err(error.into()),
    }
}
