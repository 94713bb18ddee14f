//! Reaching people through simulated phones, over real sockets: texts, rings, announcements, backgrounds, ring tones.

mod announcements;
mod messages;
mod personal;
mod rings;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use secrecy::SecretString;
use sidetone::app;
use sidetone::audit;
use sidetone::clock::Clock;
use sidetone::config::Config;
use sidetone::domain::ids::{PhoneId, UserId};
use sidetone::domain::job::JobState;
use sidetone::domain::role::Role;
use sidetone::http::state::App;
use sidetone::inventory::{ClusterDraft, LoginDraft, Search, TlsDraft, default_emergency_numbers};
use sidetone::lifecycle::Tasks;
use sidetone::reach::Reach;
use sidetone::security::{EditMacros, ManageClusters, ManagePeople, May, NewUser, ReachPeople, Viewer};
use sidetone::simulator::{Options, PhoneHandle, Simulator};
use tempfile::TempDir;

/// A running server, and a simulated cluster that outlives it.
struct Site {
    app: App,
    clock: Clock,
    simulator: Simulator,
    phones: BTreeMap<String, PhoneId>,
    tasks: Tasks,
    simulated: Tasks,
    folder: TempDir,
}

/// The configuration of a server on a data folder.
fn config(data: &Path) -> Config {
    let mut config = Config::default();
    config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    data.clone_into(&mut config.server.data);
    config.phones.read_timeout_ms = 3_000;
    (config.screens.idle_ms, config.screens.quiet_ms) = (600_000, 600_000);
    config.screens.stale_ms = 600_000;
    config.readiness.enabled = false;
    config.reach.multicast_interface = [127, 0, 0, 1].into();
    config
}

fn draft(simulator: &Simulator) -> ClusterDraft {
    let summary = simulator.summary();
    ClusterDraft {
        name: "Simulated".to_owned(),
        host: summary.host.to_owned(),
        port: summary.https_port.into(),
        login: LoginDraft {
            username: summary.logins[0].username.clone(),
            password: Some(SecretString::from(summary.logins[0].password.clone())),
        },
        control_login: None,
        ssh_login: None,
        tls: TlsDraft {
            mode: "pinned".to_owned(),
            fingerprint_sha256: Some(summary.fingerprint_sha256.clone()),
            ca_pem: None,
        },
        phone_networks: summary.phone_networks.iter().map(|&it| it.to_owned()).collect(),
        phone_http_port: summary.phone_http_port.into(),
        phone_https_port: summary.phone_https_port.into(),
        phone_ssh_port: summary.phone_ssh_port.into(),
        authentication_http_port: summary.authentication_http_port.into(),
        emergency_numbers: default_emergency_numbers(),
    }
}

impl Site {
    async fn new() -> Self {
        let (folder, tasks, simulated) = (TempDir::new().unwrap(), Tasks::new(), Tasks::new());
        let clock = Clock::fixed_at(Timestamp::from_second(1_800_000_000).unwrap());
        let options = Options {
            phones: 30,
            every_model: true,
            faults: false,
            sound: Duration::from_millis(10),
            ..Options::default()
        };
        let simulator = Simulator::start(options, &simulated, clock.clone()).unwrap();
        let running = app::start(config(&folder.path().join("data")), clock.clone(), &tasks, false)
            .await
            .unwrap();
        let app = running.app;
        let may: May<ManageClusters> = Viewer::system().may().unwrap();
        let cluster = app.inventory.add_cluster(&may, &draft(&simulator)).await.unwrap().id;
        let sync = app.jobs.start_sync(&may, cluster).await.unwrap();
        let ended = app.jobs.finished(&may, sync.job.id).await.unwrap();
        assert_eq!(ended.state, JobState::Succeeded);
        let search = Search {
            limit: 500,
            ..Search::default()
        };
        let found = app.inventory.search(&may, &search).await.unwrap();
        Self {
            phones: found.phones.into_iter().map(|phone| (phone.name, phone.id)).collect(),
            app,
            clock,
            simulator,
            tasks,
            simulated,
            folder,
        }
    }

    fn reach(&self) -> &Reach {
        &self.app.reach
    }

    /// The first phone of a model, and its number here.
    fn phone(&self, model: &str) -> (PhoneHandle, PhoneId) {
        let handle = self.simulator.phone_by_model(model).unwrap();
        let id = self.phones[handle.name()];
        (handle, id)
    }

    /// Somebody with a role.
    async fn person(&self, name: &str, role: Role) -> (UserId, Viewer) {
        let may: May<ManagePeople> = Viewer::system().may().unwrap();
        let new = NewUser {
            name: name.to_owned(),
            role,
            password: SecretString::from(format!("canary {name} horse staple")),
            clusters: None,
        };
        let user = self.app.security.add_user(&may, new).await.unwrap();
        let token = self
            .app
            .security
            .add_token(&Viewer::system(), user, "test")
            .await
            .unwrap();
        let viewer = self
            .app
            .security
            .viewer_of_token(secrecy::ExposeSecret::expose_secret(&token.text), None)
            .await;
        (user, viewer.unwrap().unwrap())
    }

    /// The trail, newest first.
    async fn trail(&self) -> Vec<audit::Line> {
        let page = audit::list(&self.app.store, &audit::Filter::default(), None, 500).await;
        page.unwrap().lines
    }

    async fn end(self) {
        assert!(self.tasks.finish().await, "a task panicked or did not end in time");
        self.app.store.close().await;
        assert!(self.simulated.finish().await, "a task of the simulator panicked");
    }
}

fn may_reach() -> May<ReachPeople> {
    Viewer::system().may().unwrap()
}

fn may_edit() -> May<EditMacros> {
    Viewer::system().may().unwrap()
}

/// A WAV of 8 kHz and 16 bits that is one value throughout.
fn wav(samples: usize, value: i16) -> Bytes {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for _ in 0..samples {
        writer.write_sample(value).unwrap();
    }
    writer.finalize().unwrap();
    Bytes::from(bytes.into_inner())
}
