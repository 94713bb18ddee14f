//! Web access, configured and observed.

use crate::diagnosis::seen::{Level, Seen, Setting};
use crate::domain::catalogue::Scheme;
use crate::domain::cause::Cause;
use crate::domain::finding::{Access, CheckId, Finding, Port, Sign};
use crate::domain::phone::WebServer;
use crate::phone::ErrorKind;

const CHECK: CheckId = CheckId::WebAccess;
/// The key of the vendor configuration: 0 enabled, 1 disabled, 2 read only (cucm-apis.md 1.7).
pub(super) const KEY: &str = "webAccess";
/// What the setting is, for people who think of the way to the web.
const MEANING: &str = "Web Access (the phone's own web server)";

/// What the phone itself shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Observed {
    /// Pages and control.
    Full,
    /// Pages, but no control.
    ReadOnly,
    /// Pages; control was not tried, or did not tell.
    Pages,
    /// Its ports refuse, or RIS says that the server is off while nothing answers.
    Off,
    /// Neither.
    Unknown,
}

pub(super) async fn access(seen: &Seen) -> Finding {
    let observed = observed(seen).await;
    let told = httpd(seen).await;
    let setting = seen.setting(KEY).await;
    let finding = match &setting {
        Ok(setting) => compared(setting, observed, told),
        Err(error) => alone(observed, &error.evidence()),
    };
    let finding = match &setting {
        Ok(setting) => levels(finding, setting),
        Err(_) => finding,
    };
    let told = match told {
        WebServer::Yes => "on",
        WebServer::No => "off",
        WebServer::Unknown => "not told",
    };
    let finding = finding
        .detail("RIS (Httpd)", told)
        .detail("Observed", in_words(observed));
    match observed {
        Observed::Full => finding.excludes(&[Cause::WebAccessDisabled, Cause::WebAccessReadOnly]),
        Observed::Pages | Observed::ReadOnly => finding.excludes(&[Cause::WebAccessDisabled]),
        Observed::Off | Observed::Unknown => finding,
    }
}

/// What `webAccess` means; none for a value that is not known.
pub(super) fn meaning(setting: &Setting) -> Option<Access> {
    match setting.decided() {
        (_, Some("0")) => Some(Access::Enabled),
        (_, Some("1")) => Some(Access::Disabled),
        (_, Some("2")) => Some(Access::Restricted),
        (_, Some(_)) => None,
        // Off since CUCM 8 where nothing names it (Security By Default); not to be told while a level is unread.
        (_, None) => setting.unread.is_none().then_some(Access::Disabled),
    }
}

fn word(access: Access) -> &'static str {
    match access {
        Access::Enabled => "Enabled",
        Access::Restricted => "Read Only",
        Access::Disabled => "Disabled",
    }
}

fn compared(setting: &Setting, observed: Observed, told: WebServer) -> Finding {
    let (level, value) = setting.decided();
    let Some(access) = meaning(setting) else {
        let why = match (&setting.unread, value) {
            (Some(why), None) => why.clone(),
            (_, value) => format!(
                "{level} gives it the value {}, which is not known",
                value.unwrap_or("none")
            ),
        };
        return alone(observed, &why);
    };
    let (configured, seen_as) = (word(access), in_words(observed));
    let words = format!("{MEANING} is {configured} by {level}; {seen_as}");
    let late = "the phone has not taken the configuration, or was not restarted since";
    let finding = match (access, observed) {
        (Access::Enabled, Observed::Full | Observed::Pages | Observed::Unknown) => Finding::passed(CHECK, words),
        (Access::Enabled, Observed::Off) => {
            let by_ris = if told == WebServer::No {
                " RIS says that it is off:"
            } else {
                ""
            };
            Finding::failed(CHECK, format!("{words}.{by_ris} {late}"))
        }
        (Access::Restricted, Observed::Full)
        | (Access::Disabled, Observed::Full | Observed::Pages | Observed::ReadOnly) => {
            Finding::warning(CHECK, format!("{words}: {late}, or another level holds"))
        }
        (Access::Enabled, Observed::ReadOnly) | (Access::Restricted | Access::Disabled, _) => {
            Finding::failed(CHECK, words)
        }
    };
    finding.sign(Sign::WebAccessConfigured(access))
}

/// Without CUCM's word.
fn alone(observed: Observed, why: &str) -> Finding {
    let words = format!(
        "{}; how {MEANING} is set in CUCM is not known: {why}",
        in_words(observed)
    );
    match observed {
        Observed::Full | Observed::Pages => Finding::passed(CHECK, words),
        Observed::ReadOnly | Observed::Off => Finding::failed(CHECK, words),
        Observed::Unknown => Finding::skipped(CHECK, words),
    }
}

/// What each level says, and that a device's value needs its tick.
fn levels(mut finding: Finding, setting: &Setting) -> Finding {
    for (level, value) in &setting.named {
        finding = finding.detail(KEY, format!("{value} ({level})"));
    }
    let (level, _) = setting.decided();
    if let Some((other, value)) = setting.disputed().filter(|_| level == Level::Device) {
        let note = format!(
            "{other} says {value}. The phone's own value holds only while \"Override\" is ticked beside it, which CUCM does not \
             tell programs"
        );
        finding = finding.detail("Override", note);
    }
    finding
}

async fn httpd(seen: &Seen) -> WebServer {
    let told = seen.registrations().await.ok();
    let entry = told
        .zip(seen.subject.name.as_ref())
        .and_then(|(told, name)| told.get(name));
    entry.map_or(WebServer::Unknown, |entry| entry.httpd)
}

async fn observed(seen: &Seen) -> Observed {
    let Some(device) = seen.device().await else {
        return Observed::Unknown;
    };
    if seen.stranger().await.is_some() {
        return Observed::Unknown;
    }
    let Err(error) = device else { return served(seen).await };
    let both_refuse = match seen.ports().await {
        Some(ports) => [Scheme::Http, Scheme::Https]
            .iter()
            .all(|scheme| ports.of(*scheme).met == Port::Refused),
        None => false,
    };
    let is_refused = both_refuse || *error.kind() == ErrorKind::Refused;
    if is_refused || (!matches!(error.kind(), ErrorKind::Queued) && httpd(seen).await == WebServer::No) {
        return Observed::Off;
    }
    Observed::Unknown
}

/// Whether control is served where the pages are.
async fn served(seen: &Seen) -> Observed {
    match seen.shot().await {
        Some(Ok(_)) => Observed::Full,
        Some(Err(error)) => match error.kind() {
            ErrorKind::Forbidden => Observed::ReadOnly,
            ErrorKind::ScreenshotUnsupported if error.was_sent() => Observed::ReadOnly,
            ErrorKind::PhoneError(_)
            | ErrorKind::Unauthorized
            | ErrorKind::Truncated
            | ErrorKind::Slow
            | ErrorKind::NoPicture
            | ErrorKind::TooLong => Observed::Full,
            _ => Observed::Pages,
        },
        None => Observed::Pages,
    }
}

fn in_words(observed: Observed) -> &'static str {
    match observed {
        Observed::Full => "the phone serves its pages and takes requests for control",
        Observed::ReadOnly => "the phone serves its pages but nothing that controls it, as a read-only web server does",
        Observed::Pages => "the phone serves its pages",
        Observed::Off => "the phone's web server does not answer, as when it is switched off",
        Observed::Unknown => "the phone showed neither that its web server is on nor that it is off",
    }
}
