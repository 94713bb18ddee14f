//! The phone's own question to its Authentication URL: may this user control me?

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::Request;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST, LOCATION, USER_AGENT};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use super::Context;
use crate::simulator::fault::Fault;
use crate::simulator::models::Pages;
use crate::simulator::world::World;

const MOST_BYTES: usize = 4_096;
/// The most redirects that a phone follows.
const MOST_REDIRECTS: usize = 2;

/// What came of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The exact word came.
    Authorized,
    /// Anything else came, or the server could not be trusted: error 4.
    Refused,
    /// The host name does not resolve, or nothing that speaks HTTP answered: error 0.
    Unreachable,
}

/// The name that the device at this address gives for itself.
pub(super) fn own_name(context: &Context) -> String {
    let wrong = context.faults.iter().find_map(|fault| match fault {
        Fault::WrongName(name) => Some(name.clone()),
        _ => None,
    });
    wrong.unwrap_or_else(|| context.phone.device.name.clone())
}

/// What came back.
enum Reply {
    /// Status 200: the text, and whether its headers carried some of the `X-` kind.
    Text(String, bool),
    /// Somewhere else.
    Elsewhere(String),
    /// Another status.
    Other,
}

/// Asks.
pub(super) async fn ask(context: &Context, user: &str, password: &str) -> Verdict {
    let url = context.phone.authentication_url();
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
    let patience = context.world.options.authentication_patience;
    match tokio::time::timeout(patience, follow(context, url)).await {
        Ok(Ok(Reply::Text(word, marked))) => {
            let readable = !marked || !context.faults.contains(&Fault::ReplyUnreadable);
            if readable && word == "AUTHORIZED" {
                Verdict::Authorized
            } else {
                Verdict::Refused
            }
        }
        Ok(Ok(Reply::Elsewhere(_) | Reply::Other)) => Verdict::Refused,
        Ok(Err(_)) | Err(_) => Verdict::Unreachable,
    }
}

/// Phones of the newer generations drop the parameters at a redirect.
async fn follow(context: &Context, mut url: Url) -> io::Result<Reply> {
    let model = context.phone.device.model;
    let keeps = matches!(model.pages, Pages::Classic | Pages::Java | Pages::Static);
    for _ in 0..MOST_REDIRECTS {
        let reply = fetch(&context.world, &url, model.product).await?;
        let Reply::Elsewhere(to) = &reply else {
            return Ok(reply);
        };
        url = url.join(to).map_err(io::Error::other)?;
        if !keeps {
            url.set_query(None);
        }
    }
    fetch(&context.world, &url, model.product).await
}

/// The simulator talks to this machine alone; every other host is one that cannot be reached.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
}

async fn fetch(world: &World, url: &Url, product: &str) -> io::Result<Reply> {
    let host = url.host_str().unwrap_or("").to_owned();
    let port = url.port_or_known_default().unwrap_or(80);
    if !is_here(&host) {
        return Err(io::ErrorKind::HostUnreachable.into());
    }
    let stream = TcpStream::connect((host.as_str(), port)).await?;
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

async fn exchange<S>(world: &World, stream: S, request: Request<Empty<Bytes>>) -> io::Result<Reply>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    world.tasks.spawn("simulated-authentication", async move {
        // How it ended shows in the answer.
        let _ = connection.await;
    });
    let response = sender.send_request(request).await.map_err(io::Error::other)?;
    let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
    if let Some(to) = to.filter(|_| response.status().is_redirection()) {
        return Ok(Reply::Elsewhere(to.to_owned()));
    }
    if response.status() != hyper::StatusCode::OK {
        return Ok(Reply::Other);
    }
    let marked = response.headers().keys().any(|name| name.as_str().starts_with("x-"));
    let body = Limited::new(response.into_body(), MOST_BYTES)
        .collect()
        .await
        .map_err(io::Error::other)?;
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    Ok(Reply::Text(text, marked))
}
