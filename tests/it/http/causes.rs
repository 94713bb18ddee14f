//! For every cause a simulated fault, and the product that names it through the API; and pairs of faults.
//!
//! A row says what is broken; the diagnosis must name the cause at least as likely. Rows of one table share a server:
//! each is healed before the next.

use std::collections::BTreeSet;

use secrecy::SecretString;
use serde_json::{Value, json};
use sidetone::domain::cause::Cause;
use sidetone::domain::role::Role;
use sidetone::inventory::{ClusterPatch, ControlPatch, LoginPatch};
use sidetone::security::{ManageClusters, May, Viewer};
use sidetone::simulator::{CucmFault, Fault, PhoneHandle, Service};

use super::client::Client;
use super::server::TestServer;

/// What is broken.
enum Broken {
    /// Of the phone.
    Phone(Fault),
    /// Of CUCM.
    Cucm(CucmFault),
    /// The cluster's Authentication URLs, both.
    Url(fn(&Ward) -> String),
    /// The device's own URL.
    OwnUrl(fn(&Ward) -> String),
    /// The control login's password in CUCM is another.
    Password,
    /// The control login is locked in CUCM.
    Locked,
    /// CUCM has deleted the phone.
    Deleted,
    /// The phone was restarted.
    Restarted,
    /// The inventory is brought up to date after what is broken so far.
    Synced,
}
use Broken::{Cucm, Deleted, Locked, OwnUrl, Password, Phone, Restarted, Synced, Url};

/// A server, and what the faults need.
struct Ward {
    server: TestServer,
    program: Client,
    /// What the cluster's Authentication URLs were at first.
    healthy_urls: [String; 2],
}

const URLS: [&str; 2] = ["SecureAuthenticationURL", "URLAuthentication"];
const PATH: &str = "ccmcip/authenticate.jsp";

impl Ward {
    async fn open() -> Self {
        let server = TestServer::with(|config| {
            config.phones.read_timeout_ms = 1_500;
            config.phones.connect_timeout_ms = 500;
        })
        .await;
        let program = server.api(Role::Admin).await;
        let cucm = server.simulator.cucm();
        let ward = Self {
            healthy_urls: URLS.map(|name| cucm.parameter(name)),
            program,
            server,
        };
        ward.use_control_login().await;
        ward
    }

    /// Phones are controlled by a login of their own, so that it can fail while CUCM's works.
    async fn use_control_login(&self) {
        let control = &self.server.simulator.summary().logins[1];
        self.server.guard(&control.password);
        let may: May<ManageClusters> = Viewer::system().may().unwrap();
        let patch = ClusterPatch {
            control_login: ControlPatch::Change(LoginPatch {
                username: Some(control.username.clone()),
                password: Some(SecretString::from(control.password.clone())),
            }),
            ..ClusterPatch::default()
        };
        let inventory = &self.server.app.inventory;
        inventory
            .change_cluster(&may, self.server.cluster, patch)
            .await
            .unwrap();
        for phone in self.server.simulator.phones() {
            self.server.simulator.cucm().associate(&control.username, phone.name());
        }
    }

    fn control(&self) -> (String, String) {
        let control = &self.server.simulator.summary().logins[1];
        (control.username.clone(), control.password.clone())
    }

    fn url(host: &str, port: u16) -> String {
        format!("http://{host}:{port}/{PATH}")
    }

    fn http_port(&self) -> u16 {
        self.server.simulator.summary().authentication_http_port
    }

    async fn sync(&self) {
        let jobs = &self.server.app.jobs;
        let may: May<ManageClusters> = Viewer::system().may().unwrap();
        let started = jobs.start_sync(&may, self.server.cluster).await.unwrap();
        jobs.finished(&may, started.job.id).await.unwrap();
    }

    async fn break_it(&self, phone: &PhoneHandle, broken: &Broken) {
        let cucm = self.server.simulator.cucm();
        match broken {
            Phone(fault) => phone.set_fault(fault.clone()),
            Cucm(fault) => cucm.set_fault(fault.clone()),
            Url(make) => URLS.iter().for_each(|name| cucm.set_parameter(name, &make(self))),
            OwnUrl(make) => phone.set_fault(Fault::AuthenticationUrl(make(self))),
            Password => cucm.set_password(&self.control().0, "another"),
            Locked => cucm.lock_user(&self.control().0, true),
            Deleted => cucm.delete_phone(phone.name()),
            Restarted => phone.restart(),
            Synced => self.sync().await,
        }
    }

    /// Undoes whatever can be undone; a deleted phone stays away.
    async fn heal(&self, phone: &PhoneHandle, broken: &[Broken]) {
        let cucm = self.server.simulator.cucm();
        cucm.clear_faults();
        phone.clear_faults();
        for (name, url) in URLS.iter().zip(&self.healthy_urls) {
            cucm.set_parameter(name, url);
        }
        let (name, password) = self.control();
        cucm.set_password(&name, &password);
        cucm.lock_user(&name, false);
        if broken.iter().any(|one| matches!(one, Phone(Fault::NotAssociated))) {
            cucm.associate(&name, phone.name());
        }
        // Whatever restarts is back, and nothing was a moment ago.
        self.server.clock.advance(std::time::Duration::from_mins(30));
        if broken.iter().any(|one| matches!(one, Synced)) {
            self.sync().await;
        }
    }

    /// The diagnosis of a phone with these faults, by the API.
    async fn diagnose(&self, model: &str, broken: &[Broken]) -> Value {
        let (phone, id) = self.server.phone(model);
        for one in broken {
            self.break_it(&phone, one).await;
        }
        let path = format!("/api/v1/phones/{id}/diagnoses");
        let answer = self.program.json("POST", &path, &json!({})).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        self.heal(&phone, broken).await;
        answer.value()
    }

    async fn close(self) {
        self.server.close().await;
    }
}

fn words(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|word| word.as_str().unwrap())
        .collect()
}

/// What the checks told, for a failed row.
fn proof(diagnosis: &Value) -> String {
    let checks = diagnosis["checks"].as_array().unwrap();
    let lines = checks.iter().map(|check| {
        let (id, outcome, evidence) = (&check["id"], &check["outcome"], &check["evidence"]);
        format!("{id} {outcome} {evidence}\n")
    });
    lines.collect()
}

type Row = (&'static str, Vec<Broken>, Cause);

/// Every row names its cause, proved or likely; answers which were named.
async fn named(ward: &Ward, rows: Vec<Row>) -> BTreeSet<&'static str> {
    let mut wrong = Vec::new();
    let mut named = BTreeSet::new();
    for (n, (model, broken, cause)) in rows.into_iter().enumerate() {
        let diagnosis = ward.diagnose(model, &broken).await;
        let verdict = &diagnosis["verdict"];
        if verdict["cause"] == cause.code() && verdict["certainty"] != "possible" {
            named.insert(cause.code());
        } else {
            wrong.push(format!("row {n}, {cause}: {verdict}\n{}", proof(&diagnosis)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    named
}

fn cucm_rows() -> Vec<Row> {
    let refuses = || Phone(Fault::Error(4));
    let silent = || Phone(Fault::Silent);
    vec![
        ("8845", vec![], Cause::None),
        ("8845", vec![Cucm(CucmFault::Refuses)], Cause::CucmUnreachable),
        (
            "8845",
            vec![Cucm(CucmFault::TlsTooOld), refuses()],
            Cause::CucmTlsTooOld,
        ),
        (
            "8845",
            vec![Cucm(CucmFault::OtherCertificate), refuses()],
            Cause::CucmTlsUntrusted,
        ),
        (
            "8845",
            vec![Cucm(CucmFault::LoginRejected), refuses()],
            Cause::CucmLoginRejected,
        ),
        (
            "8845",
            vec![Cucm(CucmFault::Forbidden(Service::Axl)), refuses()],
            Cause::CucmRoleMissing,
        ),
        (
            "8845",
            vec![Cucm(CucmFault::Down(Service::Axl)), refuses()],
            Cause::AxlUnavailable,
        ),
        (
            "8845",
            vec![Cucm(CucmFault::Versions(vec!["7.1".to_owned()])), refuses()],
            Cause::AxlVersionUnsupported,
        ),
        (
            "8841",
            vec![Cucm(CucmFault::Down(Service::Ris)), silent()],
            Cause::RisUnavailable,
        ),
        (
            "8865",
            vec![Cucm(CucmFault::RisQuotaUsed), silent()],
            Cause::RisQuotaExhausted,
        ),
        (
            "8845",
            vec![Cucm(CucmFault::Down(Service::Authenticate))],
            Cause::AuthenticationServiceDown,
        ),
        ("8851", vec![Deleted], Cause::PhoneUnknown),
    ]
}

fn phone_rows() -> Vec<Row> {
    vec![
        ("8845", vec![Phone(Fault::NotRegistered)], Cause::PhoneNotRegistered),
        (
            "8845",
            vec![Phone(Fault::NoAddress), Synced],
            Cause::PhoneAddressMissing,
        ),
        (
            "8845",
            vec![Phone(Fault::WrongName("SEP001122334455".to_owned()))],
            Cause::PhoneAddressStale,
        ),
        ("Cisco ATA 187", vec![], Cause::ModelWithoutControl),
        ("8845", vec![Phone(Fault::Unreachable)], Cause::PhoneUnreachable),
        ("8865", vec![Phone(Fault::Silent)], Cause::PhoneNotAnswering),
        ("8845", vec![Restarted], Cause::PhoneRestarting),
        ("8845", vec![Phone(Fault::StalledBody)], Cause::PhoneSlow),
        ("8845", vec![Phone(Fault::WebAccessOff)], Cause::WebAccessDisabled),
        ("8845", vec![Phone(Fault::ReadOnlyWeb)], Cause::WebAccessReadOnly),
        ("8845", vec![Phone(Fault::ForeignPage)], Cause::ProxyInPath),
        ("8845", vec![Phone(Fault::Error(3))], Cause::PhoneInternalError),
        ("8845", vec![Phone(Fault::TruncatedPicture)], Cause::ScreenshotTruncated),
        ("8845", vec![Phone(Fault::GarbagePicture)], Cause::ScreenshotUndecodable),
    ]
}

fn plain(ward: &Ward) -> String {
    Ward::url("127.0.0.1", ward.http_port())
}

fn nobody(ward: &Ward) -> String {
    Ward::url("cucm-pub.invalid", ward.http_port())
}

fn wrong_path(ward: &Ward) -> String {
    plain(ward).replace("ccmcip", "CCMCIP")
}

fn third_party(ward: &Ward) -> String {
    ward.server.simulator.summary().third_party.authentication_url
}

fn access_rows() -> Vec<Row> {
    vec![
        ("8845", vec![Password], Cause::ControlLoginRejected),
        ("8845", vec![Locked], Cause::ControlLoginLocked),
        ("8845", vec![Phone(Fault::NotAssociated)], Cause::DeviceNotAssociated),
        ("8845", vec![Url(nobody)], Cause::AuthenticationUrlUnresolvable),
        (
            "8845",
            vec![Url(plain), Phone(Fault::Error(0))],
            Cause::AuthenticationUrlUnreachable,
        ),
        ("8845", vec![Url(wrong_path)], Cause::AuthenticationUrlWrong),
        ("8845", vec![OwnUrl(wrong_path)], Cause::AuthenticationUrlOverridden),
        ("8845", vec![Url(third_party)], Cause::AuthenticationUrlThirdParty),
        ("8845", vec![Phone(Fault::TrustListBroken)], Cause::TrustListBroken),
        (
            "8845",
            vec![Phone(Fault::SettingsLocked), Phone(Fault::TrustListBroken)],
            Cause::SettingsAccessLocked,
        ),
        (
            "6941",
            vec![Phone(Fault::ReplyUnreadable)],
            Cause::AuthenticationReplyUnreadable,
        ),
        (
            "8845",
            vec![Url(plain), Phone(Fault::Error(4))],
            Cause::AuthenticationRefused,
        ),
    ]
}

/// The simulated fleet has no model that takes keys and gives no picture: the table of the verdict alone names it.
const NOT_SIMULATED: Cause = Cause::ScreenshotUnsupported;

#[test]
fn every_cause_has_a_row() {
    let rows: Vec<Row> = [cucm_rows(), phone_rows(), access_rows()]
        .into_iter()
        .flatten()
        .collect();
    for cause in Cause::ALL.iter().filter(|cause| **cause != NOT_SIMULATED) {
        assert!(rows.iter().any(|(_, _, named)| named == cause), "{cause}");
    }
}

#[tokio::test]
async fn faults_of_cucm_are_named() {
    let ward = Ward::open().await;
    named(&ward, cucm_rows()).await;
    ward.close().await;
}

#[tokio::test]
async fn faults_of_the_phone_are_named() {
    let ward = Ward::open().await;
    named(&ward, phone_rows()).await;
    ward.close().await;
}

#[tokio::test]
async fn faults_of_login_url_and_trust_are_named() {
    let ward = Ward::open().await;
    named(&ward, access_rows()).await;
    ward.close().await;
}

#[tokio::test]
async fn of_two_faults_the_first_to_mend_is_named_and_the_other_told() {
    let ward = Ward::open().await;
    let not_associated = || Phone(Fault::NotAssociated);
    let pairs: Vec<(Vec<Broken>, Cause, Cause)> = vec![
        (
            vec![Cucm(CucmFault::Down(Service::Ris))],
            Cause::None,
            Cause::RisUnavailable,
        ),
        (
            vec![Cucm(CucmFault::Down(Service::Axl)), Phone(Fault::Error(3))],
            Cause::AxlUnavailable,
            Cause::PhoneInternalError,
        ),
        (
            vec![Phone(Fault::NotRegistered), not_associated()],
            Cause::PhoneNotRegistered,
            Cause::DeviceNotAssociated,
        ),
        (
            vec![Phone(Fault::WebAccessOff), not_associated()],
            Cause::WebAccessDisabled,
            Cause::DeviceNotAssociated,
        ),
        (
            vec![Phone(Fault::ForeignPage), Url(wrong_path)],
            Cause::ProxyInPath,
            Cause::AuthenticationUrlWrong,
        ),
        (
            vec![Locked, not_associated()],
            Cause::ControlLoginLocked,
            Cause::DeviceNotAssociated,
        ),
        (
            vec![not_associated(), Phone(Fault::TrustListBroken)],
            Cause::DeviceNotAssociated,
            Cause::TrustListBroken,
        ),
        (
            vec![Password, Url(wrong_path)],
            Cause::ControlLoginRejected,
            Cause::AuthenticationUrlWrong,
        ),
        (
            vec![OwnUrl(third_party)],
            Cause::AuthenticationUrlOverridden,
            Cause::AuthenticationUrlThirdParty,
        ),
        (
            vec![Phone(Fault::SettingsLocked), Phone(Fault::TrustListBroken)],
            Cause::SettingsAccessLocked,
            Cause::TrustListBroken,
        ),
        (
            vec![Phone(Fault::SettingsLocked)],
            Cause::None,
            Cause::SettingsAccessLocked,
        ),
        (
            vec![Phone(Fault::Silent), Url(nobody)],
            Cause::PhoneNotAnswering,
            Cause::AuthenticationUrlUnresolvable,
        ),
    ];
    let mut wrong = Vec::new();
    for (broken, first, second) in pairs {
        // Connections that are kept from a row before would still be answered.
        let silent = broken.iter().any(|one| matches!(one, Phone(Fault::Silent)));
        let model = if silent { "8865" } else { "8845" };
        let diagnosis = ward.diagnose(model, &broken).await;
        let verdict = &diagnosis["verdict"];
        if verdict["cause"] != first.code() || !words(&verdict["also"]).contains(&second.code()) {
            wrong.push(format!("{first} before {second}: {verdict}\n{}", proof(&diagnosis)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    ward.close().await;
}
