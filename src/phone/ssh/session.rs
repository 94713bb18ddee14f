//! Connecting and signing in: the login of CUCM by SSH, then the shell's own.

use std::borrow::Cow;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::client::{self, AuthResult, Handle, KeyboardInteractiveAuthResponse, Msg};
use russh::keys::{HashAlg, PublicKeyOrCertificate};
use russh::{Channel, ChannelMsg, MethodKind, MethodSet, Preferred, cipher, kex, mac};
use secrecy::ExposeSecret as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::shell::{MOST_BYTES, Shell, Waiting};
use super::{HostKey, SshLogin};
use crate::phone::error::{Error, ErrorKind, SshFailure};
use crate::phone::target::Settings;

/// User and password of the shell behind the SSH login, the same on every phone (phone-xml-api.md 7.4).
const SECOND_LOGIN: &str = "debug";
/// How long a phone must be silent before half a line is taken for a prompt while signing in: a MOTD may hold the same
/// words, and come in pieces.
const LOGIN_SILENCE: Duration = Duration::from_millis(150);
/// The same behind a key, where the prompt is known.
const KEY_SILENCE: Duration = Duration::from_millis(30);
/// How often a phone is asked whether it is still there, and how many questions may stay without an answer.
const ALIVE: (Duration, usize) = (Duration::from_secs(20), 3);

/// An SSH connection whose shell waits for a command.
pub(super) struct Open {
    pub(super) handle: Handle<Keys>,
    pub(super) channel: Channel<Msg>,
    pub(super) shell: Shell,
    pub(super) prompt: String,
    pub(super) host_key: HostKey,
    _cut: Cut,
}

/// Ends the connection when it is dropped: the task that reads it would wait for a silent phone as long as it likes.
pub(super) struct Cut(std::net::TcpStream);

impl Drop for Cut {
    fn drop(&mut self) {
        // One that the phone has ended already needs no end.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// Looks at the host key before any password is sent.
pub(super) struct Keys {
    pinned: Option<HostKey>,
    seen: Arc<Mutex<Option<HostKey>>>,
}

impl client::Handler for Keys {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else {
            return Ok(false);
        };
        let seen = HostKey(key.fingerprint(HashAlg::Sha256).to_string());
        let fits = self.pinned.as_ref().is_none_or(|pinned| *pinned == seen);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(fits)
    }
}

/// What this client speaks. Phones were built when SHA-1 and CBC were usual, and most get no firmware any more: the old
/// ways stand behind the new ones here, and in no other client of this program. What protects the login is that it is
/// sent inside the phone networks alone, and only to the host key that was learned.
fn config() -> client::Config {
    let new = Preferred::DEFAULT;
    client::Config {
        window_size: u32::try_from(MOST_BYTES).unwrap_or(u32::MAX),
        channel_buffer_size: 8,
        keepalive_interval: Some(ALIVE.0),
        keepalive_max: ALIVE.1,
        nodelay: true,
        preferred: Preferred {
            kex: with(&new.kex, &[kex::DH_G14_SHA1, kex::DH_GEX_SHA1]),
            cipher: with(
                &new.cipher,
                &[cipher::AES_256_CBC, cipher::AES_192_CBC, cipher::AES_128_CBC],
            ),
            mac: with(&new.mac, &[mac::HMAC_SHA1_ETM, mac::HMAC_SHA1]),
            // Its list of host keys ends with ssh-rsa, SHA-1 signature included.
            ..new
        },
        ..client::Config::default()
    }
}

fn with<T: Copy>(new: &[T], old: &[T]) -> Cow<'static, [T]> {
    Cow::Owned([new, old].concat())
}

/// One attempt to get to the shell's prompt. Nothing that a phone would act on is sent.
pub(super) struct Attempt<'a> {
    pub(super) at: SocketAddr,
    pub(super) pinned: Option<&'a HostKey>,
    pub(super) settings: &'a Settings,
}

/// A connection whose host key is known, before any login.
struct Met {
    handle: Handle<Keys>,
    host_key: HostKey,
    cut: Cut,
}

impl Attempt<'_> {
    fn fail(&self, kind: impl Into<ErrorKind>, words: impl std::fmt::Display) -> Error {
        Error::new(kind, format!("SSH {}: {words}", self.at), false)
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.settings.connect_timeout + self.settings.read_timeout
    }

    /// The host key that the phone shows and proves to have. No login is sent.
    pub(super) async fn host_key(&self) -> Result<HostKey, Error> {
        let Met { handle, host_key, .. } = self.meet(self.deadline()).await?;
        let goodbye = handle.disconnect(russh::Disconnect::ByApplication, "", "");
        // A phone that is gone needs no goodbye.
        let _ = timeout(Duration::from_secs(1), goodbye).await;
        Ok(host_key)
    }

    /// Connects, and compares the host key.
    async fn meet(&self, deadline: Instant) -> Result<Met, Error> {
        let stream = self.connect().await?;
        let (stream, cut) = two_ends(stream).map_err(|error| self.fail(ErrorKind::Unreachable, error))?;
        let seen = Arc::new(Mutex::new(None));
        let keys = Keys {
            pinned: self.pinned.cloned(),
            seen: Arc::clone(&seen),
        };
        let shown = || seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let handshake = client::connect_stream(Arc::new(config()), stream, keys);
        let handle = match timeout_at(deadline, handshake).await {
            Ok(Ok(handle)) => handle,
            Ok(Err(error)) => return Err(self.no_handshake(&error, shown())),
            Err(_) => {
                return Err(self.fail(
                    ErrorKind::Silent,
                    "connected, but the phone began no SSH within the limit",
                ));
            }
        };
        let host_key = shown().ok_or_else(|| self.fail(SshFailure::Broken, "the phone showed no host key"))?;
        Ok(Met { handle, host_key, cut })
    }

    /// Connects, compares the host key, signs in twice.
    pub(super) async fn open(&self, login: &SshLogin) -> Result<Open, Error> {
        let deadline = self.deadline();
        let Met {
            mut handle,
            host_key,
            cut,
        } = self.meet(deadline).await?;
        let silent = || self.fail(ErrorKind::Silent, "no answer to the SSH login within the limit");
        timeout_at(deadline, self.sign_in(&mut handle, login))
            .await
            .map_err(|_| silent())??;
        let mut channel = timeout_at(deadline, handle.channel_open_session())
            .await
            .map_err(|_| silent())?
            .map_err(|error| self.broken("the phone opened no session", &error))?;
        let mut shell = Shell::default();
        let prompt = self.to_the_prompt(&mut channel, &mut shell, deadline).await?;
        Ok(Open {
            handle,
            channel,
            shell,
            prompt,
            host_key,
            _cut: cut,
        })
    }

    async fn connect(&self) -> Result<TcpStream, Error> {
        let limit = self.settings.connect_timeout;
        match timeout(limit, TcpStream::connect(self.at)).await {
            Ok(Ok(stream)) => {
                // It only costs time when it cannot be set.
                let _ = stream.set_nodelay(true);
                Ok(stream)
            }
            Ok(Err(error)) => match error.kind() {
                io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => {
                    Err(self.fail(SshFailure::Refused, SshFailure::Refused))
                }
                _ => Err(self.fail(ErrorKind::Unreachable, error)),
            },
            Err(_) => Err(self.fail(
                ErrorKind::Unreachable,
                format_args!("no connection within {} ms", limit.as_millis()),
            )),
        }
    }

    fn no_handshake(&self, error: &russh::Error, shown: Option<HostKey>) -> Error {
        match (self.pinned, shown) {
            (Some(pinned), Some(shown)) if *pinned != shown => self.fail(
                SshFailure::HostKey,
                format_args!("the host key is {shown}, but {pinned} was learned for this phone; no login was sent"),
            ),
            (_, None) if is_cut(error) => self.fail(SshFailure::Refused, SshFailure::Refused),
            _ => self.broken("no common way to speak SSH", error),
        }
    }

    fn broken(&self, words: &str, error: &russh::Error) -> Error {
        self.fail(SshFailure::Broken, format_args!("{words}: {error}"))
    }

    /// The login that CUCM gave the phone. A password is tried once, whichever way the phone asks for it.
    async fn sign_in(&self, handle: &mut Handle<Keys>, login: &SshLogin) -> Result<(), Error> {
        let (user, password) = (&login.username, login.password.expose_secret());
        let lost = |error: russh::Error| self.broken("the connection ended at the SSH login", &error);
        // 69xx let admin in without a password (phone-xml-api.md 7.4).
        if password.is_empty() && handle.authenticate_none(user).await.map_err(lost)?.success() {
            return Ok(());
        }
        let answer = handle.authenticate_password(user, password).await.map_err(lost)?;
        let AuthResult::Failure { remaining_methods, .. } = answer else {
            return Ok(());
        };
        if asks_only_otherwise(&remaining_methods) && self.by_questions(handle, login).await.map_err(lost)? {
            return Ok(());
        }
        let words = format!(
            "the phone refused the SSH login of {user:?}; compare it with Secure Shell User of the phone in CUCM"
        );
        Err(self.fail(SshFailure::Login, words))
    }

    /// The same password as the answer to a question of the phone's.
    async fn by_questions(&self, handle: &mut Handle<Keys>, login: &SshLogin) -> Result<bool, russh::Error> {
        let mut answer = handle
            .authenticate_keyboard_interactive_start(&login.username, None)
            .await?;
        // One question for the password, and an empty one that some servers send behind it.
        for _ in 0..3 {
            let prompts = match answer {
                KeyboardInteractiveAuthResponse::Success => return Ok(true),
                KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(false),
                KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
            };
            let password = || login.password.expose_secret().to_owned();
            let answers = prompts.iter().map(|_| password()).collect();
            answer = handle.authenticate_keyboard_interactive_respond(answers).await?;
        }
        Ok(matches!(answer, KeyboardInteractiveAuthResponse::Success))
    }

    /// Opens the shell and answers its own questions, each once, in whichever order they come, until it waits for a
    /// command. A phone that asks nothing is at its prompt at once.
    async fn to_the_prompt(
        &self,
        channel: &mut Channel<Msg>,
        shell: &mut Shell,
        deadline: Instant,
    ) -> Result<String, Error> {
        let lost = |error: russh::Error| self.broken("the phone opened no shell", &error);
        channel
            .request_pty(false, "vt100", 80, 24, 0, 0, &[])
            .await
            .map_err(lost)?;
        channel.request_shell(false).await.map_err(lost)?;
        let (mut named, mut proved) = (false, false);
        loop {
            let again = match self.waits(channel, shell, deadline).await? {
                Waiting::Command(prompt) => return Ok(prompt),
                Waiting::User => std::mem::replace(&mut named, true),
                Waiting::Password => std::mem::replace(&mut proved, true),
                Waiting::Nothing => continue,
            };
            if again {
                let words = "the phone refused the second login, debug, behind the SSH login";
                return Err(self.fail(SshFailure::Login, words));
            }
            shell.begin();
            let line = format!("{SECOND_LOGIN}\n");
            channel.data_bytes(line.into_bytes()).await.map_err(lost)?;
        }
    }

    /// What the shell waits for, once it has said something and is silent.
    async fn waits(&self, channel: &mut Channel<Msg>, shell: &mut Shell, deadline: Instant) -> Result<Waiting, Error> {
        loop {
            let silence = Instant::now() + LOGIN_SILENCE;
            match timeout_at(deadline.min(silence), next(channel)).await {
                Ok(Some(bytes)) if shell.take(&bytes) => {}
                Ok(Some(_)) => {
                    return Err(self.fail(ErrorKind::TooLong, "the phone's shell said too much before its prompt"));
                }
                Ok(None) => return Err(self.fail(SshFailure::Broken, "the phone closed its shell before the prompt")),
                Err(_) if Instant::now() >= deadline => {
                    return Err(self.fail(ErrorKind::Silent, "no prompt of the phone's shell within the limit"));
                }
                Err(_) => match shell.waiting() {
                    Waiting::Nothing => {}
                    waiting => return Ok(waiting),
                },
            }
        }
    }
}

/// A connection, and what ends it.
fn two_ends(stream: TcpStream) -> io::Result<(TcpStream, Cut)> {
    let stream = stream.into_std()?;
    let cut = Cut(stream.try_clone()?);
    Ok((TcpStream::from_std(stream)?, cut))
}

/// Whether another way to send a password is left, and this one is not: a password that was refused is not tried again.
fn asks_only_otherwise(left: &MethodSet) -> bool {
    left.contains(&MethodKind::KeyboardInteractive) && !left.contains(&MethodKind::Password)
}

/// Whether the connection ended before the phone had said anything of SSH.
fn is_cut(error: &russh::Error) -> bool {
    matches!(
        error,
        russh::Error::IO(_) | russh::Error::HUP | russh::Error::Disconnect | russh::Error::Version
    )
}

/// The next bytes that the shell says; none when it is over.
pub(super) async fn next(channel: &mut Channel<Msg>) -> Option<bytes::Bytes> {
    loop {
        match channel.wait().await? {
            ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. } => return Some(data),
            ChannelMsg::Eof | ChannelMsg::Close | ChannelMsg::Failure => return None,
            _ => {}
        }
    }
}

/// How a command's end came.
pub(super) enum Answered {
    /// The prompt is back.
    Prompt,
    /// The shell is over.
    Over,
    /// More than is read.
    TooMuch,
    /// The time is up.
    Late,
}

/// Reads until the prompt is back and nothing follows it.
pub(super) async fn until_prompt(open: &mut Open, deadline: Instant) -> Answered {
    loop {
        let silence = Instant::now() + KEY_SILENCE;
        match timeout_at(deadline.min(silence), next(&mut open.channel)).await {
            Ok(Some(bytes)) if open.shell.take(&bytes) => {}
            Ok(Some(_)) => return Answered::TooMuch,
            Ok(None) => return Answered::Over,
            Err(_) if open.shell.is_at(&open.prompt) => return Answered::Prompt,
            Err(_) if Instant::now() >= deadline => return Answered::Late,
            Err(_) => {}
        }
    }
}
