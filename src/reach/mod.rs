//! Reaching people through their phones: texts, rings, announcements, backgrounds, ring tones.
//!
//! Every act on a phone passes through [`Control::act`]: the audit line stands before it is sent, and nothing is done
//! to a phone that somebody else drives. What a message says is never put into the trail. What phones must fetch lies
//! under a random address for minutes ([`Reach::media`]).

pub mod announcements;
pub mod backgrounds;
mod calls;
mod error;
mod files;
mod limits;
mod media;
mod messages;
mod rings;
pub mod sounds;
mod templates;
mod upkeep;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use crate::clock::Clock;
use crate::config;
use crate::control::Control;
use crate::inventory::Inventory;
use crate::lifecycle::Tasks;
use crate::macros::Library;
use crate::phone::Phones;
use crate::screens::Screens;
use crate::security::Security;
use crate::store::Store;

pub use announcements::{Announcement, AnnouncementView, Ending, Hearing, HearingPhone, Mode};
pub use backgrounds::{Background, Crop, Proved, Sizes, sizes};
pub use calls::Busy;
pub use error::ReachError;
pub use limits::{Limits, check_text, limits};
pub use media::Media;
pub use messages::Delivered;
pub use rings::{Rung, Vibration};
pub use sounds::Sound;
pub use templates::Template;

use announcements::OnAir;
use files::Files;
use media::Shelf;

#[derive(Debug)]
struct Shared {
    store: Store,
    clock: Clock,
    tasks: Tasks,
    inventory: Inventory,
    phones: Phones,
    screens: Screens,
    control: Control,
    security: Security,
    library: Library,
    settings: config::Reach,
    on_air: OnAir,
    shelf: Shelf,
    files: Files,
    /// Held while a picture is made in a size.
    making: tokio::sync::Mutex<()>,
}

/// What reaching people works with.
#[derive(Debug)]
pub struct Parts<'a> {
    /// Rows.
    pub store: Store,
    /// The time of day.
    pub clock: Clock,
    /// Tracked tasks.
    pub tasks: Tasks,
    /// Phones.
    pub inventory: Inventory,
    /// Conversations with phones.
    pub phones: Phones,
    /// Pictures, for proofs.
    pub screens: Screens,
    /// Acts on phones.
    pub control: Control,
    /// Rights, while an announcement runs.
    pub security: Security,
    /// The list of tones.
    pub library: Library,
    /// The settings.
    pub settings: config::Reach,
    /// The data folder.
    pub data: &'a Path,
}

/// The one way to reach people. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reach {
    shared: Arc<Shared>,
}

impl Reach {
    /// Nothing is under way yet.
    pub fn new(parts: Parts<'_>) -> Self {
        Self {
            shared: Arc::new(Shared {
                shelf: Shelf::new(
                    parts.clock.clone(),
                    &parts.settings.base_url,
                    parts.settings.media_minutes,
                ),
                store: parts.store,
                clock: parts.clock,
                tasks: parts.tasks,
                inventory: parts.inventory,
                phones: parts.phones,
                screens: parts.screens,
                control: parts.control,
                security: parts.security,
                library: parts.library,
                settings: parts.settings,
                on_air: OnAir::default(),
                files: Files::new(parts.data),
                making: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// The server answers at this address: from now on phones can be told to fetch something from it.
    pub fn listening(&self, address: SocketAddr) {
        self.shared.shelf.listen(address);
    }

    /// What lies under a token that a phone was told, until its time is over. Whoever has the token may have it.
    pub fn media(&self, token: &str) -> Option<Media> {
        self.shared.shelf.take(token)
    }
}
