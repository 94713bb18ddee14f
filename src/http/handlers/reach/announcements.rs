//! Announcements.

use std::time::Duration;

use axum::response::Response;
use serde::Deserialize;

use super::ANNOUNCEMENTS;
use super::pick::{self, can_be_reached, pick};
use super::views::{Refused, length, phone_ids, sound_row};
use crate::domain::ids::{AnnouncementId, PhoneId, SoundId};
use crate::http::extract::{Form, Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::reach::announcements::{
    AnnouncementPage, AnnouncementRow, AnnouncementsPage, HearingRow, PlayForm, StateView,
};
use crate::http::pages::reach::tabs;
use crate::http::pages::{FieldErrors, Section, When};
use crate::http::visit::{self, Visit};
use crate::inventory::{At, MAX_LIMIT, Search};
use crate::reach::{Announcement, AnnouncementView, Busy, Ending, Hearing, Mode, limits};
use crate::security::{ReachPeople, RunJobs};

/// Phones that a search may find to be all meant; more are refused by [`crate::reach::Reach::announce`] anyway.
const MOST_FOUND: usize = 5_001;
/// How loud, unless something else is typed.
const VOLUME: &str = "50";

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    phone: Option<PhoneId>,
    sound: Option<i64>,
    #[serde(default)]
    q: String,
}

/// What can be played, and what was.
pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let order = OrderForm {
        sound: asked.sound,
        q: asked.q,
        phone: asked.phone.iter().map(ToString::to_string).collect(),
        ..OrderForm::default()
    };
    visit::html(&page(&visit, order, FieldErrors::default()).await?)
}

/// What is to be played, as it is typed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct OrderForm {
    sound: Option<i64>,
    #[serde(default)]
    phone: Vec<String>,
    #[serde(default)]
    q: String,
    /// `found` for all phones that the search finds.
    #[serde(default)]
    which: String,
    #[serde(default)]
    mode: String,
    #[serde(default)]
    volume: String,
    #[serde(default)]
    busy: String,
    /// `find` to search for phones.
    #[serde(default)]
    act: String,
}

impl OrderForm {
    fn view(&self) -> PlayForm {
        PlayForm {
            sound: self.sound,
            all_found: self.which == "found",
            multicast: self.mode == Mode::Multicast.as_str(),
            volume: Some(self.volume.trim())
                .filter(|typed| !typed.is_empty())
                .unwrap_or(VOLUME)
                .to_owned(),
            play_busy: self.busy == Busy::Play.as_str(),
        }
    }

    fn read(&self, phones: Vec<PhoneId>) -> Result<Announcement, Refused> {
        let wrong = |field, words: &str| Refused::Field(field, words.to_owned());
        let view = self.view();
        let most = limits().volume;
        let volume = view.volume.parse().ok().filter(|volume| *volume <= most);
        Ok(Announcement {
            sound: SoundId(self.sound.ok_or_else(|| wrong("play-sound", "Choose a sound."))?),
            phones,
            mode: if view.multicast { Mode::Multicast } else { Mode::Unicast },
            volume: volume.ok_or_else(|| wrong("volume", "The volume is a number from 0 to 100."))?,
            busy: if view.play_busy { Busy::Play } else { Busy::Skip },
        })
    }
}

/// Begins one and goes to its page.
pub(super) async fn start(visit: Visit, Form(order): Form<OrderForm>) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    if order.act == "find" {
        return visit::html(&page(&visit, order, FieldErrors::default()).await?);
    }
    let phones = if order.which == "found" {
        found(&visit, &order.q).await?
    } else {
        phone_ids(&order.phone)
    };
    let refused = if phones.is_empty() {
        Refused::Field("phones", "Choose a phone.".to_owned())
    } else {
        match order.read(phones) {
            Ok(announcement) => match visit.app.reach.announce(&visit.viewer, announcement).await {
                Ok(id) => return Ok(visit::see_other(&format!("{ANNOUNCEMENTS}/{id}"))),
                Err(error) => Refused::of(error)?,
            },
            Err(refused) => refused,
        }
    };
    let mut errors = FieldErrors::default();
    // A phone alone is never to blame before the announcement begins.
    if let Some(trouble) = refused.into(&mut errors) {
        errors.add("", trouble.title);
    }
    visit::refused(&page(&visit, order, errors).await?)
}

/// Every phone that the search finds and that can be reached, for who may reach more than one.
async fn found(visit: &Visit, q: &str) -> Result<Vec<PhoneId>, Failure> {
    visit.may::<RunJobs>()?;
    let mut phones = Vec::new();
    let mut search = Search {
        q: q.trim().to_owned(),
        limit: MAX_LIMIT,
        ..Search::default()
    };
    loop {
        let part = visit.app.inventory.search(&visit.viewer, &search).await?;
        let reached = part.phones.iter().filter(|phone| can_be_reached(phone));
        phones.extend(reached.map(|phone| phone.id));
        match part.next_cursor {
            Some(cursor) if phones.len() < MOST_FOUND => search.at = At::Cursor(cursor),
            _ => return Ok(phones),
        }
    }
}

/// The page again, with what is wrong with an upload.
pub(super) async fn sound_refused(visit: &Visit, name: String, refused: Refused) -> Result<Response, Failure> {
    let mut errors = FieldErrors::default();
    let trouble = refused.into(&mut errors);
    debug_assert!(trouble.is_none(), "no phone is asked for an upload");
    let page = page(visit, OrderForm::default(), errors).await?;
    visit::refused(&AnnouncementsPage { name, ..page })
}

async fn page(visit: &Visit, order: OrderForm, errors: FieldErrors) -> Result<AnnouncementsPage, Failure> {
    let reach = &visit.app.reach;
    let sounds = reach.sounds(&visit.viewer).await?;
    let earlier = reach.announcements(&visit.viewer).await?;
    let now = visit.app.clock.now_ms();
    let asked = pick::Asked {
        id: "phone",
        many: visit.viewer.may::<RunJobs>().is_ok(),
        chosen: phone_ids(&order.phone),
        error: errors.get("phones").map(ToOwned::to_owned),
        q: order.q.clone(),
    };
    Ok(AnnouncementsPage {
        layout: visit.layout("Announcements", Section::Reach),
        tabs: tabs(ANNOUNCEMENTS),
        sounds: sounds.iter().map(|sound| sound_row(visit, sound)).collect(),
        form: order.view(),
        pick: pick(visit, asked).await?,
        errors,
        name: String::new(),
        most_bytes: limits().sound_bytes,
        most_seconds: limits().sound_seconds,
        earlier: earlier.iter().map(|one| row(one, now)).collect(),
    })
}

/// One, as it stands.
pub(super) async fn show(visit: Visit, Path(id): Path<AnnouncementId>) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let view = visit.app.reach.announcement(&visit.viewer, id).await?;
    visit::html(&AnnouncementPage {
        layout: visit.layout(&view.sound_name, Section::Reach),
        state: state(&view, visit.app.clock.now_ms()),
    })
}

/// Stops one, on every phone of it.
pub(super) async fn stop(visit: Visit, Path(id): Path<AnnouncementId>) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    visit.app.reach.stop_announcement(&visit.viewer, id).await?;
    let told = "The announcement is stopped; its phones are told to.";
    Ok(visit::done(&format!("{ANNOUNCEMENTS}/{id}"), told))
}

fn row(view: &AnnouncementView, now: i64) -> AnnouncementRow {
    let (word, class) = standing(view);
    let phones = view.phones.len();
    AnnouncementRow {
        id: view.id.0,
        sound: view.sound_name.clone(),
        by: view.user_name.clone(),
        at: When::from_ms(view.began_at, now),
        phones: if phones == 1 {
            view.phones[0].name.clone()
        } else {
            format!("{phones} phones")
        },
        word,
        class,
        outcome: counts(view)
            .into_iter()
            .map(|(word, count, _)| format!("{count} {word}"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// The word and the class of an announcement.
fn standing(view: &AnnouncementView) -> (String, &'static str) {
    match view.ending {
        None => ("is played".to_owned(), "j-running"),
        Some(ending) => {
            let class = match ending {
                Ending::Played if view.count(Hearing::Failed) + view.count(Hearing::Unstopped) == 0 => "j-succeeded",
                Ending::Played => "j-partly-failed",
                Ending::Stopped => "j-cancelled",
                Ending::Unheard | Ending::RightLost | Ending::Shutdown | Ending::Abandoned => "j-failed",
            };
            (ending.in_words().to_owned(), class)
        }
    }
}

/// The word and the class of a phone.
fn hearing(state: Hearing) -> (&'static str, &'static str) {
    match state {
        Hearing::Waiting => ("waiting", "s-unknown"),
        Hearing::Starting => ("being told", "o-started"),
        Hearing::Listening => ("listening", "j-running"),
        Hearing::Done => ("heard it", "o-done"),
        Hearing::Skipped => ("skipped", "j-cancelled"),
        Hearing::Failed => ("failed", "o-failed"),
        Hearing::Unstopped => ("could not be stopped", "o-failed"),
    }
}

fn counts(view: &AnnouncementView) -> Vec<(&'static str, usize, &'static str)> {
    const ORDER: [Hearing; 7] = [
        Hearing::Listening,
        Hearing::Done,
        Hearing::Starting,
        Hearing::Waiting,
        Hearing::Skipped,
        Hearing::Failed,
        Hearing::Unstopped,
    ];
    let counted = ORDER.into_iter().map(|state| {
        let (word, class) = hearing(state);
        (word, view.count(state), class)
    });
    counted.filter(|(_, count, _)| *count > 0).collect()
}

/// What changes on the page of an announcement.
pub(super) fn state(view: &AnnouncementView, now: i64) -> StateView {
    let (word, class) = standing(view);
    let is_over = view.ending.is_some();
    let rows = view.phones.iter().map(|phone| {
        let (word, class) = hearing(phone.state);
        HearingRow {
            id: phone.phone.0,
            name: phone.name.clone(),
            word,
            class,
            detail: phone.detail.clone(),
        }
    });
    let way = match view.mode {
        Mode::Unicast => "unicast",
        Mode::Multicast => "multicast",
    };
    let busy = match view.busy {
        Busy::Skip => "phones in a call are skipped",
        Busy::Play => "phones in a call hear it too",
    };
    let position = whole_seconds(view.position);
    StateView {
        id: view.id.0,
        sound: view.sound_name.clone(),
        how: format!("{way}, volume {}, {busy}", view.volume),
        by: view.user_name.clone(),
        began: When::from_ms(view.began_at, now),
        is_over,
        word,
        class,
        position_ms: view.position.as_millis().min(view.duration.as_millis()),
        length_ms: view.duration.as_millis().max(1),
        position: format!("{} of {}", length(position), length(view.duration)),
        counts: counts(view),
        phones: rows.collect(),
    }
}

fn whole_seconds(duration: Duration) -> Duration {
    Duration::from_secs(duration.as_secs())
}
