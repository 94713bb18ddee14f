//! What goes through CUCM: restarts, remedies, logouts.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Doing, Done};
use crate::audit::action;
use crate::cucm;
use crate::diagnosis::remedies::{Apply, RemedyError, RemedyId};
use crate::domain::cause::{Cause, Trouble};
use crate::domain::job::RunState;
use crate::inventory::Subject;

/// Why CUCM did not do what it was asked.
struct Refused(cucm::Error);

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        Self::new(refused.0.cause(), refused.0.evidence())
    }
}

impl Doing<'_> {
    /// Restarts or resets the phone through CUCM; that CUCM took the order is the success.
    pub(super) async fn restart(&self, reset: bool) -> Done {
        let subject = match self.jobs.parts().inventory.subject(self.phone).await {
            Ok(subject) => subject,
            Err(error) => return Done::out_of_reach(error),
        };
        let (deed, words) = if reset {
            (RemedyId::ResetPhone, "reset")
        } else {
            (RemedyId::RestartPhone, "restart")
        };
        let order = async |subject: &Subject| {
            let Some(name) = &subject.name else { return Ok(()) };
            if reset {
                subject.cucm.reset_phone(name).await
            } else {
                subject.cucm.restart_phone(name).await
            }
        };
        if subject.name.is_none() {
            return nameless();
        }
        let ended = self
            .ordered(action::REMEDY_APPLIED, deed.title(), order(&subject))
            .await;
        ended.unwrap_or_else(|()| Done::succeeded(format!("CUCM took the order to {words} it")))
    }

    /// Gives CUCM an order about a phone that nobody uses; an error when it was taken, else how it ended.
    async fn ordered(
        &self,
        deed: crate::audit::Action,
        detail: &str,
        order: impl Future<Output = Result<(), cucm::Error>>,
    ) -> Result<Done, ()> {
        if let Err(done) = self.is_free().await {
            return Ok(done);
        }
        if let Err(done) = self.touched().await {
            return Ok(done);
        }
        let doubtful = AtomicBool::new(false);
        let order = async {
            order.await.map_err(|error| {
                doubtful.store(error.is_doubtful(), Ordering::Relaxed);
                Refused(error)
            })
        };
        match self.recorded(deed, detail, order).await {
            Ok(()) => Err(()),
            Err(trouble) if doubtful.load(Ordering::Relaxed) => {
                Ok(Done::new(RunState::Unsure, trouble.named(), trouble.evidence))
            }
            Err(trouble) => Ok(Done::failed(trouble)),
        }
    }

    /// Applies a remedy as it is previewed now.
    pub(super) async fn remedy(&self, code: &str) -> Done {
        let Ok(id) = code.parse::<RemedyId>() else {
            return Done::failed(Trouble::new(Cause::None, format!("there is no remedy {code}")));
        };
        let (remedies, inventory) = (&self.jobs.parts().remedies, &self.jobs.parts().inventory);
        let cluster = match inventory.cluster_of(self.phone).await {
            Ok(cluster) => cluster,
            Err(error) => return Done::out_of_reach(error),
        };
        if let Err(done) = self.is_free().await {
            return done;
        }
        // One remedy writes to a cluster at a time; waiting for that here keeps people's remedies from waiting behind ours.
        let turn = self.jobs.remedy_turn(cluster);
        let _turn = turn.lock().await;
        let preview = match remedies.preview(self.viewer, self.phone, id, None).await {
            Ok(preview) => preview,
            Err(error) => return mishap(error),
        };
        if preview.changes.is_empty() {
            return Done::succeeded("it was so already; nothing was changed");
        }
        if let Err(done) = self.touched().await {
            return done;
        }
        let order = Apply {
            token: Some(preview.token),
            confirmation: preview.confirm,
            ..Apply::default()
        };
        match remedies.apply(self.viewer, self.phone, id, order).await {
            Ok(_) => {
                let changes = preview
                    .changes
                    .iter()
                    .map(|change| format!("{}: {} to {}", change.what, change.from, change.to));
                Done::succeeded(changes.collect::<Vec<_>>().join("; "))
            }
            Err(error) => mishap(error),
        }
    }
}

fn nameless() -> Done {
    Done::skipped(
        Cause::PhoneUnknown,
        "CUCM does not know this phone: it is known by its address only",
    )
}

/// Why a remedy was not applied.
fn mishap(error: RemedyError) -> Done {
    match error {
        RemedyError::AlreadyDone(words) => Done::succeeded(words),
        RemedyError::UnknownPhone => Done::skipped(Cause::PhoneUnknown, "the phone is not to be seen any more"),
        RemedyError::Busy => Done::busy("somebody else is writing to this cluster"),
        RemedyError::NotPossible(trouble) | RemedyError::Failed(trouble) => Done::failed(trouble),
        RemedyError::Doubtful(trouble) => Done::new(RunState::Unsure, trouble.named(), trouble.evidence),
        RemedyError::Stopping => Done {
            stopped: true,
            ..Done::new(RunState::Cancelled, None, "the program stopped")
        },
        other => Done::failed(Trouble::new(other.cause().unwrap_or(Cause::None), other.to_string())),
    }
}
