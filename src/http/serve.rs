//! The listening socket.

use std::net::SocketAddr;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use super::router;
use super::state::App;

/// Serves until the program is told to stop; requests under way are answered first.
pub async fn serve(listener: TcpListener, app: App) -> std::io::Result<()> {
    let stopped = app.tasks.stop_token().cancelled_owned();
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let listener = listener.tap_io(|stream| {
        // Small answers must not wait for more to send; a socket that refuses is served all the same.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, service).with_graceful_shutdown(stopped).await
}
