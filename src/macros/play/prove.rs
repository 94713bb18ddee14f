//! Proofs: what a phone and CUCM tell after the last step, compared with what they told before it. A phone that merely fell
//! silent proves nothing (phone-xml-api.md 7.2, trap 35).

mod calls;

use std::time::{Duration, Instant};

use super::ending::Ending;
use super::identity::name_of;
use super::player::{Done, Player};
use crate::cucm::{self, Registration};
use crate::diagnosis::{self, Tools};
use crate::domain::finding::CheckOutcome;
use crate::domain::phone::RegistrationStatus;
use crate::domain::script::{Proof, RunEnd};
use crate::phone::{TrustList, TrustWord, Urgency};

/// The rest between two looks while a proof is awaited: doubled each time up to the longest.
const FIRST_REST: Duration = Duration::from_millis(300);
const LONGEST_REST: Duration = Duration::from_secs(5);
/// How long RIS may take.
const RIS: Duration = Duration::from_secs(6);
/// CUCM is asked again at most this often.
const ASK_CUCM_EVERY: Duration = Duration::from_secs(4);
const ASK_CUCM_EVERY_OF_A_JOB: Duration = Duration::from_secs(20);

/// What was told before the first destructive step.
#[derive(Debug, Clone, Default)]
pub(super) struct Baseline {
    trust: Option<TrustList>,
    messages: Option<Vec<String>>,
    registered: Option<Registration>,
    /// Unix seconds, by our clock.
    at: i64,
}

/// What was seen since.
#[derive(Debug, Default)]
struct After {
    /// The phone did not answer.
    gone: bool,
    /// It answers now.
    answers: bool,
    /// And did so after it had been gone.
    back: bool,
    trust: Option<TrustList>,
    messages: Option<Vec<String>>,
    registered: Option<Registration>,
    taken: Option<String>,
    not_taken: Option<String>,
}

impl Player<'_> {
    /// Reads what a proof compares with, once.
    pub(super) async fn take_baseline(&mut self) {
        if self.state.baseline.is_some() {
            return;
        }
        // A job leaves CUCM's limit of queries alone until a phone has not been seen to go away.
        let registered = if self.desk.is_attended() {
            self.registration().await
        } else {
            None
        };
        self.state.baseline = Some(Baseline {
            trust: self.trust_list().await,
            messages: self.messages().await,
            registered,
            at: self.shared.parts.clock.now_ms() / 1000,
        });
    }

    /// The trust list that the phone's pages show; none where they show none, or cannot be read.
    pub(super) async fn trust_list(&self) -> Option<TrustList> {
        let target = self.target().await.ok()?;
        let phones = &self.shared.parts.phones;
        let network = phones.network_configuration(&target, Urgency::Look).await.ok()?;
        if let Some(list) = network.trust_list() {
            return Some(list);
        }
        let page = phones.configuration_page(&target, Urgency::Look).await.ok()??;
        page.trust_list()
    }

    async fn messages(&self) -> Option<Vec<String>> {
        let target = self.target().await.ok()?;
        self.shared
            .parts
            .phones
            .status_messages(&target, Urgency::Look)
            .await
            .ok()
    }

    /// What RIS tells of the phone now; none when it does not tell in time.
    async fn registration(&self) -> Option<Registration> {
        let subject = self.shared.parts.inventory.subject(self.phone.id).await.ok()?;
        let name = subject.name?;
        let urgency = if self.desk.is_attended() {
            cucm::Urgency::Person
        } else {
            cucm::Urgency::Background
        };
        let names = [name.clone()];
        let asked = subject.cucm.registrations(&names, urgency);
        let told = tokio::time::timeout(RIS, asked).await.ok()?.ok()?;
        told.get(&name).cloned()
    }

    /// Waits for the proof; without it the run ends as unproved.
    pub(super) async fn prove(&mut self, proof: Proof, within: Duration) -> Result<Done, Ending> {
        self.hands_off().await;
        if proof == Proof::CallLogsEmpty {
            return self.prove_empty_lists().await;
        }
        let until = Instant::now() + within;
        let mut after = After::default();
        let mut rest = FIRST_REST;
        let mut asked_cucm: Option<Instant> = None;
        let every = if self.desk.is_attended() {
            ASK_CUCM_EVERY
        } else {
            ASK_CUCM_EVERY_OF_A_JOB
        };
        loop {
            self.look_after(proof, &mut after).await;
            let due = asked_cucm.is_none_or(|at| at.elapsed() >= every);
            if due && after.answers && self.wants_cucm(proof, &after) {
                asked_cucm = Some(Instant::now());
                self.ask_cucm(proof, &mut after).await;
            }
            let words = self.words_of(proof, &after);
            // Who follows sees what is still missing.
            self.desk.update(|view| view.evidence.clone_from(&words));
            if self.is_proved(proof, &after) {
                self.state.proved = Some(words.clone());
                self.state.doubt = None;
                return Ok(Done::saw(words));
            }
            if Instant::now() + rest > until {
                let evidence = format!("Not proved within {} s: {words}", within.as_secs());
                return Err(Ending::new(RunEnd::Unproved, evidence));
            }
            self.desk.sleep(rest).await?;
            rest = (rest * 2).min(LONGEST_REST);
        }
    }

    /// One look at the phone's own pages.
    async fn look_after(&self, proof: Proof, after: &mut After) {
        let device = match self.target().await {
            Ok(target) => {
                let phones = &self.shared.parts.phones;
                phones.device_information(&target, Urgency::Look).await.ok()
            }
            Err(_) => None,
        };
        let is_it = device
            .as_ref()
            .and_then(name_of)
            .is_some_and(|name| name.eq_ignore_ascii_case(&self.phone.name));
        after.answers = is_it;
        if !is_it {
            after.gone = true;
            return;
        }
        after.back = after.gone;
        if proof != Proof::Restarted {
            after.trust = self.trust_list().await.or(after.trust.take());
            after.messages = self.messages().await.or(after.messages.take());
        }
    }

    /// Whether CUCM can tell something that is missing.
    fn wants_cucm(&self, proof: Proof, after: &After) -> bool {
        let anew = self.is_registered_anew(after);
        !anew || proof == Proof::TrustListDeleted && self.is_deleted(after) && after.taken.is_none()
    }

    async fn ask_cucm(&self, proof: Proof, after: &mut After) {
        if !self.is_registered_anew(after) {
            after.registered = self.registration().await.or(after.registered.take());
        }
        if proof != Proof::TrustListDeleted || !self.is_deleted(after) {
            return;
        }
        let parts = &self.shared.parts;
        let Ok(subject) = parts.inventory.subject(self.phone.id).await else {
            return;
        };
        let tools = Tools {
            phones: parts.phones.clone(),
            screens: parts.screens.clone(),
            control: parts.control.clone(),
            inventory: parts.inventory.clone(),
            store: parts.store.clone(),
            clock: parts.clock.clone(),
        };
        let finding = Box::pin(diagnosis::configuration_taken(subject, tools)).await;
        match finding.outcome {
            CheckOutcome::Passed | CheckOutcome::Warning => after.taken = Some(finding.evidence),
            _ => after.not_taken = Some(finding.evidence),
        }
    }

    fn is_proved(&self, proof: Proof, after: &After) -> bool {
        let anew = after.answers && self.is_registered_anew(after);
        match proof {
            Proof::Restarted => anew,
            Proof::FactoryReset => anew && self.is_deleted(after),
            Proof::TrustListDeleted => anew && self.is_deleted(after) && after.taken.is_some(),
            Proof::CallLogsEmpty => false,
        }
    }

    /// Gone and back, or another time of registration in RIS.
    fn is_registered_anew(&self, after: &After) -> bool {
        if after.back {
            return true;
        }
        let Some(now) = &after.registered else { return false };
        let since = match self.state.baseline.as_ref() {
            Some(Baseline {
                registered: Some(before),
                ..
            }) => now.timestamp > before.timestamp,
            // CUCM's clock against ours: a phone that registered later than we looked did so since.
            Some(baseline) => now.timestamp > baseline.at,
            None => false,
        };
        since && now.status == RegistrationStatus::Registered
    }

    /// Another hash, none any more, or new messages of the deletion.
    fn is_deleted(&self, after: &After) -> bool {
        let baseline = self.state.baseline.as_ref();
        let by_hash = match (baseline.and_then(|before| before.trust.as_ref()), &after.trust) {
            (Some(before), Some(now)) => before != now,
            (None, Some(TrustList::Absent)) => true,
            _ => false,
        };
        by_hash || self.deletion_message(after).is_some()
    }

    /// A message of the deletion that was not there before.
    fn deletion_message<'a>(&self, after: &'a After) -> Option<&'a str> {
        let now = after.messages.as_deref()?;
        let before = self
            .state
            .baseline
            .as_ref()
            .and_then(|baseline| baseline.messages.as_deref());
        let new = new_messages(before.unwrap_or_default(), now);
        let mut of_deletion = new
            .iter()
            .rev()
            .filter(|message| matches!(TrustWord::of(message), Some(TrustWord::Erased | TrustWord::Absent)));
        of_deletion.next().map(String::as_str)
    }

    /// What is known so far, piece by piece.
    fn words_of(&self, proof: Proof, after: &After) -> String {
        let mut pieces = Vec::new();
        if after.gone && !after.back {
            pieces.push("the phone has been silent since".to_owned());
        } else if after.back {
            pieces.push("the phone went away and came back".to_owned());
        } else if self.is_registered_anew(after) {
            pieces.push("the phone registered anew".to_owned());
        } else {
            pieces.push("no new registration was seen".to_owned());
        }
        if proof != Proof::Restarted {
            let before = self
                .state
                .baseline
                .as_ref()
                .and_then(|baseline| baseline.trust.as_ref());
            pieces.push(match (before, &after.trust) {
                (Some(before), Some(now)) if before != now => {
                    format!("its trust list was {} and is {}", list_words(before), list_words(now))
                }
                (Some(_), Some(now)) => format!("its trust list is {} as before", list_words(now)),
                (None, Some(now)) => format!("its trust list is {}", list_words(now)),
                (_, None) => "its trust list was not seen".to_owned(),
            });
            pieces.push(match self.deletion_message(after) {
                Some(message) => format!("it says \"{message}\""),
                None => "it says nothing of a deletion".to_owned(),
            });
        }
        if proof == Proof::TrustListDeleted {
            pieces.push(match (&after.taken, &after.not_taken) {
                (Some(taken), _) => taken.clone(),
                (None, Some(not)) => not.clone(),
                (None, None) => "whether it takes its configuration was not seen".to_owned(),
            });
        }
        pieces.join("; ")
    }

    /// No more keys over SSH: the session is not kept open while the phone restarts.
    async fn hands_off(&mut self) {
        if matches!(self.hands, super::hands::Hands::Ssh(..)) {
            self.hands.close().await;
        }
    }
}

fn list_words(list: &TrustList) -> String {
    match list {
        TrustList::Hash(hash) => format!("{}…", hash.chars().take(12).collect::<String>()),
        TrustList::Absent => "absent".to_owned(),
    }
}

/// Messages that were not there before. Phones list the last ten, so that the oldest of before may be gone.
fn new_messages<'a>(before: &[String], now: &'a [String]) -> &'a [String] {
    let most = before.len().min(now.len());
    let overlap = (0..=most)
        .rev()
        .find(|count| before[before.len() - count..] == now[..*count]);
    &now[overlap.unwrap_or(0)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn only_messages_that_were_not_there_before_are_new() {
        let before = lines(&["a", "b", "c"]);
        assert_eq!(new_messages(&before, &lines(&["a", "b", "c"])), lines(&[]));
        assert_eq!(new_messages(&before, &lines(&["b", "c", "d", "c"])), lines(&["d", "c"]));
        assert_eq!(new_messages(&before, &lines(&["x"])), lines(&["x"]));
        assert_eq!(new_messages(&[], &lines(&["x"])), lines(&["x"]));
    }
}
