//! Wizards: the ways through the usual troubles, a step a page.
//!
//! A kind is data: steps, each with why it is asked, what the software looks at for it, what the person does, and how it
//! ends ([`step`]). A run keeps answers and what was seen; where it stands follows from these alone ([`path`]), so that it
//! can be left and taken up by anybody who may diagnose and sees its cluster.

pub mod dhcp;
mod kind;
mod kinds;
mod known;
mod loads;
mod looks;
mod path;
mod readings;
mod runs;
mod snapshots;
mod step;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Diagnoses, Tools};
use crate::domain::ids::{PhoneId, WizardRunId};
use crate::inventory;
use crate::lifecycle::Tasks;
use crate::store;

pub use kind::{About, Kind};
pub use known::{Answer, ClusterKnown, Diagnosed, Known, Look, Named, PhoneKnown, Row, Seen};
pub use path::{Barred, Path, Place, Standing};
pub use runs::{Begin, Given, Line, Run, RunState};
pub use step::{End, Field, Part, Pick, Proof, Reading, Step};
pub use words::{Span, Words};

pub use crate::store::wizards::Note;

/// The most runs of the list.
pub const MOST_LISTED: i64 = 60;
/// The longest value of a field, in characters.
pub const LONGEST_VALUE: usize = 100;

/// Why a wizard did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such run, or not one this viewer may know of.
    #[error("there is no such wizard run")]
    Unknown,
    /// The kind has no such step.
    #[error("this wizard has no such step")]
    UnknownStep,
    /// The step comes later.
    #[error("this step comes later: first do “{0}”")]
    After(&'static str),
    /// The run does not need the step.
    #[error("this run does not need that step")]
    NotNeeded,
    /// What was chosen or typed does not fit; by field.
    #[error("something in the form does not fit")]
    Wrong(BTreeMap<&'static str, String>),
    /// The software sees that it is not done.
    #[error("this is not done yet: {0}")]
    NotDone(String),
    /// Only the person can say that it is done, and did not.
    #[error("tick that it is done first")]
    NotTicked,
    /// The step may not be left undone.
    #[error("nobody goes on without this step")]
    MayNotSkip,
    /// The run is over.
    #[error("this run is over; take it up again first")]
    Over,
    /// The wizard is about a phone, or about a cluster, and the other was given.
    #[error("this wizard needs {0}")]
    Needs(&'static str),
    /// The phone or its cluster.
    #[error(transparent)]
    Inventory(#[from] inventory::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<Barred> for Error {
    fn from(barred: Barred) -> Self {
        match barred {
            Barred::Unknown => Self::UnknownStep,
            Barred::After(title) => Self::After(title),
            Barred::NotNeeded => Self::NotNeeded,
        }
    }
}

/// What wizards work with.
#[derive(Debug)]
pub struct Parts {
    /// Tracked tasks.
    pub tasks: Tasks,
    /// What readings ask with; also the database, the time of day and the phones.
    pub tools: Tools,
    /// Diagnoses.
    pub diagnoses: Diagnoses,
}

/// All wizards. Cheap to clone; one for the process.
#[derive(Debug, Clone)]
pub struct Wizards {
    parts: Arc<Parts>,
}

impl Wizards {
    /// Nothing runs by itself: readings begin when somebody does something.
    pub fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    fn store(&self) -> &store::Store {
        &self.parts.tools.store
    }

    fn now_ms(&self) -> i64 {
        self.parts.tools.clock.now_ms()
    }
}

/// What a wizard is begun for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// One phone.
    Phone(PhoneId),
    /// A whole cluster.
    Cluster(crate::domain::ids::ClusterId),
}

/// A run that was begun, and the address of its first page.
pub fn page_of(run: WizardRunId, step: &str) -> String {
    format!("/wizards/runs/{run}/{step}")
}
