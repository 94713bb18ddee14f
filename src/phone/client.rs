//! The one door to phones.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::error::{BuildError, Error, ErrorKind};
use super::execute::{self, ItemAnswer};
use super::information::{Reader, usual_scheme};
use super::journal::{Journal, Terms};
use super::pages::{CallInfo, DeviceInformation, LineInfo, ModeInfo, Neighbour, NetworkConfiguration, Streams};
use super::probe::{self, Probe};
use super::screenshot::{self, Shot};
use super::ssh::{self, HostKey, SshLogin, SshSession};
use super::target::{Settings, Target, Urgency};
use super::wire::{Ask, Reply, Wire, is_same_phone, other};
use crate::domain::catalogue::{Control, Scheme};
use crate::domain::execute::{ExecuteItem, ExecuteUrl, InvalidExecute, validate};
use crate::domain::key::Key;

const EXECUTE: &str = "/CGI/Execute";

/// All conversations with phones: one at a time in front of each, a cap over all. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Phones {
    wire: Arc<Wire>,
    terms: Terms,
}

impl Phones {
    /// A client for all phones.
    pub fn new(settings: Settings) -> Result<Self, BuildError> {
        Ok(Self {
            wire: Arc::new(Wire::new(settings)?),
            terms: Terms::default(),
        })
    }

    /// The same phones for somebody who wants to know how they answer: no request begins or lasts after `deadline`
    /// (else [`ErrorKind::Queued`], [`ErrorKind::Silent`] or [`ErrorKind::Slow`]), a picture that was cut short is not
    /// asked for again, and what is exchanged is written into `journal`.
    #[must_use]
    pub fn examined(&self, deadline: Instant, journal: &Journal) -> Self {
        Self {
            wire: Arc::clone(&self.wire),
            terms: Terms {
                deadline: Some(deadline.into()),
                once: true,
                journal: Some(journal.clone()),
            },
        }
    }

    /// How long one request may take.
    pub fn read_timeout(&self) -> Duration {
        self.wire.settings.read_timeout
    }

    /// Whether a phone's port takes a connection within `limit`. Nothing is sent, and nobody's turn is taken.
    ///
    /// # Errors
    /// [`ErrorKind::OutsideNetworks`].
    pub async fn probe(&self, target: &Target, scheme: Scheme, limit: Duration) -> Result<Probe, Error> {
        probe::probe(target, scheme, limit).await
    }

    /// The phone's screen now, by whichever way of its family works; [`Shot::route`] says which, to be remembered.
    pub async fn screenshot(&self, target: &Target, urgency: Urgency) -> Result<Shot, Error> {
        Box::pin(screenshot::take(&self.wire, target, &self.terms, urgency)).await
    }

    /// Presses one key, once; the answer is how long the phone took. It says that the phone queued the key, no more:
    /// phones drop keys they lack in silence (phone-xml-api.md 2.2).
    pub async fn press(&self, target: &Target, key: &Key) -> Result<Duration, Error> {
        let url: ExecuteUrl = key.uri().parse().map_err(|error| invalid(&error))?;
        self.run_one(target, url).await
    }

    /// Lets the phone run one URI or fetch one URL, once; the answer is how long it took.
    ///
    /// # Errors
    /// Also when the phone answers that it does not take it.
    pub async fn run_one(&self, target: &Target, url: ExecuteUrl) -> Result<Duration, Error> {
        let name = url.key().map_or_else(|| scheme_of(&url), |key| key.to_string());
        let item = ExecuteItem { url, priority: 0 };
        let begun = Instant::now();
        let (answers, reply) = self.push(target, std::slice::from_ref(&item)).await?;
        let took = reply.as_ref().map_or_else(|| begun.elapsed(), |reply| reply.took);
        match answers.into_iter().find(|answer| answer.status != 0) {
            None => Ok(took),
            Some(answer) => {
                let kind = ErrorKind::ItemRefused {
                    status: answer.status,
                    data: answer.data,
                };
                Err(reply.map_or_else(
                    || Error::new(kind.clone(), format!("{name}: {kind}"), true),
                    |reply| reply.fail(kind.clone()),
                ))
            }
        }
    }

    /// Pushes 1 to 3 items with at most one key among them; the answers are in the order of the items. An answer with
    /// a status other than 0 is an answer, not an error.
    pub async fn execute(&self, target: &Target, items: &[ExecuteItem]) -> Result<Vec<ItemAnswer>, Error> {
        self.push(target, items).await.map(|(answers, _)| answers)
    }

    /// What the phone says of itself.
    pub async fn device_information(&self, target: &Target, urgency: Urgency) -> Result<DeviceInformation, Error> {
        Box::pin(self.reader(target, urgency).device()).await
    }

    /// The phone's network set-up, with its Authentication URL.
    pub async fn network_configuration(
        &self,
        target: &Target,
        urgency: Urgency,
    ) -> Result<NetworkConfiguration, Error> {
        Box::pin(self.reader(target, urgency).network()).await
    }

    /// The same as the HTML page shows it, with rows that the X form lacks, such as the trust list; none for models without
    /// that page.
    pub async fn configuration_page(
        &self,
        target: &Target,
        urgency: Urgency,
    ) -> Result<Option<NetworkConfiguration>, Error> {
        Box::pin(self.reader(target, urgency).configuration()).await
    }

    /// The switch and port the phone hangs on; none when it tells none.
    pub async fn neighbour(&self, target: &Target, urgency: Urgency) -> Result<Option<Neighbour>, Error> {
        Box::pin(self.reader(target, urgency).neighbour()).await
    }

    /// The latest status messages, as the phone prints them.
    pub async fn status_messages(&self, target: &Target, urgency: Urgency) -> Result<Vec<String>, Error> {
        Box::pin(self.reader(target, urgency).status()).await
    }

    /// Lines and their state; none when the phone has no such page or refuses it.
    pub async fn line_info(&self, target: &Target, urgency: Urgency) -> Result<Option<LineInfo>, Error> {
        Box::pin(self.reader(target, urgency).lines()).await
    }

    /// Whether any of the phone's streams carries sound. Its pages need no login. None when the phone has none, or tells of
    /// them in words that are not known.
    pub async fn streams(&self, target: &Target, urgency: Urgency) -> Result<Option<Streams>, Error> {
        Box::pin(self.reader(target, urgency).streams()).await
    }

    /// The menu that is open; none when the phone has no such page or refuses it.
    pub async fn mode_info(&self, target: &Target, urgency: Urgency) -> Result<Option<ModeInfo>, Error> {
        Box::pin(self.reader(target, urgency).mode()).await
    }

    /// The calls of line `line` (1 is the first); none when the phone has no such page or refuses it, and always of an
    /// 8821, which is never asked (phone-xml-api.md trap 32).
    pub async fn call_info(&self, target: &Target, line: u8, urgency: Urgency) -> Result<Option<CallInfo>, Error> {
        Box::pin(self.reader(target, urgency).calls(line)).await
    }

    /// Opens the phone's SSH shell for keys: connects, compares the host key with `pin` before any login is sent, signs in
    /// with `login` and then, as every such phone asks, once more as `debug`. Takes at most the connect timeout and the
    /// read timeout, and waits at most the read timeout for another session of this server to the same phone.
    ///
    /// Without a pin whatever key the phone shows is taken; [`SshSession::host_key`] is then to be kept.
    ///
    /// # Errors
    /// [`SshFailure::Model`](super::SshFailure::Model) and [`ErrorKind::OutsideNetworks`] without a connection, `HostKey`,
    /// `Login`, `Refused`, `Broken`; [`ErrorKind::Silent`],
    /// [`ErrorKind::Unreachable`], [`ErrorKind::Queued`]. Nothing that a phone would act on was sent in any of them.
    pub async fn ssh(&self, target: &Target, login: &SshLogin, pin: Option<&HostKey>) -> Result<SshSession, Error> {
        Box::pin(ssh::open(&self.wire, target, login, pin)).await
    }

    /// Whether something speaks SSH at the phone's SSH port. Connects, reads the first bytes and hangs up; no session, no
    /// login. Takes at most the connect timeout.
    ///
    /// # Errors
    /// [`SshFailure::Model`](super::SshFailure::Model) and [`ErrorKind::OutsideNetworks`], without a connection.
    pub async fn speaks_ssh(&self, target: &Target) -> Result<bool, Error> {
        ssh::greets(&self.wire, target).await
    }

    /// The host key that the phone's SSH shows and proves to have, so that a person can be asked about it. No login is
    /// sent.
    ///
    /// # Errors
    /// As [`Phones::ssh`], but for those of the login.
    pub async fn ssh_host_key(&self, target: &Target) -> Result<HostKey, Error> {
        Box::pin(ssh::host_key(&self.wire, target)).await
    }

    fn reader<'a>(&'a self, target: &'a Target, urgency: Urgency) -> Reader<'a> {
        Reader {
            wire: &self.wire,
            target,
            terms: &self.terms,
            urgency,
        }
    }

    /// Sends one Execute, at most once.
    async fn push(&self, target: &Target, items: &[ExecuteItem]) -> Result<(Vec<ItemAnswer>, Option<Reply>), Error> {
        validate(items).map_err(|error| invalid(&error))?;
        if target.model.family.control == Control::None {
            let evidence = format!("{}; nothing was sent", target.model.name);
            return Err(Error::new(ErrorKind::ModelWithoutControl, evidence, false));
        }
        let form = execute::form(items)
            .map_err(|error| Error::new(ErrorKind::Unreadable, format!("{error}; nothing was sent"), false))?;
        let plays = items.iter().any(|item| item.url.as_str().starts_with("Play:"));
        let settings = &self.wire.settings;
        let limit = if plays {
            settings.play_timeout
        } else {
            settings.read_timeout
        };
        let reply = self.deliver(target, form, limit).await?;
        self.answers(target, items, limit, reply).await
    }

    /// Posts a form to the phone's one door for objects, at most once: another try is made only when nothing can have
    /// reached the phone, or when it said that it did nothing but point to its https port.
    pub(super) async fn deliver(&self, target: &Target, form: Bytes, limit: Duration) -> Result<Reply, Error> {
        let ask = |scheme| Ask {
            scheme,
            path: EXECUTE,
            login: true,
            form: Some(form.clone()),
            limit,
            terms: &self.terms,
        };
        let usual = usual_scheme(target);
        let reply = match Box::pin(self.wire.post(target, &ask(usual), Urgency::Press)).await {
            Err(error) if is_closed(&error) => {
                match Box::pin(self.wire.post(target, &ask(other(usual)), Urgency::Press)).await {
                    Err(second) if is_closed(&second) => return Err(error),
                    second => second?,
                }
            }
            first => first?,
        };
        if is_moved_to_https(target, &reply) {
            return Box::pin(self.wire.post(target, &ask(Scheme::Https), Urgency::Press)).await;
        }
        Ok(reply)
    }

    async fn answers(
        &self,
        target: &Target,
        items: &[ExecuteItem],
        limit: Duration,
        reply: Reply,
    ) -> Result<(Vec<ItemAnswer>, Option<Reply>), Error> {
        let result = match reply.status {
            303 => self.result_elsewhere(target, limit, &reply).await,
            300..=399 => return Err(reply.fail(ErrorKind::RedirectElsewhere)),
            _ if reply.body.trim_ascii().is_empty() => None,
            _ => Some(read(&reply)?),
        };
        Ok((execute::in_order(items, result.unwrap_or_default()), Some(reply)))
    }

    /// The result behind a 303 of a 7940 or 7960, when it is at the same phone and can be read. The request was
    /// accepted all the same: whatever goes wrong here is no failure of it.
    async fn result_elsewhere(&self, target: &Target, limit: Duration, reply: &Reply) -> Option<Vec<ItemAnswer>> {
        let location = reply.location.as_ref().filter(|url| is_same_phone(target, url))?;
        let path = &location[url::Position::BeforePath..url::Position::AfterQuery];
        let ask = Ask {
            scheme: if location.scheme() == "https" {
                Scheme::Https
            } else {
                Scheme::Http
            },
            path,
            login: true,
            form: None,
            limit,
            terms: &self.terms,
        };
        let result = Box::pin(self.wire.get(target, &ask, Urgency::Press)).await.ok()?;
        execute::parse_response(&result.body)
    }
}

/// What a URI is, without what it names: that may be a number that somebody dials.
fn scheme_of(url: &ExecuteUrl) -> String {
    url.as_str().split(':').next().unwrap_or_default().to_owned()
}

/// Whether nothing was sent because the phone takes no connection by this scheme.
fn is_closed(error: &Error) -> bool {
    !error.was_sent() && matches!(error.kind(), ErrorKind::Refused | ErrorKind::Handshake)
}

/// Whether the phone answered a request over http only by pointing to the same path over https.
fn is_moved_to_https(target: &Target, reply: &Reply) -> bool {
    matches!(reply.status, 301 | 302 | 307 | 308)
        && reply.url.scheme() == "http"
        && reply
            .location
            .as_ref()
            .is_some_and(|url| url.scheme() == "https" && url.path() == EXECUTE && is_same_phone(target, url))
}

fn read(reply: &Reply) -> Result<Vec<ItemAnswer>, Error> {
    execute::parse_response(&reply.body).ok_or_else(|| {
        reply.fail(if reply.is_page() {
            ErrorKind::Foreign
        } else {
            ErrorKind::Unreadable
        })
    })
}

fn invalid(error: &InvalidExecute) -> Error {
    Error::new(
        ErrorKind::InvalidRequest(error.clone()),
        format!("{error}; nothing was sent"),
        false,
    )
}
