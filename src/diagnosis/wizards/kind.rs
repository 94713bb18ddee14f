//! The wizards there are.

use super::kinds;
use super::step::Step;

/// What a wizard is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// One phone.
    Phone,
    /// A whole cluster.
    Cluster,
}

/// A wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The phone refuses control.
    Refuses,
    /// No web connection.
    NoWeb,
    /// No address.
    NoAddress,
    /// The picture comes and goes.
    Flickering,
    /// Trust list trouble.
    TrustList,
    /// The Authentication URL belongs to another server.
    ForeignUrl,
    /// Preparing a certificate change or upgrade.
    Change,
    /// 79xx "Auth Fail".
    AuthFail,
}

impl Kind {
    /// Every wizard, those for what happens most first.
    pub const ALL: [Self; 8] = [
        Self::Refuses,
        Self::NoWeb,
        Self::NoAddress,
        Self::Flickering,
        Self::TrustList,
        Self::ForeignUrl,
        Self::Change,
        Self::AuthFail,
    ];

    /// The word in addresses and the store.
    pub fn id(self) -> &'static str {
        match self {
            Self::Refuses => "phone-refuses-control",
            Self::NoWeb => "no-web-connection",
            Self::NoAddress => "no-address",
            Self::Flickering => "picture-comes-and-goes",
            Self::TrustList => "trust-list-trouble",
            Self::ForeignUrl => "foreign-authentication-url",
            Self::Change => "certificate-change",
            Self::AuthFail => "auth-fail-79xx",
        }
    }

    /// The wizard of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == word)
    }

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Refuses => "The phone refuses control",
            Self::NoWeb => "No web connection to the phone",
            Self::NoAddress => "No address known for the phone",
            Self::Flickering => "The picture comes and goes",
            Self::TrustList => "Trust list trouble",
            Self::ForeignUrl => "The Authentication URL belongs to another server",
            Self::Change => "Prepare a certificate change or an upgrade",
            Self::AuthFail => "79xx shows Auth Fail",
        }
    }

    /// What it is for, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Refuses => {
                "The phone answers, but with error 0 or 4 or a login prompt: password, controlled devices, Authentication URL and trust list, in this order."
            }
            Self::NoWeb => {
                "Neither http nor https opens: web access on three levels, a configuration that is not taken, or a firewall."
            }
            Self::NoAddress => {
                "CUCM gives no address: registration, RIS, the last address known, and control by an address you type."
            }
            Self::Flickering => {
                "Screenshots work now and then: a series of twenty tells short answers, errors and time-outs apart."
            }
            Self::TrustList => {
                "The phone no longer trusts the cluster: it stays registered, but takes no configuration and refuses https."
            }
            Self::ForeignUrl => {
                "Phones ask a paging server or another host instead of CUCM whom to obey: whose it is, and how to live with it."
            }
            Self::Change => {
                "Before certificates or the release change: phones in danger, settings access, and every trust list before and after."
            }
            Self::AuthFail => {
                "An old 79xx flashes Auth Fail and keeps its old load: firmware 8.5(2) by the cluster or on a bench, then back."
            }
        }
    }

    /// What it is about.
    pub fn about(self) -> About {
        match self {
            Self::Change => About::Cluster,
            _ => About::Phone,
        }
    }

    /// Its steps, in order.
    pub fn steps(self) -> &'static [Step] {
        match self {
            Self::Refuses => kinds::refuses::STEPS,
            Self::NoWeb => kinds::no_web::STEPS,
            Self::NoAddress => kinds::no_address::STEPS,
            Self::Flickering => kinds::flickering::STEPS,
            Self::TrustList => kinds::trust_list::STEPS,
            Self::ForeignUrl => kinds::foreign_url::STEPS,
            Self::Change => kinds::change::STEPS,
            Self::AuthFail => kinds::auth_fail::STEPS,
        }
    }
}
