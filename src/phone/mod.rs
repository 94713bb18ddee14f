//! One phone over HTTP: information pages, screenshot, execute; and keys over SSH where its web server is dead.
//!
//! [`Phones`] is the one door: it keeps one request at a time in front of each phone, a cap over all, the addresses
//! inside their cluster's networks, and credentials with the phone they are meant for. What comes back is told by its
//! content, never by its name, its model or its content type alone.

mod client; // the door
mod document; // XML as a tolerant tree
mod error; // wire errors and their causes
mod execute; // pushes and their answers
mod information; // which page is where
mod journal; // what was exchanged, for a proof
mod pages; // what pages say
pub mod picture; // from what phones send to what browsers show
pub mod push; // objects that a phone shows or takes
mod probe; // whether a port takes a connection
mod rows; // HTML rows
mod screenshot; // ways to a picture
mod ssh; // keys without the web server
mod target; // whom to ask, within which limits
pub mod tftp; // whether a server has a file
mod text; // encodings, escapes, labels
mod tls; // TLS without names
mod trust; // what a phone tells of its trust list
mod turns; // the queue in front of each phone
mod wire; // one request

pub use client::Phones;
pub use error::{BuildError, Error, ErrorKind, SshFailure};
pub use execute::{ItemAnswer, parse_response};
pub use journal::{Exchange, Journal};
pub use pages::{
    Call, CallInfo, CallManager, DeviceInformation, Feature, Line, LineInfo, ModeField, ModeInfo, Neighbour,
    NetworkConfiguration, Streams, parse_status_messages,
};
pub use probe::Probe;
pub use screenshot::{PictureError, Shot, ShotKind};
#[cfg(feature = "fuzzing")]
pub use ssh::read_shell;
pub use ssh::{HostKey, InvalidHostKey, SshLogin, SshSession, has_ssh_code, takes_keys_over_ssh};
pub use target::{Credentials, Settings, Target, Urgency};
pub use trust::{TrustList, TrustWord, is_english};
