//! The remedies there are: what each is called, who may apply it, and which causes it mends.

use std::fmt;
use std::str::FromStr;

use crate::domain::cause::Cause;
use crate::domain::role::Permission;

macro_rules! remedies {
    ($($variant:ident, $code:literal, $title:literal, $kind:ident, $needs:ident, [$($cause:ident),*];)+) => {
        /// One remedy. The code is what other programs see; the title is what people read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RemedyId {
            $(#[doc = $title] $variant,)+
        }

        impl RemedyId {
            /// Every remedy, in the order in which they are offered for one cause.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in the API, the store and the audit trail.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What it does, as an order.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// What the program does of it.
            fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)+ }
            }

            /// The right that it takes; of a guided one: the right to read how it is done.
            pub fn needs(self) -> Permission {
                match self { $(Self::$variant => Permission::$needs,)+ }
            }

            /// The causes that it mends, or helps to mend.
            pub fn causes(self) -> &'static [Cause] {
                match self { $(Self::$variant => &[$(Cause::$cause,)*],)+ }
            }
        }
    };
}

/// What the program does of a remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It changes CUCM.
    InCucm,
    /// It makes the phone start anew, or take its configuration.
    Push,
    /// It changes what is kept here.
    Here,
    /// It tells a person what to do.
    Guided,
}

remedies! {
    AddControlledDevice, "add-controlled-device", "Add the phone to the controlled devices", InCucm, MendPhones,
        [DeviceNotAssociated, AuthenticationRefused];
    AddControlledDeviceForVisit, "add-controlled-device-for-visit", "Add it only for this visit", InCucm, MendPhones,
        [DeviceNotAssociated];
    EnableWebAccess, "enable-web-access", "Turn on web access for this phone", InCucm, MendPhones,
        [WebAccessDisabled, WebAccessReadOnly];
    SetAuthenticationUrl, "set-authentication-url", "Give this phone an Authentication URL that works", InCucm, MendPhones,
        [AuthenticationUrlUnresolvable, AuthenticationUrlUnreachable, AuthenticationUrlWrong, AuthenticationUrlOverridden,
         AuthenticationUrlThirdParty];
    ClearAuthenticationUrl, "clear-authentication-url", "Clear the phone's own Authentication URL", InCucm, MendPhones,
        [AuthenticationUrlOverridden];
    ApplyConfiguration, "apply-configuration", "Make the phone take its configuration", Push, MendPhones,
        [WebAccessDisabled, AuthenticationUrlOverridden];
    RestartPhone, "restart-phone", "Restart the phone", Push, MendPhones,
        [PhoneNotAnswering, PhoneSlow, PhoneInternalError, ScreenshotTruncated, ScreenshotUndecodable,
         PhoneAddressMissing];
    ResetPhone, "reset-phone", "Reset the phone", Push, MendPhones,
        [PhoneNotAnswering, PhoneInternalError, AuthenticationUrlWrong, AuthenticationUrlUnresolvable];
    AcceptCertificate, "accept-certificate", "Accept CUCM's new certificate", Here, ManageClusters,
        [CucmTlsUntrusted];
    UseCucmLogin, "use-cucm-login", "Control phones with the CUCM login", Here, ManageClusters,
        [ControlLoginRejected, ControlLoginLocked];
    SeparateControlLogin, "separate-control-login", "Control phones with a login of its own", Here, ManageClusters,
        [ControlLoginRejected, AuthenticationUrlThirdParty, AuthenticationRefused];
    TakeAddress, "take-address", "Take the address that CUCM gives now", Here, PressKeys,
        [PhoneAddressStale, PhoneAddressMissing];
    ControlByAddress, "control-by-address", "Control it by its address", Here, PressKeys,
        [PhoneAddressMissing, PhoneAddressStale, RisUnavailable, RisQuotaExhausted, PhoneUnknown, PhoneNotRegistered];
    UnlockLogin, "unlock-login", "Unlock the control login", InCucm, MendPhones,
        [ControlLoginLocked];

    EnterpriseAuthenticationUrl, "enterprise-authentication-url", "Put an address into the cluster's Authentication URL",
        Guided, Diagnose,
        [AuthenticationUrlUnresolvable, AuthenticationUrlUnreachable, AuthenticationUrlWrong, AuthenticationUrlThirdParty];
    WebAccessInProfile, "web-access-in-profile", "Turn on web access in the phone's profile", Guided, Diagnose,
        [WebAccessDisabled, WebAccessReadOnly];
    ThirdPartyServer, "third-party-server", "Live with an Authentication URL of another server", Guided, Diagnose,
        [AuthenticationUrlThirdParty];
    TrustListByKeys, "trust-list-by-keys", "Delete the trust list at the phone", Guided, Diagnose,
        [TrustListBroken];
    TrustListBySsh, "trust-list-by-ssh", "Delete the trust list over SSH", Guided, Diagnose,
        [TrustListBroken, SettingsAccessLocked];
    TrustListByFactoryReset, "trust-list-by-factory-reset", "Delete the trust list by a factory reset", Guided, Diagnose,
        [TrustListBroken, SettingsAccessLocked];
    ItlResetCommand, "itl-reset-command", "Let CUCM sign the trust list anew for every phone", Guided, Diagnose,
        [TrustListBroken, SettingsAccessLocked];
    CertificatesBeforeMove, "certificates-before-move", "Exchange certificates before phones move between clusters",
        Guided, Diagnose, [TrustListBroken];
    SettingsAccessBeforeUpgrade, "settings-access-before-upgrade", "Open settings access before an upgrade",
        Guided, Diagnose, [SettingsAccessLocked];
    NewApplicationUser, "new-application-user", "Try a new application user", Guided, Diagnose,
        [AuthenticationRefused, ControlLoginRejected];
    PhoneFirmware, "phone-firmware", "Load the phone's firmware again", Guided, Diagnose,
        [PhoneInternalError, ScreenshotTruncated, ScreenshotUndecodable, PhoneSlow, AuthenticationReplyUnreadable];
    LoginPassword, "login-password", "Correct the login's name and password", Guided, Diagnose,
        [CucmLoginRejected, ControlLoginRejected];
    CucmRole, "cucm-role", "Give the CUCM login its roles", Guided, Diagnose,
        [CucmRoleMissing];
    CucmNetwork, "cucm-network", "Open the way to CUCM", Guided, Diagnose,
        [CucmUnreachable];
    CucmTlsLevel, "cucm-tls-level", "Raise CUCM's TLS level", Guided, Diagnose,
        [CucmTlsTooOld];
    AxlService, "axl-service", "Start CUCM's AXL service", Guided, Diagnose,
        [AxlUnavailable, AxlVersionUnsupported];
    RisService, "ris-service", "Start CUCM's RIS service", Guided, Diagnose,
        [RisUnavailable];
    RisQuota, "ris-quota", "Make room in CUCM's limit of RIS queries", Guided, Diagnose,
        [RisQuotaExhausted];
    AuthenticateService, "authenticate-service", "Bring CUCM's authenticate service back", Guided, Diagnose,
        [AuthenticationServiceDown];
    PhoneInCucm, "phone-in-cucm", "Find the phone in CUCM", Guided, Diagnose,
        [PhoneUnknown];
    Registration, "registration", "Bring the phone back to its registration", Guided, Diagnose,
        [PhoneNotRegistered, PhoneAddressMissing];
    PhoneNetwork, "phone-network", "Open the way to the phone", Guided, Diagnose,
        [PhoneUnreachable, PhoneNotAnswering, PhoneAddressStale];
    ProxyInPath, "proxy-in-path", "Take the proxy out of the way", Guided, Diagnose,
        [ProxyInPath];
    ShortReply, "short-authentication-reply", "Give 69xx phones an answer that they can read", Guided, Diagnose,
        [AuthenticationReplyUnreadable];
    OtherWays, "other-ways", "Help the user without remote control", Guided, Diagnose,
        [ModelWithoutControl, ScreenshotUnsupported];
    WaitForPhone, "wait-for-phone", "Wait until the phone is back", Guided, Diagnose,
        [PhoneRestarting, PhoneSlow];
    CollectForSupport, "collect-for-support", "Collect the evidence for support", Guided, Diagnose,
        [AuthenticationRefused];
}

impl RemedyId {
    /// Whether the program applies it; else it tells a person how.
    pub fn one_click(self) -> bool {
        self.kind() != Kind::Guided
    }

    /// Whether it is CUCM that does it, so that a CUCM login which may only read makes it a guided one.
    pub fn in_cucm(self) -> bool {
        matches!(self.kind(), Kind::InCucm | Kind::Push)
    }

    /// Whether it interrupts the phone: a call on it may end.
    pub fn destructive(self) -> bool {
        matches!(self, Self::RestartPhone | Self::ResetPhone)
    }

    /// The remedy that mends a cause for many phones at once, where there is one: a change of the cluster or of a profile,
    /// told step by step with how many phones it touches.
    pub fn for_many(cause: Cause) -> Option<Self> {
        let wide = [
            Self::EnterpriseAuthenticationUrl,
            Self::WebAccessInProfile,
            Self::ItlResetCommand,
            Self::LoginPassword,
            Self::AuthenticateService,
        ];
        wide.into_iter().find(|remedy| remedy.causes().contains(&cause))
    }

    /// Whether it can be taken back afterwards.
    pub fn undo(self) -> bool {
        match self.kind() {
            Kind::InCucm => self != Self::UnlockLogin,
            Kind::Here => self != Self::ControlByAddress,
            Kind::Push | Kind::Guided => false,
        }
    }

    /// The remedies of a cause, the first worth trying first.
    pub fn of(cause: Cause) -> impl Iterator<Item = Self> {
        let mends = move |id: &Self| id.causes().contains(&cause);
        Self::ALL.iter().copied().filter(mends)
    }
}

impl fmt::Display for RemedyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Why a word is no remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such remedy")]
pub struct UnknownRemedy;

impl FromStr for RemedyId {
    type Err = UnknownRemedy;

    fn from_str(text: &str) -> Result<Self, UnknownRemedy> {
        Self::ALL
            .iter()
            .copied()
            .find(|id| id.code() == text)
            .ok_or(UnknownRemedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_every_cause_has_a_remedy() {
        for id in RemedyId::ALL {
            assert_eq!(id.code().parse(), Ok(*id));
            assert!(!id.causes().is_empty(), "{id}: mends nothing");
        }
        for cause in Cause::ALL.iter().filter(|cause| **cause != Cause::None) {
            assert!(RemedyId::of(*cause).next().is_some(), "{cause}: no remedy");
        }
        assert!(RemedyId::of(Cause::None).next().is_none());
    }
}
