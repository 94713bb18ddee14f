//! How fast.

use crate::diagnosis::seen::Seen;
use crate::domain::finding::{CheckId, Finding};

pub(super) async fn answer_times(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::AnswerTimes, "")
}

pub(super) async fn in_call(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::InCall, "")
}
