//! Backgrounds and ring tones.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::pick::{self, pick};
use super::views::{Refused, phone_ids, sentence, sound_row};
use super::{BACKGROUNDS, PICTURE_MIB};
use crate::domain::ids::{BackgroundId, PhoneId, SoundId};
use crate::domain::screen::Screen;
use crate::http::extract::{Form, Path, Query, Upload};
use crate::http::failure::Failure;
use crate::http::pages::reach::backgrounds::{BackgroundRow, BackgroundsPage, KindView, Proof, Shot, UploadForm};
use crate::http::pages::reach::tabs;
use crate::http::pages::{FieldErrors, Section, When};
use crate::http::visit::{self, Visit};
use crate::inventory::Phone;
use crate::reach::{Background, Crop, Proved, Sizes, limits, sizes};
use crate::security::{EditMacros, ReachPeople};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    phone: Option<PhoneId>,
    background: Option<BackgroundId>,
    sound: Option<SoundId>,
    #[serde(default)]
    q: String,
}

/// Said when no sound was chosen.
const NO_SOUND: &str = "Choose a sound.";

/// What the page shows of its forms.
#[derive(Debug, Default)]
struct Shown {
    background: Option<BackgroundId>,
    sound: Option<SoundId>,
    pick: pick::Asked,
    ring_pick: pick::Asked,
    upload: UploadForm,
    sound_name: String,
    errors: FieldErrors,
    proof: Option<Proof>,
}

/// What is kept.
pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let chosen = |q: &str| pick::Asked {
        chosen: asked.phone.into_iter().collect(),
        q: q.to_owned(),
        ..pick::Asked::default()
    };
    let shown = Shown {
        background: asked.background,
        sound: asked.sound,
        pick: chosen(&asked.q),
        ring_pick: chosen(""),
        ..Shown::default()
    };
    visit::html(&page(&visit, shown).await?)
}

async fn page(visit: &Visit, shown: Shown) -> Result<BackgroundsPage, Failure> {
    let reach = &visit.app.reach;
    let backgrounds = reach.backgrounds(&visit.viewer).await?;
    let sounds = reach.sounds(&visit.viewer).await?;
    let error = |field: &str| shown.errors.get(field).map(ToOwned::to_owned);
    let asked = pick::Asked {
        id: "phone",
        error: error("phone"),
        ..shown.pick
    };
    let ring_asked = pick::Asked {
        id: "ring-phone",
        error: error("ring-phone"),
        ..shown.ring_pick
    };
    Ok(BackgroundsPage {
        layout: visit.layout("Backgrounds and ring tones", Section::Reach),
        tabs: tabs(BACKGROUNDS),
        pick: pick(visit, asked).await?,
        ring_pick: pick(visit, ring_asked).await?,
        backgrounds: backgrounds.iter().map(|one| row(visit, one)).collect(),
        sounds: sounds.iter().map(|sound| sound_row(visit, sound)).collect(),
        kinds: sizes().iter().map(kind).collect(),
        may_edit: visit.viewer.may::<EditMacros>().is_ok(),
        background: shown.background.map(|id| id.0),
        sound: shown.sound.map(|id| id.0),
        upload: shown.upload,
        sound_name: shown.sound_name,
        errors: shown.errors,
        proof: shown.proof,
        most_bytes: limits().picture_bytes,
        most_sound_bytes: limits().sound_bytes,
    })
}

fn kind(sizes: &Sizes) -> KindView {
    KindView {
        id: sizes.id,
        title: sizes.title,
        width: sizes.image.width,
        height: sizes.image.height,
        grey: sizes.grey,
    }
}

fn row(visit: &Visit, background: &Background) -> BackgroundRow {
    BackgroundRow {
        id: background.id.0,
        name: background.name.clone(),
        size: format!("{} × {}", background.size.width, background.size.height),
        cropped: background.crop.is_some(),
        by: background.added_by.clone(),
        at: When::from_ms(background.added_at, visit.app.clock.now_ms()),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct NewBackground {
    #[serde(default)]
    name: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
    #[serde(default)]
    width: String,
    #[serde(default)]
    height: String,
}

/// The part of a picture that was typed; none when nothing was.
///
/// # Errors
/// When some of its numbers are missing or no numbers.
pub(in crate::http) fn crop(typed: &[String; 4]) -> Result<Option<Crop>, String> {
    if typed.iter().all(|text| text.trim().is_empty()) {
        return Ok(None);
    }
    let numbers: Option<Vec<u32>> = typed.iter().map(|text| text.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[x, y, width, height]) => Ok(Some(Crop { x, y, width, height })),
        _ => Err("the part to be shown is four whole numbers of pixels, or none".to_owned()),
    }
}

/// Keeps a picture.
pub(super) async fn add(visit: Visit, upload: Upload<NewBackground, PICTURE_MIB>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    let file = upload.file("picture").cloned();
    let form = upload.form;
    let typed = UploadForm {
        name: form.name,
        crop: [form.x, form.y, form.width, form.height],
    };
    let refused = match (file, crop(&typed.crop)) {
        (None, _) => Refused::Field("picture", "Choose a picture.".to_owned()),
        (_, Err(problem)) => Refused::Field("crop", sentence(&problem)),
        (Some(file), Ok(crop)) => match visit
            .app
            .reach
            .add_background(&may, &typed.name, file.bytes, crop)
            .await
        {
            Ok(added) => {
                let told = format!("“{}” is kept. See below how phones will show it.", added.name);
                return Ok(visit::done(&format!("{BACKGROUNDS}?background={}", added.id), told));
            }
            Err(error) => Refused::of(error)?,
        },
    };
    let mut shown = Shown {
        upload: typed,
        ..Shown::default()
    };
    note(refused, &mut shown.errors);
    visit::refused(&page(&visit, shown).await?)
}

fn note(refused: Refused, errors: &mut FieldErrors) {
    let words = refused.in_words();
    if refused.into(errors).is_some() {
        errors.add("", words);
    }
}

/// The page again, with what is wrong with the upload of a ring tone.
pub(super) async fn sound_refused(visit: &Visit, sound_name: String, refused: Refused) -> Result<Response, Failure> {
    let mut shown = Shown {
        sound_name,
        ..Shown::default()
    };
    note(refused, &mut shown.errors);
    visit::refused(&page(visit, shown).await?)
}

/// A background as a kind of phone shows it.
pub(super) async fn preview(visit: Visit, Path((id, kind)): Path<(BackgroundId, String)>) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let png = visit.app.reach.preview(&visit.viewer, id, &kind).await?;
    let about = [
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    Ok((about, png).into_response())
}

/// Removes a background.
pub(super) async fn remove(visit: Visit, Path(id): Path<BackgroundId>) -> Result<Response, Failure> {
    let may = visit.may::<EditMacros>()?;
    visit.app.reach.remove_background(&may, id).await?;
    let told = "The background is removed. Phones that have it keep it.";
    Ok(visit::done(BACKGROUNDS, told))
}

#[derive(Debug, Deserialize)]
pub(super) struct Setting {
    background: Option<BackgroundId>,
    sound: Option<SoundId>,
    #[serde(default)]
    phone: Vec<String>,
    #[serde(default)]
    q: String,
    /// `find` to search for phones.
    #[serde(default)]
    act: String,
}

impl Setting {
    fn pick(&self) -> pick::Asked {
        pick::Asked {
            q: self.q.clone(),
            chosen: phone_ids(&self.phone),
            ..pick::Asked::default()
        }
    }
}

/// Sets a background on a phone and shows the proof.
pub(super) async fn set(visit: Visit, Form(form): Form<Setting>) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let mut shown = Shown {
        background: form.background,
        pick: form.pick(),
        ..Shown::default()
    };
    if form.act == "find" {
        return visit::html(&page(&visit, shown).await?);
    }
    if let Some(phone) = shown.pick.chosen.first().copied() {
        match prove(&visit, phone, form.background).await? {
            Ok(proof) => {
                shown.proof = Some(proof);
                return visit::html(&page(&visit, shown).await?);
            }
            Err(refused) => note(refused, &mut shown.errors),
        }
    } else {
        shown.errors.add("phone", "Choose a phone.");
        if form.background.is_none() {
            note(no_background(), &mut shown.errors);
        }
    }
    visit::refused(&page(&visit, shown).await?)
}

fn no_background() -> Refused {
    Refused::Field("background", "Choose a background.".to_owned())
}

/// Sets a background on a phone and looks whether it is there.
pub(super) async fn prove(
    visit: &Visit,
    phone: PhoneId,
    background: Option<BackgroundId>,
) -> Result<Result<Proof, Refused>, Failure> {
    let Some(background) = background else {
        return Ok(Err(no_background()));
    };
    match visit.app.reach.set_background(&visit.viewer, phone, background).await {
        Ok(proved) => {
            let phone = visit.app.inventory.phone(&visit.viewer, phone).await?;
            let name = visit.app.reach.background(&visit.viewer, background).await?.name;
            Ok(Ok(proof(&phone, name, &proved)))
        }
        Err(error) => Ok(Err(Refused::of(error)?)),
    }
}

/// The proof as pages show it; its pictures travel in it, for they are kept nowhere.
fn proof(phone: &Phone, background: String, proved: &Proved) -> Proof {
    let shot = |screen: &Screen| Shot {
        source: format!(
            "data:{};base64,{}",
            screen.picture.format.media_type(),
            STANDARD.encode(&screen.picture.bytes)
        ),
        width: screen.picture.width,
        height: screen.picture.height,
    };
    Proof {
        phone: phone.id.0,
        name: phone.name.clone(),
        background,
        proved: proved.proved,
        evidence: sentence(&proved.evidence),
        before: proved.before.as_deref().map(shot),
        after: proved.after.as_deref().map(shot),
    }
}

/// Sets a ring tone on a phone.
pub(super) async fn set_ring_tone(visit: Visit, Form(form): Form<Setting>) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let mut shown = Shown {
        sound: form.sound,
        ring_pick: form.pick(),
        ..Shown::default()
    };
    if form.act == "find" {
        return visit::html(&page(&visit, shown).await?);
    }
    if let Some(phone) = shown.ring_pick.chosen.first().copied() {
        match ring_with(&visit, phone, form.sound).await? {
            Ok(told) => return Ok(visit::done(&back_to(form.sound), told)),
            Err(Refused::Field("sound", words)) => shown.errors.add("ring-sound", words),
            Err(refused) => shown.errors.add("ring", refused.in_words()),
        }
    } else {
        shown.errors.add("ring-phone", "Choose a phone.");
        if form.sound.is_none() {
            shown.errors.add("ring-sound", NO_SOUND);
        }
    }
    visit::refused(&page(&visit, shown).await?)
}

/// The page with a sound chosen.
fn back_to(sound: Option<SoundId>) -> String {
    let sound = sound.map(|sound| format!("?sound={sound}")).unwrap_or_default();
    format!("{BACKGROUNDS}{sound}#ring-tones")
}

/// Has a phone ring with a sound from now on; the answer is told to who asked for it.
pub(super) async fn ring_with(
    visit: &Visit,
    phone: PhoneId,
    sound: Option<SoundId>,
) -> Result<Result<String, Refused>, Failure> {
    let Some(sound) = sound else {
        return Ok(Err(Refused::Field("sound", NO_SOUND.to_owned())));
    };
    match visit.app.reach.set_ring_tone(&visit.viewer, phone, sound).await {
        Ok(_) => {
            let phone = visit.app.inventory.phone(&visit.viewer, phone).await?;
            Ok(Ok(format!("{} took it and rings with it from now on.", phone.name)))
        }
        Err(error) => Ok(Err(Refused::of(error)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crop_is_four_numbers_or_none() {
        let typed = |text: [&str; 4]| text.map(str::to_owned);
        assert_eq!(crop(&typed(["", " ", "", ""])), Ok(None));
        let part = Crop {
            x: 1,
            y: 2,
            width: 30,
            height: 40,
        };
        assert_eq!(crop(&typed(["1", "2", " 30", "40"])), Ok(Some(part)));
        for wrong in [["1", "2", "3", ""], ["-1", "2", "3", "4"], ["a", "2", "3", "4"]] {
            assert!(crop(&typed(wrong)).is_err(), "{wrong:?}");
        }
    }
}
