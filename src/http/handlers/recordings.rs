//! Recordings: list, player, start and stop, deletion; the export has a file of its own.

mod export;
mod player;

use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use url::form_urlencoded;

use crate::domain::catalogue::{Control, Model};
use crate::domain::ids::{PhoneId, RecordingId, UserId};
use crate::http::extract::{Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::recordings::{OwnRecording, RecordButton, RecordingView, RecordingsPage};
use crate::http::pages::{Choice, Pager, Section, When};
use crate::http::state::App;
use crate::http::visit::{self, Visit};
use crate::recordings::{self, Ending, Filter, Recording, clock_face};
use crate::security::{SeePhones, Viewer};

const HERE: &str = "/recordings";
/// Recordings of one page.
const ROWS: u64 = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(HERE, get(list))
        .route("/recordings/{id}", get(player::show))
        .route("/recordings/{id}/pictures/{n}", get(picture))
        .route("/recordings/{id}/stop", post(stop))
        .route("/recordings/{id}/deletion", post(player::delete))
        .route("/recordings/{id}/export", get(export::show).post(export::download))
        .route("/phones/{id}/recordings", post(start))
}

impl From<recordings::Error> for Failure {
    fn from(error: recordings::Error) -> Self {
        use recordings::Error;
        match error {
            Error::Phone(error) => error.into(),
            Error::Store(error) => error.into(),
            Error::Unknown => Self::not_found("recording"),
            Error::Disabled | Error::NotYours(_) => Self::forbidden(sentence(&error)),
            Error::TooManyOfOne | Error::TooMany | Error::TooManyExports => {
                Self::too_many(sentence(&error), Duration::from_mins(1))
            }
            Error::Folder(_) | Error::Full => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "The recording was not begun",
                sentence(&error),
            ),
            Error::NoPictures(_) | Error::AlreadyRunning | Error::Running => Self::conflict(sentence(&error)),
        }
    }
}

fn sentence(error: &recordings::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).chain(['.']).collect()
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    phone: String,
    #[serde(default)]
    person: String,
    page: Option<u32>,
}

async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let may = visit.may::<SeePhones>()?;
    let phone = asked.phone.trim().to_owned();
    let person = Some(&asked.person).filter(|person| !person.is_empty());
    let filter = Filter {
        phone: phone.clone(),
        // A person that is no number is nobody, not everybody.
        user: person.map(|id| UserId(id.parse().unwrap_or(Viewer::NOBODY.0))),
        ..Filter::default()
    };
    let number = u64::from(asked.page.unwrap_or(1).max(1));
    let skip = (number - 1) * ROWS;
    let found = visit.app.recordings.list(&may, filter, skip, ROWS).await?;
    if found.recordings.is_empty() && number > 1 {
        return Err(Failure::not_found("page of recordings"));
    }
    let shown = found.recordings.len() as u64;
    let address = |number: u64| address(&phone, &asked.person, number);
    let pager = Pager {
        first: if shown == 0 { 0 } else { skip + 1 },
        last: skip + shown,
        total: found.total,
        previous: (number > 1).then(|| address(number - 1)),
        next: (skip + shown < found.total).then(|| address(number + 1)),
    };
    let people = visit.app.recordings.people(&may).await?;
    let people = people.into_iter().map(|(id, name)| Choice::new(id.to_string(), name));
    let settings = visit.app.recordings.settings();
    let page = RecordingsPage {
        layout: visit.layout("Recordings", Section::Recordings),
        people: people.collect(),
        recordings: found.recordings.iter().map(|one| view(&visit, one)).collect(),
        pager,
        keep_days: settings.keep_days,
        enabled: settings.enabled,
        phone,
        person: asked.person,
    };
    match visit.fragment() {
        Some("rows") => visit::fragment(&page.as_rows()),
        _ => visit::html(&page),
    }
}

fn address(phone: &str, person: &str, page: u64) -> String {
    let page = if page > 1 { page.to_string() } else { String::new() };
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("phone", phone), ("person", person), ("page", &page)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() {
        HERE.to_owned()
    } else {
        format!("{HERE}?{query}")
    }
}

/// A recording as pages show it.
fn view(visit: &Visit, recording: &Recording) -> RecordingView {
    let now = visit.app.clock.now_ms();
    let ending = match Ending::from_stored(&recording.ending) {
        None | Some(Ending::Stopped) => String::new(),
        Some(ending) if recording.detail.is_empty() => ending.in_words().to_owned(),
        Some(ending) => format!("{} ({})", ending.in_words(), recording.detail),
    };
    RecordingView {
        id: recording.id.0,
        phone_id: recording.phone_is_there.then_some(recording.phone.0),
        phone: recording.phone_name.clone(),
        about: recording.phone_about.clone(),
        cluster: recording.cluster_name.clone(),
        person: recording.user_name.clone(),
        started: When::from_ms(recording.started_at, now),
        started_at: in_full(recording.started_at),
        length: clock_face(recording.ended_at.unwrap_or(now) - recording.started_at),
        pictures: recording.pictures.unsigned_abs(),
        presses: recording.presses.unsigned_abs(),
        size: size(recording.bytes.unsigned_abs()),
        running: recording.ended_at.is_none(),
        ending,
        is_theirs: recordings::is_owner(&visit.viewer, recording),
    }
}

fn in_full(millis: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;
    if bytes < MIB {
        format!("{} KiB", bytes.div_ceil(KIB))
    } else {
        format!("{}.{} MiB", bytes / MIB, bytes % MIB * 10 / MIB)
    }
}

async fn start(visit: Visit, Path(id): Path<PhoneId>) -> Result<Response, Failure> {
    let may = visit.may::<SeePhones>()?;
    visit.app.recordings.start(&may, id).await?;
    let text = "Recording. Everybody who looks at this phone sees it.";
    Ok(visit::done(&format!("/phones/{id}"), text))
}

async fn stop(visit: Visit, Path(id): Path<RecordingId>) -> Result<Response, Failure> {
    let may = visit.may::<SeePhones>()?;
    visit.app.recordings.stop(&may, id).await?;
    Ok(visit::done(
        &format!("/recordings/{id}"),
        "The recording is stopped and kept.",
    ))
}

/// A picture as it was recorded. It never changes, but is asked for anew each time: the right to see it may end.
async fn picture(visit: Visit, Path((id, n)): Path<(RecordingId, i64)>) -> Result<Response, Failure> {
    let may = visit.may::<SeePhones>()?;
    let picture = visit.app.recordings.picture(&may, id, n).await?;
    let about = [
        (header::CONTENT_TYPE, picture.format.media_type()),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    Ok((about, picture.bytes).into_response())
}

/// What the page of a phone shows of its recordings.
pub(super) fn button(visit: &Visit, phone: PhoneId, model: &Model) -> RecordButton {
    let running = visit.app.recordings.of_phone(phone);
    let own = running.iter().find(|one| one.user == visit.viewer.user);
    let settings = visit.app.recordings.settings();
    RecordButton {
        offered: settings.enabled && model.family.control == Control::Full,
        own: own.map(|one| OwnRecording {
            id: one.id.0,
            started: When::from_ms(one.started_at, visit.app.clock.now_ms()),
        }),
        by: running.into_iter().map(|one| one.user_name).collect(),
        longest_minutes: settings.longest_minutes,
        keep_days: settings.keep_days,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_say_them() {
        assert_eq!(size(0), "0 KiB");
        assert_eq!(size(1), "1 KiB");
        assert_eq!(size(1024 * 1024 * 3 / 2), "1.5 MiB");
    }

    #[test]
    fn addresses_keep_the_filter() {
        assert_eq!(address("", "", 1), "/recordings");
        assert_eq!(
            address("SEP 1&2", "7", 3),
            "/recordings?phone=SEP+1%262&person=7&page=3"
        );
    }

    #[test]
    fn refusals_are_sentences() {
        assert_eq!(
            sentence(&recordings::Error::AlreadyRunning),
            "You record this phone already."
        );
    }
}
