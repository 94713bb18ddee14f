//! Every cause of trouble shows as the real one does.

use std::collections::HashSet;

use sidetone::simulator::Glitch;
use tokio::net::TcpListener;

use super::*;

const REFUSED: &str = "<CiscoIPPhoneError Number=\"4\" />";
const UNREACHABLE: &str = "<CiscoIPPhoneError Number=\"0\" />";

impl Bench {
    async fn to_cucm(&self) -> TcpStream {
        let port = self.simulator.summary().https_port;
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap()
    }

    /// The SHA-256 of the certificate that CUCM shows.
    async fn certificate(&self) -> Vec<u8> {
        let name = rustls::pki_types::ServerName::try_from("cucm-pub").unwrap();
        let stream = tls::connector().connect(name, self.to_cucm().await).await.unwrap();
        let (_, session) = stream.get_ref();
        session.peer_certificates().unwrap()[0].to_vec()
    }
}

#[tokio::test]
async fn a_cucm_with_old_tls_answers_with_a_fatal_alert() {
    let bench = Bench::small();
    bench.simulator.cucm().set_fault(CucmFault::TlsTooOld);
    let name = rustls::pki_types::ServerName::try_from("cucm-pub").unwrap();
    let refused = tls::connector().connect(name, bench.to_cucm().await).await;
    let words = refused.unwrap_err().to_string();
    assert!(words.contains("ProtocolVersion"), "{words}");
    bench.simulator.cucm().clear_faults();
    assert_eq!(bench.axl("14.0", "getCCMVersion", "").await.status, 200);
    bench.end().await;
}

#[tokio::test]
async fn another_certificate_is_shown_from_the_next_connection_on() {
    let bench = Bench::small();
    let cucm = bench.simulator.cucm();
    let (first, told) = (bench.certificate().await, cucm.fingerprint());
    assert_eq!(bench.simulator.summary().fingerprint_sha256, told);
    cucm.set_fault(CucmFault::OtherCertificate);
    let other = bench.certificate().await;
    assert_ne!(other, first);
    assert_ne!(cucm.fingerprint(), told);
    assert_eq!(bench.certificate().await, other, "it stays the other");
    cucm.clear_faults();
    assert_eq!(bench.certificate().await, first);
    bench.end().await;
}

#[tokio::test]
async fn a_cucm_can_be_silent_or_reset_everything() {
    let bench = Bench::small();
    let cucm = bench.simulator.cucm();
    cucm.set_fault(CucmFault::Refuses);
    let summary = bench.simulator.summary();
    for port in [summary.https_port, summary.authentication_http_port] {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        assert!(talk(stream, "GET / HTTP/1.1\r\nHost: c\r\n\r\n").await.is_err());
    }
    cucm.clear_faults();
    cucm.set_fault(CucmFault::Silent);
    for port in [summary.https_port, summary.authentication_http_port] {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let silence = talk(stream, "GET / HTTP/1.1\r\nHost: c\r\n\r\n");
        assert!(tokio::time::timeout(Duration::from_millis(60), silence).await.is_err());
    }
    cucm.clear_faults();
    cucm.set_fault(CucmFault::RisQuotaUsed);
    let refused = bench.ris_of(&bench.phone("8845")).await;
    assert!(
        refused.contains("Exceeded allowed rate for Reatime information"),
        "{refused}"
    );
    bench.end().await;
}

#[tokio::test]
async fn the_authentication_url_fails_in_each_of_its_ways() {
    let bench = Bench::new(Options {
        authentication_patience: Duration::from_millis(400),
        ..Options::default()
    });
    let phone = bench.phone("8845");
    let cucm = bench.simulator.cucm();
    let summary = bench.simulator.summary();
    let (http, https) = (summary.authentication_http_port, summary.https_port);
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let closed_port = closed.local_addr().unwrap().port();
    drop(closed);
    let path = "ccmcip/authenticate.jsp";
    for (url, expected) in [
        (format!("http://127.0.0.1:{http}/{path}"), "picture"),
        (format!("https://127.0.0.1:{https}/{path}"), "picture"),
        (format!("http://cucm-pub.voice.example:{http}/{path}"), UNREACHABLE),
        (format!("http://127.0.0.1:{silent_port}/{path}"), UNREACHABLE),
        (format!("http://127.0.0.1:{closed_port}/{path}"), UNREACHABLE),
        (format!("http://127.0.0.1:{https}/{path}"), UNREACHABLE),
        (format!("https://127.0.0.1:{http}/{path}"), UNREACHABLE),
        (format!("http://127.0.0.1:{http}/CCMCIP/authenticate.jsp"), REFUSED),
        (format!("http://127.0.0.1:{http}/ccmcip/Authenticate.jsp"), REFUSED),
    ] {
        phone.set_fault(Fault::AuthenticationUrl(url.clone()));
        assert_eq!(bench.picture(&phone).await, expected, "{url}");
        assert_eq!(phone.faults(), ["authentication-url"]);
        let page = bench.get(&phone, "/NetworkConfigurationX").await.unwrap().text();
        assert!(
            page.contains(&format!("<AuthenticationURL>{url}</AuthenticationURL>")),
            "{page}"
        );
        phone.clear_faults();
        cucm.set_parameter("SecureAuthenticationURL", &url);
        assert_eq!(bench.picture(&phone).await, expected, "{url} for all");
    }
    assert_eq!(cucm.device_url(phone.name(), "authenticationUrl"), "");
    bench.end().await;
}

#[tokio::test]
async fn a_third_party_server_knows_its_own_user_and_passes_others_on() {
    let bench = Bench::small();
    let (new, old) = (bench.phone("8845"), bench.phone("7965"));
    let third = bench.simulator.summary().third_party;
    for phone in [&new, &old] {
        phone.set_fault(Fault::ThirdPartyUrl);
        assert_eq!(phone.authentication_url(), third.authentication_url);
        assert_eq!(phone.faults(), ["third-party-url"]);
    }
    assert_eq!(
        bench.picture(&new).await,
        REFUSED,
        "it drops the parameters at the redirect"
    );
    assert_eq!(bench.picture(&old).await, "picture", "it keeps them");
    let own = base64(&format!("{}:{}", third.login.username, third.login.password));
    let wrong = base64(&format!("{}:wrong", third.login.username));
    for phone in [&new, &old] {
        for (login, good) in [(&own, true), (&wrong, false)] {
            let request = format!(
                "GET /CGI/Screenshot HTTP/1.1\r\nHost: p\r\nAuthorization: Basic {login}\r\nConnection: close\r\n\r\n"
            );
            let answer = bench.phone_request(phone, &request).await.unwrap();
            assert_eq!(answer.text() != REFUSED, good, "{}", answer.text());
        }
    }
    bench.end().await;
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = text.as_bytes().chunks(3).flat_map(|three| {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        (0..4).map(move |place| {
            let value = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap();
            if place <= three.len() {
                char::from(LETTERS[value])
            } else {
                '='
            }
        })
    });
    letters.collect()
}

#[tokio::test]
async fn a_69xx_cannot_read_cucms_answer_but_a_small_servers() {
    let bench = Bench::small();
    let phone = bench.phone("6941");
    phone.set_fault(Fault::ReplyUnreadable);
    let picture = async || bench.get(&phone, "/CGI/lcd.bmp").await.unwrap().text();
    assert_eq!(picture().await, REFUSED);
    assert_eq!(
        bench.simulator.cucm().counts().authenticate,
        1,
        "CUCM was asked and said yes"
    );
    let third = bench.simulator.summary().third_party;
    phone.set_url("authenticationUrl", &third.authentication_url);
    let own = base64(&format!("{}:{}", third.login.username, third.login.password));
    let request =
        format!("GET /CGI/lcd.bmp HTTP/1.1\r\nHost: p\r\nAuthorization: Basic {own}\r\nConnection: close\r\n\r\n");
    let answer = bench.phone_request(&phone, &request).await.unwrap();
    assert!(answer.body.starts_with(b"BM"), "{}", answer.text());
    bench.end().await;
}

#[tokio::test]
async fn pictures_come_and_go() {
    let bench = Bench::new(Options {
        late: Duration::from_millis(30),
        ..Options::default()
    });
    let phone = bench.phone("8845");
    let whole = bench.get(&phone, "/CGI/Screenshot").await.unwrap().body;
    for glitch in [Glitch::Truncated, Glitch::Garbage, Glitch::Error, Glitch::Late] {
        phone.set_fault(Fault::Intermittent(glitch));
        for good in [false, true, false, true] {
            let began = std::time::Instant::now();
            let seen = bench.get(&phone, "/CGI/Screenshot").await.unwrap();
            let late = began.elapsed() >= Duration::from_millis(30);
            match glitch {
                _ if good => assert_eq!(seen.body, whole, "{glitch:?}"),
                Glitch::Late => assert!(late && seen.body == whole),
                Glitch::Error => assert_eq!(seen.text(), "<CiscoIPPhoneError Number=\"3\" />"),
                Glitch::Truncated => assert!(whole.starts_with(&seen.body) && seen.body.len() < whole.len()),
                Glitch::Garbage => assert!(seen.body.iter().all(|byte| *byte == 0xA5)),
            }
        }
    }
    phone.clear_faults();
    assert_eq!(bench.picture(&phone).await, "picture");
    bench.end().await;
}

#[tokio::test]
async fn an_old_load_takes_the_newest_only_after_8_5_2() {
    let bench = Bench::small();
    let (cucm, phone) = (bench.simulator.cucm(), bench.phone("7945"));
    let newest = phone.load();
    phone.set_fault(Fault::OldLoad("SCCP45.8-3-1S".to_owned()));
    let shown = bench.get(&phone, "/DeviceInformationX").await.unwrap().text();
    assert!(shown.contains("<versionID>SCCP45.8-3-1S</versionID>"), "{shown}");
    assert!(bench.messages(&phone).await.contains("Auth Fail"));
    let words = bench.get(&phone, "/CGI/ModeInfo").await.unwrap().text();
    assert!(words.contains("<Notify>Auth Fail</Notify>"), "{words}");
    let ris = bench.ris_of(&phone).await;
    assert!(
        ris.contains("<ns1:ActiveLoadID>SCCP45.8-3-1S</ns1:ActiveLoadID>"),
        "{ris}"
    );
    assert!(ris.contains("<ns1:DownloadStatus>Failed</ns1:DownloadStatus>"), "{ris}");
    let reset_to = async |load: &str| {
        let name = format!("<name>{}</name>", phone.name());
        let update = format!("{name}<loadInformation>{load}</loadInformation>");
        assert_eq!(bench.axl("14.0", "updatePhone", &update).await.status, 200);
        assert_eq!(bench.axl("14.0", "resetPhone", &name).await.status, 200);
        bench.clock.advance(Duration::from_secs(20));
        phone.load()
    };
    assert_eq!(reset_to("").await, "SCCP45.8-3-1S", "it fails again");
    assert_eq!(reset_to("SCCP45.8-5-2S").await, "SCCP45.8-5-2S");
    assert_eq!(cucm.device_load(phone.name()), "SCCP45.8-5-2S");
    let page = bench
        .axl("14.0", "getPhone", &format!("<name>{}</name>", phone.name()))
        .await
        .text();
    assert!(
        page.contains("<loadInformation special=\"true\">SCCP45.8-5-2S</loadInformation>"),
        "{page}"
    );
    assert!(phone.faults().is_empty());
    assert_eq!(reset_to("").await, newest);
    bench.end().await;
}

#[tokio::test]
async fn connections_to_an_unreachable_phone_hang() {
    let bench = Bench::small();
    let (phone, other) = (bench.phone("8845"), bench.phone("8851"));
    phone.set_fault(Fault::Unreachable);
    let summary = bench.simulator.summary();
    for port in [summary.phone_http_port, summary.phone_https_port] {
        let connecting = TcpStream::connect((phone.address(), port));
        let waited = tokio::time::timeout(Duration::from_millis(60), connecting).await;
        assert!(waited.is_err(), "no packet comes back: {waited:?}");
    }
    assert!(bench.ris_of(&phone).await.contains("<ns1:Status>Registered<"));
    assert_eq!(bench.picture(&other).await, "picture", "others answer");
    phone.clear_faults();
    assert_eq!(bench.picture(&phone).await, "picture");
    bench.end().await;
}

#[tokio::test]
async fn a_phone_that_nobody_controls_and_a_slow_one() {
    let bench = Bench::small();
    let phone = bench.phone("8845");
    phone.set_fault(Fault::NotAssociated);
    assert_eq!(bench.picture(&phone).await, REFUSED);
    assert_eq!(phone.faults(), ["not-associated"]);
    phone.clear_faults();
    phone.set_fault("slow:40".parse().unwrap());
    let began = std::time::Instant::now();
    assert_eq!(bench.picture(&phone).await, "picture");
    assert!(began.elapsed() >= Duration::from_millis(40));
    bench.simulator.cucm().lock_out_user("sidetone-app");
    assert_eq!(bench.picture(&phone).await, REFUSED, "the login is locked");
    bench.end().await;
}

#[test]
fn words_of_faults_are_read_and_written_down() {
    let page = include_str!("../../../docs/simulator.md");
    for text in [
        "silent",
        "unreachable",
        "refuses",
        "rebooting",
        "web-access-off",
        "not-registered",
        "no-address",
        "wrong-name:SEP001122334455",
        "error:3",
        "unauthorized",
        "read-only-web",
        "foreign-page",
        "redirect:http://x/",
        "truncated-picture",
        "garbage-picture",
        "endless-body",
        "huge-body",
        "stalled-body",
        "other-format",
        "no-words",
        "trust-list-broken",
        "settings-locked",
        "authentication-url:http://x/",
        "third-party-url",
        "not-associated",
        "reply-unreadable",
        "intermittent:truncated",
        "intermittent:garbage",
        "intermittent:error",
        "intermittent:late",
        "slow:3000",
        "old-load:SCCP45.8-3-1S",
    ] {
        let fault: Fault = text.parse().unwrap();
        let kind = fault.kind();
        assert_eq!(kind, text.split(':').next().unwrap());
        assert!(page.contains(&format!("`{kind}")), "{kind} is in the documents");
    }
    for text in [
        "",
        "silence",
        "error",
        "error:x",
        "slow",
        "intermittent:often",
        "old-load:",
    ] {
        assert!(text.parse::<Fault>().is_err(), "{text}");
    }
    for text in [
        "login-rejected",
        "axl-forbidden",
        "ris-forbidden",
        "axl-down",
        "ris-down",
        "authenticate-down",
        "uds-down",
        "ris-quota-used",
        "tls-too-old",
        "other-certificate",
        "silent",
        "refuses",
        "node-not-responding:cucm-sub1",
        "versions:7.1",
    ] {
        assert!(text.parse::<CucmFault>().is_ok(), "{text}");
        assert!(
            page.contains(&format!("`{}", text.split(':').next().unwrap())),
            "{text} is in the documents"
        );
    }
    assert!("axl".parse::<CucmFault>().is_err());
}

#[tokio::test]
async fn the_demos_fleet_shows_every_trouble_and_is_healthy_for_the_most() {
    let bench = Bench::new(Options {
        phones: 120,
        ..Options::default()
    });
    let phones = bench.simulator.phones();
    let ill: Vec<_> = phones.iter().filter(|phone| !phone.faults().is_empty()).collect();
    assert!(ill.len() * 4 < phones.len(), "{}", ill.len());
    let kinds: HashSet<_> = ill.iter().flat_map(|phone| phone.faults()).collect();
    for kind in [
        "web-access-off",
        "read-only-web",
        "not-associated",
        "authentication-url",
        "third-party-url",
        "trust-list-broken",
        "settings-locked",
        "not-registered",
        "no-address",
        "wrong-name",
        "silent",
        "error",
        "intermittent",
        "slow",
        "old-load",
        "foreign-page",
        "reply-unreadable",
    ] {
        assert!(kinds.contains(kind), "{kind}");
    }
    for phone in &phones {
        let told = phone.description().ends_with("(demo)");
        assert_eq!(told, !phone.faults().is_empty(), "{}", phone.description());
    }
    let both = ill
        .iter()
        .find(|phone| phone.faults().contains(&"settings-locked"))
        .unwrap();
    assert!(both.faults().contains(&"trust-list-broken"));
    bench.end().await;
}
