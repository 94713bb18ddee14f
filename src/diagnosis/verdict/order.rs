//! The line in which faults are mended: each stands in the way of all that follow.

use super::Candidate;
use crate::domain::cause::Cause;

/// First what no mending changes, then CUCM, the phone in CUCM, the network, the web server, the login, the URL, the trust
/// list, and last what the phone does when all of these are right.
const LINE: &[Cause] = &[
    Cause::ModelWithoutControl,
    // A picture that came outdoes everything else.
    Cause::None,
    Cause::CucmUnreachable,
    Cause::CucmTlsTooOld,
    Cause::CucmTlsUntrusted,
    Cause::AxlVersionUnsupported,
    Cause::AxlUnavailable,
    Cause::CucmLoginRejected,
    Cause::CucmRoleMissing,
    Cause::PhoneUnknown,
    Cause::RisUnavailable,
    Cause::RisQuotaExhausted,
    Cause::PhoneNotRegistered,
    Cause::PhoneAddressMissing,
    Cause::PhoneAddressStale,
    Cause::PhoneRestarting,
    Cause::PhoneUnreachable,
    Cause::ProxyInPath,
    Cause::PhoneNotAnswering,
    Cause::WebAccessDisabled,
    Cause::WebAccessReadOnly,
    Cause::AuthenticationServiceDown,
    Cause::ControlLoginLocked,
    Cause::ControlLoginRejected,
    Cause::DeviceNotAssociated,
    Cause::AuthenticationUrlOverridden,
    Cause::AuthenticationUrlThirdParty,
    Cause::AuthenticationUrlWrong,
    Cause::AuthenticationUrlUnresolvable,
    Cause::AuthenticationUrlUnreachable,
    // Locked settings block the cure of the trust list.
    Cause::SettingsAccessLocked,
    Cause::TrustListBroken,
    Cause::PhoneInternalError,
    Cause::ScreenshotTruncated,
    Cause::ScreenshotUndecodable,
    Cause::PhoneSlow,
    Cause::ScreenshotUnsupported,
    Cause::AuthenticationReplyUnreadable,
    Cause::AuthenticationRefused,
];

/// The faults in line, each once, with the certainty of its surest rule.
pub(super) fn in_line(candidates: Vec<Candidate>) -> Vec<Candidate> {
    LINE.iter()
        .filter_map(|cause| {
            let same = candidates.iter().filter(|candidate| candidate.cause == *cause);
            same.max_by_key(|candidate| candidate.certainty).copied()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_its_place_once() {
        assert_eq!(LINE.len(), Cause::ALL.len());
        for cause in Cause::ALL {
            assert!(LINE.contains(cause), "{cause}");
        }
    }
}
