//! Whether the phone has what CUCM has for it. A phone whose trust list is broken stays registered and takes no change.

use super::settings;
use crate::diagnosis::checks::url::shown;
use crate::diagnosis::checks::{proof, web};
use crate::diagnosis::seen::{Seen, is_same};
use crate::domain::catalogue::Scheme;
use crate::domain::finding::{Access, CheckId, CheckOutcome, Finding, Port, Sign};
use crate::domain::phone::{RegistrationStatus, WebServer};
use crate::phone::NetworkConfiguration;

const CHECK: CheckId = CheckId::ConfigurationTaken;
/// The labels under which phones print their settings access, folded.
const SETTINGS_ACCESS: &str = "settingsaccess";
/// What the firmware is called.
const LOAD: &str = "load";

/// One thing that CUCM and the phone both tell.
struct Compared {
    what: &'static str,
    cucm: String,
    phone: String,
    same: bool,
}

pub(in crate::diagnosis::checks) async fn configuration(seen: &Seen) -> Finding {
    if let Err(error) = seen.detail().await {
        return Finding::skipped(
            CHECK,
            format!("CUCM does not tell what it has for the phone: {}", error.evidence()),
        );
    }
    let compared: Vec<Compared> = [
        authentication_url(seen).await,
        web_access(seen).await,
        settings_access(seen).await,
        load(seen).await,
    ]
    .into_iter()
    .flatten()
    .collect();
    let finding = judged(&compared);
    let finding = match stamps(seen).await {
        Some((known, now)) if known != now => finding.detail(
            "Configuration version",
            format!("{known} when the phone registered, {now} now (a doubtful sign: CUCM may lag)"),
        ),
        Some((known, _)) => finding.detail("Configuration version", format!("{known}, as in CUCM")),
        None => finding,
    };
    proof::with(finding, seen, seen.network_exchanges())
}

fn judged(compared: &[Compared]) -> Finding {
    let different: Vec<&Compared> = compared.iter().filter(|one| !one.same).collect();
    let finding = if compared.is_empty() {
        Finding::skipped(CHECK, "the phone tells nothing that could be compared with CUCM")
    } else if different.is_empty() {
        let what: Vec<&str> = compared.iter().map(|one| one.what).collect();
        Finding::passed(
            CHECK,
            format!("the phone has what CUCM has for it: {}", what.join(", ")),
        )
        .sign(Sign::ConfigurationTaken)
    } else {
        let what: Vec<String> = different
            .iter()
            .map(|one| format!("{} ({} in CUCM, {} on the phone)", one.what, one.cucm, one.phone))
            .collect();
        let words = format!(
            "the phone does not have what CUCM has for it: {}. It was not restarted since the change, or it refuses its \
             configuration",
            what.join(", ")
        );
        // A load alone may be refused for reasons of its own ("Auth Fail", phone-xml-api.md 8).
        let refused: Vec<&&Compared> = different.iter().filter(|one| one.what != LOAD).collect();
        let outcome = if refused.is_empty() {
            CheckOutcome::Warning
        } else {
            CheckOutcome::Failed
        };
        refused
            .iter()
            .fold(Finding::new(CHECK, outcome, words), |finding, one| {
                finding.sign(Sign::ConfigurationNotTaken(one.what.to_owned()))
            })
    };
    compared.iter().fold(finding, |finding, one| {
        finding.detail(one.what, format!("CUCM: {} · phone: {}", one.cucm, one.phone))
    })
}

async fn authentication_url(seen: &Seen) -> Option<Compared> {
    let urls = seen.urls().await.ok()?;
    let same = urls.is_taken()?;
    let reported = urls.reported.as_ref()?;
    let known = urls
        .configured
        .iter()
        .find(|url| reported.iter().any(|told| is_same(told, &url.text)));
    let cucm = known
        .or(urls.configured.first())
        .map_or("none", |url| url.text.as_str());
    Some(Compared {
        what: "Authentication URL",
        cucm: shown(cucm),
        phone: shown(reported.first()?),
        same,
    })
}

/// By the phone's own word, else by whether its web server is on at all while it is registered.
async fn web_access(seen: &Seen) -> Option<Compared> {
    let setting = seen.setting(web::KEY).await.ok()?;
    let wanted = web::meaning(&setting)?;
    let shown = match seen.network().await {
        Some(Ok(page)) => page.web_access.as_deref().and_then(access),
        Some(Err(_)) => None,
        None => off(seen).await.then_some(Access::Disabled),
    }?;
    // A device's own value holds only with a tick that AXL does not show: then the weaker level may be in force.
    if wanted != shown && setting.disputed().is_some() {
        return None;
    }
    Some(Compared {
        what: "Web Access",
        cucm: in_words(wanted).to_owned(),
        phone: in_words(shown).to_owned(),
        same: wanted == shown,
    })
}

/// Whether RIS has the phone as registered with its web server off, and its ports bear that out.
async fn off(seen: &Seen) -> bool {
    let told = seen.registrations().await.ok().zip(seen.subject.name.as_ref());
    let Some(entry) = told.and_then(|(told, name)| told.get(name)) else {
        return false;
    };
    if entry.status != RegistrationStatus::Registered || entry.httpd != WebServer::No {
        return false;
    }
    let Some(ports) = seen.ports().await else { return false };
    let is_served = matches!(seen.device().await, Some(Ok(_)));
    let any_silent = [Scheme::Http, Scheme::Https]
        .iter()
        .any(|scheme| ports.of(*scheme).met == Port::Silent);
    !is_served && !any_silent
}

async fn settings_access(seen: &Seen) -> Option<Compared> {
    let setting = seen.setting(settings::KEY).await.ok()?;
    let wanted = settings::meaning(&setting)?;
    let page: &NetworkConfiguration = seen.network().await?.ok()?;
    let (_, printed) = page.fields.iter().find(|(label, _)| folded(label) == SETTINGS_ACCESS)?;
    let shown = access(printed)?;
    if wanted != shown && setting.disputed().is_some() {
        return None;
    }
    Some(Compared {
        what: "Settings Access",
        cucm: in_words(wanted).to_owned(),
        phone: in_words(shown).to_owned(),
        same: wanted == shown,
    })
}

/// The load named on the phone's page in CUCM; the default load of its model is not known here.
async fn load(seen: &Seen) -> Option<Compared> {
    let wanted = seen.detail().await.ok()?.load_information.trim();
    if wanted.is_empty() {
        return None;
    }
    let device = seen.device().await?.ok()?;
    let runs = device.app_load.as_deref().or(device.version.as_deref())?;
    Some(Compared {
        what: LOAD,
        cucm: wanted.to_owned(),
        phone: runs.to_owned(),
        same: plain_load(wanted) == plain_load(runs),
    })
}

/// The version that the phone had when it registered, and the one of now.
async fn stamps(seen: &Seen) -> Option<(String, String)> {
    let now = seen.detail().await.ok()?.version_stamp.trim();
    let known = seen.last_known().await.ok()??.config_version.trim();
    (!now.is_empty() && !known.is_empty()).then(|| (known.to_owned(), now.to_owned()))
}

/// A load without the ending of its file, in one case.
fn plain_load(load: &str) -> String {
    let load = load.trim().to_ascii_lowercase();
    load.strip_suffix(".loads").unwrap_or(&load).to_owned()
}

fn folded(label: &str) -> String {
    let letters = label.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// A phone's English word for a switch; none for what cannot be told, such as other languages and bare numbers.
fn access(printed: &str) -> Option<Access> {
    match folded(printed).as_str() {
        "enabled" | "yes" => Some(Access::Enabled),
        "disabled" | "no" => Some(Access::Disabled),
        "readonly" | "restricted" => Some(Access::Restricted),
        _ => None,
    }
}

fn in_words(access: Access) -> &'static str {
    match access {
        Access::Enabled => "Enabled",
        Access::Restricted => "Restricted",
        Access::Disabled => "Disabled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(what: &'static str, same: bool) -> Compared {
        Compared {
            what,
            cucm: "new".to_owned(),
            phone: "old".to_owned(),
            same,
        }
    }

    #[test]
    fn what_differs_is_named() {
        let finding = judged(&[compared("Web Access", false), compared(LOAD, true)]);
        assert_eq!(finding.outcome, CheckOutcome::Failed);
        assert_eq!(finding.signs, [Sign::ConfigurationNotTaken("Web Access".to_owned())]);
        assert!(finding.evidence.contains("Web Access (new in CUCM, old on the phone)"));
        assert_eq!(judged(&[compared(LOAD, true)]).signs, [Sign::ConfigurationTaken]);
        let load = judged(&[compared(LOAD, false), compared("Web Access", true)]);
        assert_eq!((load.outcome, load.signs), (CheckOutcome::Warning, vec![]));
        assert_eq!(judged(&[]).outcome, CheckOutcome::Skipped);
    }

    #[test]
    fn loads_and_words_are_compared_as_they_are_meant() {
        assert_eq!(plain_load("SIP88xx.12-8-1.loads"), plain_load(" sip88xx.12-8-1"));
        assert_eq!(access("Read Only"), Some(Access::Restricted));
        assert_eq!(access(" Enabled"), Some(Access::Enabled));
        assert_eq!(access("Activé"), None);
        assert_eq!(access("1"), None);
    }
}
