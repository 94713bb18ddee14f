//! Hosts that are not trusted with anything: Authentication URLs, certificates, ports that may be closed.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use sidetone::cucm::{
    AuthenticateForm, Connection, Cucm, Error, Login, Scheme, Service, Settings, UrlAnswer, seen_certificate,
};
use sidetone::domain::cause::Cause;
use sidetone::domain::device_name::DeviceName;

use super::{House, login, quick};

const LIMIT: Duration = Duration::from_secs(5);
const SHORT: Duration = Duration::from_millis(300);

/// A server that answers one connection with one text, and tells the head of what it was asked.
struct Stranger {
    address: SocketAddr,
    asked: Receiver<String>,
}

impl Stranger {
    fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = channel();
        let answer = answer.into();
        std::thread::spawn(move || {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let _ = tell.send(head(&mut stream));
            // The client may go before it has read all; it may also still be sending, and a reset would cut the answer.
            let _ = stream.write_all(&answer);
            let _ = stream.shutdown(Shutdown::Write);
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
        Self { address, asked }
    }

    fn url(&self, rest: &str) -> String {
        format!("http://{}{rest}", self.address)
    }

    /// The request line's path and query.
    fn asked(&self) -> String {
        let head = self.asked.recv_timeout(LIMIT).unwrap();
        head.split(' ').nth(1).unwrap().to_owned()
    }
}

/// The head of a request; whatever came, when it ends before.
fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        head.push(byte[0]);
        // A handshake of TLS has no line ends to wait for.
        if head == [0x16, 0x03] {
            break;
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Accepts connections into its queue and never answers one.
fn silent() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).unwrap()
}

fn closed() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
}

fn impatient(house: &House) -> Cucm {
    let settings = Settings {
        url_timeout: SHORT,
        ..quick()
    };
    Cucm::new(house.connection(), settings).unwrap()
}

async fn ask(cucm: &Cucm, url: &str) -> Result<UrlAnswer, Error> {
    let device: DeviceName = "SEP001122334455".parse().unwrap();
    cucm.ask_authentication_url(&url.parse().unwrap(), &login("pa ss&1"), &device, &[])
        .await
}

#[tokio::test]
async fn an_authentication_url_is_asked_exactly_as_a_phone_asks_it() {
    let house = House::with(1);
    let cucm = house.client();
    let yes =
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 12\r\n\r\nAUTHORIZED\r\n";
    let server = Stranger::answering(yes);
    let answer = ask(
        &cucm,
        &server.url("/InformaCast/phone/auth/?userid=&deviceName=&site=%41"),
    )
    .await
    .unwrap();
    assert!(answer.authorized);
    assert_eq!(
        (answer.status, answer.headers, answer.word.as_str()),
        (200, 4, "AUTHORIZED")
    );
    assert_eq!((answer.redirect, answer.certificate), (None, None));
    assert_eq!(
        server.asked(),
        "/InformaCast/phone/auth/?userid=axl&deviceName=SEP001122334455&site=%41&Password=pa%20ss%261"
    );
}

#[tokio::test]
async fn the_plain_form_has_a_path_and_names_of_its_own() {
    let house = House::with(1);
    let server = Stranger::answering("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nUN-AUTHORIZED");
    let connection = Connection {
        authentication_http_port: server.address.port(),
        ..house.connection()
    };
    let cucm = Cucm::new(connection, quick()).unwrap();
    let device = "SEP001122334455".parse().unwrap();
    let said = cucm
        .authenticate_as(&login("pa ss&1"), &device, Scheme::Http, AuthenticateForm::Plain)
        .await;
    assert_eq!(said.unwrap().answer, "UN-AUTHORIZED");
    assert_eq!(
        server.asked(),
        "/ccmcip/authenticate?username=axl&password=pa%20ss%261&devicename=SEP001122334455"
    );
}

#[tokio::test]
async fn a_redirect_is_told_without_its_query_and_not_followed() {
    let house = House::with(1);
    let target = silent();
    let to = target.local_addr().unwrap();
    let server = Stranger::answering(format!(
        "HTTP/1.1 302 Found\r\nLocation: http://{to}/ccmcip/authenticate.jsp?Password=pa%20ss%261\r\nContent-Length: 0\r\n\r\n"
    ));
    let answer = ask(&house.client(), &server.url("/auth")).await.unwrap();
    assert_eq!((answer.status, answer.authorized), (302, false));
    assert_eq!(answer.redirect, Some(to.to_string()));
    target.set_nonblocking(true).unwrap();
    assert!(target.accept().is_err(), "nobody came");
}

#[tokio::test]
async fn no_answer_shows_the_password_or_is_read_without_end() {
    let house = House::with(1);
    let cucm = house.client();
    let page = "<p>wrong: pa ss&amp;1, pa%20ss%261, pa+ss%261, pa ss&1</p>";
    let server = Stranger::answering(format!(
        "HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    ));
    let answer = ask(&cucm, &server.url("/")).await.unwrap();
    assert_eq!((answer.status, answer.authorized), (403, false));
    assert_eq!(answer.word, "<p>wrong: ***, ***, ***, ***</p>");

    let long = format!("HTTP/1.0 200 OK\r\n\r\nAUTHORIZED {}", "x".repeat(1 << 20));
    let answer = ask(&cucm, &Stranger::answering(long).url("/")).await;
    // The server may see its connection closed before it has said all; what it said is no yes in either case.
    assert!(answer.is_ok_and(|answer| !answer.authorized && answer.word.chars().count() <= 81));

    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nAUTH";
    let cut = ask(&cucm, &Stranger::answering(cut).url("/")).await.unwrap_err();
    assert!(matches!(cut, Error::Truncated { .. }), "{cut}");
}

#[tokio::test]
async fn each_way_of_not_answering_has_its_error() {
    let house = House::with(1);
    let cucm = house.client();
    let refused = ask(&cucm, &format!("http://{}/", closed())).await.unwrap_err();
    assert_eq!(
        refused,
        Error::Refused {
            service: Service::AuthenticationUrl
        }
    );
    assert_eq!(refused.cause(), Cause::AuthenticationUrlUnreachable);

    let listener = silent();
    let timed_out = ask(
        &impatient(&house),
        &format!("http://{}/", listener.local_addr().unwrap()),
    )
    .await;
    assert_eq!(
        timed_out,
        Err(Error::TimedOut {
            service: Service::AuthenticationUrl
        })
    );

    // Not a name by the rules of names, so that no resolver is asked.
    let unresolved = ask(&cucm, "http://no_such..name/").await.unwrap_err();
    assert!(matches!(unresolved, Error::NotResolved { .. }), "{unresolved}");
    assert_eq!(unresolved.cause(), Cause::AuthenticationUrlUnresolvable);

    let plain = Stranger::answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    let no_tls = ask(&cucm, &format!("https://{}/", plain.address)).await.unwrap_err();
    assert!(matches!(no_tls, Error::NotTls { .. }), "{no_tls}");
    assert_eq!(no_tls.cause(), Cause::AuthenticationUrlUnreachable);
    let old = Stranger::answering(PROTOCOL_VERSION_ALERT);
    let too_old = ask(&cucm, &format!("https://{}/", old.address)).await.unwrap_err();
    assert!(matches!(too_old, Error::TlsFailed { .. }), "{too_old}");

    for odd in ["ftp://127.0.0.1/", "http://169.254.169.254/", "http://a:b@127.0.0.1/"] {
        let error = ask(&cucm, odd).await.unwrap_err();
        assert_eq!(error.cause(), Cause::AuthenticationUrlWrong, "{odd}");
    }
}

#[tokio::test]
async fn an_address_outside_the_networks_is_not_asked() {
    let house = House::with(1);
    let listener = silent();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let device = "SEP001122334455".parse().unwrap();
    let networks = ["10.0.0.0/8".parse().unwrap()];
    let refused = house
        .client()
        .ask_authentication_url(&url, &login("x"), &device, &networks)
        .await;
    assert!(matches!(refused, Err(Error::OddUrl { .. })));
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody came");
}

#[tokio::test]
async fn an_https_url_tells_the_certificate_it_showed() {
    let house = House::with(1);
    let connection = house.connection();
    let url = format!("https://127.0.0.1:{}/ccmcip/authenticate.jsp", connection.port);
    let device = house.names()[0].clone();
    let answer = house
        .client()
        .ask_authentication_url(&url.parse().unwrap(), &connection.login, &device, &[])
        .await
        .unwrap();
    assert!(answer.authorized && answer.headers > 5);
    let shown = answer.certificate.unwrap();
    let seen = seen_certificate("127.0.0.1", connection.port, LIMIT).await.unwrap();
    assert_eq!(shown, seen);
    assert!(seen.not_before < seen.not_after && !seen.serial.is_empty());
    assert_eq!(
        (seen.key.as_str(), seen.signature.as_str()),
        ("EC 256", "SHA-256 with ECDSA")
    );
}

#[tokio::test]
async fn a_paging_server_knows_its_own_user_and_passes_others_on() {
    let house = House::with(1);
    let paging = house.simulator.summary().third_party;
    let (url, device) = (paging.authentication_url.parse().unwrap(), house.names()[0].clone());
    let own = Login {
        username: paging.login.username,
        password: paging.login.password.into(),
    };
    let cucm = house.client();
    let answer = cucm.ask_authentication_url(&url, &own, &device, &[]).await.unwrap();
    assert!(answer.authorized, "{answer:?}");
    let connection = house.connection();
    let answer = cucm
        .ask_authentication_url(&url, &connection.login, &device, &[])
        .await
        .unwrap();
    assert_eq!(answer.status, 302);
    assert_eq!(
        answer.redirect,
        Some(format!("127.0.0.1:{}", connection.authentication_http_port))
    );
}

/// A fatal alert that no protocol version is common, as an old server sends it.
const PROTOCOL_VERSION_ALERT: [u8; 7] = [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 70];

#[tokio::test]
async fn a_certificate_that_cannot_be_seen_tells_why() {
    let seen = |address: SocketAddr, limit| async move { seen_certificate("127.0.0.1", address.port(), limit).await };
    let refused = seen(closed(), LIMIT).await.unwrap_err();
    assert_eq!(refused, Error::Refused { service: Service::Axl });
    assert_eq!(refused.cause(), Cause::CucmUnreachable);

    let listener = silent();
    let silent = seen(listener.local_addr().unwrap(), SHORT).await.unwrap_err();
    assert_eq!(silent, Error::TimedOut { service: Service::Axl });

    let plain = Stranger::answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    let no_tls = seen(plain.address, LIMIT).await.unwrap_err();
    assert!(matches!(no_tls, Error::NotTls { .. }), "{no_tls}");

    let old = Stranger::answering(PROTOCOL_VERSION_ALERT);
    let too_old = seen(old.address, LIMIT).await.unwrap_err();
    assert_eq!(too_old.cause(), Cause::CucmTlsTooOld, "{too_old}");

    let closing = Stranger::answering("");
    let closed_early = seen(closing.address, LIMIT).await.unwrap_err();
    assert!(matches!(closed_early, Error::TlsFailed { .. }), "{closed_early}");

    let unresolved = seen_certificate("no_such..name", 443, LIMIT).await.unwrap_err();
    assert!(matches!(unresolved, Error::NotResolved { .. }), "{unresolved}");
}
