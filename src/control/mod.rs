//! Pressing keys: permission, wheel, queue, audit line, press, outcome.
//!
//! Keys for one phone stand in one queue and go out in order, one a request. Nothing here repeats a press. The queue's
//! worker is a task of its own, so that a browser that leaves cuts no press in half. At most one person drives a phone;
//! keys of others are not sent.

mod act;
mod drivers;
mod execute;
mod hold;
mod outcome;
mod queue;
mod record;
mod ssh;
mod wheel;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{broadcast, oneshot};

use crate::audit::action;
use crate::clock::Clock;
use crate::config;
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::{PhoneId, UserId};
use crate::domain::key::Key;
use crate::inventory::Inventory;
use crate::lifecycle::Tasks;
use crate::phone::{self, Phones};
use crate::screens::Screens;
use crate::security::{May, PressKeys, Security, Viewer};
use crate::store::Store;
use crate::telemetry;

pub use act::{Act, Heed};
use drivers::Drivers;
pub use drivers::{Asking, Attendance, Driver, Reason, Wheel};
pub use execute::ExecuteError;
pub use hold::Hold;
pub use outcome::{Outcome, is_in_doubt};
use outcome::{outcome_of, trouble_of};
use queue::{Batch, Queue};
use record::Record;
pub use ssh::SharedSession;
pub use wheel::WheelError;

/// The most keys of one request.
pub const MOST_KEYS: usize = 64;
/// The most keys that wait for one phone.
pub const MOST_WAITING: usize = 128;
/// Notices that one who listens may fall behind by before the oldest are lost to it.
const NOTICES: usize = 1024;

/// A key and what became of it.
#[derive(Debug, Clone)]
pub struct Pressed {
    /// The key.
    pub key: Key,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was not taken.
    pub trouble: Option<Trouble>,
    /// How long the phone took; zero when it was not asked.
    pub took: Duration,
}

/// Why keys were not even queued. Nothing was sent.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// An empty list.
    #[error("name at least one key")]
    NoKeys,
    /// Too many in one request.
    #[error("at most {MOST_KEYS} keys in one request")]
    TooManyKeys,
    /// Too many waiting for this phone.
    #[error("{MOST_WAITING} keys already wait for this phone")]
    QueueFull,
    /// The model has no such key.
    #[error("a {model} has no key {key}")]
    NoSuchKey {
        /// The key.
        key: Key,
        /// The model's name.
        model: String,
    },
    /// The key has no number over SSH.
    #[error("{0} cannot be pressed over SSH")]
    NoSshCode(Key),
    /// The phone cannot be controlled; known without asking it.
    #[error("{}", .0.cause.title())]
    Blocked(Trouble),
    /// Somebody else drives the phone.
    #[error("{}", .0.in_the_way())]
    Driven(Driver),
}

/// Where keys come from: one page, one program. Who pressed a key needs no [`Notice`] of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source(u64);

/// A key that somebody pressed, told to everybody who looks on.
#[derive(Debug, Clone)]
pub struct Notice {
    /// On which phone.
    pub phone: PhoneId,
    /// Who.
    pub user: UserId,
    /// Their name.
    pub by: String,
    /// Where it came from.
    pub source: Source,
    /// When it was sent.
    pub at: Timestamp,
    /// The key and what became of it.
    pub pressed: Pressed,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    clock: Clock,
    phones: Phones,
    inventory: Inventory,
    screens: Screens,
    security: Security,
    tasks: Tasks,
    drivers: Arc<Drivers>,
    sources: AtomicU64,
    queues: Mutex<HashMap<PhoneId, Queue>>,
    notices: broadcast::Sender<Notice>,
}

/// What control works with.
#[derive(Debug)]
pub struct Parts {
    /// For the audit trail.
    pub store: Store,
    /// The time of day.
    pub clock: Clock,
    /// Conversations with phones.
    pub phones: Phones,
    /// Which phones there are, and how they are reached.
    pub inventory: Inventory,
    /// Pictures that are expected to change.
    pub screens: Screens,
    /// Who may still drive.
    pub security: Security,
    /// Tracked tasks.
    pub tasks: Tasks,
    /// The settings.
    pub settings: config::Control,
}

/// The one way to press keys. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Control {
    shared: Arc<Shared>,
}

impl Control {
    /// Nothing waits yet, and nobody drives.
    pub fn new(parts: Parts) -> Self {
        let idle = Duration::from_secs(parts.settings.driver_idle_minutes * 60);
        Self {
            shared: Arc::new(Shared {
                drivers: Arc::new(Drivers::new(parts.clock.clone(), idle)),
                store: parts.store,
                clock: parts.clock,
                phones: parts.phones,
                inventory: parts.inventory,
                screens: parts.screens,
                security: parts.security,
                tasks: parts.tasks,
                sources: AtomicU64::new(0),
                queues: Mutex::default(),
                notices: broadcast::Sender::new(NOTICES),
            }),
        }
    }

    /// A place that keys come from, different from all others.
    pub fn source(&self) -> Source {
        Source(self.shared.sources.fetch_add(1, Ordering::Relaxed))
    }

    /// Presses keys that come from nowhere in particular; see [`Control::press_from`].
    pub async fn press(&self, may: &May<PressKeys>, phone: PhoneId, keys: Vec<Key>) -> Result<Pressing, Refusal> {
        self.press_from(self.source(), may, phone, keys).await
    }

    /// Puts keys into the phone's queue, in order, and returns what will become of them. Keys after the first that was
    /// not taken are not sent, and neither are those that the same viewer had queued behind it. The first key takes the
    /// wheel of a phone that nobody drives; when somebody else drives it, nothing is queued.
    pub async fn press_from(
        &self,
        source: Source,
        may: &May<PressKeys>,
        phone: PhoneId,
        keys: Vec<Key>,
    ) -> Result<Pressing, Refusal> {
        check_count(&keys)?;
        let target = self
            .shared
            .inventory
            .target(phone)
            .await
            .map_err(|error| Refusal::Blocked(error.into()))?;
        if let Some(key) = keys.iter().find(|key| !target.model.has(key)) {
            return Err(Refusal::NoSuchKey {
                key: key.clone(),
                model: target.model.name.clone(),
            });
        }
        self.shared
            .drivers
            .press(phone, may, Some(source))
            .map_err(Refusal::Driven)?;
        self.keep();
        self.enqueue(source, may, phone, keys, None)
    }

    /// Every key that is pressed from now on, on any phone, once its outcome is known.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.shared.notices.subscribe()
    }

    fn enqueue(
        &self,
        source: Source,
        viewer: &Viewer,
        phone: PhoneId,
        keys: Vec<Key>,
        session: Option<SharedSession>,
    ) -> Result<Pressing, Refusal> {
        let (reply, outcome) = oneshot::channel();
        let mut queues = self.shared.lock();
        let queue = queues.entry(phone).or_default();
        if queue.waiting_keys() + keys.len() > MOST_WAITING {
            return Err(Refusal::QueueFull);
        }
        let needs_worker = queue.push(Batch {
            viewer: viewer.clone(),
            source,
            session,
            keys: keys.clone(),
            reply,
        });
        drop(queues);
        if needs_worker {
            let shared = Arc::clone(&self.shared);
            self.shared
                .tasks
                .spawn("press queue", async move { work(&shared, phone).await });
        }
        Ok(Pressing { outcome, keys })
    }
}

fn check_count(keys: &[Key]) -> Result<(), Refusal> {
    if keys.is_empty() {
        return Err(Refusal::NoKeys);
    }
    if keys.len() > MOST_KEYS {
        return Err(Refusal::TooManyKeys);
    }
    Ok(())
}

/// Keys under way.
#[derive(Debug)]
pub struct Pressing {
    outcome: oneshot::Receiver<Vec<Pressed>>,
    keys: Vec<Key>,
}

impl Pressing {
    /// Waits for what became of each key. The keys go out whether or not anybody waits.
    pub async fn outcome(self) -> Vec<Pressed> {
        match self.outcome.await {
            Ok(pressed) => pressed,
            Err(_) => self.keys.into_iter().map(|key| not_sent(key, stopped())).collect(),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<PhoneId, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Empties a phone's queue, then ends; the next press starts another worker.
async fn work(shared: &Shared, phone: PhoneId) {
    let stop = shared.tasks.stop_token();
    loop {
        let batch = {
            let mut queues = shared.lock();
            let batch = queues.get_mut(&phone).and_then(Queue::pop);
            if batch.is_none() || stop.is_cancelled() {
                queues.remove(&phone);
                return;
            }
            batch
        };
        let Some(batch) = batch else { return };
        let pressed = press_in_order(shared, phone, &batch).await;
        let failed = pressed.iter().find(|pressed| pressed.outcome != Outcome::Sent);
        if let Some(trouble) = failed.and_then(|failed| failed.trouble.clone()) {
            // What a macro has waiting belongs to nobody else's keys.
            let of_macro = shared.drivers.gripped(phone).filter(|source| *source != batch.source);
            drop_waiting(shared, phone, &batch.viewer, &trouble, of_macro);
        }
        // Whoever asked may have left; the keys were sent all the same.
        let _ = batch.reply.send(pressed);
    }
}

async fn press_in_order(shared: &Shared, phone: PhoneId, batch: &Batch) -> Vec<Pressed> {
    let mut done: Vec<Pressed> = Vec::with_capacity(batch.keys.len());
    for key in &batch.keys {
        let failed = done.iter().find(|pressed| pressed.outcome != Outcome::Sent);
        let pressed = match failed.and_then(|failed| failed.trouble.clone()) {
            Some(trouble) => not_sent(key.clone(), trouble),
            None => press_one(shared, phone, batch, key).await,
        };
        done.push(pressed);
    }
    done
}

/// Answers the keys that a viewer has waiting for a phone, without sending them; those of one source may be left out.
fn drop_waiting(shared: &Shared, phone: PhoneId, viewer: &Viewer, trouble: &Trouble, but: Option<Source>) {
    let dropped = shared
        .lock()
        .get_mut(&phone)
        .map(|queue| queue.take_of(viewer, but))
        .unwrap_or_default();
    for batch in dropped {
        let pressed = batch
            .keys
            .into_iter()
            .map(|key| not_sent(key, trouble.clone()))
            .collect();
        let _ = batch.reply.send(pressed);
    }
}

/// The trouble of an act that the end of the program cut off.
fn stopped() -> Trouble {
    Trouble::new(
        Cause::PhoneNotAnswering,
        "the server stopped before the phone had answered",
    )
}

fn not_sent(key: Key, trouble: Trouble) -> Pressed {
    telemetry::count_press(Outcome::NotSent.as_str(), Some(trouble.cause));
    Pressed {
        key,
        outcome: Outcome::NotSent,
        trouble: Some(trouble),
        took: Duration::ZERO,
    }
}

async fn press_one(shared: &Shared, phone: PhoneId, batch: &Batch, key: &Key) -> Pressed {
    let (at, viewer) = (shared.clock.now(), &batch.viewer);
    // Rights may end, and the wheel may change hands, while keys wait.
    if !wheel::may_drive(shared, phone, viewer).await {
        return not_sent(key.clone(), wheel::no_longer(None));
    }
    if let Err(driver) = shared.drivers.sends(phone, viewer, Some(batch.source)) {
        return not_sent(key.clone(), wheel::no_longer(Some(&driver)));
    }
    let pressed = recorded_press(shared, phone, batch, key)
        .await
        .unwrap_or_else(|trouble| not_sent(key.clone(), trouble));
    if pressed.outcome != Outcome::NotSent {
        telemetry::count_press(
            pressed.outcome.as_str(),
            pressed.trouble.as_ref().map(|trouble| trouble.cause),
        );
        shared.screens.expect_change(phone);
    }
    let notice = Notice {
        phone,
        user: viewer.user,
        by: viewer.name.clone(),
        source: batch.source,
        at,
        pressed: pressed.clone(),
    };
    shared.drivers.tell(&notice);
    // Nobody may be listening.
    let _ = shared.notices.send(notice);
    pressed
}

/// A press between the two halves of its audit line. Without the first half nothing is sent.
async fn recorded_press(shared: &Shared, phone: PhoneId, batch: &Batch, key: &Key) -> Result<Pressed, Trouble> {
    let viewer = &batch.viewer;
    let target = shared.inventory.target(phone).await?;
    let act = if batch.session.is_some() {
        action::PRESS_OVER_SSH
    } else {
        action::PRESS
    };
    let record = Record::begin(shared, viewer, phone, act, key.as_str()).await?;
    let started = Instant::now();
    if let Err(driver) = shared.drivers.sends(phone, viewer, Some(batch.source)) {
        let trouble = wheel::no_longer(Some(&driver));
        record
            .end(shared, Outcome::NotSent, Some(&trouble), Duration::ZERO)
            .await;
        return Err(trouble);
    }
    let answer = match &batch.session {
        None => shared.phones.press(&target, key).await,
        Some(session) => session.lock().await.press(key).await,
    };
    let pressed = told(key.clone(), answer, started);
    record
        .end(shared, pressed.outcome, pressed.trouble.as_ref(), pressed.took)
        .await;
    Ok(pressed)
}

fn told(key: Key, answer: Result<Duration, phone::Error>, started: Instant) -> Pressed {
    match answer {
        Ok(took) => Pressed {
            key,
            outcome: Outcome::Sent,
            trouble: None,
            took,
        },
        Err(error) => Pressed {
            key,
            outcome: outcome_of(&error),
            trouble: Some(trouble_of(&error)),
            took: started.elapsed(),
        },
    }
}
