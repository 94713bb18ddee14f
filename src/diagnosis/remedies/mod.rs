//! What mends a phone: previewed, written down before and after, verified, and taken back where that is possible.
//!
//! A remedy of one click is planned from what CUCM and the phone say now ([`plan`]), compared with what its preview
//! showed, written into the audit trail and the table of runs with everything that undo needs, and only then carried out
//! ([`act`]). One writer a cluster: the lock is held from the reading to the reading back. A guided one, or any one where
//! the CUCM login may only read, is a list of steps ([`guides`]).

mod act;
mod apply;
mod association;
mod error;
mod follow;
mod guides;
mod id;
mod kept;
mod offers;
mod plan;
mod plans;
mod push;
mod runs;
mod types;
mod undo;
mod upkeep;
mod urls;
mod vendor;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use super::Diagnoses;
use crate::clock::Clock;
use crate::control::Control;
use crate::domain::ids::{ClusterId, PhoneId, RemedyRunId};
use crate::inventory::{Inventory, Subject};
use crate::lifecycle::Tasks;
use crate::phone::Phones;
use crate::screens::Screens;
use crate::security::{Needs, Viewer};
use crate::store::Store;

pub use error::RemedyError;
pub use id::{RemedyId, UnknownRemedy};
pub use types::{Applied, Apply, Change, Guide, GuideStep, Input, Offer, Preview, Run, RunState};
pub use upkeep::SWEEP_EVERY;

/// For how long it is believed that a CUCM login may only read, in milliseconds; somebody may give it the role.
const READ_ONLY_FOR_MS: i64 = 10 * 60_000;

/// How long somebody waits for another one who writes to the same cluster.
const TURN: Duration = Duration::from_secs(10);

/// What remedies work with.
#[derive(Debug)]
pub struct Parts {
    /// Runs, and the audit trail.
    pub store: Store,
    /// The time of day.
    pub clock: Clock,
    /// Tracked tasks.
    pub tasks: Tasks,
    /// Clusters and phones.
    pub inventory: Inventory,
    /// Conversations with phones.
    pub phones: Phones,
    /// Who looks at a phone.
    pub screens: Screens,
    /// Who drives a phone.
    pub control: Control,
    /// The diagnosis that tells whether it helped.
    pub diagnoses: Diagnoses,
}

/// The remedies. Cheap to clone; one for the process.
#[derive(Debug, Clone)]
pub struct Remedies {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    parts: Parts,
    /// Who writes to a cluster; one at a time.
    writers: Mutex<HashMap<ClusterId, Arc<tokio::sync::Mutex<()>>>>,
    /// Since when a CUCM login is known to only read, by cluster and user name, in unix milliseconds.
    read_only: Mutex<HashMap<(ClusterId, String), i64>>,
    /// Clusters whose AXL lets no single row be written, as it said last.
    whole_lists: Mutex<HashSet<ClusterId>>,
    /// Visits that could not be taken back: how often, and when to try again, in unix milliseconds.
    put_off: Mutex<HashMap<RemedyRunId, (usize, i64)>>,
    /// The diagnoses after a run, as they come.
    following: Mutex<HashMap<RemedyRunId, follow::Following>>,
}

/// One phone, and who wants it mended.
#[derive(Debug)]
struct Case {
    viewer: Viewer,
    subject: Subject,
}

impl Remedies {
    /// Nothing is under way yet.
    pub fn new(parts: Parts) -> Self {
        Self {
            shared: Arc::new(Shared {
                parts,
                writers: Mutex::default(),
                read_only: Mutex::default(),
                whole_lists: Mutex::default(),
                put_off: Mutex::default(),
                following: Mutex::default(),
            }),
        }
    }

    /// What a remedy would do now, exactly.
    ///
    /// # Errors
    /// [`RemedyError::Denied`], [`RemedyError::UnknownPhone`], [`RemedyError::Guided`] with the guide,
    /// [`RemedyError::NotPossible`], [`RemedyError::Invalid`].
    pub async fn preview(
        &self,
        viewer: &Viewer,
        phone: PhoneId,
        id: RemedyId,
        input: Option<&str>,
    ) -> Result<Preview, RemedyError> {
        id.allow(viewer)?;
        let case = self.shared.case(viewer, phone).await?;
        let given = Apply {
            input: input.map(str::to_owned),
            ..Apply::default()
        };
        plan::in_time(self.shared.guided(&case, id)).await?;
        let plan = self.shared.plan(&case, id, &given).await?;
        Ok(plan.preview(id, &case.subject))
    }

    /// How a person does it: a guided remedy, or the guided form of one that is a click elsewhere.
    ///
    /// # Errors
    /// [`RemedyError::Denied`], [`RemedyError::UnknownPhone`].
    pub async fn guide(&self, viewer: &Viewer, phone: PhoneId, id: RemedyId) -> Result<Guide, RemedyError> {
        viewer.may::<crate::security::Diagnose>()?;
        let case = self.shared.case(viewer, phone).await?;
        Ok(self.shared.guide_of(&case, id).await)
    }
}

impl RemedyId {
    /// Whether this viewer may apply it.
    ///
    /// # Errors
    /// [`RemedyError::Denied`] with the role that it needs.
    fn allow(self, viewer: &Viewer) -> Result<(), RemedyError> {
        use crate::domain::role::Permission;
        use crate::security::{Diagnose, ManageClusters, MendPhones, PressKeys};
        fn holds<P: Needs>(viewer: &Viewer) -> Result<(), RemedyError> {
            viewer.may::<P>()?;
            Ok(())
        }
        match self.needs() {
            Permission::PressKeys => holds::<PressKeys>(viewer),
            Permission::Diagnose => holds::<Diagnose>(viewer),
            Permission::ManageClusters => holds::<ManageClusters>(viewer),
            _ => holds::<MendPhones>(viewer),
        }
    }
}

impl Shared {
    async fn case(&self, viewer: &Viewer, phone: PhoneId) -> Result<Case, RemedyError> {
        self.parts.inventory.require(viewer, phone).await?;
        Ok(Case {
            viewer: viewer.clone(),
            subject: self.parts.inventory.subject(phone).await?,
        })
    }

    /// The turn to write to a cluster; [`RemedyError::Busy`] when it does not come in time.
    async fn turn(&self, cluster: ClusterId) -> Result<OwnedMutexGuard<()>, RemedyError> {
        let writer = Arc::clone(held(&self.writers).entry(cluster).or_default());
        let turn = tokio::time::timeout(TURN, writer.lock_owned()).await;
        turn.map_err(|_| RemedyError::Busy)
    }

    /// Whether a user's controlled devices can only be written as a whole, as far as it is known.
    fn writes_whole_lists(&self, cluster: ClusterId, user: &str) -> bool {
        !crate::cucm::Cucm::takes_user(user) || held(&self.whole_lists).contains(&cluster)
    }

    /// Remembers how a cluster let a controlled device be written.
    fn note_way(&self, cluster: ClusterId, way: association::Way) {
        let mut known = held(&self.whole_lists);
        match way {
            association::Way::Row => known.remove(&cluster),
            association::Way::WholeList => known.insert(cluster),
        };
    }

    /// Whether the CUCM login of a cluster is known to only read.
    fn reads_only(&self, subject: &Subject) -> bool {
        let key = (subject.cluster.id, subject.cluster.login_username.clone());
        let now = self.parts.clock.now_ms();
        held(&self.read_only)
            .get(&key)
            .is_some_and(|since| now - since < READ_ONLY_FOR_MS)
    }

    /// Remembers that it does.
    fn note_read_only(&self, subject: &Subject) {
        let key = (subject.cluster.id, subject.cluster.login_username.clone());
        held(&self.read_only).insert(key, self.parts.clock.now_ms());
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
