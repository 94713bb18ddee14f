//! A phone's SSH console: the login that CUCM gave it, a second one behind it, and a shell that presses keys.
//!
//! One listener serves all phones. A phone's host key is made from the fleet's seed and its name when somebody connects,
//! so that ten thousand of them cost nothing. 69xx speak only old algorithms.

mod codes;
mod terminal;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use russh::keys::PrivateKey;
use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::server::{self, Auth, ChannelOpenHandle, Msg, Session};
use russh::{Channel, ChannelId, Disconnect, MethodKind, MethodSet, Preferred, Pty, cipher, kex, mac};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;

use super::device;
use super::fault::Fault;
use super::models::Pages;
use super::phone::Phone;
use super::world::{World, lock};
use terminal::{Answer, Style, Terminal};

/// A session that says nothing for so long is ended by the phone.
const IDLE: Duration = Duration::from_mins(10);

/// Whether the phone takes no connection for SSH: off in the configuration it runs, away, or without a console at all.
pub(super) fn refuses_connections(world: &World, phone: &Phone) -> bool {
    phone.device.model.pages == Pages::None
        || is_away(world, phone)
        || !lock(&phone.state).running.has_ssh()
        || phone.has("ssh-off")
}

fn is_away(world: &World, phone: &Phone) -> bool {
    !phone.is_registered(world.clock.now_ms()) || phone.has("refuses") || phone.has("unreachable")
}

/// Serves one connection until either side ends it.
pub(super) async fn serve(world: Arc<World>, phone: Arc<Phone>, stream: TcpStream) {
    let config = Arc::new(config(&world, &phone));
    let console = Console {
        terminal: Terminal::new(Style::of(&phone.device)),
        _open: Open::new(&phone),
        world,
        phone,
    };
    // Errors of a connection are the other side's: it left, or a fault broke the connection on purpose.
    if let Ok(session) = server::run_stream(config, stream, console).await {
        let _ = session.await;
    }
}

fn config(world: &World, phone: &Phone) -> server::Config {
    let is_old = phone.device.model.pages == Pages::Static;
    let preferred = if is_old {
        Preferred {
            kex: Cow::Borrowed(&[kex::DH_G14_SHA1]),
            cipher: Cow::Borrowed(&[cipher::AES_128_CBC]),
            mac: Cow::Borrowed(&[mac::HMAC_SHA1]),
            ..Preferred::DEFAULT
        }
    } else {
        Preferred::DEFAULT
    };
    server::Config {
        methods: MethodSet::from(&[MethodKind::Password][..]),
        keys: vec![host_key(world, phone)],
        auth_rejection_time: Duration::ZERO,
        inactivity_timeout: Some(IDLE),
        nodelay: true,
        preferred,
        ..server::Config::default()
    }
}

fn host_key(world: &World, phone: &Phone) -> PrivateKey {
    let which = if phone.has("ssh-other-host-key") {
        "other"
    } else {
        "own"
    };
    let text = format!("{} {} {which}", world.options.seed, phone.device.name);
    let seed: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    PrivateKey::from(Ed25519Keypair::from_seed(&seed))
}

/// Counts a session as open until it is dropped.
struct Open(Arc<Phone>);

impl Open {
    fn new(phone: &Arc<Phone>) -> Self {
        let open = phone.ssh.open.fetch_add(1, Ordering::AcqRel) + 1;
        phone.ssh.most_open.fetch_max(open, Ordering::AcqRel);
        Self(Arc::clone(phone))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.ssh.open.fetch_sub(1, Ordering::AcqRel);
    }
}

struct Console {
    world: Arc<World>,
    phone: Arc<Phone>,
    terminal: Terminal,
    _open: Open,
}

impl Console {
    fn accepts(&self, user: &str, password: &str) -> bool {
        self.phone.ssh.logins.fetch_add(1, Ordering::AcqRel);
        if self.phone.has("ssh-wrong-password") {
            return false;
        }
        let state = lock(&self.phone.state);
        let device = &state.running.device;
        if device.ssh_user.is_empty() {
            // What 69xx come with.
            return self.phone.device.model.pages == Pages::Static && user == "admin" && password.is_empty();
        }
        user == device.ssh_user && password == device.ssh_password
    }

    fn judge(&self, user: &str, password: &str) -> Auth {
        if self.accepts(user, password) {
            Auth::Accept
        } else {
            Auth::reject()
        }
    }

    /// Carries out what was typed; the answer goes out in pieces, as from a slow terminal.
    async fn type_in(&mut self, channel: ChannelId, typed: &[u8], session: &mut Session) -> Result<(), russh::Error> {
        for byte in typed {
            let Some(echo) = self.terminal.take(*byte) else {
                continue;
            };
            session.data(channel, echo.into_bytes())?;
            let _request = device::Open::new(&self.phone);
            let answer = self.terminal.enter(&self.world, &self.phone);
            let latency = lock(&self.phone.state).latency.unwrap_or(self.world.options.latency);
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            if self.phone.has("ssh-stalls") && answer.is_command() {
                continue;
            }
            match answer {
                Answer::Says(text) | Answer::Did(text) => {
                    let (begin, end) = text.split_at(text.len() / 2);
                    session.data(channel, begin.as_bytes().to_vec())?;
                    session.data(channel, end.as_bytes().to_vec())?;
                }
                Answer::Leaves => session.disconnect(Disconnect::ByApplication, "bye", "")?,
            }
        }
        // A phone that restarts takes its sessions with it.
        if is_away(&self.world, &self.phone) {
            session.disconnect(Disconnect::ByApplication, "the phone restarts", "")?;
        }
        Ok(())
    }
}

impl server::Handler for Console {
    type Error = russh::Error;

    async fn auth_none(&mut self, user: &str) -> Result<Auth, russh::Error> {
        Ok(self.judge(user, ""))
    }

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, russh::Error> {
        Ok(self.judge(user, password))
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _term: &str,
        _columns: u32,
        _rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        session.channel_success(channel)
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        session.channel_success(channel)?;
        session.data(channel, self.terminal.greeting().into_bytes())
    }

    async fn data(&mut self, channel: ChannelId, data: &[u8], session: &mut Session) -> Result<(), russh::Error> {
        // A phone that went away ends open sessions too; a silent one says nothing.
        if is_away(&self.world, &self.phone) {
            return Err(russh::Error::Disconnect);
        }
        if self.phone.has(Fault::Silent.kind()) {
            return Ok(());
        }
        self.type_in(channel, data, session).await
    }
}
