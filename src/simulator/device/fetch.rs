//! The phone's own HTTP client: what it asks of its Authentication URL and of addresses pushed to it. It reaches this
//! machine alone; every other host is one that cannot be reached.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, LOCATION, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::simulator::world::World;

/// What came back.
pub(super) enum Fetched {
    /// Status 200.
    Page(Page),
    /// Somewhere else.
    Elsewhere(String),
    /// Another status.
    Other,
}

/// The answer with status 200.
pub(super) struct Page {
    pub(super) content_type: String,
    /// Whether some of its headers are of the `X-` kind.
    pub(super) marked: bool,
    pub(super) body: Bytes,
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
}

/// Fetches an address; more than `most` bytes are an error. How long one waits is the caller's.
pub(super) async fn get(world: &World, url: &Url, product: &str, most: usize) -> io::Result<Fetched> {
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
        exchange(world, connector.connect(name, stream).await?, request, most).await
    } else {
        exchange(world, stream, request, most).await
    }
}

async fn exchange<S>(world: &World, stream: S, request: Request<Empty<Bytes>>, most: usize) -> io::Result<Fetched>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    world.tasks.spawn("simulated-client", async move {
        // How it ended shows in the answer.
        let _ = connection.await;
    });
    let response = sender.send_request(request).await.map_err(io::Error::other)?;
    let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
    if let Some(to) = to.filter(|_| response.status().is_redirection()) {
        return Ok(Fetched::Elsewhere(to.to_owned()));
    }
    if response.status() != StatusCode::OK {
        return Ok(Fetched::Other);
    }
    let headers = response.headers();
    let marked = headers.keys().any(|name| name.as_str().starts_with("x-"));
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let body = Limited::new(response.into_body(), most)
        .collect()
        .await
        .map_err(io::Error::other)?;
    Ok(Fetched::Page(Page {
        content_type,
        marked,
        body: body.to_bytes(),
    }))
}
