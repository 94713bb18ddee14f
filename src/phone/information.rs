//! Asking for the information pages: X forms first, then the family's HTML pages.

use super::error::{Error, ErrorKind};
use super::journal::Terms;
use super::pages::{
    CallInfo, DeviceInformation, LineInfo, ModeInfo, Neighbour, NetworkConfiguration, Streams, parse_status_messages,
    parse_stream,
};
use super::target::{Target, Urgency};
use super::wire::{Ask, Reply, Wire, other};
use crate::domain::catalogue::{Control, Information, Scheme};

/// One kind of page and where families have it (phone-xml-api.md 1.1).
struct Page {
    classic: &'static [&'static str],
    java: &'static [&'static str],
    fixed: &'static [&'static str],
    /// DX phones hang their adapters on the start page; other families without pages are asked for the X form.
    none: &'static [&'static str],
}

const DEVICE: Page = Page {
    classic: &["/DeviceInformationX", "/DeviceInformation", "/"],
    java: &[
        "/DeviceInformationX",
        "/CGI/Java/Serviceability?adapter=device.statistics.device",
        "/",
    ],
    fixed: &["/DeviceInformationX", "/Device_Information.html", "/"],
    none: &["/DeviceInformationX", "/"],
};

const NETWORK: Page = Page {
    classic: &["/NetworkConfigurationX", "/NetworkConfiguration"],
    java: &[
        "/NetworkConfigurationX",
        "/CGI/Java/Serviceability?adapter=device.statistics.configuration",
    ],
    fixed: &["/NetworkConfigurationX", "/Network_Setup.html"],
    none: &["/NetworkConfigurationX", "/?adapter=device.statistics.configuration"],
};

const PORT: Page = Page {
    classic: &["/PortInformationX?1", "/PortInformationX?2", "/PortInformation?1"],
    java: &[
        "/CGI/Java/Serviceability?adapter=device.statistics.port.network",
        "/PortInformationX?1",
        "/PortInformation?1",
    ],
    fixed: &["/Network.html", "/PortInformationX?1"],
    none: &["/PortInformationX?1", "/?adapter=device.statistics.port.network"],
};

const STATUS: Page = Page {
    classic: &["/DeviceLogX?2", "/DeviceLog?2"],
    java: &[
        "/CGI/Java/Serviceability?adapter=device.settings.status.messages",
        "/DeviceLogX?2",
    ],
    fixed: &["/Status_Messages.html"],
    none: &["/DeviceLogX?2"],
};

/// The network set-up page on which the Java generation also shows its trust list (phone-xml-api.md 7.2).
const CONFIGURATION: &str = "/CGI/Java/Serviceability?adapter=device.statistics.configuration";
const LINES: [&str; 2] = ["/CGI/Java/LineInfo", "/CGI/LineInfo"];
/// The family whose `CallInfo` overflows.
const NEVER_CALLS: &str = "8821";
const MODE: [&str; 2] = ["/CGI/Java/ModeInfo", "/CGI/ModeInfo"];

/// The most streams that any program asks a phone for (phone-xml-api.md 1.1).
const MOST_STREAMS: u8 = 5;

/// Where families have the statistics of a stream; the first is 1, and 0 in adapters.
fn stream_paths(information: Information, number: u8) -> Vec<String> {
    let form = format!("/StreamingStatisticsX?{number}");
    match information {
        Information::Java => {
            let adapter = number - 1;
            vec![
                form,
                format!("/CGI/Java/Serviceability?adapter=device.statistics.streaming.{adapter}"),
            ]
        }
        Information::Static => vec![form, format!("/Stream{number}.html")],
        Information::Classic => vec![form, format!("/StreamingStatistics?{number}")],
        Information::None => vec![form],
    }
}

impl Page {
    fn paths(&self, information: Information) -> &'static [&'static str] {
        match information {
            Information::Classic => self.classic,
            Information::Java => self.java,
            Information::Static => self.fixed,
            Information::None => self.none,
        }
    }
}

/// One reader of pages for one phone.
pub(super) struct Reader<'a> {
    pub(super) wire: &'a Wire,
    pub(super) target: &'a Target,
    pub(super) terms: &'a Terms,
    pub(super) urgency: Urgency,
}

/// The scheme by which the phone's last picture came, else that of its family's pictures.
pub(super) fn usual_scheme(target: &Target) -> Scheme {
    let remembered = target.screenshot_route.as_ref();
    remembered
        .or_else(|| target.model.family.screenshot.first())
        .map_or(Scheme::Http, |way| way.scheme)
}

impl Reader<'_> {
    pub(super) async fn device(&self) -> Result<DeviceInformation, Error> {
        self.first(DEVICE.paths(self.pages()?), DeviceInformation::parse).await
    }

    pub(super) async fn network(&self) -> Result<NetworkConfiguration, Error> {
        self.first(NETWORK.paths(self.pages()?), NetworkConfiguration::parse)
            .await
    }

    /// The network set-up as its HTML page shows it; none for models without that page.
    pub(super) async fn configuration(&self) -> Result<Option<NetworkConfiguration>, Error> {
        if self.pages()? != Information::Java {
            return Ok(None);
        }
        let found = self.first(&[CONFIGURATION], NetworkConfiguration::parse).await;
        absent(found, &[ErrorKind::NotFound, ErrorKind::Unreadable, ErrorKind::Foreign])
    }

    /// A page without a neighbour is the answer of a phone that knows none.
    pub(super) async fn neighbour(&self) -> Result<Option<Neighbour>, Error> {
        let found = self.first(PORT.paths(self.pages()?), Neighbour::parse).await;
        absent(found, &[ErrorKind::Unreadable, ErrorKind::Foreign])
    }

    pub(super) async fn status(&self) -> Result<Vec<String>, Error> {
        self.first(STATUS.paths(self.pages()?), parse_status_messages).await
    }

    /// The streams one after the other, until the phone has no further one. None when the first cannot be read, or any is in
    /// words that are not known.
    pub(super) async fn streams(&self) -> Result<Option<Streams>, Error> {
        let information = self.pages()?;
        for number in 1..=MOST_STREAMS {
            let paths = stream_paths(information, number);
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            let found = self.first(&paths, parse_stream).await;
            let missing = [
                ErrorKind::NotFound,
                ErrorKind::Unauthorized,
                ErrorKind::Forbidden,
                ErrorKind::Foreign,
            ];
            match absent(found, &missing) {
                Ok(Some(true)) => return Ok(Some(Streams::Active(number))),
                Ok(Some(false)) => {}
                Ok(None) if number > 1 => break,
                Ok(None) => return Ok(None),
                Err(error) if *error.kind() == ErrorKind::Unreadable => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(Some(Streams::Idle))
    }

    pub(super) async fn lines(&self) -> Result<Option<LineInfo>, Error> {
        self.inner(LINES.map(str::to_owned), LineInfo::parse).await
    }

    pub(super) async fn mode(&self) -> Result<Option<ModeInfo>, Error> {
        self.inner(MODE.map(str::to_owned), ModeInfo::parse).await
    }

    /// An 8821 with an older load breaks down over this page, so that none is ever asked (phone-xml-api.md trap 32).
    pub(super) async fn calls(&self, line: u8) -> Result<Option<CallInfo>, Error> {
        if self.target.model.family.id == NEVER_CALLS {
            return Ok(None);
        }
        let paths = [format!("/CGI/Java/CallInfo{line}"), "/CGI/CallInfo".to_owned()];
        self.inner(paths, CallInfo::parse).await
    }

    fn pages(&self) -> Result<Information, Error> {
        let family = self.target.model.family;
        match (family.control, family.information) {
            (Control::None, Information::None) => Err(self.without_control()),
            (_, information) => Ok(information),
        }
    }

    fn without_control(&self) -> Error {
        let evidence = format!("{}; nothing was sent", self.target.model.name);
        Error::new(ErrorKind::ModelWithoutControl, evidence, false)
    }

    /// The first page that can be read. Pages that are missing, protected (some 79xx answer 401 to an index that does
    /// not exist) or of another kind make way for the next; the last such failure is told when none is left.
    async fn first<T>(&self, paths: &[&str], parse: fn(&[u8]) -> Option<T>) -> Result<T, Error> {
        let mut scheme = usual_scheme(self.target);
        let mut failed = None;
        for path in paths {
            let reply = self.fetch(&mut scheme, path, false).await;
            let error = match reply {
                Ok(reply) => match parse(&reply.body) {
                    Some(page) => return Ok(page),
                    None => reply.fail(if reply.is_page() {
                        ErrorKind::Foreign
                    } else {
                        ErrorKind::Unreadable
                    }),
                },
                Err(error) => error,
            };
            match error.kind() {
                ErrorKind::NotFound
                | ErrorKind::Unauthorized
                | ErrorKind::Forbidden
                | ErrorKind::Foreign
                | ErrorKind::Unreadable
                | ErrorKind::PhoneError(_)
                | ErrorKind::Status(_) => {}
                _ => return Err(error),
            }
            failed = Some(error);
        }
        Err(failed.unwrap_or_else(|| self.without_control()))
    }

    /// A protected page under either of its paths; none when the phone has neither, or refuses both.
    async fn inner<T>(&self, paths: [String; 2], parse: fn(&[u8]) -> Option<T>) -> Result<Option<T>, Error> {
        if self.target.model.family.control == Control::None {
            return Err(self.without_control());
        }
        let mut scheme = usual_scheme(self.target);
        for path in &paths {
            let reply = self.fetch(&mut scheme, path, true).await;
            if let Some(reply) = absent(reply, &[ErrorKind::NotFound, ErrorKind::Unauthorized])? {
                return parse(&reply.body)
                    .map(Some)
                    .ok_or_else(|| reply.fail(ErrorKind::Unreadable));
            }
        }
        Ok(None)
    }

    /// One page, by the other scheme when the phone takes no connection on this one.
    async fn fetch(&self, scheme: &mut Scheme, path: &str, login: bool) -> Result<Reply, Error> {
        let ask = |scheme| Ask {
            scheme,
            path,
            login,
            form: None,
            limit: self.wire.settings.read_timeout,
            terms: self.terms,
        };
        let first = self.wire.get(self.target, &ask(*scheme), self.urgency).await;
        match first {
            Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Handshake) => {
                let second = self.wire.get(self.target, &ask(other(*scheme)), self.urgency).await;
                match second {
                    Err(second) if matches!(second.kind(), ErrorKind::Refused | ErrorKind::Handshake) => Err(error),
                    second => {
                        *scheme = other(*scheme);
                        second
                    }
                }
            }
            first => first,
        }
    }
}

/// Failures of these kinds say that there is nothing.
fn absent<T>(result: Result<T, Error>, kinds: &[ErrorKind]) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if kinds.contains(error.kind()) => Ok(None),
        Err(error) => Err(error),
    }
}
