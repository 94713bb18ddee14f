//! The wizards there are.

use super::kinds;
use super::step::Step;
use crate::domain::cause::Cause;

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

    /// The wizard that leads a person through a cause, where one does.
    pub fn of_cause(cause: Cause) -> Option<Self> {
        Some(match cause {
            Cause::ControlLoginRejected
            | Cause::ControlLoginLocked
            | Cause::DeviceNotAssociated
            | Cause::AuthenticationUrlUnresolvable
            | Cause::AuthenticationUrlUnreachable
            | Cause::AuthenticationUrlWrong
            | Cause::AuthenticationUrlOverridden
            | Cause::AuthenticationReplyUnreadable
            | Cause::AuthenticationServiceDown
            | Cause::AuthenticationRefused => Self::Refuses,
            Cause::PhoneUnreachable
            | Cause::PhoneNotAnswering
            | Cause::WebAccessDisabled
            | Cause::WebAccessReadOnly
            | Cause::ProxyInPath => Self::NoWeb,
            Cause::PhoneAddressMissing | Cause::PhoneAddressStale | Cause::PhoneNotRegistered => Self::NoAddress,
            Cause::PhoneSlow
            | Cause::PhoneInternalError
            | Cause::ScreenshotTruncated
            | Cause::ScreenshotUndecodable => Self::Flickering,
            Cause::TrustListBroken | Cause::SettingsAccessLocked => Self::TrustList,
            Cause::AuthenticationUrlThirdParty => Self::ForeignUrl,
            _ => return None,
        })
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::diagnosis::remedies::RemedyId;
    use crate::diagnosis::wizards::known::{Answer, ClusterKnown, Known, Look, PhoneKnown, Seen};
    use crate::diagnosis::wizards::step::{End, Part, Reading};
    use crate::domain::phone::RegistrationStatus;

    fn known() -> Known {
        let settings = Seen {
            values: BTreeMap::from([("profile".to_owned(), "Standard Common Phone Profile".to_owned())]),
            ..Seen::default()
        };
        Known {
            cluster: ClusterKnown {
                id: 1,
                name: "Lyon".to_owned(),
                host: "10.0.0.10".to_owned(),
                https_port: 8443,
                http_port: 8080,
                cucm_user: "axl".to_owned(),
                control_user: "ctl".to_owned(),
                separate_login: true,
                networks: vec!["10.20.0.0/16".to_owned()],
            },
            phone: Some(PhoneKnown {
                id: 7,
                name: "SEP001122334455".to_owned(),
                model: "Cisco 7962".to_owned(),
                model_number: Some(404),
                address: Some([10, 20, 1, 2].into()),
                firmware: "SCCP42.8-3-1S".to_owned(),
                status: RegistrationStatus::Registered,
            }),
            answers: BTreeMap::new(),
            diagnosis: Look::default(),
            readings: BTreeMap::from([(
                Reading::Settings.id(),
                Look {
                    seen: Some(settings),
                    at: 0,
                    busy: false,
                },
            )]),
        }
    }

    fn answer(known: &mut Known, step: &str, fields: &[(&str, &str)]) {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let answer = Answer {
            skipped: false,
            fields: fields.collect(),
            note: 1,
            changed: 1,
            by: "ana".to_owned(),
            at: 0,
        };
        known.answers.insert(step.to_owned(), answer);
    }

    /// Every text of a part.
    fn texts(part: &Part) -> Vec<String> {
        match part {
            Part::Say(words) | Part::Warning(words) => vec![words.plain()],
            Part::Danger(heading, words) => vec![heading.clone(), words.plain()],
            Part::Do(list) | Part::List(list) => list.iter().map(super::super::words::Words::plain).collect(),
            Part::Values(pairs) => pairs
                .iter()
                .flat_map(|(name, value)| [name.clone(), value.clone()])
                .collect(),
            Part::Link { label, .. } => vec![label.clone()],
            Part::Remedy { title, .. } => vec![(*title).to_owned()],
            Part::Lines { .. } | Part::Phones { .. } => Vec::new(),
        }
    }

    #[test]
    fn words_are_distinct_and_read_back() {
        let ids: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.id()).collect();
        assert_eq!(ids.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert_eq!(Kind::of(kind.id()), Some(kind));
            assert!(kind.sentence().ends_with('.'), "{}", kind.id());
        }
        for cause in Cause::ALL {
            let about = Kind::of_cause(*cause).map(Kind::about);
            assert!(about != Some(About::Cluster), "{cause}: a diagnosis is of a phone");
        }
        assert_eq!(Kind::of_cause(Cause::None), None);
        assert_eq!(Kind::of("runs"), None, "the word is taken in addresses");
    }

    #[test]
    fn every_step_says_why_and_ends_in_one_last_page() {
        for kind in Kind::ALL {
            let steps = kind.steps();
            let ids: BTreeSet<_> = steps.iter().map(|step| step.id).collect();
            assert_eq!(ids.len(), steps.len(), "{}", kind.id());
            for step in steps {
                let here = format!("{} {}", kind.id(), step.id);
                assert!(!step.title.is_empty() && step.why.ends_with('.'), "{here}");
                assert!(!["leave", "resume", "support"].contains(&step.id), "{here}");
                // Its downloads stand where a look of that step would.
                assert!(step.id != "dhcp" || !step.looks(), "{here}");
            }
            let lasts = steps.iter().filter(|step| matches!(step.end, End::Last)).count();
            assert_eq!((lasts, steps[steps.len() - 1].id), (1, "end"), "{}", kind.id());
        }
    }

    #[test]
    fn texts_are_filled_in_and_remedies_and_wizards_exist() {
        let mut known = known();
        answer(&mut known, "model", &[("choice", "7962")]);
        answer(&mut known, "way", &[("choice", "menu")]);
        let bench = [
            ("router", "10.1.1.1"),
            ("prefix", "24"),
            ("tftp", "10.1.1.2"),
            ("first", "10.1.1.10"),
            ("last", "10.1.1.20"),
        ];
        answer(&mut known, "addresses", &bench);
        for kind in Kind::ALL {
            for step in kind.steps() {
                let here = format!("{} {}", kind.id(), step.id);
                for part in (step.body)(&known) {
                    for text in texts(&part) {
                        assert!(!text.is_empty(), "{here}");
                        assert!(!text.contains(['{', '}']), "{here}: {text}");
                        assert!(!text.contains('<') || text.contains("CTLFile"), "{here}: {text}");
                    }
                    match part {
                        Part::Remedy { remedy, title, changes } => {
                            let id: RemedyId = remedy.parse().unwrap_or_else(|_| panic!("{here}: {remedy}"));
                            assert_eq!((id.title(), id.one_click()), (title, changes), "{here}");
                        }
                        Part::Link { href, .. } => {
                            if let Some(word) = href.strip_prefix("/wizards/") {
                                let word = word.split('?').next().unwrap_or_default();
                                assert!(Kind::of(word).is_some(), "{here}: {href}");
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}
