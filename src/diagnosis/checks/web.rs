//! Web access, configured and observed.

use crate::diagnosis::seen::Seen;
use crate::domain::finding::{CheckId, Finding};

pub(super) async fn access(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::WebAccess, "")
}
