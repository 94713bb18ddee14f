//! Acts of other modules on a phone: their audit line, the wheel, and one place that they all pass through.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::execute::ExecuteError;
use super::outcome::{Outcome, outcome_of, trouble_of};
use super::record::Record;
use super::{Control, Source, stopped};
use crate::audit::Action;
use crate::domain::ids::PhoneId;
use crate::phone::{self, Phones, Target};
use crate::security::{May, ReachPeople, Viewer};

/// Whose wheel counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heed {
    /// Nothing is done to a phone that somebody else drives. A free wheel stays free.
    Driver,
    /// The same of a macro that keeps the wheel: its own acts pass.
    Holder(Source),
    /// It is done whoever drives: something of ours that must end.
    Nobody,
}

/// What is done, for the trail and for those who drive.
#[derive(Debug, Clone)]
pub struct Act {
    /// The word in the trail.
    pub action: Action,
    /// How, without secrets, numbers that are dialled, or what a message says.
    pub detail: String,
    /// Whose wheel counts.
    pub heed: Heed,
}

impl Control {
    /// Runs one act between the two halves of its audit line, to its end even when the caller leaves. Without the first
    /// half nothing is sent.
    ///
    /// # Errors
    /// [`ExecuteError::Driven`] when somebody else drives the phone, [`ExecuteError::Trouble`] when it cannot be reached
    /// or refused.
    pub async fn act<T, F, A>(
        &self,
        may: &May<ReachPeople>,
        phone: PhoneId,
        act: Act,
        run: F,
    ) -> Result<T, ExecuteError>
    where
        T: Send + 'static,
        F: FnOnce(Phones, Target) -> A + Send + 'static,
        A: Future<Output = Result<T, phone::Error>> + Send,
    {
        let (shared, viewer) = (Arc::clone(&self.shared), Viewer::clone(may));
        let acting = self.shared.tasks.spawn("act on a phone", async move {
            let target = shared.inventory.target(phone).await;
            let target = target.map_err(|error| ExecuteError::Trouble(error.into()))?;
            let in_the_way = || {
                let source = match act.heed {
                    Heed::Nobody => return None,
                    Heed::Driver => None,
                    Heed::Holder(source) => Some(source),
                };
                shared.drivers.in_the_way_of(phone, viewer.user, source)
            };
            if let Some(driver) = in_the_way() {
                return Err(ExecuteError::Driven(driver));
            }
            let record = Record::begin(&shared, &viewer, phone, act.action, &act.detail)
                .await
                .map_err(ExecuteError::Trouble)?;
            // The wheel may have been taken meanwhile.
            if let Some(driver) = in_the_way() {
                let trouble = super::wheel::no_longer(Some(&driver));
                record
                    .end(&shared, Outcome::NotSent, Some(&trouble), Duration::ZERO)
                    .await;
                return Err(ExecuteError::Driven(driver));
            }
            let started = Instant::now();
            let answer = Box::pin(run(shared.phones.clone(), target)).await;
            let (outcome, trouble) = match &answer {
                Ok(_) => (Outcome::Sent, None),
                Err(error) => (outcome_of(error), Some(trouble_of(error))),
            };
            record.end(&shared, outcome, trouble.as_ref(), started.elapsed()).await;
            shared.screens.expect_change(phone);
            answer.map_err(|_| ExecuteError::Trouble(trouble.unwrap_or_else(stopped)))
        });
        let ended = acting.await.ok().flatten();
        ended.unwrap_or_else(|| Err(ExecuteError::Trouble(stopped())))
    }
}
