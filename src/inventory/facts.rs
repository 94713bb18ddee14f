//! What a phone tells about itself: read on demand, kept with the time of reading.

use jiff::Timestamp;

use super::cluster::time;
use super::{Error, Inventory, Phone};
use crate::domain::cause::Cause;
use crate::domain::ids::PhoneId;
use crate::phone::{self, DeviceInformation, LineInfo, Neighbour, NetworkConfiguration, TrustWord, Urgency};
use crate::security::Viewer;
use crate::store::facts;
use crate::store::phones::{self, Told};
use crate::store::search;

/// The longest value that is kept, in characters; a phone's page is not trusted to be short.
const MAX_VALUE: usize = 500;
/// Status messages that are kept; phones list the last ten, the first being the oldest (phone-xml-api.md 7.2).
const MAX_MESSAGES: usize = 30;
/// The fact that holds the hash of a trust list.
const TRUST_HASH: &str = "trust-hash";
/// Lines that are kept.
const MAX_LINES: usize = 64;

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its name, such as `serial` or `status-message-01`.
    pub name: String,
    /// Its value as text.
    pub value: String,
    /// When the phone told it.
    pub read_at: Timestamp,
}

/// A page that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Which page, in words.
    pub what: &'static str,
    /// Why.
    pub cause: Cause,
    /// What was seen.
    pub evidence: String,
}

/// The facts of a phone after an attempt to read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsRead {
    /// All that is known, also from earlier readings.
    pub facts: Vec<Fact>,
    /// What could not be read now.
    pub unread: Vec<Unread>,
}

/// What is known of the trust lists of a cluster's phones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustHashes {
    /// The phone's hash as it was last read, and when.
    pub before: Option<(String, Timestamp)>,
    /// The hash that most other phones of the cluster have, and how many.
    pub common: Option<(String, u64)>,
}

/// Facts of one reading, by name.
#[derive(Debug, Default)]
struct Gathered(Vec<(String, String)>);

impl Gathered {
    fn add(&mut self, name: impl Into<String>, value: impl AsRef<str>) {
        let value: String = value.as_ref().trim().chars().take(MAX_VALUE).collect();
        let name = name.into();
        if !value.is_empty() && !self.0.iter().any(|(known, _)| *known == name) {
            self.0.push((name, value));
        }
    }

    fn maybe(&mut self, name: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }
}

impl Inventory {
    /// What is known of a phone from itself.
    pub async fn facts(&self, viewer: &Viewer, id: PhoneId) -> Result<Vec<Fact>, Error> {
        self.phone(viewer, id).await?;
        self.kept_facts(id).await
    }

    /// Reads what the phone tells about itself and keeps it. Pages that fail are told beside what is known.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`], and why the phone cannot be asked at all.
    pub async fn read_facts(&self, viewer: &Viewer, id: PhoneId) -> Result<FactsRead, Error> {
        let phone = self.phone(viewer, id).await?;
        let target = self.address_target(&phone).await?;
        let phones = &self.inner.phones;
        let (mut unread, mut gathered, mut told) = (Vec::new(), Gathered::default(), Told::default());
        let device = phones.device_information(&target, Urgency::Look).await;
        // A phone that cannot be reached will not be reached by the next page either.
        let reachable = device.as_ref().map_or_else(phone::Error::was_sent, |_| true);
        if let Some(info) = keep(device, "device information", &mut unread) {
            device_facts(&info, &mut gathered, &mut told);
        }
        if reachable {
            let network = phones.network_configuration(&target, Urgency::Look).await;
            if let Some(network) = keep(network, "network configuration", &mut unread) {
                network_facts(&network, &mut gathered);
            }
            let configuration = phones.configuration_page(&target, Urgency::Look).await;
            if let Some(page) = keep(configuration, "configuration page", &mut unread).flatten()
                && let Some(phone::TrustList::Hash(hash)) = page.trust_list()
            {
                gathered.add("trust-hash", hash);
            }
            let neighbour = phones.neighbour(&target, Urgency::Look).await;
            if let Some(neighbour) = keep(neighbour, "switch port", &mut unread).flatten() {
                neighbour_facts(&neighbour, &mut gathered, &mut told);
            }
            let messages = phones.status_messages(&target, Urgency::Look).await;
            if let Some(messages) = keep(messages, "status messages", &mut unread) {
                message_facts(&messages, &mut gathered);
            }
            let lines = phones.line_info(&target, Urgency::Look).await;
            if let Some(lines) = keep(lines, "line information", &mut unread).flatten() {
                line_facts(&lines, &mut gathered);
            }
        }
        self.keep_facts(&phone, &gathered, &told).await?;
        Ok(FactsRead {
            facts: self.kept_facts(id).await?,
            unread,
        })
    }

    /// Keeps the hash of a phone's trust list, and tells what it was before and what the cluster's other phones have.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`].
    pub async fn learn_trust_hash(&self, id: PhoneId, hash: &str) -> Result<TrustHashes, Error> {
        let phone = phones::without_lines(self.store(), id)
            .await?
            .ok_or(Error::UnknownPhone)?;
        let before = facts::of_name(self.store(), id, TRUST_HASH).await?;
        let common = facts::most_common(self.store(), phone.cluster_id, TRUST_HASH, id).await?;
        let learned = facts::Fact {
            name: TRUST_HASH.to_owned(),
            value: hash.chars().take(MAX_VALUE).collect(),
            read_at: self.now_ms(),
        };
        let mut tx = self.store().begin().await?;
        facts::keep(&mut tx, id, &[learned]).await?;
        tx.commit().await?;
        Ok(TrustHashes {
            before: before.map(|fact| (fact.value, time(fact.read_at))),
            common: common.map(|(hash, phones)| (hash, u64::try_from(phones).unwrap_or_default())),
        })
    }

    async fn kept_facts(&self, id: PhoneId) -> Result<Vec<Fact>, Error> {
        let kept = facts::of_phone(self.store(), id).await?;
        Ok(kept
            .into_iter()
            .map(|fact| Fact {
                name: fact.name,
                value: fact.value,
                read_at: time(fact.read_at),
            })
            .collect())
    }

    async fn keep_facts(&self, phone: &Phone, gathered: &Gathered, told: &Told) -> Result<(), Error> {
        if gathered.0.is_empty() {
            return Ok(());
        }
        let now = self.now_ms();
        let rows: Vec<facts::Fact> = gathered
            .0
            .iter()
            .map(|(name, value)| facts::Fact {
                name: name.clone(),
                value: value.clone(),
                read_at: now,
            })
            .collect();
        let mut tx = self.store().begin().await?;
        // Lists may have become shorter.
        for prefix in ["status-message-", "line-", "tftp-", "dns-", "cucm-"] {
            if gathered.0.iter().any(|(name, _)| name.starts_with(prefix)) {
                facts::forget(&mut tx, phone.id, prefix).await?;
            }
        }
        facts::keep(&mut tx, phone.id, &rows).await?;
        let _changing = self.inner.known.changing([phone.id]);
        if phones::set_told(&mut tx, phone.id, told, now).await? {
            search::index(&mut tx, &[phone.id]).await?;
        }
        Ok(tx.commit().await?)
    }
}

fn keep<T>(read: Result<T, phone::Error>, what: &'static str, unread: &mut Vec<Unread>) -> Option<T> {
    match read {
        Ok(page) => Some(page),
        Err(error) => {
            unread.push(Unread {
                what,
                cause: error.cause(),
                evidence: error.evidence(),
            });
            None
        }
    }
}

fn device_facts(info: &DeviceInformation, gathered: &mut Gathered, told: &mut Told) {
    for (name, value) in [
        ("device-name", &info.host_name),
        ("mac", &info.mac),
        ("serial", &info.serial_number),
        ("model", &info.model),
        ("firmware", &info.app_load),
        ("firmware-version", &info.version),
        ("boot-load", &info.boot_load),
        ("hardware-revision", &info.hardware_revision),
        ("directory-number", &info.directory_number),
    ] {
        gathered.maybe(name, value.as_ref());
    }
    told.serial.clone_from(&info.serial_number);
    told.firmware.clone_from(&info.app_load);
}

fn network_facts(network: &NetworkConfiguration, gathered: &mut Gathered) {
    for (name, value) in [
        ("address", &network.address),
        ("mask", &network.mask),
        ("router", &network.router),
        ("domain", &network.domain),
        ("vlan", &network.vlan),
        ("web-access", &network.web_access),
        ("secure-authentication-url", &network.secure_authentication_url),
        ("plain-authentication-url", &network.authentication_url),
    ] {
        gathered.maybe(name, value.as_ref());
    }
    // The phone takes the secure URL first (cucm-apis.md 3).
    let urls = [&network.secure_authentication_url, &network.authentication_url];
    if let Some(url) = urls.into_iter().flatten().find(|url| !url.trim().is_empty()) {
        gathered.add("authentication-url", url);
    }
    for (prefix, servers) in [("tftp", &network.tftp_servers), ("dns", &network.dns_servers)] {
        for (index, server) in servers.iter().enumerate() {
            gathered.add(format!("{prefix}-{}", index + 1), server);
        }
    }
    for (index, node) in network.call_managers.iter().enumerate() {
        gathered.add(format!("cucm-{}", index + 1), format!("{} {}", node.host, node.state));
    }
}

fn neighbour_facts(neighbour: &Neighbour, gathered: &mut Gathered, told: &mut Told) {
    gathered.add("switch", &neighbour.device);
    gathered.maybe("switch-address", neighbour.address.as_ref());
    gathered.maybe("switch-port", neighbour.port.as_ref());
    told.switch_name = Some(neighbour.device.clone()).filter(|name| !name.is_empty());
    told.switch_port.clone_from(&neighbour.port);
}

fn message_facts(messages: &[String], gathered: &mut Gathered) {
    let newest = messages.len().saturating_sub(MAX_MESSAGES);
    for (index, message) in messages[newest..].iter().enumerate() {
        gathered.add(format!("status-message-{:02}", index + 1), message);
    }
    if let Some(word) = trust_list(messages) {
        gathered.add("trust-list", word);
    }
}

/// What the last message about trust lists says. A phone without such a message may
/// have a trust list all the same.
fn trust_list(messages: &[String]) -> Option<&'static str> {
    let word = messages.iter().rev().find_map(|message| TrustWord::of(message))?;
    Some(match word {
        TrustWord::Failed => "update failed",
        TrustWord::Absent => "none installed",
        TrustWord::Erased => "erased",
        TrustWord::Installed => "installed",
    })
}

fn line_facts(info: &LineInfo, gathered: &mut Gathered) {
    for (index, line) in info.lines.iter().take(MAX_LINES).enumerate() {
        let parts = [&line.directory_number, &line.label, &line.state];
        let words: Vec<&str> = parts.into_iter().flatten().map(|part| part.trim()).collect();
        gathered.add(format!("line-{:02}", index + 1), words.join(" "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_on_the_trust_list_counts() {
        let said = |messages: &[&str]| trust_list(&messages.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
        assert_eq!(said(&["11:39:03am 10/09/18 ITL installed"]), Some("installed"));
        assert_eq!(
            said(&[
                "ITL installed",
                "Trust List update failed, verification failure",
                "DHCP timeout"
            ]),
            Some("update failed")
        );
        assert_eq!(
            said(&["Trust List update failed", "Trust List updated"]),
            Some("installed")
        );
        assert_eq!(said(&["ITL installed", "Erasing CTL and ITL files"]), Some("erased"));
        assert_eq!(said(&["No Trust List installed"]), Some("none installed"));
        assert_eq!(said(&["File Not Found <CTLFile.tlv>"]), None);
    }

    #[test]
    fn the_secure_authentication_url_is_the_one_in_use() {
        let mut gathered = Gathered::default();
        let network = NetworkConfiguration {
            authentication_url: Some("http://cucm:8080/ccmcip/authenticate.jsp".to_owned()),
            secure_authentication_url: Some("https://cucm:8443/ccmcip/authenticate.jsp".to_owned()),
            ..NetworkConfiguration::default()
        };
        network_facts(&network, &mut gathered);
        let used = gathered.0.iter().find(|(name, _)| name == "authentication-url");
        assert_eq!(used.map(|(_, url)| &url[..6]), Some("https:"));
    }
}
