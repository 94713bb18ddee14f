//! A diagnosis as it is kept and shown.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::domain::cause::Cause;
use crate::domain::finding::{Certainty, Finding, Sign, Verdict};
use crate::domain::ids::{ClusterId, DiagnosisId, PhoneId};
use crate::store::diagnoses as rows;

/// How far a diagnosis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordState {
    /// Checks are under way.
    Running,
    /// There is a verdict.
    Finished,
    /// The program ended in the middle; the findings so far may be missing.
    Interrupted,
}

impl RecordState {
    /// The word in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether nothing more comes.
    pub fn is_over(self) -> bool {
        self != Self::Running
    }

    pub(super) fn of(word: &str) -> Self {
        match word {
            "running" => Self::Running,
            "finished" => Self::Finished,
            _ => Self::Interrupted,
        }
    }
}

/// One diagnosis: of which phone, what was found, what follows. Holds no secret, so that it can be shown, kept and sent
/// away as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The row, and the link.
    pub id: DiagnosisId,
    /// Of which phone.
    pub phone: PhoneId,
    /// Its device name then; its address when it was known only by that.
    pub phone_name: String,
    /// Its model's name.
    pub model: String,
    /// Its cluster.
    pub cluster: ClusterId,
    /// The cluster's name then.
    pub cluster_name: String,
    /// The address that was examined.
    pub address: Option<Ipv4Addr>,
    /// The user name of the control login.
    pub control_login: String,
    /// CUCM's release, such as `14.0`; none when CUCM did not tell.
    pub cucm_version: Option<String>,
    /// By whom.
    pub by: String,
    /// Unix milliseconds.
    pub started_at: i64,
    /// Unix milliseconds; none while it runs.
    pub finished_at: Option<i64>,
    /// How far it is.
    pub state: RecordState,
    /// What was found so far, in the order of [`CheckId::ALL`](crate::domain::finding::CheckId::ALL).
    pub findings: Vec<Finding>,
    /// What follows; none while it runs and of an interrupted one.
    pub verdict: Option<Verdict>,
    /// Whether the phone's picture is kept with it.
    pub has_picture: bool,
}

impl Record {
    /// The address of its page.
    pub fn path(&self) -> String {
        format!("/diagnoses/{}", self.id)
    }

    /// Every fact that was seen.
    pub fn signs(&self) -> impl Iterator<Item = &Sign> {
        self.findings.iter().flat_map(|finding| &finding.signs)
    }

    /// Whether a check saw this.
    pub fn has(&self, sign: &Sign) -> bool {
        self.signs().any(|seen| seen == sign)
    }

    /// The verdict's cause and all further faults, the first to mend first.
    pub fn faults(&self) -> Vec<Cause> {
        let Some(verdict) = &self.verdict else {
            return Vec::new();
        };
        let named = std::iter::once(verdict.cause).chain(verdict.also.iter().copied());
        named.filter(|cause| *cause != Cause::None).collect()
    }

    /// Adds a finding in its place, and what it tells of the phone.
    pub(super) fn add(&mut self, finding: Finding) {
        for sign in &finding.signs {
            match sign {
                Sign::Address(address) => self.address = Some(*address),
                Sign::CucmRelease(major, minor) => self.cucm_version = Some(format!("{major}.{minor}")),
                _ => {}
            }
        }
        self.findings.retain(|known| known.check != finding.check);
        let place = self.findings.partition_point(|known| known.check < finding.check);
        self.findings.insert(place, finding);
    }

    /// A record as the store has it; none when its report cannot be read.
    pub(super) fn of(kept: &rows::Kept) -> Option<Self> {
        let record: Self = serde_json::from_str(&kept.report).ok()?;
        Some(Self {
            id: DiagnosisId(kept.id),
            state: RecordState::of(&kept.state),
            finished_at: kept.finished_at,
            has_picture: kept.has_picture,
            ..record
        })
    }
}

/// One line of the list of a phone's diagnoses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The row, and the link.
    pub id: DiagnosisId,
    /// By whom.
    pub by: String,
    /// Unix milliseconds.
    pub started_at: i64,
    /// Unix milliseconds; none while it runs.
    pub finished_at: Option<i64>,
    /// How far it is.
    pub state: RecordState,
    /// The verdict's cause.
    pub cause: Option<Cause>,
    /// How sure it is.
    pub certainty: Option<Certainty>,
}

impl From<rows::Line> for Summary {
    fn from(line: rows::Line) -> Self {
        Self {
            id: DiagnosisId(line.id),
            by: line.by_name,
            started_at: line.started_at,
            finished_at: line.finished_at,
            state: RecordState::of(&line.state),
            cause: line.cause.parse().ok(),
            certainty: [Certainty::Possible, Certainty::Likely, Certainty::Proved]
                .into_iter()
                .find(|certainty| certainty.as_str() == line.certainty),
        }
    }
}
