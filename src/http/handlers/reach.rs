//! Reaching people: messages, announcements, backgrounds and ring tones; a file for each page.

mod announcements;
mod backgrounds;
mod follow;
mod messages;
mod phone;
mod pick;
mod sounds;
mod views;

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};

use crate::http::failure::Failure;
use crate::http::state::App;
use crate::reach::ReachError;

pub(super) use phone::bar;

const MESSAGES: &str = "/messages";
const ANNOUNCEMENTS: &str = "/announcements";
const BACKGROUNDS: &str = "/backgrounds";
/// The largest form with a sound: the sound, and room for the fields.
const SOUND_MIB: usize = 65;
/// The largest form with a picture.
const PICTURE_MIB: usize = 17;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/reach/phones", get(pick::show))
        .route("/messages", get(messages::show).post(messages::send))
        .route("/messages/templates/{id}/removal", post(messages::remove_template))
        .route("/announcements", get(announcements::list).post(announcements::start))
        .route("/announcements/{id}", get(announcements::show))
        .route("/announcements/{id}/events", get(follow::follow))
        .route("/announcements/{id}/stop", post(announcements::stop))
        .route("/sounds", post(sounds::add))
        .route("/sounds/{id}/wav", get(sounds::listen))
        .route("/sounds/{id}/removal", post(sounds::remove))
        .route("/backgrounds", get(backgrounds::list).post(backgrounds::add))
        .route("/backgrounds/setting", post(backgrounds::set))
        .route("/backgrounds/ring-tone", post(backgrounds::set_ring_tone))
        .route("/backgrounds/{id}/previews/{kind}", get(backgrounds::preview))
        .route("/backgrounds/{id}/removal", post(backgrounds::remove))
        .route("/phones/{id}/messages", post(phone::message))
        .route("/phones/{id}/rings", post(phone::ring))
        .route("/phones/{id}/vibrations", post(phone::vibrate))
        .route("/phones/{id}/background", post(phone::set_background))
        .route("/phones/{id}/ring-tone", post(phone::set_ring_tone))
}

impl From<ReachError> for Failure {
    fn from(error: ReachError) -> Self {
        let sentence = views::sentence(&error);
        match error {
            ReachError::Invalid { field, problem } => Self::fields([(field.to_owned(), problem)].into()),
            ReachError::Emergency(_) => Self::fields([("buttons".to_owned(), error.to_string())].into()),
            ReachError::Denied(_) => Self::forbidden(sentence),
            ReachError::UnknownPhone => Self::not_found("phone"),
            ReachError::Unknown(what) => Self::not_found(what),
            ReachError::NameTaken(_) => Self {
                fields: [("name".to_owned(), error.to_string())].into(),
                ..Self::conflict(sentence)
            },
            ReachError::TooMany(_) => Self::too_many(sentence, Duration::from_mins(1)),
            ReachError::InUse(_) | ReachError::Busy(_) | ReachError::Unsupported { .. } => Self::conflict(sentence),
            ReachError::Blocked(trouble) => Self::trouble(&trouble, None),
            ReachError::Driven(driver) => {
                let title = "Somebody else drives this phone";
                Self {
                    driver: Some(driver),
                    ..Self::new(StatusCode::CONFLICT, title, sentence)
                }
            }
            ReachError::Personalization(trouble) => Self {
                cause: trouble.named(),
                ..Self::new(StatusCode::BAD_GATEWAY, "The phone does not take that", sentence)
            },
            ReachError::NoBaseUrl(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "Phones cannot fetch it from here",
                sentence,
            ),
            ReachError::Stopping => Self::new(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping", sentence),
            ReachError::File(error) => Self::incident(&error),
            ReachError::Store(error) => error.into(),
        }
    }
}
