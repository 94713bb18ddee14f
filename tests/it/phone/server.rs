//! A phone's web server by script: what it does with each request is up to the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// One request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }
}

/// What the phone does.
pub(crate) enum Act {
    /// Sends these bytes and closes.
    Send(Vec<u8>),
    /// Sends these bytes and keeps the connection for one more request, which it drops unanswered.
    SendThenDropNext(Vec<u8>),
    /// Sends these bytes and then nothing, until the client goes.
    Stall(Vec<u8>),
    /// Sends a head and then bytes without end.
    Endless,
    /// Resets the connection.
    Reset,
}

type Script = Arc<dyn Fn(&Request) -> Act + Send + Sync>;

/// A running phone.
pub(crate) struct Phone {
    pub(crate) address: Ipv4Addr,
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<Request>>>,
    most_at_once: Arc<AtomicUsize>,
}

impl Phone {
    pub(crate) fn at(address: Ipv4Addr, script: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Self {
        Self::start(address, None, Arc::new(script))
    }

    pub(crate) fn over_tls(address: Ipv4Addr, script: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Self {
        let certificate = rcgen::generate_simple_self_signed(["SEP001122334455".to_owned()]).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.cert.der().clone()], key)
            .unwrap();
        Self::start(address, Some(Arc::new(config)), Arc::new(script))
    }

    fn start(address: Ipv4Addr, tls: Option<Arc<ServerConfig>>, script: Script) -> Self {
        let listener = TcpListener::bind(SocketAddr::from((address, 0))).unwrap();
        let phone = Self {
            address,
            port: listener.local_addr().unwrap().port(),
            seen: Arc::default(),
            most_at_once: Arc::default(),
        };
        let (seen, most) = (Arc::clone(&phone.seen), Arc::clone(&phone.most_at_once));
        let now = Arc::new(AtomicUsize::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let connection = Connection {
                    script: Arc::clone(&script),
                    seen: Arc::clone(&seen),
                    now: Arc::clone(&now),
                    most: Arc::clone(&most),
                };
                let tls = tls.clone();
                std::thread::spawn(move || match tls {
                    None => connection.serve(stream.try_clone().unwrap(), &stream),
                    Some(config) => {
                        let session = ServerConnection::new(config).unwrap();
                        let tcp = stream.try_clone().unwrap();
                        connection.serve(StreamOwned::new(session, stream), &tcp);
                    }
                });
            }
        });
        phone
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// The paths of every request so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.seen().iter().map(|request| request.path().to_owned()).collect()
    }

    /// The largest number of requests that were under way at once.
    pub(crate) fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }
}

struct Connection {
    script: Script,
    seen: Arc<Mutex<Vec<Request>>>,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Connection {
    fn serve(&self, stream: impl Read + Write, tcp: &TcpStream) {
        let mut stream = BufReader::new(stream);
        let Some(request) = read(&mut stream) else { return };
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        self.seen.lock().unwrap().push(request.clone());
        let act = (self.script)(&request);
        self.now.fetch_sub(1, Ordering::SeqCst);
        let writer = stream.get_mut();
        match act {
            Act::Send(bytes) => drop(writer.write_all(&bytes).and_then(|()| writer.flush())),
            Act::SendThenDropNext(bytes) => {
                drop(writer.write_all(&bytes).and_then(|()| writer.flush()));
                let _ = read(&mut stream);
            }
            Act::Stall(bytes) => {
                drop(writer.write_all(&bytes).and_then(|()| writer.flush()));
                let _ = stream.read(&mut [0]);
            }
            Act::Endless => {
                drop(writer.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG"));
                while writer.write_all(&[7; 8_192]).is_ok() {}
            }
            Act::Reset => drop(socket2::SockRef::from(tcp).set_linger(Some(Duration::ZERO))),
        }
    }
}

fn read(stream: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|&length| length > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut request = Request {
        line: line.trim_end().to_owned(),
        headers,
        body: String::new(),
    };
    let length = request
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).unwrap();
    Some(request)
}

/// A whole answer that closes the connection.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub(crate) fn ok(media_type: &str, body: &[u8]) -> Act {
    Act::Send(answer("200 OK", &format!("Content-Type: {media_type}\r\n"), body))
}

pub(crate) fn status(line: &str) -> Act {
    Act::Send(answer(line, "", b""))
}
