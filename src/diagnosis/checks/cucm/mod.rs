//! CUCM itself.

mod address;
mod authenticate;
mod login;
mod ris;
mod tls;

pub(super) use address::address;
pub(super) use authenticate::{authenticate_http, authenticate_https, header_lines};
pub(super) use login::login;
pub(super) use ris::ris;
pub(super) use tls::tls;
