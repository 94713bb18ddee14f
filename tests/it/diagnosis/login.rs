//! What the checks of the control login find.

use secrecy::SecretString;
use sidetone::domain::cause::Cause;
use sidetone::domain::finding::CheckId::{ControlLogin, ControlledDevice, CucmRis, LoginRoles};
use sidetone::domain::finding::{CheckOutcome, Sign};
use sidetone::inventory::LoginDraft;
use sidetone::simulator::{CucmFault, Fault, Service};

use super::Clinic;

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
    // Nothing but the diagnosis itself may ask with the login: the phone is silent.
    phone.set_fault(Fault::Silent);
    let findings = clinic.examine(&phone).await;
    let signs = [Sign::NotAuthorized, Sign::PasswordWrong];
    findings.saw(ControlLogin, CheckOutcome::Failed, &signs, "the password is wrong");
    findings.saw(ControlledDevice, CheckOutcome::Passed, &[Sign::Associated], "");
    assert!(!findings.excludes(Cause::ControlLoginRejected));
    assert_eq!(clinic.simulator.cucm().counts().wrong_passwords, 1);

    // Without the association AXL is asked first, and the authenticate service not at all.
    clinic.simulator.cucm().dissociate("paging", phone.name());
    let findings = clinic.examine(&phone).await;
    findings.saw(
        ControlLogin,
        CheckOutcome::Failed,
        &[Sign::PasswordWrong],
        "it was tried once",
    );
    findings.saw(
        ControlledDevice,
        CheckOutcome::Failed,
        &[Sign::NotAssociated],
        "not among",
    );
    assert_eq!(clinic.simulator.cucm().counts().wrong_passwords, 2);
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
    phone.set_fault(Fault::ThirdPartyUrl);
    let findings = clinic.examine(&phone).await;
    findings.saw(ControlLogin, CheckOutcome::Warning, &[], "127.0.0.2");
    assert!(!findings.has(&Sign::PasswordWrong));
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
    assert!(finding.signs.is_empty() && finding.rules_out.is_empty());
    let forms = finding.details.iter().filter(|detail| detail.label == "Request");
    assert_eq!(forms.count(), 3, "every form is tried when none was answered");
    findings.saw(ControlledDevice, CheckOutcome::Passed, &[Sign::Associated], "");
    clinic.close().await;
}

#[tokio::test]
async fn a_password_changed_in_cucm_is_told_by_ris_and_not_tried_again() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    phone.set_fault(Fault::Silent);
    let login = clinic.simulator.summary().logins[0].username.clone();
    // AXL goes on with its session; RIS gets the password with every question.
    clinic.simulator.cucm().set_password(&login, "another");
    let findings = clinic.examine(&phone).await;
    findings.saw(CucmRis, CheckOutcome::Failed, &[Sign::RisLoginRejected], "401");
    findings.saw(ControlLogin, CheckOutcome::Skipped, &[], "RIS refused the same login");
    assert_eq!(clinic.simulator.cucm().counts().wrong_passwords, 1);
    clinic.close().await;
}
