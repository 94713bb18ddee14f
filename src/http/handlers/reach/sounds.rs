//! Sounds: upload, listening, removal.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::views::Refused;
use super::{ANNOUNCEMENTS, BACKGROUNDS, SOUND_MIB, announcements, backgrounds};
use crate::domain::ids::SoundId;
use crate::http::extract::{Path, Upload};
use crate::http::failure::Failure;
use crate::http::visit::{self, Visit};
use crate::security::ReachPeople;

#[derive(Debug, Deserialize)]
pub(super) struct NewSound {
    #[serde(default)]
    name: String,
    /// `ring-tones` when it comes from there.
    #[serde(default)]
    from: String,
}

/// Keeps a sound and goes back to the page it came from.
pub(super) async fn add(visit: Visit, upload: Upload<NewSound, SOUND_MIB>) -> Result<Response, Failure> {
    let may = visit.may::<ReachPeople>()?;
    let for_ringing = upload.form.from == "ring-tones";
    let refused = match upload.file("sound") {
        None => Refused::Field("sound", "Choose a WAV file, or record one.".to_owned()),
        Some(file) => {
            // A file without a name of its own is called like the file.
            let name = Some(upload.form.name.trim())
                .filter(|name| !name.is_empty())
                .unwrap_or(stem(&file.name));
            match visit.app.reach.add_sound(&may, name, file.bytes.clone()).await {
                Ok(sound) => {
                    let (path, part) = if for_ringing {
                        (BACKGROUNDS, "#ring-tones")
                    } else {
                        (ANNOUNCEMENTS, "")
                    };
                    let told = format!("“{}” is kept; it was {}.", sound.name, sound.source);
                    return Ok(visit::done(&format!("{path}?sound={}{part}", sound.id), told));
                }
                Err(error) => Refused::of(error)?,
            }
        }
    };
    let name = upload.form.name;
    if for_ringing {
        return backgrounds::sound_refused(&visit, name, refused).await;
    }
    announcements::sound_refused(&visit, name, refused).await
}

/// A file's name without its ending, as far as a name holds it.
fn stem(file: &str) -> &str {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let most = stem
        .char_indices()
        .nth(crate::reach::limits().name)
        .map_or(stem.len(), |(at, _)| at);
    &stem[..most]
}

/// The sound as it is heard at the phones.
pub(super) async fn listen(visit: Visit, Path(id): Path<SoundId>) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let wav = visit.app.reach.listen_to(&visit.viewer, id).await?;
    let about = [
        (header::CONTENT_TYPE, "audio/wav"),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    Ok((about, wav).into_response())
}

#[derive(Debug, Deserialize)]
pub(super) struct Removal {
    #[serde(default)]
    from: String,
}

/// Removes a sound.
pub(super) async fn remove(
    visit: Visit,
    Path(id): Path<SoundId>,
    crate::http::extract::Form(removal): crate::http::extract::Form<Removal>,
) -> Result<Response, Failure> {
    let may = visit.may::<ReachPeople>()?;
    visit.app.reach.remove_sound(&may, id).await?;
    let path = if removal.from == "ring-tones" {
        BACKGROUNDS
    } else {
        ANNOUNCEMENTS
    };
    Ok(visit::done(path, "The sound is removed."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_a_sound_its_name() {
        assert_eq!(stem("fire drill.wav"), "fire drill");
        assert_eq!(stem("gong"), "gong");
        assert_eq!(stem(&format!("{}.wav", "é".repeat(90))).chars().count(), 64);
    }
}
