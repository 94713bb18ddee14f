//! An announcement as it goes: what changes on its page, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;

use askama::Template as _;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::watch;

use super::announcements::state;
use crate::clock::Clock;
use crate::domain::ids::AnnouncementId;
use crate::http::extract::Path;
use crate::http::failure::Failure;
use crate::http::pages::reach::announcements::StateFragment;
use crate::http::pages::{Layout, Section};
use crate::http::visit::Visit;
use crate::reach::AnnouncementView;
use crate::security::ReachPeople;

/// Sends `state` as it changes, and `done` at the end.
pub(super) async fn follow(visit: Visit, Path(id): Path<AnnouncementId>) -> Result<Response, Failure> {
    visit.may::<ReachPeople>()?;
    let mut shown = visit.app.reach.follow_announcement(&visit.viewer, id).await?;
    shown.mark_changed();
    let follower = Follower {
        layout: visit.layout("", Section::Reach),
        clock: visit.app.clock.clone(),
        shown,
        over: Over::No,
    };
    let stop = visit.app.tasks.stop_token().cancelled_owned();
    let events = follower.events().take_until(stop);
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    No,
    /// `done` is to be sent.
    Nearly,
    Yes,
}

struct Follower {
    layout: Layout,
    clock: Clock,
    shown: watch::Receiver<Arc<AnnouncementView>>,
    over: Over,
}

impl Follower {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut follower| async move {
            let event = follower.next().await?;
            Some((Ok(event), follower))
        })
    }

    async fn next(&mut self) -> Option<Event> {
        if self.over == Over::No && self.shown.changed().await.is_err() {
            self.over = Over::Nearly;
        }
        match self.over {
            Over::No => {
                let view = Arc::clone(&self.shown.borrow_and_update());
                if view.ending.is_some() {
                    self.over = Over::Nearly;
                }
                Some(self.state(&view))
            }
            Over::Nearly => {
                self.over = Over::Yes;
                Some(Event::default().event("done").data("over"))
            }
            Over::Yes => None,
        }
    }

    /// An event's data may not hold a carriage return; a phone's answer may.
    fn state(&self, view: &AnnouncementView) -> Event {
        let fragment = StateFragment {
            layout: self.layout.clone(),
            state: state(view, self.clock.now_ms()),
        };
        let html = fragment.render().unwrap_or_default().replace('\r', " ");
        Event::default().event("state").data(html)
    }
}
