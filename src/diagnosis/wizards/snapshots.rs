//! A cluster before and after a change, and its phones in danger.

use std::time::Duration;

use super::known::{Named, Row, Seen};
use super::readings::unread;
use super::runs::Run;
use super::step::Reading;
use super::{Wizards, loads};
use crate::cucm;
use crate::domain::cause::Cause;
use crate::domain::finding::CheckOutcome;
use crate::domain::firmware::{AUTH_FAIL_MODELS, is_before_compulsory};
use crate::domain::ids::ClusterId;
use crate::domain::phone::{ReadinessState, RegistrationStatus};
use crate::store::Error;
use crate::store::wizard_snapshots::{self as rows, Counts, Difference, Endangered};

/// The most differences that are read.
const MOST_DIFFERENCES: i64 = 5_000;
/// A certificate that ends within so many days is worth a warning.
const CERTIFICATE_DAYS: i64 = 60;
/// How long the TLS handshake may take.
const CERTIFICATE_PATIENCE: Duration = Duration::from_secs(4);
const DAY_S: i64 = 24 * 60 * 60;

/// Enterprise parameters that decide how much room a change has (cucm-apis.md 1.12).
const PARAMETERS: [(&str, &str); 2] = [
    ("ClusterSecurityMode", "Cluster Security Mode"),
    ("RollBackToPreGrayback", "Prepare Cluster for Rollback to pre 8.0"),
];

impl Wizards {
    pub(super) async fn cluster_trust(&self, run: &Run) -> Seen {
        let mut seen = Seen::default();
        let cluster = ClusterId(run.known.cluster.id);
        self.certificate(run, &mut seen).await;
        match self.parts.tools.inventory.cucm_of(cluster).await {
            Ok(cucm) => parameters(&cucm, &mut seen).await,
            Err(error) => seen.row(unread("Enterprise parameters", error.to_string())),
        }
        seen
    }

    async fn certificate(&self, run: &Run, seen: &mut Seen) {
        let title = "CUCM's certificate (Tomcat)";
        let (host, port) = (&run.known.cluster.host, run.known.cluster.https_port);
        let certificate = match cucm::seen_certificate(host, port, CERTIFICATE_PATIENCE).await {
            Ok(certificate) => certificate,
            Err(error) => {
                seen.row(unread(title, error.evidence()));
                return;
            }
        };
        let days = (certificate.not_after - self.now_ms().div_euclid(1000)).div_euclid(DAY_S);
        let (outcome, sentence) = match days {
            ..0 => (CheckOutcome::Failed, format!("{} has ended.", certificate.subject)),
            0..CERTIFICATE_DAYS => (
                CheckOutcome::Warning,
                format!("{} ends in {days} days.", certificate.subject),
            ),
            _ => (
                CheckOutcome::Passed,
                format!("{} ends in {days} days.", certificate.subject),
            ),
        };
        let fingerprint = certificate.fingerprint.to_string();
        seen.row(Row::new(title, outcome, sentence).detail("Fingerprint", fingerprint));
    }

    pub(super) async fn danger(&self, run: &Run) -> Seen {
        let mut seen = Seen::default();
        match rows::endangered(self.store(), ClusterId(run.known.cluster.id), &AUTH_FAIL_MODELS).await {
            Ok(phones) => tell_danger(&phones, &mut seen),
            Err(error) => seen.row(unread("Phones in danger", error.to_string())),
        }
        seen
    }

    /// Takes a snapshot; the later one is compared with the earlier.
    pub(super) async fn snapshot(&self, run: &Run, after: bool) -> Seen {
        let mut seen = Seen::default();
        if let Err(error) = self.take(run, after, &mut seen).await {
            seen.row(unread("The snapshot", error.to_string()));
        }
        seen
    }

    async fn take(&self, run: &Run, after: bool, seen: &mut Seen) -> Result<(), Error> {
        let (id, cluster) = (run.line.id, ClusterId(run.known.cluster.id));
        // Taken again after the change, it would no longer be the one before.
        let kept = !after && rows::counts(self.store(), id, true).await?.phones > 0;
        if kept {
            let words = "Kept as it was: a snapshot after the change was taken already.";
            seen.row(Row::new("The snapshot before", CheckOutcome::Warning, words));
        } else {
            let mut tx = self.store().begin().await?;
            rows::take(&mut tx, id, cluster, after).await?;
            tx.commit().await?;
        }
        let counts = rows::counts(self.store(), id, after).await?;
        if after {
            let before = rows::counts(self.store(), id, false).await?;
            tell_counts(Some(&before), &counts, seen);
            let differences = rows::differences(self.store(), id, MOST_DIFFERENCES).await?;
            tell_differences(&differences, seen);
            seen.value("worse", rows::worse(self.store(), id).await?.to_string());
            let taken = run.known.readings.get(Reading::Before.id()).map_or(0, |look| look.at);
            tell_stale(rows::stale(self.store(), cluster, taken).await?, seen);
        } else {
            tell_counts(None, &counts, seen);
        }
        Ok(())
    }
}

async fn parameters(cucm: &cucm::Cucm, seen: &mut Seen) {
    let names = PARAMETERS.map(|(name, _)| name);
    match cucm.enterprise_parameters(&names).await {
        Ok(found) => {
            for (name, title) in PARAMETERS {
                let value = found.iter().find(|(known, _)| known == name);
                let value = value.map_or("not told", |(_, value)| value.as_str());
                // Mixed mode, or a rollback that was left on, changes what has to be done.
                let odd = !matches!(value, "0" | "F" | "f" | "False" | "false" | "not told");
                let outcome = if odd {
                    CheckOutcome::Warning
                } else {
                    CheckOutcome::Passed
                };
                seen.row(Row::new(title, outcome, value));
            }
        }
        Err(error) => seen.row(unread("Enterprise parameters", error.evidence())),
    }
    match cucm.process_nodes().await {
        Ok(nodes) => {
            let names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
            seen.row(Row::new(
                "Servers of the cluster",
                CheckOutcome::Passed,
                format!("{}: {}", nodes.len(), names.join(", ")),
            ));
        }
        Err(error) => seen.row(unread("Servers of the cluster", error.evidence())),
    }
}

/// Phones under a heading, with why.
fn listed(seen: &mut Seen, title: &str, phones: Vec<Named>) -> usize {
    let count = phones.len();
    if count > 0 {
        let first = phones.into_iter().take(Seen::MOST).collect();
        seen.phones.push((title.to_owned(), first, count));
    }
    count
}

fn tell_danger(phones: &[Endangered], seen: &mut Seen) {
    let named = |phone: &Endangered, why: String| Named {
        id: phone.phone_id,
        name: phone.name.clone(),
        why,
    };
    let pick = |is: &dyn Fn(&Endangered) -> Option<String>| -> Vec<Named> {
        phones
            .iter()
            .filter_map(|phone| is(phone).map(|why| named(phone, why)))
            .collect()
    };
    let model = |phone: &Endangered| phone.model.trim_start_matches("Cisco ").to_owned();
    let lists = [
        (
            "The trust list has failed already",
            pick(&|phone| {
                let failed = phone.trust_list == "update failed" || phone.cause == Cause::TrustListBroken.code();
                failed.then(|| format!("{}, trust list update failed", model(phone)))
            }),
        ),
        (
            "Settings access is locked",
            pick(&|phone| {
                let locked = matches!(phone.settings_access.as_str(), "restricted" | "disabled")
                    || phone.cause == Cause::SettingsAccessLocked.code();
                locked.then(|| {
                    let level = Some(phone.settings_access.as_str()).filter(|level| !level.is_empty());
                    format!("{}, {}", model(phone), level.unwrap_or("locked"))
                })
            }),
        ),
        (
            "Firmware older than 8.5(2)",
            pick(&|phone| {
                let number = phone.model_number.and_then(|number| u32::try_from(number).ok());
                number.and_then(loads::of_number)?;
                (is_before_compulsory(&phone.firmware)?).then(|| format!("{}, {}", model(phone), phone.firmware))
            }),
        ),
        (
            "Not registered: they miss the change",
            pick(&|phone| {
                let away = matches!(phone.status.as_str(), "unregistered" | "rejected");
                away.then(|| format!("{}, {}", model(phone), phone.status))
            }),
        ),
    ];
    let mut any = false;
    for (title, phones) in lists {
        let count = listed(seen, title, phones);
        let outcome = if count == 0 {
            CheckOutcome::Passed
        } else {
            CheckOutcome::Warning
        };
        let sentence = match count {
            0 => "None that is known.".to_owned(),
            1 => "1 phone.".to_owned(),
            count => format!("{count} phones."),
        };
        seen.row(Row::new(title, outcome, sentence));
        any |= count > 0;
    }
    seen.value("any", if any { "yes" } else { "no" });
}

fn tell_counts(before: Option<&Counts>, now: &Counts, seen: &mut Seen) {
    type Of = fn(&Counts) -> i64;
    let rows: [(&str, Of, bool); 7] = [
        ("Phones", |counts| counts.phones, true),
        ("Registered", |counts| counts.registered, true),
        ("Can be controlled", |counts| counts.ready, true),
        ("Cannot be controlled", |counts| counts.blocked, false),
        ("Trust list update failed", |counts| counts.trust_failed, false),
        ("Phones whose trust list is known", |counts| counts.trust_known, true),
        ("Different trust lists by hash", |counts| counts.hashes, false),
    ];
    for (title, of, more_is_better) in rows {
        let count = of(now);
        let (outcome, sentence) = match before.map(of) {
            None => (CheckOutcome::Passed, count.to_string()),
            Some(before) => {
                let worse = if more_is_better { count < before } else { count > before };
                let outcome = if worse {
                    CheckOutcome::Warning
                } else {
                    CheckOutcome::Passed
                };
                (outcome, format!("{before} before, {count} after"))
            }
        };
        seen.row(Row::new(title, outcome, sentence));
    }
}

/// Why a phone is worse than before; none when it is not.
fn worse(phone: &Difference) -> Option<String> {
    let ready = ReadinessState::Ready.as_str();
    let registered = RegistrationStatus::Registered.as_str();
    let lost = |pair: &(String, String), good: &str| pair.0 == good && pair.1 != good;
    if phone.status.1.is_empty() {
        return Some("gone from the list of phones".to_owned());
    }
    if phone.trust_list.1 == "update failed" && phone.trust_list.0 != "update failed" {
        return Some("trust list update failed".to_owned());
    }
    if lost(&phone.status, registered) {
        return Some(format!("was registered, is {}", phone.status.1));
    }
    if lost(&phone.readiness, ready) && phone.readiness.1 == ReadinessState::Blocked.as_str() {
        let cause: Option<Cause> = phone.cause.1.parse().ok();
        let why = cause.map_or("it cannot be controlled", Cause::title);
        return Some(format!("could be controlled; now: {why}"));
    }
    None
}

/// What was last seen before the first snapshot says nothing about the change.
fn tell_stale(stale: i64, seen: &mut Seen) {
    if stale > 0 {
        let sentence = format!("{stale} registered phones: whether they are worse is not known yet.");
        seen.row(Row::new(
            "Not looked at since the first snapshot",
            CheckOutcome::Warning,
            sentence,
        ));
    }
    seen.value("stale", stale.to_string());
}

fn tell_differences(differences: &[Difference], seen: &mut Seen) {
    let named = |phone: &Difference, why: String| Named {
        id: phone.phone_id,
        name: phone.name.clone(),
        why,
    };
    let (mut bad, mut new_list) = (Vec::new(), Vec::new());
    for phone in differences {
        if let Some(why) = worse(phone) {
            bad.push(named(phone, why));
        } else if phone.trust_hash.0 != phone.trust_hash.1 && !phone.trust_hash.1.is_empty() {
            let short = |hash: &str| hash.chars().take(12).collect::<String>();
            let why = format!("{} → {}", short(&phone.trust_hash.0), short(&phone.trust_hash.1));
            new_list.push(named(phone, why));
        }
    }
    listed(seen, "Worse than before", bad);
    listed(seen, "Another trust list than before", new_list);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(word: &str) -> (String, String) {
        (word.to_owned(), word.to_owned())
    }

    fn difference() -> Difference {
        Difference {
            phone_id: 1,
            name: "SEP001122334455".to_owned(),
            status: same("registered"),
            readiness: same("ready"),
            cause: same(""),
            firmware: same("sip88xx.14-2-1"),
            trust_list: same("installed"),
            trust_hash: same("aa"),
        }
    }

    fn to(pair: &mut (String, String), word: &str) {
        word.clone_into(&mut pair.1);
    }

    #[test]
    fn a_phone_is_worse_when_it_lost_something() {
        assert_eq!(worse(&difference()), None);
        let mut gone = difference();
        to(&mut gone.status, "");
        assert_eq!(worse(&gone).unwrap(), "gone from the list of phones");
        let mut failed = difference();
        to(&mut failed.trust_list, "update failed");
        assert_eq!(worse(&failed).unwrap(), "trust list update failed");
        let mut away = difference();
        to(&mut away.status, "unregistered");
        assert_eq!(worse(&away).unwrap(), "was registered, is unregistered");
        let mut blocked = difference();
        to(&mut blocked.readiness, "blocked");
        to(&mut blocked.cause, "trust-list-broken");
        assert!(worse(&blocked).unwrap().contains("trust list"));
        let mut unknown = difference();
        to(&mut unknown.readiness, "unknown");
        assert_eq!(worse(&unknown), None, "not looked at is no loss");
    }

    #[test]
    fn a_new_list_is_told_apart_from_a_loss() {
        let mut renewed = difference();
        to(&mut renewed.trust_hash, "bb");
        let mut seen = Seen::default();
        tell_differences(&[renewed], &mut seen);
        assert_eq!(seen.phones[0].0, "Another trust list than before");
        assert_eq!(seen.phones[0].1[0].why, "aa → bb");
    }
}
