//! The signs of all findings, as the rules ask for them.

use crate::domain::finding::{Access, Finding, Port, Shown, Sign};
use crate::domain::phone::is_restart;

/// What was seen, whoever saw it.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    signs: Vec<&'a Sign>,
    /// The model has no web server to control it by.
    pub(super) no_control: bool,
    /// How the first try for a picture ended.
    pub(super) shot: Option<Shown>,
    /// How each of a series ended; empty without one.
    pub(super) series: &'a [Shown],
}

impl<'a> Facts<'a> {
    pub(super) fn of(findings: &'a [Finding]) -> Self {
        let signs: Vec<&Sign> = findings.iter().flat_map(|finding| &finding.signs).collect();
        // Where two checks should ever tell different things, the order of findings must not decide: the worse counts.
        let shots = signs.iter().filter_map(|sign| match sign {
            Sign::Shot(shown) => Some(*shown),
            _ => None,
        });
        let series = signs.iter().filter_map(|sign| match sign {
            Sign::Series(shown) => Some(shown.as_slice()),
            _ => None,
        });
        Self {
            no_control: signs.iter().any(|sign| matches!(sign, Sign::ModelWithoutControl)),
            shot: shots.max_by_key(|shown| severity(*shown)),
            series: series
                .max_by_key(|shown| shown.iter().copied().map(severity).collect::<Vec<_>>())
                .unwrap_or_default(),
            signs,
        }
    }

    pub(super) fn has(&self, sign: &Sign) -> bool {
        self.signs.contains(&sign)
    }

    pub(super) fn any(&self, test: impl Fn(&Sign) -> bool) -> bool {
        self.signs.iter().any(|sign| test(sign))
    }

    /// How a port met us.
    fn port(&self, https: bool, met: Port) -> bool {
        self.has(&Sign::Port(https, met))
    }

    fn either_port(&self, met: Port) -> bool {
        self.port(false, met) || self.port(true, met)
    }

    pub(super) fn any_port_open(&self) -> bool {
        self.either_port(Port::Open)
    }

    /// A connection was tried at all.
    pub(super) fn any_port_tried(&self) -> bool {
        self.any(|sign| matches!(sign, Sign::Port(..)))
    }

    /// Somebody tells an address of the phone.
    pub(super) fn address_known(&self) -> bool {
        self.any(|sign| matches!(sign, Sign::Address(_)))
    }

    /// No port is open and at least one refused: the phone is there, its web server is not.
    pub(super) fn ports_refused(&self) -> bool {
        !self.any_port_open() && self.either_port(Port::Refused)
    }

    /// Nothing came back from any port that was tried.
    pub(super) fn ports_silent(&self) -> bool {
        !self.any_port_open()
            && !self.either_port(Port::Refused)
            && (self.either_port(Port::Silent) || self.either_port(Port::Unroutable))
    }

    /// It was restarted a moment ago, and CUCM gives no other reason why it is away.
    pub(super) fn is_restarting(&self) -> bool {
        let lost =
            |sign: &Sign| matches!(sign, Sign::NotRegistered(Some(reason)) if *reason > 1 && !is_restart(*reason));
        self.has(&Sign::RecentlyRestarted) && !self.any(lost)
    }

    /// Another device answers at the address.
    pub(super) fn other_device(&self) -> bool {
        self.any(|sign| matches!(sign, Sign::OtherDevice(_)))
    }

    /// Something that is no phone answers.
    pub(super) fn foreign(&self) -> bool {
        self.has(&Sign::ForeignAnswer) || self.shot == Some(Shown::Foreign)
    }

    /// The phone meant said something over HTTP. A 401 or 403 may be anybody's, where no page of the phone came.
    pub(super) fn phone_answers(&self) -> bool {
        let answered = matches!(
            self.shot,
            Some(
                Shown::Picture | Shown::Error(_) | Shown::Missing | Shown::Truncated | Shown::Undecodable | Shown::Slow
            )
        );
        !self.other_device()
            && !self.foreign()
            && (answered || self.has(&Sign::PagesWork) || self.has(&Sign::SameDevice) || self.has(&Sign::FirstByte))
    }

    /// A picture came from the phone meant.
    pub(super) fn pictured(&self) -> bool {
        self.shot == Some(Shown::Picture) && !self.other_device()
    }

    /// CUCM's own service does not answer, and the phone asks it, as far as is known.
    pub(super) fn service_is_down(&self) -> bool {
        if self.url_is_third_party() || self.has(&Sign::UrlOverridden) || self.has(&Sign::UrlAnswers) {
            return false;
        }
        let down = |https| self.has(&Sign::AuthenticateDown(https));
        match self.url_is_https() {
            Some(https) => down(https),
            None => down(true),
        }
    }

    /// The phone let us in: what came is beyond its question to the Authentication URL.
    pub(super) fn let_in(&self) -> bool {
        let passed = |shown: Shown| {
            matches!(
                shown,
                Shown::Picture | Shown::Error(3) | Shown::Truncated | Shown::Undecodable | Shown::Slow
            )
        };
        !self.other_device() && !self.foreign() && self.shot.is_some_and(passed)
    }

    /// The phone refused because of whom it asked, or could not ask (phone-xml-api.md 2.3: 4 and 0).
    pub(super) fn refused(&self) -> bool {
        !self.other_device()
            && match self.shot {
                Some(Shown::Error(4 | 0)) => true,
                Some(Shown::Unauthorized) => self.has(&Sign::PagesWork),
                _ => false,
            }
    }

    /// The phone said that it could not ask (error 0).
    pub(super) fn could_not_ask(&self) -> bool {
        self.shot == Some(Shown::Error(0)) && !self.other_device()
    }

    /// Whether the Authentication URL in force is https; none when it is unknown or blank. What the phone itself reports
    /// counts more than what CUCM has for it.
    pub(super) fn url_is_https(&self) -> Option<bool> {
        let urls = self.signs.iter().filter_map(|sign| match sign {
            Sign::UrlInForce(source, https) => Some((*source, *https)),
            _ => None,
        });
        urls.min().map(|(_, https)| https)
    }

    pub(super) fn url_is_third_party(&self) -> bool {
        self.any(|sign| matches!(sign, Sign::UrlThirdParty(_)))
    }

    pub(super) fn url_is_wrong(&self) -> bool {
        self.any(|sign| matches!(sign, Sign::UrlWrong(_)))
    }

    /// The phone speaks of a failed trust list, and of none that it took since.
    pub(super) fn trust_message(&self) -> bool {
        self.any(|sign| matches!(sign, Sign::TrustMessage(_))) && !self.has(&Sign::TrustMessageGood)
    }

    /// The phone does not take what CUCM holds for it.
    pub(super) fn configuration_not_taken(&self) -> bool {
        self.has(&Sign::UrlNotTaken) || self.any(|sign| matches!(sign, Sign::ConfigurationNotTaken(_)))
    }

    /// Settings access is less than full.
    pub(super) fn settings_locked(&self) -> bool {
        self.has(&Sign::SettingsAccess(Access::Restricted)) || self.has(&Sign::SettingsAccess(Access::Disabled))
    }

    /// CUCM's release is at least this.
    pub(super) fn release_is_at_least(&self, least: (u32, u32)) -> bool {
        self.any(|sign| matches!(sign, Sign::CucmRelease(major, minor) if (*major, *minor) >= least))
    }
}

/// How far from a picture an answer is; only to choose one of two that contradict each other.
pub(super) fn severity(shown: Shown) -> u32 {
    match shown {
        Shown::Picture => 0,
        Shown::Slow => 1,
        Shown::Undecodable => 2,
        Shown::Truncated => 3,
        Shown::Missing => 4,
        Shown::Forbidden => 5,
        Shown::Unauthorized => 6,
        Shown::Silent => 7,
        Shown::NoConnection => 8,
        Shown::Foreign => 9,
        Shown::Error(number) => number.saturating_add(10),
    }
}
