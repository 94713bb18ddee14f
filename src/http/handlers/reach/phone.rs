//! The small forms below a phone: each answers in place, or by a message on the phone's page without script.

use axum::response::Response;
use serde::Deserialize;

use super::backgrounds::proof;
use super::messages::{self, MessageForm, Told, shown_on};
use super::views::{Refused, sound_choices};
use crate::domain::catalogue::{self, Control};
use crate::domain::ids::{BackgroundId, PhoneId, SoundId};
use crate::http::extract::{Form, Path};
use crate::http::failure::Failure;
use crate::http::pages::reach::backgrounds::Proof;
use crate::http::pages::reach::phone::{ReachBar, Said};
use crate::http::pages::{Choice, Section};
use crate::http::visit::{self, Visit};
use crate::inventory::Phone;
use crate::reach::{Busy, ReachError, Rung, Sizes, Vibration};
use crate::security::ReachPeople;

/// What the page of a phone offers.
pub(in crate::http::handlers) async fn bar(visit: &Visit, phone: &Phone) -> Result<ReachBar, Failure> {
    let model = catalogue::find(phone.model_number, &phone.model);
    if visit.viewer.may::<ReachPeople>().is_err() || model.family.control == Control::None {
        return Ok(ReachBar::default());
    }
    let reach = &visit.app.reach;
    let takes_background = Sizes::of(model).is_some();
    let backgrounds = if takes_background {
        reach.backgrounds(&visit.viewer).await?
    } else {
        Vec::new()
    };
    Ok(ReachBar {
        is_shown: true,
        tones: reach.tones(&visit.viewer).await?,
        vibrates: model.family.vibrates,
        backgrounds: backgrounds
            .into_iter()
            .map(|one| Choice::new(one.id.to_string(), one.name))
            .collect(),
        takes_background,
        sounds: sound_choices(&reach.sounds(&visit.viewer).await?),
    })
}

/// What came of it: in place for the page's own script, else as a message on the phone's page.
fn said(visit: &Visit, id: PhoneId, failed: bool, text: String, proof: Option<Proof>) -> Result<Response, Failure> {
    if visit.fragment() == Some("said") {
        let layout = visit.layout("", Section::Phones);
        return visit::fragment(&Said {
            layout,
            failed,
            text,
            proof,
        });
    }
    let path = format!("/phones/{id}");
    Ok(if failed {
        visit::failed(&path, text)
    } else {
        visit::done(&path, text)
    })
}

/// Says what came of it. What is no such thing, or not for this person, is a page of its own.
fn tell(visit: &Visit, id: PhoneId, done: Result<String, ReachError>) -> Result<Response, Failure> {
    match done {
        Ok(text) => said(visit, id, false, text, None),
        Err(error) => said(visit, id, true, Refused::of(error)?.in_words(), None),
    }
}

/// Sends a message. Without script a refused one comes back on the page of messages, with all that was typed.
pub(super) async fn message(
    visit: Visit,
    Path(id): Path<PhoneId>,
    Form(form): Form<MessageForm>,
) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let phone = visit.app.inventory.phone(&visit.viewer, id).await?;
    let (typed, mut picking) = form.typed();
    let sent = match typed.read() {
        Ok(text) => match visit.app.reach.message(&visit.viewer, id, &text).await {
            Ok(delivered) => Ok(shown_on(&phone.name, &delivered)),
            Err(error) => Err(Refused::of(error)?),
        },
        Err((field, problem)) => Err(Refused::Field(field, super::views::sentence(&problem))),
    };
    match sent {
        Ok(text) => said(&visit, id, false, text, None),
        Err(refused) if visit.fragment() == Some("said") => said(&visit, id, true, refused.in_words(), None),
        Err(refused) => {
            picking.chosen = vec![id];
            visit::refused(&messages::page(&visit, typed, picking, Told::of(refused)).await?)
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct RingForm {
    #[serde(default)]
    tone: String,
    times: Option<u32>,
    /// `play` to ring also during a call.
    #[serde(default)]
    busy: String,
}

/// Rings it; the answer comes after the last ring.
pub(super) async fn ring(
    visit: Visit,
    Path(id): Path<PhoneId>,
    Form(form): Form<RingForm>,
) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let busy = Busy::parse(&form.busy).unwrap_or_default();
    let times = form.times.unwrap_or(1);
    let rung = visit.app.reach.ring(&visit.viewer, id, &form.tone, times, busy).await;
    tell(&visit, id, rung.map(|rung| format!("It rang {}.", times_of(&rung))))
}

fn times_of(rung: &Rung) -> String {
    let times = match rung.times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        times => format!("{times} times"),
    };
    match &rung.cut_short {
        None => times,
        Some(why) => format!("{times}, then no more: {why}"),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct VibrationForm {
    times: Option<u32>,
}

/// Makes it vibrate, where the family can.
pub(super) async fn vibrate(
    visit: Visit,
    Path(id): Path<PhoneId>,
    Form(form): Form<VibrationForm>,
) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let how = Vibration::default();
    let how = Vibration {
        times: form.times.unwrap_or(how.times),
        ..how
    };
    let shaken = visit.app.reach.vibrate(&visit.viewer, id, how).await;
    tell(
        &visit,
        id,
        shaken.map(|rung| format!("It vibrates {}.", times_of(&rung))),
    )
}

#[derive(Debug, Deserialize)]
pub(super) struct Chosen {
    background: Option<i64>,
    sound: Option<i64>,
}

/// Sets a background, with its proof.
pub(super) async fn set_background(
    visit: Visit,
    Path(id): Path<PhoneId>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let phone = visit.app.inventory.phone(&visit.viewer, id).await?;
    let Some(background) = chosen.background.map(BackgroundId) else {
        return said(&visit, id, true, "Choose a background first.".to_owned(), None);
    };
    match visit.app.reach.set_background(&visit.viewer, id, background).await {
        Ok(proved) => {
            let name = visit.app.reach.background(&visit.viewer, background).await?.name;
            let proof = proof(&phone, name, &proved);
            let begin = if proved.proved {
                "The background is set:"
            } else {
                "Not proved:"
            };
            let text = format!("{begin} {}", proof.evidence);
            said(&visit, id, false, text, Some(proof))
        }
        Err(error) => said(&visit, id, true, Refused::of(error)?.in_words(), None),
    }
}

/// Sets a ring tone.
pub(super) async fn set_ring_tone(
    visit: Visit,
    Path(id): Path<PhoneId>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let phone = visit.app.inventory.phone(&visit.viewer, id).await?;
    let Some(sound) = chosen.sound.map(SoundId) else {
        return said(&visit, id, true, "Choose a sound first.".to_owned(), None);
    };
    let set = visit.app.reach.set_ring_tone(&visit.viewer, id, sound).await;
    tell(
        &visit,
        id,
        set.map(|_| format!("{} took it and rings with it from now on.", phone.name)),
    )
}
