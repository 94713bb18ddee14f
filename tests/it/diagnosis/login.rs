//! What the checks of the control login find.

use std::time::Duration;

use secrecy::SecretString;
use sidetone::diagnosis::{Named, verdict};
use sidetone::domain::cause::Cause;
use sidetone::domain::finding::CheckId::{ControlLogin, ControlledDevice, CucmRis, Identity, LoginRoles, Screenshot};
use sidetone::domain::finding::{Certainty, CheckOutcome, Shown, Sign};
use sidetone::inventory::LoginDraft;
use sidetone::simulator::{CucmFault, Fault, Service};

use super::{Clinic, Findings};

/// A cluster whose phones are controlled with a login of their own: an end user. The password as it is typed here.
async fn with_control_login(username: &str, password: &str) -> Clinic {
    let login = LoginDraft {
        username: username.to_owned(),
        password: Some(SecretString::from(password.to_owned())),
    };
    Clinic::with(|_| {}, |draft| draft.control_login = Some(login)).await
}

#[tokio::test]
async fn authorized_excludes_everything_about_the_login() {
    let clinic = Clinic::new().await;
    let findings = clinic.examine(&clinic.phone("8845")).await;
    findings.saw(
        ControlLogin,
        CheckOutcome::Passed,
        &[Sign::Authorized, Sign::PasswordGood],
        "AUTHORIZED",
    );
    findings.saw(
        ControlledDevice,
        CheckOutcome::Passed,
        &[Sign::Associated],
        "application user",
    );
    findings.saw(LoginRoles, CheckOutcome::Passed, &[], "the association is enough");
    for cause in [
        Cause::ControlLoginRejected,
        Cause::ControlLoginLocked,
        Cause::DeviceNotAssociated,
        Cause::AuthenticationServiceDown,
    ] {
        assert!(findings.excludes(cause), "{cause}");
    }
    clinic.close().await;

    let clinic = with_control_login("paging", "Page-4-All").await;
    let findings = clinic.examine(&clinic.phone("8845")).await;
    findings.saw(ControlLogin, CheckOutcome::Passed, &[Sign::Authorized], "paging");
    findings.saw(ControlledDevice, CheckOutcome::Passed, &[Sign::Associated], "end user");
    clinic.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_told_from_one_try() {
    let clinic = with_control_login("paging", "mistyped").await;
    let phone = clinic.phone("8845");
    let tried_once = |findings: &Findings| {
        let signs = [Sign::PasswordWrong];
        findings.saw(ControlLogin, CheckOutcome::Failed, &signs, "it was tried once");
        assert!(!findings.excludes(Cause::ControlLoginRejected));
        findings.saw(Screenshot, CheckOutcome::Skipped, &[], "would be another wrong try");
        // Its pages, which take no login, are read all the same.
        assert_eq!(findings.get(Identity).outcome, CheckOutcome::Passed);
        for taking_the_login in ["/CGI/Screenshot", "/CGI/Java/LineInfo"] {
            assert_eq!(phone.requests_for(taking_the_login), 0);
        }
    };
    let findings = clinic.examine(&phone).await;
    tried_once(&findings);
    findings.saw(ControlledDevice, CheckOutcome::Passed, &[Sign::Associated], "");
    assert_eq!(clinic.simulator.cucm().counts().wrong_passwords, 1);
    let verdict = verdict(&findings.0, &Named::default());
    assert_eq!(
        (verdict.cause, verdict.certainty),
        (Cause::ControlLoginRejected, Certainty::Proved)
    );

    clinic.simulator.cucm().dissociate("paging", phone.name());
    let findings = clinic.examine(&phone).await;
    tried_once(&findings);
    let not = [Sign::NotAssociated];
    findings.saw(ControlledDevice, CheckOutcome::Failed, &not, "not among");
    assert_eq!(clinic.simulator.cucm().counts().wrong_passwords, 2);
    clinic.close().await;
}

#[tokio::test]
async fn without_axl_the_service_is_asked_once_and_the_phone_not_at_all() {
    let clinic = with_control_login("paging", "mistyped").await;
    let phone = clinic.phone("8845");
    clinic.simulator.cucm().set_fault(CucmFault::Down(Service::Axl));
    let findings = clinic.examine(&phone).await;
    findings.saw(
        ControlLogin,
        CheckOutcome::Failed,
        &[Sign::NotAuthorized],
        "could not tell",
    );
    assert!(!findings.has(&Sign::PasswordWrong) && !findings.excludes(Cause::DeviceNotAssociated));
    findings.saw(Screenshot, CheckOutcome::Skipped, &[], "would be another wrong try");
    assert_eq!(clinic.simulator.cucm().counts().wrong_passwords, 1);
    clinic.close().await;
}

#[tokio::test]
async fn a_phone_that_was_asked_before_a_slow_cucm_is_the_one_try() {
    let clinic = with_control_login("paging", "mistyped").await;
    let phone = clinic.phone("8845");
    let hang = CucmFault::Slow(Service::Axl, Duration::from_mins(1));
    clinic.simulator.cucm().set_fault(hang);
    let findings = clinic.examine(&phone).await;
    let shot = [Sign::Shot(Shown::Error(4))];
    findings.saw(Screenshot, CheckOutcome::Failed, &shot, "");
    findings.saw(ControlLogin, CheckOutcome::Skipped, &[], "The phone was asked first");
    assert_eq!(clinic.simulator.cucm().counts().wrong_passwords, 1);
    clinic.close().await;
}

#[tokio::test]
async fn a_service_that_hangs_is_told_before_a_phone_that_waits_for_it() {
    let clinic = with_control_login("paging", "Page-4-All").await;
    let hang = CucmFault::Slow(Service::Authenticate, Duration::from_mins(1));
    clinic.simulator.cucm().set_fault(hang);
    let findings = clinic.examine(&clinic.phone("8845")).await;
    findings.saw(Screenshot, CheckOutcome::Failed, &[Sign::Shot(Shown::Silent)], "");
    assert!(findings.has(&Sign::AuthenticateDown(true)) && findings.has(&Sign::UrlUnreachable));
    let verdict = verdict(&findings.0, &Named::default());
    assert_eq!(verdict.cause, Cause::AuthenticationServiceDown, "{}", verdict.summary);
    assert!(!verdict.also.contains(&Cause::PhoneNotAnswering));
    clinic.close().await;
}

#[tokio::test]
async fn a_phone_that_is_not_associated_is_told_from_a_wrong_password() {
    let clinic = with_control_login("paging", "Page-4-All").await;
    let phone = clinic.phone("8845");
    phone.set_fault(Fault::NotAssociated);
    let findings = clinic.examine(&phone).await;
    let signs = [Sign::NotAuthorized, Sign::PasswordGood];
    findings.saw(ControlLogin, CheckOutcome::Failed, &signs, "not among its controlled");
    findings.saw(
        ControlledDevice,
        CheckOutcome::Failed,
        &[Sign::NotAssociated],
        "end user",
    );
    findings.saw(LoginRoles, CheckOutcome::Warning, &[Sign::RolesAdvised], "CTI");
    assert!(findings.excludes(Cause::ControlLoginRejected) && !findings.excludes(Cause::DeviceNotAssociated));
    assert_eq!(clinic.simulator.cucm().counts().wrong_passwords, 0);
    clinic.close().await;
}

#[tokio::test]
async fn a_locked_login_is_not_tried() {
    let clinic = with_control_login("paging", "Page-4-All").await;
    clinic.simulator.cucm().lock_user("paging", true);
    let phone = clinic.phone("8845");
    phone.set_fault(Fault::Silent);
    let before = clinic.simulator.cucm().counts();
    let findings = clinic.examine(&phone).await;
    findings.saw(ControlLogin, CheckOutcome::Failed, &[Sign::LoginLocked], "locked");
    assert!(!findings.excludes(Cause::ControlLoginLocked));
    // Two made-up users: one over https, one over http, and one at the Authentication URL.
    assert_eq!(clinic.simulator.cucm().counts().authenticate - before.authenticate, 3);
    clinic.close().await;
}

#[tokio::test]
async fn a_login_that_cucm_does_not_have_may_be_another_servers() {
    let clinic = with_control_login("informacast", "Page-Auth-8081").await;
    let phone = clinic.phone("8845");
    let findings = clinic.examine(&phone).await;
    findings.saw(
        ControlLogin,
        CheckOutcome::Failed,
        &[Sign::PasswordWrong],
        "no application or end user",
    );
    findings.saw(Screenshot, CheckOutcome::Skipped, &[], "would be another wrong try");
    // Only the phone can try it there.
    phone.set_fault(Fault::ThirdPartyUrl);
    let findings = clinic.examine(&phone).await;
    findings.saw(ControlLogin, CheckOutcome::Warning, &[], "127.0.0.2");
    assert!(!findings.has(&Sign::PasswordWrong));
    assert_ne!(findings.get(Screenshot).outcome, CheckOutcome::Skipped);
    clinic.close().await;
}

#[tokio::test]
async fn a_service_that_is_down_proves_nothing_about_the_login() {
    let clinic = Clinic::new().await;
    clinic
        .simulator
        .cucm()
        .set_fault(CucmFault::Down(Service::Authenticate));
    let findings = clinic.examine(&clinic.phone("8845")).await;
    findings.saw(ControlLogin, CheckOutcome::Failed, &[], "could not be asked");
    let finding = findings.get(ControlLogin);
    assert_eq!(finding.signs, [Sign::PasswordGood], "AXL says so");
    assert!(!finding.rules_out.contains(&Cause::DeviceNotAssociated));
    let forms = finding.details.iter().filter(|detail| detail.label == "Request");
    assert_eq!(forms.count(), 1, "each form carries the password");
    findings.saw(ControlledDevice, CheckOutcome::Passed, &[Sign::Associated], "");
    clinic.close().await;
}

#[tokio::test]
async fn a_password_changed_in_cucm_is_told_by_ris_and_not_tried_again() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    let login = clinic.simulator.summary().logins[0].username.clone();
    // AXL goes on with its session; RIS gets the password with every question.
    clinic.simulator.cucm().set_password(&login, "another");
    let findings = clinic.examine(&phone).await;
    findings.saw(CucmRis, CheckOutcome::Failed, &[Sign::RisLoginRejected], "401");
    findings.saw(ControlLogin, CheckOutcome::Skipped, &[], "RIS refused the same login");
    assert_eq!(clinic.simulator.cucm().counts().wrong_passwords, 1);
    clinic.close().await;
}
