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
    // It comes back, and registers, by itself.
    Cause::PhoneRestarting,
    Cause::PhoneNotRegistered,
    Cause::PhoneAddressMissing,
    Cause::PhoneAddressStale,
    Cause::PhoneUnreachable,
    Cause::ProxyInPath,
    Cause::PhoneNotAnswering,
    Cause::WebAccessDisabled,
    Cause::WebAccessReadOnly,
    Cause::AuthenticationServiceDown,
    Cause::ControlLoginLocked,
    Cause::ControlLoginRejected,
    Cause::DeviceNotAssociated,
    // Clearing the device's own URL mends whatever else is wrong with it.
    Cause::AuthenticationUrlOverridden,
    // A name that does not resolve is nobody's server.
    Cause::AuthenticationUrlUnresolvable,
    Cause::AuthenticationUrlThirdParty,
    Cause::AuthenticationUrlWrong,
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

/// The faults in line, each once, with the certainty of its surest rule; behind them those that stand in nobody's way.
/// When none stands in the way, no picture was asked for and those are all there is.
pub(super) fn in_line(candidates: &[Candidate]) -> Vec<Candidate> {
    let of = |aside: bool| {
        LINE.iter().filter_map(move |cause| {
            let same = candidates
                .iter()
                .filter(|candidate| candidate.cause == *cause && candidate.aside == aside);
            same.max_by_key(|candidate| candidate.certainty).copied()
        })
    };
    let mut line: Vec<Candidate> = of(false).collect();
    for fault in of(true) {
        if !line.iter().any(|known| known.cause == fault.cause) {
            line.push(fault);
        }
    }
    line
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
