//! A macro as a file, into the library.

use axum::response::Response;
use serde::Deserialize;

use super::{HERE, views};
use crate::http::extract::Upload;
use crate::http::failure::Failure;
use crate::http::pages::Section;
use crate::http::pages::macros::editor::ImportPage;
use crate::http::visit::{self, Visit};
use crate::macros::{self, MacroError};
use crate::security::EditMacros;

fn page(visit: &Visit) -> ImportPage {
    ImportPage {
        layout: visit.layout("Import a macro", Section::Macros),
        text: String::new(),
        mistakes: Vec::new(),
        error: None,
    }
}

/// Which file?
pub(super) async fn show(visit: Visit) -> Result<Response, Failure> {
    visit.may::<EditMacros>()?;
    visit::html(&page(&visit))
}

#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// Takes a file that has no mistake. Of any other nothing is saved.
pub(super) async fn take(visit: Visit, upload: Upload<Nothing, 1>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    let page = page(&visit);
    let Some(file) = upload.file("file") else {
        let error = Some("Choose a file first.".to_owned());
        return visit::refused(&ImportPage { error, ..page });
    };
    let text = match macros::decode(&file.bytes) {
        Ok(text) => text.replace("\r\n", "\n"),
        Err(mistakes) => {
            let mistakes = views::mistakes("", mistakes);
            return visit::refused(&ImportPage { mistakes, ..page });
        }
    };
    let note = format!("Imported from {}", note_of(&file.name));
    match visit.app.macros.library().add(&may, &text, &note).await {
        Ok(kept) => {
            let told = format!("“{}” is imported. Read it through before you play it.", kept.name);
            Ok(visit::done(&format!("{HERE}/{}", kept.id), told))
        }
        Err(MacroError::Mistakes(found)) => visit::refused(&ImportPage {
            mistakes: views::mistakes(&text, found),
            text,
            ..page
        }),
        Err(error @ (MacroError::NameTaken | MacroError::TooMany)) => visit::refused(&ImportPage {
            error: Some(format!("{} Nothing was saved.", views::sentence(&error))),
            ..page
        }),
        Err(error) => Err(error.into()),
    }
}

/// A file's name as far as a note holds it.
fn note_of(name: &str) -> String {
    let shown = name.chars().filter(|letter| !letter.is_control());
    shown.take(100).collect()
}
