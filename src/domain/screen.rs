//! Pictures of a phone's display.

use bytes::Bytes;
use jiff::Timestamp;

/// The form of a picture that browsers are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScreenFormat {
    /// `image/png`: converted by us, or as the phone sent it.
    Png,
    /// `image/jpeg`, as the phone sent it.
    Jpeg,
}

impl ScreenFormat {
    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// A picture as browsers are given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The encoded picture.
    pub bytes: Bytes,
    /// Its form.
    pub format: ScreenFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// The latest picture of a phone's display. The version grows with each picture that differs from the
/// last, also from one watch of the phone to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// The picture.
    pub picture: Picture,
    /// Only to be compared: a larger one is newer.
    pub version: u64,
    /// When the phone had sent it whole.
    pub captured_at: Timestamp,
}
