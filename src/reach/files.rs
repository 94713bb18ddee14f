//! The files of sounds and pictures, in `reach` of the data folder. Every path is made of numbers: nothing that a person
//! typed becomes part of one.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::domain::ids::{BackgroundId, SoundId};

/// `reach` of the data folder. It is made with the first file.
#[derive(Debug, Clone)]
pub(super) struct Files {
    sounds: PathBuf,
    backgrounds: PathBuf,
}

impl Files {
    pub(super) fn new(data: &Path) -> Self {
        let root = data.join("reach");
        Self {
            sounds: root.join("sounds"),
            backgrounds: root.join("backgrounds"),
        }
    }

    fn sound(&self, id: SoundId) -> PathBuf {
        self.sounds.join(format!("{}.ulaw", id.0))
    }

    fn background(&self, id: BackgroundId) -> PathBuf {
        self.backgrounds.join(id.0.to_string())
    }

    pub(super) async fn write_sound(&self, id: SoundId, samples: &[u8]) -> io::Result<()> {
        make(&self.sounds).await?;
        tokio::fs::write(self.sound(id), samples).await
    }

    pub(super) async fn read_sound(&self, id: SoundId) -> io::Result<Bytes> {
        tokio::fs::read(self.sound(id)).await.map(Bytes::from)
    }

    pub(super) async fn write_original(&self, id: BackgroundId, picture: &[u8]) -> io::Result<()> {
        make(&self.background(id)).await?;
        tokio::fs::write(self.background(id).join("original"), picture).await
    }

    pub(super) async fn read_original(&self, id: BackgroundId) -> io::Result<Bytes> {
        let file = self.background(id).join("original");
        tokio::fs::read(file).await.map(Bytes::from)
    }

    /// A picture that was made of an original; none when it was not made yet.
    pub(super) async fn read_made(&self, id: BackgroundId, name: &str) -> Option<Bytes> {
        let file = self.background(id).join(name);
        tokio::fs::read(file).await.ok().map(Bytes::from)
    }

    /// Keeps what was made of an original. It appears whole or not at all.
    pub(super) async fn write_made(&self, id: BackgroundId, name: &str, picture: &[u8]) -> io::Result<()> {
        let folder = self.background(id);
        let mut random = [0_u8; 8];
        getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
        let draft = folder.join(format!("{name}.{:016x}", u64::from_ne_bytes(random)));
        tokio::fs::write(&draft, picture).await?;
        tokio::fs::rename(draft, folder.join(name)).await
    }

    /// Removes what belongs to no row any more. What cannot be removed now is removed at the next start.
    pub(super) async fn remove_sound(&self, id: SoundId) {
        note(tokio::fs::remove_file(self.sound(id)).await);
    }

    pub(super) async fn remove_background(&self, id: BackgroundId) {
        note(tokio::fs::remove_dir_all(self.background(id)).await);
    }

    /// Removes files of rows that are not there; what else lies there is left alone.
    pub(super) async fn remove_others(&self, sounds: &BTreeSet<i64>, backgrounds: &BTreeSet<i64>) -> io::Result<()> {
        for id in numbers(&self.sounds).await? {
            if !sounds.contains(&id) {
                self.remove_sound(SoundId(id)).await;
            }
        }
        for id in numbers(&self.backgrounds).await? {
            if !backgrounds.contains(&id) {
                self.remove_background(BackgroundId(id)).await;
            }
        }
        Ok(())
    }
}

/// Makes a folder that only its owner may read.
async fn make(folder: &Path) -> io::Result<()> {
    let mut builder = tokio::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(folder).await
}

/// The numbers that files and folders here are named by.
async fn numbers(folder: &Path) -> io::Result<Vec<i64>> {
    let mut entries = match tokio::fs::read_dir(folder).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        let name = entry.file_name();
        let stem = name.to_str().map(|name| name.trim_end_matches(".ulaw"));
        found.extend(stem.and_then(|stem| stem.parse::<i64>().ok()));
    }
    Ok(found)
}

fn note(removed: io::Result<()>) {
    if let Err(error) = removed
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(error = %error, "a file of a sound or a picture cannot be removed: {error}");
    }
}
