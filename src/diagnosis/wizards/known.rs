//! What is known in a run: its phone and cluster, what was answered, what was seen. Steps are functions of this.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::dhcp::Bench;
use super::loads::{self, Old};
use super::step::{Proof, Reading};
use super::words::Words;
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, CheckOutcome, Detail, Finding, Shown, Sign, Verdict};
use crate::domain::phone::RegistrationStatus;

/// The answer that counts for a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether the step was left undone.
    pub skipped: bool,
    /// What was chosen or typed.
    pub fields: BTreeMap<String, String>,
    /// Its place in the log.
    pub note: i64,
    /// The place of the answer that last changed the fields.
    pub changed: i64,
    /// Who.
    pub by: String,
    /// When, in unix milliseconds.
    pub at: i64,
}

/// A row of what the software saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What was looked at.
    pub title: String,
    /// How it was.
    pub outcome: CheckOutcome,
    /// What was seen, in a sentence.
    pub evidence: String,
    /// The proof, piece by piece.
    #[serde(default)]
    pub details: Vec<Detail>,
}

impl Row {
    /// A row without proof beyond its sentence.
    pub fn new(title: impl Into<String>, outcome: CheckOutcome, evidence: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            outcome,
            evidence: evidence.into(),
            details: Vec::new(),
        }
    }

    /// With a piece of proof.
    #[must_use]
    pub fn detail(mut self, label: impl Into<String>, text: impl AsRef<str>) -> Self {
        self.details.push(Detail::new(label, text));
        self
    }
}

impl From<&Finding> for Row {
    fn from(finding: &Finding) -> Self {
        Self {
            title: finding.check.title().to_owned(),
            outcome: finding.outcome,
            evidence: finding.evidence.clone(),
            details: finding.details.clone(),
        }
    }
}

/// A phone of a list, and why it is on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Why.
    pub why: String,
}

/// What one reading saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// For people.
    #[serde(default)]
    pub rows: Vec<Row>,
    /// For the steps: names and values as CUCM or the phone has them.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Phones, by what they have in common; at most [`Seen::MOST`] of each, and how many there are in all.
    #[serde(default)]
    pub phones: Vec<(String, Vec<Named>, usize)>,
}

impl Seen {
    /// The most phones of one list.
    pub const MOST: usize = 100;

    /// One more row.
    pub fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// One more value; an empty one is none.
    pub fn value(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.values.insert(name.to_owned(), value);
        }
    }
}

/// A reading and its age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look<T> {
    /// What was seen; none before the first.
    pub seen: Option<T>,
    /// When, in unix milliseconds.
    pub at: i64,
    /// Whether a newer look is under way.
    pub busy: bool,
}

impl<T> Default for Look<T> {
    fn default() -> Self {
        Self {
            seen: None,
            at: 0,
            busy: false,
        }
    }
}

/// What a diagnosis said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosed {
    /// Its number.
    pub id: i64,
    /// What follows.
    pub verdict: Option<Verdict>,
    /// What was seen.
    pub findings: Vec<Finding>,
    /// Why there is none, when the phone could not be diagnosed at all.
    #[serde(default)]
    pub failed: Option<String>,
}

/// The cluster, as far as steps speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterKnown {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Host name or address of the publisher.
    pub host: String,
    /// Its port for https.
    pub https_port: u16,
    /// The port of its authenticate service for http.
    pub http_port: u16,
    /// The user of the CUCM login.
    pub cucm_user: String,
    /// The user of the control login; the CUCM login's where there is no other.
    pub control_user: String,
    /// Whether the control login is one of its own.
    pub separate_login: bool,
    /// The networks in which phones live.
    pub networks: Vec<String>,
}

/// The phone, as far as steps speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneKnown {
    /// Its number.
    pub id: i64,
    /// Its device name.
    pub name: String,
    /// CUCM's name of the model.
    pub model: String,
    /// CUCM's number of the model.
    pub model_number: Option<u32>,
    /// Its address.
    pub address: Option<Ipv4Addr>,
    /// Its load.
    pub firmware: String,
    /// Registration.
    pub status: RegistrationStatus,
}

/// All of it.
#[derive(Debug, Clone)]
pub struct Known {
    /// The cluster.
    pub cluster: ClusterKnown,
    /// The phone; none in a wizard for a whole cluster.
    pub phone: Option<PhoneKnown>,
    /// Answers by step.
    pub answers: BTreeMap<String, Answer>,
    /// The newest diagnosis of this run.
    pub diagnosis: Look<Diagnosed>,
    /// Readings by their word.
    pub readings: BTreeMap<&'static str, Look<Seen>>,
}

impl Known {
    /// What was chosen at a step; empty before.
    pub fn choice(&self, step: &str) -> &str {
        self.field(step, "choice")
    }

    /// What was typed at a step; empty before.
    pub fn field(&self, step: &str, name: &str) -> &str {
        let answer = self.answers.get(step);
        answer
            .and_then(|answer| answer.fields.get(name))
            .map_or("", String::as_str)
    }

    /// What a check found.
    pub fn finding(&self, check: CheckId) -> Option<&Finding> {
        let findings = &self.diagnosis.seen.as_ref()?.findings;
        findings.iter().find(|finding| finding.check == check)
    }

    /// Whether a check saw something of this kind.
    pub fn saw(&self, is: impl Fn(&Sign) -> bool) -> bool {
        let findings = self.diagnosis.seen.iter().flat_map(|seen| &seen.findings);
        findings.flat_map(|finding| &finding.signs).any(is)
    }

    /// The verdict of the diagnosis.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.diagnosis.seen.as_ref()?.verdict.as_ref()
    }

    /// Whether the phone gave its picture when it was last asked.
    pub fn obeys(&self) -> bool {
        self.saw(|sign| *sign == Sign::Shot(Shown::Picture))
    }

    /// Whether the verdict names this cause, first or among the others.
    pub fn blames(&self, causes: &[Cause]) -> bool {
        self.verdict().is_some_and(|verdict| {
            causes.contains(&verdict.cause) || verdict.also.iter().any(|also| causes.contains(also))
        })
    }

    /// What a check proves.
    pub fn proof(&self, check: CheckId) -> Proof {
        match self.finding(check) {
            Some(finding) => match finding.outcome {
                CheckOutcome::Passed | CheckOutcome::Warning => Proof::Good(finding.evidence.clone()),
                CheckOutcome::Failed => Proof::Bad(finding.evidence.clone()),
                CheckOutcome::Skipped => Proof::Unknown,
            },
            None => Proof::Unknown,
        }
    }

    /// What several checks prove together: one that failed counts, else all must have passed.
    pub fn all_of(&self, checks: &[CheckId]) -> Proof {
        let mut sentences = Vec::new();
        let mut unknown = false;
        for check in checks {
            match self.proof(*check) {
                bad @ Proof::Bad(_) => return bad,
                Proof::Good(sentence) => sentences.push(sentence),
                Proof::Unknown | Proof::NotSeen => unknown = true,
            }
        }
        if unknown || sentences.is_empty() {
            Proof::Unknown
        } else {
            Proof::Good(sentences.join(" "))
        }
    }

    /// The phone gave its picture: whatever is asked, it is not the fault.
    pub fn proof_by_picture(&self) -> Proof {
        match self.finding(CheckId::Screenshot) {
            Some(finding) if self.obeys() => Proof::Good(finding.evidence.clone()),
            Some(finding) if finding.outcome == CheckOutcome::Failed => Proof::Bad(finding.evidence.clone()),
            _ => Proof::Unknown,
        }
    }

    /// What a reading saw.
    pub fn seen(&self, reading: Reading) -> Option<&Seen> {
        self.readings.get(reading.id())?.seen.as_ref()
    }

    /// A value that a reading saw.
    pub fn read(&self, reading: Reading, name: &str) -> Option<&str> {
        self.seen(reading)?.values.get(name).map(String::as_str)
    }

    /// The bench whose addresses were typed, when they fit.
    pub fn bench(&self) -> Option<Bench> {
        Bench::parse(&self.answers.get("addresses")?.fields).ok()
    }

    /// The model in recovery: as it was chosen, else as CUCM has it.
    pub fn old(&self) -> Option<Old> {
        loads::of_model(self.choice("model")).or_else(|| self.old_as_known())
    }

    /// The model in recovery as CUCM has it.
    pub fn old_as_known(&self) -> Option<Old> {
        let phone = self.phone.as_ref()?;
        let by_number = phone.model_number.and_then(loads::of_number);
        by_number.or_else(|| loads::of_model(&phone.model))
    }

    /// A sentence with the values of this run.
    pub fn words(&self, text: &str) -> Words {
        Words::read(text, |name| self.value(name))
    }

    /// Sentences with the values of this run.
    pub fn all_words(&self, texts: &[&str]) -> Vec<Words> {
        texts.iter().map(|text| self.words(text)).collect()
    }

    /// The publisher as an address, where that is known.
    fn publisher_address(&self) -> Option<String> {
        let host = &self.cluster.host;
        host.parse::<Ipv4Addr>().ok().map(|address| address.to_string())
    }

    /// A value by the name that texts use, or words that stand for it while it is not known.
    pub fn value(&self, name: &str) -> String {
        let phone = self.phone.as_ref();
        let host = self
            .publisher_address()
            .unwrap_or_else(|| "<publisher's address>".to_owned());
        let known = match name {
            "phone" => phone.map(|phone| phone.name.clone()),
            "address" => phone.and_then(|phone| phone.address).map(|address| address.to_string()),
            "model" => phone.map(|phone| phone.model.trim_start_matches("Cisco ").to_owned()),
            "load" => phone.map(|phone| phone.firmware.clone()),
            "cluster" => Some(self.cluster.name.clone()),
            "publisher" => Some(self.cluster.host.clone()),
            "user" => Some(self.cluster.control_user.clone()),
            "cucm-user" => Some(self.cluster.cucm_user.clone()),
            "networks" => Some(self.cluster.networks.join(", ")),
            "auth-http" => Some(format!(
                "http://{host}:{}/ccmcip/authenticate.jsp",
                self.cluster.http_port
            )),
            "auth-https" => Some(format!(
                "https://{host}:{}/ccmcip/authenticate.jsp",
                self.cluster.https_port
            )),
            "profile" => self.read(Reading::Settings, "profile").map(str::to_owned),
            "url" => self.read(Reading::Urls, "url").map(str::to_owned),
            "old-model" => self.old().map(|old| old.model.to_owned()),
            "zip" => self.old().map(|old| old.package.zip.to_owned()),
            "target-load" => self.old().map(|old| old.package.load.to_owned()),
            "first-file" => self.old().map(|old| old.first_file.to_owned()),
            "tftp" => self.bench().map(|bench| bench.tftp.to_string()),
            _ => None,
        };
        known
            .filter(|value| !value.is_empty())
            .unwrap_or_else(|| missing(name).to_owned())
    }
}

/// What stands for a value that is not known.
fn missing(name: &str) -> &'static str {
    match name {
        "phone" => "the phone",
        "address" => "<phone's address>",
        "model" => "the phone's model",
        "load" => "the load it has now",
        "profile" => "the phone's common phone profile",
        "url" => "the Authentication URL",
        "old-model" => "the model",
        "zip" => "the package of the model",
        "target-load" => "the model's load 8.5(2)",
        "first-file" => "the model's first file",
        "tftp" => "the TFTP server",
        "networks" => "the phones' networks",
        _ => "",
    }
}
