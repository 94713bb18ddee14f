//! What stands beside a verdict: the remedies, what was changed from here, and whether it helped.

use std::time::Duration;

use crate::diagnosis::remedies::{Offer, RemedyId, Run, RunState};
use crate::diagnosis::{Record, RecordState, Summary};
use crate::domain::cause::Cause;
use crate::domain::ids::{PhoneId, RemedyRunId};
use crate::http::failure::Failure;
use crate::http::pages::When;
use crate::http::pages::diagnosis::{ChangeView, MendingStage, MendingView, RemedyView};
use crate::http::visit::Visit;

/// Changes on a page.
const CHANGES: usize = 5;

/// The remedies of a verdict; none while there is none.
pub(super) async fn remedies(visit: &Visit, record: &Record) -> Vec<RemedyView> {
    if record.verdict.is_none() {
        return Vec::new();
    }
    let offers = visit.app.remedies.offers(&visit.viewer, record).await;
    offers.into_iter().map(|offer| view(record.phone, offer)).collect()
}

fn view(phone: PhoneId, offer: Offer) -> RemedyView {
    RemedyView {
        title: offer.title.to_owned(),
        effect: offer.effect,
        href: address(phone, offer.id),
        one_click: offer.one_click,
        allowed: offer.allowed,
        needs: offer.needs,
        undo: offer.undo,
        guided_because: offer.guided_because.unwrap_or_default(),
    }
}

/// The page of a remedy.
pub(super) fn address(phone: PhoneId, remedy: RemedyId) -> String {
    format!("/phones/{phone}/remedies/{remedy}")
}

/// What was changed from here, newest first.
pub(super) async fn changes(visit: &Visit, phone: PhoneId) -> Result<Vec<ChangeView>, Failure> {
    let runs = visit.app.remedies.runs(&visit.viewer, phone).await?;
    let now = visit.app.clock.now_ms();
    let views = runs.into_iter().take(CHANGES).map(|run| ChangeView {
        id: run.id.0,
        told: told(&run),
        state: run.state,
        at: When::from_ms(run.began_at, now),
        only_for_visit: run.visit_until.is_some(),
        can_undo: can_undo(visit, &run),
        title: run.title,
        by: run.user_name,
    });
    Ok(views.collect())
}

fn can_undo(visit: &Visit, run: &Run) -> bool {
    run.undoable && run.remedy.is_some_and(|remedy| visit.viewer.role.may(remedy.needs()))
}

/// What became of a change, in one line.
fn told(run: &Run) -> String {
    if !run.evidence.is_empty() {
        return run.evidence.clone();
    }
    let changed = run.changes.iter().map(|change| {
        let empty = |text: &str| {
            if text.is_empty() {
                "nothing".to_owned()
            } else {
                text.to_owned()
            }
        };
        format!("{}: {} → {}", change.what, empty(&change.from), empty(&change.to))
    });
    changed.collect::<Vec<_>>().join("; ")
}

/// A remedy whose effect a page looks at.
pub(super) struct Followed {
    run: Run,
    /// Whether more diagnoses come by themselves.
    goes_on: bool,
}

impl Followed {
    /// The run that the address names, when it is of the same phone.
    pub(super) async fn of(visit: &Visit, run: RemedyRunId, record: &Record) -> Result<Option<Self>, Failure> {
        let run = visit.app.remedies.run(&visit.viewer, run).await?;
        if run.phone != record.phone && run.diagnosis != Some(record.id) {
            return Ok(None);
        }
        let goes_on = visit.app.remedies.settled(run.id, Duration::ZERO).await.is_some();
        Ok(Some(Self { run, goes_on }))
    }

    /// Whether a newer diagnosis tells more than this one.
    pub(super) fn is_outlived_by(&self, record: &Record, newest: &Summary) -> bool {
        let waits = matches!(self.stage(record), MendingStage::Checking | MendingStage::Stayed);
        let is_over = record.state != RecordState::Running;
        waits && is_over && newest.id > record.id
    }

    fn stage(&self, record: &Record) -> MendingStage {
        match self.run.state {
            RunState::Failed => return MendingStage::NotMade,
            RunState::Undone => return MendingStage::Undone,
            RunState::Begun | RunState::Done | RunState::Doubtful => {}
        }
        let Some(verdict) = &record.verdict else {
            return MendingStage::Checking;
        };
        let mends = |remedy: RemedyId| remedy.causes().contains(&verdict.cause);
        match verdict.cause {
            Cause::None => MendingStage::Gone,
            _ if self.goes_on => MendingStage::Checking,
            Cause::PhoneRestarting | Cause::PhoneNotRegistered | Cause::PhoneUnreachable | Cause::PhoneNotAnswering => {
                MendingStage::Stayed
            }
            _ if self.run.remedy.is_some_and(mends) => MendingStage::Stayed,
            _ => MendingStage::NextCause,
        }
    }

    /// The banner above the diagnosis.
    pub(super) fn view(self, visit: &Visit, record: &Record) -> MendingView {
        let undone_by = self.run.undone.as_ref().map(|(by, _)| by.clone());
        MendingView {
            id: self.run.id.0,
            stage: self.stage(record),
            told: told(&self.run),
            is_certain: self.run.state != RunState::Doubtful,
            can_undo: can_undo(visit, &self.run),
            undone_by: undone_by.unwrap_or_default(),
            title: self.run.title,
        }
    }
}
