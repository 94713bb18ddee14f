//! The form of a cluster: add and change. Nothing typed is lost but passwords.

use axum::response::Response;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::domain::ids::ClusterId;
use crate::http::extract::{Form, Path};
use crate::http::failure::Failure;
use crate::http::pages::clusters::{ClusterForm, ClusterFormPage};
use crate::http::pages::{FieldErrors, Section};
use crate::http::visit::{self, Visit};
use crate::inventory::{
    self, Cluster, ClusterDraft, ClusterPatch, ControlPatch, LoginDraft, LoginPatch, SshPatch, TlsDraft,
    default_emergency_numbers,
};
use crate::security::{ManageClusters, May};

/// The API's name of the pinned certificate.
const FINGERPRINT: &str = "tls.fingerprint_sha256";

/// The port of SSH.
const SSH_PORT: u32 = 22;

/// The form as it is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    name: String,
    host: String,
    port: String,
    login_username: String,
    login_password: SecretString,
    use_cucm_login: String,
    control_username: String,
    control_password: SecretString,
    /// Absent, the SSH login stays as it is; empty, there is none.
    ssh_username: Option<String>,
    ssh_password: SecretString,
    tls_mode: String,
    tls_fingerprint: String,
    tls_ca_pem: String,
    phone_networks: String,
    phone_http_port: String,
    phone_https_port: String,
    /// Absent, it stays as it is.
    phone_ssh_port: Option<String>,
    authentication_http_port: String,
    /// Absent, the list stays as it is.
    emergency_numbers: Option<String>,
}

impl Sent {
    fn uses_cucm_login(&self) -> bool {
        self.use_cucm_login == "yes"
    }

    fn tls(&self) -> TlsDraft {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        TlsDraft {
            mode: self.tls_mode.clone(),
            fingerprint_sha256: text(&self.tls_fingerprint),
            ca_pem: text(&self.tls_ca_pem),
        }
    }

    fn emergency(&self) -> Option<Vec<String>> {
        let text = self.emergency_numbers.as_deref()?;
        Some(parts(text, [',', '\n', ' ', ';']))
    }

    fn ssh(&self) -> Option<LoginDraft> {
        let username = self.ssh_username.clone()?;
        (!username.is_empty()).then(|| LoginDraft {
            username,
            password: typed(&self.ssh_password),
        })
    }

    /// As a new cluster. A port that is no number becomes 0, which the rules refuse at its own field.
    fn draft(&self) -> ClusterDraft {
        let control = LoginDraft {
            username: self.control_username.clone(),
            password: typed(&self.control_password),
        };
        ClusterDraft {
            name: self.name.clone(),
            host: self.host.clone(),
            port: port(&self.port),
            login: LoginDraft {
                username: self.login_username.clone(),
                password: typed(&self.login_password),
            },
            control_login: (!self.uses_cucm_login()).then_some(control),
            ssh_login: self.ssh(),
            tls: self.tls(),
            phone_networks: parts(&self.phone_networks, [',', '\n']),
            phone_http_port: port(&self.phone_http_port),
            phone_https_port: port(&self.phone_https_port),
            phone_ssh_port: self.phone_ssh_port.as_deref().map_or(SSH_PORT, port),
            authentication_http_port: port(&self.authentication_http_port),
            emergency_numbers: self.emergency().unwrap_or_else(default_emergency_numbers),
        }
    }

    /// As a change: an empty password keeps the one that is kept.
    fn patch(&self) -> ClusterPatch {
        let draft = self.draft();
        let login = |login: LoginDraft| LoginPatch {
            username: Some(login.username),
            password: login.password,
        };
        ClusterPatch {
            name: Some(draft.name),
            host: Some(draft.host),
            port: Some(draft.port),
            login: Some(login(draft.login)),
            control_login: draft
                .control_login
                .map_or(ControlPatch::CucmLogin, |changed| ControlPatch::Change(login(changed))),
            ssh_login: match (draft.ssh_login, &self.ssh_username) {
                (Some(changed), _) => SshPatch::Change(login(changed)),
                (None, Some(_)) => SshPatch::Forget,
                (None, None) => SshPatch::Keep,
            },
            tls: Some(draft.tls),
            phone_networks: Some(draft.phone_networks),
            phone_http_port: Some(draft.phone_http_port),
            phone_https_port: Some(draft.phone_https_port),
            phone_ssh_port: self.phone_ssh_port.as_deref().map(port),
            authentication_http_port: Some(draft.authentication_http_port),
            emergency_numbers: self.emergency(),
        }
    }

    /// Back into the fields.
    fn fields(self) -> ClusterForm {
        ClusterForm {
            use_cucm_login: self.uses_cucm_login(),
            name: self.name,
            host: self.host,
            port: self.port,
            login_username: self.login_username,
            control_username: self.control_username,
            ssh_username: self.ssh_username.unwrap_or_default(),
            tls_mode: self.tls_mode,
            tls_fingerprint: self.tls_fingerprint,
            tls_ca_pem: self.tls_ca_pem,
            phone_networks: self.phone_networks,
            phone_http_port: self.phone_http_port,
            phone_https_port: self.phone_https_port,
            phone_ssh_port: self.phone_ssh_port.unwrap_or_else(|| SSH_PORT.to_string()),
            authentication_http_port: self.authentication_http_port,
            emergency_numbers: self
                .emergency_numbers
                .unwrap_or_else(|| default_emergency_numbers().join(", ")),
        }
    }
}

fn typed(password: &SecretString) -> Option<SecretString> {
    Some(password.clone()).filter(|password| !password.expose_secret().is_empty())
}

/// What stands between separators, without blanks around it.
fn parts<const N: usize>(text: &str, separators: [char; N]) -> Vec<String> {
    let parts = text.split(separators).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn has_ssh_password(cluster: &Cluster) -> bool {
    cluster.ssh_login.as_ref().is_some_and(|login| login.password_set)
}

fn port(text: &str) -> u32 {
    text.trim().parse().unwrap_or(0)
}

fn fields_of(cluster: &Cluster) -> ClusterForm {
    ClusterForm {
        name: cluster.name.clone(),
        host: cluster.host.clone(),
        port: cluster.port.to_string(),
        login_username: cluster.login_username.clone(),
        use_cucm_login: cluster.control_username.is_none(),
        control_username: cluster.control_username.clone().unwrap_or_default(),
        ssh_username: cluster
            .ssh_login
            .as_ref()
            .map(|login| login.username.clone())
            .unwrap_or_default(),
        tls_mode: cluster.tls.mode.as_str().to_owned(),
        tls_fingerprint: cluster.tls.fingerprint_sha256.clone().unwrap_or_default(),
        tls_ca_pem: cluster.tls.ca_pem.clone().unwrap_or_default(),
        phone_networks: cluster.phone_networks.join("\n"),
        phone_http_port: cluster.phone_http_port.to_string(),
        phone_https_port: cluster.phone_https_port.to_string(),
        phone_ssh_port: cluster.phone_ssh_port.to_string(),
        authentication_http_port: cluster.authentication_http_port.to_string(),
        emergency_numbers: cluster.emergency_numbers.join(", "),
    }
}

pub(super) async fn new(visit: Visit) -> Result<Response, Failure> {
    visit.may::<ManageClusters>()?;
    visit::html(&ClusterFormPage {
        layout: visit.layout("Add a cluster", Section::Clusters),
        id: None,
        form: ClusterForm::default(),
        errors: FieldErrors::default(),
        login_password_set: false,
        control_password_set: false,
        ssh_password_set: false,
    })
}

pub(super) async fn edit(visit: Visit, Path(id): Path<ClusterId>) -> Result<Response, Failure> {
    let may = visit.may::<ManageClusters>()?;
    let cluster = visit.app.inventory.cluster(&may, id).await?;
    visit::html(&ClusterFormPage {
        layout: visit.layout(&format!("Change {}", cluster.name), Section::Clusters),
        id: Some(id.0),
        form: fields_of(&cluster),
        errors: FieldErrors::default(),
        login_password_set: true,
        control_password_set: cluster.control_username.is_some(),
        ssh_password_set: has_ssh_password(&cluster),
    })
}

/// Adds a cluster. With `pinned` and no fingerprint yet, the one that CUCM shows is offered first: nothing is accepted
/// that the admin has not seen.
pub(super) async fn add(visit: Visit, Form(sent): Form<Sent>) -> Result<Response, Failure> {
    let may = visit.may::<ManageClusters>()?;
    match visit.app.inventory.add_cluster(&may, &sent.draft()).await {
        Ok(cluster) => {
            let path = format!("/clusters/{}", cluster.id);
            Ok(visit::done(
                &path,
                format!("{} is added. Run the checks, then synchronise.", cluster.name),
            ))
        }
        Err(error) => {
            let offered = offer(&visit, &may, &sent, &error).await;
            refuse(&visit, None, sent, error, offered)
        }
    }
}

pub(super) async fn change(
    visit: Visit,
    Path(id): Path<ClusterId>,
    Form(sent): Form<Sent>,
) -> Result<Response, Failure> {
    let may = visit.may::<ManageClusters>()?;
    match visit.app.inventory.change_cluster(&may, id, sent.patch()).await {
        Ok(cluster) => Ok(visit::done(
            &format!("/clusters/{id}"),
            format!("{} is changed.", cluster.name),
        )),
        Err(error) => {
            let before = visit.app.inventory.cluster(&may, id).await?;
            let offered = offer(&visit, &may, &sent, &error).await;
            refuse(&visit, Some(&before), sent, error, offered)
        }
    }
}

/// The fingerprint that CUCM shows now, when its absence is all that stands against the form.
async fn offer(visit: &Visit, may: &May<ManageClusters>, sent: &Sent, error: &inventory::Error) -> Option<String> {
    let inventory::Error::Invalid(errors) = error else {
        return None;
    };
    let only_fingerprint = errors.iter().all(|(field, _)| field == FINGERPRINT);
    if !only_fingerprint || !sent.tls_fingerprint.trim().is_empty() {
        return None;
    }
    visit
        .app
        .inventory
        .seen_fingerprint(may, &sent.host, port(&sent.port))
        .await
}

fn refuse(
    visit: &Visit,
    before: Option<&Cluster>,
    sent: Sent,
    error: inventory::Error,
    offered: Option<String>,
) -> Result<Response, Failure> {
    let mut errors = FieldErrors::default();
    match &error {
        inventory::Error::Invalid(problems) => {
            // Left empty, the fingerprint is asked from CUCM once all else is right: that is no mistake.
            let empty = sent.tls_fingerprint.trim().is_empty();
            let others = problems.iter().any(|(field, _)| field != FINGERPRINT);
            for (field, problem) in problems
                .iter()
                .filter(|(field, _)| !(empty && others && *field == FINGERPRINT))
            {
                errors.add(field_name(field), capital(problem));
            }
        }
        inventory::Error::NameTaken => errors.add("name", "Another cluster has this name."),
        _ => return Err(error.into()),
    }
    let title = before.map_or_else(
        || "Add a cluster".to_owned(),
        |cluster| format!("Change {}", cluster.name),
    );
    let mut form = sent.fields();
    if let Some(fingerprint) = offered {
        errors = FieldErrors::default();
        let text =
            "CUCM shows this one. Compare it with CUCM's own, then type the password again and save to accept it.";
        errors.add("tls_fingerprint", text);
        form.tls_fingerprint = fingerprint;
    }
    visit::refused(&ClusterFormPage {
        layout: visit.layout(&title, Section::Clusters),
        id: before.map(|cluster| cluster.id.0),
        form,
        errors,
        login_password_set: before.is_some(),
        control_password_set: before.is_some_and(|cluster| cluster.control_username.is_some()),
        ssh_password_set: before.is_some_and(has_ssh_password),
    })
}

/// The form's name of a field of the API.
fn field_name(field: &str) -> &'static str {
    match field {
        "name" => "name",
        "host" => "host",
        "port" => "port",
        "login.username" => "login_username",
        "login.password" => "login_password",
        "control_login.username" => "control_username",
        "control_login.password" => "control_password",
        "ssh_login.username" => "ssh_username",
        "ssh_login.password" => "ssh_password",
        "tls.mode" => "tls_mode",
        FINGERPRINT => "tls_fingerprint",
        "tls.ca_pem" => "tls_ca_pem",
        "phone_networks" => "phone_networks",
        "phone_http_port" => "phone_http_port",
        "phone_https_port" => "phone_https_port",
        "phone_ssh_port" => "phone_ssh_port",
        "authentication_http_port" => "authentication_http_port",
        "emergency_numbers" => "emergency_numbers",
        _ => "",
    }
}

/// The rules' words as a sentence.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
