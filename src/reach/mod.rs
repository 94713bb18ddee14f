//! Reaching people through their phones: texts, rings, announcements, backgrounds, ring tones.
//!
//! Every act on a phone passes through [`Control::act`]: the audit line stands before it is sent, and nothing is done
//! to a phone that somebody else drives. What a message says is never put into the trail. What phones must fetch lies
//! under a random address for minutes ([`Reach::media`]).

mod calls;
mod error;
mod limits;
mod media;
mod messages;
mod rings;
mod templates;
mod upkeep;

use std::net::SocketAddr;
use std::sync::Arc;

use crate::clock::Clock;
use crate::config;
use crate::control::Control;
use crate::inventory::Inventory;
use crate::lifecycle::Tasks;
use crate::phone::Phones;
use crate::screens::Screens;
use crate::security::Security;
use crate::store::Store;

pub use calls::Busy;
pub use error::ReachError;
pub use limits::{Limits, check_text, limits};
pub use media::Media;
pub use messages::Delivered;
pub use rings::{Rung, Vibration};
pub use templates::Template;

use media::Shelf;

#[derive(Debug)]
struct Shared {
    store: Store,
    clock: Clock,
    tasks: Tasks,
    inventory: Inventory,
    phones: Phones,
    control: Control,
    shelf: Shelf,
}

/// What reaching people works with.
#[derive(Debug)]
pub struct Parts {
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
    /// The settings.
    pub settings: config::Reach,
}

/// The one way to reach people. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reach {
    shared: Arc<Shared>,
}

impl Reach {
    /// Nothing is under way yet.
    pub fn new(parts: Parts) -> Self {
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
                control: parts.control,
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
