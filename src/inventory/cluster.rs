//! A cluster as people see it: everything but its passwords.

use jiff::Timestamp;

use crate::domain::ids::ClusterId;
use crate::store::clusters;

/// How CUCM's certificate is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// By the authorities of the operating system.
    System,
    /// One certificate that an admin saw and accepted.
    Pinned,
    /// By authorities that an admin named.
    Ca,
    /// Whatever it is.
    Insecure,
}

impl TlsMode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::System, Self::Pinned, Self::Ca, Self::Insecure];

    /// The word in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Pinned => "pinned",
            Self::Ca => "ca",
            Self::Insecure => "insecure",
        }
    }

    /// The mode of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }
}

/// The trust of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// How.
    pub mode: TlsMode,
    /// SHA-256 of the accepted certificate.
    pub fingerprint_sha256: Option<String>,
    /// The authorities named.
    pub ca_pem: Option<String>,
}

/// The login of the phones' SSH, without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshUser {
    /// The user.
    pub username: String,
    /// Whether a password is kept: 69xx let `admin` in without one.
    pub password_set: bool,
}

/// A cluster without its passwords; the CUCM login and the control login have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its number.
    pub id: ClusterId,
    /// Its name.
    pub name: String,
    /// Host name or address of the publisher.
    pub host: String,
    /// Port of AXL and RIS.
    pub port: u16,
    /// User of the CUCM login.
    pub login_username: String,
    /// User of the control login; none when the CUCM login serves.
    pub control_username: Option<String>,
    /// The login of the phones' SSH, where one is known.
    pub ssh_login: Option<SshUser>,
    /// How CUCM's certificate is trusted.
    pub tls: Tls,
    /// Networks in which phones may live.
    pub phone_networks: Vec<String>,
    /// Port of the phones for http.
    pub phone_http_port: u16,
    /// Port of the phones for https.
    pub phone_https_port: u16,
    /// Port of the phones for SSH.
    pub phone_ssh_port: u16,
    /// Port of the authenticate service for http.
    pub authentication_http_port: u16,
    /// Numbers that macros and jobs never dial, and people only after a question.
    pub emergency_numbers: Vec<String>,
    /// The AXL schema in use.
    pub axl_version: Option<String>,
    /// CUCM's own version.
    pub product_version: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The end of the last sync that succeeded.
    pub synced_at: Option<Timestamp>,
}

/// A stored time; one outside jiff's range reads as the epoch.
pub(super) fn time(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl From<clusters::Cluster> for Cluster {
    fn from(row: clusters::Cluster) -> Self {
        Self {
            id: row.id,
            name: row.name,
            host: row.host,
            port: row.port,
            login_username: row.login_username,
            control_username: row.control_username,
            ssh_login: row.ssh_username.map(|username| SshUser {
                username,
                password_set: row.ssh_password.is_some(),
            }),
            tls: Tls {
                mode: TlsMode::parse(&row.tls_mode).unwrap_or(TlsMode::System),
                fingerprint_sha256: row.tls_fingerprint,
                ca_pem: row.tls_ca_pem,
            },
            phone_networks: row.phone_networks,
            phone_http_port: row.phone_http_port,
            phone_https_port: row.phone_https_port,
            phone_ssh_port: row.phone_ssh_port,
            authentication_http_port: row.authentication_http_port,
            emergency_numbers: row.emergency_numbers,
            axl_version: row.axl_version,
            product_version: row.product_version,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
            synced_at: row.synced_at.map(time),
        }
    }
}
