//! The readiness of the fleet: a gentle pass that looks at every phone now and then, and what it adds up to.

mod danger;
mod look;
mod overview;
mod pass;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::config;
use crate::domain::ids::ClusterId;
use crate::inventory::{self, Inventory};
use crate::lifecycle::Tasks;
use crate::phone::Phones;
use crate::screens::Screens;
use crate::store::{self, Store};

pub use crate::store::readiness::Listed;
pub use danger::{Danger, DangerKind};
pub use overview::{Group, Overview, Scope, TrendDay};
pub use pass::Visit;

/// Looks under way at once: a silent phone takes its time, and the others need not wait for it.
const AT_ONCE: usize = 4;

/// Why the overview cannot be given, or the pass cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The inventory failed, or what it asked.
    #[error(transparent)]
    Inventory(#[from] inventory::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What the pass works with.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The time of day.
    pub clock: Clock,
    /// Tracked tasks.
    pub tasks: Tasks,
    /// Clusters and phones.
    pub inventory: Inventory,
    /// Live pictures, with their budget.
    pub screens: Screens,
    /// Conversations with phones.
    pub phones: Phones,
    /// `[readiness]`.
    pub settings: config::Readiness,
}

/// The readiness of all phones. Cheap to clone; one for the process.
#[derive(Debug, Clone)]
pub struct Readiness {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    parts: Parts,
    rounds: Mutex<HashMap<ClusterId, pass::Round>>,
    looks: Arc<Semaphore>,
}

impl Readiness {
    /// Nothing runs yet; see [`Readiness::start`].
    pub fn new(parts: Parts) -> Self {
        Self {
            inner: Arc::new(Inner {
                parts,
                rounds: Mutex::default(),
                looks: Arc::new(Semaphore::new(AT_ONCE)),
            }),
        }
    }

    fn parts(&self) -> &Parts {
        &self.inner.parts
    }

    fn now_ms(&self) -> i64 {
        self.inner.parts.clock.now_ms()
    }
}
