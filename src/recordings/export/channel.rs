//! The way from the thread that writes to the answer that is read.

use std::io::{self, Write};
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The size of a piece, in bytes.
pub(super) const PIECE: usize = 64 * 1024;
/// Pieces that wait for the reader.
const WAITING: usize = 4;
/// A reader that takes nothing for this long has gone.
const PATIENCE: Duration = Duration::from_mins(1);

/// Sends what is written to it, a piece a call; waits for the reader.
pub(super) struct Channel {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    stop: CancellationToken,
    runtime: Handle,
}

impl Channel {
    /// To be called on the runtime.
    pub(super) fn new(stop: CancellationToken) -> (Self, mpsc::Receiver<io::Result<Bytes>>) {
        let (pieces, receiver) = mpsc::channel(WAITING);
        let runtime = Handle::current();
        let channel = Self { pieces, stop, runtime };
        (channel, receiver)
    }

    /// Tells the reader that what it has is not whole.
    pub(super) fn fail(&self, error: io::Error) {
        let told = self.pieces.send_timeout(Err(error), PATIENCE);
        // A reader that has gone needs no word.
        let _ = self.runtime.block_on(async {
            tokio::select! {
                told = told => told.is_ok(),
                () = self.stop.cancelled() => false,
            }
        });
    }
}

impl Write for Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Bytes::copy_from_slice(&bytes[..bytes.len().min(PIECE)]);
        let length = piece.len();
        self.runtime.block_on(async {
            tokio::select! {
                sent = self.pieces.send_timeout(Ok(piece), PATIENCE) => {
                    sent.map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader has gone"))
                }
                () = self.stop.cancelled() => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the server is stopping")),
            }
        })?;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
