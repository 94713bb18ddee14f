//! Keys over SSH, against the simulator's console and against stubborn servers.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use sidetone::clock::Clock;
use sidetone::domain::address::PhoneNetworks;
use sidetone::domain::catalogue;
use sidetone::domain::cause::Cause;
use sidetone::domain::key::Key;
use sidetone::lifecycle::Tasks;
use sidetone::phone::{ErrorKind, HostKey, Phones, SshFailure, SshLogin, Target, Urgency};
use sidetone::simulator::{Fault, Options, PhoneHandle, Simulator};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{CLOSED, PASSWORD, phones_with};

/// Every key with its number (phone-xml-api.md 7.4), under the name by which an 8845 knows it.
const KEYS: [&str; 44] = [
    "KeyPad0",
    "KeyPad1",
    "KeyPad2",
    "KeyPad3",
    "KeyPad4",
    "KeyPad5",
    "KeyPad6",
    "KeyPad7",
    "KeyPad8",
    "KeyPad9",
    "KeyPadStar",
    "KeyPadPound",
    "NavBack",
    "Soft1",
    "Soft2",
    "Soft3",
    "Soft4",
    "Line1",
    "Line2",
    "Line3",
    "Line4",
    "Line5",
    "Line6",
    "Line7",
    "Line8",
    "Line9",
    "Line10",
    "VolUp",
    "VolDwn",
    "NavUp",
    "NavSelect",
    "NavDwn",
    "NavLeft",
    "NavRight",
    "Messages",
    "Directories",
    "Settings",
    "Headset",
    "Speaker",
    "Mute",
    "Release",
    "Hold",
    "FixedFeature1",
    "FixedFeature2",
];

struct Bench {
    tasks: Tasks,
    simulator: Simulator,
    phones: Phones,
    login: SshLogin,
}

fn key(name: &str) -> Key {
    name.parse().unwrap()
}

impl Bench {
    fn start() -> Self {
        Self::with(Duration::from_secs(10))
    }

    fn with(read_timeout: Duration) -> Self {
        let tasks = Tasks::new();
        let options = Options {
            phones: 26,
            faults: false,
            ..Options::default()
        };
        let simulator = Simulator::start(options, &tasks, Clock::system()).unwrap();
        let told = simulator.summary().ssh_login;
        Self {
            tasks,
            simulator,
            phones: phones_with(|settings| settings.read_timeout = read_timeout),
            login: SshLogin {
                username: told.username,
                password: told.password.into(),
            },
        }
    }

    fn phone(&self, model: &str) -> (PhoneHandle, Target) {
        let phone = self.simulator.phone_by_model(model).unwrap();
        phone.set_vendor("sshAccess", Some("0"));
        let summary = self.simulator.summary();
        let target = Target {
            address: phone.address(),
            http_port: summary.phone_http_port,
            https_port: summary.phone_https_port,
            ssh_port: summary.phone_ssh_port,
            networks: Arc::new(PhoneNetworks::parse(["127.0.0.0/8"]).unwrap()),
            credentials: None,
            model: catalogue::by_name(model).unwrap(),
            screenshot_route: None,
        };
        (phone, target)
    }

    async fn fails(&self, target: &Target, pin: Option<&HostKey>) -> sidetone::phone::Error {
        let error = self.phones.ssh(target, &self.login, pin).await.unwrap_err();
        assert!(!error.was_sent(), "{error}");
        error
    }

    async fn end(self) {
        assert!(self.tasks.finish().await, "every task ended in time");
    }
}

#[tokio::test]
async fn every_number_presses_its_key_though_the_web_server_is_off() {
    let bench = Bench::start();
    let (phone, target) = bench.phone("Cisco 8845");
    phone.set_fault(Fault::WebAccessOff);
    phone.set_vendor("sshAccess", Some("0"));
    let web = bench.phones.press(&target, &key("KeyPad1")).await.unwrap_err();
    assert_eq!(web.cause(), Cause::WebAccessDisabled);
    let mut session = bench.phones.ssh(&target, &bench.login, None).await.unwrap();
    for name in KEYS {
        session.press(&key(name)).await.unwrap();
    }
    assert_eq!(phone.keys_received(), KEYS);
    let without = session.press(&key("Session1")).await.unwrap_err();
    assert_eq!(*without.kind(), ErrorKind::Ssh(SshFailure::NoCode(key("Session1"))));
    assert!(
        !without.was_sent() && without.evidence().contains("Session1"),
        "{without}"
    );
    session.close().await;
    assert_eq!(phone.keys_received().len(), KEYS.len());
    bench.end().await;
}

#[tokio::test]
async fn the_second_login_is_answered_however_a_family_asks() {
    let bench = Bench::start();
    for model in ["Cisco 6941", "Cisco 7841", "Cisco 8845", "Cisco 8831", "Cisco 8821"] {
        let (phone, target) = bench.phone(model);
        let mut session = bench.phones.ssh(&target, &bench.login, None).await.unwrap();
        session.press(&key("KeyPad7")).await.unwrap();
        session.press(&key("VolUp")).await.unwrap();
        assert_eq!(phone.keys_received(), ["KeyPad7", "VolUp"], "{model}");
    }
    // 69xx let admin in without a password.
    let (phone, target) = bench.phone("Cisco 6941");
    phone.set_ssh_login("", "");
    let admin = SshLogin {
        username: "admin".to_owned(),
        password: String::new().into(),
    };
    assert!(bench.phones.ssh(&target, &admin, None).await.is_ok());
    bench.end().await;
}

#[tokio::test]
async fn a_number_is_dialled_and_nothing_else() {
    let bench = Bench::start();
    let (phone, target) = bench.phone("Cisco 8845");
    let (other, _) = bench.phone("Cisco 7841");
    let mut session = bench.phones.ssh(&target, &bench.login, None).await.unwrap();
    for bad in ["", "+", "12;reboot", "12 34", "1\nphone key 513", &"1".repeat(33)] {
        let refused = session.dial(bad).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Ssh(SshFailure::Number), "{bad:?}");
    }
    session.dial(other.dn()).await.unwrap();
    assert!(phone.is_in_call() && phone.keys_received().is_empty());
    bench.end().await;
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_told_without_itself() {
    let bench = Bench::start();
    let (phone, target) = bench.phone("Cisco 8845");
    let wrong = SshLogin {
        username: bench.login.username.clone(),
        password: PASSWORD.into(),
    };
    let error = bench.phones.ssh(&target, &wrong, None).await.unwrap_err();
    assert_eq!(error.cause(), Cause::ControlLoginRejected);
    assert_eq!(*error.kind(), ErrorKind::Ssh(SshFailure::Login));
    assert!(
        error
            .evidence()
            .contains("refused the SSH login of \"phonessh\"; compare it with Secure Shell User"),
        "{error}"
    );
    assert!(!format!("{error:?} {error}").contains(PASSWORD));
    assert_eq!(phone.ssh_logins(), 1);
    phone.set_fault(Fault::SshWrongPassword);
    assert_eq!(bench.fails(&target, None).await.cause(), Cause::ControlLoginRejected);
    bench.end().await;
}

#[tokio::test]
async fn another_host_key_is_refused_before_any_login() {
    let bench = Bench::start();
    let (phone, target) = bench.phone("Cisco 8845");
    let session = bench.phones.ssh(&target, &bench.login, None).await.unwrap();
    let learned = session.host_key().clone();
    session.close().await;
    assert_eq!(learned.as_str().parse::<HostKey>().unwrap(), learned);
    let again = bench.phones.ssh(&target, &bench.login, Some(&learned)).await.unwrap();
    assert_eq!(*again.host_key(), learned);
    again.close().await;
    phone.set_fault(Fault::SshOtherHostKey);
    let before = phone.ssh_logins();
    let error = bench.fails(&target, Some(&learned)).await;
    assert_eq!(*error.kind(), ErrorKind::Ssh(SshFailure::HostKey));
    assert_eq!(error.cause(), Cause::PhoneAddressStale);
    assert!(
        error.evidence().contains(learned.as_str()) && error.evidence().contains("no login was sent"),
        "{error}"
    );
    assert_eq!(phone.ssh_logins(), before);
    // Two phones of one fleet have keys of their own.
    let (_, other) = bench.phone("Cisco 7841");
    let other = bench.phones.ssh(&other, &bench.login, None).await.unwrap();
    assert_ne!(*other.host_key(), learned);
    bench.end().await;
}

#[tokio::test]
async fn a_key_whose_prompt_stays_away_is_in_doubt_and_ends_the_session() {
    let bench = Bench::with(Duration::from_millis(1_500));
    let (phone, target) = bench.phone("Cisco 8845");
    let mut session = bench.phones.ssh(&target, &bench.login, None).await.unwrap();
    phone.set_fault(Fault::SshStalls);
    let doubt = session.press(&key("KeyPad5")).await.unwrap_err();
    assert_eq!(*doubt.kind(), ErrorKind::Ssh(SshFailure::NoPrompt));
    assert_eq!(doubt.cause(), Cause::PhoneNotAnswering);
    assert!(
        doubt.was_sent() && doubt.evidence().contains("phone key 518 (KeyPad5)"),
        "{doubt}"
    );
    assert!(!session.is_open());
    phone.clear_faults();
    let over = session.press(&key("KeyPad6")).await.unwrap_err();
    assert_eq!(*over.kind(), ErrorKind::Ssh(SshFailure::Refused));
    assert!(!over.was_sent());
    assert_eq!(phone.keys_received(), ["KeyPad5"], "once, and nothing after it");
    bench.end().await;
}

#[tokio::test]
async fn nothing_is_sent_outside_the_networks_nor_to_a_7900() {
    let bench = Bench::start();
    let (phone, mut target) = bench.phone("Cisco 8845");
    target.networks = Arc::new(PhoneNetworks::parse(["10.0.0.0/8"]).unwrap());
    let outside = bench.fails(&target, None).await;
    assert_eq!(*outside.kind(), ErrorKind::OutsideNetworks);
    let (old, target) = bench.phone("Cisco 7965");
    let refused = bench.fails(&target, None).await;
    assert_eq!(*refused.kind(), ErrorKind::Ssh(SshFailure::Model));
    assert_eq!(refused.cause(), Cause::ModelWithoutControl);
    assert!(refused.evidence().contains("not on 7900"), "{refused}");
    assert_eq!((phone.most_ssh_sessions(), old.most_ssh_sessions()), (0, 0));
    bench.end().await;
}

#[tokio::test]
async fn ssh_that_is_off_or_a_phone_that_restarts_is_told() {
    let bench = Bench::start();
    let (phone, target) = bench.phone("Cisco 8845");
    phone.set_vendor("sshAccess", Some("1"));
    let off = bench.fails(&target, None).await;
    assert_eq!(*off.kind(), ErrorKind::Ssh(SshFailure::Refused));
    assert_eq!(off.cause(), Cause::PhoneUnreachable);
    assert!(off.evidence().contains("SSH access is off"), "{off}");
    phone.set_vendor("sshAccess", Some("0"));
    let mut session = bench.phones.ssh(&target, &bench.login, None).await.unwrap();
    phone.restart();
    let gone = session.press(&key("KeyPad1")).await.unwrap_err();
    assert_eq!(gone.cause(), Cause::PhoneNotAnswering);
    assert!(phone.keys_received().is_empty());
    // The session that ended is in nobody's way.
    let away = bench.fails(&target, None).await;
    assert_eq!(*away.kind(), ErrorKind::Ssh(SshFailure::Refused));
    phone.clear_faults();
    phone.set_fault(Fault::SshOff);
    let off = bench.fails(&target, None).await;
    assert_eq!(off.cause(), Cause::PhoneUnreachable);
    bench.end().await;
}

#[tokio::test]
async fn one_session_a_phone_and_one_conversation_at_a_time() {
    let bench = Bench::start();
    let (phone, target) = bench.phone("Cisco 8845");
    phone.set_latency(Duration::from_millis(20));
    let first = bench.phones.ssh(&target, &bench.login, None).await.unwrap();
    let second = async {
        let mut session = bench.phones.ssh(&target, &bench.login, None).await.unwrap();
        session.press(&key("KeyPad2")).await.unwrap();
    };
    let mut second = Box::pin(second);
    let (mut first, one) = (first, key("KeyPad1"));
    for _ in 0..3 {
        tokio::select! {
            () = &mut second => panic!("two sessions at a time"),
            pressed = first.press(&one) => drop(pressed.unwrap()),
        }
    }
    drop(first);
    second.await;
    assert_eq!(phone.keys_received(), ["KeyPad1", "KeyPad1", "KeyPad1", "KeyPad2"]);
    // A look over the web server and a key over SSH follow each other too.
    let mut session = bench.phones.ssh(&target, &bench.login, None).await.unwrap();
    let look = bench.phones.device_information(&target, Urgency::Look);
    let two = key("KeyPad2");
    let (look, pressed) = tokio::join!(look, session.press(&two));
    assert!(look.is_ok() && pressed.is_ok());
    assert_eq!(phone.most_concurrent_requests(), 1);
    bench.end().await;
}

#[tokio::test]
async fn what_speaks_no_ssh_is_told_apart_from_what_is_silent() {
    let at = |last| Ipv4Addr::new(127, 0, 7, last);
    let bench = Bench::with(Duration::from_millis(300));
    let (_, mut target) = bench.phone("Cisco 8845");
    let listener = TcpListener::bind(SocketAddr::from((at(61), 0))).await.unwrap();
    target.address = at(61);
    target.ssh_port = listener.local_addr().unwrap().port();
    let answering = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"SSH-2.0-phone\r\n\x00\x00garbage").await.unwrap();
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all).await;
        let text = String::from_utf8_lossy(&all).into_owned();
        assert!(text.starts_with("SSH-2.0-"), "{text}");
    };
    // It ends also for the server: nobody is left who waits for the rest.
    let (garbled, ()) = tokio::join!(bench.fails(&target, None), answering);
    assert_eq!(garbled.cause(), Cause::PhoneNotAnswering);
    let hold = async {
        let held = listener.accept().await.unwrap();
        tokio::time::sleep(Duration::from_mins(1)).await;
        drop(held);
    };
    let silent = tokio::select! {
        error = bench.fails(&target, None) => error,
        () = hold => unreachable!("the client gives up sooner"),
    };
    assert_eq!(*silent.kind(), ErrorKind::Silent);
    drop(listener);
    target.ssh_port = CLOSED;
    assert_eq!(bench.fails(&target, None).await.cause(), Cause::PhoneUnreachable);
    bench.end().await;
}
