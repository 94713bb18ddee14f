//! What each reading asks, and what of the answers is shown and kept.

use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use super::known::{Row, Seen};
use super::runs::Run;
use super::step::Reading;
use super::{Wizards, loads};
use crate::cucm::{PhoneDetail, Urgency as CucmUrgency};
use crate::diagnosis::checks::shown_url;
use crate::domain::address::PhoneNetworks;
use crate::domain::finding::CheckOutcome;
use crate::domain::ids::PhoneId;
use crate::domain::phone::RegistrationStatus;
use crate::inventory::{self, Subject};
use crate::phone::tftp::{self, Served};
use crate::phone::{ErrorKind, Journal, Phones, Target, Urgency};
use crate::security::{Diagnose, May};

/// Pictures of a series.
const SERIES: u32 = 20;
/// How long a series may take in all.
const SERIES_LIMIT: Duration = Duration::from_mins(2);
/// How long the TFTP server may take for its first block.
const TFTP_PATIENCE: Duration = Duration::from_secs(2);

/// A row for what could not be read.
pub(super) fn unread(title: &str, evidence: impl Into<String>) -> Row {
    Row::new(title, CheckOutcome::Skipped, evidence)
}

impl Wizards {
    /// Reads one thing; what fails is told in a row.
    pub(super) async fn read(&self, may: &May<Diagnose>, run: &Run, reading: Reading) -> Seen {
        match reading {
            Reading::ClusterTrust => return self.cluster_trust(run).await,
            Reading::Danger => return self.danger(run).await,
            Reading::Before => return self.snapshot(run, false).await,
            Reading::After => return self.snapshot(run, true).await,
            _ => {}
        }
        let mut seen = Seen::default();
        let phone = run.known.phone.as_ref().map_or(0, |phone| phone.id);
        let subject = match self.subject(phone).await {
            Ok(subject) => subject,
            Err(error) => {
                seen.row(unread("The phone", error.to_string()));
                return seen;
            }
        };
        match reading {
            Reading::Settings => settings(&subject, &mut seen).await,
            Reading::Urls => urls(&subject, &mut seen).await,
            Reading::Registration => {
                registration(&subject, &mut seen).await;
                last_known(&subject, &mut seen).await;
            }
            Reading::Back => registration(&subject, &mut seen).await,
            Reading::PhonePages => self.phone_pages(may, PhoneId(phone), &mut seen).await,
            Reading::Series => self.series(&subject, &mut seen).await,
            _ => tftp_server(run, &subject, &mut seen).await,
        }
        seen
    }

    async fn phone_pages(&self, may: &May<Diagnose>, phone: PhoneId, seen: &mut Seen) {
        let read = match self.parts.tools.inventory.read_facts(may, phone).await {
            Ok(read) => read,
            Err(error) => {
                seen.row(unread("The phone's own pages", error.to_string()));
                return;
            }
        };
        let facts = [
            ("trust-list", "What the messages say of the trust list"),
            ("trust-hash", "Hash of the trust list"),
            ("authentication-url", "Authentication URL as the phone has it"),
            ("firmware", "Load"),
        ];
        for (name, title) in facts {
            if let Some(fact) = read.facts.iter().find(|fact| fact.name == name) {
                let bad = fact.value == "update failed";
                let outcome = if bad {
                    CheckOutcome::Failed
                } else {
                    CheckOutcome::Passed
                };
                seen.row(Row::new(title, outcome, fact.value.clone()));
                seen.value(name, fact.value.clone());
            }
        }
        let messages: Vec<&str> = read
            .facts
            .iter()
            .filter(|fact| fact.name.starts_with("status-message-"))
            .map(|fact| fact.value.as_str())
            .collect();
        if !messages.is_empty() {
            let count = format!("The last {} status messages, the newest last.", messages.len());
            let mut row = Row::new("Status messages", CheckOutcome::Passed, count);
            for (index, message) in messages.iter().enumerate() {
                row = row.detail(format!("{}", index + 1), message);
            }
            seen.row(row);
        }
        for failed in read.unread {
            seen.row(unread(&format!("The phone's {}", failed.what), failed.evidence));
        }
    }

    async fn series(&self, subject: &Subject, seen: &mut Seen) {
        let target = match target(subject) {
            Ok(target) => target,
            Err(error) => {
                seen.row(unread("The series", error));
                return;
            }
        };
        // Examined, a picture that was cut short is not asked for once more: that is what is counted here.
        let until = Instant::now() + SERIES_LIMIT;
        let phones = self.parts.tools.phones.examined(until, &Journal::new());
        let mut series = Series::default();
        while series.asked < SERIES && Instant::now() < until {
            series.one(&phones, &target).await;
        }
        series.tell(seen);
    }
}

fn target(subject: &Subject) -> Result<Target, String> {
    let address = subject.phone.address.ok_or("No address is known for the phone.")?;
    subject
        .target_at(address)
        .map_err(|error: inventory::Error| error.to_string())
}

/// How the pictures of a series ended.
#[derive(Debug, Default)]
struct Series {
    asked: u32,
    pictures: u32,
    truncated: u32,
    undecodable: u32,
    error_3: u32,
    refused: u32,
    silent: u32,
    other: u32,
    slowest: Duration,
    proof: Vec<String>,
}

impl Series {
    async fn one(&mut self, phones: &Phones, target: &Target) {
        self.asked += 1;
        let begun = Instant::now();
        let shot = phones.screenshot(target, Urgency::Look).await;
        let took = begun.elapsed();
        self.slowest = self.slowest.max(took);
        let evidence = match shot {
            Ok(shot) => {
                // Decoding takes a processor for milliseconds.
                let decoded = tokio::task::spawn_blocking(move || shot.to_picture().map(drop)).await;
                match decoded {
                    Ok(Ok(())) => {
                        self.pictures += 1;
                        return;
                    }
                    Ok(Err(error)) => {
                        self.undecodable += 1;
                        error.evidence()
                    }
                    Err(_) => {
                        self.other += 1;
                        "could not be decoded here".to_owned()
                    }
                }
            }
            Err(error) => {
                *self.count_of(error.kind()) += 1;
                error.evidence()
            }
        };
        self.proof.push(format!("{evidence} ({} ms)", took.as_millis()));
    }

    fn count_of(&mut self, kind: &ErrorKind) -> &mut u32 {
        match kind {
            ErrorKind::Truncated => &mut self.truncated,
            ErrorKind::NoPicture | ErrorKind::Unreadable => &mut self.undecodable,
            ErrorKind::PhoneError(3) => &mut self.error_3,
            ErrorKind::PhoneError(_) | ErrorKind::Unauthorized | ErrorKind::Forbidden => &mut self.refused,
            ErrorKind::Silent | ErrorKind::Slow | ErrorKind::Unreachable | ErrorKind::Refused => &mut self.silent,
            _ => &mut self.other,
        }
    }

    fn tell(&self, seen: &mut Seen) {
        let all = self.pictures == self.asked;
        let sentence = format!(
            "{} of {} pictures came; the slowest answer took {} ms.",
            self.pictures,
            self.asked,
            self.slowest.as_millis()
        );
        let outcome = if all {
            CheckOutcome::Passed
        } else {
            CheckOutcome::Failed
        };
        seen.row(Row::new("Twenty pictures in a row", outcome, sentence));
        seen.value("asked", self.asked.to_string());
        seen.value("pictures", self.pictures.to_string());
        for (name, title, count) in [
            ("truncated", "Cut short", self.truncated),
            ("undecodable", "No picture", self.undecodable),
            ("error-3", "Error 3", self.error_3),
            ("refused", "Refused", self.refused),
            ("silent", "Too late, or no connection", self.silent),
            ("other", "Otherwise", self.other),
        ] {
            if count > 0 {
                seen.row(Row::new(
                    title,
                    CheckOutcome::Failed,
                    format!("{count} of {}", self.asked),
                ));
                seen.value(name, count.to_string());
            }
        }
        if let Some(row) = seen.rows.first_mut() {
            for (index, evidence) in self.proof.iter().enumerate().take(5) {
                *row = row.clone().detail(format!("Failure {}", index + 1), evidence);
            }
        }
    }
}

/// A switch of the vendor configuration in words: `webAccess` 0 enabled, 1 disabled; `settingsAccess` 1 enabled,
/// 0 disabled, 2 restricted (cucm-apis.md 1.7). None: not set.
fn level(key: &str, value: Option<&str>) -> Option<&'static str> {
    Some(match (key, value?.trim()) {
        (_, "") => return None,
        ("webAccess", "0") | ("settingsAccess", "1") => "Enabled",
        ("webAccess", "1") | ("settingsAccess", "0") => "Disabled",
        ("settingsAccess", _) => "Restricted",
        _ => "Read Only",
    })
}

fn vendor<'a>(config: &'a [(String, String)], key: &str) -> Option<&'a str> {
    config
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.as_str())
}

async fn settings(subject: &Subject, seen: &mut Seen) {
    let Some(name) = &subject.name else {
        seen.row(unread(
            "The phone's page in CUCM",
            "This phone is known only by its address.",
        ));
        return;
    };
    let detail = match subject.cucm.get_phone(name).await {
        Ok(detail) => detail,
        Err(error) => {
            seen.row(unread("The phone's page in CUCM", error.evidence()));
            return;
        }
    };
    seen.value("asked", "yes");
    seen.value("profile", detail.common_phone_profile.clone());
    seen.value("own-load", detail.load_information.clone());
    let profile = subject.cucm.common_phone_config(&detail.common_phone_profile).await;
    let profile = match profile {
        Ok(profile) => profile.vendor_config,
        Err(error) => {
            seen.row(unread("The common phone profile", error.evidence()));
            Vec::new()
        }
    };
    let enterprise = match subject.cucm.enterprise_phone_config().await {
        Ok(enterprise) => enterprise,
        Err(error) => {
            seen.row(unread("The enterprise phone configuration", error.evidence()));
            Vec::new()
        }
    };
    for (key, title, name) in [
        ("webAccess", "Web Access", "web-access"),
        ("settingsAccess", "Settings Access", "settings-access"),
    ] {
        let levels = [
            ("this phone", level(key, detail.vendor(key))),
            ("its profile", level(key, vendor(&profile, key))),
            ("the cluster", level(key, vendor(&enterprise, key))),
        ];
        let decides = levels
            .iter()
            .find_map(|(whose, level)| level.map(|level| (*whose, level)));
        let outcome = match decides {
            Some((_, "Enabled")) => CheckOutcome::Passed,
            Some(_) => CheckOutcome::Failed,
            None => CheckOutcome::Warning,
        };
        let sentence = match decides {
            Some((whose, level)) => format!("{level}, as set for {whose}."),
            None => "Set on no level: the phone's own default counts.".to_owned(),
        };
        let mut row = Row::new(title, outcome, sentence);
        for (whose, level) in levels {
            row = row.detail(whose, level.unwrap_or("not set"));
        }
        seen.row(row);
        seen.value(name, decides.map_or("", |(_, level)| level));
    }
    seen.row(load_row(&detail));
}

fn load_row(detail: &PhoneDetail) -> Row {
    let load = detail.load_information.trim();
    let sentence = if load.is_empty() {
        "None: the phone takes the Device Default.".to_owned()
    } else {
        format!("{load} is set on this phone.")
    };
    Row::new("Phone Load Name", CheckOutcome::Passed, sentence)
}

async fn urls(subject: &Subject, seen: &mut Seen) {
    match subject.cucm.enterprise_urls().await {
        Ok(urls) => {
            for (title, name, url) in [
                ("Secured Authentication URL", "secure-url", &urls.secure_authentication),
                ("URL Authentication", "plain-url", &urls.authentication),
            ] {
                let (outcome, sentence) = if url.is_empty() {
                    (CheckOutcome::Warning, "Empty.".to_owned())
                } else {
                    (CheckOutcome::Passed, shown_url(url))
                };
                seen.row(Row::new(title, outcome, sentence));
                seen.value(name, shown_url(url));
            }
            let in_force = [&urls.secure_authentication, &urls.authentication];
            if let Some(url) = in_force.into_iter().find(|url| !url.is_empty()) {
                seen.value("url", shown_url(url));
            }
        }
        Err(error) => seen.row(unread("Enterprise parameters", error.evidence())),
    }
    match subject.cucm.process_nodes().await {
        Ok(nodes) => {
            let names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
            let row = Row::new("Servers of the cluster", CheckOutcome::Passed, names.join(", "));
            seen.row(row);
        }
        Err(error) => seen.row(unread("Servers of the cluster", error.evidence())),
    }
    let Some(name) = &subject.name else { return };
    if let Ok(detail) = subject.cucm.get_phone(name).await {
        for (title, url) in [
            (
                "This phone's Secure Authentication URL",
                &detail.secure_authentication_url,
            ),
            ("This phone's Authentication Server", &detail.authentication_url),
        ] {
            if !url.is_empty() {
                seen.row(Row::new(title, CheckOutcome::Warning, shown_url(url)));
            }
        }
    }
}

async fn registration(subject: &Subject, seen: &mut Seen) {
    let Some(name) = &subject.name else {
        seen.row(unread("Registration", "This phone is known only by its address."));
        return;
    };
    let told = match subject
        .cucm
        .registrations(std::slice::from_ref(name), CucmUrgency::Person)
        .await
    {
        Ok(told) => told,
        Err(error) => {
            seen.row(unread("Registration", error.evidence()));
            return;
        }
    };
    let Some(phone) = told.get(name) else {
        let sentence = if told.is_complete() {
            "No server of the cluster knows it now."
        } else {
            "The servers that answered do not know it; others were silent."
        };
        seen.row(Row::new("Registration", CheckOutcome::Failed, sentence));
        seen.value("status", "unknown");
        return;
    };
    let registered = phone.status == RegistrationStatus::Registered;
    let outcome = if registered {
        CheckOutcome::Passed
    } else {
        CheckOutcome::Failed
    };
    let address = phone.address.map(|address| address.to_string()).unwrap_or_default();
    let sentence = match (registered, address.is_empty()) {
        (true, false) => format!("Registered with {} at {address}.", phone.node),
        (true, true) => format!("Registered with {}, without an address.", phone.node),
        (false, _) => format!("{}, reason {}.", phone.status, phone.status_reason),
    };
    seen.row(Row::new("Registration", outcome, sentence));
    if !phone.firmware.is_empty() {
        let outcome = match loads::of_number(phone.model.unwrap_or(0)) {
            Some(_) if !loads::is_past(&phone.firmware) => CheckOutcome::Warning,
            _ => CheckOutcome::Passed,
        };
        seen.row(Row::new("Active load", outcome, phone.firmware.clone()));
    }
    seen.value("status", phone.status.as_str());
    seen.value("address", address);
    seen.value("node", phone.node.clone());
    seen.value("load", phone.firmware.clone());
}

async fn last_known(subject: &Subject, seen: &mut Seen) {
    let Some(name) = &subject.name else { return };
    let title = "Last known to CUCM's database";
    match subject.cucm.registration_dynamic(name).await {
        Ok(Some(known)) => {
            let address = known.address.map(|address| address.to_string());
            let sentence = match &address {
                Some(address) => format!("{address}, {}, at {}.", known.status, known.node),
                None => format!("{}, without an address.", known.status),
            };
            seen.row(Row::new(title, CheckOutcome::Passed, sentence));
            seen.value("last-address", address.unwrap_or_default());
        }
        Ok(None) => seen.row(Row::new(title, CheckOutcome::Warning, "It was never seen.")),
        Err(error) => seen.row(unread(title, error.evidence())),
    }
}

async fn tftp_server(run: &Run, subject: &Subject, seen: &mut Seen) {
    let title = "The TFTP server";
    let (Some(bench), Some(old)) = (run.known.bench(), run.known.old()) else {
        seen.row(unread(title, "Its address or the model is not known yet."));
        return;
    };
    let networks = PhoneNetworks::parse(subject.cluster.phone_networks.iter().map(String::as_str)).unwrap_or_default();
    let server = SocketAddrV4::new(bench.tftp, tftp::PORT);
    let file = old.first_file;
    let (outcome, sentence, word) = match tftp::serves(server, file, &networks, TFTP_PATIENCE).await {
        Ok(Served::Yes(bytes)) => (
            CheckOutcome::Passed,
            format!("{} serves {file}; its first block has {bytes} bytes.", bench.tftp),
            "yes",
        ),
        Ok(Served::No(number, words)) => (
            CheckOutcome::Failed,
            format!("{} answers about {file} with error {number}: {words}", bench.tftp),
            "no",
        ),
        Ok(Served::Refused) => (
            CheckOutcome::Warning,
            format!("Nothing listens on UDP port {} of {}.", tftp::PORT, bench.tftp),
            "",
        ),
        Ok(Served::Silent) => (
            CheckOutcome::Warning,
            format!(
                "{} does not answer this server. On a bench of its own that is to be expected.",
                bench.tftp
            ),
            "",
        ),
        Ok(Served::Nonsense) => (
            CheckOutcome::Warning,
            format!("What answers at {} does not speak TFTP.", bench.tftp),
            "",
        ),
        Err(error) => (CheckOutcome::Skipped, format!("Not asked: {error}."), ""),
    };
    seen.row(Row::new(title, outcome, sentence));
    seen.value("served", word);
    seen.value("server", bench.tftp.to_string());
    seen.value("file", file);
}
