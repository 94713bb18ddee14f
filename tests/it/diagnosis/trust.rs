//! What the checks of the trust list, of settings access and of the configuration find.

use sidetone::cucm::PhoneChange;
use sidetone::domain::cause::Cause;
use sidetone::domain::finding::{Access, CheckId, CheckOutcome, Sign};
use sidetone::simulator::Fault;

use super::Clinic;

#[tokio::test]
async fn healthy_phones_have_what_cucm_has_for_them() {
    let clinic = Clinic::new().await;
    for model in ["7960", "7965", "6941", "7841", "8845", "8821"] {
        let findings = clinic.examine(&clinic.phone(model)).await;
        findings.passed(
            CheckId::ConfigurationTaken,
            &Sign::ConfigurationTaken,
            "Authentication URL",
        );
        let enabled = Sign::SettingsAccess(Access::Enabled);
        findings.passed(CheckId::SettingsAccess, &enabled, "CUCM's default");
        assert!(findings.excludes(Cause::SettingsAccessLocked));
        let messages = findings.get(CheckId::StatusMessages);
        assert_ne!(messages.outcome, CheckOutcome::Failed, "{messages:#?}");
    }
    clinic.close().await;
}

#[tokio::test]
async fn a_failed_trust_list_is_told_by_the_phone_itself() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    phone.set_fault(Fault::TrustListBroken);
    let findings = clinic.examine(&phone).await;
    let finding = findings.get(CheckId::StatusMessages);
    assert_eq!(finding.outcome, CheckOutcome::Failed, "{finding:#?}");
    assert!(finding.evidence.contains("Trust List update failed"), "{finding:#?}");
    assert!(finding.signs.iter().any(|sign| matches!(sign, Sign::TrustMessage(_))));
    assert!(!findings.excludes(Cause::TrustListBroken));
    clinic.close().await;
}

#[tokio::test]
async fn a_trust_list_that_differs_from_all_others_stands_out() {
    let clinic = Clinic::new().await;
    for model in ["8841", "8865", "8811"] {
        clinic.examine(&clinic.phone(model)).await;
    }
    let healthy = clinic.examine(&clinic.phone("8851")).await;
    let finding = healthy.get(CheckId::TrustHash);
    assert_eq!(finding.outcome, CheckOutcome::Passed, "{finding:#?}");
    assert!(finding.evidence.contains("3 other phones"), "{finding:#?}");

    let phone = clinic.phone("8845");
    let before = clinic.examine(&phone).await;
    assert!(!before.has(&Sign::TrustHashDiffers));
    phone.set_fault(Fault::TrustListBroken);
    let findings = clinic.examine(&phone).await;
    findings.expect(
        CheckId::TrustHash,
        CheckOutcome::Warning,
        &Sign::TrustHashDiffers,
        "4 other phones",
    );
    let details = &findings.get(CheckId::TrustHash).details;
    assert!(details.iter().any(|detail| detail.label == "Before"), "{details:#?}");
    clinic.close().await;
}

#[tokio::test]
async fn a_change_that_the_phone_refuses_is_not_taken() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    phone.set_fault(Fault::TrustListBroken);
    let subject = clinic.house.inventory.subject(clinic.id(&phone).await).await.unwrap();
    let change = PhoneChange {
        authentication_url: Some("http://127.0.0.1:9/ccmcip/authenticate.jsp".to_owned()),
        ..PhoneChange::default()
    };
    let name = subject.name.clone().unwrap();
    subject.cucm.update_phone(&name, &change).await.unwrap();
    subject.cucm.apply_phone(&name).await.unwrap();
    let findings = clinic.examine(&phone).await;
    let not_taken = Sign::ConfigurationNotTaken("Authentication URL".to_owned());
    findings.failed(CheckId::ConfigurationTaken, &not_taken, "does not have what CUCM has");
    assert!(!findings.has(&Sign::ConfigurationTaken));
    clinic.close().await;
}

#[tokio::test]
async fn locked_settings_are_told_with_their_level() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    phone.set_fault(Fault::SettingsLocked);
    let findings = clinic.examine(&phone).await;
    findings.expect(
        CheckId::SettingsAccess,
        CheckOutcome::Warning,
        &Sign::SettingsAccess(Access::Restricted),
        "Restricted by the phone's own page in CUCM",
    );
    assert!(!findings.excludes(Cause::SettingsAccessLocked));
    assert!(findings.has(&Sign::ConfigurationTaken), "the phone has it too");
    clinic.close().await;
}
