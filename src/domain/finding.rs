//! What a diagnosis sees and what follows from it: checks, findings, signs, the verdict.
//!
//! A check looks at one thing and tells one [`Finding`]: how it ended, the proof in words, and the [`Sign`]s it saw. Signs
//! are small facts that mean the same whoever saw them; the verdict is a pure function of findings and reads nothing else.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::cause::Cause;

macro_rules! checks {
    ($($variant:ident, $area:ident, $code:literal, $title:literal;)+) => {
        /// One check of a diagnosis, in the order in which people read them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum CheckId {
            $(#[doc = $title] $variant,)+
        }

        impl CheckId {
            /// Every check.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in the API.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What is checked, in words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// Where it belongs.
            pub fn area(self) -> Area {
                match self { $(Self::$variant => Area::$area,)+ }
            }
        }
    };
}

checks! {
    CucmAddress, Cucm, "cucm-address", "CUCM's name and port";
    CucmTls, Cucm, "cucm-tls", "CUCM's certificate";
    CucmLogin, Cucm, "cucm-login", "CUCM login, AXL service and version";
    CucmRis, Cucm, "cucm-ris", "Registration service (RIS) and its quota";
    AuthenticateHttps, Cucm, "authenticate-https", "Authenticate service over https";
    AuthenticateHttp, Cucm, "authenticate-http", "Authenticate service over http";
    PhoneKnown, Enrolment, "phone-known", "The phone in CUCM's configuration";
    PhoneModel, Enrolment, "phone-model", "Whether this model can be controlled";
    PhoneRegistered, Enrolment, "phone-registered", "Registration";
    PhoneAddress, Enrolment, "phone-address", "The phone's address";
    TcpHttp, Network, "tcp-http", "The phone's port for http";
    TcpHttps, Network, "tcp-https", "The phone's port for https";
    Identity, Network, "identity", "Who answers at the address";
    WebAccess, Web, "web-access", "Web access, configured and observed";
    ControlLogin, Login, "control-login", "The control login";
    ControlledDevice, Login, "controlled-device", "The phone among the controlled devices";
    LoginRoles, Login, "login-roles", "Roles of the control login";
    UrlInForce, Url, "url-in-force", "The Authentication URL in force";
    UrlHost, Url, "url-host", "The host of the Authentication URL";
    UrlAnswer, Url, "url-answer", "What the Authentication URL answers";
    StatusMessages, Trust, "status-messages", "The phone's status messages";
    TrustHash, Trust, "trust-hash", "The phone's trust list";
    ConfigurationTaken, Trust, "configuration-taken", "Whether the phone takes its configuration";
    SettingsAccess, Trust, "settings-access", "Settings access";
    Screenshot, Answer, "screenshot", "The phone's picture";
    Series, Answer, "series", "Twenty pictures in a row";
    AnswerTimes, Pace, "answer-times", "Answer times and our own queue";
    InCall, Pace, "in-call", "A call in progress";
}

/// A group of checks, in the order in which control of a phone works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// CUCM itself.
    Cucm,
    /// The phone as CUCM has it.
    Enrolment,
    /// The way from this server to the phone.
    Network,
    /// The phone's web server.
    Web,
    /// Whom the phone is asked to obey.
    Login,
    /// Whom the phone asks.
    Url,
    /// Whom the phone trusts.
    Trust,
    /// What the phone answers.
    Answer,
    /// How fast.
    Pace,
}

impl Area {
    /// Every area.
    pub const ALL: [Self; 9] = [
        Self::Cucm,
        Self::Enrolment,
        Self::Network,
        Self::Web,
        Self::Login,
        Self::Url,
        Self::Trust,
        Self::Answer,
        Self::Pace,
    ];

    /// What it is called on pages.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cucm => "CUCM",
            Self::Enrolment => "The phone in CUCM",
            Self::Network => "The network",
            Self::Web => "Web access",
            Self::Login => "The control login",
            Self::Url => "The Authentication URL",
            Self::Trust => "The trust list",
            Self::Answer => "The phone's answer",
            Self::Pace => "Slow or busy",
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckOutcome {
    /// As it should be.
    Passed,
    /// Not so, and it matters.
    Failed,
    /// It works, with something to know.
    Warning,
    /// Senseless after what failed before, or not needed.
    Skipped,
}

impl CheckOutcome {
    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Warning => "warning",
            Self::Skipped => "skipped",
        }
    }
}

/// One piece of proof: what was asked, what came back, secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// What it is: `Request`, `Status`, `Via`, `First bytes`.
    pub label: String,
    /// The text as it was seen; at most [`Detail::LONGEST`] characters.
    pub text: String,
}

impl Detail {
    /// The longest text that is kept, in characters.
    pub const LONGEST: usize = 600;

    /// A piece of proof; longer texts are cut.
    pub fn new(label: impl Into<String>, text: impl AsRef<str>) -> Self {
        Self {
            label: label.into(),
            text: text.as_ref().chars().take(Self::LONGEST).collect(),
        }
    }
}

/// What one check saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which check.
    pub check: CheckId,
    /// How it ended.
    pub outcome: CheckOutcome,
    /// One line that a person reads: what was seen.
    pub evidence: String,
    /// The proof, piece by piece.
    #[serde(default)]
    pub details: Vec<Detail>,
    /// The facts that the verdict is made of.
    #[serde(default)]
    pub signs: Vec<Sign>,
    /// The causes that this excludes.
    #[serde(default)]
    pub rules_out: Vec<Cause>,
    /// How long the check took, in milliseconds, waiting for what others asked included.
    pub duration_ms: u64,
}

impl Finding {
    /// A finding without proof, signs or time yet.
    pub fn new(check: CheckId, outcome: CheckOutcome, evidence: impl Into<String>) -> Self {
        Self {
            check,
            outcome,
            evidence: evidence.into(),
            details: Vec::new(),
            signs: Vec::new(),
            rules_out: Vec::new(),
            duration_ms: 0,
        }
    }

    /// All is well.
    pub fn passed(check: CheckId, evidence: impl Into<String>) -> Self {
        Self::new(check, CheckOutcome::Passed, evidence)
    }

    /// It is not, and it matters.
    pub fn failed(check: CheckId, evidence: impl Into<String>) -> Self {
        Self::new(check, CheckOutcome::Failed, evidence)
    }

    /// It works, with something to know.
    pub fn warning(check: CheckId, evidence: impl Into<String>) -> Self {
        Self::new(check, CheckOutcome::Warning, evidence)
    }

    /// It could not be looked at, or there was no need to.
    pub fn skipped(check: CheckId, why: impl Into<String>) -> Self {
        Self::new(check, CheckOutcome::Skipped, why)
    }

    /// With a fact.
    #[must_use]
    pub fn sign(mut self, sign: Sign) -> Self {
        self.signs.push(sign);
        self
    }

    /// With a piece of proof.
    #[must_use]
    pub fn detail(mut self, label: impl Into<String>, text: impl AsRef<str>) -> Self {
        self.details.push(Detail::new(label, text));
        self
    }

    /// With causes that it excludes.
    #[must_use]
    pub fn excludes(mut self, causes: &[Cause]) -> Self {
        self.rules_out.extend_from_slice(causes);
        self
    }
}

/// How a TCP port met us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Port {
    /// It took the connection.
    Open,
    /// It refused at once, or reset the connection before the first byte.
    Refused,
    /// Nothing came back within the limit.
    Silent,
    /// The network said that there is no way to it.
    Unroutable,
}

/// Where an Authentication URL comes from, the strongest first (cucm-apis.md 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UrlSource {
    /// The phone itself reports it.
    Phone,
    /// `secureAuthenticationUrl` of the device.
    DeviceSecure,
    /// `authenticationUrl` of the device.
    Device,
    /// The enterprise parameter `SecureAuthenticationURL`.
    EnterpriseSecure,
    /// The enterprise parameter `URLAuthentication`.
    Enterprise,
}

/// A switch with three positions in CUCM: web access, settings access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// On.
    Enabled,
    /// Partly: read-only web access, restricted settings access.
    Restricted,
    /// Off.
    Disabled,
}

/// How a picture came, or did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// It came and decoded.
    Picture,
    /// `CiscoIPPhoneError` with this number.
    Error(u32),
    /// HTTP 401.
    Unauthorized,
    /// HTTP 403 on `/CGI/` from the phone itself.
    Forbidden,
    /// Every known path was answered 404.
    Missing,
    /// The body ended early.
    Truncated,
    /// It is no picture.
    Undecodable,
    /// Connected, and then nothing within the limit.
    Silent,
    /// It began and did not end within the limit.
    Slow,
    /// Refused, reset, or no connection.
    NoConnection,
    /// Something that is no phone answered.
    Foreign,
}

/// One fact that a check saw. The verdict reads these and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "sign", content = "value")]
pub enum Sign {
    // CUCM.
    /// CUCM's host name does not resolve here.
    CucmUnresolved,
    /// No TCP connection to CUCM, or TLS never ended.
    CucmUnreachable,
    /// Its certificate is unknown, expired or not the pinned one.
    CucmTlsUntrusted,
    /// It offers only TLS older than 1.2.
    CucmTlsTooOld,
    /// AXL took the login and answered.
    AxlWorks,
    /// AXL answered 401.
    AxlLoginRejected,
    /// AXL answered 403.
    AxlRoleMissing,
    /// AXL answers 404 or nonsense.
    AxlDown,
    /// AXL did not answer in time, or asked to come back later and did so again: it may only be busy.
    AxlBusy,
    /// No schema in common.
    AxlVersionUnsupported,
    /// CUCM's release, such as (14, 0).
    CucmRelease(u32, u32),
    /// RIS answered for this phone.
    RisWorks,
    /// RIS fails while AXL works.
    RisDown,
    /// RIS answered 403.
    RisRoleMissing,
    /// RIS answered 401 while AXL takes the login.
    RisLoginRejected,
    /// RIS's rate fault, or our own share of it is used up.
    RisQuotaExhausted,
    /// The authenticate service of CUCM answers over this scheme (true: https).
    AuthenticateAnswers(bool),
    /// It does not, over this scheme (true: https).
    AuthenticateDown(bool),

    // The phone in CUCM.
    /// AXL has the device.
    PhoneKnown,
    /// AXL has no such device.
    PhoneUnknown,
    /// The phone is known here only by its address: CUCM cannot be asked about it.
    ByAddress,
    /// The model has no web server to control it by.
    ModelWithoutControl,
    /// Keys work on this model, no picture exists.
    ModelWithoutPicture,
    /// A 69xx: its firmware may choke on long replies of the authenticate service.
    ModelReadsShortReplies,
    /// RIS has it as registered.
    Registered,
    /// RIS has it as unregistered or rejected, or does not know it; with its reason number where it gives one.
    NotRegistered(Option<u32>),
    /// It was reset, restarted or lost a moment ago, as RIS's reason and time, or our own trail, tell.
    RecentlyRestarted,
    /// The address in use, from RIS or from a person.
    Address(Ipv4Addr),
    /// Registered, without an address.
    AddressMissing,
    /// RIS has another address than the one we had.
    AddressMoved(Ipv4Addr),
    /// RIS says that the phone's web server is on (true) or off (false).
    Httpd(bool),

    // The network.
    /// How the port for http (false) or https (true) met us.
    Port(bool, Port),
    /// Both ports are of the phone: it answered on one within the limit.
    FirstByte,
    /// It takes connections and answers nothing.
    NoFirstByte,
    /// What answers is no phone: a `Via` header, a foreign page, a redirect to another host.
    ForeignAnswer,
    /// The device name in `DeviceInformationX` is the one meant.
    SameDevice,
    /// Another device answers; its name.
    OtherDevice(String),
    /// The information pages are served.
    PagesWork,

    // Web access.
    /// As configured, by the level that decides.
    WebAccessConfigured(Access),

    // The login.
    /// CUCM's authenticate service said exactly AUTHORIZED for control login and phone.
    Authorized,
    /// It said something else.
    NotAuthorized,
    /// AXL says that the control login's password is good.
    PasswordGood,
    /// AXL says that it is not, or that there is no such user.
    PasswordWrong,
    /// The control login is locked.
    LoginLocked,
    /// The phone is among the control login's controlled devices.
    Associated,
    /// It is not.
    NotAssociated,
    /// A role that some releases ask for is absent; advice only.
    RolesAdvised,

    // The Authentication URL.
    /// The one in force: where it comes from and whether it is https.
    UrlInForce(UrlSource, bool),
    /// There is none: the phone obeys everybody.
    UrlBlank,
    /// Its host is a name, not an address.
    UrlByName,
    /// Its host name does not resolve here.
    UrlUnresolvable,
    /// Its host or port is silent or refuses.
    UrlUnreachable,
    /// Its path, case, port or scheme is not CUCM's; what is wrong.
    UrlWrong(String),
    /// It is a device-level URL other than the cluster's.
    UrlOverridden,
    /// Its host is no node of the cluster; the host.
    UrlThirdParty(String),
    /// It answers with the word AUTHORIZED or a refusal, as the service does.
    UrlAnswers,
    /// The phone reports another URL than CUCM has for it.
    UrlNotTaken,

    // The trust list.
    /// A status message of the phone that speaks of a failed trust list.
    TrustMessage(String),
    /// The phone says that it installed or updated its trust list, and nothing newer that failed.
    TrustMessageGood,
    /// The hash of its trust list is another than the one that its cluster's other phones have in common.
    TrustHashDiffers,
    /// A configuration change that CUCM holds is not seen on the phone; which: `Authentication URL`, `Web Access` or
    /// `Settings Access`.
    ConfigurationNotTaken(String),
    /// Everything that can be compared is on the phone as CUCM has it.
    ConfigurationTaken,
    /// Settings access as configured.
    SettingsAccess(Access),

    // The answer.
    /// The first try for a picture.
    Shot(Shown),
    /// The phone served a picture after it had failed, or the other way round: how each of a series ended.
    Series(Vec<Shown>),

    // Pace.
    /// The picture came, later than the limit; milliseconds.
    SlowAnswer(u64),
    /// Others wait in our own queue in front of this phone.
    OwnQueue(usize),
    /// The phone is in a call.
    InCall,
}

/// How sure a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// The evidence allows others too.
    Possible,
    /// Everything fits, and nothing fits better.
    Likely,
    /// The decisive evidence was seen.
    Proved,
}

impl Certainty {
    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Proved => "proved",
        }
    }
}

/// What follows from all findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The first thing to mend.
    pub cause: Cause,
    /// How sure that is.
    pub certainty: Certainty,
    /// A sentence or two that a helpdesk agent can read aloud.
    pub summary: String,
    /// Further faults, in the order in which they stand in the way.
    pub also: Vec<Cause>,
    /// What was excluded, in the order of the list.
    pub ruled_out: Vec<Cause>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_words_of_serde_and_distinct() {
        for check in CheckId::ALL {
            let word = serde_json::to_value(check).unwrap();
            assert_eq!(word, serde_json::json!(check.code()));
        }
    }

    #[test]
    fn findings_read_back_as_they_were_kept() {
        let finding = Finding::failed(CheckId::UrlHost, "no such host")
            .sign(Sign::UrlUnresolvable)
            .sign(Sign::UrlThirdParty("paging".to_owned()))
            .sign(Sign::CucmRelease(14, 0))
            .sign(Sign::Series(vec![Shown::Picture, Shown::Error(3)]))
            .sign(Sign::UrlInForce(UrlSource::DeviceSecure, true))
            .detail("Host", "paging")
            .excludes(&[Cause::None]);
        let kept = serde_json::to_string(&finding).unwrap();
        assert_eq!(serde_json::from_str::<Finding>(&kept).unwrap(), finding);
    }
}
