//! What holds for whatever was found.

use proptest::prelude::*;

use super::*;

fn shown() -> impl Strategy<Value = Shown> {
    prop_oneof![
        Just(Shown::Picture),
        (0_u32..9).prop_map(Shown::Error),
        Just(Shown::Unauthorized),
        Just(Shown::Forbidden),
        Just(Shown::Missing),
        Just(Shown::Truncated),
        Just(Shown::Undecodable),
        Just(Shown::Silent),
        Just(Shown::Slow),
        Just(Shown::NoConnection),
        Just(Shown::Foreign),
    ]
}

fn port() -> impl Strategy<Value = Port> {
    prop::sample::select(vec![Port::Open, Port::Refused, Port::Silent, Port::Unroutable])
}

fn access() -> impl Strategy<Value = Access> {
    prop::sample::select(vec![Access::Enabled, Access::Restricted, Access::Disabled])
}

fn source() -> impl Strategy<Value = UrlSource> {
    prop::sample::select(vec![
        UrlSource::Phone,
        UrlSource::DeviceSecure,
        UrlSource::Device,
        UrlSource::EnterpriseSecure,
        UrlSource::Enterprise,
    ])
}

fn simple() -> impl Strategy<Value = Sign> {
    prop::sample::select(vec![
        Sign::CucmUnresolved,
        Sign::CucmUnreachable,
        Sign::CucmTlsUntrusted,
        Sign::CucmTlsTooOld,
        Sign::AxlWorks,
        Sign::AxlLoginRejected,
        Sign::AxlRoleMissing,
        Sign::AxlDown,
        Sign::AxlBusy,
        Sign::AxlVersionUnsupported,
        Sign::RisWorks,
        Sign::RisDown,
        Sign::RisRoleMissing,
        Sign::RisLoginRejected,
        Sign::RisQuotaExhausted,
        Sign::PhoneKnown,
        Sign::PhoneUnknown,
        Sign::ByAddress,
        Sign::ModelWithoutControl,
        Sign::ModelWithoutPicture,
        Sign::ModelReadsShortReplies,
        Sign::Registered,
        Sign::RecentlyRestarted,
        Sign::AddressMissing,
        Sign::FirstByte,
        Sign::NoFirstByte,
        Sign::ForeignAnswer,
        Sign::SameDevice,
        Sign::PagesWork,
        Sign::Authorized,
        Sign::NotAuthorized,
        Sign::PasswordGood,
        Sign::PasswordWrong,
        Sign::LoginLocked,
        Sign::Associated,
        Sign::NotAssociated,
        Sign::RolesAdvised,
        Sign::UrlBlank,
        Sign::UrlByName,
        Sign::UrlUnresolvable,
        Sign::UrlUnreachable,
        Sign::UrlOverridden,
        Sign::UrlAnswers,
        Sign::UrlNotTaken,
        Sign::TrustMessageGood,
        Sign::TrustHashDiffers,
        Sign::ConfigurationTaken,
        Sign::InCall,
        other(),
        third_party(),
        wrong(),
        trust_message(),
        not_taken(),
    ])
}

fn any_sign() -> impl Strategy<Value = Sign> {
    prop_oneof![
        8 => simple(),
        1 => (8_u32..16, 0_u32..6).prop_map(|(major, minor)| Sign::CucmRelease(major, minor)),
        1 => any::<bool>().prop_map(Sign::AuthenticateAnswers),
        1 => any::<bool>().prop_map(Sign::AuthenticateDown),
        1 => any::<Option<u32>>().prop_map(Sign::NotRegistered),
        1 => any::<Ipv4Addr>().prop_map(Sign::AddressMoved),
        1 => any::<bool>().prop_map(Sign::Httpd),
        2 => (any::<bool>(), port()).prop_map(|(https, met)| Sign::Port(https, met)),
        1 => access().prop_map(Sign::WebAccessConfigured),
        1 => access().prop_map(Sign::SettingsAccess),
        1 => (source(), any::<bool>()).prop_map(|(source, https)| Sign::UrlInForce(source, https)),
        2 => shown().prop_map(Sign::Shot),
        1 => prop::collection::vec(shown(), 0..20).prop_map(Sign::Series),
        1 => any::<u64>().prop_map(Sign::SlowAnswer),
        1 => any::<usize>().prop_map(Sign::OwnQueue),
    ]
}

fn any_findings() -> impl Strategy<Value = Vec<Finding>> {
    let excluded = prop::collection::vec(prop::sample::select(Cause::ALL.to_vec()), 0..4);
    let finding = (
        prop::sample::select(CheckId::ALL.to_vec()),
        prop::collection::vec(any_sign(), 0..4),
        excluded,
    );
    let finding = finding.prop_map(|(check, signs, excluded)| {
        let finding = Finding::passed(check, "").excludes(&excluded);
        signs.into_iter().fold(finding, Finding::sign)
    });
    prop::collection::vec(finding, 0..20)
}

proptest! {
    #[test]
    fn every_set_of_findings_has_one_sound_verdict(found in any_findings()) {
        let told = verdict(&found, &Named::default());
        prop_assert!(!told.also.contains(&told.cause));
        prop_assert!(!told.also.contains(&C::None), "a picture is no further fault");
        for (n, cause) in told.also.iter().enumerate() {
            prop_assert!(!told.also[..n].contains(cause), "{cause} twice");
        }
        for cause in &told.ruled_out {
            prop_assert!(*cause != told.cause && !told.also.contains(cause), "{cause} is named and ruled out");
        }
        prop_assert!(!told.summary.is_empty());
    }

    #[test]
    fn the_order_of_findings_does_not_matter(found in any_findings(), turn in 0_usize..20) {
        let mut turned = found.clone();
        turned.reverse();
        let by = turn % turned.len().max(1);
        turned.rotate_left(by);
        prop_assert_eq!(verdict(&found, &Named::default()), verdict(&turned, &Named::default()));
    }

    #[test]
    fn none_is_named_with_a_picture_alone(found in any_findings()) {
        let told = verdict(&found, &Named::default());
        let is_picture = |sign: &Sign| match sign {
            Sign::Shot(shown) => *shown == Shown::Picture,
            Sign::Series(series) => series.contains(&Shown::Picture),
            _ => false,
        };
        let picture = found.iter().flat_map(|finding| &finding.signs).any(is_picture);
        prop_assert!(told.cause != C::None || picture);
    }
}
