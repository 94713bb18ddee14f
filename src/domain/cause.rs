//! Why something failed: the one list that serves errors, diagnosis, jobs, readiness, metrics and the audit trail
//! (design, section 7).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! causes {
    ($($variant:ident, $code:literal, $title:literal, $next:literal;)+) => {
        /// One cause. The code is what other programs see; title and next step are what people read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Cause {
            $(#[doc = $title] $variant,)+
        }

        impl Cause {
            /// Every cause, in the order of the design's table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code in the API, metrics and the audit trail.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What is wrong, in words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// What to do next.
            pub fn next_step(self) -> &'static str {
                match self { $(Self::$variant => $next,)+ }
            }
        }
    };
}

causes! {
    None, "none", "The phone answers and its screen was read",
        "Nothing to mend.";
    CucmUnreachable, "cucm-unreachable", "CUCM cannot be reached",
        "Check the host name, the port and the firewall between this server and CUCM.";
    CucmTlsUntrusted, "cucm-tls-untrusted", "CUCM's certificate is not trusted",
        "Compare the fingerprint with the one CUCM shows and accept it on the cluster's page, or add the CA that signed it.";
    CucmTlsTooOld, "cucm-tls-too-old", "CUCM offers only TLS older than 1.2",
        "Raise CUCM's TLS level: 11.5(1)SU3 and later speak TLS 1.2.";
    CucmLoginRejected, "cucm-login-rejected", "CUCM refused the login",
        "Type the application user's name and password again on the cluster's page; both are case-sensitive.";
    CucmRoleMissing, "cucm-role-missing", "The CUCM login lacks a role",
        "In CUCM put the application user into a group with Standard AXL API Access and Standard CCM Server Monitoring.";
    AxlUnavailable, "axl-unavailable", "CUCM's AXL service does not answer",
        "In Cisco Unified Serviceability start the Cisco AXL Web Service on the publisher.";
    AxlVersionUnsupported, "axl-version-unsupported", "No AXL version in common with CUCM",
        "This CUCM speaks none of the AXL versions 8.5 to 15.0; upgrade it.";
    RisUnavailable, "ris-unavailable", "CUCM's RIS service does not answer",
        "In Cisco Unified Serviceability start the Cisco RIS Data Collector and the SOAP real-time service APIs.";
    RisQuotaExhausted, "ris-quota-exhausted", "CUCM's limit of RIS queries is used up",
        "Wait a minute: all programs on the cluster share it. It can be raised in the enterprise parameter Allowed Device Queries Per Minute.";
    AuthenticationServiceDown, "authentication-service-down", "CUCM's authenticate service does not answer",
        "Check that the Cisco Tomcat and CCM services run on the host of the Authentication URL.";
    PhoneUnknown, "phone-unknown", "CUCM knows no such phone",
        "Check the device name and the cluster; the phone may have been deleted or moved.";
    PhoneNotRegistered, "phone-not-registered", "The phone is not registered",
        "Check its power, its cable and its switch port; then look at the reason CUCM gives.";
    PhoneAddressMissing, "phone-address-missing", "CUCM gives no address for the phone",
        "Wait until it has registered and look again, or control it by its address.";
    PhoneAddressStale, "phone-address-stale", "Another device answers at the phone's address",
        "Synchronise the cluster so that the phone's new address is found.";
    ModelWithoutControl, "model-without-control", "This model has no web server to control it by",
        "Nothing to mend: use the phone itself or CUCM.";
    ScreenshotUnsupported, "screenshot-unsupported", "This model gives no picture of its screen",
        "Keys work all the same; ask the user what the screen shows.";
    PhoneUnreachable, "phone-unreachable", "The phone cannot be reached",
        "Check the route and the firewall between this server and the voice network.";
    PhoneNotAnswering, "phone-not-answering", "The phone takes the connection but does not answer",
        "It may be busy or hung; try again, then restart it from CUCM.";
    PhoneRestarting, "phone-restarting", "The phone is restarting",
        "Wait a minute; it comes back by itself.";
    PhoneSlow, "phone-slow", "The phone answers too slowly",
        "It may be busy with a call or an upgrade; try again in a moment.";
    WebAccessDisabled, "web-access-disabled", "The phone's own web server is switched off",
        "In CUCM set Web Access to Enabled for this phone (or its common phone profile), save, apply, and wait a minute.";
    WebAccessReadOnly, "web-access-read-only", "The phone's web server is read-only",
        "In CUCM set Web Access to Enabled instead of Read Only, save and apply.";
    ProxyInPath, "proxy-in-path", "Something other than the phone answered",
        "A web proxy or another device stands between this server and the phone; let this server reach the voice network directly.";
    ControlLoginRejected, "control-login-rejected", "The control login is wrong",
        "Type the control login's name and password again on the cluster's page; both are case-sensitive.";
    ControlLoginLocked, "control-login-locked", "The control login is locked",
        "Unlock the user in CUCM, then check the password here.";
    DeviceNotAssociated, "device-not-associated", "The phone is not among the control login's controlled devices",
        "In CUCM add the phone to the user's Controlled Devices and save the user.";
    AuthenticationUrlUnresolvable, "authentication-url-unresolvable", "The Authentication URL's host name does not resolve",
        "In CUCM's Enterprise Parameters write the publisher's address into the Authentication URL, then reset the phone.";
    AuthenticationUrlUnreachable, "authentication-url-unreachable", "The Authentication URL's host does not answer the phone",
        "Check the host and port of the Authentication URL in CUCM's Enterprise Parameters.";
    AuthenticationUrlWrong, "authentication-url-wrong", "The Authentication URL is wrong",
        "Correct path, case and port: http://HOST:8080/ccmcip/authenticate.jsp or https://HOST:8443/ccmcip/authenticate.jsp.";
    AuthenticationUrlOverridden, "authentication-url-overridden", "The phone has an Authentication URL of its own",
        "Clear the Authentication URL on the phone's page in CUCM, or set it to the cluster's.";
    AuthenticationUrlThirdParty, "authentication-url-third-party", "The Authentication URL belongs to another server",
        "Use a control login that this server knows, or point the Authentication URL to CUCM.";
    TrustListBroken, "trust-list-broken", "The phone's trust list does not fit the cluster",
        "Delete the phone's trust list (ITL).";
    SettingsAccessLocked, "settings-access-locked", "The phone's settings are locked",
        "Set Settings Access to Enabled in CUCM; a phone that no longer takes configuration needs a factory reset.";
    PhoneInternalError, "phone-internal-error", "The phone reports an internal file error",
        "Restart the phone; if it stays, load its firmware again.";
    ScreenshotTruncated, "screenshot-truncated", "The phone's picture was cut short",
        "Try again; if it stays, restart the phone.";
    ScreenshotUndecodable, "screenshot-undecodable", "The phone sent something that is no picture",
        "Try again; if it stays, restart the phone.";
    AuthenticationReplyUnreadable, "authentication-reply-unreadable", "The phone cannot read CUCM's authentication answer",
        "69xx phones need an Authentication URL that answers with few headers when CUCM is 11.5 or newer.";
    AuthenticationRefused, "authentication-refused", "The phone refused control (error 4)",
        "Check the control login's password, its Controlled Devices, the Authentication URL and the phone's trust list, in this order.";
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Cause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

/// A cause with its proof: what a failed act is told as, to people and programs alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Why.
    pub cause: Cause,
    /// One line that proves it: what was asked and what came back, secrets masked.
    pub evidence: String,
}

impl Trouble {
    /// A cause and its proof.
    pub fn new(cause: Cause, evidence: impl Into<String>) -> Self {
        Self {
            cause,
            evidence: evidence.into(),
        }
    }

    /// The cause, unless neither phone nor CUCM is to blame; then the evidence says all.
    pub fn named(&self) -> Option<Cause> {
        Some(self.cause).filter(|cause| *cause != Cause::None)
    }
}

/// Why a word is no cause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown cause")]
pub struct UnknownCause;

impl FromStr for Cause {
    type Err = UnknownCause;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|cause| cause.code() == text)
            .ok_or(UnknownCause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_read_back() {
        for cause in Cause::ALL {
            assert_eq!(cause.code().parse(), Ok(*cause));
            assert!(cause.next_step().ends_with('.'), "{cause}: a next step is a sentence");
        }
    }
}
