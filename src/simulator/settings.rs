//! What CUCM holds to configure phones, and what of it holds for one phone.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// The name of the profile that almost every phone has.
pub(super) const STANDARD_PROFILE: &str = "Standard Common Phone Profile";
/// The profile of phones without an owner.
pub(super) const PUBLIC_PROFILE: &str = "Public Area Phones";
/// Every common phone profile.
pub(super) const PROFILES: [&str; 2] = [STANDARD_PROFILE, PUBLIC_PROFILE];

/// The URL fields of a device, in the order of AXL's schema: seven plain ones, then six secure ones.
pub(super) const URL_FIELDS: [&str; 13] = [
    "authenticationUrl",
    "directoryUrl",
    "idleUrl",
    "informationUrl",
    "messagesUrl",
    "proxyServerUrl",
    "servicesUrl",
    "secureAuthenticationUrl",
    "secureDirectoryUrl",
    "secureIdleUrl",
    "secureInformationUrl",
    "secureMessageUrl",
    "secureServicesUrl",
];

/// Secure Shell User and Password of every device that has SSH from the start.
pub(super) const SSH_LOGIN: (&str, &str) = ("phonessh", "Shell-4-All");

/// The product-specific settings (`vendorConfig`), in the order in which they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Vendor(Vec<(String, String)>);

impl Vendor {
    pub(super) fn of(pairs: &[(&str, &str)]) -> Self {
        pairs
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// Sets a value in its place, or as the last; none removes it.
    pub(super) fn set(&mut self, key: &str, value: Option<&str>) {
        let Some(value) = value else {
            self.0.retain(|(name, _)| name != key);
            return;
        };
        match self.0.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => value.clone_into(old),
            None => self.0.push((key.to_owned(), value.to_owned())),
        }
    }

    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

impl FromIterator<(String, String)> for Vendor {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// A device's own settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DeviceSettings {
    pub(super) vendor: Vendor,
    /// By the names of [`URL_FIELDS`]; empty ones are absent.
    pub(super) urls: BTreeMap<&'static str, String>,
    /// The load named on the device; empty for the model's default.
    pub(super) load: String,
    /// Secure Shell User; empty for none.
    pub(super) ssh_user: String,
    pub(super) ssh_password: String,
    /// Goes up with every change.
    pub(super) stamp: u32,
}

impl DeviceSettings {
    /// A URL field, empty when it is not set.
    pub(super) fn url(&self, field: &str) -> &str {
        self.urls.get(field).map_or("", String::as_str)
    }

    /// Sets a URL field; an empty value clears it. Fields that no device has are left out, as AXL does.
    pub(super) fn set_url(&mut self, field: &str, url: &str) {
        let Some(field) = URL_FIELDS.into_iter().find(|known| *known == field) else {
            return;
        };
        if url.is_empty() {
            self.urls.remove(field);
        } else {
            self.urls.insert(field, url.to_owned());
        }
    }

    /// CUCM's mark of this state; it differs after every change.
    pub(super) fn version_stamp(&self, pkid: &str) -> String {
        format!("{{{}-{}}}", 1_680_793_930 + self.stamp, pkid.to_ascii_uppercase())
    }

    /// As devices begin: every other one names web access itself.
    pub(super) fn at_first(serial: &str) -> Arc<Self> {
        static BOTH: LazyLock<[Arc<DeviceSettings>; 2]> = LazyLock::new(|| {
            let with = |vendor: &[(&str, &str)]| {
                Arc::new(DeviceSettings {
                    vendor: Vendor::of(vendor),
                    ssh_user: SSH_LOGIN.0.to_owned(),
                    ssh_password: SSH_LOGIN.1.to_owned(),
                    ..DeviceSettings::default()
                })
            };
            [
                with(&[("garp", "1"), ("recordingTone", "0"), ("g722CodecSupport", "0")]),
                with(&[
                    ("garp", "1"),
                    ("recordingTone", "0"),
                    ("webAccess", "0"),
                    ("g722CodecSupport", "0"),
                ]),
            ]
        });
        let names_it = serial.ends_with(['0', '2', '4', '6', '8']);
        Arc::clone(&BOTH[usize::from(names_it)])
    }
}

/// What the cluster gives every phone.
#[derive(Debug, Clone, Default)]
pub(super) struct ClusterSettings {
    /// The enterprise parameters.
    pub(super) parameters: BTreeMap<String, String>,
    /// The enterprise phone configuration.
    pub(super) enterprise: Vendor,
    /// Each common phone profile.
    pub(super) profiles: BTreeMap<&'static str, Vendor>,
}

impl ClusterSettings {
    /// Web access is on by the profile and not named by the enterprise. SSH is on for phones that have an owner.
    pub(super) fn new(parameters: BTreeMap<String, String>) -> Self {
        let profile = |name| {
            let mut vendor = Vendor::of(&[("webAccess", "0"), ("daysDisplayNotActive", "1,7")]);
            if name == STANDARD_PROFILE {
                vendor.set("sshAccess", Some("0"));
            }
            (name, vendor)
        };
        Self {
            parameters,
            enterprise: Vendor::of(&[("usbClasses", "0"), ("sshAccess", "1")]),
            profiles: PROFILES.map(profile).into(),
        }
    }
}

/// What a phone's web server gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WebAccess {
    On,
    /// The pages, but nothing under `/CGI/` that controls.
    ReadOnly,
    Off,
}

/// The configuration that a phone runs: what it last took.
#[derive(Debug, Clone, Default)]
pub(super) struct Configuration {
    pub(super) device: Arc<DeviceSettings>,
    pub(super) cluster: Arc<ClusterSettings>,
    pub(super) profile: &'static str,
}

impl Configuration {
    /// The first that names the key: device, common phone profile, enterprise.
    fn vendor(&self, key: &str) -> Option<&str> {
        let profile = self.cluster.profiles.get(self.profile);
        self.device
            .vendor
            .get(key)
            .or_else(|| profile?.get(key))
            .or_else(|| self.cluster.enterprise.get(key))
    }

    /// Off where nothing names it (Security By Default).
    pub(super) fn web(&self) -> WebAccess {
        match self.vendor("webAccess") {
            Some("0") => WebAccess::On,
            Some("2") => WebAccess::ReadOnly,
            _ => WebAccess::Off,
        }
    }

    /// Whether its console is on: off where nothing names it.
    pub(super) fn has_ssh(&self) -> bool {
        self.vendor("sshAccess") == Some("0")
    }

    /// Settings access in the phone's words.
    pub(super) fn settings_access(&self) -> &'static str {
        match self.vendor("settingsAccess") {
            Some("0") => "Disabled",
            Some("2") => "Restricted",
            _ => "Enabled",
        }
    }

    /// Whether the device names a URL of its own.
    pub(super) fn has_own_authentication_url(&self) -> bool {
        let named = |field| !self.device.url(field).is_empty();
        named("authenticationUrl") || named("secureAuthenticationUrl")
    }

    /// The first that is not empty: device secure, device plain, enterprise secure, enterprise plain. Phones too old
    /// for secure ones know only the plain.
    pub(super) fn authentication_url(&self, knows_secure: bool) -> &str {
        let parameter = |name: &str| self.cluster.parameters.get(name).map_or("", String::as_str);
        let all = [
            (self.device.url("secureAuthenticationUrl"), true),
            (self.device.url("authenticationUrl"), false),
            (parameter("SecureAuthenticationURL"), true),
            (parameter("URLAuthentication"), false),
        ];
        let mut known = all.into_iter().filter(|(_, secure)| knows_secure || !secure);
        known.find(|(url, _)| !url.is_empty()).map_or("", |(url, _)| url)
    }
}
