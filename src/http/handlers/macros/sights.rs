//! Screens that are known by their pictures.

use axum::response::Response;

use super::{HERE, runs};
use crate::domain::ids::EvidenceId;
use crate::http::extract::Path;
use crate::http::failure::Failure;
use crate::http::pages::macros::{SightView, SightsPage};
use crate::http::pages::{Section, When};
use crate::http::visit::{self, Visit};
use crate::security::EditMacros;

/// All of them.
pub(super) async fn list(visit: Visit) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    let now = visit.app.clock.now_ms();
    let sights = visit.app.macros.sights(&may).await?;
    let sights = sights.into_iter().map(|sight| SightView {
        id: sight.id,
        picture: sight.picture.0,
        expectation: sight.expectation,
        row: sight.row,
        model: sight.model.trim_start_matches("Cisco ").to_owned(),
        load: sight.load,
        by: sight.by,
        at: When::from_ms(sight.at, now),
    });
    visit::html(&SightsPage {
        layout: visit.layout("Known screens", Section::Macros),
        sights: sights.collect(),
    })
}

/// What the screen looked like.
pub(super) async fn picture(visit: Visit, Path(id): Path<EvidenceId>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    Ok(runs::answer(visit.app.macros.sight_picture(&may, id).await?))
}

/// Forgets one: a person is asked again.
pub(super) async fn forget(visit: Visit, Path(id): Path<i64>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    visit.app.macros.forget_sight(&may, id).await?;
    let told = "The screen is forgotten: a person is asked again.";
    Ok(visit::done(&format!("{HERE}/sights"), told))
}
