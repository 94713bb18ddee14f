//! What is named for two faults at once.

use super::pairs_on_the_phone::pairs_on_the_phone;
use super::*;

#[expect(clippy::too_many_lines, reason = "a table: one case after the other")]
fn pairs_before_the_phone() -> Vec<Case> {
    let picture = shot(Shown::Picture);
    let silent = ports(Port::Silent);
    let unregistered = |signs: &[Sign]| swap(signs, &[Sign::Registered], &[Sign::NotRegistered(Some(13))]);
    vec![
        (
            "a good phone, RIS down",
            swap(&picture, &[Sign::RisWorks], &[Sign::RisDown]),
            C::None,
            Proved,
            &[C::RisUnavailable],
        ),
        (
            "a good phone, another certificate",
            vec![
                Sign::CucmTlsUntrusted,
                Sign::Port(false, Port::Open),
                Sign::Shot(Shown::Picture),
            ],
            C::None,
            Proved,
            &[C::CucmTlsUntrusted],
        ),
        (
            "a good phone, locked settings",
            swap(
                &picture,
                &[Sign::SettingsAccess(Access::Enabled)],
                &[Sign::SettingsAccess(Access::Disabled)],
            ),
            C::None,
            Proved,
            &[C::SettingsAccessLocked],
        ),
        (
            "a good phone, trust list broken",
            with(&plain(&picture), &[trust_message(), not_taken()]),
            C::None,
            Proved,
            &[C::TrustListBroken],
        ),
        (
            "a good phone, blank URL, not associated",
            swap(
                &picture,
                &[Sign::Associated, Sign::Authorized],
                &[Sign::NotAssociated, Sign::UrlBlank],
            ),
            C::None,
            Proved,
            &[C::DeviceNotAssociated],
        ),
        (
            "a good phone, unregistered",
            unregistered(&picture),
            C::None,
            Proved,
            &[C::PhoneNotRegistered],
        ),
        (
            "no CUCM, phone refuses",
            vec![
                Sign::CucmUnreachable,
                Sign::Port(false, Port::Open),
                Sign::Shot(Shown::Error(4)),
            ],
            C::CucmUnreachable,
            Proved,
            &[],
        ),
        (
            "no CUCM, web server off",
            vec![
                Sign::CucmUnreachable,
                Sign::Port(false, Port::Refused),
                Sign::Port(true, Port::Refused),
            ],
            C::CucmUnreachable,
            Proved,
            &[C::WebAccessDisabled],
        ),
        (
            "CUCM login wrong, phone cut short",
            vec![Sign::AxlLoginRejected, Sign::Shot(Shown::Truncated)],
            C::ScreenshotTruncated,
            Proved,
            &[C::CucmLoginRejected],
        ),
        (
            "CUCM login wrong, phone refuses",
            vec![Sign::AxlLoginRejected, Sign::Shot(Shown::Error(4))],
            C::CucmLoginRejected,
            Proved,
            &[],
        ),
        (
            "the publisher's service down, the phone asks another server",
            swap(
                &broken_trust(),
                &[Sign::AuthenticateAnswers(true)],
                &[Sign::AuthenticateDown(true)],
            ),
            C::TrustListBroken,
            Proved,
            &[C::AuthenticationServiceDown],
        ),
        (
            "AXL down, phone silent",
            vec![
                Sign::AxlDown,
                Sign::Port(false, Port::Silent),
                Sign::Port(true, Port::Silent),
            ],
            C::AxlUnavailable,
            Proved,
            &[C::PhoneUnreachable],
        ),
        (
            "by address, no CUCM, phone silent",
            vec![
                Sign::ByAddress,
                Sign::CucmUnreachable,
                Sign::Port(false, Port::Silent),
                Sign::Port(true, Port::Silent),
            ],
            C::PhoneUnreachable,
            Proved,
            &[C::CucmUnreachable],
        ),
        (
            "RIS down, phone silent",
            swap(&silent, &[Sign::RisWorks, Sign::Registered], &[Sign::RisDown]),
            C::RisUnavailable,
            Proved,
            &[C::PhoneUnreachable],
        ),
        (
            "RIS down, not associated",
            swap(
                &unauthorized(&[Sign::PasswordGood, Sign::NotAssociated]),
                &[Sign::RisWorks, Sign::Registered],
                &[Sign::RisDown],
            ),
            C::DeviceNotAssociated,
            Proved,
            &[C::RisUnavailable],
        ),
        (
            "no RIS queries left, web access off",
            swap(
                &ports(Port::Refused),
                &[
                    Sign::RisWorks,
                    Sign::Registered,
                    Sign::WebAccessConfigured(Access::Enabled),
                ],
                &[Sign::RisQuotaExhausted, Sign::WebAccessConfigured(Access::Disabled)],
            ),
            C::WebAccessDisabled,
            Proved,
            &[C::RisQuotaExhausted],
        ),
        (
            "no RIS role, trust list broken",
            swap(
                &broken_trust(),
                &[Sign::RisWorks, Sign::Registered],
                &[Sign::RisRoleMissing],
            ),
            C::TrustListBroken,
            Proved,
            &[C::CucmRoleMissing],
        ),
        (
            "unknown to AXL, refuses",
            with(
                &swap(
                    &refused(),
                    &[Sign::PhoneKnown, Sign::Registered, Sign::Authorized, Sign::Associated],
                    &[Sign::PhoneUnknown, Sign::NotAuthorized],
                ),
                &[],
            ),
            C::PhoneUnknown,
            Proved,
            &[],
        ),
        (
            "unregistered, not associated",
            swap(
                &unregistered(&silent),
                &[Sign::Associated, Sign::Authorized],
                &[Sign::NotAssociated, Sign::NotAuthorized],
            ),
            C::PhoneNotRegistered,
            Proved,
            &[C::PhoneUnreachable, C::DeviceNotAssociated],
        ),
        (
            "unregistered, web access off",
            swap(
                &unregistered(&ports(Port::Refused)),
                &[Sign::WebAccessConfigured(Access::Enabled)],
                &[Sign::WebAccessConfigured(Access::Disabled)],
            ),
            C::PhoneNotRegistered,
            Proved,
            &[C::WebAccessDisabled],
        ),
        (
            "stale address, not associated",
            swap(
                &unauthorized(&[Sign::PasswordGood, Sign::NotAssociated]),
                &[Sign::SameDevice],
                &[other()],
            ),
            C::PhoneAddressStale,
            Proved,
            &[C::DeviceNotAssociated],
        ),
        (
            "an ATA, and CUCM's login wrong",
            vec![Sign::ModelWithoutControl, Sign::AxlLoginRejected],
            C::ModelWithoutControl,
            Proved,
            &[C::CucmLoginRejected],
        ),
    ]
}

#[test]
fn of_two_faults_the_first_to_mend_is_named() {
    let cases = [pairs_before_the_phone(), pairs_on_the_phone()].concat();
    assert!(cases.len() >= 30);
    check(cases);
}
