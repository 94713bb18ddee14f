//! The phone as CUCM has it.

use crate::diagnosis::seen::Seen;
use crate::domain::finding::{CheckId, Finding};

pub(super) async fn known(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::PhoneKnown, "")
}

pub(super) async fn model(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::PhoneModel, "")
}

pub(super) async fn registered(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::PhoneRegistered, "")
}

pub(super) async fn address(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::PhoneAddress, "")
}
