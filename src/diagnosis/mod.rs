//! Why a phone cannot be controlled, with the proof, and what mends it.
//!
//! A diagnosis asks CUCM and the phone once for everything ([`seen`]), lets every check look at it side by side
//! ([`checks`]), and makes one verdict of their findings ([`mod@verdict`]). Remedies change one thing, with a preview, an audit
//! line before and after, and a way back.

mod checks;
pub mod readiness;
mod record;
pub mod remedies;
pub mod report;
mod run;
mod seen;
mod verdict;
pub mod wizards;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use crate::audit::{self, Actor, Event, Outcome, action};
use crate::config;
use crate::domain::ids::{DiagnosisId, PhoneId};
use crate::domain::screen::{Picture, ScreenFormat};
use crate::inventory::{self, Subject};
use crate::lifecycle::Tasks;
use crate::security::{Diagnose, May, Viewer};
use crate::store::{self, diagnoses as rows};

pub use checks::{Progress, configuration_taken, examine};
pub use record::{Record, RecordState, Summary};
pub use seen::{Options, Tools};
pub use verdict::{Named, verdict};

/// Diagnoses that run at once over all phones.
pub const MOST_AT_ONCE: usize = 16;
/// Diagnoses of one phone that are kept.
pub const MOST_OF_ONE_PHONE: u32 = 20;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Why a diagnosis was not begun or shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such diagnosis, or not one this viewer may know of.
    #[error("there is no such diagnosis")]
    Unknown,
    /// Too many of all.
    #[error("{MOST_AT_ONCE} diagnoses run already; try again in a few seconds")]
    TooMany,
    /// The phone or its cluster.
    #[error(transparent)]
    Phone(#[from] inventory::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What diagnoses work with.
#[derive(Debug)]
pub struct Parts {
    /// Tracked tasks.
    pub tasks: Tasks,
    /// What checks ask with; also the database, the time of day and the phones.
    pub tools: Tools,
    /// How long diagnoses are kept.
    pub settings: config::Diagnosis,
}

/// All diagnoses. Cheap to clone; one for the process.
#[derive(Debug, Clone)]
pub struct Diagnoses {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    tasks: Tasks,
    tools: Tools,
    settings: config::Diagnosis,
    running: Mutex<HashMap<PhoneId, Running>>,
    /// Held while a diagnosis is begun, so that limits hold.
    starting: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone)]
struct Running {
    id: DiagnosisId,
    record: watch::Receiver<Arc<Record>>,
}

impl Diagnoses {
    /// None runs yet; [`Diagnoses::recover`] closes those of the last run.
    pub fn new(parts: Parts) -> Self {
        Self {
            shared: Arc::new(Shared {
                tasks: parts.tasks,
                tools: parts.tools,
                settings: parts.settings,
                running: Mutex::default(),
                starting: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Closes what the last run of the program left open; answers how many. To be called before the first is begun.
    pub async fn recover(&self) -> Result<u64, Error> {
        let shared = &self.shared;
        let open = rows::unfinished(&shared.tools.store).await?;
        for kept in &open {
            let now = shared.tools.clock.now_ms();
            let id = DiagnosisId(kept.id);
            let end = rows::End {
                finished_at: now,
                state: RecordState::Interrupted.as_str(),
                cause: "",
                certainty: "",
                report: &kept.report,
                picture: None,
            };
            let mut tx = shared.tools.store.begin().await?;
            rows::end(&mut tx, id, &end).await?;
            if let Some(record) = Record::of(kept) {
                let event = shared.event(&record, Actor::system());
                let event = event.detail(format!("diagnosis {id}: interrupted by a restart"));
                audit::record(&mut tx, &event.ended(Outcome::Failed, None)).await?;
            }
            tx.commit().await?;
        }
        self.sweep().await?;
        Ok(open.len() as u64)
    }

    /// Removes diagnoses that are older than they may become.
    pub async fn sweep(&self) -> Result<(), store::Error> {
        let shared = &self.shared;
        let days = shared.settings.keep_days;
        if days == 0 {
            return Ok(());
        }
        let oldest = shared.tools.clock.now_ms() - i64::try_from(days).unwrap_or(i64::MAX / DAY_MS) * DAY_MS;
        let mut tx = shared.tools.store.begin().await?;
        rows::remove_before(&mut tx, oldest).await?;
        tx.commit().await
    }

    /// Begins to examine a phone, or joins who does so already. It goes on, whatever its person does, and takes less than
    /// 10 s.
    ///
    /// # Errors
    /// [`inventory::Error::UnknownPhone`], [`Error::TooMany`]; nothing was begun then.
    pub async fn start(&self, may: &May<Diagnose>, phone: PhoneId) -> Result<DiagnosisId, Error> {
        Ok(self.begin(may, phone, Options::default()).await?.id)
    }

    /// Examines a phone, or joins who does so already, and waits for the verdict.
    ///
    /// # Errors
    /// As [`Diagnoses::start`].
    pub async fn run(&self, may: &May<Diagnose>, phone: PhoneId) -> Result<Arc<Record>, Error> {
        self.run_with(may, phone, Options::default()).await
    }

    /// The same, as thorough as is wished; one that is joined is as thorough as it was begun.
    ///
    /// # Errors
    /// As [`Diagnoses::start`].
    pub async fn run_with(&self, may: &May<Diagnose>, phone: PhoneId, options: Options) -> Result<Arc<Record>, Error> {
        let running = self.begin(may, phone, options).await?;
        self.ended(running).await
    }

    /// The same without waiting for the verdict.
    ///
    /// # Errors
    /// As [`Diagnoses::start`].
    pub async fn start_with(
        &self,
        may: &May<Diagnose>,
        phone: PhoneId,
        options: Options,
    ) -> Result<DiagnosisId, Error> {
        Ok(self.begin(may, phone, options).await?.id)
    }

    /// Examines a phone after something was changed: one that was begun before is not joined, but waited for. For acts
    /// whose own permission carries this one.
    ///
    /// # Errors
    /// As [`Diagnoses::start`].
    pub async fn run_for(&self, viewer: &Viewer, phone: PhoneId) -> Result<Arc<Record>, Error> {
        let before = self.shared.running().get(&phone).cloned();
        if let Some(before) = before {
            self.ended(before).await?;
        }
        let running = self.begin(viewer, phone, Options::default()).await?;
        self.ended(running).await
    }

    /// The same by the program itself, at its periodic work.
    ///
    /// # Errors
    /// As [`Diagnoses::start`].
    pub async fn run_as_system(&self, phone: PhoneId) -> Result<Arc<Record>, Error> {
        self.run_for(&Viewer::system(), phone).await
    }

    /// Follows a diagnosis under way: the channel holds it as it stands, its last value is over, and then it closes. None
    /// when it is over. Whether the viewer may know of it is for [`Diagnoses::record`] to say.
    pub fn follow(&self, id: DiagnosisId) -> Option<watch::Receiver<Arc<Record>>> {
        let running = self.shared.running();
        running.values().find(|one| one.id == id).map(|one| one.record.clone())
    }

    /// One diagnosis, as it stands.
    ///
    /// # Errors
    /// [`Error::Unknown`], also for one of a cluster the viewer may not know of.
    pub async fn record(&self, viewer: &Viewer, id: DiagnosisId) -> Result<Arc<Record>, Error> {
        let running = self.follow(id);
        let kept = rows::find(&self.shared.tools.store, id, viewer.clusters.as_ref()).await?;
        let kept = kept.ok_or(Error::Unknown)?;
        match running {
            Some(running) if !RecordState::of(&kept.state).is_over() => Ok(Arc::clone(&running.borrow())),
            _ => Record::of(&kept).map(Arc::new).ok_or(Error::Unknown),
        }
    }

    /// The newest diagnosis of a phone that ended with a verdict.
    ///
    /// # Errors
    /// [`inventory::Error::UnknownPhone`], also for one of a cluster the viewer may not know of.
    pub async fn newest(&self, viewer: &Viewer, phone: PhoneId) -> Result<Option<Arc<Record>>, Error> {
        self.shared.tools.inventory.require(viewer, phone).await?;
        match rows::newest(&self.shared.tools.store, phone).await? {
            Some(id) => self.record(viewer, id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Up to `limit` diagnoses of a phone, newest first.
    ///
    /// # Errors
    /// [`inventory::Error::UnknownPhone`], also for one of a cluster the viewer may not know of.
    pub async fn of_phone(&self, viewer: &Viewer, phone: PhoneId, limit: u32) -> Result<Vec<Summary>, Error> {
        self.shared.tools.inventory.require(viewer, phone).await?;
        let lines = rows::of_phone(&self.shared.tools.store, phone, limit).await?;
        Ok(lines.into_iter().map(Into::into).collect())
    }

    /// What the phone showed in a diagnosis.
    ///
    /// # Errors
    /// [`Error::Unknown`], also for one of a cluster the viewer may not know of.
    pub async fn picture(&self, viewer: &Viewer, id: DiagnosisId) -> Result<Option<Picture>, Error> {
        let store = &self.shared.tools.store;
        let kept = rows::find(store, id, viewer.clusters.as_ref()).await?;
        if kept.is_none() {
            return Err(Error::Unknown);
        }
        Ok(rows::picture(store, id).await?.map(|kept| Picture {
            bytes: Bytes::from(kept.bytes),
            format: if kept.format == "png" {
                ScreenFormat::Png
            } else {
                ScreenFormat::Jpeg
            },
            width: u32::try_from(kept.width).unwrap_or(0),
            height: u32::try_from(kept.height).unwrap_or(0),
        }))
    }

    async fn begin(&self, viewer: &Viewer, phone: PhoneId, options: Options) -> Result<Running, Error> {
        let shared = &self.shared;
        shared.tools.inventory.require(viewer, phone).await?;
        let _turn = shared.starting.lock().await;
        {
            let running = shared.running();
            if let Some(one) = running.get(&phone) {
                return Ok(one.clone());
            }
            if running.len() >= MOST_AT_ONCE {
                return Err(Error::TooMany);
            }
        }
        let subject = shared.tools.inventory.subject(phone).await?;
        let record = shared.open(viewer, &subject).await?;
        let id = record.id;
        let (sender, receiver) = watch::channel(Arc::new(record));
        let running = Running { id, record: receiver };
        shared.running().insert(phone, running.clone());
        let run = run::Run {
            shared: Arc::clone(shared),
            subject,
            options,
            actor: viewer.actor(),
            record: sender,
        };
        shared.tasks.spawn("diagnosis", run.finish());
        Ok(running)
    }

    /// Waits for the end of a diagnosis.
    async fn ended(&self, mut running: Running) -> Result<Arc<Record>, Error> {
        match running.record.wait_for(|record| record.state.is_over()).await {
            Ok(record) => Ok(Arc::clone(&record)),
            // Its task is gone without an end, which stops the program.
            Err(_) => Err(Error::Unknown),
        }
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, HashMap<PhoneId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the row with its line in the trail.
    async fn open(&self, viewer: &Viewer, subject: &Subject) -> Result<Record, Error> {
        let now = self.tools.clock.now_ms();
        let mut record = Record {
            id: DiagnosisId(0),
            phone: subject.phone.id,
            phone_name: subject.phone.name.clone(),
            model: subject.model.name.clone(),
            cluster: subject.cluster.id,
            cluster_name: subject.cluster.name.clone(),
            address: subject.phone.address,
            control_login: subject.control.username.clone(),
            cucm_version: None,
            by: viewer.name.clone(),
            started_at: now,
            finished_at: None,
            state: RecordState::Running,
            findings: Vec::new(),
            verdict: None,
            has_picture: false,
        };
        let report = run::as_json(&record);
        let new = rows::NewDiagnosis {
            phone: record.phone,
            cluster: record.cluster,
            by: &record.by,
            started_at: now,
            report: &report,
        };
        let mut tx = self.tools.store.begin().await?;
        record.id = rows::insert(&mut tx, &new).await?;
        let event = self.event(&record, viewer.actor()).ended(Outcome::Started, None);
        audit::record(&mut tx, &event).await?;
        tx.commit().await?;
        Ok(record)
    }

    /// A line of the trail about a diagnosis.
    fn event(&self, record: &Record, actor: Actor) -> Event {
        Event::new(self.tools.clock.now_ms(), actor, action::DIAGNOSIS)
            .phone(record.phone, record.phone_name.clone())
            .cluster(record.cluster, record.cluster_name.clone())
            .detail(format!("diagnosis {}", record.id))
    }
}
