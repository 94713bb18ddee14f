//! What was done to a phone, by whom and when.

use super::types::{Run, RunState};
use super::undo::undoable;
use super::{Remedies, RemedyError, RemedyId};
use crate::domain::ids::{PhoneId, RemedyRunId};
use crate::security::Viewer;
use crate::store::remedies::{self as rows};

/// The most runs of one phone that are shown.
const MOST: i64 = 50;

impl Remedies {
    /// The runs of a phone, the newest first; at most 50.
    ///
    /// # Errors
    /// [`RemedyError::UnknownPhone`].
    pub async fn runs(&self, viewer: &Viewer, phone: PhoneId) -> Result<Vec<Run>, RemedyError> {
        let parts = &self.shared.parts;
        let phone = parts.inventory.phone(viewer, phone).await?;
        let found = rows::of_phone(&parts.store, phone.id, &phone.name, MOST).await?;
        found.into_iter().map(shown).collect()
    }

    /// One run.
    ///
    /// # Errors
    /// [`RemedyError::UnknownRun`], also for one of a cluster the viewer may not know of.
    pub async fn run(&self, viewer: &Viewer, id: RemedyRunId) -> Result<Run, RemedyError> {
        let found = rows::by_id(&self.shared.parts.store, id).await?;
        let found = found.filter(|run| viewer.sees(run.cluster));
        shown(found.ok_or(RemedyError::UnknownRun)?)
    }
}

fn shown(run: rows::Run) -> Result<Run, RemedyError> {
    let corrupt = |column| RemedyError::Store(crate::store::Error::Corrupt(column));
    let state = RunState::ALL.into_iter().find(|state| state.as_str() == run.state);
    let remedy: Option<RemedyId> = run.remedy.parse().ok();
    Ok(Run {
        id: run.id,
        remedy,
        title: remedy.map_or_else(|| run.remedy.clone(), |id| id.title().to_owned()),
        phone: run.phone,
        undoable: undoable(&run).is_ok(),
        phone_name: run.phone_name,
        user: run.user,
        user_name: run.user_name,
        began_at: run.began_at,
        ended_at: run.ended_at,
        changes: serde_json::from_str(&run.changes).map_err(|_| corrupt("remedy_run.changes"))?,
        state: state.ok_or_else(|| corrupt("remedy_run.state"))?,
        evidence: run.evidence,
        visit_until: run.visit_until,
        undone: run.undone_at.map(|at| (run.undone_by, at)),
        diagnosis: run.diagnosis,
    })
}
