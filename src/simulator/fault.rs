//! What can be wrong with a simulated phone or with the simulated CUCM.

use std::time::Duration;

use serde::Serialize;

/// One thing that is wrong with one phone. Several can hold at once; they are told apart by [`Fault::kind`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Accepts connections and never answers.
    Silent,
    /// Resets every connection at once. A listener shared by all phones cannot refuse; a reset before the first byte
    /// is as near as it gets.
    Refuses,
    /// The phone works and is registered, but its web server is off (RIS says `Httpd` No).
    WebAccessOff,
    /// Another device answers at the address: its pages carry this device name.
    WrongName(String),
    /// Every protected request is answered with this `CiscoIPPhoneError` number, 0 to 9.
    Error(u8),
    /// The picture's connection ends in the middle.
    TruncatedPicture,
    /// The picture is whole but no picture.
    GarbagePicture,
    /// The answer to a picture request never ends.
    EndlessBody,
    /// The answer to a picture request is more than 4 MiB.
    HugeBody,
    /// The answer to a picture request begins, and then nothing more comes.
    StalledBody,
    /// Pictures are PNG of another size, whatever the model sends otherwise.
    OtherFormat,
    /// Every request is redirected to this URL.
    Redirect(String),
    /// Resets every connection and is not registered, as while it starts.
    Rebooting,
    /// Not registered, and without power: RIS has it as `UnRegistered`.
    NotRegistered,
    /// Registered, but RIS has no address for it.
    NoAddress,
    /// The trust list no longer fits the cluster: the https Authentication URL cannot be asked, error 4.
    TrustListBroken,
    /// Settings access is restricted in CUCM.
    SettingsLocked,
    /// A proxy answers in the phone's place: 403 with a `Via` header and a page of its own.
    ForeignPage,
    /// Every protected request is answered 401.
    Unauthorized,
    /// The phone has this Authentication URL of its own, in place of the cluster's.
    AuthenticationUrl(String),
    /// It has no page that tells its screen in words: 404 for LineInfo, ModeInfo and CallInfo.
    NoWords,
    /// Pages work, `/CGI/` is forbidden (web access "read only").
    ReadOnlyWeb,
}

impl Fault {
    /// The fault's word, the same for every value it carries.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Refuses => "refuses",
            Self::WebAccessOff => "web-access-off",
            Self::WrongName(_) => "wrong-name",
            Self::Error(_) => "error",
            Self::TruncatedPicture => "truncated-picture",
            Self::GarbagePicture => "garbage-picture",
            Self::EndlessBody => "endless-body",
            Self::HugeBody => "huge-body",
            Self::StalledBody => "stalled-body",
            Self::OtherFormat => "other-format",
            Self::Redirect(_) => "redirect",
            Self::Rebooting => "rebooting",
            Self::NotRegistered => "not-registered",
            Self::NoAddress => "no-address",
            Self::TrustListBroken => "trust-list-broken",
            Self::SettingsLocked => "settings-locked",
            Self::ForeignPage => "foreign-page",
            Self::Unauthorized => "unauthorized",
            Self::AuthenticationUrl(_) => "authentication-url",
            Self::NoWords => "no-words",
            Self::ReadOnlyWeb => "read-only-web",
        }
    }
}

/// A word is no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such fault; see Fault::kind for the words")]
pub struct UnknownFault;

impl std::str::FromStr for Fault {
    type Err = UnknownFault;

    /// The word of [`Fault::kind`]; a value it carries follows after a colon: `error:4`, `wrong-name:SEP001122334455`.
    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let (word, value) = text.split_once(':').unwrap_or((text, ""));
        let carried = || {
            Some(value.to_owned())
                .filter(|value| !value.is_empty())
                .ok_or(UnknownFault)
        };
        Ok(match word {
            "silent" => Self::Silent,
            "refuses" => Self::Refuses,
            "web-access-off" => Self::WebAccessOff,
            "wrong-name" => Self::WrongName(carried()?),
            "error" => Self::Error(value.parse().map_err(|_| UnknownFault)?),
            "truncated-picture" => Self::TruncatedPicture,
            "garbage-picture" => Self::GarbagePicture,
            "endless-body" => Self::EndlessBody,
            "huge-body" => Self::HugeBody,
            "stalled-body" => Self::StalledBody,
            "other-format" => Self::OtherFormat,
            "redirect" => Self::Redirect(carried()?),
            "rebooting" => Self::Rebooting,
            "not-registered" => Self::NotRegistered,
            "no-address" => Self::NoAddress,
            "trust-list-broken" => Self::TrustListBroken,
            "settings-locked" => Self::SettingsLocked,
            "foreign-page" => Self::ForeignPage,
            "unauthorized" => Self::Unauthorized,
            "authentication-url" => Self::AuthenticationUrl(carried()?),
            "no-words" => Self::NoWords,
            "read-only-web" => Self::ReadOnlyWeb,
            _ => return Err(UnknownFault),
        })
    }
}

/// A part of CUCM that can fail by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// `/axl/`.
    Axl,
    /// `/realtimeservice2/services/RISService70`.
    Ris,
    /// `/ccmcip/authenticate.jsp`, on http and https.
    Authenticate,
    /// `/cucm-uds/version`.
    Uds,
}

/// One thing that is wrong with the simulated CUCM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CucmFault {
    /// Every login is answered 401.
    LoginRejected,
    /// The login lacks the role: 403 on this service ([`Service::Axl`] or [`Service::Ris`]).
    Forbidden(Service),
    /// The next `times` AXL requests are answered 503, as when change notifications pile up.
    Throttled {
        /// How many.
        times: usize,
    },
    /// An AXL answer of more rows than this is the size fault instead.
    SizeLimit {
        /// The most rows that are answered.
        rows: usize,
    },
    /// The next `times` AXL answers break off in the middle.
    Truncated {
        /// How many.
        times: usize,
    },
    /// The schemas offered, in place of the options'; others get the 599 page. `12.x` stands for all of 12.
    Versions(Vec<String>),
    /// The service is down: 404 for AXL, RIS and UDS; no answer at all for the authenticate service.
    Down(Service),
    /// Answers of this service take this long.
    Slow(Service, Duration),
    /// One node of the cluster does not answer RIS (`NodeNotResponding`), by name.
    NodeNotResponding(String),
}
