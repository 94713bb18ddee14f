//! One macro on one phone.
//!
//! A run takes its steps one by one ([`player`]). What the phone shows is read anew for each expectation ([`look`]); where
//! the phone does not tell, a remembered picture or a person stands in ([`sights`]). Keys go through `control`: same wheel,
//! same queue, a line in the trail for each ([`hands`]). A key that may or may not have been taken ends the run; nothing is
//! ever pressed twice. What was to be proved is proved by what phone and CUCM tell afterwards ([`prove`]).

mod act;
mod arguments;
mod back;
mod calls;
mod choose;
mod desk;
mod emergency;
mod ending;
mod error;
mod expect;
mod facts;
mod free;
mod hands;
mod harm;
mod identity;
mod job;
mod keeping;
mod look;
mod player;
mod prove;
mod registered;
mod registrar;
mod sights;
mod start;
mod types;
mod wanted;
mod words;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};

pub use arguments::resolve;
pub use error::PlayError;
pub use keeping::Sight;
pub use registered::RegisteredBefore;
pub use start::misfit;
pub use types::{
    Command, JobHooks, Order, PictureRef, Playing, Question, Reply, Report, RunLine, RunView, Shown, Skip, StepOutcome,
    StepRecord, Way,
};

use super::Library;
use crate::clock::Clock;
use crate::config;
use crate::control::Control;
use crate::domain::ids::{MacroRunId, PhoneId};
use crate::inventory::Inventory;
use crate::lifecycle::Tasks;
use crate::phone::{Phones, takes_keys_over_ssh};
use crate::screens::Screens;
use crate::security::Viewer;
use crate::store::{self, Store, macro_runs as rows};

/// Macros that people play at once; those of jobs have their own limits.
pub const MOST_AT_ONCE: usize = 64;

/// The most commands that a run has not heeded yet; a person gives few.
const MOST_UNHEEDED: usize = 16;

/// What macros are played with.
#[derive(Debug)]
pub struct Parts {
    /// Where runs and pictures are kept.
    pub store: Store,
    /// The time of day.
    pub clock: Clock,
    /// Tracked tasks.
    pub tasks: Tasks,
    /// Clusters and phones.
    pub inventory: Inventory,
    /// Conversations with phones.
    pub phones: Phones,
    /// Pictures.
    pub screens: Screens,
    /// Presses.
    pub control: Control,
    /// The macros.
    pub library: Library,
    /// How long runs are kept.
    pub settings: config::Macros,
}

/// Plays macros. Cheap to clone; one for the process.
#[derive(Debug, Clone)]
pub struct Macros {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    parts: Parts,
    running: Mutex<Running>,
    registrar: registrar::Registrar,
}

/// What is under way.
#[derive(Debug, Default)]
struct Running {
    runs: HashMap<MacroRunId, Live>,
    /// Phones that a macro is played on.
    phones: HashMap<PhoneId, Held>,
}

/// Who plays on a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// A job; nothing more is known of its run here.
    ByJob,
    /// A person, whose run is not written down yet.
    Beginning,
    /// A person.
    ByRun(MacroRunId),
}

#[derive(Debug)]
struct Live {
    view: watch::Receiver<Shown>,
    commands: mpsc::Sender<types::Told>,
}

/// The place of a run on its phone and among the runs under way, given back when dropped.
#[derive(Debug)]
struct Place {
    shared: Arc<Shared>,
    phone: PhoneId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut running = self.shared.running();
        if let Some(Held::ByRun(run)) = running.phones.remove(&self.phone) {
            running.runs.remove(&run);
        }
    }
}

impl Macros {
    /// Nothing is played yet; [`Macros::recover`] closes the runs of an earlier program.
    pub fn new(parts: Parts) -> Self {
        Self {
            shared: Arc::new(Shared {
                parts,
                running: Mutex::default(),
                registrar: registrar::Registrar::default(),
            }),
        }
    }

    /// The macros themselves.
    pub fn library(&self) -> &Library {
        &self.shared.parts.library
    }

    /// What is told before keys go over SSH to a phone: what cannot be done there, and what must be trusted.
    ///
    /// # Errors
    /// [`PlayError::Phone`].
    pub async fn ssh_limits(&self, viewer: &Viewer, phone: PhoneId) -> Result<Vec<String>, PlayError> {
        let parts = &self.shared.parts;
        let phone = parts.inventory.phone(viewer, phone).await?;
        let model = crate::domain::catalogue::find(phone.model_number, &phone.model);
        if !takes_keys_over_ssh(model) {
            return Ok(vec![format!(
                "A {} takes no keys over SSH: only 69xx, 78xx and 88xx do",
                model.name
            )]);
        }
        let mut limits = vec![
            "There is no picture and no text of the screen: somebody in front of the phone confirms each step"
                .to_owned(),
            "Whether the phone is in a call cannot be seen".to_owned(),
            "Texts, ring tones and addresses cannot be sent; only keys and numbers".to_owned(),
            "The phone's name is not read: its address in CUCM and its SSH host key say which phone it is".to_owned(),
            "What was done is proved afterwards by CUCM, and by the phone's web server if that comes back".to_owned(),
        ];
        if parts.inventory.ssh_login(phone.cluster_id).await?.is_none() {
            limits.insert(
                0,
                "The cluster has no SSH login yet: an admin types it on the cluster's page".to_owned(),
            );
        }
        if parts.inventory.host_key(phone.id).await?.is_none() {
            limits.push(
                "The phone's SSH host key is not known yet: you are asked whether it is to be trusted before the login is sent"
                    .to_owned(),
            );
        }
        Ok(limits)
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the one place on a phone, for a job or for a person, of whose runs there are [`MOST_AT_ONCE`].
    fn take_place(self: &Arc<Self>, phone: PhoneId, held: Held) -> Result<Place, PlayError> {
        let mut running = self.running();
        match running.phones.get(&phone) {
            Some(Held::ByRun(run)) => return Err(PlayError::Busy(Some(*run))),
            Some(Held::ByJob | Held::Beginning) => return Err(PlayError::Busy(None)),
            None => {}
        }
        let of_persons = running.phones.values().filter(|held| **held != Held::ByJob);
        if held != Held::ByJob && of_persons.count() >= MOST_AT_ONCE {
            return Err(PlayError::TooMany);
        }
        running.phones.insert(phone, held);
        Ok(Place {
            shared: Arc::clone(self),
            phone,
        })
    }

    /// Writes down that something is about to reach the phone.
    async fn touch(&self, id: MacroRunId) -> Result<(), store::Error> {
        let mut tx = self.parts.store.begin().await?;
        rows::touch(&mut tx, id).await?;
        tx.commit().await
    }
}

/// A run as it is kept.
fn as_json(view: &RunView) -> String {
    // Strings, numbers and lists of them: nothing in it can fail to be written.
    serde_json::to_string(view).unwrap_or_default()
}
