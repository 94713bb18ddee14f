//! The live channel: pictures, states and presses over one WebSocket (`docs/live.md`).
//!
//! A connection is two tasks. The reader takes the client's messages and queues presses at once, so that a slow download
//! never holds a key back. The writer owns the sights and the socket's sending half; a state that it has no time to send
//! is replaced by a newer one. What is the same for all who watch a phone is made once, in [`Frames`].

mod connection;
pub mod event;
mod frames;
pub mod message;
mod reader;
mod sights;
mod writer;

pub use connection::open;
pub use frames::Frames;
