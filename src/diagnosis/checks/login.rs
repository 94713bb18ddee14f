//! Whom the phone is asked to obey.

use crate::diagnosis::seen::Seen;
use crate::domain::finding::{CheckId, Finding};

pub(super) async fn accepted(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::ControlLogin, "")
}

pub(super) async fn controlled_device(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::ControlledDevice, "")
}

pub(super) async fn roles(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::LoginRoles, "")
}
