//! Which faults the signs show, and how surely.

use super::Candidate;
use crate::domain::cause::Cause;
use crate::domain::finding::{Certainty, Finding, Shown, Sign};

/// The verdict when no rule speaks: nothing was seen that is wrong, and no picture either.
pub(super) fn nothing_found() -> Candidate {
    Candidate {
        cause: Cause::AuthenticationRefused,
        certainty: Certainty::Possible,
    }
}

/// Every fault that the signs show; the same cause may come more than once.
pub(super) fn candidates(findings: &[Finding]) -> Vec<Candidate> {
    let signs = findings.iter().flat_map(|finding| &finding.signs);
    signs.filter_map(direct).collect()
}

/// Signs that prove a fault by themselves.
fn direct(sign: &Sign) -> Option<Candidate> {
    let cause = match sign {
        Sign::CucmUnresolved | Sign::CucmUnreachable => Cause::CucmUnreachable,
        Sign::CucmTlsUntrusted => Cause::CucmTlsUntrusted,
        Sign::CucmTlsTooOld => Cause::CucmTlsTooOld,
        Sign::AxlLoginRejected => Cause::CucmLoginRejected,
        Sign::AxlRoleMissing => Cause::CucmRoleMissing,
        Sign::AxlDown => Cause::AxlUnavailable,
        Sign::AxlVersionUnsupported => Cause::AxlVersionUnsupported,
        Sign::PhoneUnknown => Cause::PhoneUnknown,
        Sign::ModelWithoutControl => Cause::ModelWithoutControl,
        Sign::NotRegistered(_) => Cause::PhoneNotRegistered,
        Sign::AddressMissing => Cause::PhoneAddressMissing,
        Sign::OtherDevice(_) => Cause::PhoneAddressStale,
        Sign::NotAssociated => Cause::DeviceNotAssociated,
        Sign::Shot(Shown::Picture) => Cause::None,
        _ => return None,
    };
    Some(Candidate {
        cause,
        certainty: Certainty::Proved,
    })
}
