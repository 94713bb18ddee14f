//! Sounds: uploaded or recorded as WAV, kept as G.711 µ-law, played as announcements or set as ring tones.

pub mod g711;
mod resample;
pub mod wav;

use std::time::Duration;

use bytes::Bytes;

use super::limits::check_name;
use super::media::Media;
use super::messages::Delivered;
use super::templates::taken;
use super::{Reach, ReachError, limits};
use crate::audit::action;
use crate::control::{Act, ExecuteError, Heed};
use crate::domain::ids::{PhoneId, SoundId};
use crate::security::{May, ReachPeople, Viewer};
use crate::store::reach::sounds as rows;

pub use resample::{RATE, to_8k};

/// Ring tones have a whole number of so many samples (phone-xml-api.md 3.3).
const RING_STEP: usize = 240;
/// The longest ring tone, in samples: 2.01 s.
const LONGEST_RING: usize = 16_080;

/// A sound that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// The row.
    pub id: SoundId,
    /// Its name.
    pub name: String,
    /// How long it lasts.
    pub duration: Duration,
    /// What was uploaded, such as `44.1 kHz stereo, 16 bit`.
    pub source: String,
    /// What is lost or added when it is made a ring tone; none when nothing is.
    pub ring_notice: Option<String>,
    /// Unix milliseconds.
    pub added_at: i64,
    /// By whom.
    pub added_by: String,
}

impl Reach {
    /// Keeps a WAV under a name: 8 to 48 kHz, mono or stereo, 8 to 32 bits or float, up to 5 minutes and
    /// [`Limits::sound_bytes`](super::Limits::sound_bytes).
    ///
    /// # Errors
    /// [`ReachError::Invalid`] (`name`, `sound`), [`ReachError::NameTaken`], [`ReachError::TooMany`],
    /// [`ReachError::File`], [`ReachError::Store`]; nothing was kept then.
    pub async fn add_sound(&self, may: &May<ReachPeople>, name: &str, wav: Bytes) -> Result<Sound, ReachError> {
        let name = check_name(name)?;
        let most = limits().sound_bytes;
        if wav.len() > most {
            let problem = format!(
                "the file has {} MB; {} MB is the most",
                wav.len() / 1_000_000,
                most / 1_000_000
            );
            return Err(ReachError::invalid("sound", problem));
        }
        let converting = tokio::task::spawn_blocking(move || {
            let pcm = wav::read(&wav)?;
            let source = pcm.source.clone();
            Ok::<_, String>((source, g711::encode_all(&to_8k(pcm)?)))
        });
        let converted = converting
            .await
            .unwrap_or_else(|_| Err("the file cannot be read".to_owned()));
        let (source, samples) = converted.map_err(|problem| ReachError::invalid("sound", problem))?;
        let shared = &self.shared;
        let mut tx = shared.store.begin().await?;
        let most = limits().kept;
        if usize::try_from(rows::count(&mut tx).await?).is_ok_and(|count| count >= most) {
            return Err(ReachError::TooMany(format!(
                "{most} sounds are kept already; remove one first"
            )));
        }
        let length = i64::try_from(samples.len()).unwrap_or(i64::MAX);
        let id = rows::insert(&mut tx, name, &source, length, shared.clock.now_ms(), &may.name)
            .await
            .map_err(taken)?;
        // A file without its row is removed at the next start; a row without its file could not be played.
        shared.files.write_sound(id, &samples).await?;
        self.note(&mut tx, may, action::SOUND_ADDED, name).await?;
        tx.commit().await?;
        self.sound(may, id).await
    }

    /// All sounds by name.
    ///
    /// # Errors
    /// [`ReachError::Denied`], [`ReachError::Store`].
    pub async fn sounds(&self, viewer: &Viewer) -> Result<Vec<Sound>, ReachError> {
        let _may: May<ReachPeople> = viewer.may()?;
        let rows = rows::all(&self.shared.store).await?;
        Ok(rows.into_iter().map(sound).collect())
    }

    /// One sound.
    ///
    /// # Errors
    /// [`ReachError::Unknown`], [`ReachError::Denied`], [`ReachError::Store`].
    pub async fn sound(&self, viewer: &Viewer, id: SoundId) -> Result<Sound, ReachError> {
        let _may: May<ReachPeople> = viewer.may()?;
        let row = rows::find(&self.shared.store, id).await?;
        Ok(sound(row.ok_or(ReachError::Unknown("sound"))?))
    }

    /// The sound as people at the phones hear it, as a WAV of 8 kHz and 16 bits for a browser.
    ///
    /// # Errors
    /// [`ReachError::Unknown`], [`ReachError::Denied`], [`ReachError::File`], [`ReachError::Store`].
    pub async fn listen_to(&self, viewer: &Viewer, id: SoundId) -> Result<Bytes, ReachError> {
        self.sound(viewer, id).await?;
        let samples = self.shared.files.read_sound(id).await?;
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = std::io::Cursor::new(Vec::with_capacity(2 * samples.len() + 64));
        let written = hound::WavWriter::new(&mut wav, spec).and_then(|mut writer| {
            for code in &samples {
                writer.write_sample(g711::decode(*code))?;
            }
            writer.finalize()
        });
        written.map_err(|error| ReachError::File(std::io::Error::other(error.to_string())))?;
        Ok(Bytes::from(wav.into_inner()))
    }

    /// Removes a sound. An announcement that plays it goes on.
    ///
    /// # Errors
    /// [`ReachError::Unknown`], [`ReachError::Store`].
    pub async fn remove_sound(&self, may: &May<ReachPeople>, id: SoundId) -> Result<(), ReachError> {
        let mut tx = self.shared.store.begin().await?;
        let name = rows::remove(&mut tx, id).await?;
        let name = name.ok_or(ReachError::Unknown("sound"))?;
        self.note(&mut tx, may, action::SOUND_REMOVED, &name).await?;
        tx.commit().await?;
        self.shared.files.remove_sound(id).await;
        Ok(())
    }

    /// Lets a phone fetch a sound and ring with it from now on. What a ring tone cannot hold is cut off, see
    /// [`Sound::ring_notice`].
    ///
    /// # Errors
    /// [`ReachError::Personalization`] when the phone takes no ring tone, or what it said.
    pub async fn set_ring_tone(&self, viewer: &Viewer, phone: PhoneId, id: SoundId) -> Result<Delivered, ReachError> {
        let may: May<ReachPeople> = viewer.may()?;
        let shared = &self.shared;
        let sound = self.sound(viewer, id).await?;
        shared.inventory.require(viewer, phone).await?;
        let target = shared.inventory.target(phone).await?;
        let tone = ring_tone(&shared.files.read_sound(id).await?);
        let media = Media {
            content_type: "application/octet-stream",
            bytes: tone,
        };
        let url = shared.shelf.put(target.address, media)?;
        let act = Act {
            action: action::RING_TONE_SET,
            detail: sound.name,
            heed: Heed::Driver,
        };
        let setting = shared.control.act(&may, phone, act, async move |phones, target| {
            phones.set_ring_tone(&target, &url).await
        });
        let took = setting.await.map_err(not_personal)?;
        Ok(Delivered {
            at: shared.clock.now(),
            took,
            fetched: true,
        })
    }
}

/// What a phone answers by that does not take backgrounds or ring tones: error 4 though its login is right, or error 1
/// when it does not know the object (phone-xml-api.md 2.3, 4.4). A picture or a key tells whether the login is right.
pub(super) fn not_personal(error: ExecuteError) -> ReachError {
    match error {
        ExecuteError::Trouble(trouble)
            if ["CiscoIPPhoneError 4", "CiscoIPPhoneError 1"]
                .iter()
                .any(|said| trouble.evidence.contains(said)) =>
        {
            ReachError::Personalization(trouble)
        }
        other => other.into(),
    }
}

fn sound(row: rows::Row) -> Sound {
    let samples = u64::try_from(row.samples).unwrap_or(0);
    Sound {
        id: SoundId(row.id),
        name: row.name,
        duration: Duration::from_millis(samples * 1_000 / u64::from(RATE)),
        source: row.source,
        ring_notice: ring_notice(usize::try_from(samples).unwrap_or(usize::MAX)),
        added_at: row.added_at,
        added_by: row.added_by,
    }
}

/// What happens to a sound of so many samples when it is made a ring tone.
fn ring_notice(samples: usize) -> Option<String> {
    if samples > LONGEST_RING {
        return Some("as a ring tone only its first 2.01 s are heard".to_owned());
    }
    (!samples.is_multiple_of(RING_STEP)).then(|| "as a ring tone it ends with a moment of silence".to_owned())
}

/// The samples of a ring tone: 240 to 16,080, a multiple of 240.
fn ring_tone(samples: &Bytes) -> Bytes {
    let kept = &samples[..samples.len().min(LONGEST_RING)];
    let length = kept.len().max(1).next_multiple_of(RING_STEP);
    let mut tone = Vec::with_capacity(length);
    tone.extend_from_slice(kept);
    tone.resize(length, g711::SILENCE);
    Bytes::from(tone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_tone_has_a_length_that_phones_take() {
        for (samples, length) in [
            (0, 240),
            (1, 240),
            (240, 240),
            (241, 480),
            (16_080, 16_080),
            (99_999, 16_080),
        ] {
            let tone = ring_tone(&Bytes::from(vec![7; samples]));
            assert_eq!(tone.len(), length, "{samples}");
            assert!(tone.iter().take(samples).all(|code| *code == 7));
            assert!(tone.iter().skip(samples).all(|code| *code != 7));
        }
        assert_eq!(ring_notice(480), None);
        assert!(ring_notice(481).is_some_and(|notice| notice.contains("silence")));
        assert!(ring_notice(99_999).is_some_and(|notice| notice.contains("2.01")));
    }
}
