//! Long work: queue, runner, progress, cancellation.
//!
//! A job is a row; while it runs, its progress is a `watch` channel that pages follow, and the row is brought up to date
//! now and then. A program that ends in the middle leaves rows that are not over: [`Jobs::recover`] closes them at the
//! next start. One sync of a cluster runs at a time; asking again answers the one that runs.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::audit::{self, Event, Outcome, action};
use crate::clock::Clock;
use crate::domain::ids::{ClusterId, JobId};
use crate::domain::job::JobState;
use crate::inventory::{self, Inventory, Progress, SyncEnd};
use crate::lifecycle::Tasks;
use crate::security::{ManageClusters, May, Viewer};
use crate::store::{self, Store, jobs};

pub use crate::store::jobs::Job;

/// A running job's row is written at most this often.
const SAVE_EVERY: Duration = Duration::from_millis(250);
/// The most jobs of one page.
pub const MAX_LIMIT: u32 = 500;
/// What a job says that was running when the program ended.
const INTERRUPTED: &str = "interrupted by a restart";

/// Why a job was not started, found or cancelled.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such job, or not one this viewer may know of.
    #[error("there is no such job")]
    UnknownJob,
    /// Nothing is left to cancel.
    #[error("this job is over already")]
    Over,
    /// The cluster.
    #[error(transparent)]
    Inventory(#[from] inventory::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// A job that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The job.
    pub job: Job,
    /// Whether it was under way already.
    pub was_running: bool,
}

/// Jobs, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// For the next page; none after the last job.
    pub next: Option<JobId>,
    /// How many jobs there are in all; for a limited viewer, how many are on this page.
    pub total: u64,
}

/// The runner. Cheap to clone; one for the process.
#[derive(Debug, Clone)]
pub struct Jobs {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    inventory: Inventory,
    clock: Clock,
    tasks: Tasks,
    running: Mutex<HashMap<JobId, Running>>,
}

#[derive(Debug, Clone)]
struct Running {
    job: watch::Receiver<Job>,
    cancel: CancellationToken,
}

impl Jobs {
    /// The jobs of a store. Call [`Jobs::recover`] once before the first is started.
    pub fn new(store: Store, inventory: Inventory, clock: Clock, tasks: Tasks) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                inventory,
                clock,
                tasks,
                running: Mutex::default(),
            }),
        }
    }

    /// Closes the jobs that an earlier program left in the middle; answers how many.
    pub async fn recover(&self) -> Result<u64, Error> {
        let mut tx = self.inner.store.begin().await?;
        let closed = jobs::fail_unfinished(&mut tx, INTERRUPTED, self.inner.clock.now_ms()).await?;
        tx.commit().await?;
        Ok(closed)
    }

    /// Starts a sync of a cluster, or answers the one under way.
    ///
    /// # Errors
    /// [`inventory::Error::UnknownCluster`].
    pub async fn start_sync(&self, may: &May<ManageClusters>, cluster: ClusterId) -> Result<Started, Error> {
        let name = self.inner.inventory.cluster(may, cluster).await?.name;
        let now = self.inner.clock.now_ms();
        let mut tx = self.inner.store.begin().await?;
        let id = match jobs::insert(&mut tx, jobs::SYNC, Some(cluster), &may.name, now).await {
            Ok(id) => id,
            Err(store::Error::Duplicate(_)) => {
                drop(tx);
                return self.running_sync(cluster).await;
            }
            Err(error) => return Err(error.into()),
        };
        let event = Event::new(now, may.actor(), action::SYNC_STARTED).cluster(cluster, name.clone());
        audit::record(&mut tx, &event).await?;
        tx.commit().await?;
        let mut job = jobs::by_id(&self.inner.store, id).await?.ok_or(Error::UnknownJob)?;
        job.state = JobState::Running;
        job.started_at = Some(now);
        self.run(&job, cluster, (**may).clone(), name);
        Ok(Started {
            job,
            was_running: false,
        })
    }

    async fn running_sync(&self, cluster: ClusterId) -> Result<Started, Error> {
        let job = jobs::newest_sync(&self.inner.store, cluster).await?;
        let job = job.ok_or(Error::UnknownJob)?;
        Ok(Started {
            job: self.current(job),
            was_running: true,
        })
    }

    /// One job as it stands now.
    ///
    /// # Errors
    /// [`Error::UnknownJob`], also for a job on a cluster the viewer may not know of.
    pub async fn job(&self, viewer: &Viewer, id: JobId) -> Result<Job, Error> {
        let job = jobs::by_id(&self.inner.store, id).await?;
        job.filter(|job| sees(viewer, job))
            .map(|job| self.current(job))
            .ok_or(Error::UnknownJob)
    }

    /// Jobs, newest first; `before` is the `next` of an earlier page.
    pub async fn list(&self, viewer: &Viewer, before: Option<JobId>, limit: u32) -> Result<Page, Error> {
        let limit = limit.clamp(1, MAX_LIMIT);
        let mut rows = jobs::newest(&self.inner.store, before, limit + 1).await?;
        let more = rows.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = rows.last().filter(|_| more).map(|job| job.id);
        let jobs: Vec<Job> = rows
            .into_iter()
            .filter(|job| sees(viewer, job))
            .map(|job| self.current(job))
            .collect();
        let total = if viewer.clusters.is_none() {
            jobs::count(&self.inner.store).await?
        } else {
            jobs.len() as u64
        };
        Ok(Page { jobs, next, total })
    }

    /// The newest sync of a cluster, under way or over.
    pub async fn newest_sync(&self, viewer: &Viewer, cluster: ClusterId) -> Result<Option<Job>, Error> {
        if !viewer.sees(cluster) {
            return Ok(None);
        }
        let job = jobs::newest_sync(&self.inner.store, cluster).await?;
        Ok(job.map(|job| self.current(job)))
    }

    /// Follows a job under way: the channel holds it as it stands, and closes after it is over. None when it is over.
    pub fn watch(&self, id: JobId) -> Option<watch::Receiver<Job>> {
        self.running().get(&id).map(|running| running.job.clone())
    }

    /// Asks a job to stop; it ends after the batch it is at.
    ///
    /// # Errors
    /// [`Error::UnknownJob`], [`Error::Over`].
    pub async fn cancel(&self, may: &May<ManageClusters>, id: JobId) -> Result<Job, Error> {
        let job = self.job(may, id).await?;
        let running = self.running().get(&id).cloned();
        let Some(running) = running.filter(|_| !job.state.is_over()) else {
            return Err(Error::Over);
        };
        let mut event = Event::new(self.inner.clock.now_ms(), may.actor(), action::JOB_CANCELLED);
        if let Some(cluster) = job.cluster_id
            && let Ok(found) = self.inner.inventory.cluster(may, cluster).await
        {
            event = event.cluster(cluster, found.name);
        }
        let mut tx = self.inner.store.begin().await?;
        audit::record(&mut tx, &event.detail(format!("job {id}"))).await?;
        tx.commit().await?;
        running.cancel.cancel();
        Ok(job)
    }

    /// Waits until a job is over and answers how it stands then.
    ///
    /// # Errors
    /// [`Error::UnknownJob`].
    pub async fn finished(&self, viewer: &Viewer, id: JobId) -> Result<Job, Error> {
        if let Some(mut job) = self.watch(id) {
            // An error means that the sender is gone, which is after the end.
            let _ = job.wait_for(|job| job.state.is_over()).await;
        }
        self.job(viewer, id).await
    }

    fn running(&self) -> MutexGuard<'_, HashMap<JobId, Running>> {
        self.inner.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A job with what its runner knows beyond its row.
    fn current(&self, job: Job) -> Job {
        let running = self.running().get(&job.id).map(|running| running.job.clone());
        running.map_or(job, |running| running.borrow().clone())
    }

    fn run(&self, job: &Job, cluster: ClusterId, viewer: Viewer, name: String) {
        let (sender, receiver) = watch::channel(job.clone());
        // A stopping program stops its jobs.
        let cancel = self.inner.tasks.stop_token().child_token();
        self.running().insert(
            job.id,
            Running {
                job: receiver,
                cancel: cancel.clone(),
            },
        );
        let (jobs, id) = (self.clone(), job.id);
        self.inner.tasks.spawn("sync", async move {
            let end = jobs.follow(&sender, cluster, &cancel).await;
            if let Err(error) = jobs.end(&sender, end, &viewer, (cluster, name)).await {
                tracing::error!(job.id = %id, "job {id} ended, but its end could not be kept: {error}");
            }
            jobs.running().remove(&id);
        });
    }

    /// Runs a sync, and keeps its row up to date meanwhile.
    async fn follow(&self, job: &watch::Sender<Job>, cluster: ClusterId, cancel: &CancellationToken) -> SyncEnd {
        let (sender, progress) = watch::channel(Progress::default());
        // Both are polled all the time: a sync that stood still while its progress waits for the store's one writer could
        // be the one that holds it.
        let end = tokio::select! {
            end = self.inner.inventory.sync(cluster, &sender, cancel) => end,
            never = self.keep_progress(job, progress) => match never {},
        };
        let last = sender.borrow().clone();
        job.send_modify(|job| apply(job, &last));
        end
    }

    async fn keep_progress(&self, job: &watch::Sender<Job>, mut progress: watch::Receiver<Progress>) -> Infallible {
        let mut tick = interval(SAVE_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if !progress.has_changed().unwrap_or(false) {
                continue;
            }
            let now = progress.borrow_and_update().clone();
            job.send_modify(|job| apply(job, &now));
            let row = job.borrow().clone();
            if let Err(error) = self.save(&row).await {
                tracing::warn!("a job's progress could not be kept: {error}");
            }
        }
    }

    async fn save(&self, job: &Job) -> Result<(), store::Error> {
        let mut tx = self.inner.store.begin().await?;
        jobs::update(&mut tx, job).await?;
        tx.commit().await
    }

    /// Keeps how a job ended, with its line in the trail, then tells who follows it.
    async fn end(
        &self,
        sender: &watch::Sender<Job>,
        end: SyncEnd,
        viewer: &Viewer,
        (cluster, name): (ClusterId, String),
    ) -> Result<(), Error> {
        let now = self.inner.clock.now_ms();
        let mut job = sender.borrow().clone();
        job.state = end.state;
        job.phase = String::new();
        job.error = end.error;
        job.cause = end.cause;
        job.finished_at = Some(now);
        let mut event = Event::new(now, viewer.actor(), action::SYNC_ENDED)
            .cluster(cluster, name)
            .detail(format!("job {}: {}", job.id, job.state));
        if job.state != JobState::Succeeded {
            event = event.ended(Outcome::Failed, job.cause);
        }
        let mut tx = self.inner.store.begin().await?;
        jobs::update(&mut tx, &job).await?;
        audit::record(&mut tx, &event).await?;
        tx.commit().await?;
        sender.send_replace(job);
        Ok(())
    }
}

fn sees(viewer: &Viewer, job: &Job) -> bool {
    job.cluster_id.is_none_or(|cluster| viewer.sees(cluster))
}

fn apply(job: &mut Job, progress: &Progress) {
    progress.phase.clone_into(&mut job.phase);
    job.total = progress.total;
    job.done = progress.done;
    job.failed = progress.failed;
}
