//! Clusters: list, form, and the page of one with its checks.

use askama::Template;

use super::jobs::JobView;
use super::{FieldErrors, Layout, Section, Trouble, When};
use crate::inventory::default_emergency_numbers;

/// `GET /clusters`; with the header `X-Fragment: rows` only the block `rows`.
#[derive(Debug, Template)]
#[template(path = "clusters/list.html", blocks = ["rows"])]
pub struct ClustersPage {
    /// What surrounds it.
    pub layout: Layout,
    /// By name.
    pub clusters: Vec<ClusterRow>,
}

impl ClustersPage {
    /// Whether the list must be fetched again soon.
    pub fn is_busy(&self) -> bool {
        self.clusters
            .iter()
            .any(|row| row.job.as_ref().is_some_and(|job| !job.state.is_over()))
    }
}

/// One cluster of the list.
#[derive(Debug, Clone)]
pub struct ClusterRow {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Host of its publisher.
    pub host: String,
    /// CUCM's version; empty before it was seen.
    pub version: String,
    /// Phones in the inventory.
    pub phones: u64,
    /// When the last good sync ended.
    pub synced_at: Option<When>,
    /// The sync that is queued or under way.
    pub job: Option<JobView>,
    /// Why the last attempt to reach it failed.
    pub trouble: Option<Trouble>,
}

/// `GET /clusters/new` and `GET /clusters/{id}/edit`, and the answer to a refused `POST /clusters` or
/// `POST /clusters/{id}`.
#[derive(Debug, Template)]
#[template(path = "clusters/form.html")]
pub struct ClusterFormPage {
    /// What surrounds it.
    pub layout: Layout,
    /// The cluster that is changed; none for a new one.
    pub id: Option<i64>,
    /// What is in the fields.
    pub form: ClusterForm,
    /// By field, as they are named in [`ClusterForm`]; also `login_password`, `control_password`, `ssh_password` and
    /// the empty one.
    pub errors: FieldErrors,
    /// Whether a CUCM password is kept already; then an empty field keeps it.
    pub login_password_set: bool,
    /// Whether a control password is kept already.
    pub control_password_set: bool,
    /// Whether an SSH password is kept already.
    pub ssh_password_set: bool,
}

impl ClusterFormPage {
    /// What stands under a password's field.
    #[expect(clippy::unused_self, reason = "templates call it like the rest")]
    fn password_hint(&self, set: bool) -> &'static str {
        if set {
            "Kept. Leave empty to keep it."
        } else {
            "Stored encrypted, never shown again."
        }
    }

    /// What stands under the SSH password: phones may need none.
    fn ssh_password_hint(&self) -> &'static str {
        if self.ssh_password_set {
            self.password_hint(true)
        } else {
            "Stored encrypted, never shown again. Empty for 69xx phones that need none."
        }
    }

    /// Whether a field under Advanced is wrong, so that it must stand open.
    pub fn advanced_is_open(&self) -> bool {
        [
            "phone_http_port",
            "phone_https_port",
            "phone_ssh_port",
            "authentication_http_port",
        ]
        .iter()
        .any(|field| self.errors.has(field))
    }
}

/// What is in the fields of the form, as text and as typed. The passwords are `login_password`, `control_password` and
/// `ssh_password`, never given back. `use_cucm_login` is sent as `yes` or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterForm {
    /// A name of one's own choice.
    pub name: String,
    /// Host name or address of the publisher.
    pub host: String,
    /// The port of AXL.
    pub port: String,
    /// The application user.
    pub login_username: String,
    /// Whether phones are controlled with the CUCM login.
    pub use_cucm_login: bool,
    /// The user of the control login.
    pub control_username: String,
    /// The user of the phones' SSH; empty for none.
    pub ssh_username: String,
    /// `system`, `pinned`, `ca` or `insecure`.
    pub tls_mode: String,
    /// The fingerprint for `pinned`; empty until one was seen and accepted.
    pub tls_fingerprint: String,
    /// The certificates for `ca`.
    pub tls_ca_pem: String,
    /// One network a line.
    pub phone_networks: String,
    /// Usually 80.
    pub phone_http_port: String,
    /// Usually 443.
    pub phone_https_port: String,
    /// Usually 22.
    pub phone_ssh_port: String,
    /// Usually 8080.
    pub authentication_http_port: String,
    /// With commas between them.
    pub emergency_numbers: String,
}

impl Default for ClusterForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            host: String::new(),
            port: "8443".to_owned(),
            login_username: String::new(),
            use_cucm_login: true,
            control_username: String::new(),
            ssh_username: String::new(),
            tls_mode: "pinned".to_owned(),
            tls_fingerprint: String::new(),
            tls_ca_pem: String::new(),
            phone_networks: "10.0.0.0/8\n172.16.0.0/12\n192.168.0.0/16".to_owned(),
            phone_http_port: "80".to_owned(),
            phone_https_port: "443".to_owned(),
            phone_ssh_port: "22".to_owned(),
            authentication_http_port: "8080".to_owned(),
            emergency_numbers: default_emergency_numbers().join(", "),
        }
    }
}

/// `GET /clusters/{id}`; with the header `X-Fragment: progress` only the block `progress`.
///
/// Forms: `POST /clusters/{id}/checks`, `POST /clusters/{id}/certificate` (`fingerprint`),
/// `POST /clusters/{id}/trial` (`address`), `POST /clusters/{id}/syncs`, `POST /clusters/{id}/removal` (`name`).
#[derive(Debug, Template)]
#[template(path = "clusters/cluster.html", blocks = ["progress"])]
pub struct ClusterPage {
    /// What surrounds it.
    pub layout: Layout,
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Host and port, `cucm.example.com:8443`.
    pub host: String,
    /// CUCM's version; empty before it was seen.
    pub version: String,
    /// Phones in the inventory.
    pub phones: u64,
    /// When the last good sync ended.
    pub synced_at: Option<When>,
    /// The CUCM login's user.
    pub login_username: String,
    /// The control login's user; none when it is the CUCM login.
    pub control_username: Option<String>,
    /// The user of the phones' SSH; none when no keys go that way.
    pub ssh_username: Option<String>,
    /// How its certificate is trusted, in words.
    pub tls: String,
    /// Where its phones may live.
    pub networks: Vec<String>,
    /// The checks just run; none before.
    pub checks: Option<ChecksView>,
    /// A certificate that waits for a yes.
    pub certificate: Option<CertificateView>,
    /// What the phone just tried gave.
    pub trial: Option<TrialView>,
    /// The address in the field "Try a phone", as typed.
    pub trial_address: String,
    /// The last jobs, newest first.
    pub jobs: Vec<JobView>,
    /// `address`, `name`, or the empty field.
    pub errors: FieldErrors,
}

impl ClusterPage {
    /// The sync that is queued or under way.
    pub fn running(&self) -> Option<&JobView> {
        self.jobs.iter().find(|job| !job.state.is_over())
    }

    /// Whether the page must be fetched again soon.
    pub fn is_busy(&self) -> bool {
        self.running().is_some()
    }
}

/// A run of the checks.
#[derive(Debug, Clone)]
pub struct ChecksView {
    /// When.
    pub at: When,
    /// In order.
    pub checks: Vec<CheckView>,
}

impl ChecksView {
    /// How many failed.
    pub fn failed(&self) -> usize {
        self.checks
            .iter()
            .filter(|check| check.outcome == CheckOutcome::Failed)
            .count()
    }
}

/// One check.
#[derive(Debug, Clone)]
pub struct CheckView {
    /// Such as `AXL login`.
    pub title: String,
    /// How it ended.
    pub outcome: CheckOutcome,
    /// What was seen.
    pub evidence: String,
    /// What to do; none when it passed.
    pub next_step: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckOutcome {
    /// As it should be.
    Passed,
    /// Works, and something should be looked at.
    Warning,
    /// Does not work.
    Failed,
    /// Not run, because one before it failed.
    Skipped,
}

impl CheckOutcome {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "Passed",
            Self::Warning => "Warning",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
        }
    }

    /// The word in class names.
    pub fn id(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// Its icon.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Passed => "circle-check",
            Self::Warning => "alert-triangle",
            Self::Failed => "circle-x",
            Self::Skipped => "circle-minus",
        }
    }
}

/// A certificate that CUCM showed and that is not trusted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateView {
    /// SHA-256, as colon-separated pairs.
    pub fingerprint: String,
    /// Whom it names.
    pub subject: String,
    /// When it expires.
    pub not_after: String,
    /// Whether it signed itself.
    pub self_signed: bool,
    /// The fingerprint that was accepted before, when this is another one.
    pub replaces: Option<String>,
}

/// What a phone tried by its address gave.
#[derive(Debug, Clone)]
pub struct TrialView {
    /// The address.
    pub address: String,
    /// Where its picture is, as a `data:` address or a path of ours, with its size in pixels.
    pub picture: Option<TrialPicture>,
    /// Why there is none.
    pub trouble: Option<Trouble>,
    /// What the phone says of itself, such as `SEP0C75BD310001, Cisco 8845`; may be empty.
    pub identity: String,
    /// Its page here, where it is in the inventory.
    pub phone_id: Option<i64>,
    /// How long it took.
    pub duration_ms: u64,
}

/// The picture of a phone tried.
#[derive(Debug, Clone)]
pub struct TrialPicture {
    /// Its address.
    pub src: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}
