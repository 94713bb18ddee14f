//! The sockets: CUCM's https and http, one http and one https that all phones share, and that of the third-party
//! authentication server.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::cucm_fault::CucmFault;
use super::options::Options;
use super::phone::Phone;
use super::world::{Ports, World};
use super::{answer, console, cucm, device, fleet, third_party};

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A record of TLS 1.0: alert, two bytes, fatal, `protocol_version`.
const PROTOCOL_VERSION_ALERT: [u8; 7] = [21, 3, 1, 0, 2, 2, 70];

/// The listening sockets, before anything is served.
pub(super) struct Sockets {
    https: TcpListener,
    authentication_http: TcpListener,
    phone_http: TcpListener,
    phone_https: TcpListener,
    phone_ssh: TcpListener,
    third_party: TcpListener,
}

impl Sockets {
    pub(super) fn bind(options: &Options) -> io::Result<Self> {
        Ok(Self {
            https: listener(Ipv4Addr::LOCALHOST, options.https_port)?,
            authentication_http: listener(Ipv4Addr::LOCALHOST, options.authentication_http_port)?,
            phone_http: listener(Ipv4Addr::UNSPECIFIED, options.phone_http_port)?,
            phone_https: listener(Ipv4Addr::UNSPECIFIED, options.phone_https_port)?,
            phone_ssh: listener(Ipv4Addr::UNSPECIFIED, options.phone_ssh_port)?,
            third_party: listener(third_party::ADDRESS, 0)?,
        })
    }

    pub(super) fn ports(&self) -> io::Result<Ports> {
        Ok(Ports {
            https: self.https.local_addr()?.port(),
            authentication_http: self.authentication_http.local_addr()?.port(),
            phone_http: self.phone_http.local_addr()?.port(),
            phone_https: self.phone_https.local_addr()?.port(),
            phone_ssh: self.phone_ssh.local_addr()?.port(),
            third_party: self.third_party.local_addr()?.port(),
        })
    }

    /// Starts one accepting task a socket; they end when the program stops.
    pub(super) fn serve(self, world: &Arc<World>, cucm_tls: [&Arc<ServerConfig>; 2], phone_tls: &Arc<ServerConfig>) {
        let for_cucm = cucm_tls.map(|config| TlsAcceptor::from(Arc::clone(config)));
        let for_phones = TlsAcceptor::from(Arc::clone(phone_tls));
        accept(world, "simulated-cucm-https", self.https, move |world, stream| {
            let other = world.cucm_has(&CucmFault::OtherCertificate);
            serve_cucm(world, stream, Some(for_cucm[usize::from(other)].clone()))
        });
        accept(
            world,
            "simulated-cucm-http",
            self.authentication_http,
            |world, stream| serve_cucm(world, stream, None),
        );
        accept(world, "simulated-phones-http", self.phone_http, |world, stream| {
            serve_phone(world, stream, None)
        });
        accept(
            world,
            "simulated-phones-https",
            self.phone_https,
            move |world, stream| serve_phone(world, stream, Some(for_phones.clone())),
        );
        accept(world, "simulated-phones-ssh", self.phone_ssh, serve_console);
        accept(world, "simulated-third-party", self.third_party, serve_third_party);
    }
}

/// A listening socket. On the unspecified address it is kept to the loopback device, where the system allows that; every
/// connection is checked besides ([`phone_of`]).
fn listener(address: Ipv4Addr, port: u16) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(port != 0)?;
    if address.is_unspecified()
        && let Err(error) = socket.bind_device(Some(b"lo"))
    {
        tracing::debug!(%error, "the phones' socket is not kept to the loopback device; each connection is checked instead");
    }
    socket.bind(&SocketAddr::V4(SocketAddrV4::new(address, port)).into())?;
    socket.listen(4_096)?;
    if address.is_unspecified() {
        // Lets a black hole be at one of the addresses. Set after the port was taken, so that nobody else shares it.
        socket.set_reuse_port(true)?;
    }
    TcpListener::from_std(socket.into())
}

fn accept<Serve, Served>(world: &Arc<World>, name: &'static str, listener: TcpListener, serve: Serve)
where
    Serve: Fn(Arc<World>, TcpStream) -> Served + Send + 'static,
    Served: Future<Output = ()> + Send + 'static,
{
    let world = Arc::clone(world);
    let tasks = world.tasks.clone();
    tasks.clone().spawn(name, async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = tasks.stopping() => return,
            };
            let Ok((stream, _)) = accepted else {
                // Out of descriptors, most likely: give others a moment to close theirs.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let connection = serve(Arc::clone(&world), stream);
            let stop = tasks.stop_token();
            tasks.spawn("simulated-connection", async move {
                tokio::select! {
                    () = connection => {}
                    () = stop.cancelled() => {}
                }
            });
        }
    });
}

/// Listeners at one address whose queues are full: packets to them are dropped, and connections time out. It ends when
/// it is dropped.
#[derive(Debug)]
pub(super) struct BlackHole {
    _sockets: Vec<Socket>,
}

impl BlackHole {
    /// At these ports of the address, in the place of the socket that all phones share.
    pub(super) fn at(address: Ipv4Addr, ports: [u16; 3]) -> io::Result<Self> {
        let mut sockets = Vec::new();
        for port in ports {
            let place = SocketAddr::V4(SocketAddrV4::new(address, port)).into();
            let listener = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
            listener.set_reuse_port(true)?;
            listener.bind(&place)?;
            // A queue for nobody holds one connection, which is this.
            listener.listen(0)?;
            let filler = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
            filler.connect(&place)?;
            sockets.extend([listener, filler]);
        }
        Ok(Self { _sockets: sockets })
    }
}

async fn serve_cucm(world: Arc<World>, stream: TcpStream, tls: Option<TlsAcceptor>) {
    if world.cucm_has(&CucmFault::Refuses) {
        reset(&stream);
        return;
    }
    if world.cucm_has(&CucmFault::Silent) {
        swallow(stream).await;
        return;
    }
    let secure = tls.is_some();
    if secure && world.cucm_has(&CucmFault::TlsTooOld) {
        refuse_tls(stream).await;
        return;
    }
    let service = hyper::service::service_fn(move |request| cucm::answer(Arc::clone(&world), secure, request));
    serve(stream, tls, true, service).await;
}

/// Answers the first record as a server that speaks no newer TLS than 1.0 answers a client that speaks no older than
/// 1.2: with the fatal alert `protocol_version`.
async fn refuse_tls(mut stream: TcpStream) {
    let mut hello = [0; 4_096];
    if matches!(stream.read(&mut hello).await, Ok(1..)) {
        // The other side may be gone already, which is as well.
        let _ = stream.write_all(&PROTOCOL_VERSION_ALERT).await;
        let _ = stream.shutdown().await;
        swallow(stream).await;
    }
}

async fn serve_third_party(world: Arc<World>, stream: TcpStream) {
    let service = hyper::service::service_fn(move |request| {
        let answer = third_party::answer(&world, &request);
        async { answer }
    });
    serve(stream, None, false, service).await;
}

async fn serve_phone(world: Arc<World>, stream: TcpStream, tls: Option<TlsAcceptor>) {
    let Some(phone) = phone_of(&world, &stream) else {
        reset(&stream);
        return;
    };
    if device::refuses_connections(&world, &phone) {
        reset(&stream);
        return;
    }
    if phone.has("silent") {
        swallow(stream).await;
        return;
    }
    let secure = tls.is_some();
    let keep_alive = !world.options.prepared.is_some_and(|prepared| prepared.closing);
    let service = hyper::service::service_fn(move |request| {
        device::answer(Arc::clone(&world), Arc::clone(&phone), secure, request)
    });
    serve(stream, tls, keep_alive, service).await;
}

async fn serve_console(world: Arc<World>, stream: TcpStream) {
    let Some(phone) = phone_of(&world, &stream) else {
        reset(&stream);
        return;
    };
    if console::refuses_connections(&world, &phone) {
        reset(&stream);
    } else if phone.has("silent") {
        swallow(stream).await;
    } else {
        console::serve(world, phone, stream).await;
    }
}

/// Reads and never answers, until the other side leaves.
async fn swallow(mut stream: TcpStream) {
    let mut ignored = [0; 1_024];
    while matches!(stream.read(&mut ignored).await, Ok(1..)) {}
}

/// The phone that a connection is for, by the address it was made to; none for strangers and other addresses.
fn phone_of(world: &World, stream: &TcpStream) -> Option<Arc<Phone>> {
    let loopback = |address: io::Result<SocketAddr>| match address.ok()?.ip() {
        IpAddr::V4(address) if address.is_loopback() => Some(address),
        _ => None,
    };
    loopback(stream.peer_addr())?;
    let address = loopback(stream.local_addr())?;
    fleet::in_network(address).then(|| world.phone_at(address))?
}

/// Drops a connection so that the other side sees a reset instead of an orderly end.
fn reset(stream: &TcpStream) {
    // Should this fail, the other side sees an orderly end without an answer: as good.
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

async fn serve<S>(stream: TcpStream, tls: Option<TlsAcceptor>, keep_alive: bool, service: S)
where
    S: hyper::service::HttpService<hyper::body::Incoming, ResBody = answer::Body, Error = io::Error>,
{
    let _ = stream.set_nodelay(true);
    let mut http = hyper::server::conn::http1::Builder::new();
    http.title_case_headers(true).keep_alive(keep_alive);
    // Errors of a connection are the other side's: it left, or a fault broke the connection on purpose.
    match tls {
        None => {
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        }
        Some(acceptor) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
            }
        }
    }
}
