//! What undo puts back. It is written before anything is changed, so that a run that was cut off can be undone too.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::plan::Act;
use super::{urls, vendor};
use crate::inventory::Subject;

/// The state before a run, as far as undo needs it, and what the run left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub(super) enum Kept {
    /// There is nothing to put back.
    Nothing,
    /// The phone was not among the user's controlled devices.
    Association { user: String, end_user: bool },
    /// One value of the vendor configuration, none where it was not set. The whole is kept for the eyes of a person, without
    /// what may be a password.
    Vendor {
        key: String,
        before: Option<String>,
        after: Option<String>,
        whole: Vec<(String, String)>,
    },
    /// The phone's own Authentication URLs.
    Urls { before: urls::Pair, after: urls::Pair },
    /// How CUCM's certificate was trusted.
    Certificate {
        mode: String,
        fingerprint: Option<String>,
        ca_pem: Option<String>,
        after: String,
    },
    /// Whose the control login was; the sealed password is kept beside it.
    ControlLogin {
        before: Option<String>,
        after: Option<String>,
        /// The mark of the sealed password that the run left; none of a run that was cut off.
        #[serde(default)]
        after_password: Option<String>,
    },
    /// Where the phone was.
    Address { before: Option<Ipv4Addr>, after: Ipv4Addr },
}

impl Kept {
    pub(super) fn of(act: &Act, subject: &Subject) -> Self {
        let cluster = &subject.cluster;
        match act {
            Act::Associate { user, end_user, .. } => Self::Association {
                user: user.clone(),
                end_user: *end_user,
            },
            Act::Vendor(write) => Self::Vendor {
                key: write.key.clone(),
                before: write.before.vendor(&write.key).map(str::to_owned),
                after: write.value.clone(),
                whole: vendor::without_secrets(&write.before.vendor_config),
            },
            Act::Urls(write) => Self::Urls {
                before: urls::Pair::of(&write.before),
                after: write.wished.clone(),
            },
            Act::Certificate(fingerprint) => Self::Certificate {
                mode: cluster.tls.mode.as_str().to_owned(),
                fingerprint: cluster.tls.fingerprint_sha256.clone(),
                ca_pem: cluster.tls.ca_pem.clone(),
                after: fingerprint.to_string(),
            },
            Act::CucmLogin => Self::ControlLogin {
                before: cluster.control_username.clone(),
                after: None,
                after_password: None,
            },
            Act::ControlLogin { username, .. } => Self::ControlLogin {
                before: cluster.control_username.clone(),
                after: Some(username.clone()),
                after_password: None,
            },
            Act::Address(address) => Self::Address {
                before: subject.phone.address,
                after: *address,
            },
            Act::Push(..) | Act::Unlock { .. } | Act::ByAddress(_) => Self::Nothing,
        }
    }
}
