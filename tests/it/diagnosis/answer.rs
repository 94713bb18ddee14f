//! What the checks of the phone's picture, its pace and its calls find.

use std::time::Duration;

use sidetone::diagnosis::{Named, Options, verdict};
use sidetone::domain::cause::Cause;
use sidetone::domain::finding::{CheckId, CheckOutcome, Shown, Sign};
use sidetone::simulator::{Fault, Glitch};

use super::{Clinic, Findings};

#[tokio::test]
async fn healthy_phones_of_every_family_show_their_picture() {
    let clinic = Clinic::new().await;
    for model in ["7960", "7965", "6941", "7841", "8845", "8821", "8831", "9841", "9951"] {
        let findings = clinic.examine(&clinic.phone(model)).await;
        findings.passed(CheckId::Screenshot, &Sign::Shot(Shown::Picture), "pixels came");
        let series = findings.get(CheckId::Series);
        assert_eq!(
            (series.outcome, series.evidence.as_str()),
            (CheckOutcome::Skipped, "one picture was enough")
        );
        for cause in [Cause::DeviceNotAssociated, Cause::TrustListBroken, Cause::PhoneSlow] {
            assert!(findings.excludes(cause), "{model}: {cause}");
        }
        assert_eq!(
            findings.get(CheckId::AnswerTimes).outcome,
            CheckOutcome::Passed,
            "{model}"
        );
        let call = findings.get(CheckId::InCall);
        assert_ne!(call.outcome, CheckOutcome::Warning, "{call:#?}");
    }
    assert_eq!(clinic.phone("8821").requests_for("/CGI/Java/CallInfo"), 0);
    clinic.close().await;
}

#[track_caller]
fn assert_shot(findings: &Findings, shown: Shown, words: &str) {
    findings.failed(CheckId::Screenshot, &Sign::Shot(shown), words);
    assert!(!findings.has(&Sign::Shot(Shown::Picture)));
}

#[tokio::test]
async fn each_refusal_is_told_in_words_and_not_provoked_twice() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    for (fault, shown, words) in [
        (Fault::Error(0), Shown::Error(0), "could not ask its Authentication URL"),
        (Fault::Error(4), Shown::Error(4), "was not AUTHORIZED"),
        (Fault::Unauthorized, Shown::Unauthorized, "HTTP 401"),
    ] {
        phone.clear_faults();
        phone.set_fault(fault);
        let before = (
            phone.requests_for("/CGI/Screenshot"),
            phone.requests_for("/CGI/Java/LineInfo"),
        );
        let findings = clinic.examine(&phone).await;
        assert_shot(&findings, shown, words);
        assert!(findings.excludes(Cause::WebAccessDisabled) && !findings.excludes(Cause::AuthenticationRefused));
        // Each request with a login that may be wrong counts as a wrong try.
        let after = (
            phone.requests_for("/CGI/Screenshot"),
            phone.requests_for("/CGI/Java/LineInfo"),
        );
        assert_eq!(after, (before.0 + 1, before.1), "{shown:?}");
    }
    let finding = clinic.examine(&phone).await;
    let details = &finding.get(CheckId::Screenshot).details;
    assert!(
        details.iter().any(|detail| detail.label == "WWW-Authenticate"),
        "{details:#?}"
    );
    clinic.close().await;
}

#[tokio::test]
async fn a_spoilt_picture_is_tried_twenty_times() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    for (fault, shown, word) in [
        (Fault::TruncatedPicture, Shown::Truncated, "20 pictures: 20 cut short"),
        (Fault::GarbagePicture, Shown::Undecodable, "20 pictures: 20 no picture"),
        (Fault::Error(3), Shown::Error(3), "20 pictures: 20 error 3"),
    ] {
        phone.clear_faults();
        phone.set_fault(fault);
        let findings = clinic.examine(&phone).await;
        assert_shot(&findings, shown, "");
        findings.failed(CheckId::Series, &Sign::Series(vec![shown; 20]), word);
        assert!(findings.excludes(Cause::DeviceNotAssociated), "the login was accepted");
    }
    clinic.close().await;
}

#[tokio::test]
async fn pictures_that_come_and_go_are_counted() {
    let clinic = Clinic::new().await;
    for (model, glitch, shown) in [
        ("8845", Glitch::Truncated, Shown::Truncated),
        ("7965", Glitch::Garbage, Shown::Undecodable),
        ("7841", Glitch::Error, Shown::Error(3)),
    ] {
        let phone = clinic.phone(model);
        phone.set_fault(Fault::Intermittent(glitch));
        let findings = clinic.examine(&phone).await;
        assert_shot(&findings, shown, "");
        let outcomes = [shown, Shown::Picture].repeat(10);
        findings.expect(
            CheckId::Series,
            CheckOutcome::Warning,
            &Sign::Series(outcomes),
            "20 pictures: 10 came, 10 ",
        );
    }
    clinic.close().await;
}

#[tokio::test]
async fn a_thorough_diagnosis_takes_twenty_pictures_of_a_healthy_phone() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    let id = clinic.id(&phone).await;
    let findings = clinic.examine_id(id, Options { thorough: true }).await;
    findings.passed(
        CheckId::Series,
        &Sign::Series(vec![Shown::Picture; 20]),
        "20 pictures: 20 came",
    );
    assert_eq!(
        phone.requests_for("/CGI/Screenshot"),
        20,
        "the first belongs to the series"
    );
    clinic.close().await;
}

#[tokio::test]
async fn a_picture_that_does_not_end_is_slow_and_pages_are_still_read() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    phone.set_fault(Fault::StalledBody);
    let findings = clinic.examine(&phone).await;
    assert_shot(&findings, Shown::Slow, "did not end");
    assert_eq!(findings.get(CheckId::AnswerTimes).outcome, CheckOutcome::Failed);
    findings.passed(CheckId::Identity, &Sign::SameDevice, phone.name());
    assert_ne!(findings.get(CheckId::StatusMessages).outcome, CheckOutcome::Skipped);
    clinic.close().await;
}

#[tokio::test]
async fn a_phone_whose_answers_come_near_the_limit_is_slow_and_a_leisurely_one_is_not() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    // The limit of one request is 3 s here.
    for (latency, cause) in [(2_600, Cause::PhoneSlow), (1_200, Cause::None)] {
        phone.set_latency(Duration::from_millis(latency));
        let findings = clinic.examine(&phone).await;
        let verdict = verdict(&findings.0, &Named::default());
        assert_eq!(verdict.cause, cause, "{latency} ms: {findings:#?}");
        let late = |sign: &Sign| matches!(sign, Sign::SlowAnswer(_));
        let signs = &findings.get(CheckId::AnswerTimes).signs;
        assert_eq!(signs.iter().any(late), cause == Cause::PhoneSlow, "{latency} ms");
    }
    clinic.close().await;
}

#[tokio::test]
async fn a_call_is_told_on_phones_that_tell_their_lines() {
    let clinic = Clinic::new().await;
    let (caller, desk) = (clinic.phone("8845"), clinic.phone("8865"));
    caller.call(&desk);
    assert!(desk.is_in_call());
    let findings = clinic.examine(&desk).await;
    findings.expect(
        CheckId::InCall,
        CheckOutcome::Warning,
        &Sign::InCall,
        "line 1 is in a call",
    );

    let wordless = clinic.phone("7841");
    wordless.set_fault(Fault::NoWords);
    let finding = clinic.examine(&wordless).await;
    let finding = finding.get(CheckId::InCall);
    assert_eq!(finding.outcome, CheckOutcome::Skipped, "{finding:#?}");
    clinic.close().await;
}
