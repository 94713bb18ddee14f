//! The editor: a new macro, another version of one, and what a text means while it is typed.

use axum::response::Response;
use serde::Deserialize;

use super::{HERE, views};
use crate::domain::ids::{MacroId, PhoneId};
use crate::http::extract::{Form, Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::macros::difference::Difference;
use crate::http::pages::macros::editor::{ConflictView, EditorPage, PreviewFragment, RecordedView};
use crate::http::pages::{Section, When};
use crate::http::visit::{self, Visit};
use crate::macros::{Kept, MacroError};
use crate::security::EditMacros;

/// What a new macro begins with: the words that every macro needs, and the habit of looking before pressing.
const BEGINNING: &str = "macro \"\"\ndescription \"\"\nsafe\n\n";

#[derive(Debug, Deserialize)]
pub(super) struct New {
    /// The phone on which presses were recorded.
    recorded: Option<PhoneId>,
}

/// The editor with nothing in it, or with what was recorded.
pub(super) async fn blank(visit: Visit, Query(asked): Query<New>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    let mut page = page(&visit, "New macro", BEGINNING.to_owned());
    if let Some(phone) = asked.recorded {
        let recorded = visit.app.presses.recorded(&may, phone);
        let recorded = recorded.ok_or_else(|| Failure::not_found("recording of presses"))?;
        page.text = recorded.text();
        page.preview = views::preview(&page.text);
        page.recorded = Some(recorded_view(&visit, phone).await?);
        "A macro of your presses".clone_into(&mut page.layout.title);
    }
    visit::html(&page)
}

async fn recorded_view(visit: &Visit, phone: PhoneId) -> Result<RecordedView, Failure> {
    let phone = visit.app.inventory.phone(&visit.viewer, phone).await?;
    Ok(RecordedView {
        phone_id: phone.id.0,
        phone: phone.name,
    })
}

fn page(visit: &Visit, title: &str, text: String) -> EditorPage {
    let is_begun = text != BEGINNING;
    EditorPage {
        layout: visit.layout(title, Section::Macros),
        id: None,
        base_version: 0,
        preview: views::preview(if is_begun { &text } else { "" }),
        text,
        note: String::new(),
        error: None,
        conflict: None,
        recorded: None,
    }
}

fn page_of(visit: &Visit, kept: &Kept) -> EditorPage {
    EditorPage {
        id: Some(kept.id.0),
        base_version: kept.version,
        ..page(visit, &format!("Edit {}", kept.name), kept.text.clone())
    }
}

/// The editor of a macro.
pub(super) async fn open(visit: Visit, Path(id): Path<MacroId>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    let kept = visit.app.macros.library().get(&may, id).await?;
    visit::html(&page_of(&visit, &kept))
}

/// What the form of the editor brings.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    text: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    base_version: u32,
    /// `check` only looks; anything else saves.
    #[serde(default)]
    action: String,
    /// The phone on which it was recorded.
    recorded: Option<PhoneId>,
}

impl Typed {
    /// Browsers send lines that end with CR LF.
    fn text(&self) -> String {
        self.text.replace("\r\n", "\n")
    }
}

/// Saves a new macro.
pub(super) async fn add(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    let text = typed.text();
    let mut page = EditorPage {
        note: typed.note.clone(),
        ..page(&visit, "New macro", text.clone())
    };
    if let Some(phone) = typed.recorded {
        page.recorded = Some(recorded_view(&visit, phone).await?);
    }
    if typed.action == "check" {
        return visit::html(&page);
    }
    match visit.app.macros.library().add(&may, &text, &typed.note).await {
        Ok(kept) => {
            if let Some(phone) = typed.recorded {
                visit.app.presses.forget(&may, phone);
            }
            Ok(visit::done(
                &format!("{HERE}/{}", kept.id),
                format!("“{}” is saved.", kept.name),
            ))
        }
        Err(error) => refused(page, error),
    }
}

/// Saves another version; when somebody else saved one meanwhile, both are shown and nothing is lost.
pub(super) async fn save(visit: Visit, Path(id): Path<MacroId>, Form(typed): Form<Typed>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    let library = visit.app.macros.library();
    let kept = library.get(&may, id).await?;
    let text = typed.text();
    let page = EditorPage {
        base_version: typed.base_version,
        preview: views::preview(&text),
        text: text.clone(),
        note: typed.note.clone(),
        ..page_of(&visit, &kept)
    };
    if typed.action == "check" {
        return visit::html(&page);
    }
    match library.save(&may, id, typed.base_version, &text, &typed.note).await {
        Ok(saved) => Ok(visit::done(
            &format!("{HERE}/{id}"),
            saved_words(&saved, typed.base_version),
        )),
        Err(MacroError::Conflict { .. }) => {
            let theirs = library.get(&may, id).await?;
            visit::refused(&EditorPage {
                base_version: theirs.version,
                conflict: Some(conflict(&visit, theirs, &text)),
                ..page
            })
        }
        Err(error) => refused(page, error),
    }
}

fn saved_words(saved: &Kept, base: u32) -> String {
    if saved.version == base {
        return "Nothing was changed: the text is as it was.".to_owned();
    }
    format!("Version {} of “{}” is saved.", saved.version, saved.name)
}

fn conflict(visit: &Visit, theirs: Kept, mine: &str) -> ConflictView {
    ConflictView {
        version: theirs.version,
        by: theirs.updated_by,
        at: When::from_ms(theirs.updated_at, visit.app.clock.now_ms()),
        difference: Difference::between(&theirs.text, mine),
        text: theirs.text,
    }
}

/// The editor again, with what was typed and why it was not saved.
fn refused(page: EditorPage, error: MacroError) -> Result<Response, Failure> {
    match error {
        // The preview names them.
        MacroError::Mistakes(_) => visit::refused(&EditorPage {
            error: Some("Nothing was saved: the text has mistakes. They are listed beside it.".to_owned()),
            ..page
        }),
        MacroError::NameTaken | MacroError::TooMany | MacroError::Note => visit::refused(&EditorPage {
            error: Some(format!("{} Nothing was saved.", views::sentence(&error))),
            ..page
        }),
        other => Err(other.into()),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Previewed {
    #[serde(default)]
    text: String,
}

/// What a text means, for the editor's script. Nothing is kept of it.
pub(super) async fn preview(visit: Visit, Form(typed): Form<Previewed>) -> Result<Response, Failure> {
    visit.may::<EditMacros>()?;
    visit::fragment(&PreviewFragment {
        layout: visit.layout("", Section::Macros),
        preview: views::preview(&typed.text.replace("\r\n", "\n")),
    })
}
