//! The sending half of a connection.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::SinkExt as _;
use futures_util::stream::SplitSink;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, interval_at};
use tokio_util::sync::CancellationToken;

use super::event;
use super::sights::{News, Sights};
use crate::control::{Reason, Source};
use crate::domain::ids::{PhoneId, UserId};
use crate::http::middleware::identify::Identity;
use crate::http::state::App;
use crate::screens::{Attention, State};
use crate::security::Viewer;

/// The most phones one connection looks at.
const MOST_WATCHED: usize = 100;
/// Phones that do not exist for the viewer, after which the connection is closed.
const MOST_REFUSED: usize = 1_000;
/// The most unknown phones that are named in one message.
const MOST_NAMED: usize = 10;
/// A client that takes nothing of one message for so long has gone, or means harm.
const SENDING_LIMIT: Duration = Duration::from_mins(1);
const PING_EVERY: Duration = Duration::from_secs(20);
/// How often it is asked whether the viewer is still signed in, with the same rights, beside when the server itself
/// changed it.
const VERIFY_EVERY: Duration = Duration::from_secs(15);

/// Close codes: RFC 6455, and our own for the end of a session.
const GOING_AWAY: u16 = 1001;
pub(super) const POLICY: u16 = 1008;
pub(super) const TOO_BIG: u16 = 1009;
pub(super) const SESSION_ENDED: u16 = 4401;

/// What the reader asks of the writer.
#[derive(Debug)]
pub(super) enum Order {
    Watch(Vec<PhoneId>, Attention),
    Unwatch(Vec<PhoneId>),
    Visible(bool),
    Read(Vec<PhoneId>, bool),
    Say(String),
    Close(u16, &'static str),
}

pub(super) struct Writer {
    pub(super) app: App,
    pub(super) viewer: Viewer,
    pub(super) identity: Identity,
    pub(super) sink: SplitSink<WebSocket, Message>,
    pub(super) sights: Sights,
    pub(super) source: Source,
    /// Phones asked for that do not exist for the viewer.
    pub(super) refused: usize,
    /// Cancelled when the client is gone, so that nothing waits for it any more.
    pub(super) gone: CancellationToken,
}

/// The client is gone, or was told to go.
struct Over;

impl Writer {
    pub(super) async fn run(mut self, inbox: mpsc::Receiver<Order>) {
        self.serve(inbox).await;
        // Whatever the end came from: the reader may have stopped first, or a message was cut short.
        if self.app.tasks.stop_token().is_cancelled() {
            let _ = self.close(GOING_AWAY, "the server is stopping").await;
        }
    }

    async fn serve(&mut self, mut inbox: mpsc::Receiver<Order>) {
        let mut changed = self.app.security.changed_users();
        let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        let mut verify = interval_at(Instant::now() + VERIFY_EVERY, VERIFY_EVERY);
        loop {
            let step = tokio::select! {
                order = inbox.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                (phone, news) = self.sights.next() => self.tell(phone, news).await,
                user = changed.recv() => self.changed(user).await,
                _ = ping.tick() => self.send(Message::Ping(bytes::Bytes::new())).await,
                _ = verify.tick() => self.verify().await,
                () = self.gone.cancelled() => return,
                () = self.app.tasks.stopping() => return,
            };
            if step.is_err() {
                return;
            }
        }
    }

    async fn obey(&mut self, order: Order) -> Result<(), Over> {
        match order {
            Order::Watch(phones, attention) => return self.watch(phones, attention).await,
            Order::Unwatch(phones) => phones.into_iter().for_each(|phone| self.sights.unwatch(phone)),
            Order::Visible(visible) => self.sights.show(&self.viewer, visible),
            Order::Read(phones, wanted) => phones.into_iter().for_each(|phone| self.sights.read(phone, wanted)),
            Order::Say(text) => return self.send(Message::Text(text.into())).await,
            Order::Close(code, reason) => return self.close(code, reason).await,
        }
        Ok(())
    }

    async fn watch(&mut self, phones: Vec<PhoneId>, attention: Attention) -> Result<(), Over> {
        let (mut unknown, mut too_many) = (BTreeSet::new(), false);
        for phone in phones {
            if self.sights.holds(phone) {
                self.sights.watch(&self.viewer, phone, attention);
            } else if unknown.contains(&phone) {
                // Asked for twice.
            } else if self.sights.count() + unknown.len() >= MOST_WATCHED {
                too_many = true;
            } else if self.app.inventory.require(&self.viewer, phone).await.is_err() {
                unknown.insert(phone);
            } else {
                self.sights.watch(&self.viewer, phone, attention);
            }
        }
        if !unknown.is_empty() {
            self.refuse(&unknown).await?;
        }
        if too_many {
            let problem = format!("at most {MOST_WATCHED} phones a connection");
            self.send(Message::Text(event::error(&problem).into())).await?;
        }
        Ok(())
    }

    async fn refuse(&mut self, unknown: &BTreeSet<PhoneId>) -> Result<(), Over> {
        let named: Vec<_> = unknown.iter().take(MOST_NAMED).map(PhoneId::to_string).collect();
        let more = match unknown.len() - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named = named.join(", ") + &more;
        tracing::info!(viewer = self.viewer.name, "refused to show phone {named}");
        self.refused += unknown.len();
        if self.refused > MOST_REFUSED {
            return self.close(POLICY, "too many phones that do not exist").await;
        }
        let problem = event::error(&format!("no such phone: {named}"));
        self.send(Message::Text(problem.into())).await
    }

    async fn tell(&mut self, phone: PhoneId, news: News) -> Result<(), Over> {
        let Some(sight) = self.sights.get_mut(phone) else {
            return Ok(());
        };
        let message = match news {
            News::Screen(state) => return self.show(phone, &state).await,
            News::Wheel(wheel) => {
                let first = !std::mem::replace(&mut sight.wheel_told, true);
                let reason = if first { Reason::Now } else { wheel.reason };
                Message::Text(event::driver(phone, &wheel, self.viewer.user, reason).into())
            }
            News::Pressed(notice) if notice.source == self.source => return Ok(()),
            News::Pressed(notice) => Message::Text(event::pressed(&notice).into()),
            News::Viewers(audience) => {
                let crowd = self.app.frames.viewers(phone, &audience);
                sight.crowd.insert(crowd).message()
            }
            News::Text(text) => Message::Text(event::text(phone, &text).into()),
        };
        self.send(message).await
    }

    async fn show(&mut self, phone: PhoneId, state: &State) -> Result<(), Over> {
        let Some(sight) = self.sights.get_mut(phone) else {
            return Ok(());
        };
        let picture = state.screen.as_ref().filter(|screen| {
            let sent = sight.frame.as_ref().map(|frame| frame.version());
            sent != Some(screen.version)
        });
        let picture = picture.map(|screen| {
            let frame = self.app.frames.picture(phone, screen);
            sight.frame.insert(frame).message()
        });
        let words = sight
            .is_worth_telling(state)
            .then(|| Message::Text(event::phone(phone, state, self.app.clock.now()).into()));
        match (picture, words) {
            (Some(picture), Some(words)) => {
                self.sending(async |sink| {
                    sink.feed(picture).await?;
                    sink.send(words).await
                })
                .await
            }
            (Some(message), None) | (None, Some(message)) => self.send(message).await,
            (None, None) => Ok(()),
        }
    }

    async fn changed(&mut self, user: Result<UserId, broadcast::error::RecvError>) -> Result<(), Over> {
        match user {
            Ok(user) if user != self.viewer.user => Ok(()),
            // After too many changes to be told of, ask as well.
            _ => self.verify().await,
        }
    }

    async fn verify(&mut self) -> Result<(), Over> {
        let Some(viewer) = self.identity.refresh(&self.app).await else {
            return self.close(SESSION_ENDED, "the session has ended").await;
        };
        if viewer.role != self.viewer.role {
            // The page shows what another role may do.
            return self.close(SESSION_ENDED, "the role has changed").await;
        }
        let narrowed = viewer.clusters.is_some();
        self.viewer = viewer;
        if narrowed {
            for phone in self.sights.phones() {
                if self.app.inventory.require(&self.viewer, phone).await.is_err() {
                    self.sights.unwatch(phone);
                }
            }
        }
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), Over> {
        self.sending(async |sink| sink.send(message).await).await
    }

    /// A client that reads nothing must hold up neither its own end nor that of the program.
    async fn sending(
        &mut self,
        send: impl AsyncFnOnce(&mut SplitSink<WebSocket, Message>) -> Result<(), axum::Error>,
    ) -> Result<(), Over> {
        tokio::select! {
            done = send(&mut self.sink) => done.map_err(|_| Over),
            () = self.gone.cancelled() => Err(Over),
            () = self.app.tasks.stopping() => Err(Over),
            () = tokio::time::sleep(SENDING_LIMIT) => Err(Over),
        }
    }

    async fn close(&mut self, code: u16, reason: &'static str) -> Result<(), Over> {
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        let _ = tokio::time::timeout(Duration::from_millis(500), self.sink.send(Message::Close(Some(frame)))).await;
        Err(Over)
    }
}
