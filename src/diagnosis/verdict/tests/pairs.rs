//! What is named for two faults at once.

use super::*;

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
            &[C::AuthenticationRefused],
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
            C::CucmLoginRejected,
            Proved,
            &[C::ScreenshotTruncated],
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
            &[C::AuthenticationRefused],
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

fn pairs_on_the_phone() -> Vec<Case> {
    let off = swap(
        &ports(Port::Refused),
        &[Sign::WebAccessConfigured(Access::Enabled)],
        &[Sign::Httpd(false)],
    );
    let no = [Sign::Authorized, Sign::Associated, Sign::PasswordGood];
    vec![
        (
            "web off, not associated",
            swap(
                &off,
                &no,
                &[Sign::NotAuthorized, Sign::PasswordGood, Sign::NotAssociated],
            ),
            C::WebAccessDisabled,
            Proved,
            &[C::DeviceNotAssociated],
        ),
        (
            "web off, wrong URL",
            with(&off, &[wrong()]),
            C::WebAccessDisabled,
            Proved,
            &[C::AuthenticationUrlWrong],
        ),
        (
            "restarting, locked login",
            with(
                &swap(&ports(Port::Refused), &no, &[Sign::NotAuthorized, Sign::LoginLocked]),
                &[Sign::RecentlyRestarted],
            ),
            C::PhoneRestarting,
            Likely,
            &[C::ControlLoginLocked],
        ),
        (
            "proxy, not associated",
            swap(
                &with(&enrolled(), &[Sign::ForeignAnswer]),
                &no,
                &[Sign::NotAuthorized, Sign::NotAssociated],
            ),
            C::ProxyInPath,
            Proved,
            &[C::DeviceNotAssociated],
        ),
        (
            "read-only, not associated",
            swap(
                &shot(Shown::Forbidden),
                &no,
                &[Sign::NotAuthorized, Sign::NotAssociated],
            ),
            C::WebAccessReadOnly,
            Proved,
            &[C::DeviceNotAssociated],
        ),
        (
            "silent, unreachable URL",
            swap(&shot(Shown::Silent), &[Sign::UrlAnswers], &[Sign::UrlUnreachable]),
            C::AuthenticationUrlUnreachable,
            Likely,
            &[C::PhoneNotAnswering],
        ),
        (
            "service down, not associated",
            swap(
                &unauthorized(&[Sign::NotAssociated]),
                &[Sign::AuthenticateAnswers(true)],
                &[Sign::AuthenticateDown(true)],
            ),
            C::AuthenticationServiceDown,
            Proved,
            &[C::DeviceNotAssociated],
        ),
        (
            "locked, wrong password",
            unauthorized(&[Sign::LoginLocked, Sign::PasswordWrong, Sign::Associated]),
            C::ControlLoginLocked,
            Proved,
            &[C::ControlLoginRejected],
        ),
        (
            "wrong password, not associated",
            unauthorized(&[Sign::PasswordWrong, Sign::NotAssociated]),
            C::ControlLoginRejected,
            Proved,
            &[C::DeviceNotAssociated],
        ),
        (
            "not associated, wrong URL",
            with(
                &without(
                    &unauthorized(&[Sign::PasswordGood, Sign::NotAssociated]),
                    &[Sign::UrlAnswers],
                ),
                &[wrong()],
            ),
            C::DeviceNotAssociated,
            Proved,
            &[C::AuthenticationUrlWrong],
        ),
        (
            "not associated, trust message",
            unauthorized(&[Sign::PasswordGood, Sign::NotAssociated, trust_message()]),
            C::DeviceNotAssociated,
            Proved,
            &[C::TrustListBroken],
        ),
        (
            "own URL at a paging server",
            with(&refused(), &[Sign::UrlOverridden, third_party()]),
            C::AuthenticationUrlOverridden,
            Proved,
            &[C::AuthenticationUrlThirdParty],
        ),
        (
            "own URL with a wrong path",
            bad_url(&[Sign::UrlOverridden, wrong()]),
            C::AuthenticationUrlOverridden,
            Proved,
            &[C::AuthenticationUrlWrong],
        ),
        (
            "paging server that is silent",
            bad_url(&[third_party(), Sign::UrlUnreachable]),
            C::AuthenticationUrlThirdParty,
            Proved,
            &[C::AuthenticationUrlUnreachable],
        ),
        (
            "a foreign name that does not resolve",
            bad_url(&[third_party(), Sign::UrlUnresolvable]),
            C::AuthenticationUrlUnresolvable,
            Proved,
            &[C::AuthenticationUrlThirdParty],
        ),
        (
            "wrong port that is silent",
            bad_url(&[wrong(), Sign::UrlUnreachable]),
            C::AuthenticationUrlWrong,
            Proved,
            &[C::AuthenticationUrlUnreachable],
        ),
        (
            "unresolvable URL, trust message",
            bad_url(&[Sign::UrlUnresolvable, trust_message()]),
            C::AuthenticationUrlUnresolvable,
            Proved,
            &[C::TrustListBroken],
        ),
        (
            "69xx with a trust message",
            with(&broken_trust(), &[Sign::ModelReadsShortReplies]),
            C::TrustListBroken,
            Proved,
            &[],
        ),
        (
            "69xx, not associated",
            unauthorized(&[Sign::PasswordGood, Sign::NotAssociated, Sign::ModelReadsShortReplies]),
            C::DeviceNotAssociated,
            Proved,
            &[],
        ),
        (
            "no picture on this model, not associated",
            with(
                &unauthorized(&[Sign::PasswordGood, Sign::NotAssociated]),
                &[Sign::ModelWithoutPicture],
            ),
            C::DeviceNotAssociated,
            Proved,
            &[C::ScreenshotUnsupported],
        ),
        (
            "error 3, RIS down",
            swap(&shot(Shown::Error(3)), &[Sign::RisWorks], &[Sign::RisDown]),
            C::PhoneInternalError,
            Proved,
            &[C::RisUnavailable],
        ),
        (
            "late and cut short",
            with(
                &shot(Shown::Picture),
                &[
                    Sign::SlowAnswer(7_000),
                    series(&[(Shown::Picture, 10), (Shown::Truncated, 10)]),
                ],
            ),
            C::ScreenshotTruncated,
            Proved,
            &[C::PhoneSlow],
        ),
        (
            "late, locked settings",
            swap(
                &with(&shot(Shown::Picture), &[Sign::SlowAnswer(7_000)]),
                &[Sign::SettingsAccess(Access::Enabled)],
                &[Sign::SettingsAccess(Access::Disabled)],
            ),
            C::PhoneSlow,
            Proved,
            &[C::SettingsAccessLocked],
        ),
    ]
}

#[test]
fn of_two_faults_the_first_to_mend_is_named() {
    let cases = [pairs_before_the_phone(), pairs_on_the_phone()].concat();
    assert!(cases.len() >= 30);
    check(cases);
}
