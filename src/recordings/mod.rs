//! What a phone showed and which keys were pressed, kept to be looked at later.
//!
//! A recording is an [`Onlooker`] like any other, but one that everybody else is told of. Its pictures are files,
//! written before the row that names them, so that whatever ends the program leaves a recording that plays. Nothing here
//! presses a key, and a recording that cannot be written ends without touching anything else.

mod ending;
mod export;
mod files;
mod recorder;
mod steps;
mod upkeep;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::audit::{self, Action, Actor, Event, action};
use crate::clock::Clock;
use crate::config;
use crate::control::Control as Presses;
use crate::domain::catalogue::{self, Control};
use crate::domain::ids::{PhoneId, RecordingId, UserId};
use crate::domain::role::Role;
use crate::domain::screen::Picture;
use crate::inventory::{self, Inventory, Phone};
use crate::lifecycle::Tasks;
use crate::screens::{Onlooker, Screens};
use crate::security::{May, Security, SeePhones, Viewer};
use crate::store::{self, Store, recordings as rows};

pub use crate::store::recordings::{Filter, Recording, Step};
pub use ending::Ending;
pub use export::{Export, Form, MOST_MASKS, Options};
use files::Files;
use recorder::Recorder;
pub use steps::{clock_face, is_digit};

/// Recordings of one person that run at once.
pub const MOST_OF_ONE: usize = 4;
/// Recordings that run at once.
pub const MOST_AT_ONCE: usize = 16;
/// Exports that are made at once; each holds a thread.
const MOST_EXPORTS: usize = 4;
/// Somebody who opens a recording again within this time has viewed it once, in milliseconds.
const ONE_VIEW_MS: i64 = 15 * 60 * 1000;

/// Why a recording was not begun, shown, stopped or removed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// By the settings.
    #[error("recording is switched off on this server (recordings.enabled)")]
    Disabled,
    /// There is nothing to see.
    #[error("a {0} gives no picture of its screen, so there is nothing to record")]
    NoPictures(String),
    /// One recording of a phone is enough for one person.
    #[error("you record this phone already")]
    AlreadyRunning,
    /// Too many of theirs.
    #[error("you run {MOST_OF_ONE} recordings already; stop one first")]
    TooManyOfOne,
    /// Too many of all.
    #[error("{MOST_AT_ONCE} recordings run already; one must end first")]
    TooMany,
    /// Room for all is taken by recordings that run.
    #[error("there is no room left for recordings (recordings.total_mib)")]
    Full,
    /// The folder cannot be made.
    #[error("the recording cannot be kept: {0}")]
    Folder(std::io::Error),
    /// No such recording or picture, or not for this viewer.
    #[error("there is no such recording")]
    Unknown,
    /// Somebody else's.
    #[error("this is a recording of {0}; they or an admin can do that")]
    NotYours(String),
    /// It still runs.
    #[error("the recording still runs; stop it first")]
    Running,
    /// Too many exports under way.
    #[error("{MOST_EXPORTS} exports are being made already; try again in a minute")]
    TooManyExports,
    /// The phone.
    #[error(transparent)]
    Phone(#[from] inventory::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Some recordings.
#[derive(Debug, Clone)]
pub struct Page {
    /// Newest first.
    pub recordings: Vec<Recording>,
    /// How many there are in all.
    pub total: u64,
}

/// A recording under way.
#[derive(Debug, Clone)]
pub struct Running {
    /// Which.
    pub id: RecordingId,
    /// Of which phone.
    pub phone: PhoneId,
    /// By whom.
    pub user: UserId,
    /// Their name.
    pub user_name: String,
    /// Unix milliseconds.
    pub started_at: i64,
    stop: watch::Sender<Option<Actor>>,
    ended: CancellationToken,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    clock: Clock,
    tasks: Tasks,
    inventory: Inventory,
    security: Security,
    screens: Screens,
    presses: Presses,
    settings: config::Recordings,
    files: Files,
    running: Mutex<HashMap<RecordingId, Running>>,
    /// Held while a recording is begun, so that limits hold.
    starting: tokio::sync::Mutex<()>,
    exports: Arc<Semaphore>,
    viewed: Mutex<HashMap<(UserId, RecordingId), i64>>,
}

/// What recordings work with.
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
    /// Rights, while a recording runs.
    pub security: Security,
    /// Pictures.
    pub screens: Screens,
    /// Presses.
    pub presses: Presses,
    /// Limits.
    pub settings: config::Recordings,
    /// The data folder.
    pub data: &'a Path,
}

/// All recordings. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Recordings {
    shared: Arc<Shared>,
}

impl Recordings {
    /// None runs yet; [`Recordings::recover`] closes those of the last run.
    pub fn new(parts: Parts<'_>) -> Self {
        Self {
            shared: Arc::new(Shared {
                store: parts.store,
                clock: parts.clock,
                tasks: parts.tasks,
                inventory: parts.inventory,
                security: parts.security,
                screens: parts.screens,
                presses: parts.presses,
                settings: parts.settings,
                files: Files::new(parts.data),
                running: Mutex::default(),
                starting: tokio::sync::Mutex::default(),
                exports: Arc::new(Semaphore::new(MOST_EXPORTS)),
                viewed: Mutex::default(),
            }),
        }
    }

    /// The limits.
    pub fn settings(&self) -> &config::Recordings {
        &self.shared.settings
    }

    /// Begins to record a phone. It goes on, whatever its person does, until it is stopped or a limit is reached.
    ///
    /// # Errors
    /// Nothing was begun then.
    pub async fn start(&self, may: &May<SeePhones>, phone: PhoneId) -> Result<RecordingId, Error> {
        let shared = &self.shared;
        if !shared.settings.enabled {
            return Err(Error::Disabled);
        }
        let phone = shared.inventory.phone(may, phone).await?;
        let model = catalogue::find(phone.model_number, &phone.model);
        if model.family.control != Control::Full {
            return Err(Error::NoPictures(model.name.clone()));
        }
        let _turn = shared.starting.lock().await;
        shared.room_for_one_more(may, phone.id)?;
        if !shared.make_room(0).await? {
            return Err(Error::Full);
        }
        let started_at = shared.clock.now_ms();
        let id = shared.begin(may, &phone, started_at).await?;
        let (stop, stopped) = watch::channel(None);
        let running = Running {
            id,
            phone: phone.id,
            user: may.user,
            user_name: may.name.clone(),
            started_at,
            stop,
            ended: CancellationToken::new(),
        };
        let recorder = Recorder {
            running: running.clone(),
            viewer: Viewer::clone(may),
            model,
            // Both from here on, so that no key is missed that is pressed once this has returned.
            notices: shared.presses.notices(),
            look: shared.screens.look(phone.id, Onlooker::new(may).recording()),
            stopped,
            shared: Arc::clone(shared),
            steps: 0,
            bytes: 0,
            version: None,
            lost: false,
        };
        shared.running().insert(id, running);
        shared.tasks.spawn("recorder", recorder.run());
        Ok(id)
    }

    /// The recordings of a phone that run now, oldest first.
    pub fn of_phone(&self, phone: PhoneId) -> Vec<Running> {
        let mut found: Vec<Running> = self
            .shared
            .running()
            .values()
            .filter(|one| one.phone == phone)
            .cloned()
            .collect();
        found.sort_unstable_by_key(|one| one.id);
        found
    }

    /// Stops a recording, and returns once it is closed. One that has ended stays as it is.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::NotYours`].
    pub async fn stop(&self, viewer: &Viewer, id: RecordingId) -> Result<Recording, Error> {
        let recording = self.recording(viewer, id).await?;
        owned(viewer, &recording)?;
        let running = self.shared.running().get(&id).cloned();
        if let Some(running) = running {
            running.stop.send_replace(Some(viewer.actor()));
            running.ended.cancelled().await;
        }
        self.recording(viewer, id).await
    }

    /// Recordings of phones that the viewer may know of, newest first.
    pub async fn list(&self, viewer: &Viewer, filter: Filter, skip: u64, limit: u64) -> Result<Page, Error> {
        let filter = Filter {
            clusters: viewer.clusters.clone(),
            ..filter
        };
        let recordings = rows::page(&self.shared.store, &filter, signed(skip), signed(limit)).await?;
        let total = rows::count(&self.shared.store, &filter).await?;
        Ok(Page {
            recordings,
            total: total.unsigned_abs(),
        })
    }

    /// Those who recorded a phone that the viewer may know of.
    pub async fn people(&self, viewer: &Viewer) -> Result<Vec<(UserId, String)>, Error> {
        Ok(rows::people(&self.shared.store, viewer.clusters.as_ref()).await?)
    }

    /// One recording.
    ///
    /// # Errors
    /// [`Error::Unknown`], also for one of a cluster the viewer may not know of.
    pub async fn recording(&self, viewer: &Viewer, id: RecordingId) -> Result<Recording, Error> {
        let found = rows::find(&self.shared.store, id, viewer.clusters.as_ref()).await?;
        found.ok_or(Error::Unknown)
    }

    /// One recording with all its steps, to be looked at; the trail tells who looked.
    ///
    /// # Errors
    /// [`Error::Unknown`], also for one of a cluster the viewer may not know of.
    pub async fn view(&self, viewer: &Viewer, id: RecordingId) -> Result<(Recording, Vec<Step>), Error> {
        let recording = self.recording(viewer, id).await?;
        let steps = rows::steps(&self.shared.store, id).await?;
        if self.shared.is_new_view(viewer.user, id) {
            let event = self
                .shared
                .event(viewer.actor(), action::RECORDING_VIEWED, &recording, "");
            let mut tx = self.shared.store.begin().await?;
            audit::record(&mut tx, &event).await?;
            tx.commit().await?;
        }
        Ok((recording, steps))
    }

    /// One recording with its steps, without being looked at.
    ///
    /// # Errors
    /// [`Error::Unknown`], also for one of a cluster the viewer may not know of.
    pub async fn steps(&self, viewer: &Viewer, id: RecordingId) -> Result<(Recording, Vec<Step>), Error> {
        let recording = self.recording(viewer, id).await?;
        Ok((recording, rows::steps(&self.shared.store, id).await?))
    }

    /// A picture as it was recorded.
    ///
    /// # Errors
    /// [`Error::Unknown`], also for a step that is no picture and for a file that is gone.
    pub async fn picture(&self, viewer: &Viewer, id: RecordingId, n: i64) -> Result<Picture, Error> {
        self.recording(viewer, id).await?;
        let step = rows::step(&self.shared.store, id, n).await?;
        let step = step.filter(|step| step.kind == "picture").ok_or(Error::Unknown)?;
        let files = self.shared.files.clone();
        let read = tokio::task::spawn_blocking(move || files.read(id, &step)).await;
        match read {
            Ok(Ok(picture)) => Ok(picture),
            _ => Err(Error::Unknown),
        }
    }

    /// Removes a recording for good.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::NotYours`], [`Error::Running`].
    pub async fn delete(&self, viewer: &Viewer, id: RecordingId) -> Result<Recording, Error> {
        let recording = self.recording(viewer, id).await?;
        owned(viewer, &recording)?;
        if recording.ended_at.is_none() {
            return Err(Error::Running);
        }
        self.shared.remove(viewer.actor(), &recording, "").await?;
        Ok(recording)
    }
}

/// Whether the viewer may stop and remove a recording.
pub fn is_owner(viewer: &Viewer, recording: &Recording) -> bool {
    viewer.user == recording.user || viewer.role == Role::Admin
}

fn owned(viewer: &Viewer, recording: &Recording) -> Result<(), Error> {
    if is_owner(viewer, recording) {
        Ok(())
    } else {
        Err(Error::NotYours(recording.user_name.clone()))
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, HashMap<RecordingId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn room_for_one_more(&self, viewer: &Viewer, phone: PhoneId) -> Result<(), Error> {
        let running = self.running();
        let theirs = running.values().filter(|one| one.user == viewer.user);
        if theirs.clone().any(|one| one.phone == phone) {
            return Err(Error::AlreadyRunning);
        }
        if theirs.count() >= MOST_OF_ONE {
            return Err(Error::TooManyOfOne);
        }
        if running.len() >= MOST_AT_ONCE {
            return Err(Error::TooMany);
        }
        Ok(())
    }

    /// Writes the row, its audit line and its folder: all of them or none.
    async fn begin(&self, viewer: &Viewer, phone: &Phone, now: i64) -> Result<RecordingId, Error> {
        let cluster = self.inventory.cluster(viewer, phone.cluster_id).await?;
        let about = if phone.owner.is_empty() {
            &phone.description
        } else {
            &phone.owner
        };
        let new = rows::NewRecording {
            phone: phone.id,
            phone_name: phone.name.clone(),
            phone_about: about.clone(),
            cluster: cluster.id,
            cluster_name: cluster.name.clone(),
            user: viewer.user,
            user_name: viewer.name.clone(),
            started_at: now,
        };
        let mut tx = self.store.begin().await?;
        let id = rows::insert(&mut tx, &new).await?;
        let event = Event::new(now, viewer.actor(), action::RECORDING_STARTED)
            .phone(phone.id, phone.name.clone())
            .cluster(cluster.id, cluster.name);
        audit::record(&mut tx, &event).await?;
        self.files.make(id).await.map_err(Error::Folder)?;
        if let Err(error) = tx.commit().await {
            self.files.remove(id).await;
            return Err(error.into());
        }
        Ok(id)
    }

    /// A line of the trail about a recording, with more words where there are some.
    fn event(&self, actor: Actor, what: Action, recording: &Recording, more: &str) -> Event {
        let ended = recording.ended_at.unwrap_or_else(|| self.clock.now_ms());
        let length = clock_face(ended - recording.started_at);
        let (pictures, presses) = (recording.pictures, recording.presses);
        Event::new(self.clock.now_ms(), actor, what)
            .phone(recording.phone, recording.phone_name.clone())
            .cluster(recording.cluster, recording.cluster_name.clone())
            .detail(format!(
                "by {}, {length}, {pictures} pictures, {presses} presses{}{more}",
                recording.user_name,
                if more.is_empty() { "" } else { "; " },
            ))
    }

    /// Whether this view is worth a line of the trail.
    fn is_new_view(&self, user: UserId, id: RecordingId) -> bool {
        let now = self.clock.now_ms();
        let mut viewed = self.viewed.lock().unwrap_or_else(PoisonError::into_inner);
        viewed.retain(|_, at| now - *at < ONE_VIEW_MS);
        let before = viewed.insert((user, id), now);
        if let Some(at) = before {
            viewed.insert((user, id), at);
        }
        before.is_none()
    }
}
