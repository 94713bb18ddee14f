//! The tables: what is named for each cause, and for pairs of faults.

mod causes;
mod causes_of_refusal;
mod pairs;
mod pairs_on_the_phone;
mod properties;

use std::net::Ipv4Addr;

use super::*;
use crate::domain::finding::{Access, CheckId, Port, Shown, Sign, UrlSource};

use Cause as C;
use Certainty::{Likely, Possible, Proved};

fn findings(signs: &[Sign]) -> Vec<Finding> {
    signs
        .iter()
        .zip(CheckId::ALL.iter().cycle())
        .map(|(sign, check)| Finding::passed(*check, "").sign(sign.clone()))
        .collect()
}

fn of(signs: &[Sign]) -> Verdict {
    let named = Named {
        phone: "SEP001122334455".to_owned(),
        model: "Cisco 8845".to_owned(),
        login: "sidetone".to_owned(),
        cluster: "Hamburg".to_owned(),
        url: Some("https://10.0.0.1:8443/ccmcip/authenticate.jsp".to_owned()),
    };
    verdict(&findings(signs), &named)
}

/// A cluster that answers everything.
fn cucm() -> Vec<Sign> {
    vec![
        Sign::AxlWorks,
        Sign::CucmRelease(14, 0),
        Sign::RisWorks,
        Sign::AuthenticateAnswers(true),
        Sign::AuthenticateAnswers(false),
    ]
}

/// A phone that CUCM has as registered, with a login that may control it.
fn enrolled() -> Vec<Sign> {
    let mut signs = cucm();
    signs.extend([
        Sign::PhoneKnown,
        Sign::Registered,
        Sign::Address(Ipv4Addr::new(10, 0, 0, 9)),
        Sign::WebAccessConfigured(Access::Enabled),
        Sign::Authorized,
        Sign::PasswordGood,
        Sign::Associated,
        Sign::UrlInForce(UrlSource::EnterpriseSecure, true),
        Sign::UrlAnswers,
        Sign::SettingsAccess(Access::Enabled),
    ]);
    signs
}

/// The same, whose web server answers.
fn reached() -> Vec<Sign> {
    let mut signs = enrolled();
    signs.extend([
        Sign::Httpd(true),
        Sign::Port(false, Port::Open),
        Sign::Port(true, Port::Open),
        Sign::FirstByte,
        Sign::SameDevice,
        Sign::PagesWork,
    ]);
    signs
}

/// The same, with how its first picture ended.
fn shot(shown: Shown) -> Vec<Sign> {
    with(&reached(), &[Sign::Shot(shown)])
}

fn refused() -> Vec<Sign> {
    shot(Shown::Error(4))
}

fn with(base: &[Sign], more: &[Sign]) -> Vec<Sign> {
    let mut signs = base.to_vec();
    signs.extend_from_slice(more);
    signs
}

fn without(base: &[Sign], less: &[Sign]) -> Vec<Sign> {
    base.iter().filter(|sign| !less.contains(sign)).cloned().collect()
}

fn swap(base: &[Sign], less: &[Sign], more: &[Sign]) -> Vec<Sign> {
    with(&without(base, less), more)
}

/// Both ports met us so.
fn ports(met: Port) -> Vec<Sign> {
    with(
        &enrolled(),
        &[
            Sign::Port(false, met),
            Sign::Port(true, met),
            Sign::Shot(Shown::NoConnection),
        ],
    )
}

/// CUCM says no to the login.
fn unauthorized(more: &[Sign]) -> Vec<Sign> {
    let less = [Sign::Authorized, Sign::PasswordGood, Sign::Associated];
    with(&swap(&refused(), &less, &[Sign::NotAuthorized]), more)
}

/// The URL answers nobody, because of this.
fn bad_url(more: &[Sign]) -> Vec<Sign> {
    with(&without(&refused(), &[Sign::UrlAnswers]), more)
}

fn other() -> Sign {
    Sign::OtherDevice("SEP66778899AABB".to_owned())
}

fn third_party() -> Sign {
    Sign::UrlThirdParty("10.9.9.9".to_owned())
}

fn wrong() -> Sign {
    Sign::UrlWrong("the path is Ccmcip, not ccmcip".to_owned())
}

fn trust_message() -> Sign {
    Sign::TrustMessage("Trust List Update Failed".to_owned())
}

fn not_taken() -> Sign {
    Sign::ConfigurationNotTaken("web access".to_owned())
}

fn plain(signs: &[Sign]) -> Vec<Sign> {
    swap(
        signs,
        &[Sign::UrlInForce(UrlSource::EnterpriseSecure, true)],
        &[Sign::UrlInForce(UrlSource::Enterprise, false)],
    )
}

fn broken_trust() -> Vec<Sign> {
    with(&refused(), &[trust_message()])
}

fn series(shown: &[(Shown, usize)]) -> Sign {
    Sign::Series(
        shown
            .iter()
            .flat_map(|(shown, times)| std::iter::repeat_n(*shown, *times))
            .collect(),
    )
}

type Case = (&'static str, Vec<Sign>, Cause, Certainty, &'static [Cause]);

#[track_caller]
fn check(cases: Vec<Case>) {
    for (name, signs, cause, certainty, also) in cases {
        let verdict = of(&signs);
        assert_eq!(
            (verdict.cause, verdict.certainty, verdict.also.as_slice()),
            (cause, certainty, also),
            "{name}: {}",
            verdict.summary
        );
    }
}

#[test]
fn what_a_check_excludes_is_ruled_out_unless_it_is_named() {
    let mut found = findings(&refused());
    found[0] = found[0].clone().excludes(&[C::WebAccessDisabled, C::TrustListBroken]);
    found[1] = found[1].clone().excludes(&[C::CucmUnreachable, C::WebAccessDisabled]);
    let verdict = verdict(&found, &Named::default());
    assert_eq!(verdict.cause, C::TrustListBroken);
    assert_eq!(
        verdict.ruled_out,
        [C::CucmUnreachable, C::WebAccessDisabled],
        "in the order of the list"
    );
}

#[test]
fn every_summary_is_whole_sentences_with_the_names_in_it() {
    for cause in Cause::ALL {
        let named = Named {
            phone: "SEP001122334455".to_owned(),
            cluster: "Hamburg".to_owned(),
            login: "sidetone".to_owned(),
            ..Named::default()
        };
        for certainty in [Possible, Likely, Proved] {
            let told = words::Told {
                cause: *cause,
                certainty,
                also: &[C::PhoneSlow, C::PhoneUnknown, C::RisUnavailable],
                guesses: &[C::PhoneInternalError],
                situation: words::Situation::Usual,
            };
            let text = words::summary(&told, &named);
            assert!(text.ends_with("and 1 more."), "{text}");
            assert_eq!(text.contains("Or it may be"), certainty < Proved, "{text}");
            assert!(!text.contains("  ") && !text.contains(",,"), "{text}");
            assert!(text.chars().next().is_some_and(char::is_uppercase), "{text}");
            let expected = ["SEP001122334455", "Hamburg", "sidetone"];
            assert!(expected.iter().any(|name| text.contains(name)), "{text}");
        }
    }
}

#[test]
fn a_guess_is_told_as_one_and_never_as_a_further_fault() {
    let told = of(&unauthorized(&[]));
    assert_eq!((told.cause, told.also.as_slice()), (C::ControlLoginRejected, &[][..]));
    let other = format!("Or it may be: {}.", C::DeviceNotAssociated.title());
    assert!(told.summary.contains(&other), "{}", told.summary);
    // What is proved comes before what is guessed, wherever it stands in line.
    let told = of(&with(&unauthorized(&[]), &[Sign::ModelWithoutPicture]));
    assert_eq!((told.cause, told.certainty), (C::ScreenshotUnsupported, Proved));
}

#[test]
fn nothing_comes_back_is_said_only_when_something_was_sent() {
    let nowhere = with(&cucm(), &[Sign::PhoneKnown]);
    let outside = with(&nowhere, &[Sign::Address(Ipv4Addr::new(10, 0, 0, 9))]);
    for (signs, words) in [
        (ports(Port::Silent), "Nothing comes back"),
        (nowhere, "No address"),
        (outside, "outside the phone networks of cluster Hamburg"),
        (with(&ports(Port::Refused), &[Sign::Httpd(true)]), "refused on the way"),
    ] {
        let told = of(&signs);
        assert_eq!(told.cause, C::PhoneUnreachable, "{}", told.summary);
        assert!(told.summary.contains(words), "{}", told.summary);
    }
}

#[test]
fn a_restart_comes_before_the_cure_of_a_trust_list_that_is_only_suspected() {
    let told = of(&with(&refused(), &[not_taken()]));
    assert!(told.summary.contains("Restart the phone first"), "{}", told.summary);
    assert!(!of(&broken_trust()).summary.contains("Restart the phone first"));
}

#[test]
fn a_picture_rules_out_only_what_it_needed() {
    let of_cucm = [
        C::ControlLoginRejected,
        C::DeviceNotAssociated,
        C::AuthenticationServiceDown,
    ];
    let told = |https: bool, node: bool| {
        let url = Sign::UrlInForce(UrlSource::Enterprise, https);
        let shot = Finding::passed(CheckId::Screenshot, "").sign(Sign::Shot(Shown::Picture));
        let host = Finding::passed(CheckId::UrlHost, "");
        let host = if node {
            host.excludes(&[C::AuthenticationUrlThirdParty])
        } else {
            host
        };
        let found = [
            Finding::passed(CheckId::UrlInForce, "").sign(url),
            host,
            shot.excludes(&of_cucm)
                .excludes(&[C::TrustListBroken, C::PhoneUnreachable]),
        ];
        verdict(&found, &Named::default()).ruled_out
    };
    assert!(told(true, true).contains(&C::TrustListBroken));
    assert!(!told(false, true).contains(&C::TrustListBroken));
    for cause in of_cucm {
        assert!(told(false, true).contains(&cause), "{cause}");
        assert!(!told(true, false).contains(&cause), "{cause}");
    }
    assert!(told(false, false).contains(&C::PhoneUnreachable));
}
