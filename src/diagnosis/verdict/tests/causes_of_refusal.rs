//! What is named for each cause of the login, the Authentication URL, the trust list and the phone's answer.

use super::*;

pub(super) fn login_and_url() -> Vec<Case> {
    vec![
        (
            "wrong password",
            unauthorized(&[Sign::PasswordWrong, Sign::Associated]),
            C::ControlLoginRejected,
            Proved,
            &[],
        ),
        (
            "no by CUCM, association good",
            unauthorized(&[Sign::Associated]),
            C::ControlLoginRejected,
            Likely,
            &[],
        ),
        (
            "locked",
            unauthorized(&[Sign::LoginLocked, Sign::Associated]),
            C::ControlLoginLocked,
            Proved,
            &[],
        ),
        (
            "not associated",
            unauthorized(&[Sign::PasswordGood, Sign::NotAssociated]),
            C::DeviceNotAssociated,
            Proved,
            &[],
        ),
        (
            "no by CUCM, password good",
            unauthorized(&[Sign::PasswordGood]),
            C::DeviceNotAssociated,
            Likely,
            &[],
        ),
        (
            "no by CUCM, nothing else known",
            unauthorized(&[]),
            C::ControlLoginRejected,
            Possible,
            &[C::DeviceNotAssociated],
        ),
        (
            "name does not resolve",
            bad_url(&[Sign::UrlUnresolvable, Sign::UrlByName]),
            C::AuthenticationUrlUnresolvable,
            Proved,
            &[],
        ),
        (
            "name resolves here, not on the phone",
            plain(&swap(
                &refused(),
                &[Sign::Shot(Shown::Error(4))],
                &[Sign::Shot(Shown::Error(0)), Sign::UrlByName],
            )),
            C::AuthenticationUrlUnresolvable,
            Likely,
            &[],
        ),
        (
            "address answers here, not for the phone",
            plain(&swap(
                &refused(),
                &[Sign::Shot(Shown::Error(4))],
                &[Sign::Shot(Shown::Error(0))],
            )),
            C::AuthenticationUrlUnreachable,
            Likely,
            &[],
        ),
        (
            "host is silent",
            bad_url(&[Sign::UrlUnreachable]),
            C::AuthenticationUrlUnreachable,
            Proved,
            &[],
        ),
        (
            "wrong path",
            bad_url(&[wrong()]),
            C::AuthenticationUrlWrong,
            Proved,
            &[],
        ),
        (
            "own URL that is silent",
            bad_url(&[Sign::UrlOverridden, Sign::UrlUnreachable]),
            C::AuthenticationUrlOverridden,
            Proved,
            &[C::AuthenticationUrlUnreachable],
        ),
        (
            "own URL that answers",
            with(&refused(), &[Sign::UrlOverridden]),
            C::AuthenticationUrlOverridden,
            Likely,
            &[],
        ),
        (
            "paging server",
            with(&refused(), &[third_party()]),
            C::AuthenticationUrlThirdParty,
            Proved,
            &[],
        ),
    ]
}

pub(super) fn trust_and_answer() -> Vec<Case> {
    let reply = with(&refused(), &[Sign::ModelReadsShortReplies]);
    vec![
        ("trust message", broken_trust(), C::TrustListBroken, Proved, &[]),
        (
            "configuration not taken",
            with(&refused(), &[not_taken()]),
            C::TrustListBroken,
            Proved,
            &[],
        ),
        (
            "another URL than CUCM's",
            with(&refused(), &[Sign::UrlNotTaken]),
            C::TrustListBroken,
            Proved,
            &[],
        ),
        ("https and nothing else", refused(), C::TrustListBroken, Likely, &[]),
        (
            "https, error 0",
            shot(Shown::Error(0)),
            C::TrustListBroken,
            Likely,
            &[C::AuthenticationUrlUnreachable],
        ),
        (
            "locked settings",
            swap(
                &broken_trust(),
                &[Sign::SettingsAccess(Access::Enabled)],
                &[Sign::SettingsAccess(Access::Restricted)],
            ),
            C::SettingsAccessLocked,
            Proved,
            &[C::TrustListBroken],
        ),
        ("error 3", shot(Shown::Error(3)), C::PhoneInternalError, Proved, &[]),
        (
            "another number",
            shot(Shown::Error(7)),
            C::PhoneInternalError,
            Possible,
            &[],
        ),
        ("cut short", shot(Shown::Truncated), C::ScreenshotTruncated, Proved, &[]),
        (
            "no picture",
            shot(Shown::Undecodable),
            C::ScreenshotUndecodable,
            Proved,
            &[],
        ),
        (
            "cut short now and then",
            with(
                &shot(Shown::Picture),
                &[series(&[(Shown::Picture, 14), (Shown::Truncated, 6)])],
            ),
            C::ScreenshotTruncated,
            Proved,
            &[],
        ),
        (
            "once cut short",
            with(
                &shot(Shown::Picture),
                &[series(&[(Shown::Picture, 19), (Shown::Truncated, 1)])],
            ),
            C::ScreenshotTruncated,
            Likely,
            &[],
        ),
        (
            "error 3 now and then",
            with(
                &shot(Shown::Picture),
                &[series(&[
                    (Shown::Picture, 12),
                    (Shown::Error(3), 6),
                    (Shown::Truncated, 2),
                ])],
            ),
            C::PhoneInternalError,
            Proved,
            &[],
        ),
        (
            "twenty good ones",
            with(&shot(Shown::Picture), &[series(&[(Shown::Picture, 20)])]),
            C::None,
            Proved,
            &[],
        ),
        (
            "silent now and then",
            with(
                &shot(Shown::Picture),
                &[series(&[(Shown::Picture, 15), (Shown::Silent, 5)])],
            ),
            C::PhoneNotAnswering,
            Likely,
            &[],
        ),
        (
            "no picture on this model",
            with(&shot(Shown::Missing), &[Sign::ModelWithoutPicture]),
            C::ScreenshotUnsupported,
            Proved,
            &[],
        ),
        (
            "69xx and a new CUCM",
            reply.clone(),
            C::AuthenticationReplyUnreadable,
            Likely,
            &[],
        ),
        (
            "69xx and an old CUCM",
            plain(&swap(&reply, &[Sign::CucmRelease(14, 0)], &[Sign::CucmRelease(10, 5)])),
            C::AuthenticationRefused,
            Likely,
            &[],
        ),
        (
            "a trust message, plain http",
            with(&plain(&refused()), &[trust_message()]),
            C::AuthenticationRefused,
            Likely,
            &[C::TrustListBroken],
        ),
        (
            "all proved right, plain http",
            plain(&refused()),
            C::AuthenticationRefused,
            Likely,
            &[],
        ),
        (
            "nothing known but the refusal",
            vec![Sign::Shot(Shown::Error(4))],
            C::AuthenticationRefused,
            Possible,
            &[],
        ),
        ("nothing known", vec![], C::PhoneUnreachable, Possible, &[]),
        (
            "nothing but an open port",
            vec![Sign::Port(false, Port::Open)],
            C::PhoneNotAnswering,
            Possible,
            &[],
        ),
        (
            "trusted, https, refused",
            with(&refused(), &[Sign::TrustMessageGood, Sign::ConfigurationTaken]),
            C::AuthenticationRefused,
            Likely,
            &[C::TrustListBroken],
        ),
    ]
}
