//! A run as it goes: what changes on its page, as server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use askama::Template;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::watch;

use super::runs::{Context, log_line};
use crate::clock::Clock;
use crate::domain::ids::MacroRunId;
use crate::http::extract::Path;
use crate::http::failure::Failure;
use crate::http::pages::macros::run::{LogFragment, LogView, RowFragment, RowView, StateFragment};
use crate::http::pages::{Layout, Section};
use crate::http::visit::Visit;
use crate::macros::{PlayError, Shown};
use crate::security::RunMacros;

/// Sends the state, the steps of the plan and the lines of the log as they change, and `done` at the end. Whoever
/// connects anew gets all of it again.
pub(super) async fn follow(visit: Visit, Path(id): Path<MacroRunId>) -> Result<Response, Failure> {
    let may = visit.may::<RunMacros>()?;
    let (shown, run) = match visit.app.macros.follow(&may, id).await {
        Ok(shown) => {
            let run = shown.borrow().clone();
            (Some(shown), run)
        }
        // It ended after the page was made.
        Err(PlayError::Over) => (None, Arc::new(visit.app.macros.run(&may, id).await?)),
        Err(error) => return Err(error.into()),
    };
    let follower = Follower {
        context: Context::of(&visit, &run).await?,
        layout: visit.layout("", Section::Macros),
        clock: visit.app.clock.clone(),
        shown,
        state: String::new(),
        rows: Vec::new(),
        log: Vec::new(),
        waiting: VecDeque::new(),
        is_over: false,
    };
    let stop = visit.app.tasks.stop_token().cancelled_owned();
    let events = follower.begin(&run).events().take_until(stop);
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

struct Follower {
    context: Context,
    layout: Layout,
    clock: Clock,
    /// None when it is over.
    shown: Option<watch::Receiver<Shown>>,
    /// What was sent last.
    state: String,
    rows: Vec<RowView>,
    log: Vec<LogView>,
    waiting: VecDeque<Event>,
    is_over: bool,
}

impl Follower {
    fn begin(mut self, run: &Shown) -> Self {
        if let Some(shown) = &mut self.shown {
            shown.mark_unchanged();
        }
        self.note(run);
        self
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
                Some(run) => self.note(&run),
                None => self.end(),
            }
        }
    }

    /// The run, when it has changed; none when nothing more comes.
    async fn newer(&mut self) -> Option<Shown> {
        let shown = self.shown.as_mut()?;
        shown.changed().await.ok()?;
        Some(Arc::clone(&shown.borrow_and_update()))
    }

    /// Only what differs from what was sent before.
    fn note(&mut self, run: &Shown) {
        let rows = self.context.rows(run);
        for (index, row) in rows.iter().enumerate() {
            if self.rows.get(index) != Some(row) {
                let (layout, row) = (self.layout.clone(), row.clone());
                self.send("row", &RowFragment { layout, row });
            }
        }
        self.rows = rows;
        let log: Vec<LogView> = run
            .steps
            .iter()
            .enumerate()
            .map(|(index, record)| log_line(index + 1, record))
            .collect();
        for (index, line) in log.iter().enumerate() {
            if self.log.get(index) != Some(line) {
                let (layout, line) = (self.layout.clone(), line.clone());
                self.send("log", &LogFragment { layout, line });
            }
        }
        self.log = log;
        let state = StateFragment {
            layout: self.layout.clone(),
            state: self.context.state(run, self.clock.now_ms()),
        };
        let html = one_line(&state);
        if self.state != html {
            self.state.clone_from(&html);
            self.waiting.push_back(Event::default().event("state").data(html));
        }
        if run.state.is_over() {
            self.end();
        }
    }

    fn send(&mut self, name: &str, fragment: &impl Template) {
        self.waiting
            .push_back(Event::default().event(name).data(one_line(fragment)));
    }

    fn end(&mut self) {
        self.waiting.push_back(Event::default().event("done").data("over"));
        self.is_over = true;
    }
}

/// An event's data may not hold a carriage return; a phone's answer may.
fn one_line(fragment: &impl Template) -> String {
    fragment.render().unwrap_or_default().replace('\r', " ")
}
