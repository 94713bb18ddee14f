//! What is named for two faults of which the phone, or whom it asks, has both.

use super::*;

#[expect(clippy::too_many_lines, reason = "a table: one case after the other")]
pub(super) fn pairs_on_the_phone() -> Vec<Case> {
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
                &[no.as_slice(), &[Sign::WebAccessConfigured(Access::Enabled)]].concat(),
                &[
                    Sign::NotAuthorized,
                    Sign::NotAssociated,
                    Sign::WebAccessConfigured(Access::Restricted),
                ],
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
            &[],
        ),
        (
            "silent, the authenticate service hangs",
            swap(
                &shot(Shown::Silent),
                &[Sign::UrlAnswers, Sign::Authorized, Sign::AuthenticateAnswers(true)],
                &[Sign::AuthenticateDown(true), Sign::UrlUnreachable],
            ),
            C::AuthenticationServiceDown,
            Proved,
            &[],
        ),
        (
            "service down, not associated",
            swap(
                &unauthorized(&[Sign::PasswordGood, Sign::NotAssociated]),
                &[Sign::AuthenticateAnswers(true), Sign::UrlAnswers, Sign::NotAuthorized],
                &[Sign::AuthenticateDown(true), Sign::UrlUnreachable],
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
