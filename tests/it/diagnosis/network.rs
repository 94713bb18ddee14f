//! What the checks of the way to the phone, of who answers there and of its web access find.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use sidetone::domain::cause::Cause;
use sidetone::domain::finding::{Access, CheckId, CheckOutcome, Port, Shown, Sign};
use sidetone::inventory::ClusterPatch;
use sidetone::lifecycle::Tasks;
use sidetone::simulator::Fault;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Clinic, Findings};

/// Phones of seven families: http and https, pages as XML and HTML, with and without loads.
const FAMILIES: [&str; 7] = ["7960", "7965", "6941", "7841", "8845", "8821", "9841"];

#[tokio::test]
async fn healthy_phones_of_every_family_answer_under_their_own_name() {
    let clinic = Clinic::new().await;
    for model in FAMILIES {
        let phone = clinic.phone(model);
        let findings = clinic.examine(&phone).await;
        findings.passed(CheckId::Identity, &Sign::SameDevice, phone.name());
        assert!(findings.excludes(Cause::PhoneAddressStale), "{model}: {findings:#?}");
        assert!(
            findings.has(&Sign::FirstByte) && findings.has(&Sign::PagesWork),
            "{model}"
        );
        findings.passed(CheckId::TcpHttp, &Sign::Port(false, Port::Open), "took the connection");
        findings.passed(CheckId::TcpHttps, &Sign::Port(true, Port::Open), "took the connection");
        let enabled = Sign::WebAccessConfigured(Access::Enabled);
        findings.passed(CheckId::WebAccess, &enabled, "the phone's own web server");
        assert!(findings.excludes(Cause::WebAccessReadOnly), "{model}");
        assert_eq!(phone.most_concurrent_requests(), 1, "{model}");
    }
    clinic.close().await;
}

#[tokio::test]
async fn the_level_that_decides_web_access_is_named() {
    let clinic = Clinic::new().await;
    let mut levels = Vec::new();
    for model in FAMILIES {
        let findings = clinic.examine(&clinic.phone(model)).await;
        levels.push(findings.get(CheckId::WebAccess).evidence.clone());
    }
    // Every other simulated phone names web access itself; the others have it from their profile.
    assert!(
        levels
            .iter()
            .any(|words| words.contains("the phone's own page in CUCM")),
        "{levels:#?}"
    );
    let by_profile = "the common phone profile Standard Common Phone Profile";
    assert!(levels.iter().any(|words| words.contains(by_profile)), "{levels:#?}");
    clinic.close().await;
}

/// A phone that answers nothing costs one wait, and what it was not asked is told at once.
fn assert_not_asked(findings: &Findings, why: &str) {
    for check in [
        CheckId::StatusMessages,
        CheckId::TrustHash,
        CheckId::Screenshot,
        CheckId::Series,
        CheckId::InCall,
    ] {
        let finding = findings.get(check);
        assert_eq!(finding.outcome, CheckOutcome::Skipped, "{finding:#?}");
        assert!(finding.evidence.contains(why), "{finding:#?}");
    }
}

#[tokio::test]
async fn a_phone_that_refuses_is_told_from_a_silent_one() {
    let clinic = Clinic::new().await;
    let refusing = clinic.phone("8845");
    refusing.set_fault(Fault::Refuses);
    let findings = clinic.examine(&refusing).await;
    findings.failed(
        CheckId::TcpHttp,
        &Sign::Port(false, Port::Refused),
        "reset it before the first byte",
    );
    findings.failed(
        CheckId::TcpHttps,
        &Sign::Port(true, Port::Refused),
        "reset it before the first byte",
    );
    assert_not_asked(&findings, "the phone did not answer the first page");

    let silent = clinic.phone("7965");
    silent.set_fault(Fault::Silent);
    let findings = clinic.examine(&silent).await;
    findings.failed(CheckId::TcpHttp, &Sign::NoFirstByte, "said nothing");
    assert!(findings.has(&Sign::Port(false, Port::Open)));
    assert_eq!(findings.get(CheckId::Identity).outcome, CheckOutcome::Skipped);
    assert_not_asked(&findings, "the phone did not answer the first page");

    let unreachable = clinic.phone("8841");
    unreachable.set_fault(Fault::Unreachable);
    let findings = clinic.examine(&unreachable).await;
    findings.failed(CheckId::TcpHttp, &Sign::Port(false, Port::Silent), "nothing came back");
    findings.failed(CheckId::TcpHttps, &Sign::Port(true, Port::Silent), "nothing came back");
    assert_eq!(findings.get(CheckId::Identity).outcome, CheckOutcome::Skipped);
    assert_not_asked(&findings, "the phone did not answer the first page");
    clinic.close().await;
}

#[tokio::test]
async fn a_web_server_that_is_off_is_off_by_its_configuration() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    phone.set_fault(Fault::WebAccessOff);
    let findings = clinic.examine(&phone).await;
    let disabled = Sign::WebAccessConfigured(Access::Disabled);
    findings.failed(
        CheckId::WebAccess,
        &disabled,
        "Disabled by the phone's own page in CUCM",
    );
    findings.failed(CheckId::TcpHttp, &Sign::Port(false, Port::Refused), "");
    assert!(!findings.excludes(Cause::WebAccessDisabled));
    clinic.close().await;
}

#[tokio::test]
async fn pages_without_control_are_read_only() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    phone.set_fault(Fault::ReadOnlyWeb);
    let findings = clinic.examine(&phone).await;
    let restricted = Sign::WebAccessConfigured(Access::Restricted);
    findings.failed(
        CheckId::WebAccess,
        &restricted,
        "Read Only by the phone's own page in CUCM",
    );
    findings.failed(CheckId::Screenshot, &Sign::Shot(Shown::Forbidden), "HTTP 403");
    findings.passed(CheckId::Identity, &Sign::SameDevice, phone.name());
    assert!(findings.excludes(Cause::WebAccessDisabled) && !findings.excludes(Cause::WebAccessReadOnly));
    clinic.close().await;
}

#[tokio::test]
async fn another_device_is_named_and_gets_no_password() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("8845");
    phone.set_fault(Fault::WrongName("SEP0011223344AA".to_owned()));
    let findings = clinic.examine(&phone).await;
    let other = Sign::OtherDevice("SEP0011223344AA".to_owned());
    findings.failed(CheckId::Identity, &other, "it calls itself SEP0011223344AA");
    assert!(!findings.has(&Sign::SameDevice) && !findings.excludes(Cause::PhoneAddressStale));
    assert_not_asked(&findings, "SEP0011223344AA answers");
    assert_eq!(phone.requests_for("/CGI/Screenshot"), 0);
    clinic.close().await;
}

/// Something at this address that asks everybody for a login, as no phone does for its first page. What it was sent.
async fn stranger(address: Ipv4Addr) -> (u16, Arc<Mutex<String>>) {
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(String::new()));
    let (tasks, notebook) = (Tasks::new(), Arc::clone(&heard));
    let visits = tasks.clone();
    tasks.spawn("stranger", async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let notebook = Arc::clone(&notebook);
            visits.spawn("visit of a stranger", async move {
                let mut bytes = [0; 4_096];
                while let Ok(length @ 1..) = stream.read(&mut bytes).await {
                    notebook
                        .lock()
                        .unwrap()
                        .push_str(&String::from_utf8_lossy(&bytes[..length]));
                    let answer = "HTTP/1.1 401 Unauthorized\r\nServer: printer\r\nContent-Length: 0\r\n\r\n";
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    (port, heard)
}

#[tokio::test]
async fn what_is_not_known_to_be_a_phone_gets_no_password() {
    let clinic = Clinic::new().await;
    let phone = clinic.phone("7965");
    let there = Ipv4Addr::new(127, 20, 200, 9);
    // CUCM itself has the phone at that address.
    phone.move_to(there);
    let (port, heard) = stranger(there).await;
    let ports = ClusterPatch {
        phone_http_port: Some(port.into()),
        phone_https_port: Some(port.into()),
        ..ClusterPatch::default()
    };
    clinic.change(ports).await;
    let findings = clinic.examine(&phone).await;
    findings.saw(
        CheckId::Screenshot,
        CheckOutcome::Skipped,
        &[],
        "not known to be the phone",
    );
    let heard = heard.lock().unwrap().to_ascii_lowercase();
    assert!(heard.contains("get /"), "{heard}");
    assert!(!heard.contains("authorization"), "{heard}");
    clinic.close().await;
}

#[tokio::test]
async fn a_proxy_and_a_redirect_are_no_phone() {
    let clinic = Clinic::new().await;
    let proxied = clinic.phone("8845");
    proxied.set_fault(Fault::ForeignPage);
    let findings = clinic.examine(&proxied).await;
    findings.failed(CheckId::Identity, &Sign::ForeignAnswer, "Via: 1.1 proxy.voice.example");
    assert!(!findings.excludes(Cause::ProxyInPath));
    let details = &findings.get(CheckId::Identity).details;
    assert!(details.iter().any(|detail| detail.label == "Via"), "{details:#?}");
    let first = details.iter().find(|detail| detail.label == "First bytes").unwrap();
    assert!(first.text.contains("Access denied"), "{first:?}");

    let redirected = clinic.phone("7965");
    redirected.set_fault(Fault::Redirect("http://127.0.0.1:9/login".to_owned()));
    let findings = clinic.examine(&redirected).await;
    findings.failed(CheckId::Identity, &Sign::ForeignAnswer, "http://127.0.0.1:9/login");
    assert_eq!(redirected.requests_for("/CGI/"), 0, "no login goes to a stranger");
    clinic.close().await;
}

#[tokio::test]
async fn nothing_is_sent_outside_the_phone_networks() {
    let elsewhere = |draft: &mut sidetone::inventory::ClusterDraft| {
        draft.phone_networks = vec!["127.99.0.0/16".to_owned()];
    };
    let clinic = Clinic::with(|_| {}, elsewhere).await;
    let phone = clinic.phone("8845");
    let findings = clinic.examine(&phone).await;
    for check in [
        CheckId::TcpHttp,
        CheckId::TcpHttps,
        CheckId::Identity,
        CheckId::Screenshot,
    ] {
        let finding = findings.get(check);
        assert_eq!(finding.outcome, CheckOutcome::Skipped, "{finding:#?}");
        assert!(
            finding.evidence.contains("outside the cluster's phone networks"),
            "{finding:#?}"
        );
    }
    assert_ne!(phone.address(), Ipv4Addr::UNSPECIFIED);
    assert_eq!(phone.requests_for(""), 0);
    clinic.close().await;
}
