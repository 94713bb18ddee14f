//! What is named for each cause.

use super::causes_of_refusal::{login_and_url, trust_and_answer};
use super::*;

#[expect(clippy::too_many_lines, reason = "a table: one case after the other")]
fn cucm_and_enrolment() -> Vec<Case> {
    let unregistered = |more: &[Sign]| swap(&enrolled(), &[Sign::Registered], more);
    vec![
        ("all is well", shot(Shown::Picture), C::None, Proved, &[]),
        (
            "no connection to CUCM",
            vec![Sign::CucmUnreachable],
            C::CucmUnreachable,
            Proved,
            &[],
        ),
        (
            "CUCM's name",
            vec![Sign::CucmUnresolved],
            C::CucmUnreachable,
            Proved,
            &[],
        ),
        (
            "another certificate",
            vec![Sign::CucmTlsUntrusted],
            C::CucmTlsUntrusted,
            Proved,
            &[],
        ),
        ("TLS 1.0", vec![Sign::CucmTlsTooOld], C::CucmTlsTooOld, Proved, &[]),
        (
            "401 by AXL",
            vec![Sign::AxlLoginRejected],
            C::CucmLoginRejected,
            Proved,
            &[],
        ),
        (
            "403 by AXL",
            vec![Sign::AxlRoleMissing],
            C::CucmRoleMissing,
            Proved,
            &[],
        ),
        (
            "403 by RIS, phone silent",
            with(
                &swap(
                    &ports(Port::Silent),
                    &[Sign::RisWorks, Sign::Registered],
                    &[Sign::RisRoleMissing],
                ),
                &[],
            ),
            C::CucmRoleMissing,
            Proved,
            &[C::PhoneUnreachable],
        ),
        ("404 by AXL", vec![Sign::AxlDown], C::AxlUnavailable, Proved, &[]),
        ("503 by AXL, twice", vec![Sign::AxlBusy], C::AxlUnavailable, Likely, &[]),
        (
            "599 by AXL",
            vec![Sign::AxlVersionUnsupported],
            C::AxlVersionUnsupported,
            Proved,
            &[],
        ),
        (
            "no RIS, no address",
            vec![Sign::AxlWorks, Sign::PhoneKnown, Sign::RisDown],
            C::RisUnavailable,
            Proved,
            &[],
        ),
        (
            "no RIS queries left, no address",
            vec![Sign::AxlWorks, Sign::PhoneKnown, Sign::RisQuotaExhausted],
            C::RisQuotaExhausted,
            Proved,
            &[],
        ),
        (
            "authenticate service down",
            swap(
                &refused(),
                &[Sign::AuthenticateAnswers(true), Sign::Authorized, Sign::UrlAnswers],
                &[Sign::AuthenticateDown(true), Sign::UrlUnreachable],
            ),
            C::AuthenticationServiceDown,
            Proved,
            &[],
        ),
        (
            "authenticate service down on the other scheme",
            with(
                &without(&refused(), &[Sign::AuthenticateAnswers(false)]),
                &[Sign::AuthenticateDown(false)],
            ),
            C::TrustListBroken,
            Likely,
            &[],
        ),
        (
            "AXL says yes, the service no",
            with(
                &without(&unauthorized(&[]), &[]),
                &[Sign::PasswordGood, Sign::Associated],
            ),
            C::AuthenticationServiceDown,
            Possible,
            &[],
        ),
        (
            "unknown to AXL",
            with(
                &cucm(),
                &[Sign::PhoneUnknown, Sign::NotRegistered(None), Sign::NotAssociated],
            ),
            C::PhoneUnknown,
            Proved,
            &[],
        ),
        (
            "unregistered",
            unregistered(&[Sign::NotRegistered(Some(13))]),
            C::PhoneNotRegistered,
            Proved,
            &[],
        ),
        (
            "registered without an address",
            with(&cucm(), &[Sign::PhoneKnown, Sign::Registered, Sign::AddressMissing]),
            C::PhoneAddressMissing,
            Proved,
            &[],
        ),
        (
            "another phone answers",
            with(
                &swap(&reached(), &[Sign::SameDevice], &[other()]),
                &[Sign::Shot(Shown::Picture)],
            ),
            C::PhoneAddressStale,
            Proved,
            &[],
        ),
        (
            "RIS has another address",
            with(&shot(Shown::Picture), &[Sign::AddressMoved(Ipv4Addr::new(10, 0, 0, 8))]),
            C::None,
            Proved,
            &[C::PhoneAddressStale],
        ),
        (
            "RIS has another address, where nothing answers",
            with(&ports(Port::Silent), &[Sign::AddressMoved(Ipv4Addr::new(10, 0, 0, 9))]),
            C::PhoneAddressStale,
            Likely,
            &[C::PhoneUnreachable],
        ),
        (
            "an ATA",
            with(
                &enrolled(),
                &[Sign::ModelWithoutControl, Sign::Port(false, Port::Refused)],
            ),
            C::ModelWithoutControl,
            Proved,
            &[],
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table: one case after the other")]
fn network_and_web() -> Vec<Case> {
    vec![
        (
            "both ports silent",
            ports(Port::Silent),
            C::PhoneUnreachable,
            Proved,
            &[],
        ),
        ("no route", ports(Port::Unroutable), C::PhoneUnreachable, Proved, &[]),
        (
            "connects, then silence",
            with(
                &enrolled(),
                &[
                    Sign::Port(false, Port::Open),
                    Sign::NoFirstByte,
                    Sign::Shot(Shown::Silent),
                ],
            ),
            C::PhoneNotAnswering,
            Proved,
            &[],
        ),
        (
            "pages, but no picture within the limit",
            shot(Shown::Silent),
            C::PhoneNotAnswering,
            Likely,
            &[],
        ),
        (
            "refused after a reset",
            with(&ports(Port::Refused), &[Sign::RecentlyRestarted]),
            C::PhoneRestarting,
            Likely,
            &[],
        ),
        (
            "silent and unregistered after a reset",
            with(
                &swap(
                    &ports(Port::Silent),
                    &[Sign::Registered],
                    &[Sign::NotRegistered(Some(9))],
                ),
                &[Sign::RecentlyRestarted],
            ),
            C::PhoneRestarting,
            Likely,
            &[C::PhoneNotRegistered],
        ),
        (
            "just lost its power",
            with(
                &swap(
                    &ports(Port::Refused),
                    &[Sign::Registered],
                    &[Sign::NotRegistered(Some(13))],
                ),
                &[Sign::RecentlyRestarted],
            ),
            C::PhoneNotRegistered,
            Proved,
            &[],
        ),
        (
            "cut off after a key",
            with(&shot(Shown::NoConnection), &[Sign::RecentlyRestarted]),
            C::PhoneRestarting,
            Likely,
            &[],
        ),
        ("cut off", shot(Shown::NoConnection), C::PhoneNotAnswering, Likely, &[]),
        (
            "late",
            with(&shot(Shown::Picture), &[Sign::SlowAnswer(9_000)]),
            C::PhoneSlow,
            Proved,
            &[],
        ),
        ("never ends", shot(Shown::Slow), C::PhoneSlow, Proved, &[]),
        (
            "refused, and off in RIS",
            swap(
                &ports(Port::Refused),
                &[Sign::WebAccessConfigured(Access::Enabled)],
                &[Sign::Httpd(false)],
            ),
            C::WebAccessDisabled,
            Proved,
            &[],
        ),
        (
            "refused, and off in CUCM",
            swap(
                &ports(Port::Refused),
                &[Sign::WebAccessConfigured(Access::Enabled)],
                &[Sign::WebAccessConfigured(Access::Disabled)],
            ),
            C::WebAccessDisabled,
            Proved,
            &[],
        ),
        (
            "refused, nobody knows why",
            without(&ports(Port::Refused), &[Sign::WebAccessConfigured(Access::Enabled)]),
            C::WebAccessDisabled,
            Likely,
            &[],
        ),
        (
            "off, although it is on in CUCM",
            with(&ports(Port::Refused), &[Sign::Httpd(false)]),
            C::WebAccessDisabled,
            Proved,
            &[],
        ),
        (
            "403 beside working pages",
            shot(Shown::Forbidden),
            C::WebAccessReadOnly,
            Likely,
            &[],
        ),
        (
            "403 beside working pages, read-only in CUCM",
            swap(
                &shot(Shown::Forbidden),
                &[Sign::WebAccessConfigured(Access::Enabled)],
                &[Sign::WebAccessConfigured(Access::Restricted)],
            ),
            C::WebAccessReadOnly,
            Proved,
            &[],
        ),
        (
            "refused, although CUCM sees the web server",
            with(&ports(Port::Refused), &[Sign::Httpd(true)]),
            C::PhoneUnreachable,
            Likely,
            &[],
        ),
        (
            "404 beside working pages",
            shot(Shown::Missing),
            C::WebAccessReadOnly,
            Likely,
            &[],
        ),
        (
            "read-only in CUCM",
            swap(
                &shot(Shown::Missing),
                &[Sign::WebAccessConfigured(Access::Enabled)],
                &[Sign::WebAccessConfigured(Access::Restricted)],
            ),
            C::WebAccessReadOnly,
            Proved,
            &[],
        ),
        (
            "a proxy's page",
            with(
                &enrolled(),
                &[
                    Sign::Port(false, Port::Open),
                    Sign::ForeignAnswer,
                    Sign::Shot(Shown::Foreign),
                ],
            ),
            C::ProxyInPath,
            Proved,
            &[],
        ),
    ]
}

#[test]
fn every_cause_is_named() {
    let cases: Vec<Case> = [
        cucm_and_enrolment(),
        network_and_web(),
        login_and_url(),
        trust_and_answer(),
    ]
    .concat();
    for cause in Cause::ALL {
        assert!(
            cases
                .iter()
                .any(|(_, _, named, certainty, _)| named == cause && *certainty > Possible),
            "no case names {cause} with more than a guess"
        );
    }
    check(cases);
}
