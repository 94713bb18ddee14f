//! Programs that end in the middle of a job: no run is lost, none is done twice, and what nobody can know is said to be so.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sidetone::app;
use sidetone::clock::Clock;
use sidetone::domain::ids::JobId;
use sidetone::inventory::Search;
use sidetone::jobs::{Accepted, Brakes, Draft, Hold, Job, JobState, RunState, Targets};
use sidetone::lifecycle::Tasks;
use sidetone::security::{ManageClusters, May, RunJobs, Viewer};
use sidetone::simulator::Simulator;
use sidetone::store::Store;
use sidetone::store::jobs::{self as rows, making, runs};
use tempfile::TempDir;

use super::fleet::{cluster_draft, config, draft, message, options, system, unbraked};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(1);
const PHONES: usize = 60;

/// A simulated fleet that outlives the programs, and the folder that they share.
struct Scene {
    simulator: Simulator,
    world: Tasks,
    folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        let world = Tasks::new();
        let mut slow = options(PHONES);
        slow.latency = Duration::from_millis(80);
        let simulator = Simulator::start(slow, &world, Clock::system()).unwrap();
        Self {
            simulator,
            world,
            folder: TempDir::new().unwrap(),
        }
    }

    /// A job on all phones, made by a program that has ended since, and not begun; with the order that made it.
    async fn made(&self) -> (JobId, Draft, Accepted) {
        let own = Tasks::new();
        let running = app::start(config(&self.folder.path().join("data")), Clock::system(), &own, false)
            .await
            .unwrap();
        let may: May<ManageClusters> = system();
        let cluster = running
            .app
            .inventory
            .add_cluster(&may, &cluster_draft(&self.simulator))
            .await
            .unwrap();
        let sync = running.app.jobs.start_sync(&may, cluster.id).await.unwrap();
        let ended = running.app.jobs.finished(&may, sync.job.id).await.unwrap();
        assert_eq!(ended.state, JobState::Succeeded);
        assert!(
            !running
                .app
                .inventory
                .matching(&may, &Search::default(), 10)
                .await
                .unwrap()
                .is_empty()
        );
        let brakes = Brakes {
            approval: true,
            at_once: 6,
            ..unbraked()
        };
        let asked = draft(message("once"), Targets::Search(<_>::default()), brakes);
        let may: May<RunJobs> = system();
        let preview = running.app.jobs.draft(&may, &asked).await.unwrap();
        let accepted = Accepted {
            preview_token: preview.token,
            confirmation: preview.confirm,
        };
        let id = running.app.jobs.create(&may, &asked, &accepted).await.unwrap();
        assert!(own.finish().await);
        running.app.store.close().await;
        (id, asked, accepted)
    }

    /// The same, and approved.
    async fn job(&self) -> JobId {
        let (id, ..) = self.made().await;
        // As an approval leaves it.
        let store = self.store().await;
        let mut job = rows::by_id(&store, id).await.unwrap().unwrap();
        assert_eq!(job.hold.take(), Some(Hold::Approval));
        let mut tx = store.begin().await.unwrap();
        rows::set_standing(&mut tx, &job).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        id
    }

    async fn store(&self) -> Store {
        Store::open(&self.folder.path().join("data/sidetone.db")).await.unwrap()
    }

    fn texts_sent(&self) -> usize {
        let phones = self.simulator.phones();
        phones.iter().filter(|phone| phone.shown_text().is_some()).count()
    }

    async fn until_sent(&self, least: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.texts_sent() < least {
            assert!(Instant::now() < deadline, "{} texts were sent", self.texts_sent());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// What is on disk once the job is over, and that it fits what phones saw.
    async fn account(&self, id: JobId) -> Job {
        let store = self.store().await;
        let deadline = Instant::now() + PATIENCE;
        let job = loop {
            let job = rows::by_id(&store, id).await.unwrap().unwrap();
            if job.state.is_over() {
                break job;
            }
            assert!(Instant::now() < deadline, "{job:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let all = runs::page(&store, id, None, ("", false), None, 500).await.unwrap();
        assert_eq!(all.len() as u64, job.total);
        assert_eq!(job.done, job.total, "no run is lost");
        let count = |state| all.iter().filter(|run| run.state == state).count() as u64;
        assert_eq!(count(RunState::Succeeded), job.succeeded);
        assert_eq!(count(RunState::Unsure), job.unsure);
        assert_eq!(count(RunState::Skipped), job.skipped);
        assert_eq!(job.succeeded + job.unsure + job.skipped, job.total, "{job:?}");
        for run in &all {
            let Some(phone) = self.simulator.phone(&run.phone_name) else {
                continue;
            };
            let sent = phone.requests_for("/CGI/Execute");
            match run.state {
                RunState::Succeeded => assert_eq!(sent, 1, "{} was sent {sent} texts", run.phone_name),
                RunState::Unsure => assert!(sent <= 1, "{} was sent {sent} texts", run.phone_name),
                _ => assert_eq!(sent, 0, "{}", run.phone_name),
            }
        }
        store.close().await;
        job
    }

    async fn close(self) {
        assert!(self.world.finish().await);
    }
}

/// The program itself, serving that folder.
struct Program(Child);

impl Program {
    fn start(folder: &TempDir) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_sidetone"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Program {
    /// SIGKILL: nothing is tidied up.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_program_that_is_killed_repeats_nothing_and_loses_nothing() {
    let scene = Scene::new();
    let id = scene.job().await;
    assert_eq!(scene.texts_sent(), 0);
    for least in [6, 20] {
        let program = Program::start(&scene.folder);
        scene.until_sent(least).await;
        drop(program);
    }
    let program = Program::start(&scene.folder);
    let job = scene.account(id).await;
    assert!(job.unsure > 0, "what was under way is told as unsure: {job:?}");
    assert!(job.succeeded >= 20);
    assert_eq!(job.state, JobState::PartlyFailed);
    drop(program);
    scene.close().await;
}

#[tokio::test]
async fn a_program_that_is_dropped_in_the_middle_repeats_nothing_either() {
    let scene = Scene::new();
    let id = scene.job().await;
    let data = scene.folder.path().join("data");
    // A runtime of its own, dropped with everything in it.
    let (config_of, wait) = (config(&data), std::sync::mpsc::channel::<()>());
    let (tell, told) = wait;
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let running = app::start(config_of, Clock::system(), &Tasks::new(), false)
                .await
                .unwrap();
            tokio::task::spawn_blocking(move || told.recv()).await.unwrap().unwrap();
            drop(running);
        });
        runtime.shutdown_background();
    });
    scene.until_sent(5).await;
    tell.send(()).unwrap();
    tokio::task::spawn_blocking(move || thread.join().unwrap())
        .await
        .unwrap();
    let own = Tasks::new();
    let running = app::start(config(&data), Clock::system(), &own, false).await.unwrap();
    let viewer = Viewer::system();
    let ended = running.app.jobs.finished(&viewer, id);
    tokio::time::timeout(PATIENCE, ended).await.unwrap().unwrap();
    assert!(own.finish().await);
    running.app.store.close().await;
    let job = scene.account(id).await;
    assert!(job.succeeded > 0);
    scene.close().await;
}

#[tokio::test]
async fn a_program_that_stops_in_order_leaves_nothing_unsure_that_it_can_finish() {
    let scene = Scene::new();
    let id = scene.job().await;
    let own = Tasks::new();
    let data = scene.folder.path().join("data");
    let running = app::start(config(&data), Clock::system(), &own, false).await.unwrap();
    scene.until_sent(5).await;
    assert!(own.finish().await);
    running.app.store.close().await;
    let store = scene.store().await;
    let before = rows::by_id(&store, id).await.unwrap().unwrap();
    assert!(!before.state.is_over());
    store.close().await;
    let own = Tasks::new();
    let clock = Clock::fixed_at(Clock::system().now());
    let running = app::start(config(&data), clock, &own, false).await.unwrap();
    let viewer = Viewer::system();
    let ended = running.app.jobs.finished(&viewer, id);
    tokio::time::timeout(PATIENCE, ended).await.unwrap().unwrap();
    assert!(own.finish().await);
    running.app.store.close().await;
    scene.account(id).await;
    scene.close().await;
}

#[tokio::test]
async fn a_job_that_was_stopped_stays_stopped_whenever_the_program_ends() {
    let scene = Scene::new();
    let id = scene.job().await;
    // As a program leaves it that is killed after a cancel, with a run that had begun and had not reached its phone.
    let store = scene.store().await;
    let mut job = rows::by_id(&store, id).await.unwrap().unwrap();
    (job.ending, job.hold) = (Some(JobState::Cancelled), None);
    let first = runs::open(&store, id).await.unwrap()[0].id;
    let mut tx = store.begin().await.unwrap();
    rows::set_standing(&mut tx, &job).await.unwrap();
    runs::begin(&mut tx, first, 1).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let own = Tasks::new();
    let data = scene.folder.path().join("data");
    let running = app::start(config(&data), Clock::system(), &own, false).await.unwrap();
    let viewer = Viewer::system();
    let ended = running.app.jobs.finished(&viewer, id);
    let ended = tokio::time::timeout(PATIENCE, ended).await.unwrap().unwrap();
    assert_eq!(ended.state, JobState::Cancelled);
    assert_eq!(ended.cancelled + ended.skipped, ended.total);
    assert!(own.finish().await);
    running.app.store.close().await;
    assert_eq!(scene.texts_sent(), 0);
    let store = scene.store().await;
    let first = runs::by_id(&store, first).await.unwrap().unwrap();
    assert_eq!((first.state, first.touched), (RunState::Cancelled, false));
    store.close().await;
    scene.close().await;
}

#[tokio::test]
async fn half_a_job_is_removed_at_the_next_start_and_can_be_ordered_again() {
    let scene = Scene::new();
    let (id, asked, accepted) = scene.made().await;
    // As a program leaves it that is killed before the last of its runs are written.
    let store = scene.store().await;
    let mut tx = store.begin().await.unwrap();
    making::begin(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(rows::by_id(&store, id).await.unwrap(), None, "nobody knows of it");
    assert!(
        rows::open_fleet(&store).await.unwrap().is_empty(),
        "nor does the engine"
    );
    store.close().await;
    let own = Tasks::new();
    let data = scene.folder.path().join("data");
    let running = app::start(config(&data), Clock::system(), &own, false).await.unwrap();
    let store = &running.app.store;
    assert!(
        runs::page(store, id, None, ("", false), None, 500)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(making::all(store).await.unwrap().is_empty());
    let trail = sidetone::audit::list(store, &<_>::default(), None, 10).await.unwrap();
    let line = trail.lines.iter().find(|line| line.detail.contains("it was removed"));
    assert_eq!(line.map(|line| line.action.as_str()), Some("job-created"));
    let may: May<RunJobs> = system();
    let jobs = &running.app.jobs;
    let again = jobs.create(&may, &asked, &accepted).await.unwrap();
    assert_eq!(jobs.create(&may, &asked, &accepted).await.unwrap(), again);
    let made = jobs.job(&may, again).await.unwrap();
    assert_eq!(
        (made.hold, made.total),
        (Some(Hold::Approval), u64::try_from(PHONES).unwrap())
    );
    assert!(own.finish().await);
    running.app.store.close().await;
    assert_eq!(scene.texts_sent(), 0);
    scene.close().await;
}
