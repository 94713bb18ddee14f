//! The phone's own question to its Authentication URL: may this user control me?

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::Request;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST, USER_AGENT};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use super::Context;
use crate::simulator::fault::Fault;
use crate::simulator::models::Pages;
use crate::simulator::world::{World, lock};

/// How long a phone waits for the answer.
const PATIENCE: Duration = Duration::from_secs(5);
const MOST_BYTES: usize = 4_096;

/// What came of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The exact word came.
    Authorized,
    /// Anything else came, or the connection could not be made or trusted: error 4.
    Refused,
    /// The host name does not resolve, or nothing answered: error 0.
    Unreachable,
}

/// The URL in force: the device's own, then the cluster's secure one, then its plain one. The oldest phones know only
/// the plain one.
pub(super) fn url_in_force(context: &Context) -> String {
    let own = context.faults.iter().find_map(|fault| match fault {
        Fault::AuthenticationUrl(url) => Some(url.clone()),
        _ => None,
    });
    own.unwrap_or_else(|| {
        let parameters = &lock(&context.world.cucm).parameters;
        let value = |name: &str| parameters.get(name).filter(|value| !value.is_empty()).cloned();
        let old = context.phone.device.model.pages == Pages::Classic;
        let secure = if old { None } else { value("SecureAuthenticationURL") };
        secure.or_else(|| value("URLAuthentication")).unwrap_or_default()
    })
}

/// The name that the device at this address gives for itself.
pub(super) fn own_name(context: &Context) -> String {
    let wrong = context.faults.iter().find_map(|fault| match fault {
        Fault::WrongName(name) => Some(name.clone()),
        _ => None,
    });
    wrong.unwrap_or_else(|| context.phone.device.name.clone())
}

/// Asks.
pub(super) async fn ask(context: &Context, user: &str, password: &str) -> Verdict {
    let url = url_in_force(context);
    // A blank URL lets everybody in.
    if url.is_empty() {
        return Verdict::Authorized;
    }
    let Ok(mut url) = Url::parse(&url) else {
        return Verdict::Refused;
    };
    if url.scheme() == "https" && context.faults.contains(&Fault::TrustListBroken) {
        return Verdict::Refused;
    }
    url.query_pairs_mut()
        .append_pair("UserID", user)
        .append_pair("Password", password)
        .append_pair("devicename", &own_name(context));
    context.phone.callbacks.fetch_add(1, Ordering::AcqRel);
    match tokio::time::timeout(
        PATIENCE,
        fetch(&context.world, &url, context.phone.device.model.product),
    )
    .await
    {
        Ok(Ok(word)) if word == "AUTHORIZED" => Verdict::Authorized,
        Ok(Ok(_)) => Verdict::Refused,
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Verdict::Refused,
        Ok(Err(_)) | Err(_) => Verdict::Unreachable,
    }
}

async fn fetch(world: &World, url: &Url, product: &str) -> io::Result<String> {
    let host = url.host_str().unwrap_or("").to_owned();
    let port = url.port_or_known_default().unwrap_or(80);
    // The simulator talks to this machine alone; every other host is one that cannot be reached.
    let stream = match host.as_str() {
        "127.0.0.1" | "localhost" => TcpStream::connect((host.as_str(), port)).await?,
        _ => return Err(io::ErrorKind::HostUnreachable.into()),
    };
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let request = Request::get(path)
        .header(HOST, format!("{host}:{port}"))
        .header(USER_AGENT, "Allegro-Software-WebClient/4.34")
        .header(ACCEPT, "x-CiscoIPPhone/*, text/*,image/png,*/*")
        .header("x-CiscoIPPhoneModelName", product)
        .body(Empty::<Bytes>::new())
        .map_err(io::Error::other)?;
    if url.scheme() == "https" {
        let name = ServerName::try_from(host).map_err(io::Error::other)?;
        let connector = TlsConnector::from(Arc::clone(&world.phone_client));
        exchange(world, connector.connect(name, stream).await?, request).await
    } else {
        exchange(world, stream, request).await
    }
}

async fn exchange<S>(world: &World, stream: S, request: Request<Empty<Bytes>>) -> io::Result<String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    world.tasks.spawn("simulated-authentication", async move {
        // How it ended shows in the answer.
        let _ = connection.await;
    });
    let response = sender.send_request(request).await.map_err(io::Error::other)?;
    if response.status() != hyper::StatusCode::OK {
        return Ok(String::new());
    }
    let body = Limited::new(response.into_body(), MOST_BYTES)
        .collect()
        .await
        .map_err(io::Error::other)?;
    Ok(String::from_utf8_lossy(&body.to_bytes()).into_owned())
}
