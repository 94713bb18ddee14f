//! The audit line around an act on a phone: written before it, completed after it.

use std::time::Duration;

use super::Shared;
use super::outcome::Outcome;
use crate::audit::{self, Action, Event};
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::{EventId, PhoneId};
use crate::security::Viewer;

/// Writes a line about a wheel. When that fails the wheel must not move.
pub(super) async fn note(
    shared: &Shared,
    viewer: &Viewer,
    phone: PhoneId,
    action: Action,
    detail: &str,
) -> Result<(), Trouble> {
    let event = event(shared, viewer, phone, action, detail).await?;
    let written = async {
        let mut tx = shared.store.begin().await?;
        audit::record(&mut tx, &event).await?;
        tx.commit().await
    };
    written.await.map_err(|error| {
        tracing::error!(error = %error, "the audit trail cannot be written: {error}");
        Trouble::new(
            Cause::None,
            "nothing was changed, because the audit trail could not be written",
        )
    })
}

async fn event(
    shared: &Shared,
    viewer: &Viewer,
    phone: PhoneId,
    action: Action,
    detail: &str,
) -> Result<Event, Trouble> {
    let known = shared.inventory.phone(viewer, phone).await?;
    let cluster = shared.inventory.cluster(viewer, known.cluster_id).await?;
    Ok(Event::new(shared.clock.now_ms(), viewer.actor(), action)
        .detail(detail)
        .phone(phone, known.name)
        .cluster(cluster.id, cluster.name))
}

/// A line whose act is under way.
pub(super) struct Record(EventId);

impl Record {
    /// Writes the line. When that fails the act must not happen.
    pub(super) async fn begin(
        shared: &Shared,
        viewer: &Viewer,
        phone: PhoneId,
        action: Action,
        detail: &str,
    ) -> Result<Self, Trouble> {
        let event = event(shared, viewer, phone, action, detail).await?;
        audit::begin(&shared.store, &event).await.map(Self).map_err(|error| {
            tracing::error!(error = %error, "the audit trail cannot be written: {error}");
            Trouble::new(
                Cause::None,
                "nothing was sent, because the audit trail could not be written",
            )
        })
    }

    /// Completes the line. When that fails the line stays `started`, which says that nobody knows.
    pub(super) async fn end(self, shared: &Shared, outcome: Outcome, trouble: Option<&Trouble>, took: Duration) {
        let cause = trouble.map(|trouble| trouble.cause);
        if let Err(error) = audit::finish(&shared.store, self.0, outcome.in_trail(), cause, took).await {
            tracing::error!(error = %error, "the audit trail cannot be completed: {error}");
        }
    }
}
