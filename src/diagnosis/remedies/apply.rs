//! From the order to the outcome: lock, plan again, compare, write the line, act, write the outcome, look again.

use std::sync::Arc;
use std::time::Instant;

use super::act::{Done, Mishap, complete};
use super::plan::{Confirm, Plan};
use super::types::{Applied, Apply, Change, RunState};
use super::{Case, Remedies, RemedyError, RemedyId, Shared};
use crate::audit::{self, Action, Event, Outcome, action};
use crate::domain::cause::Trouble;
use crate::domain::ids::{EventId, PhoneId, RemedyRunId};
use crate::inventory::Subject;
use crate::security::Viewer;
use crate::store::remedies::{self as rows, End, NewRun};

/// The longest text about a change in the audit trail, in characters.
const LONGEST_DETAIL: usize = 300;
/// A phone that was restarted is not restarted again before this time is over, in milliseconds.
const RESTED_MS: i64 = 60_000;

/// A line of the trail whose act is under way.
pub(super) struct Line {
    pub(super) event: EventId,
    pub(super) begun: Instant,
}

impl Remedies {
    /// Applies a remedy of one click, then diagnoses the phone; again and again by itself until the cause is gone, two
    /// minutes at most. Whatever the caller does meanwhile, it is carried to its end.
    ///
    /// # Errors
    /// [`RemedyError::Denied`], [`RemedyError::UnknownPhone`], [`RemedyError::Guided`]; [`RemedyError::Changed`] and
    /// [`RemedyError::AlreadyDone`] when things are not as the preview showed them; [`RemedyError::Busy`], [`RemedyError::Unconfirmed`],
    /// [`RemedyError::Invalid`], [`RemedyError::NotPossible`], [`RemedyError::Unrecorded`]: nothing was sent.
    /// [`RemedyError::Failed`]: everything is as before. [`RemedyError::Doubtful`].
    pub async fn apply(
        &self,
        viewer: &Viewer,
        phone: PhoneId,
        id: RemedyId,
        request: Apply,
    ) -> Result<Applied, RemedyError> {
        id.allow(viewer)?;
        let case = self.shared.case(viewer, phone).await?;
        if !id.one_click() || (id.in_cucm() && self.shared.reads_only(&case.subject)) {
            return Err(RemedyError::Guided(Box::new(self.shared.guide_of(&case, id).await)));
        }
        let shared = Arc::clone(&self.shared);
        let work = async move { shared.apply(case, id, &request).await };
        let task = self.shared.parts.tasks.spawn("remedy", work);
        task.await.ok().flatten().unwrap_or(Err(RemedyError::Stopping))
    }
}

impl Shared {
    async fn apply(self: Arc<Self>, case: Case, id: RemedyId, given: &Apply) -> Result<Applied, RemedyError> {
        let turn = self.turn(case.subject.cluster.id).await?;
        // What was true before the turn came may not be true now: the cluster may have been changed, the phone removed.
        let case = self.case(&case.viewer, case.subject.phone.id).await?;
        let plan = self.plan(&case, id, given).await?;
        complete(&plan.act, given)?;
        if id.destructive() {
            self.rested(&case, id).await?;
        }
        agreed(&plan, given)?;
        let (run, line) = self.begin(&case, id, &plan).await?;
        let outcome = if plan.changes.is_empty() {
            Ok(Done::default())
        } else {
            self.act(&case, &plan.act).await
        };
        if outcome.is_ok()
            && let Err(error) = self.complete_run(&case, run, &plan).await
        {
            tracing::error!(run = run.0, "what belongs to a remedy cannot be written: {error}");
        }
        self.end(run, &line, &outcome).await;
        drop(turn);
        match outcome {
            Ok(done) => Ok(self.look_again(case, id, run, &done).await),
            Err(Mishap::Failed(trouble)) => Err(RemedyError::Failed(trouble)),
            Err(Mishap::Doubtful(trouble)) => Err(RemedyError::Doubtful(trouble)),
            Err(Mishap::Changed(what)) => Err(RemedyError::Changed(what)),
            Err(Mishap::ReadOnly) => {
                self.note_read_only(&case.subject);
                Err(RemedyError::Guided(Box::new(self.guide_of(&case, id).await)))
            }
        }
    }

    /// What belongs to a run that was done: visits that last now, and what undo compares.
    async fn complete_run(&self, case: &Case, run: RemedyRunId, plan: &Plan) -> Result<(), RemedyError> {
        if !plan.lasting.is_empty() {
            let mut tx = self.parts.store.begin().await?;
            for visit in &plan.lasting {
                rows::end_visit(&mut tx, *visit).await?;
            }
            tx.commit().await?;
        }
        self.keep_after(case, run, &plan.act).await
    }

    /// A phone is not restarted twice for two people who see the same trouble.
    async fn rested(&self, case: &Case, id: RemedyId) -> Result<(), RemedyError> {
        let (phone, name) = (case.subject.phone.id, case.subject.phone.name.as_str());
        let now = self.parts.clock.now_ms();
        let runs = rows::of_phone(&self.parts.store, phone, name, 10).await?;
        let recent = runs.into_iter().find(|run| {
            let again: Option<RemedyId> = run.remedy.parse().ok();
            again.is_some_and(RemedyId::destructive)
                && [RunState::Done, RunState::Doubtful]
                    .iter()
                    .any(|state| run.state == state.as_str())
                && now - run.began_at < RESTED_MS
        });
        match recent {
            None => Ok(()),
            Some(run) => Err(RemedyError::AlreadyDone(format!(
                "{} gave the order to restart this phone {} s ago; wait until it is back ({id} was not done again)",
                run.user_name,
                (now - run.began_at) / 1000
            ))),
        }
    }

    /// Writes the line and the run with everything that undo needs, for good. When that fails nothing must be sent.
    async fn begin(&self, case: &Case, id: RemedyId, plan: &Plan) -> Result<(RemedyRunId, Line), RemedyError> {
        let (kept, kept_login) = self.keep(case, &plan.act).await?;
        let begun = Instant::now();
        let now = self.parts.clock.now_ms();
        let detail = in_words(id, &plan.changes);
        let event = self.event(&case.viewer, &case.subject, action::REMEDY_APPLIED, detail);
        let subject = &case.subject;
        let actor = case.viewer.actor();
        let written = async {
            let mut tx = self.parts.store.begin().await?;
            let event = audit::record(&mut tx, &event.ended(Outcome::Started, None)).await?;
            let new = NewRun {
                remedy: id.code(),
                phone: subject.phone.id,
                phone_name: subject.phone.name.clone(),
                cluster: subject.cluster.id,
                cluster_name: subject.cluster.name.clone(),
                user: actor.user,
                user_name: actor.name,
                event,
                began_at: now,
                changes: as_json(&plan.changes),
                kept: as_json(&kept),
                kept_login,
                visit_until: plan.visit_until,
            };
            let run = rows::insert(&mut tx, &new).await?;
            tx.commit().await?;
            Ok::<_, crate::store::Error>((run, event))
        };
        let (run, event) = written.await.map_err(|error| unrecorded(&error))?;
        Ok((run, Line { event, begun }))
    }

    /// Writes how it ended. When that fails the run stays begun, and becomes doubtful at the next start.
    async fn end(&self, run: RemedyRunId, line: &Line, outcome: &Result<Done, Mishap>) {
        let (state, evidence, told) = match outcome {
            Ok(done) => (RunState::Done, done.note.as_str(), Told::done()),
            Err(Mishap::Failed(trouble)) => (RunState::Failed, trouble.evidence.as_str(), Told::failed(Some(trouble))),
            Err(Mishap::Doubtful(trouble)) => (RunState::Doubtful, trouble.evidence.as_str(), Told::doubtful(trouble)),
            Err(Mishap::Changed(what)) => (RunState::Failed, what.as_str(), Told::failed(None)),
            Err(Mishap::ReadOnly) => (
                RunState::Failed,
                "the CUCM login may only read; nothing was changed",
                Told::failed(None),
            ),
        };
        let end = End {
            at: self.parts.clock.now_ms(),
            state: state.as_str(),
            evidence,
            cause: told.cause,
        };
        let written = async {
            let mut tx = self.parts.store.begin().await?;
            rows::end(&mut tx, run, end).await?;
            tx.commit().await
        };
        if let Err(error) = written.await {
            tracing::error!(run = run.0, "the end of a remedy cannot be written: {error}");
        }
        self.finish(line, &told).await;
    }

    /// Completes a line of the trail. When that fails it stays started, which says that nobody knows.
    pub(super) async fn finish(&self, line: &Line, told: &Told) {
        let Some(outcome) = told.outcome else { return };
        let took = line.begun.elapsed();
        if let Err(error) = audit::finish(&self.parts.store, line.event, outcome, told.cause, took).await {
            tracing::error!(error = %error, "the audit trail cannot be completed: {error}");
        }
    }

    pub(super) fn event(&self, viewer: &Viewer, subject: &Subject, action: Action, detail: String) -> Event {
        Event::new(self.parts.clock.now_ms(), viewer.actor(), action)
            .detail(detail)
            .phone(subject.phone.id, subject.phone.name.clone())
            .cluster(subject.cluster.id, subject.cluster.name.clone())
    }
}

/// How a line of the trail ends; without an outcome it stays started.
pub(super) struct Told {
    outcome: Option<Outcome>,
    cause: Option<crate::domain::cause::Cause>,
}

impl Told {
    pub(super) fn done() -> Self {
        Self {
            outcome: Some(Outcome::Done),
            cause: None,
        }
    }

    pub(super) fn failed(trouble: Option<&Trouble>) -> Self {
        Self {
            outcome: Some(Outcome::Failed),
            cause: trouble.and_then(Trouble::named),
        }
    }

    pub(super) fn doubtful(trouble: &Trouble) -> Self {
        Self {
            outcome: None,
            cause: trouble.named(),
        }
    }
}

pub(super) fn unrecorded(error: &crate::store::Error) -> RemedyError {
    tracing::error!(error = %error, "the audit trail cannot be written: {error}");
    RemedyError::Unrecorded
}

/// Whether what is there now is what the person agreed to.
fn agreed(plan: &Plan, given: &Apply) -> Result<(), RemedyError> {
    if given.token.as_ref().is_some_and(|token| *token != plan.token()) {
        return Err(if plan.changes.is_empty() {
            RemedyError::AlreadyDone("somebody has done this meanwhile; nothing was changed again".to_owned())
        } else {
            let now: Vec<String> = plan
                .changes
                .iter()
                .map(|change| format!("{}: {}", change.what, change.from))
                .collect();
            RemedyError::Changed(format!("now it is {}; nothing was changed", now.join(", ")))
        });
    }
    confirmed(plan.confirm.as_ref(), given.confirmation.as_deref())?;
    if plan.needs_token && !plan.changes.is_empty() && given.token.is_none() {
        return Err(RemedyError::Invalid {
            field: "token",
            problem: "look at the preview first: this ends a call or touches more than one phone, and is done only with the preview's token"
                .to_owned(),
        });
    }
    Ok(())
}

/// Whether what must be typed was typed.
pub(super) fn confirmed(confirm: Option<&Confirm>, typed: Option<&str>) -> Result<(), RemedyError> {
    let Some(confirm) = confirm else { return Ok(()) };
    if typed.unwrap_or_default().trim() == confirm.expected {
        return Ok(());
    }
    Err(RemedyError::Unconfirmed {
        expected: confirm.expected.clone(),
        why: confirm.why.clone(),
    })
}

/// What a line of the trail says.
pub(super) fn in_words(id: RemedyId, changes: &[Change]) -> String {
    let changes: Vec<String> = changes
        .iter()
        .map(|change| format!("{}: {} → {}", change.what, change.from, change.to))
        .collect();
    let text = match changes.as_slice() {
        [] => format!("{id}: so already"),
        changes => format!("{id}: {}", changes.join("; ")),
    };
    text.chars().take(LONGEST_DETAIL).collect()
}

pub(super) fn as_json<T: serde::Serialize>(value: &T) -> String {
    // Texts and lists of them always become JSON.
    serde_json::to_string(value).unwrap_or_default()
}
