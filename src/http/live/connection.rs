//! One connection of the live channel, from its first request to its end.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::reader::{End, Reader};
use super::sights::Sights;
use super::writer::Writer;
use crate::http::failure::Failure;
use crate::http::middleware::identify::Identity;
use crate::http::origin::is_same_origin;
use crate::http::state::App;
use crate::security::Viewer;

/// A message beyond this ends the connection without a word; one that is only too long is read whole, so that the client
/// can be told.
const LONGEST_READ: usize = 1024 * 1024;
/// Messages to the client that may wait for the writer, pictures not counted.
const OUTBOX: usize = 256;
/// How long a client is waited for that was told to go: to take the word, then to close its side.
const PARTING: Duration = Duration::from_secs(1);

/// Each connection holds so many bytes for what its client sends, which is little: the library's own 128 KiB would be
/// most of the memory of a thousand viewers.
const READ_BUFFER: usize = 4 * 1024;

/// `GET /live`.
pub async fn open(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Failure> {
    let viewer = identity.viewer.clone().ok_or_else(Failure::unauthenticated)?;
    // A browser sends its cookie along from any site's page; only Origin tells whose page it is.
    let from_browser = viewer.csrf_token().is_some();
    if from_browser && is_same_origin(&headers, &app.config.server) != Some(true) {
        return Err(Failure::forbidden("The live channel is for pages of this server."));
    }
    Ok(upgrade
        .max_message_size(LONGEST_READ)
        .max_frame_size(LONGEST_READ)
        .read_buffer_size(READ_BUFFER)
        .on_upgrade(move |socket| serve(app, viewer, identity, socket)))
}

async fn serve(app: App, viewer: Viewer, identity: Identity, socket: WebSocket) {
    let gauge = metrics::gauge!("sidetone_live_connections");
    gauge.increment(1.0);
    let (sink, mut stream) = socket.split();
    let (orders, inbox) = mpsc::channel(OUTBOX);
    let (source, gone) = (app.control.source(), CancellationToken::new());
    let writer = Writer {
        app: app.clone(),
        viewer,
        identity: identity.clone(),
        sink,
        sights: Sights::new(app.clone()),
        source,
        refused: 0,
        gone: gone.clone(),
    };
    let reader = Reader {
        app: app.clone(),
        identity,
        orders,
        source,
        mistakes: 0,
    };
    let mut writing = app.tasks.spawn("live writer", writer.run(inbox));
    // The reader's end drops its orders, which ends the writer.
    let end = reader.run(&mut stream).await;
    if end == End::Gone || tokio::time::timeout(PARTING, &mut writing).await.is_err() {
        gone.cancel();
        let _ = writing.await;
    }
    if end == End::Told {
        part(&app, stream).await;
    }
    gauge.decrement(1.0);
}

/// Waits until the client has closed its side: a socket that is closed with something unread takes our last word with it.
async fn part(app: &App, mut stream: SplitStream<WebSocket>) {
    let rest = async { while let Some(Ok(_)) = stream.next().await {} };
    tokio::select! {
        _ = tokio::time::timeout(PARTING, rest) => {}
        () = app.tasks.stopping() => {}
    }
}
