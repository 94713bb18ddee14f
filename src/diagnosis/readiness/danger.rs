//! Phones that work today and will not tomorrow.

use std::net::IpAddr;

use jiff::Timestamp;

use super::{Error, Listed, Readiness, Scope};
use crate::domain::firmware::{AUTH_FAIL_MODELS, is_before_compulsory};
use crate::domain::ids::ClusterId;
use crate::store::readiness::{self as rows, Health};

/// More phones of one danger are not read.
const MOST: u32 = 20_000;
/// A certificate that ends within so many days is a danger.
const CERTIFICATE_DAYS: i64 = 60;
const DAY_S: i64 = 24 * 60 * 60;

/// What threatens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DangerKind {
    /// CUCM's certificate ends soon.
    CertificateEnding,
    /// An https Authentication URL by host name.
    UrlByName,
    /// Settings access restricted or disabled.
    SettingsLocked,
    /// A load older than 8.5(2) on a model that cannot skip it.
    OldLoad,
}

impl DangerKind {
    /// What it is, in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::CertificateEnding => "CUCM's certificate ends soon",
            Self::UrlByName => "The Authentication URL is https by host name",
            Self::SettingsLocked => "Settings access is locked",
            Self::OldLoad => "Firmware older than 8.5(2)",
        }
    }

    /// What will happen.
    pub fn why(self) -> &'static str {
        match self {
            Self::CertificateEnding => {
                "When it is renewed, phones that are not told in time lose their trust and refuse control."
            }
            Self::UrlByName => {
                "Control stops on every phone whose name server fails, and on every phone whose trust list no longer fits."
            }
            Self::SettingsLocked => {
                "If the trust list of such a phone breaks, it cannot be deleted from afar: only a factory reset helps."
            }
            Self::OldLoad => {
                "Offered a newer load, the phone shows Auth Fail and stays where it is: 8.5(2) is a compulsory step."
            }
        }
    }

    /// What to do before.
    pub fn next_step(self) -> &'static str {
        match self {
            Self::CertificateEnding => {
                "Walk the wizard for a certificate change first; it records the trust list of every phone before and after."
            }
            Self::UrlByName => {
                "In System > Enterprise Parameters write the publisher's address into both Authentication URLs, then reset the phones."
            }
            Self::SettingsLocked => {
                "Set Settings Access to Enabled before any certificate change or upgrade; restore it afterwards."
            }
            Self::OldLoad => "Load 8.5(2) before anything newer; the wizard for Auth Fail has the file names.",
        }
    }
}

/// One danger in one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Danger {
    /// What threatens.
    pub kind: DangerKind,
    /// In which cluster.
    pub cluster: ClusterId,
    /// What was seen: the date, the URL; empty when the phones say it.
    pub seen: String,
    /// The phones that are concerned one by one; empty when it is the whole cluster.
    pub phones: Vec<Listed>,
    /// How many phones it concerns.
    pub count: u64,
}

impl Readiness {
    /// The dangers of the clusters in scope, the nearest first. `totals` says how many phones each cluster has.
    pub(super) async fn dangers(&self, scope: &Scope, totals: &[(ClusterId, u64)]) -> Result<Vec<Danger>, Error> {
        let store = &self.parts().store;
        let mut dangers = Vec::new();
        let clusters: Vec<ClusterId> = totals.iter().map(|(id, _)| *id).collect();
        let now_s = self.now_ms().div_euclid(1_000);
        for (cluster, health) in rows::health(store).await? {
            let total = totals.iter().find(|(id, _)| *id == cluster).map(|(_, total)| *total);
            if let Some(total) = total {
                dangers.extend(of_cluster(cluster, &health, now_s, total));
            }
        }
        let named = rows::own_https_url(store, &clusters, MOST).await?;
        let named = named.into_iter().filter(|phone| is_https_by_name(&phone.special));
        grouped(&mut dangers, DangerKind::UrlByName, scope, named);
        let locked = rows::settings_locked(store, &clusters, MOST).await?;
        grouped(&mut dangers, DangerKind::SettingsLocked, scope, locked);
        let old = rows::loads_of(store, &AUTH_FAIL_MODELS).await?;
        let old = old
            .into_iter()
            .filter(|phone| is_before_compulsory(&phone.special) == Some(true));
        grouped(&mut dangers, DangerKind::OldLoad, scope, old);
        dangers.sort_by_key(|danger| (danger.kind, danger.cluster));
        Ok(dangers)
    }
}

/// Puts phones into one danger a cluster.
fn grouped(dangers: &mut Vec<Danger>, kind: DangerKind, scope: &Scope, phones: impl IntoIterator<Item = Listed>) {
    for phone in phones.into_iter().filter(|phone| scope.has_phone(phone)) {
        let same =
            |danger: &&mut Danger| danger.kind == kind && danger.cluster == phone.cluster && !danger.phones.is_empty();
        if let Some(danger) = dangers.iter_mut().find(same) {
            danger.count += 1;
            danger.phones.push(phone);
        } else {
            dangers.push(Danger {
                kind,
                cluster: phone.cluster,
                seen: String::new(),
                count: 1,
                phones: vec![phone],
            });
        }
    }
}

fn of_cluster(cluster: ClusterId, health: &Health, now_s: i64, phones: u64) -> Vec<Danger> {
    let danger = |kind, seen| Danger {
        kind,
        cluster,
        seen,
        phones: Vec::new(),
        count: phones,
    };
    let mut found = Vec::new();
    if let Some(until) = health.certificate_not_after
        && until - now_s < CERTIFICATE_DAYS * DAY_S
    {
        let day =
            Timestamp::from_second(until).map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%d").to_string());
        let subject = health.certificate_subject.as_deref().unwrap_or("its certificate");
        let verb = if until < now_s { "ended" } else { "ends" };
        found.push(danger(
            DangerKind::CertificateEnding,
            format!("{subject} {verb} on {day}"),
        ));
    }
    let secure = health
        .secure_authentication_url
        .as_deref()
        .filter(|url| !url.is_empty());
    if let Some(url) = secure.or(health.authentication_url.as_deref())
        && is_https_by_name(url)
    {
        found.push(danger(DangerKind::UrlByName, url.to_owned()));
    }
    found
}

/// Whether a URL is https and its host a name.
fn is_https_by_name(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else {
        return false;
    };
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
    !host.is_empty() && host.parse::<IpAddr>().is_err() && !host.starts_with('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_by_name_is_a_danger() {
        for (url, expected) in [
            ("https://cucm-pub:8443/ccmcip/authenticate.jsp", true),
            ("https://cucm.voice.example/ccmcip/authenticate.jsp", true),
            ("https://10.1.2.3:8443/ccmcip/authenticate.jsp", false),
            ("https://[2001:db8::1]:8443/x", false),
            ("http://cucm-pub:8080/ccmcip/authenticate.jsp", false),
            ("", false),
        ] {
            assert_eq!(is_https_by_name(url), expected, "{url}");
        }
    }

    #[test]
    fn a_certificate_is_a_danger_from_two_months_before_its_end() {
        let health = |until: i64| Health {
            certificate_not_after: Some(until),
            certificate_subject: Some("cucm-pub".to_owned()),
            ..Health::default()
        };
        let dangers = |until| of_cluster(ClusterId(1), &health(until), 1_000_000_000, 7);
        assert_eq!(dangers(1_000_000_000 + 61 * DAY_S), Vec::new());
        let near = dangers(1_000_000_000 + 30 * DAY_S);
        assert_eq!((near[0].kind, near[0].count), (DangerKind::CertificateEnding, 7));
        assert_eq!(near[0].seen, "cucm-pub ends on 2001-10-09");
        assert!(dangers(999_999_999)[0].seen.contains("ended on"));
    }
}
