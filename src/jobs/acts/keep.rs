//! Pictures that a run keeps.

use sha2::{Digest as _, Sha256};

use super::{Doing, Picture};
use crate::domain::screen::{Screen, ScreenFormat};
use crate::store::{self, sights};

impl Doing<'_> {
    /// Keeps a picture as evidence; one of the same bytes is kept once.
    pub(super) async fn keep_picture(&self, name: &str, screen: &Screen) -> Result<Picture, store::Error> {
        let picture = &screen.picture;
        let hash: [u8; 32] = Sha256::digest(&picture.bytes).into();
        let new = sights::NewPicture {
            hash: &hash,
            bytes: &picture.bytes,
            format: match picture.format {
                ScreenFormat::Png => "png",
                ScreenFormat::Jpeg => "jpeg",
            },
            width: picture.width,
            height: picture.height,
            at: self.jobs.now_ms(),
        };
        let mut tx = self.jobs.parts().store.begin().await?;
        let evidence = sights::keep_picture(&mut tx, &new).await?;
        tx.commit().await?;
        Ok(Picture {
            name: name.to_owned(),
            evidence,
        })
    }
}
