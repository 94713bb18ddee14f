//! Keys over SSH, for phones whose web server is dead: 69xx, 78xx, 88xx (phone-xml-api.md 7.4).
//!
//! A session shows no picture and tells no menu: it says that the shell took the command, no more. Nothing connects to
//! an address outside the phone networks, no login is sent to another host key than the one that is pinned, and a key
//! whose prompt did not come back is in doubt: the session ends there, and nothing is repeated.

mod codes;
mod session;
mod shell;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use secrecy::SecretString;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::error::{Error, ErrorKind, SshFailure};
use super::target::{Target, Urgency};
use super::turns::{Phone, Turn};
use super::wire::Wire;
use crate::domain::catalogue::Model;
use crate::domain::key::Key;
use session::{Answered, Attempt, Open};

/// Reads what a shell said, in two pieces, for the fuzz target.
#[cfg(feature = "fuzzing")]
pub fn read_shell(first: &[u8], second: &[u8]) {
    let mut shell = shell::Shell::default();
    if shell.take(first) && shell.take(second) {
        let _ = shell.waiting();
    }
}

/// The most characters of a phone's own words that an evidence repeats.
const LONGEST_QUOTE: usize = 80;
/// How every SSH server begins (RFC 4253, section 4.2).
const GREETING: &[u8; 4] = b"SSH-";
/// The most digits of a number that is dialled.
const MOST_DIGITS: usize = 32;

/// The login that CUCM gives a phone for SSH (Secure Shell User and Password).
#[derive(Debug, Clone)]
pub struct SshLogin {
    /// The user.
    pub username: String,
    /// The password; 69xx take an empty one.
    pub password: SecretString,
}

/// A phone's SSH host key, as `SHA256:` and its hash in base64, as `ssh-keygen -l` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostKey(String);

/// Why a text is no host key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a host key is SHA256: and its hash in base64")]
pub struct InvalidHostKey;

impl HostKey {
    /// `SHA256:` and the hash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for HostKey {
    type Err = InvalidHostKey;

    fn from_str(text: &str) -> Result<Self, InvalidHostKey> {
        let hash = text.strip_prefix("SHA256:").ok_or(InvalidHostKey)?;
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        (hash.len() == 43 && hash.bytes().all(is_base64))
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidHostKey)
    }
}

/// Whether keys can be pressed over SSH on a model: on 69xx, 78xx and 88xx, never on 7900 phones.
pub fn takes_keys_over_ssh(model: &Model) -> bool {
    codes::takes_keys(model)
}

/// Whether a key can be pressed over SSH at all: others have no number there.
pub fn has_ssh_code(key: &Key) -> bool {
    codes::code_of(key).is_some()
}

/// A phone's shell that waits for keys. While it is open no other is opened to the phone. Dropped, its connection ends.
pub struct SshSession {
    wire: Arc<Wire>,
    at: SocketAddr,
    phone: Phone,
    limit: Duration,
    host_key: HostKey,
    /// None when a command was left in doubt.
    held: Option<Held>,
}

/// A connection, and the place in front of the phone's SSH port that it holds.
struct Held {
    open: Open,
    _place: Turn,
}

impl fmt::Debug for SshSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SshSession")
            .field("at", &self.at)
            .field("host_key", &self.host_key)
            .field("open", &self.held.is_some())
            .finish_non_exhaustive()
    }
}

/// Where the phone's SSH is, if keys go there at all.
fn place_of(target: &Target) -> Result<SocketAddr, Error> {
    if !codes::takes_keys(target.model) {
        let evidence = format!(
            "{}: keys over SSH are for 69xx, 78xx and 88xx, not on 7900 and others; nothing was sent",
            target.model.name
        );
        return Err(Error::new(SshFailure::Model, evidence, false));
    }
    if !target.networks.contain(target.address) {
        let networks = target.networks.iter().collect::<Vec<_>>().join(", ");
        let evidence = format!(
            "{} is outside the phone networks {networks}; nothing was sent",
            target.address
        );
        return Err(Error::new(ErrorKind::OutsideNetworks, evidence, false));
    }
    Ok(SocketAddr::from((target.address, target.ssh_port)))
}

/// Whether something speaks SSH there: see [`Phones::speaks_ssh`](super::Phones::speaks_ssh).
pub(super) async fn greets(wire: &Wire, target: &Target) -> Result<bool, Error> {
    let at = place_of(target)?;
    let limit = wire.settings.connect_timeout;
    let greeting = async {
        let mut stream = TcpStream::connect(at).await.ok()?;
        let mut first = [0; GREETING.len()];
        stream.read_exact(&mut first).await.ok()?;
        Some(first)
    };
    let greeting = timeout(limit, greeting).await;
    Ok(greeting.is_ok_and(|first| first.is_some_and(|first| first == *GREETING)))
}

/// The host key, without a login: see [`Phones::ssh_host_key`](super::Phones::ssh_host_key).
pub(super) async fn host_key(wire: &Arc<Wire>, target: &Target) -> Result<HostKey, Error> {
    let at = place_of(target)?;
    let _place = take_place(wire, target, at).await?;
    let attempt = Attempt {
        at,
        pinned: None,
        settings: &wire.settings,
    };
    let _turn = wire.turn((target.address, target.http_port), Urgency::Press).await;
    Box::pin(attempt.host_key()).await
}

/// The one place in front of the phone's SSH port.
async fn take_place(wire: &Arc<Wire>, target: &Target, at: SocketAddr) -> Result<Turn, Error> {
    let place = wire.ssh_place((target.address, target.ssh_port));
    timeout(wire.settings.read_timeout, place).await.map_err(|_| {
        let evidence = format!("SSH {at}: another SSH session of this server is open to this phone");
        Error::new(ErrorKind::Queued, evidence, false)
    })
}

/// Opens a session: see [`Phones::ssh`](super::Phones::ssh).
pub(super) async fn open(
    wire: &Arc<Wire>,
    target: &Target,
    login: &SshLogin,
    pinned: Option<&HostKey>,
) -> Result<SshSession, Error> {
    let at = place_of(target)?;
    let settings = &wire.settings;
    let place = take_place(wire, target, at).await?;
    let phone = (target.address, target.http_port);
    let attempt = Attempt { at, pinned, settings };
    let opened = {
        let _turn = wire.turn(phone, Urgency::Press).await;
        Box::pin(attempt.open(login)).await?
    };
    Ok(SshSession {
        wire: Arc::clone(wire),
        at,
        phone,
        limit: settings.read_timeout,
        host_key: opened.host_key.clone(),
        held: Some(Held {
            open: opened,
            _place: place,
        }),
    })
}

impl SshSession {
    /// The host key that the phone showed, and proved to have.
    pub fn host_key(&self) -> &HostKey {
        &self.host_key
    }

    /// Where the phone is.
    pub fn address(&self) -> Ipv4Addr {
        self.phone.0
    }

    /// Whether a command can still be sent: not after one that was left in doubt.
    pub fn is_open(&self) -> bool {
        self.held.as_ref().is_some_and(|held| !held.open.handle.is_closed())
    }

    /// Presses one key, once; the answer is how long the phone took. It says that the shell took the command, no more.
    ///
    /// # Errors
    /// [`SshFailure::NoCode`] (nothing was sent); [`SshFailure::Command`] when the shell answered no;
    /// [`SshFailure::NoPrompt`] when the prompt did not come back: the key may have been pressed all the same, and the
    /// session is over; [`SshFailure::Refused`] when it was over already (nothing was sent).
    pub async fn press(&mut self, key: &Key) -> Result<Duration, Error> {
        let Some(code) = codes::code_of(key) else {
            let evidence = format!("{key} has no number over SSH; nothing was sent");
            return Err(Error::new(SshFailure::NoCode(key.clone()), evidence, false));
        };
        self.command(&format!("phone key {code}"), &format!("phone key {code} ({key})"), true)
            .await
    }

    /// Lets the phone dial a number of 1 to 32 digits, `*`, `#` and a leading `+`, once. Whether it may be dialled is
    /// the caller's question.
    ///
    /// # Errors
    /// As [`SshSession::press`]; [`SshFailure::Number`] for anything else than a number.
    pub async fn dial(&mut self, number: &str) -> Result<Duration, Error> {
        let digits = number.strip_prefix('+').unwrap_or(number);
        let is_number = (1..=MOST_DIGITS).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'*' | b'#'));
        if !is_number {
            let evidence = "dial dn takes 1 to 32 digits, * and #; nothing was sent";
            return Err(Error::new(SshFailure::Number, evidence, false));
        }
        self.command(&format!("dial dn {number}"), "dial dn", false).await
    }

    /// Ends the session.
    pub async fn close(self) {
        if let Some(Held { open, .. }) = &self.held {
            // A phone that is gone needs no goodbye.
            let goodbye = open.handle.disconnect(russh::Disconnect::ByApplication, "", "");
            let _ = timeout(Duration::from_secs(1), goodbye).await;
        }
    }

    fn fail(&self, kind: impl Into<ErrorKind>, line: &str, words: impl fmt::Display, sent: bool) -> Error {
        Error::new(kind, format!("SSH {}, {line}: {words}", self.at), sent)
    }

    /// Sends one command in its turn. `line` is what an evidence calls it; `quotes` says whether the phone's own words
    /// may stand there too.
    async fn command(&mut self, command: &str, line: &str, quotes: bool) -> Result<Duration, Error> {
        let over = "the session is over; nothing was sent";
        let wire = Arc::clone(&self.wire);
        let _turn = wire.turn(self.phone, Urgency::Press).await;
        let Some(mut held) = self.held.take() else {
            return Err(self.fail(SshFailure::Refused, line, over, false));
        };
        let open = &mut held.open;
        // What the phone said since the last prompt belongs to no command.
        while let Some(said) = session::next(&mut open.channel).now_or_never() {
            if said.is_none() {
                return Err(self.fail(SshFailure::Refused, line, over, false));
            }
        }
        open.shell.begin();
        let begun = Instant::now();
        if open
            .channel
            .data_bytes(format!("{command}\n").into_bytes())
            .await
            .is_err()
        {
            return Err(self.fail(SshFailure::Refused, line, over, false));
        }
        let words = match session::until_prompt(open, begun + self.limit).await {
            Answered::Prompt => {
                let answer = open.shell.answer(command);
                let refused = shell::is_refusal(&answer).then(|| self.refusal(&answer, line, quotes));
                self.held = Some(held);
                return refused.map_or_else(|| Ok(begun.elapsed()), Err);
            }
            Answered::Late => "the prompt did not come back within the limit",
            Answered::Over => "the connection ended before the prompt came back",
            Answered::TooMuch => "the phone said too much before the prompt came back",
        };
        let took = begun.elapsed().as_millis();
        Err(self.fail(SshFailure::NoPrompt, line, format_args!("{words}, {took} ms"), true))
    }

    fn refusal(&self, answer: &[&str], line: &str, quotes: bool) -> Error {
        let said: String = answer.join(" ").chars().take(LONGEST_QUOTE).collect();
        let words = if quotes {
            format!("the phone answered {said:?}")
        } else {
            "the phone refused the command".to_owned()
        };
        self.fail(SshFailure::Command, line, words, true)
    }
}
