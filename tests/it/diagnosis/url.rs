//! What the checks of the Authentication URL find.

use std::net::TcpListener;

use sidetone::domain::cause::Cause;
use sidetone::domain::finding::CheckId::{AuthenticateHttp, UrlAnswer, UrlHost, UrlInForce};
use sidetone::domain::finding::{CheckOutcome, Sign, UrlSource};
use sidetone::simulator::{CucmFault, Fault, Service};

use super::Clinic;

#[tokio::test]
async fn the_clusters_url_is_right() {
    let clinic = Clinic::new().await;
    let findings = clinic.examine(&clinic.phone("8845")).await;
    let force = [Sign::UrlInForce(UrlSource::EnterpriseSecure, true)];
    findings.saw(UrlInForce, CheckOutcome::Passed, &force, "the cluster's secure URL");
    findings.saw(UrlHost, CheckOutcome::Passed, &[], "is a server of the cluster");
    findings.saw(UrlAnswer, CheckOutcome::Passed, &[Sign::UrlAnswers], "header lines");
    for cause in [
        Cause::AuthenticationUrlUnresolvable,
        Cause::AuthenticationUrlOverridden,
        Cause::AuthenticationUrlThirdParty,
        Cause::AuthenticationUrlWrong,
    ] {
        assert!(findings.excludes(cause), "{cause}");
    }
    let excluded = &findings.get(UrlAnswer).rules_out;
    // That this server reaches it says nothing of the phone.
    assert!(!excluded.contains(&Cause::AuthenticationUrlUnreachable));
    // The oldest phones know only the plain one.
    let findings = clinic.examine(&clinic.phone("7960")).await;
    let force = [Sign::UrlInForce(UrlSource::Enterprise, false)];
    findings.saw(UrlInForce, CheckOutcome::Passed, &force, "the cluster's URL");
    clinic.close().await;
}

#[tokio::test]
async fn a_third_partys_url_is_told_with_its_redirect() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    phone.set_fault(Fault::ThirdPartyUrl);
    let findings = clinic.examine(&phone).await;
    let force = [Sign::UrlInForce(UrlSource::Device, false), Sign::UrlOverridden];
    findings.saw(UrlInForce, CheckOutcome::Failed, &force, "of its own");
    let third = [Sign::UrlThirdParty("127.0.0.2".to_owned())];
    findings.saw(UrlHost, CheckOutcome::Failed, &third, "somebody else");
    let port = clinic.simulator.summary().authentication_http_port;
    findings.saw(UrlAnswer, CheckOutcome::Warning, &[], &format!("127.0.0.1:{port}"));
    assert!(!findings.excludes(Cause::AuthenticationUrlThirdParty));
    clinic.close().await;
}

#[tokio::test]
async fn a_wrong_path_case_or_port_is_told() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    let summary = clinic.simulator.summary();
    let (https, http) = (summary.https_port, summary.authentication_http_port);
    for (url, words) in [
        (
            format!("https://127.0.0.1:{https}/CCMCIP/authenticate.jsp"),
            "upper and lower case".to_owned(),
        ),
        (
            format!("https://127.0.0.1:{https}/ccmcip/authenticate.asp"),
            "it must be /ccmcip/authenticate.jsp".to_owned(),
        ),
        (
            format!("https://127.0.0.1:{http}/ccmcip/authenticate.jsp"),
            format!("port {http} speaks http"),
        ),
        (
            format!("http://127.0.0.1:{https}/ccmcip/authenticate.jsp"),
            format!("port {https} speaks https"),
        ),
    ] {
        phone.set_fault(Fault::AuthenticationUrl(url.clone()));
        let findings = clinic.examine(&phone).await;
        findings.saw(UrlAnswer, CheckOutcome::Failed, &[], &words);
        let signs = &findings.get(UrlAnswer).signs;
        assert!(matches!(&signs[..], [Sign::UrlWrong(_)]), "{url}: {signs:?}");
        assert!(findings.has(&Sign::UrlOverridden) && !findings.excludes(Cause::AuthenticationUrlWrong));
        findings.saw(UrlHost, CheckOutcome::Passed, &[], "server of the cluster");
    }
    phone.set_fault(Fault::AuthenticationUrl("authenticate me".to_owned()));
    let findings = clinic.examine(&phone).await;
    findings.saw(UrlAnswer, CheckOutcome::Failed, &[], "no URL");
    clinic.close().await;
}

#[tokio::test]
async fn a_host_that_does_not_resolve_or_answer_is_told() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    // A part of a name longer than 63 letters never reaches a resolver.
    let nowhere = format!("http://{}.example:8080/ccmcip/authenticate.jsp", "a".repeat(64));
    phone.set_fault(Fault::AuthenticationUrl(nowhere));
    let findings = clinic.examine(&phone).await;
    let force = [Sign::UrlOverridden, Sign::UrlByName];
    findings.saw(UrlInForce, CheckOutcome::Failed, &force, "of its own");
    findings.saw(
        UrlHost,
        CheckOutcome::Failed,
        &[Sign::UrlUnresolvable],
        "does not resolve",
    );
    findings.saw(UrlAnswer, CheckOutcome::Skipped, &[], "does not resolve");

    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let closed = listener.local_addr().unwrap().port();
    drop(listener);
    let refusing = format!("http://127.0.0.3:{closed}/InformaCast/phone/auth/");
    phone.set_fault(Fault::AuthenticationUrl(refusing));
    let findings = clinic.examine(&phone).await;
    findings.saw(
        UrlAnswer,
        CheckOutcome::Failed,
        &[Sign::UrlUnreachable],
        "refuses the connection",
    );
    clinic.close().await;
}

#[tokio::test]
async fn a_service_that_is_down_makes_its_url_unreachable() {
    let clinic = Clinic::new().await;
    clinic
        .simulator
        .cucm()
        .set_fault(CucmFault::Down(Service::Authenticate));
    let findings = clinic.examine(&clinic.phone("8845")).await;
    findings.saw(UrlAnswer, CheckOutcome::Failed, &[Sign::UrlUnreachable], "");
    findings.saw(
        AuthenticateHttp,
        CheckOutcome::Warning,
        &[Sign::AuthenticateDown(false)],
        "http",
    );
    assert!(!findings.excludes(Cause::AuthenticationServiceDown));
    clinic.close().await;
}

#[tokio::test]
async fn a_cluster_without_a_url_lets_everybody_in() {
    let clinic = Clinic::new().await;
    for parameter in ["URLAuthentication", "SecureAuthenticationURL"] {
        clinic.simulator.cucm().set_parameter(parameter, "");
    }
    let findings = clinic.examine(&clinic.phone("8845")).await;
    findings.saw(UrlInForce, CheckOutcome::Warning, &[Sign::UrlBlank], "obeys everybody");
    for check in [UrlHost, UrlAnswer] {
        findings.saw(check, CheckOutcome::Skipped, &[], "");
    }
    clinic.close().await;
}

#[tokio::test]
async fn a_phone_that_kept_its_old_url_is_told() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    let own = clinic.simulator.summary().third_party.authentication_url;
    // Written in CUCM alone: nobody applied it.
    clinic
        .simulator
        .cucm()
        .edit_url(phone.name(), "secureAuthenticationUrl", &own);
    let findings = clinic.examine(&phone).await;
    let signs = [Sign::UrlNotTaken, Sign::UrlInForce(UrlSource::Phone, true)];
    findings.saw(UrlInForce, CheckOutcome::Failed, &signs, "did not take the change");
    clinic.close().await;
}
