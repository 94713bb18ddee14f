//! After a remedy: the phone is diagnosed at once, and again with growing pauses until the cause is gone.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::act::Done;
use super::types::Applied;
use super::{Case, Remedies, RemedyError, RemedyId, Shared, held};
use crate::diagnosis::Record;
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::{PhoneId, RemedyRunId};
use crate::security::Viewer;
use crate::store::remedies as rows;

/// Pauses before the phone is diagnosed again, in seconds: together with the diagnoses about two minutes.
const PAUSES: [u64; 6] = [3, 6, 12, 20, 30, 40];

/// The newest diagnosis after a run. The channel is closed when there will be no other.
pub(super) type Following = watch::Receiver<Option<Arc<Record>>>;

impl Remedies {
    /// The newest diagnosis after a run: waits until the cause is gone, nothing more is tried, or `patience` is over. None
    /// when no diagnosis of this run is under way any more, or none could begin yet.
    pub async fn settled(&self, run: RemedyRunId, patience: Duration) -> Option<Arc<Record>> {
        let mut following = held(&self.shared.following).get(&run).cloned()?;
        let last = async { while following.changed().await.is_ok() {} };
        // Either way the newest is what there is to tell.
        let _ = tokio::time::timeout(patience, last).await;
        following.borrow().clone()
    }
}

impl Shared {
    /// Diagnoses the phone once, and sees to it that it is diagnosed again while the cause stands.
    pub(super) async fn look_again(
        self: Arc<Self>,
        case: Case,
        id: RemedyId,
        run: RemedyRunId,
        done: &Done,
    ) -> Applied {
        if done.wait_for_web_server {
            self.wait_for_web_server(&case.subject).await;
        }
        let phone = done.phone.unwrap_or(case.subject.phone.id);
        let first = self.first_look(&case.viewer, phone, run).await;
        let diagnosis = first.as_ref().map(|first| first.id);
        if !first.as_ref().is_some_and(|first| is_over(id, first)) {
            let (sender, receiver) = watch::channel(first);
            held(&self.following).insert(run, receiver);
            let shared = Arc::clone(&self);
            let again = async move { shared.follow(case.viewer, phone, id, run, sender).await };
            self.parts.tasks.spawn("remedy follow-up", again);
        }
        Applied { run, diagnosis }
    }

    /// The diagnosis after a change; none when it could not begin, which is no failure of the change.
    pub(super) async fn first_look(&self, viewer: &Viewer, phone: PhoneId, run: RemedyRunId) -> Option<Arc<Record>> {
        match self.diagnose(viewer, phone).await {
            Ok(record) => {
                self.note_diagnosis(run, &record).await;
                Some(record)
            }
            Err(error) => {
                tracing::warn!(run = run.0, "the diagnosis after a remedy did not begin: {error}");
                None
            }
        }
    }

    async fn follow(
        self: Arc<Self>,
        viewer: Viewer,
        phone: PhoneId,
        id: RemedyId,
        run: RemedyRunId,
        newest: watch::Sender<Option<Arc<Record>>>,
    ) {
        for pause in PAUSES {
            if !self.pause(Duration::from_secs(pause)).await {
                break;
            }
            // A phone that was removed meanwhile needs no further look.
            let record = match self.diagnose(&viewer, phone).await {
                Ok(record) => record,
                Err(RemedyError::UnknownPhone) => break,
                Err(error) => {
                    tracing::warn!(run = run.0, "a diagnosis after a remedy did not begin: {error}");
                    continue;
                }
            };
            self.note_diagnosis(run, &record).await;
            let over = is_over(id, &record);
            newest.send_replace(Some(record));
            if over {
                break;
            }
        }
        held(&self.following).remove(&run);
    }

    async fn diagnose(&self, viewer: &Viewer, phone: PhoneId) -> Result<Arc<Record>, RemedyError> {
        use crate::diagnosis::Error;
        match self.parts.diagnoses.run_for(viewer, phone).await {
            Ok(record) => Ok(record),
            Err(Error::Phone(error)) => Err(error.into()),
            Err(Error::Store(error)) => Err(error.into()),
            Err(error) => Err(RemedyError::NotPossible(Trouble::new(
                Cause::None,
                format!("the remedy was applied; the diagnosis after it did not run: {error}"),
            ))),
        }
    }

    async fn note_diagnosis(&self, run: RemedyRunId, record: &Record) {
        let written = async {
            let mut tx = self.parts.store.begin().await?;
            rows::set_diagnosis(&mut tx, run, record.id).await?;
            tx.commit().await
        };
        if let Err(error) = written.await {
            tracing::warn!(run = run.0, "the diagnosis after a remedy cannot be noted: {error}");
        }
    }
}

/// Whether the remedy has done what it can: its cause is gone, and the phone is not on its way.
fn is_over(id: RemedyId, record: &Record) -> bool {
    let Some(verdict) = &record.verdict else { return false };
    let on_its_way = matches!(
        verdict.cause,
        Cause::PhoneRestarting | Cause::PhoneNotRegistered | Cause::PhoneUnreachable | Cause::PhoneNotAnswering
    );
    let still_there = record.faults().iter().any(|cause| id.causes().contains(cause));
    !still_there && !on_its_way
}
