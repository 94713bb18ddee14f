//! CUCM itself.

use crate::diagnosis::seen::Seen;
use crate::domain::finding::{CheckId, Finding};

pub(super) async fn address(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::CucmAddress, "")
}

pub(super) async fn tls(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::CucmTls, "")
}

pub(super) async fn login(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::CucmLogin, "")
}

pub(super) async fn ris(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::CucmRis, "")
}

pub(super) async fn authenticate_https(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::AuthenticateHttps, "")
}

pub(super) async fn authenticate_http(seen: &Seen) -> Finding {
    let _ = seen;
    Finding::skipped(CheckId::AuthenticateHttp, "")
}
