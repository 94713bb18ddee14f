//! What the checks of CUCM and of the phone in CUCM find.

use super::Clinic;

#[tokio::test]
async fn a_diagnosis_tells_every_check_in_order() {
    let clinic = Clinic::new().await;
    let findings = clinic.examine(&clinic.phone("8845")).await;
    assert!(!findings.0.is_empty());
    clinic.close().await;
}
