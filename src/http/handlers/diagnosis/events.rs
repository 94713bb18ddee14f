//! What a diagnosis finds, as it finds it: each finding as the row that the page shows.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use askama::Template as _;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::watch;

use crate::diagnosis::Record;
use crate::domain::finding::{CheckId, Finding};
use crate::domain::ids::DiagnosisId;
use crate::http::extract::Path;
use crate::http::failure::Failure;
use crate::http::pages::diagnosis::{RowFragment, RowView};
use crate::http::visit::Visit;
use crate::security::Diagnose;

/// Sends what is known already, then each finding when it comes, and `done` at the end. Whoever connects anew gets all of
/// it again.
pub(super) async fn follow(visit: Visit, Path(id): Path<DiagnosisId>) -> Result<Response, Failure> {
    let may = visit.may::<Diagnose>()?;
    // In this order: one that ends in between is then read as it ended.
    let running = visit.app.diagnoses.follow(id);
    let record = visit.app.diagnoses.record(&may, id).await?;
    let stop = visit.app.tasks.stop_token().cancelled_owned();
    let events = Follower::new(&record, running).events().take_until(stop);
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

struct Follower {
    running: Option<watch::Receiver<Arc<Record>>>,
    sent: Vec<CheckId>,
    waiting: VecDeque<Event>,
    is_over: bool,
}

impl Follower {
    fn new(record: &Record, running: Option<watch::Receiver<Arc<Record>>>) -> Self {
        let mut follower = Self {
            running,
            sent: Vec::new(),
            waiting: VecDeque::new(),
            is_over: false,
        };
        follower.note(record);
        follower
    }

    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut follower| async move {
            let event = follower.next().await?;
            Some((Ok(event), follower))
        })
    }

    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.is_over {
                return None;
            }
            match self.newer().await {
                Some(record) => self.note(&record),
                None => self.end(),
            }
        }
    }

    /// The record, when it has changed; none when nothing more comes.
    async fn newer(&mut self) -> Option<Arc<Record>> {
        let running = self.running.as_mut()?;
        running.changed().await.ok()?;
        Some(Arc::clone(&running.borrow_and_update()))
    }

    fn note(&mut self, record: &Record) {
        for finding in &record.findings {
            if !self.sent.contains(&finding.check) {
                self.sent.push(finding.check);
                self.waiting.extend(row(finding));
            }
        }
        if record.state.is_over() {
            self.end();
        }
    }

    fn end(&mut self) {
        self.waiting.push_back(Event::default().event("done").data("over"));
        self.is_over = true;
    }
}

fn row(finding: &Finding) -> Option<Event> {
    let fragment = RowFragment {
        row: RowView::of(finding),
    };
    // An event's data may not hold a carriage return; a phone's answer may.
    let html = fragment.render().ok()?.replace('\r', " ");
    Some(Event::default().event("finding").data(html))
}
