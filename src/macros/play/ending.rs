//! Why a run ends here.

use super::types::Skip;
use crate::domain::cause::{Cause, Trouble};
use crate::domain::script::RunEnd;
use crate::store;

/// The end of a run, found by the step that cannot go on, or by its last step.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    pub(super) end: RunEnd,
    pub(super) skipped: Option<Skip>,
    pub(super) cause: Option<Cause>,
    pub(super) evidence: String,
}

impl Ending {
    pub(super) fn new(end: RunEnd, evidence: impl Into<String>) -> Self {
        Self {
            end,
            skipped: None,
            cause: None,
            evidence: evidence.into(),
        }
    }

    pub(super) fn failed(evidence: impl Into<String>) -> Self {
        Self::new(RunEnd::Failed, evidence)
    }

    pub(super) fn failed_by(trouble: &Trouble) -> Self {
        Self::new(RunEnd::Failed, trouble.evidence.clone()).caused(trouble.named())
    }

    pub(super) fn skipped(skip: Skip, evidence: impl Into<String>) -> Self {
        Self {
            skipped: Some(skip),
            ..Self::new(RunEnd::Skipped, evidence)
        }
    }

    pub(super) fn stopped(evidence: impl Into<String>) -> Self {
        Self::new(RunEnd::Stopped, evidence)
    }

    pub(super) fn caused(self, cause: Option<Cause>) -> Self {
        Self { cause, ..self }
    }
}

impl From<store::Error> for Ending {
    fn from(error: store::Error) -> Self {
        Self::failed(error.to_string())
    }
}
