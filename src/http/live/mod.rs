//! The live channel: pictures, states and presses over one WebSocket (`docs/live.md`).
//!
//! A connection is two tasks. The reader takes the client's messages and queues presses at once, so that a slow download
//! never holds a key back. The writer owns the looks and the socket's sending half; a state that it has no time to send is
//! replaced by a newer one.

mod connection;
pub mod message;

pub use connection::open;
