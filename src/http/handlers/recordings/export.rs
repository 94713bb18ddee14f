//! The export: its page, and the file.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use tokio_stream::wrappers::ReceiverStream;

use super::view;
use crate::domain::ids::RecordingId;
use crate::http::extract::{Form, Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::recordings::{ExportForm, ExportPage, MASK_FIELDS, PictureChoice};
use crate::http::pages::{FieldErrors, Section};
use crate::http::visit::{self, Visit};
use crate::recordings::{self, MOST_MASKS, Options, Recording, Step, clock_face};
use crate::screens::Rect;
use crate::security::SeePhones;

/// Empty regions offered to who has no script to add some.
const EMPTY_REGIONS: usize = 3;
/// The largest coordinate that is taken, in pixels: pictures are not larger.
const LARGEST: u32 = 4096;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    picture: Option<i64>,
}

pub(super) async fn show(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let may = visit.may::<SeePhones>()?;
    let (recording, steps) = visit.app.recordings.steps(&may, id).await?;
    let form = ExportForm {
        masks: vec![<[String; 4]>::default(); EMPTY_REGIONS],
        ..ExportForm::default()
    };
    visit::html(&page(&visit, &recording, &steps, asked.picture, form))
}

#[derive(Debug, Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    form: String,
    #[serde(default)]
    hide_digits: String,
    #[serde(default)]
    x: Vec<String>,
    #[serde(default)]
    y: Vec<String>,
    #[serde(default)]
    width: Vec<String>,
    #[serde(default)]
    height: Vec<String>,
}

pub(super) async fn download(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Failure> {
    let may = visit.may::<SeePhones>()?;
    let (recording, steps) = visit.app.recordings.steps(&may, id).await?;
    let typed = typed(fields)?;
    let options = match options(&typed) {
        Ok(options) => options,
        Err(errors) => {
            let page = ExportPage {
                errors,
                ..page(&visit, &recording, &steps, None, typed)
            };
            return visit::refused(&page);
        }
    };
    let export = visit.app.recordings.export(&may, id, options).await?;
    let about = [
        (header::CONTENT_TYPE, export.media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", export.file_name),
        ),
    ];
    let body = Body::from_stream(ReceiverStream::new(export.pieces));
    Ok((about, body).into_response())
}

/// The form as typed; regions that were left empty are none.
fn typed(fields: Fields) -> Result<ExportForm, Failure> {
    let count = fields.x.len();
    if [&fields.y, &fields.width, &fields.height]
        .iter()
        .any(|list| list.len() != count)
    {
        return Err(Failure::malformed("Each region has x, y, width and height."));
    }
    let sides = fields.y.into_iter().zip(fields.width).zip(fields.height);
    let masks = fields.x.into_iter().zip(sides);
    let masks = masks.map(|(x, ((y, width), height))| [x, y, width, height].map(|text| text.trim().to_owned()));
    Ok(ExportForm {
        form: fields.form,
        hide_digits: fields.hide_digits == "yes",
        masks: masks.filter(|mask| mask.iter().any(|text| !text.is_empty())).collect(),
    })
}

fn options(typed: &ExportForm) -> Result<Options, FieldErrors> {
    let mut errors = FieldErrors::default();
    let form = match typed.form.as_str() {
        "zip" => recordings::Form::Zip,
        "html" => recordings::Form::Html,
        _ => {
            errors.add("form", "Choose what the file is.");
            recordings::Form::Html
        }
    };
    if typed.masks.len() > MOST_MASKS {
        errors.add("masks", format!("At most {MOST_MASKS} regions can be masked."));
    }
    let mut masks = Vec::with_capacity(typed.masks.len());
    for (field, texts) in MASK_FIELDS.iter().zip(&typed.masks) {
        match rect(texts) {
            Some(rect) => masks.push(rect),
            None => errors.add(
                field,
                "Four whole numbers in pixels, width and height at least 1. Nothing was exported.",
            ),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Options {
        form,
        masks,
        hide_digits: typed.hide_digits,
    })
}

fn rect(texts: &[String; 4]) -> Option<Rect> {
    let number = |text: &String| text.parse().ok().filter(|number| *number <= LARGEST);
    let [x, y, width, height] = texts.each_ref().map(number);
    let rect = Rect {
        x: x?,
        y: y?,
        width: width?,
        height: height?,
    };
    (rect.width > 0 && rect.height > 0).then_some(rect)
}

fn page(
    visit: &Visit,
    recording: &Recording,
    steps: &[Step],
    picture: Option<i64>,
    mut form: ExportForm,
) -> ExportPage {
    let choice = |step: &Step| PictureChoice {
        n: step.n,
        clock: clock_face(step.at - recording.started_at),
        width: step.width,
        height: step.height,
    };
    let pictures: Vec<PictureChoice> = steps.iter().filter(|step| step.kind == "picture").map(choice).collect();
    let at = pictures.iter().position(|one| Some(one.n) == picture).unwrap_or(0);
    if form.masks.is_empty() {
        form.masks.resize(EMPTY_REGIONS, <[String; 4]>::default());
    }
    form.masks.truncate(MOST_MASKS);
    ExportPage {
        layout: visit.layout(&format!("Export of {}", recording.phone_name), Section::Recordings),
        recording: view(visit, recording),
        chosen: pictures.get(at).cloned(),
        neighbours: (
            at.checked_sub(1)
                .and_then(|before| pictures.get(before))
                .map(|one| one.n),
            pictures.get(at + 1).map(|one| one.n),
        ),
        form,
        errors: FieldErrors::default(),
        most_masks: MOST_MASKS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: [&str; 4]) -> [String; 4] {
        texts.map(ToOwned::to_owned)
    }

    #[test]
    fn regions_are_whole_numbers_with_an_area() {
        let expected = Rect {
            x: 0,
            y: 2,
            width: 30,
            height: 4,
        };
        assert_eq!(rect(&texts(["0", "2", "30", "4"])), Some(expected));
        for wrong in [
            ["", "2", "30", "4"],
            ["-1", "2", "30", "4"],
            ["1.5", "2", "30", "4"],
            ["1", "2", "0", "4"],
            ["1", "2", "3", "5000"],
            ["1", "2", "3", "99999999999"],
        ] {
            assert_eq!(rect(&texts(wrong)), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_file_of_no_known_form_is_refused() {
        let form = ExportForm {
            form: "exe".to_owned(),
            ..ExportForm::default()
        };
        assert!(options(&form).is_err_and(|errors| errors.has("form")));
    }
}
