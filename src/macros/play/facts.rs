//! Facts that a macro reads, and what its branches ask.

use futures_util::future::BoxFuture;

use super::ending::Ending;
use super::look::{Menu, trouble};
use super::player::{Done, Player};
use super::types::Way;
use crate::domain::catalogue::Model;
use crate::domain::script::{Condition, FactName};
use crate::phone::{self, NetworkConfiguration, TrustList, Urgency};

/// The longest fact, in characters.
const LONGEST: usize = 500;
/// Languages by the first word of CUCM's user locales (`English_United_States`).
const LANGUAGES: [(&str, &str); 24] = [
    ("english", "en"),
    ("german", "de"),
    ("french", "fr"),
    ("spanish", "es"),
    ("italian", "it"),
    ("dutch", "nl"),
    ("portuguese", "pt"),
    ("danish", "da"),
    ("swedish", "sv"),
    ("norwegian", "no"),
    ("finnish", "fi"),
    ("polish", "pl"),
    ("czech", "cs"),
    ("slovak", "sk"),
    ("hungarian", "hu"),
    ("romanian", "ro"),
    ("bulgarian", "bg"),
    ("greek", "el"),
    ("russian", "ru"),
    ("turkish", "tr"),
    ("japanese", "ja"),
    ("korean", "ko"),
    ("chinese", "zh"),
    ("arabic", "ar"),
];

impl Player<'_> {
    /// Reads a fact into its name.
    pub(super) async fn fetch(&mut self, fact: FactName, name: &str) -> Result<Done, Ending> {
        if self.hands.way() == Way::Ssh {
            self.values.insert(name.to_owned(), String::new());
            return Ok(Done::saw("unknown: the phone's web server does not answer"));
        }
        let value = self.read(fact).await?;
        let value: String = value.chars().take(LONGEST).collect();
        self.values.insert(name.to_owned(), value.clone());
        Ok(Done::saw(if value.is_empty() { "unknown".to_owned() } else { value }))
    }

    async fn read(&self, fact: FactName) -> Result<String, Ending> {
        if fact == FactName::TrustList {
            return Ok(match self.trust_list().await {
                Some(TrustList::Hash(hash)) => hash,
                Some(TrustList::Absent) => "none".to_owned(),
                None => String::new(),
            });
        }
        let target = self.target().await.map_err(|trouble| self.lost(&trouble))?;
        let phones = &self.shared.parts.phones;
        let lost = |error| self.lost(&trouble(&error));
        match fact {
            FactName::Firmware => {
                let device = phones.device_information(&target, Urgency::Look).await.map_err(lost)?;
                Ok(device.app_load.or(device.version).unwrap_or_default())
            }
            FactName::Serial => {
                let device = phones.device_information(&target, Urgency::Look).await.map_err(lost)?;
                Ok(device.serial_number.unwrap_or_default())
            }
            FactName::Switch => {
                let neighbour = phones.neighbour(&target, Urgency::Look).await.map_err(lost)?;
                let words = |neighbour: phone::Neighbour| {
                    let port = neighbour.port.map(|port| format!(" {port}")).unwrap_or_default();
                    format!("{}{port}", neighbour.device)
                };
                Ok(neighbour.map(words).unwrap_or_default())
            }
            FactName::Network => {
                let network = phones
                    .network_configuration(&target, Urgency::Look)
                    .await
                    .map_err(lost)?;
                Ok(network_words(&network))
            }
            FactName::Menu | FactName::TrustList => {
                let menu = self.menu().await.map_err(|trouble| self.lost(&trouble))?;
                Ok(menu.map(|menu| menu_words(&menu)).unwrap_or_default())
            }
        }
    }

    /// Whether a condition holds now.
    pub(super) fn holds<'a>(&'a mut self, condition: &'a Condition) -> BoxFuture<'a, Result<bool, Ending>> {
        Box::pin(async move {
            match condition {
                Condition::Family(families) => Ok(families.contains(&self.model.family.id)),
                Condition::Model(models) => Ok(models.iter().any(|name| is_model(self.model, name))),
                Condition::Firmware(range) => range
                    .holds(&self.load)
                    .ok_or_else(|| Ending::failed(format!("The load {:?} does not tell its version", self.load))),
                Condition::Locale(languages) => {
                    let language = self.language().await?;
                    Ok(languages.iter().any(|wanted| {
                        let wanted = wanted.to_lowercase();
                        wanted.split(['-', '_']).next() == Some(language.as_str())
                    }))
                }
                Condition::Seen(seen) => {
                    let wanted = self.wanted(seen)?;
                    self.is_seen_now(&wanted).await
                }
                Condition::Not(inner) => Ok(!self.holds(inner).await?),
            }
        })
    }

    /// The language of the phone's texts, as its page tells the user locale that CUCM gave it.
    async fn language(&self) -> Result<String, Ending> {
        let target = self.target().await.map_err(|trouble| self.lost(&trouble))?;
        let page = self
            .shared
            .parts
            .phones
            .network_configuration(&target, Urgency::Look)
            .await;
        let page = page.map_err(|error| self.lost(&trouble(&error)))?;
        let is_locale = |label: &str| {
            let folded: String = label.chars().filter(|c| c.is_alphanumeric()).collect();
            folded.eq_ignore_ascii_case("userlocale")
        };
        let locale = page.fields.iter().find(|(label, _)| is_locale(label));
        let locale = locale.map(|(_, value)| value.to_lowercase());
        let locale = locale.ok_or_else(|| Ending::failed("The phone's page does not tell its locale"))?;
        let found = LANGUAGES.iter().find(|(name, _)| locale.starts_with(name));
        Ok(found.map_or(locale.clone(), |(_, code)| (*code).to_owned()))
    }
}

/// Whether a model has this name, with or without the maker's.
pub(super) fn is_model(model: &Model, name: &str) -> bool {
    let bare = model.name.strip_prefix("Cisco ").unwrap_or(&model.name);
    bare.eq_ignore_ascii_case(name.trim()) || model.name.eq_ignore_ascii_case(name.trim())
}

fn network_words(network: &NetworkConfiguration) -> String {
    let one = [
        ("address", &network.address),
        ("mask", &network.mask),
        ("router", &network.router),
        ("VLAN", &network.vlan),
        ("domain", &network.domain),
    ];
    let lists = [("DNS", &network.dns_servers), ("TFTP", &network.tftp_servers)];
    let one = one
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name} {value}")));
    let lists = lists
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| format!("{name} {}", values.join(" ")));
    one.chain(lists).collect::<Vec<_>>().join(", ")
}

fn menu_words(menu: &Menu) -> String {
    let rows = menu.rows.iter().map(|(name, value)| {
        if value.is_empty() {
            name.clone()
        } else {
            format!("{name}: {value}")
        }
    });
    rows.collect::<Vec<_>>().join("; ")
}
