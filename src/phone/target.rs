//! Whom to ask, as whom, and within which limits.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::domain::address::PhoneNetworks;
use crate::domain::catalogue::{Model, Scheme, ScreenshotRoute};

/// Limits of all conversations with phones.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a phone may take to accept a connection.
    pub connect_timeout: Duration,
    /// How long one request may take in all, from the first byte sent to the last byte read.
    pub read_timeout: Duration,
    /// The same for an Execute with a `Play:` item: phones answer it when the sound has ended.
    pub play_timeout: Duration,
    /// The most requests under way over all phones.
    pub max_concurrent: usize,
    /// The largest answer that is read, in bytes.
    pub max_picture_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(2),
            read_timeout: Duration::from_secs(10),
            play_timeout: Duration::from_secs(30),
            max_concurrent: 256,
            max_picture_bytes: 4 * 1024 * 1024,
        }
    }
}

/// The control login that the phone lets CUCM judge. Sent as Basic, only to the phone's own address.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

/// One phone to talk to.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its address.
    pub address: Ipv4Addr,
    /// Its port for http, 80 outside tests.
    pub http_port: u16,
    /// Its port for https, 443 outside tests.
    pub https_port: u16,
    /// Its port for SSH, 22 outside tests.
    pub ssh_port: u16,
    /// Where phones of its cluster may live; nothing is sent to an address outside.
    pub networks: Arc<PhoneNetworks>,
    /// Whom the phone is asked to authorise.
    pub credentials: Option<Credentials>,
    /// What it is.
    pub model: &'static Model,
    /// The way by which its last picture came, tried first.
    pub screenshot_route: Option<ScreenshotRoute>,
}

impl Target {
    /// The port of a scheme.
    pub fn port(&self, scheme: Scheme) -> u16 {
        match scheme {
            Scheme::Http => self.http_port,
            Scheme::Https => self.https_port,
        }
    }
}

/// The order of the queue in front of one phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Somebody pressed a key.
    Press,
    /// Somebody looks.
    Look,
    /// Nobody waits.
    Background,
}
