//! Whom the phone trusts.

mod configuration;
mod hash;
mod messages;
mod settings;

pub(super) use configuration::configuration;
pub(super) use hash::hash;
pub(super) use messages::messages;
pub(super) use settings::settings_access;

use crate::diagnosis::seen::Seen;
use crate::domain::finding::{CheckId, Finding};

/// Why a page of the phone was not read; the pages are asked for one after the other, and not of a silent phone.
async fn not_asked(seen: &Seen, check: CheckId, what: &str) -> Finding {
    let why = seen
        .obstacle()
        .await
        .unwrap_or_else(|| "the phone takes no connection any more".to_owned());
    Finding::skipped(check, format!("{what}: {why}"))
}
