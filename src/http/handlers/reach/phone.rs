//! The small forms below a phone: each answers in place, or by a message on the phone's page without script.

use axum::response::Response;
use serde::Deserialize;

use super::backgrounds;
use super::messages::{self, MessageForm, Told, shown_on};
use super::views::{Refused, sentence, sound_choices};
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

/// What came of a form: the words, and the screens before and after where a picture was set.
struct Done {
    text: String,
    proof: Option<Proof>,
}

impl From<String> for Done {
    fn from(text: String) -> Self {
        Self { text, proof: None }
    }
}

/// Says what came of it: in place for the page's own script, else as a message on the phone's page.
fn say(visit: &Visit, id: PhoneId, came: Result<Done, Refused>) -> Result<Response, Failure> {
    let (failed, Done { text, proof }) = match came {
        Ok(done) => (false, done),
        Err(refused) => (true, refused.in_words().into()),
    };
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

/// The words for what was done. What is no such thing, or not for this person, is a page of its own.
fn told<T>(done: Result<T, ReachError>, words: impl FnOnce(T) -> String) -> Result<Result<Done, Refused>, Failure> {
    match done {
        Ok(done) => Ok(Ok(words(done).into())),
        Err(error) => Ok(Err(Refused::of(error)?)),
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
        Ok(text) => {
            let sent = visit.app.reach.message(&visit.viewer, id, &text).await;
            told(sent, |delivered| shown_on(&phone.name, &delivered))?
        }
        Err((field, problem)) => Err(Refused::Field(field, sentence(&problem))),
    };
    match sent {
        Err(refused) if visit.fragment() != Some("said") => {
            picking.chosen = vec![id];
            visit::refused(&messages::page(&visit, typed, picking, Told::of(refused)).await?)
        }
        sent => say(&visit, id, sent),
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
    say(&visit, id, told(rung, |rung| format!("It rang {}.", times_of(&rung)))?)
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
    say(
        &visit,
        id,
        told(shaken, |rung| format!("It vibrates {}.", times_of(&rung)))?,
    )
}

#[derive(Debug, Deserialize)]
pub(super) struct Chosen {
    background: Option<BackgroundId>,
    sound: Option<SoundId>,
}

/// Sets a background, with its proof.
pub(super) async fn set_background(
    visit: Visit,
    Path(id): Path<PhoneId>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let set = backgrounds::prove(&visit, id, chosen.background).await?;
    let with_words = |proof: Proof| {
        let begin = if proof.proved {
            "The background is set:"
        } else {
            "Not proved:"
        };
        Done {
            text: format!("{begin} {}", proof.evidence),
            proof: Some(proof),
        }
    };
    say(&visit, id, set.map(with_words))
}

/// Sets a ring tone.
pub(super) async fn set_ring_tone(
    visit: Visit,
    Path(id): Path<PhoneId>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let set = backgrounds::ring_with(&visit, id, chosen.sound).await?;
    say(&visit, id, set.map(Done::from))
}
