//! The macros below a phone, and presses that are recorded there.

use axum::response::Response;
use serde::Deserialize;

use super::{HERE, views};
use crate::domain::ids::PhoneId;
use crate::http::extract::{Form, Path};
use crate::http::failure::Failure;
use crate::http::pages::When;
use crate::http::pages::macros::mark_icon;
use crate::http::pages::macros::recorder::{BarEntry, MacroBar, Recorder};
use crate::http::visit::{self, Visit};
use crate::inventory::Phone;
use crate::macros::{Kept, PressesError};
use crate::security::{EditMacros, PressKeys, RunMacros};

/// What everybody uses: the word of the macro that comes with the program, what its button says, its icon. Ringing has
/// a form of its own beside these.
const FIRST: [(&str, &str, &str); 2] = [
    ("delete-trust-list", "Trust list", "certificate"),
    ("restart", "Restart", "refresh"),
];

impl From<PressesError> for Failure {
    fn from(error: PressesError) -> Self {
        match error {
            PressesError::Running => Self::conflict(views::sentence(&error)),
            PressesError::TooMany => Self::unacceptable(views::sentence(&error)),
            PressesError::Phone(error) => error.into(),
        }
    }
}

/// What the page of a phone shows of macros.
pub(in crate::http::handlers) async fn bar(visit: &Visit, phone: &Phone) -> Result<MacroBar, Failure> {
    let may_press = visit.viewer.may::<PressKeys>().is_ok();
    let Some(may) = visit.viewer.may::<RunMacros>().ok().filter(|_| may_press) else {
        return Ok(MacroBar::default());
    };
    let kept = visit.app.macros.library().list(&may).await?;
    let playable = |one: &&Kept| views::may_play(&visit.viewer, one.danger) && views::unfit(one, phone).is_empty();
    let fitting: Vec<&Kept> = kept.iter().filter(playable).collect();
    let first = FIRST.iter().filter_map(|(word, label, icon)| {
        let one = fitting.iter().find(|one| one.built_in == Some(*word))?;
        Some(entry(one, label, icon))
    });
    let now = visit.app.clock.now();
    let recorder = visit.viewer.may::<EditMacros>().ok().map(|may| {
        let recorded = visit.app.presses.recorded(&may, phone.id);
        recorded.map_or(Recorder::Ready, |recorded| {
            let presses = recorded.recording.presses.len();
            if recorded.running {
                let since = When::new(recorded.since, now);
                Recorder::Running { since, presses }
            } else {
                Recorder::Waiting { presses }
            }
        })
    });
    Ok(MacroBar {
        first: first.collect(),
        all: fitting
            .iter()
            .map(|one| entry(one, &one.name, mark_icon(one.danger)))
            .collect(),
        recorder,
    })
}

fn entry(kept: &Kept, label: &str, icon: &'static str) -> BarEntry {
    BarEntry {
        id: kept.id.0,
        label: label.to_owned(),
        name: kept.name.clone(),
        danger: kept.danger,
        icon,
    }
}

/// Records the visitor's presses from now on.
pub(super) async fn start(visit: Visit, Path(id): Path<PhoneId>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    visit.app.presses.start(&may, id).await?;
    Ok(visit::see_other(&format!("/phones/{id}")))
}

#[derive(Debug, Deserialize)]
pub(super) struct Ending {
    /// `drop` throws it away; anything else stops it and goes to the editor.
    #[serde(default)]
    action: String,
}

/// Stops the recording and opens the editor with it, or throws it away.
pub(super) async fn end(
    visit: Visit,
    Path(id): Path<PhoneId>,
    Form(ending): Form<Ending>,
) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    visit.app.inventory.require(&may, id).await?;
    let here = format!("/phones/{id}");
    if ending.action == "drop" {
        visit.app.presses.forget(&may, id);
        return Ok(visit::done(&here, "The recorded presses are thrown away."));
    }
    let recorded = visit.app.presses.stop(&may, id).await;
    let recorded = recorded.ok_or_else(|| Failure::not_found("recording of presses"))?;
    if recorded.recording.presses.is_empty() {
        visit.app.presses.forget(&may, id);
        return Ok(visit::done(
            &here,
            "No key was pressed, so there is nothing to make a macro of.",
        ));
    }
    Ok(visit::see_other(&format!("{HERE}/new?recorded={id}")))
}
