//! Product-specific settings (`vendorConfig`) of a phone, and which level decides them.

use std::fmt;
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::Seen;
use crate::cucm::{Error, PhoneProfile, Service};

/// How long AXL may take for one of them.
const QUESTION: Duration = Duration::from_secs(4);
/// The profile of phones that name none.
const STANDARD: &str = "Standard Common Phone Profile";

/// The levels above the phone, asked once.
#[derive(Debug, Default)]
pub(in crate::diagnosis) struct SettingsSeen {
    profile: OnceCell<Result<PhoneProfile, Error>>,
    enterprise: OnceCell<Result<Vec<(String, String)>, Error>>,
}

/// Where a setting comes from, the strongest first (cucm-apis.md 1.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) enum Level {
    /// The phone's own page in CUCM.
    Device,
    /// This common phone profile.
    Profile(String),
    /// The enterprise phone configuration.
    Enterprise,
    /// Nothing names it.
    Default,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device => f.write_str("the phone's own page in CUCM"),
            Self::Profile(name) => write!(f, "the common phone profile {name}"),
            Self::Enterprise => f.write_str("the enterprise phone configuration"),
            Self::Default => f.write_str("CUCM's default, for nothing names it"),
        }
    }
}

/// One setting at every level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) struct Setting {
    /// Every level that names it, the strongest first.
    pub(in crate::diagnosis) named: Vec<(Level, String)>,
    /// Levels that could not be read and stand above none that names it.
    pub(in crate::diagnosis) unread: Option<String>,
}

impl Setting {
    /// The level that decides, and its value; none where the default does.
    pub(in crate::diagnosis) fn decided(&self) -> (Level, Option<&str>) {
        match self.named.first() {
            Some((level, value)) => (level.clone(), Some(value)),
            None => (Level::Default, None),
        }
    }

    /// Whether a weaker level says something else. A device's value holds only with its tick "Override", which AXL does
    /// not show (cucm-apis.md 1.9).
    pub(in crate::diagnosis) fn disputed(&self) -> Option<&(Level, String)> {
        let (_, first) = self.named.first()?;
        self.named[1..].iter().find(|(_, value)| value != first)
    }
}

impl Seen {
    /// One key of the vendor configuration at every level.
    ///
    /// # Errors
    /// When the phone's own configuration cannot be read.
    pub(in crate::diagnosis) async fn setting(&self, key: &str) -> Result<Setting, Error> {
        let detail = self.detail().await?;
        let (profile, enterprise) =
            tokio::join!(self.profile(&detail.common_phone_profile), self.enterprise_settings());
        let (mut named, mut unread) = (Vec::new(), None);
        let mut add = |level: Level, value: Option<&str>| {
            if let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) {
                named.push((level, value.to_owned()));
            }
        };
        add(Level::Device, detail.vendor(key));
        match profile {
            Ok(profile) => add(Level::Profile(profile.name.clone()), profile.vendor(key)),
            Err(error) => unread = Some(error.evidence()),
        }
        match enterprise {
            Ok(settings) => {
                let value = settings.iter().find(|(name, _)| name == key);
                add(Level::Enterprise, value.map(|(_, value)| value.as_str()));
            }
            Err(error) => unread = unread.or(Some(error.evidence())),
        }
        // A level that could not be read does not matter below one that names the key.
        if matches!(named.first(), Some((Level::Device, _))) {
            unread = None;
        }
        Ok(Setting { named, unread })
    }

    async fn profile(&self, name: &str) -> Result<&PhoneProfile, Error> {
        let name = Some(name.trim()).filter(|name| !name.is_empty()).unwrap_or(STANDARD);
        let asked = self.settings.profile.get_or_init(|| async {
            let asked = self.subject.cucm.common_phone_config(name);
            timeout(QUESTION, asked).await.unwrap_or(Err(timed_out()))
        });
        asked.await.as_ref().map_err(Clone::clone)
    }

    async fn enterprise_settings(&self) -> Result<&[(String, String)], Error> {
        let asked = self.settings.enterprise.get_or_init(|| async {
            let asked = self.subject.cucm.enterprise_phone_config();
            timeout(QUESTION, asked).await.unwrap_or(Err(timed_out()))
        });
        asked.await.as_deref().map_err(Clone::clone)
    }
}

fn timed_out() -> Error {
    Error::TimedOut { service: Service::Axl }
}
