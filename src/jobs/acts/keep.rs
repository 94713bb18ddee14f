//! Pictures that a run keeps.

use super::{Doing, Picture};
use crate::domain::screen::Screen;
use crate::store;

impl Doing<'_> {
    /// Keeps a picture as evidence.
    #[expect(
        clippy::unused_async,
        reason = "pictures are kept by the player of macros, which is not there yet"
    )]
    pub(super) async fn keep_picture(&self, _name: &str, _screen: &Screen) -> Result<Option<Picture>, store::Error> {
        Ok(None)
    }
}
