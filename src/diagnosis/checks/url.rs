//! Whom the phone asks.

use crate::diagnosis::seen::Seen;
use crate::domain::finding::{CheckId, Finding};

pub(super) async fn in_force(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::UrlInForce, "")
}

pub(super) async fn host(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::UrlHost, "")
}

pub(super) async fn answer(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::UrlAnswer, "")
}
