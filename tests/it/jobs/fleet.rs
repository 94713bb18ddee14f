//! A whole program with a simulated fleet behind it, for jobs on many phones.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use sidetone::app;
use sidetone::audit;
use sidetone::clock::Clock;
use sidetone::config::Config;
use sidetone::cucm;
use sidetone::domain::ids::{ClusterId, JobId, PhoneId, UserId};
use sidetone::domain::job::Text;
use sidetone::domain::role::Role;
use sidetone::http::state::App;
use sidetone::inventory::{ClusterDraft, LoginDraft, Search, TlsDraft, default_emergency_numbers};
use sidetone::jobs::{Accepted, Action, Brakes, Draft, Job, JobState, Jobs, Run, RunFilter, Targets};
use sidetone::lifecycle::Tasks;
use sidetone::security::{ManageClusters, ManagePeople, May, Needs, NewUser, RunJobs, Via, Viewer};
use sidetone::simulator::{Options, PhoneHandle, Simulator};
use tempfile::TempDir;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Fleet {
    pub(super) app: App,
    pub(super) clock: Clock,
    pub(super) simulator: Simulator,
    pub(super) cluster: ClusterId,
    /// Removed at the end.
    folder: TempDir,
    phones: BTreeMap<String, PhoneId>,
    tasks: Tasks,
}

pub(super) fn system<P: Needs>() -> May<P> {
    Viewer::system().may().unwrap()
}

pub(super) fn options(phones: usize) -> Options {
    Options {
        phones,
        faults: false,
        restart: Duration::from_millis(300),
        sound: Duration::from_millis(50),
        ..Options::default()
    }
}

pub(super) fn config(data: &std::path::Path) -> Config {
    let mut config = Config::default();
    config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    data.clone_into(&mut config.server.data);
    config.phones.read_timeout_ms = 3_000;
    config.readiness.enabled = false;
    config
}

/// The simulated cluster as an admin would describe it.
pub(super) fn cluster_draft(simulator: &Simulator) -> ClusterDraft {
    let summary = simulator.summary();
    let networks = summary.phone_networks.iter();
    ClusterDraft {
        name: "Simulated".to_owned(),
        host: summary.host.to_owned(),
        port: summary.https_port.into(),
        login: LoginDraft {
            username: summary.logins[0].username.clone(),
            password: Some(SecretString::from(summary.logins[0].password.clone())),
        },
        control_login: None,
        ssh_login: Some(LoginDraft {
            username: summary.ssh_login.username.clone(),
            password: Some(SecretString::from(summary.ssh_login.password.clone())),
        }),
        tls: TlsDraft {
            mode: "pinned".to_owned(),
            fingerprint_sha256: Some(summary.fingerprint_sha256.clone()),
            ca_pem: None,
        },
        phone_networks: networks.map(|&network| network.to_owned()).collect(),
        phone_http_port: summary.phone_http_port.into(),
        phone_https_port: summary.phone_https_port.into(),
        phone_ssh_port: summary.phone_ssh_port.into(),
        authentication_http_port: summary.authentication_http_port.into(),
        emergency_numbers: default_emergency_numbers(),
    }
}

/// A text for a display.
pub(super) fn message(text: &str) -> Action {
    Action::Message {
        message: Text {
            title: "Works".to_owned(),
            text: text.to_owned(),
            ..Text::default()
        },
    }
}

/// No brakes but the limits that every job has.
pub(super) fn unbraked() -> Brakes {
    Brakes {
        canary: false,
        look: false,
        stop_share_percent: None,
        per_minute: None,
        per_switch: None,
        at_once: 50,
        in_call_again_minutes: 10,
        give_up_minutes: 25,
        ..Brakes::default()
    }
}

pub(super) fn draft(action: Action, targets: Targets, brakes: Brakes) -> Draft {
    Draft {
        title: String::new(),
        action,
        targets,
        brakes,
        schedule: None,
    }
}

impl Fleet {
    pub(super) async fn new(phones: usize) -> Self {
        Self::with(options(phones), |_| {}).await
    }

    pub(super) async fn with(options: Options, change: impl FnOnce(&mut Config)) -> Self {
        let clock = Clock::fixed_at(Timestamp::from_second(1_800_000_000).unwrap());
        Self::at(clock, options, change).await
    }

    pub(super) async fn at(clock: Clock, options: Options, change: impl FnOnce(&mut Config)) -> Self {
        let (folder, tasks) = (TempDir::new().unwrap(), Tasks::new());
        let mut config = config(&folder.path().join("data"));
        change(&mut config);
        let mut clusters = cucm::Settings::default();
        clusters.ris.window = options.ris_window;
        let simulator = Simulator::start(options, &tasks, clock.clone()).unwrap();
        let running = app::start_with(clusters, config, clock.clone(), &tasks, false)
            .await
            .unwrap();
        let app = running.app;
        let may: May<ManageClusters> = system();
        let cluster = app
            .inventory
            .add_cluster(&may, &cluster_draft(&simulator))
            .await
            .unwrap()
            .id;
        let started = app.jobs.start_sync(&may, cluster).await.unwrap();
        let ended = app.jobs.finished(&may, started.job.id).await.unwrap();
        assert_eq!((ended.state, ended.error), (JobState::Succeeded, None));
        let all = app.inventory.matching(&may, &Search::default(), 100_000).await.unwrap();
        let found = app.inventory.phones_of(&may, &all).await.unwrap();
        Self {
            phones: found.into_iter().map(|phone| (phone.name, phone.id)).collect(),
            app,
            clock,
            simulator,
            cluster,
            folder,
            tasks,
        }
    }

    /// The database, for a connection of the test's own.
    pub(super) fn database(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("data/sidetone.db").display())
    }

    /// Reads the cluster anew.
    pub(super) async fn sync(&self) {
        let may: May<ManageClusters> = system();
        let started = self.jobs().start_sync(&may, self.cluster).await.unwrap();
        let ended = self.jobs().finished(&may, started.job.id).await.unwrap();
        assert_eq!((ended.state, ended.error), (JobState::Succeeded, None));
    }

    pub(super) fn jobs(&self) -> &Jobs {
        &self.app.jobs
    }

    /// The simulated phone of a model, and its number here.
    pub(super) fn phone(&self, model: &str) -> (PhoneHandle, PhoneId) {
        let handle = self.simulator.phone_by_model(model).unwrap();
        let id = self.phones[handle.name()];
        (handle, id)
    }

    /// Phones of a model, by their names.
    pub(super) fn of_model(&self, model: &str) -> Vec<(PhoneHandle, PhoneId)> {
        let handles = self.simulator.phones().into_iter();
        handles
            .filter(|handle| handle.model().ends_with(model))
            .filter_map(|handle| {
                let id = *self.phones.get(handle.name())?;
                Some((handle, id))
            })
            .collect()
    }

    /// Somebody with a role, as they are now.
    pub(super) async fn person(&self, name: &str, role: Role) -> Viewer {
        let may: May<ManagePeople> = system();
        let security = &self.app.security;
        if security.user_named(&may, name).await.unwrap().is_none() {
            let new = NewUser {
                name: name.to_owned(),
                role,
                password: SecretString::from(format!("canary {name} horse staple")),
                clusters: None,
            };
            security.add_user(&may, new).await.unwrap();
        }
        let user = security.user_named(&may, name).await.unwrap().unwrap();
        Viewer::of(&user, Via::Browser, None)
    }

    pub(super) async fn admin(&self, name: &str) -> May<RunJobs> {
        self.person(name, Role::Admin).await.may().unwrap()
    }

    pub(super) async fn user(&self, name: &str) -> UserId {
        self.person(name, Role::Admin).await.user
    }

    /// Previews a draft and makes its job, with what must be typed.
    pub(super) async fn make(&self, may: &May<RunJobs>, draft: &Draft) -> JobId {
        let preview = self.jobs().draft(may, draft).await.unwrap();
        let accepted = Accepted {
            preview_token: preview.token,
            confirmation: preview.confirm,
        };
        self.jobs().create(may, draft, &accepted).await.unwrap()
    }

    /// Makes a job and waits until it is over.
    pub(super) async fn run(&self, draft: &Draft) -> Job {
        let id = self.make(&system(), draft).await;
        self.end(id).await
    }

    pub(super) async fn end(&self, id: JobId) -> Job {
        let viewer = Viewer::system();
        let ended = self.app.jobs.finished(&viewer, id);
        tokio::time::timeout(PATIENCE, ended)
            .await
            .expect("the job ends")
            .unwrap()
    }

    /// The same while the fixed clock goes on, a second for every 50 ms: what comes back after a time needs that.
    pub(super) async fn end_in_time(&self, id: JobId) -> Job {
        let mut due = tokio::time::interval(Duration::from_millis(50));
        let mut ended = std::pin::pin!(self.end(id));
        loop {
            tokio::select! {
                job = &mut ended => return job,
                _ = due.tick() => self.clock.advance(Duration::from_secs(1)),
            }
        }
    }

    /// The job as soon as it is as it should be.
    pub(super) async fn until(&self, id: JobId, wanted: impl Fn(&Job) -> bool) -> Job {
        self.until_within(id, PATIENCE, wanted).await
    }

    /// The same with another patience.
    pub(super) async fn until_within(&self, id: JobId, patience: Duration, wanted: impl Fn(&Job) -> bool) -> Job {
        let mut job = self.jobs().watch(id).expect("the job is under way");
        let reached = job.wait_for(|job| wanted(job));
        let reached = tokio::time::timeout(patience, reached)
            .await
            .expect("the job comes so far");
        reached.unwrap().clone()
    }

    pub(super) async fn runs(&self, id: JobId) -> Vec<Run> {
        let page = self
            .jobs()
            .runs(&Viewer::system(), id, &RunFilter::default(), None, 500)
            .await;
        page.unwrap().runs
    }

    /// Every run of a job, page by page.
    pub(super) async fn runs_in_all(&self, id: JobId) -> Vec<Run> {
        let (mut runs, mut cursor) = (Vec::new(), None);
        loop {
            let filter = RunFilter::default();
            let page = self.jobs().runs(&Viewer::system(), id, &filter, cursor, 500).await;
            let page = page.unwrap();
            runs.extend(page.runs);
            cursor = page.next;
            if cursor.is_none() {
                return runs;
            }
        }
    }

    pub(super) async fn trail(&self) -> Vec<audit::Line> {
        let page = audit::list(&self.app.store, &audit::Filter::default(), None, 500).await;
        page.unwrap().lines
    }

    /// Everything stopped, and nothing panicked.
    pub(super) async fn close(self) {
        assert!(self.tasks.finish().await);
    }
}
