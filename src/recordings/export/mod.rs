//! A recording to be given away: one HTML file with numbered steps, or an archive of its pictures.
//!
//! An export is written piece by piece into a channel that the answer reads, by a thread of its own, so that no
//! recording is ever in memory as a whole. What is masked is painted over in every picture before it is written.

mod archive;
mod channel;
mod html;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::mpsc;

use super::files::Files;
use super::steps::is_digit;
use super::{Error, Recording, Recordings, Step};
use crate::audit::{self, action};
use crate::domain::ids::RecordingId;
use crate::domain::screen::Picture;
use crate::screens::{Rect, mask};
use crate::security::Viewer;
use crate::store::recordings as rows;
use channel::Channel;

/// The most parts that are masked in one export.
pub const MOST_MASKS: usize = 20;

/// What an export looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One HTML file.
    Html,
    /// A zip archive of pictures, with the steps as CSV and JSON.
    Zip,
}

/// How a recording is exported.
#[derive(Debug, Clone)]
pub struct Options {
    /// What it looks like.
    pub form: Form,
    /// Parts to paint over in every picture; at most [`MOST_MASKS`].
    pub masks: Vec<Rect>,
    /// Say "a digit" in place of each key that types one.
    pub hide_digits: bool,
}

/// An export under way.
#[derive(Debug)]
pub struct Export {
    /// A name of letters, digits, points and hyphens.
    pub file_name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its pieces; an error is the end, and the file is not whole then.
    pub pieces: mpsc::Receiver<io::Result<Bytes>>,
}

impl Recordings {
    /// Exports a recording, of one that runs what there is so far. The trail tells who did.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::TooManyExports`].
    pub async fn export(&self, viewer: &Viewer, id: RecordingId, options: Options) -> Result<Export, Error> {
        let shared = &self.shared;
        let recording = self.recording(viewer, id).await?;
        let turn = Arc::clone(&shared.exports)
            .try_acquire_owned()
            .map_err(|_| Error::TooManyExports)?;
        let steps = rows::steps(&shared.store, id).await?;
        let event = shared.event(
            viewer.actor(),
            action::RECORDING_EXPORTED,
            &recording,
            &in_words(&options),
        );
        let mut tx = shared.store.begin().await?;
        audit::record(&mut tx, &event).await?;
        tx.commit().await?;
        let (channel, pieces) = Channel::new(shared.tasks.stop_token());
        let (file_name, media_type) = names(&recording, options.form);
        let source = Source {
            recording,
            steps: if options.hide_digits {
                without_digits(steps)
            } else {
                steps
            },
            masks: options.masks,
            hide_digits: options.hide_digits,
            files: shared.files.clone(),
            now: shared.clock.now(),
        };
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            write(&source, options.form, channel);
        });
        Ok(Export {
            file_name,
            media_type,
            pieces,
        })
    }
}

/// What an export is made of.
struct Source {
    recording: Recording,
    steps: Vec<Step>,
    masks: Vec<Rect>,
    hide_digits: bool,
    files: Files,
    now: Timestamp,
}

impl Source {
    /// A picture as it may be given away; none when its file is gone.
    fn picture(&self, step: &Step) -> io::Result<Option<Picture>> {
        let picture = match self.files.read(self.recording.id, step) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            picture => picture?,
        };
        if self.masks.is_empty() {
            return Ok(Some(picture));
        }
        mask(&picture, &self.masks).map(Some).map_err(io::Error::other)
    }

    /// Milliseconds from the start.
    fn offset(&self, step: &Step) -> i64 {
        step.at - self.recording.started_at
    }
}

fn write(source: &Source, form: Form, channel: Channel) {
    let mut out = io::BufWriter::with_capacity(channel::PIECE, channel);
    let written = match form {
        Form::Html => html::write(source, &mut out),
        Form::Zip => archive::write(source, &mut out),
    };
    let written = written.and_then(|()| io::Write::flush(&mut out));
    let (channel, _) = out.into_parts();
    if let Err(error) = written {
        let id = source.recording.id;
        tracing::warn!(error = %error, "the export of recording {id} was not finished: {error}");
        channel.fail(error);
    }
}

/// Leaves of each digit only that it was one.
fn without_digits(mut steps: Vec<Step>) -> Vec<Step> {
    for step in steps.iter_mut().filter(|step| is_digit(&step.key)) {
        "a digit".clone_into(&mut step.label);
        "digit".clone_into(&mut step.key);
    }
    steps
}

fn in_words(options: &Options) -> String {
    let form = match options.form {
        Form::Html => "as HTML",
        Form::Zip => "as zip",
    };
    let masked = match options.masks.len() {
        0 => String::new(),
        1 => ", 1 region masked".to_owned(),
        count => format!(", {count} regions masked"),
    };
    let digits = if options.hide_digits { ", digits left out" } else { "" };
    format!("{form}{masked}{digits}")
}

/// The name of the file and its media type.
fn names(recording: &Recording, form: Form) -> (String, &'static str) {
    let phone = recording.phone_name.chars();
    let phone: String = phone
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    let at = moment(recording.started_at).strftime("%Y-%m-%d-%H%M");
    let (ending, media_type) = match form {
        Form::Html => ("html", "text/html; charset=utf-8"),
        Form::Zip => ("zip", "application/zip"),
    };
    (format!("recording-{}-{phone}-{at}.{ending}", recording.id), media_type)
}

fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}
