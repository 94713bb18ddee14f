//! The demo: a simulated cluster, a login for each role, and a first sync. The server itself is the real one.

use anyhow::Context as _;
use secrecy::SecretString;

use super::Running;
use crate::domain::job::JobState;
use crate::domain::role::Role;
use crate::http::state::App;
use crate::inventory::{
    Cluster, ClusterDraft, ClusterPatch, LoginDraft, LoginPatch, SshPatch, TlsDraft, default_emergency_numbers,
};
use crate::jobs::Job;
use crate::security::{ManageClusters, ManagePeople, May, NewUser, Viewer};
use crate::simulator::Summary;

const CLUSTER: &str = "Demo cluster";
/// Letters and digits that are not mistaken for each other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A login of the demo.
#[derive(Debug)]
pub struct Login {
    /// The name, which is the role.
    pub name: &'static str,
    /// Made anew at each start.
    pub password: String,
}

/// Gives the running server its people and its cluster, and brings the inventory up to date.
pub async fn furnish(running: &Running, summary: &Summary) -> anyhow::Result<Vec<Login>> {
    let app = &running.app;
    let viewer = Viewer::command();
    let people = viewer.may::<ManagePeople>()?;
    let mut logins = Vec::new();
    for role in Role::ALL {
        logins.push(login(app, &people, role).await?);
    }
    let clusters = viewer.may::<ManageClusters>()?;
    let cluster = cluster(app, &clusters, summary).await?;
    let job = app.jobs.start_sync(&clusters, cluster.id).await?.job;
    let ended = finished(app, job).await;
    anyhow::ensure!(
        ended.state == JobState::Succeeded,
        "the first sync of the demo failed: {}",
        ended.error.unwrap_or_default()
    );
    Ok(logins)
}

async fn login(app: &App, may: &May<ManagePeople>, role: Role) -> anyhow::Result<Login> {
    let (name, password) = (role.as_str(), password()?);
    let secret = SecretString::from(password.clone());
    if let Some(user) = app.security.user_named(may, name).await? {
        app.security.set_password(may, user.id, &secret).await?;
    } else {
        let new = NewUser {
            name: name.to_owned(),
            role,
            password: secret,
            clusters: None,
        };
        app.security.add_user(may, new).await?;
    }
    Ok(Login { name, password })
}

/// Such as `k7dq-w2mx-9fpc`: easy to read off a terminal, and random, for a demo may listen beyond this machine.
fn password() -> anyhow::Result<String> {
    let mut random = [0_u8; 12];
    getrandom::fill(&mut random).context("the system gives no random numbers")?;
    let letters: Vec<char> = random
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    Ok(letters
        .chunks(4)
        .map(|chunk| chunk.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-"))
}

/// The simulated cluster as an admin would add it; on later starts of the same data its ports and certificate are new.
async fn cluster(app: &App, may: &May<ManageClusters>, summary: &Summary) -> anyhow::Result<Cluster> {
    let login = summary.logins.first().context("the simulator has no login")?;
    let password = SecretString::from(login.password.clone());
    let tls = TlsDraft {
        mode: "pinned".to_owned(),
        fingerprint_sha256: Some(summary.fingerprint_sha256.clone()),
        ca_pem: None,
    };
    let known = app
        .inventory
        .clusters(may)
        .await?
        .into_iter()
        .find(|cluster| cluster.name == CLUSTER);
    let networks: Vec<String> = summary
        .phone_networks
        .iter()
        .map(|&network| network.to_owned())
        .collect();
    if let Some(known) = known {
        let patch = ClusterPatch {
            port: Some(summary.https_port.into()),
            login: Some(LoginPatch {
                username: Some(login.username.clone()),
                password: Some(password),
            }),
            tls: Some(tls),
            phone_networks: Some(networks),
            phone_http_port: Some(summary.phone_http_port.into()),
            ssh_login: SshPatch::Change(LoginPatch {
                username: Some(summary.ssh_login.username.clone()),
                password: Some(SecretString::from(summary.ssh_login.password.clone())),
            }),
            phone_https_port: Some(summary.phone_https_port.into()),
            phone_ssh_port: Some(summary.phone_ssh_port.into()),
            authentication_http_port: Some(summary.authentication_http_port.into()),
            ..ClusterPatch::default()
        };
        return Ok(app.inventory.change_cluster(may, known.id, patch).await?);
    }
    let draft = ClusterDraft {
        name: CLUSTER.to_owned(),
        host: summary.host.to_owned(),
        port: summary.https_port.into(),
        login: LoginDraft {
            username: login.username.clone(),
            password: Some(password),
        },
        control_login: None,
        ssh_login: Some(LoginDraft {
            username: summary.ssh_login.username.clone(),
            password: Some(SecretString::from(summary.ssh_login.password.clone())),
        }),
        tls,
        phone_networks: networks,
        phone_http_port: summary.phone_http_port.into(),
        phone_https_port: summary.phone_https_port.into(),
        phone_ssh_port: summary.phone_ssh_port.into(),
        authentication_http_port: summary.authentication_http_port.into(),
        emergency_numbers: default_emergency_numbers(),
    };
    Ok(app.inventory.add_cluster(may, &draft).await?)
}

/// Waits for a job's end.
async fn finished(app: &App, job: Job) -> Job {
    let Some(mut progress) = app.jobs.watch(job.id) else {
        return app.jobs.job(&Viewer::command(), job.id).await.unwrap_or(job);
    };
    let ended = progress
        .wait_for(|job| job.state.is_over())
        .await
        .map(|job| job.clone());
    ended.unwrap_or(job)
}
