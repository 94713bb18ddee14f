//! The simulator over real sockets, by a client written here: nothing of the product's clients is used.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;
use sidetone::clock::Clock;
use sidetone::lifecycle::Tasks;
use sidetone::simulator::{CucmFault, Fault, Meanwhile, Options, PhoneHandle, Service, Simulator, WriteOutcome};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

mod causes;
mod console;
mod menus;
mod mobility;
mod reached;
mod streams;
mod writes;

mod tls {
    //! A TLS client that takes any certificate.

    use std::sync::Arc;

    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};

    #[derive(Debug)]
    struct Any;

    impl ServerCertVerifier for Any {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, rustls::Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            vec![SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::RSA_PSS_SHA256]
        }
    }

    pub(super) fn connector() -> tokio_rustls::TlsConnector {
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Any))
            .with_no_client_auth();
        tokio_rustls::TlsConnector::from(Arc::new(config))
    }
}

/// A whole answer: status, head and body as text where they are text.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> io::Result<Answer> {
    stream.write_all(request.as_bytes()).await?;
    let mut all = Vec::new();
    match stream.read_to_end(&mut all).await {
        Ok(_) => {}
        // Some close without TLS's goodbye.
        Err(_) if !all.is_empty() => {}
        Err(error) => return Err(error),
    }
    let split = all.windows(4).position(|four| four == b"\r\n\r\n");
    let split = split.ok_or(io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8_lossy(&all[..split]).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    Ok(Answer {
        status,
        head,
        body: all.split_off(split + 4),
    })
}

struct Bench {
    simulator: Simulator,
    tasks: Tasks,
    clock: Clock,
}

const LOGIN: &str = "Basic c2lkZXRvbmUtYXBwOlBob25lcy00LUFsbA==";

impl Bench {
    fn new(options: Options) -> Self {
        let tasks = Tasks::new();
        let clock = Clock::fixed_at("2026-11-21T09:00:00Z".parse::<Timestamp>().unwrap());
        let simulator = Simulator::start(options, &tasks, clock.clone()).unwrap();
        Self {
            simulator,
            tasks,
            clock,
        }
    }

    fn small() -> Self {
        Self::new(Options {
            sound: Duration::from_millis(5),
            ..Options::default()
        })
    }

    fn phone(&self, model: &str) -> PhoneHandle {
        self.simulator.phone_by_model(model).unwrap()
    }

    async fn cucm(&self, request: &str) -> Answer {
        let port = self.simulator.summary().https_port;
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let name = rustls::pki_types::ServerName::try_from("cucm-pub").unwrap();
        let stream = tls::connector().connect(name, stream).await.unwrap();
        talk(stream, request).await.unwrap()
    }

    async fn soap(&self, path: &str, header: &str, body: &str) -> Answer {
        let envelope = format!(
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>{body}\
             </soapenv:Body></soapenv:Envelope>"
        );
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: cucm\r\nConnection: close\r\n{header}\r\nContent-Length: {}\r\n\r\n{envelope}",
            envelope.len()
        );
        self.cucm(&request).await
    }

    async fn axl(&self, version: &str, operation: &str, content: &str) -> Answer {
        let body =
            format!("<ns:{operation} xmlns:ns=\"http://www.cisco.com/AXL/API/{version}\">{content}</ns:{operation}>");
        self.soap("/axl/", &format!("Authorization: {LOGIN}"), &body).await
    }

    async fn sql(&self, statement: &str) -> Answer {
        let statement = statement.replace('<', "&lt;");
        self.axl("14.0", "executeSQLQuery", &format!("<sql>{statement}</sql>"))
            .await
    }

    async fn ris(&self, operation: &str, items: &str) -> Answer {
        let body = format!(
            "<s:{operation} xmlns:s=\"http://schemas.cisco.com/ast/soap\"><s:StateInfo/><s:CmSelectionCriteria>\
             <s:MaxReturnedDevices>1000</s:MaxReturnedDevices><s:DeviceClass>Any</s:DeviceClass><s:Model>255</s:Model>\
             <s:Status>Any</s:Status><s:NodeName/><s:SelectBy>Name</s:SelectBy><s:SelectItems>{items}</s:SelectItems>\
             </s:CmSelectionCriteria></s:{operation}>"
        );
        self.soap(
            "/realtimeservice2/services/RISService70",
            &format!("Authorization: {LOGIN}"),
            &body,
        )
        .await
    }

    async fn phone_request(&self, phone: &PhoneHandle, request: &str) -> io::Result<Answer> {
        let port = self.simulator.summary().phone_http_port;
        let stream = TcpStream::connect(SocketAddr::from((phone.address(), port))).await?;
        talk(stream, request).await
    }

    async fn get(&self, phone: &PhoneHandle, path: &str) -> io::Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: p\r\nAuthorization: {LOGIN}\r\nConnection: close\r\n\r\n");
        self.phone_request(phone, &request).await
    }

    async fn execute(&self, phone: &PhoneHandle, urls: &[&str]) -> Answer {
        let items: Vec<String> = urls.iter().map(|url| format!("<ExecuteItem URL=\"{url}\"/>")).collect();
        let items = items.concat();
        let form = format!("XML=<CiscoIPPhoneExecute>{items}</CiscoIPPhoneExecute>");
        let request = format!(
            "POST /CGI/Execute HTTP/1.1\r\nHost: p\r\nAuthorization: {LOGIN}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        self.phone_request(phone, &request).await.unwrap()
    }

    async fn end(self) {
        assert!(self.tasks.finish().await, "every task ended in time");
    }
}

#[tokio::test]
async fn axl_answers_its_versions_only_and_tells_which_they_are() {
    let bench = Bench::small();
    let good = bench.axl("12.5", "getCCMVersion", "").await;
    assert_eq!(good.status, 200);
    assert!(
        good.text().contains("<version>14.0.1.12900-161</version>"),
        "{}",
        good.text()
    );
    let wrong = bench.axl("15.0", "getCCMVersion", "").await;
    assert_eq!(wrong.status, 599);
    assert!(
        wrong.text().contains("Supported axl versions are 11.x, 12.x and 14.0"),
        "{}",
        wrong.text()
    );
    bench.end().await;
}

#[tokio::test]
async fn logins_are_checked_and_a_cookie_stands_for_one_until_it_is_stale() {
    let bench = Bench::small();
    let version = "<ns:getCCMVersion xmlns:ns=\"http://www.cisco.com/AXL/API/14.0\"/>";
    let wrong = bench.soap("/axl/", "Authorization: Basic YTpi", version).await;
    assert_eq!(wrong.status, 401);
    // Programs ask for AXL's page to try their login (PyPI ciscoaxl does).
    let page = |login: &str| {
        format!("GET /axl/ HTTP/1.1\r\nHost: cucm\r\nConnection: close\r\nAuthorization: {login}\r\n\r\n")
    };
    assert_eq!(bench.cucm(&page("Basic YTpi")).await.status, 401);
    assert_eq!(bench.cucm(&page(LOGIN)).await.status, 200);
    bench.simulator.cucm().expire_sessions();
    let opened = bench.simulator.cucm().counts().sessions_opened;
    let first = bench.soap("/axl/", &format!("Authorization: {LOGIN}"), version).await;
    let cookie = first.head.lines().find_map(|line| line.split_once("JSESSIONIDSSO="));
    let cookie = cookie.and_then(|(_, rest)| rest.split(';').next()).unwrap().to_owned();
    let with_cookie = format!("Cookie: JSESSIONIDSSO={cookie}");
    assert_eq!(bench.soap("/axl/", &with_cookie, version).await.status, 200);
    assert_eq!(bench.simulator.cucm().counts().sessions_opened, opened + 1);
    bench.simulator.cucm().expire_sessions();
    assert_eq!(bench.soap("/axl/", &with_cookie, version).await.status, 404);
    bench.simulator.cucm().set_fault(CucmFault::Forbidden(Service::Axl));
    assert_eq!(bench.axl("14.0", "getCCMVersion", "").await.status, 403);
    bench.simulator.cucm().clear_faults();
    bench.simulator.cucm().set_fault(CucmFault::Throttled { times: 1 });
    assert_eq!(bench.axl("14.0", "getCCMVersion", "").await.status, 503);
    assert_eq!(bench.axl("14.0", "getCCMVersion", "").await.status, 200);
    bench.end().await;
}

#[tokio::test]
async fn pages_of_phones_follow_each_other_without_gap_in_sql_and_list_phone() {
    let bench = Bench::new(Options {
        phones: 130,
        ..Options::default()
    });
    let mut names = std::collections::BTreeSet::new();
    for skip in [0, 50, 100] {
        let answer = bench
            .sql(&format!(
                "select skip {skip} first 50 d.pkid, d.name, d.description, d.tkmodel, m.name model, p.name as pool, \
                 c.name profile, u.userid owner from device d join typemodel m on m.enum = d.tkmodel left join devicepool p \
                 on p.pkid = d.fkdevicepool left join commonphoneconfig c on c.pkid = d.fkcommonphoneconfig left join \
                 enduser u on u.pkid = d.fkenduser where d.tkclass = 1 and d.name like '%' order by d.pkid"
            ))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        for name in answer.text().split("<name>").skip(1) {
            names.insert(name.split('<').next().unwrap().to_ascii_uppercase());
        }
    }
    assert_eq!(names.len(), 130);
    let listed = bench
        .axl(
            "14.0",
            "listPhone",
            "<searchCriteria><name>SEP%</name></searchCriteria><returnedTags><name/><model/></returnedTags>\
             <skip>2</skip><first>3</first>",
        )
        .await;
    assert_eq!(listed.text().matches("<phone ").count(), 3);
    let count = bench.sql("select count(*) as n from device where tkclass = 1").await;
    assert!(count.text().contains("<n>130</n>"), "{}", count.text());
    let lines = bench
        .sql(
            "select d.name, x.numplanindex, n.dnorpattern, r.name partition, x.label from devicenumplanmap x join device d \
             on d.pkid = x.fkdevice join numplan n on n.pkid = x.fknumplan left join routepartition r on r.pkid = \
             n.fkroutepartition where d.tkclass = 1 order by d.name, x.numplanindex",
        )
        .await;
    assert!(lines.text().matches("<row>").count() >= 130);
    bench.end().await;
}

/// The order of Cisco's AXLSoap.xsd, to which strict clients hold answers.
#[tokio::test]
async fn parts_of_phones_and_users_come_in_the_order_of_the_schema() {
    let bench = Bench::small();
    let in_order = |answer: &Answer, tags: &[&str]| {
        let text = answer.text();
        let at: Vec<_> = tags.iter().map(|tag| text.find(&format!("<{tag}"))).collect();
        assert!(
            at.iter().all(Option::is_some) && at.is_sorted(),
            "{tags:?}: {at:?} in {text}"
        );
    };
    let name = format!("<name>{}</name>", bench.phone("8845").name());
    let phone = bench.axl("14.0", "getPhone", &name).await;
    in_order(
        &phone,
        &[
            "securityProfileName",
            "lines",
            "speeddials",
            "authenticationUrl",
            "services",
            "enableExtensionMobility",
        ],
    );
    in_order(
        &phone,
        &[
            "enableExtensionMobility",
            "ownerUserName",
            "isActive",
            "secureAuthenticationUrl",
        ],
    );
    let user = bench.axl("14.0", "getAppUser", "<userid>sidetone-app</userid>").await;
    in_order(
        &user,
        &[
            "userid",
            "passwordCredentials",
            "isStandard",
            "associatedDevices",
            "associatedGroups",
        ],
    );
    let user = bench.axl("14.0", "getUser", "<userid>paging</userid>").await;
    in_order(
        &user,
        &["userid", "associatedDevices", "associatedGroups", "passwordCredentials"],
    );
    bench.end().await;
}

#[tokio::test]
async fn sql_that_is_not_understood_is_a_fault_with_informix_number() {
    let bench = Bench::small();
    for (statement, code) in [
        ("selec name from device", "-201"),
        ("select name from toaster", "-206"),
        ("select colour from device", "-217"),
    ] {
        let answer = bench.sql(statement).await;
        assert_eq!(answer.status, 500);
        assert!(
            answer.text().contains(&format!("<axlcode>{code}</axlcode>")),
            "{}",
            answer.text()
        );
    }
    bench.simulator.cucm().set_fault(CucmFault::SizeLimit { rows: 10 });
    let large = bench.sql("select name from device").await;
    assert!(
        large.text().contains("Suggestive Row Fetch: less than 10 rows"),
        "{}",
        large.text()
    );
    let missing = bench.axl("14.0", "getPhone", "<name>SEP000000000000</name>").await;
    assert!(missing.text().contains("<axlcode>5007</axlcode>"), "{}", missing.text());
    bench.end().await;
}

#[tokio::test]
async fn ris_allows_fifteen_requests_a_minute() {
    let bench = Bench::small();
    let phone = bench.phone("8845");
    let item = format!("<s:item><s:Item>{}</s:Item></s:item>", phone.name());
    for _ in 0..15 {
        let answer = bench.ris("selectCmDeviceExt", &item).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains(&format!("<ns1:IP>{}</ns1:IP>", phone.address())));
        assert_eq!(
            answer
                .text()
                .matches("<ns1:Status>Registered</ns1:Status><ns1:StatusReason>0")
                .count(),
            1
        );
    }
    let refused = bench.ris("selectCmDeviceExt", &item).await;
    assert_eq!(refused.status, 500);
    assert!(refused.text().contains("Exceeded allowed rate for Reatime information"));
    assert!(refused.text().contains("Server.RateControl"));
    bench.clock.advance(Duration::from_secs(61));
    assert_eq!(bench.ris("selectCmDeviceExt", &item).await.status, 200);
    let none = bench
        .ris("selectCmDeviceExt", "<s:item><s:Item>SEP0</s:Item></s:item>")
        .await;
    assert!(none.text().contains("xsi:nil=\"1\""), "{}", none.text());
    bench.end().await;
}

#[tokio::test]
async fn the_authenticate_service_says_exactly_one_word() {
    let bench = Bench::small();
    let phone = bench.phone("8845");
    let ask = async |password: &str| {
        let request = format!(
            "GET /ccmcip/authenticate.jsp?USERID=sidetone-app&Password={password}&deviceName={} HTTP/1.1\r\nHost: c\r\n\r\n",
            phone.name()
        );
        bench.cucm(&request).await.text()
    };
    assert_eq!(ask("Phones-4-All").await, "AUTHORIZED");
    assert_eq!(ask("wrong").await, "UN-AUTHORIZED");
    bench.simulator.cucm().dissociate("sidetone-app", phone.name());
    assert_eq!(ask("Phones-4-All").await, "UN-AUTHORIZED");
    bench.end().await;
}

#[tokio::test]
async fn a_phone_asks_cucm_before_it_shows_its_screen() {
    let bench = Bench::small();
    let phone = bench.phone("8845");
    let picture = bench.get(&phone, "/CGI/Screenshot").await.unwrap();
    assert_eq!(picture.status, 200);
    assert!(picture.body.starts_with(b"\x89PNG") || picture.body.starts_with(b"BM"));
    assert_eq!(phone.auth_callbacks(), 1);
    assert_eq!(bench.simulator.cucm().counts().authenticate, 1);
    let without = bench
        .phone_request(
            &phone,
            "GET /CGI/Screenshot HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n",
        )
        .await
        .unwrap();
    assert_eq!(without.status, 401);
    bench.simulator.cucm().dissociate("sidetone-app", phone.name());
    let refused = bench.get(&phone, "/CGI/Screenshot").await.unwrap();
    assert_eq!(
        (refused.status, refused.text().as_str()),
        (200, "<CiscoIPPhoneError Number=\"4\" />")
    );
    bench.simulator.cucm().set_parameter(
        "SecureAuthenticationURL",
        "https://cucm-pub.voice.example:8443/ccmcip/authenticate.jsp",
    );
    assert_eq!(
        bench.get(&phone, "/CGI/Screenshot").await.unwrap().text(),
        "<CiscoIPPhoneError Number=\"0\" />"
    );
    bench.end().await;
}

#[tokio::test]
async fn an_entry_of_the_log_is_a_time_and_an_element() {
    let bench = Bench::small();
    let log = bench.get(&bench.phone("8845"), "/DeviceLogX?0").await.unwrap().text();
    // What github usecallmanagernz/commands (xmlinfo) takes it for: declarations inside, the time before a child.
    let log = log.replace("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>", "");
    let log = log.replace("<?xml version=\"1.0\"?>", "");
    let document = roxmltree::Document::parse(log.trim()).unwrap();
    let entry = document.descendants().find(|node| node.has_tag_name("status")).unwrap();
    assert_eq!(entry.text().unwrap().trim(), "09:00:00am 11/21/26");
    let message = entry.first_element_child().unwrap();
    assert_eq!(message.text(), Some("CTL and ITL installed"));
    bench.end().await;
}

#[tokio::test]
async fn execute_keeps_the_rules_of_each_family() {
    let bench = Bench::small();
    let phone = bench.phone("8845");
    let pressed = bench.execute(&phone, &["Key:KeyPad5"]).await;
    assert!(
        pressed
            .text()
            .contains("<ResponseItem Status=\"0\" Data=\"Success\" URL=\"Key:KeyPad5\"/>")
    );
    assert_eq!(phone.wait_for_keys(1).await, ["KeyPad5"]);
    let four = bench.execute(&phone, &["Key:Soft1"; 4]).await;
    assert_eq!(four.text(), "<CiscoIPPhoneError Number=\"1\" />");
    assert!(
        bench
            .execute(&phone, &["Init:Reboot"])
            .await
            .text()
            .contains("Status=\"6\" Data=\"URI not found\"")
    );
    let chunked = format!(
        "POST /CGI/Execute HTTP/1.1\r\nHost: p\r\nAuthorization: {LOGIN}\r\nConnection: close\r\n\
         Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    );
    assert_eq!(bench.phone_request(&phone, &chunked).await.unwrap().status, 404);
    let old = bench.phone("7960");
    let accepted = bench.execute(&old, &["Key:KeyPad1"]).await;
    assert_eq!(accepted.status, 303);
    assert!(accepted.head.contains("Location: /CGI/Execute"), "{}", accepted.head);
    let result = bench.get(&old, "/CGI/Execute").await.unwrap().text();
    assert_eq!(
        (result.matches("<?xml").count(), result.matches("<ResponseItem").count()),
        (2, 3)
    );
    bench.end().await;
}

#[tokio::test]
async fn two_phones_hold_a_call() {
    let bench = Bench::small();
    let (ana, ben) = (bench.phone("8845"), bench.phone("8851"));
    bench.execute(&ana, &[&format!("Dial:{}", ben.dn())]).await;
    let ringing = bench.get(&ben, "/CGI/Java/CallInfo1").await.unwrap().text();
    assert!(ringing.contains("<LineState>RINGING</LineState>"), "{ringing}");
    assert!(
        ringing.contains(&format!("<CallingPartyDirNum>{}</CallingPartyDirNum>", ana.dn())),
        "{ringing}"
    );
    bench.execute(&ben, &["Key:Soft1"]).await;
    for phone in [&ana, &ben] {
        let lines = bench.get(phone, "/CGI/LineInfo").await.unwrap().text();
        assert!(lines.contains("<LineIconState>CONNECTED</LineIconState>"), "{lines}");
    }
    bench.execute(&ana, &["Key:Release"]).await;
    for phone in [&ana, &ben] {
        let lines = bench.get(phone, "/CGI/LineInfo").await.unwrap().text();
        assert!(!lines.contains("CONNECTED"), "{lines}");
    }
    bench.end().await;
}

#[tokio::test]
async fn faults_show_as_on_real_phones() {
    let bench = Bench::small();
    let phone = bench.phone("7841");
    for (fault, expected) in [
        (Fault::Error(3), "<CiscoIPPhoneError Number=\"3\" />"),
        (Fault::TrustListBroken, "<CiscoIPPhoneError Number=\"4\" />"),
    ] {
        phone.set_fault(fault);
        assert_eq!(bench.get(&phone, "/CGI/Screenshot").await.unwrap().text(), expected);
        phone.clear_faults();
    }
    phone.set_fault(Fault::ForeignPage);
    let foreign = bench.get(&phone, "/CGI/Screenshot").await.unwrap();
    assert!(
        foreign.status == 403 && foreign.head.contains("Via: "),
        "{}",
        foreign.head
    );
    phone.clear_faults();
    phone.set_fault(Fault::TruncatedPicture);
    let cut = bench.get(&phone, "/CGI/Screenshot").await.unwrap();
    assert!(!cut.head.contains(&format!("Content-Length: {}\r", cut.body.len())));
    phone.clear_faults();
    phone.set_fault(Fault::WrongName("SEP00DEADBEEF00".to_owned()));
    let page = bench.get(&phone, "/DeviceInformationX").await.unwrap().text();
    assert!(page.contains("<HostName>SEP00DEADBEEF00</HostName>"), "{page}");
    phone.clear_faults();
    phone.set_fault(Fault::WebAccessOff);
    assert!(bench.get(&phone, "/").await.is_err());
    bench.end().await;
}

#[tokio::test]
async fn connections_to_other_addresses_are_dropped() {
    let bench = Bench::small();
    let port = bench.simulator.summary().phone_http_port;
    for outside in [
        Ipv4Addr::LOCALHOST,
        Ipv4Addr::new(127, 21, 0, 1),
        Ipv4Addr::new(127, 20, 200, 200),
    ] {
        let stream = TcpStream::connect((outside, port)).await.unwrap();
        assert!(
            talk(stream, "GET / HTTP/1.1\r\nHost: p\r\n\r\n").await.is_err(),
            "{outside}"
        );
    }
    bench.end().await;
}

#[tokio::test]
async fn five_thousand_phones_start_and_each_answers_for_itself() {
    let bench = Bench::new(Options {
        phones: 5_000,
        faults: false,
        ..Options::default()
    });
    let again = Bench::new(Options {
        phones: 5_000,
        faults: false,
        ..Options::default()
    });
    let names = |bench: &Bench| {
        let phones = bench.simulator.summary().phones;
        phones
            .into_iter()
            .map(|phone| (phone.name, phone.dn, phone.address))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&bench), names(&again), "the same seed gives the same fleet");
    let last = bench.simulator.phones().into_iter().rev();
    let last = last.filter(|phone| phone.model() == "Cisco 8845").take(3);
    for phone in last {
        let page = bench.get(&phone, "/DeviceInformationX").await.unwrap().text();
        assert!(
            page.contains(&format!("<HostName>{}</HostName>", phone.name())),
            "{page}"
        );
    }
    again.end().await;
    bench.end().await;
}
