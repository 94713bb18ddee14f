//! A run for a job: nobody is there who could be asked.

use tokio_util::sync::CancellationToken;

use super::desk::{Desk, Line};
use super::ending::Ending;
use super::error::PlayError;
use super::player::Witness;
use super::start::{player, view_of};
use super::types::{JobHooks, Order, Report, Skip, Way};
use super::{Held, Macros, RunView};
use crate::domain::cause::Trouble;
use crate::security::Viewer;

impl Macros {
    /// Plays a macro for a job, to its end or until it is cancelled. What a person would be asked ends it as
    /// [`NeedsPerson`](crate::domain::script::RunEnd::NeedsPerson). The typed confirmation is the job's business.
    ///
    /// A run that the end of the program cuts off is reported as unsure when anything may have reached the phone.
    pub async fn play_for_job(
        &self,
        viewer: &Viewer,
        order: &Order,
        hooks: &dyn JobHooks,
        cancel: &CancellationToken,
    ) -> Report {
        let shared = &self.shared;
        let ready = match shared.check(viewer, order).await {
            Ok(ready) => ready,
            Err(error) => return not_begun(error),
        };
        let _place = match shared.take_place(order.phone, Held::ByJob) {
            Ok(place) => place,
            Err(error) => return not_begun(error),
        };
        let view = view_of(&ready, order, shared.parts.clock.now_ms());
        let program = shared.parts.tasks.stop_token();
        let desk = Desk::new(view, Line::Nobody, cancel.clone(), program, false);
        let mut player = player(shared, ready, desk, order, Witness::Job(hooks));
        let ending = Box::pin(player.play()).await;
        let view = player.desk.view();
        report(ending, &view)
    }
}

fn not_begun(error: PlayError) -> Report {
    let ending = match error {
        PlayError::OtherKind(words) => Ending::skipped(Skip::OtherKind, words),
        PlayError::Busy(_) => Ending::skipped(Skip::Busy, error.to_string()),
        PlayError::Phone(error) => Ending::failed_by(&Trouble::from(error)),
        other => Ending::failed(other.to_string()),
    };
    Report {
        end: ending.end,
        skipped: ending.skipped,
        cause: ending.cause,
        evidence: ending.evidence,
        steps: Vec::new(),
        way: Way::Auto,
        pictures: Vec::new(),
    }
}

fn report(ending: Ending, view: &RunView) -> Report {
    Report {
        end: ending.end,
        skipped: ending.skipped,
        cause: ending.cause,
        evidence: ending.evidence,
        steps: view.steps.clone(),
        way: view.way,
        pictures: view
            .pictures
            .iter()
            .map(|picture| (picture.name.clone(), picture.evidence_id))
            .collect(),
    }
}
