//! The folders of pictures. Every path is made of numbers: nothing that a person typed becomes part of one.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::domain::ids::RecordingId;
use crate::domain::screen::{Picture, ScreenFormat};
use crate::store::recordings::Step;

/// `recordings` of the data folder.
#[derive(Debug, Clone)]
pub(super) struct Files {
    root: PathBuf,
}

impl Files {
    /// The folder is made with the first recording.
    pub(super) fn new(data: &Path) -> Self {
        Self {
            root: data.join("recordings"),
        }
    }

    fn folder(&self, id: RecordingId) -> PathBuf {
        self.root.join(id.0.to_string())
    }

    fn file(&self, id: RecordingId, n: i64, format: &str) -> PathBuf {
        let ending = if format == "jpeg" { "jpg" } else { "png" };
        self.folder(id).join(format!("{n}.{ending}"))
    }

    /// Makes the folder of a new recording, readable by its owner alone.
    pub(super) async fn make(&self, id: RecordingId) -> io::Result<()> {
        let mut builder = tokio::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        builder.mode(0o700);
        builder.create(self.folder(id)).await
    }

    /// Writes a picture; its step is to be kept only once this is done.
    pub(super) async fn write(&self, id: RecordingId, step: &Step, bytes: &Bytes) -> io::Result<()> {
        tokio::fs::write(self.file(id, step.n, &step.format), bytes).await
    }

    /// Reads a picture. Waits for the disk: for a blocking thread.
    pub(super) fn read(&self, id: RecordingId, step: &Step) -> io::Result<Picture> {
        Ok(Picture {
            bytes: Bytes::from(std::fs::read(self.file(id, step.n, &step.format))?),
            format: format_of(&step.format),
            width: u32::try_from(step.width).unwrap_or(0),
            height: u32::try_from(step.height).unwrap_or(0),
        })
    }

    /// Whether the file of a picture is there as long as it was sent.
    pub(super) async fn is_whole(&self, id: RecordingId, step: &Step) -> bool {
        let found = tokio::fs::metadata(self.file(id, step.n, &step.format)).await;
        found.is_ok_and(|file| i64::try_from(file.len()) == Ok(step.bytes))
    }

    /// Removes the folder of a recording that has no row any more. What cannot be removed now is removed at the next start.
    pub(super) async fn remove(&self, id: RecordingId) {
        match tokio::fs::remove_dir_all(self.folder(id)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(error = %error, "the folder of recording {id} cannot be removed: {error}");
            }
            _ => {}
        }
    }

    /// Removes the folders of recordings that are not `known`; what else lies there is left alone.
    pub(super) async fn remove_others(&self, known: &BTreeSet<RecordingId>) -> io::Result<()> {
        let mut entries = match tokio::fs::read_dir(&self.root).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        while let Some(entry) = entries.next_entry().await? {
            let number = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if let Some(id) = number.map(RecordingId)
                && !known.contains(&id)
            {
                self.remove(id).await;
            }
        }
        Ok(())
    }
}

fn format_of(word: &str) -> ScreenFormat {
    match word {
        "jpeg" => ScreenFormat::Jpeg,
        _ => ScreenFormat::Png,
    }
}

/// The word of a format in the store.
pub(super) fn format_word(format: ScreenFormat) -> &'static str {
    match format {
        ScreenFormat::Png => "png",
        ScreenFormat::Jpeg => "jpeg",
    }
}
