//! What can be wrong with a simulated phone.

use std::time::Duration;

use serde::Serialize;

/// One thing that is wrong with one phone. Several can hold at once; they are told apart by [`Fault::kind`].
///
/// Faults that are configuration ([`Fault::is_configuration`]) write it into CUCM and into the phone, whatever the phone
/// thinks of its trust list. From then on they are mended as in life: by a write through AXL that the phone takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Accepts connections and never answers.
    Silent,
    /// Connections to it time out: no packet is answered.
    Unreachable,
    /// Resets every connection at once. A listener shared by all phones cannot refuse; a reset before the first byte
    /// is as near as it gets.
    Refuses,
    /// The phone works and is registered, but its web server is off (RIS says `Httpd` No): `webAccess` 1 on the device.
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
    /// The trust list no longer fits the cluster: the https Authentication URL cannot be asked (error 4), and no change
    /// of the configuration is taken. Erasing the trust list with keys mends it.
    TrustListBroken,
    /// Settings access is restricted in CUCM: `settingsAccess` 2 on the device.
    SettingsLocked,
    /// A proxy answers in the phone's place: 403 with a `Via` header and a page of its own.
    ForeignPage,
    /// Every protected request is answered 401.
    Unauthorized,
    /// The phone has this Authentication URL of its own, in place of the cluster's: `authenticationUrl` of the device.
    AuthenticationUrl(String),
    /// The same with the URL of the third-party server (`Summary::third_party`).
    ThirdPartyUrl,
    /// It has no page that tells its screen in words: 404 for LineInfo, ModeInfo and CallInfo.
    NoWords,
    /// The same for LineInfo alone.
    NoLines,
    /// The same for ModeInfo alone.
    NoMenus,
    /// It has no statistics of its streams: 404.
    NoStreams,
    /// Pages work, `/CGI/` is forbidden: `webAccess` 2 on the device.
    ReadOnlyWeb,
    /// The phone is among no user's controlled devices.
    NotAssociated,
    /// It cannot read an answer of the Authentication URL that carries `X-` headers, as 69xx phones: error 4.
    ReplyUnreadable,
    /// Every other picture is spoilt so, beginning with the next.
    Intermittent(Glitch),
    /// Every answer takes this long.
    Slow(Duration),
    /// It runs this load, such as `SCCP45.8-3-1S`. From before 8-5-2, a newer one than that ends in "Auth Fail"; with
    /// the 8-5-2 load named on the device and a reset it is mended.
    OldLoad(String),
    /// It takes no connection for SSH, whatever its configuration says.
    SshOff,
    /// Its SSH knows another password than CUCM gave it.
    SshWrongPassword,
    /// Its SSH shows another host key, as after a replacement.
    SshOtherHostKey,
    /// Its shell carries out commands and does not come back to its prompt.
    SshStalls,
    /// Phone personalization is off: the phone takes no background image and no ring tone.
    PersonalizationOff,
}

/// What comes in place of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Glitch {
    /// The connection ends in the middle.
    Truncated,
    /// Bytes that are no picture.
    Garbage,
    /// `CiscoIPPhoneError` 3.
    Error,
    /// The picture, after [`Options::late`](super::Options::late).
    Late,
}

impl Fault {
    /// The fault's word, the same for every value it carries.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Unreachable => "unreachable",
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
            Self::NoLines => "no-lines",
            Self::NoMenus => "no-menus",
            Self::NoStreams => "no-streams",
            Self::ReadOnlyWeb => "read-only-web",
            Self::ThirdPartyUrl => "third-party-url",
            Self::NotAssociated => "not-associated",
            Self::ReplyUnreadable => "reply-unreadable",
            Self::Intermittent(_) => "intermittent",
            Self::Slow(_) => "slow",
            Self::OldLoad(_) => "old-load",
            Self::SshOff => "ssh-off",
            Self::SshWrongPassword => "ssh-wrong-password",
            Self::SshOtherHostKey => "ssh-other-host-key",
            Self::SshStalls => "ssh-stalls",
            Self::PersonalizationOff => "personalization-off",
        }
    }

    /// Whether it is nothing but configuration, in CUCM and in the phone.
    pub fn is_configuration(&self) -> bool {
        matches!(
            self,
            Self::WebAccessOff
                | Self::ReadOnlyWeb
                | Self::SettingsLocked
                | Self::AuthenticationUrl(_)
                | Self::ThirdPartyUrl
                | Self::NotAssociated
                | Self::OldLoad(_)
        )
    }
}

/// A word is no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such fault; see Fault::kind for the words")]
pub struct UnknownFault;

impl std::str::FromStr for Fault {
    type Err = UnknownFault;

    /// The word of [`Fault::kind`]; a value it carries follows after a colon: `error:4`, `wrong-name:SEP001122334455`,
    /// `slow:3000` (milliseconds), `intermittent:truncated`.
    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let (word, value) = text.split_once(':').unwrap_or((text, ""));
        let carried = || {
            Some(value.to_owned())
                .filter(|value| !value.is_empty())
                .ok_or(UnknownFault)
        };
        Ok(match word {
            "silent" => Self::Silent,
            "unreachable" => Self::Unreachable,
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
            "no-lines" => Self::NoLines,
            "no-menus" => Self::NoMenus,
            "no-streams" => Self::NoStreams,
            "read-only-web" => Self::ReadOnlyWeb,
            "third-party-url" => Self::ThirdPartyUrl,
            "not-associated" => Self::NotAssociated,
            "reply-unreadable" => Self::ReplyUnreadable,
            "intermittent" => Self::Intermittent(match value {
                "truncated" => Glitch::Truncated,
                "garbage" => Glitch::Garbage,
                "error" => Glitch::Error,
                "late" => Glitch::Late,
                _ => return Err(UnknownFault),
            }),
            "slow" => Self::Slow(Duration::from_millis(value.parse().map_err(|_| UnknownFault)?)),
            "old-load" => Self::OldLoad(carried()?),
            "ssh-off" => Self::SshOff,
            "ssh-wrong-password" => Self::SshWrongPassword,
            "ssh-other-host-key" => Self::SshOtherHostKey,
            "ssh-stalls" => Self::SshStalls,
            "personalization-off" => Self::PersonalizationOff,
            _ => return Err(UnknownFault),
        })
    }
}
