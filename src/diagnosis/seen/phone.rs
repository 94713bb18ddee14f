//! What the phone said, and how its address met us. One conversation at a time, as everywhere.
//!
//! The decisive questions come first: its device page, from a quick phone its network set-up while CUCM is asked about the
//! login, its picture, then the rest. A phone that is silent on the first page is asked nothing more, so that a dead one costs
//! seconds and not minutes. The control login goes to nothing that is not known to be a phone.

use std::future::Future;
use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::Seen;
use crate::domain::catalogue::Scheme;
use crate::domain::cause::Cause;
use crate::domain::finding::Port;
use crate::domain::screen::Picture;
use crate::phone::{
    CallInfo, DeviceInformation, Error, ErrorKind, Exchange, Journal, LineInfo, NetworkConfiguration, Phones, Probe,
    Shot, Target, Urgency,
};

/// How long RIS may keep the phone waiting; then the address of the inventory is tried.
const RIS_PATIENCE: Duration = Duration::from_secs(2);
/// How long a port may take to accept.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a page may take, others of ours in the queue included.
const PAGE: Duration = Duration::from_secs(3);
/// A phone whose first page takes less has time for another one before its picture.
const QUICK: Duration = Duration::from_secs(1);
/// Until when the picture may take its time, from the beginning of the diagnosis: the pages behind it need some too.
const PICTURE_UNTIL: Duration = Duration::from_millis(7_200);
/// Until when the phone is asked anything at all.
pub(in crate::diagnosis) const ASKED_UNTIL: Duration = Duration::from_millis(8_600);
/// States of a line that have to do with a call (phone-xml-api.md 1.8).
const IN_CALL: [&str; 4] = ["CONNECTED", "ONHOLD", "OFFHOOK", "RINGING"];

/// An answer and the exchanges behind it.
#[derive(Debug)]
struct Asked<T> {
    answer: Result<T, Error>,
    exchanges: Vec<Exchange>,
}

/// A picture, or why what came is none.
pub(in crate::diagnosis) type Decoded = Result<Arc<Picture>, (Cause, String)>;

/// The answers so far.
#[derive(Debug, Default)]
pub(in crate::diagnosis) struct PhoneSeen {
    address: OnceCell<Option<Ipv4Addr>>,
    ports: OnceCell<Option<Ports>>,
    device: OnceCell<Option<Asked<DeviceInformation>>>,
    shot: OnceCell<Option<Asked<Shot>>>,
    /// Why no picture was asked for.
    no_shot: OnceLock<String>,
    picture: OnceCell<Option<Decoded>>,
    network: OnceCell<Option<Asked<NetworkConfiguration>>>,
    configuration: OnceCell<Option<Asked<Option<NetworkConfiguration>>>>,
    messages: OnceCell<Option<Asked<Vec<String>>>>,
    lines: OnceCell<Option<Asked<Lines>>>,
}

/// Both ports, tried side by side.
#[derive(Debug)]
pub(in crate::diagnosis) struct Ports {
    http: Probe,
    https: Probe,
}

impl Ports {
    /// The one of a scheme.
    pub(in crate::diagnosis) fn of(&self, scheme: Scheme) -> &Probe {
        match scheme {
            Scheme::Http => &self.http,
            Scheme::Https => &self.https,
        }
    }

    /// Why nothing can be asked; none while one of them is open. A refusal says more than silence.
    fn closed(&self) -> Option<Error> {
        let (http, https) = (self.http.error()?, self.https.error()?);
        let only_https_refused = self.https.met == Port::Refused && self.http.met != Port::Refused;
        Some(if only_https_refused { https } else { http })
    }
}

/// What the phone tells of its lines.
#[derive(Debug, Default)]
pub(in crate::diagnosis) struct Lines {
    /// Lines and their state; none when the phone has no such page.
    pub(in crate::diagnosis) info: Option<LineInfo>,
    /// The number of the first line in a call, 1 being the first.
    pub(in crate::diagnosis) in_call: Option<u8>,
    /// That line's calls, where the phone tells them.
    pub(in crate::diagnosis) calls: Option<CallInfo>,
}

/// What answered in the phone's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) enum Stranger {
    /// Another phone, by its device name.
    Device(String),
    /// Surely no phone: why.
    Foreign(String),
    /// A page that no phone known here gives: what.
    Page(String),
}

impl Seen {
    /// Asks the phone everything that is asked in any case, in order.
    pub(in crate::diagnosis) async fn ask_phone(&self) {
        self.device().await;
        self.shot().await;
        self.network().await;
        self.configuration_page().await;
        self.messages().await;
        self.lines().await;
    }

    /// Takes the address of the inventory as it is, instead of asking RIS for a newer one.
    pub(in crate::diagnosis) fn trust_the_address(&self) {
        // An address that was found already is as good.
        let _ = self.phone.address.set(self.subject.phone.address);
    }

    /// The address to examine: RIS's, when RIS knows one now, else the inventory's.
    pub(in crate::diagnosis) async fn address(&self) -> Option<Ipv4Addr> {
        let asked = self.phone.address.get_or_init(|| async {
            let told = timeout(RIS_PATIENCE, self.registrations())
                .await
                .ok()
                .and_then(Result::ok);
            let name = self.subject.name.as_ref();
            let entry = told.zip(name).and_then(|(told, name)| told.get(name));
            entry.and_then(|entry| entry.address).or(self.subject.phone.address)
        });
        *asked.await
    }

    /// The phone to talk to; none without an address inside its cluster's networks.
    pub(in crate::diagnosis) async fn target(&self) -> Option<Target> {
        self.subject.target_at(self.address().await?).ok()
    }

    /// How both of its ports met us; none when there is nothing to connect to.
    pub(in crate::diagnosis) async fn ports(&self) -> Option<&Ports> {
        let asked = self.phone.ports.get_or_init(|| async {
            let target = self.target().await?;
            let phones = &self.tools.phones;
            let (http, https) = tokio::join!(
                phones.probe(&target, Scheme::Http, CONNECT),
                phones.probe(&target, Scheme::Https, CONNECT)
            );
            Some(Ports {
                http: http.ok()?,
                https: https.ok()?,
            })
        });
        asked.await.as_ref()
    }

    /// What it says of itself; none when it cannot be asked.
    pub(in crate::diagnosis) async fn device(&self) -> Option<Result<&DeviceInformation, Error>> {
        let asked = self.phone.device.get_or_init(|| async {
            if let Some(error) = self.ports().await?.closed() {
                return Some(Asked {
                    answer: Err(error),
                    exchanges: Vec::new(),
                });
            }
            let ask = async |phones: Phones, target: Target| phones.device_information(&target, Urgency::Look).await;
            self.asked(self.page_limit(), ask).await
        });
        told(asked.await.as_ref())
    }

    /// Why nothing more is asked of the phone after its first page; none when it goes on.
    pub(in crate::diagnosis) async fn obstacle(&self) -> Option<String> {
        let Some(address) = self.address().await else {
            return Some("no address of the phone is known".to_owned());
        };
        let Some(told) = self.device().await else {
            return Some(format!(
                "{address} is outside the cluster's phone networks; nothing is sent there"
            ));
        };
        match self.stranger().await {
            Some(Stranger::Device(name)) => return Some(format!("{name} answers at {address} in its place")),
            Some(Stranger::Foreign(_)) => return Some(format!("something that is no phone answers at {address}")),
            Some(Stranger::Page(_)) | None => {}
        }
        match told.err()?.kind() {
            ErrorKind::Unreachable
            | ErrorKind::Refused
            | ErrorKind::Handshake
            | ErrorKind::Silent
            | ErrorKind::Slow
            | ErrorKind::Truncated => Some("the phone did not answer the first page".to_owned()),
            ErrorKind::Queued => Some("our own queue in front of the phone did not move".to_owned()),
            _ => None,
        }
    }

    /// Who answers in the phone's place, as far as its first page tells.
    pub(in crate::diagnosis) async fn stranger(&self) -> Option<Stranger> {
        let error = match self.device().await? {
            Ok(device) => {
                let meant = self.subject.name.as_ref()?;
                let name = device_name(device)?;
                return (name != meant.as_str()).then_some(Stranger::Device(name));
            }
            Err(error) => error,
        };
        let exchanges = self.device_exchanges();
        let told = |name: &str| exchanges.iter().find_map(|exchange| exchange.header(name));
        if let Some(via) = told("Via") {
            return Some(Stranger::Foreign(format!("a proxy's header Via: {via}")));
        }
        if *error.kind() == ErrorKind::RedirectElsewhere {
            let to = told("Location").unwrap_or("another host");
            return Some(Stranger::Foreign(format!("a redirect to {to}, which is not followed")));
        }
        let last = exchanges.last()?;
        let page = last.first_text();
        if last.status == Some(407) {
            return Some(Stranger::Foreign(
                "a proxy that asks for a login of its own (HTTP 407)".to_owned(),
            ));
        }
        match error.kind() {
            ErrorKind::Forbidden | ErrorKind::Status(502..=504) if is_proxys(&page) => {
                Some(Stranger::Foreign(format!("a page of a proxy: {page}")))
            }
            ErrorKind::Foreign => Some(Stranger::Page(page)),
            _ => None,
        }
    }

    /// The first try for its picture, asked for once; none when it is not asked.
    pub(in crate::diagnosis) async fn shot(&self) -> Option<Result<&Shot, Error>> {
        let asked = self.phone.shot.get_or_init(|| async {
            // An unprotected page fills the time until CUCM says what it thinks of the login. It would take the time of a
            // slow phone's picture.
            self.device().await;
            if self.device_exchanges().iter().map(|one| one.took).sum::<Duration>() < QUICK {
                self.network().await;
            }
            if let Some(why) = self.shot_objection().await {
                let _ = self.phone.no_shot.set(why);
                return None;
            }
            let until = self.begun + PICTURE_UNTIL;
            let ask = async |phones: Phones, target: Target| phones.screenshot(&target, Urgency::Look).await;
            self.asked(until, ask).await
        });
        told(asked.await.as_ref())
    }

    /// That picture, decoded off the async threads.
    pub(in crate::diagnosis) async fn picture(&self) -> Option<&Decoded> {
        let asked = self.phone.picture.get_or_init(|| async {
            let shot = self.shot().await?.ok()?.clone();
            let decoded = tokio::task::spawn_blocking(move || shot.to_picture()).await.ok()?;
            Some(decoded.map(Arc::new).map_err(|error| (error.cause(), error.evidence())))
        });
        asked.await.as_ref()
    }

    /// Why no picture was asked for, once that was decided.
    pub(in crate::diagnosis) fn no_shot(&self) -> Option<&str> {
        self.phone.no_shot.get().map(String::as_str)
    }

    /// Why nothing that takes the control login is asked of the phone; none when it may be.
    async fn shot_objection(&self) -> Option<String> {
        if let Some(why) = self.obstacle().await {
            return Some(why);
        }
        if !self.is_surely_a_phone().await {
            return Some("what answers is not known to be the phone, and the login goes to nothing else".to_owned());
        }
        self.login_objection().await.map(str::to_owned)
    }

    /// Whether the phone meant answers, so that it may have the login: it says its name, or RIS has it at this address and
    /// what answers speaks as phones do.
    async fn is_surely_a_phone(&self) -> bool {
        let told = self.device().await;
        match (&told, &self.subject.name) {
            (None, _) => return false,
            (Some(Ok(_)), None) => return true,
            (Some(Ok(device)), Some(_)) if device_name(device).is_some() => return true,
            _ => {}
        }
        let is_phones = matches!(told, Some(Ok(_))) || self.device_exchanges().iter().any(bears_mark);
        is_phones && self.is_at_its_address().await
    }

    /// Whether RIS has the phone at the address that is examined.
    async fn is_at_its_address(&self) -> bool {
        let told = timeout(RIS_PATIENCE, self.registrations()).await.ok();
        let entry = told
            .and_then(Result::ok)
            .zip(self.subject.name.as_ref())
            .and_then(|(told, name)| told.get(name));
        let known = entry.and_then(|entry| entry.address);
        known.is_some() && known == self.address().await
    }

    /// Whether the phone accepted the control login, as far as the picture shows: only then another request with it is no
    /// further wrong try.
    pub(in crate::diagnosis) async fn is_let_in(&self) -> bool {
        match self.shot().await {
            None => false,
            Some(Ok(_)) => true,
            Some(Err(error)) if !error.was_sent() => true,
            Some(Err(error)) => matches!(
                error.kind(),
                ErrorKind::PhoneError(3)
                    | ErrorKind::Truncated
                    | ErrorKind::NoPicture
                    | ErrorKind::TooLong
                    | ErrorKind::Slow
            ),
        }
    }

    /// Whether the picture found no connection any more: then nothing else will.
    async fn is_lost(&self) -> bool {
        let Some(Err(error)) = self.shot().await else {
            return false;
        };
        matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::Refused)
    }

    /// Its network set-up with the Authentication URL it uses; none when it is not asked.
    pub(in crate::diagnosis) async fn network(&self) -> Option<Result<&NetworkConfiguration, Error>> {
        let asked = self.phone.network.get_or_init(|| async {
            if self.obstacle().await.is_some() {
                return None;
            }
            let ask = async |phones: Phones, target: Target| phones.network_configuration(&target, Urgency::Look).await;
            self.asked(self.page_limit(), ask).await
        });
        told(asked.await.as_ref())
    }

    /// The network set-up with its trust list: the first page where that shows one, else the HTML page of the models that
    /// have one. None when it is not asked or shows none.
    pub(in crate::diagnosis) async fn configuration_page(&self) -> Option<Result<&NetworkConfiguration, Error>> {
        match self.network().await? {
            Ok(network) if network.trust_list().is_none() => {}
            other => return Some(other),
        }
        let asked = self.phone.configuration.get_or_init(|| async {
            if self.is_lost().await {
                return None;
            }
            let ask = async |phones: Phones, target: Target| phones.configuration_page(&target, Urgency::Look).await;
            self.asked(self.page_limit(), ask).await
        });
        match told(asked.await.as_ref())? {
            Ok(page) => page.as_ref().map(Ok),
            Err(error) => Some(Err(error)),
        }
    }

    /// Its status messages, oldest first; none when it is not asked.
    pub(in crate::diagnosis) async fn messages(&self) -> Option<Result<&[String], Error>> {
        let asked = self.phone.messages.get_or_init(|| async {
            self.network().await.as_ref()?;
            if self.is_lost().await {
                return None;
            }
            self.configuration_page().await;
            let ask = async |phones: Phones, target: Target| phones.status_messages(&target, Urgency::Look).await;
            self.asked(self.page_limit(), ask).await
        });
        told(asked.await.as_ref()).map(|told| told.map(Vec::as_slice))
    }

    /// Its lines and the first call on them; none when it is not asked. These pages want the control login, so they are
    /// not asked for unless it was accepted for the picture.
    pub(in crate::diagnosis) async fn lines(&self) -> Option<Result<&Lines, Error>> {
        let asked = self.phone.lines.get_or_init(|| async {
            self.messages().await.as_ref()?;
            if !self.is_let_in().await {
                return None;
            }
            self.asked(self.page_limit(), lines).await
        });
        told(asked.await.as_ref())
    }

    /// Asks the phone one thing until then at the latest; none without a phone to ask.
    async fn asked<T, F, Fut>(&self, until: Instant, ask: F) -> Option<Asked<T>>
    where
        F: FnOnce(Phones, Target) -> Fut,
        Fut: Future<Output = Result<T, Error>>,
    {
        let target = self.target().await?;
        let journal = Journal::new();
        let answer = ask(self.tools.phones.examined(until, &journal), target).await;
        Some(Asked {
            answer,
            exchanges: journal.exchanges(),
        })
    }

    fn page_limit(&self) -> Instant {
        (Instant::now() + PAGE).min(self.begun + ASKED_UNTIL)
    }

    /// What was exchanged for the device page, once it was asked for.
    pub(in crate::diagnosis) fn device_exchanges(&self) -> &[Exchange] {
        exchanges(&self.phone.device)
    }

    /// What was exchanged for the picture.
    pub(in crate::diagnosis) fn shot_exchanges(&self) -> &[Exchange] {
        exchanges(&self.phone.shot)
    }

    /// How long the phone took for the picture, whatever came of it, once it was asked for.
    pub(in crate::diagnosis) fn shot_took(&self) -> Duration {
        self.shot_exchanges().iter().map(|exchange| exchange.took).sum()
    }

    /// What was exchanged for the network set-up.
    pub(in crate::diagnosis) fn network_exchanges(&self) -> &[Exchange] {
        exchanges(&self.phone.network)
    }

    /// What was exchanged for the page that shows the trust list.
    pub(in crate::diagnosis) fn configuration_exchanges(&self) -> &[Exchange] {
        let own = exchanges(&self.phone.configuration);
        if own.is_empty() { self.network_exchanges() } else { own }
    }

    /// What was exchanged for the status messages.
    pub(in crate::diagnosis) fn message_exchanges(&self) -> &[Exchange] {
        exchanges(&self.phone.messages)
    }

    /// What was exchanged for the lines.
    pub(in crate::diagnosis) fn line_exchanges(&self) -> &[Exchange] {
        exchanges(&self.phone.lines)
    }
}

async fn lines(phones: Phones, target: Target) -> Result<Lines, Error> {
    let info = phones.line_info(&target, Urgency::Look).await?;
    let in_call = info.as_ref().and_then(|info| {
        let lines = info
            .lines
            .iter()
            .filter(|line| line.line_type.is_none_or(|kind| kind == 9));
        let is_in_call = |state: &str| IN_CALL.iter().any(|word| state.eq_ignore_ascii_case(word));
        let mut numbered = (1..).zip(lines);
        numbered.find_map(|(number, line)| is_in_call(line.state.as_deref()?).then_some(number))
    });
    let calls = match in_call {
        Some(line) => phones.call_info(&target, line, Urgency::Look).await.ok().flatten(),
        None => None,
    };
    Ok(Lines { info, in_call, calls })
}

/// The device name by which a phone calls itself; by its hardware address when it prints no name.
pub(in crate::diagnosis) fn device_name(device: &DeviceInformation) -> Option<String> {
    let printed = device.host_name.as_deref().map(|name| name.trim().to_ascii_uppercase());
    let named = printed.filter(|name| !name.is_empty());
    named.or_else(|| device.mac.as_ref().map(|mac| format!("SEP{mac}")))
}

/// Whether an answer is one of a phone, by its server or its words.
fn bears_mark(exchange: &Exchange) -> bool {
    let server = exchange.header("Server").unwrap_or_default().to_ascii_lowercase();
    let page = exchange.first_text().to_ascii_lowercase();
    ["cisco", "allegro", "rompager"]
        .iter()
        .any(|mark| server.contains(mark))
        || ["ciscoipphone", "deviceinformation", "cisco"]
            .iter()
            .any(|mark| page.contains(mark))
}

/// Whether a page of refusal speaks as proxies and firewalls do.
fn is_proxys(page: &str) -> bool {
    let page = page.to_ascii_lowercase();
    let words = [
        "proxy",
        "squid",
        "access denied",
        "blocked",
        "firewall",
        "gateway",
        "denied",
    ];
    words.iter().any(|word| page.contains(word))
}

fn told<T>(asked: Option<&Asked<T>>) -> Option<Result<&T, Error>> {
    Some(asked?.answer.as_ref().map_err(Clone::clone))
}

fn exchanges<T>(asked: &OnceCell<Option<Asked<T>>>) -> &[Exchange] {
    let asked = asked.get().and_then(Option::as_ref);
    asked.map_or(&[], |asked| asked.exchanges.as_slice())
}
