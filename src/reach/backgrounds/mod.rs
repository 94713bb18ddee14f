//! Background images: uploaded once, made in each size that phones take, and proved by a picture of the screen.

pub mod picture;
mod set;
mod sizes;

use bytes::Bytes;

use super::limits::check_name;
use super::templates::taken;
use super::{Reach, ReachError, Shared, limits};
use crate::audit::action;
use crate::domain::catalogue::Size;
use crate::domain::ids::BackgroundId;
use crate::security::{EditMacros, May, ReachPeople, Viewer};
use crate::store::reach::backgrounds as rows;

pub use picture::Crop;
pub use set::Proved;
pub use sizes::{Sizes, sizes};

/// A background that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Background {
    /// The row.
    pub id: BackgroundId,
    /// Its name.
    pub name: String,
    /// Its pixels as it was uploaded.
    pub size: Size,
    /// The part that matters; none: its middle.
    pub crop: Option<Crop>,
    /// Unix milliseconds.
    pub added_at: i64,
    /// By whom.
    pub added_by: String,
}

impl Reach {
    /// Keeps a PNG or JPEG of up to 8000x8000 pixels under a name.
    ///
    /// # Errors
    /// [`ReachError::Invalid`] (`name`, `picture`), [`ReachError::NameTaken`], [`ReachError::TooMany`],
    /// [`ReachError::File`], [`ReachError::Store`]; nothing was kept then.
    pub async fn add_background(
        &self,
        may: &May<EditMacros>,
        name: &str,
        bytes: Bytes,
        crop: Option<Crop>,
    ) -> Result<Background, ReachError> {
        let name = check_name(name)?;
        let most = limits().picture_bytes;
        if bytes.len() > most {
            let problem = format!(
                "the file has {} MB; {} MB is the most",
                bytes.len() / 1_000_000,
                most / 1_000_000
            );
            return Err(ReachError::invalid("picture", problem));
        }
        let shared = &self.shared;
        let looked_at = bytes.clone();
        let kind = {
            let _turn = shared.making.lock().await;
            blocking(move || picture::examine(&looked_at, crop)).await?
        };
        let mut tx = shared.store.begin().await?;
        let most = limits().kept;
        if usize::try_from(rows::count(&mut tx).await?).is_ok_and(|count| count >= most) {
            return Err(ReachError::TooMany(format!(
                "{most} backgrounds are kept already; remove one first"
            )));
        }
        let new = rows::New {
            name,
            format: kind.format,
            width: kind.size.width.into(),
            height: kind.size.height.into(),
            crop: crop.map(Crop::to_stored),
            at: shared.clock.now_ms(),
            by: &may.name,
        };
        let id = rows::insert(&mut tx, &new).await.map_err(taken)?;
        // A file without its row is removed at the next start; a row without its file could not be shown.
        shared.files.write_original(id, &bytes).await?;
        self.note(&mut tx, may, action::BACKGROUND_ADDED, name).await?;
        tx.commit().await?;
        self.background(may, id).await
    }

    /// All backgrounds by name.
    ///
    /// # Errors
    /// [`ReachError::Denied`], [`ReachError::Store`].
    pub async fn backgrounds(&self, viewer: &Viewer) -> Result<Vec<Background>, ReachError> {
        let _may: May<ReachPeople> = viewer.may()?;
        let rows = rows::all(&self.shared.store).await?;
        Ok(rows.into_iter().map(background).collect())
    }

    /// One background.
    ///
    /// # Errors
    /// [`ReachError::Unknown`], [`ReachError::Denied`], [`ReachError::Store`].
    pub async fn background(&self, viewer: &Viewer, id: BackgroundId) -> Result<Background, ReachError> {
        let _may: May<ReachPeople> = viewer.may()?;
        self.shared.background(id).await
    }

    /// A background as phones of a kind show it, as PNG; the kind is a [`Sizes::id`].
    ///
    /// # Errors
    /// [`ReachError::Unknown`] for either, [`ReachError::Denied`], [`ReachError::File`], [`ReachError::Store`].
    pub async fn preview(&self, viewer: &Viewer, id: BackgroundId, kind: &str) -> Result<Bytes, ReachError> {
        let _may: May<ReachPeople> = viewer.may()?;
        let sizes = Sizes::by_id(kind).ok_or(ReachError::Unknown("size"))?;
        let background = self.shared.background(id).await?;
        self.shared.made(&background, sizes.image, sizes.grey).await
    }

    /// Removes a background. Phones that have it keep it.
    ///
    /// # Errors
    /// [`ReachError::Unknown`], [`ReachError::Store`].
    pub async fn remove_background(&self, may: &May<EditMacros>, id: BackgroundId) -> Result<(), ReachError> {
        let mut tx = self.shared.store.begin().await?;
        let name = rows::remove(&mut tx, id).await?;
        let name = name.ok_or(ReachError::Unknown("background"))?;
        self.note(&mut tx, may, action::BACKGROUND_REMOVED, &name).await?;
        tx.commit().await?;
        self.shared.files.remove_background(id).await;
        Ok(())
    }
}

impl Shared {
    async fn background(&self, id: BackgroundId) -> Result<Background, ReachError> {
        let row = rows::find(&self.store, id).await?;
        Ok(background(row.ok_or(ReachError::Unknown("background"))?))
    }

    /// A background in one size: made once, then read from the disk.
    async fn made(&self, background: &Background, size: Size, grey: bool) -> Result<Bytes, ReachError> {
        let colours = if grey { "grey" } else { "colour" };
        let name = format!("{}x{}-{colours}.png", size.width, size.height);
        // One at a time, as when one is added: unpacked pictures are large, and most who ask want the same one.
        let _turn = self.making.lock().await;
        if let Some(made) = self.files.read_made(background.id, &name).await {
            return Ok(made);
        }
        let original = self.files.read_original(background.id).await?;
        let crop = background.crop;
        let made = blocking(move || picture::make(&original, crop, size, grey)).await?;
        if let Err(error) = self.files.write_made(background.id, &name, &made).await {
            tracing::warn!(error = %error, "a background cannot be kept in its size: {error}");
        }
        Ok(made)
    }
}

/// Runs work on a picture off the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, ReachError> {
    let worked = tokio::task::spawn_blocking(work).await;
    worked
        .unwrap_or_else(|_| Err("the picture cannot be read".to_owned()))
        .map_err(|problem| ReachError::invalid("picture", problem))
}

fn background(row: rows::Row) -> Background {
    let pixels = |side| u32::try_from(side).unwrap_or(0);
    Background {
        id: BackgroundId(row.id),
        name: row.name,
        size: Size {
            width: pixels(row.width),
            height: pixels(row.height),
        },
        crop: row.crop.as_deref().and_then(Crop::from_stored),
        added_at: row.added_at,
        added_by: row.added_by,
    }
}
