//! Everything this program's log would hold, kept to be searched for secrets.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use tracing_subscriber::EnvFilter;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

#[derive(Clone)]
struct Kept;

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps what is logged from now on: of this program everything, of others what `info` shows.
pub(super) fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let log = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("info,sidetone=trace"))
            .with_ansi(false)
            .with_writer(|| Kept);
        log.init();
    });
}

/// Whether the log holds a text.
pub(super) fn hold(text: &str) -> bool {
    super::client::contains(&LOG.lock().unwrap_or_else(PoisonError::into_inner), text)
}
