//! The receiving half of a connection.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use tokio::sync::mpsc;

use super::event;
use super::message::{self, Answer, FromClient, PressRequest, Which};
use super::writer::{Order, POLICY, SESSION_ENDED, TOO_BIG};
use crate::control::{Pressing, Refusal, Source};
use crate::domain::cause::Cause;
use crate::domain::ids::PhoneId;
use crate::domain::key::UnknownKey;
use crate::http::middleware::identify::Identity;
use crate::http::state::App;
use crate::screens::Attention;
use crate::security::{May, PressKeys, Viewer};

/// The longest text message, in bytes.
const LONGEST_MESSAGE: usize = 64 * 1024;
/// Messages that could not be read, after which the connection is closed.
const MOST_MISTAKES: u32 = 10;
/// A client from which nothing comes for so long, not even the answer to a ping, is gone.
const SILENT_FOR: Duration = Duration::from_mins(1);

pub(super) struct Reader {
    pub(super) app: App,
    pub(super) identity: Identity,
    pub(super) orders: mpsc::Sender<Order>,
    pub(super) source: Source,
    pub(super) mistakes: u32,
}

/// Why nothing more is read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The client is gone.
    Gone,
    /// It was told to go, or is about to be.
    Told,
}

/// Why a key was not queued, and the cause if a phone's or CUCM's.
type Problem = (String, Option<Cause>);

impl Reader {
    pub(super) async fn run(mut self, stream: &mut SplitStream<WebSocket>) -> End {
        loop {
            let message = tokio::select! {
                message = tokio::time::timeout(SILENT_FOR, stream.next()) => message,
                () = self.app.tasks.stopping() => return End::Told,
                () = self.orders.closed() => return End::Told,
            };
            let keep_on = match message {
                Ok(Some(Ok(Message::Text(text)))) if text.len() > LONGEST_MESSAGE => self.too_big().await,
                Ok(Some(Ok(Message::Binary(bytes)))) if bytes.len() > LONGEST_MESSAGE => self.too_big().await,
                Ok(Some(Ok(Message::Text(text)))) => self.take(&text).await,
                Ok(Some(Ok(Message::Binary(_)))) => self.mistake("messages are JSON text").await,
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => true,
                Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) | Err(_) => return End::Gone,
            };
            if !keep_on {
                return End::Told;
            }
        }
    }

    async fn take(&mut self, text: &str) -> bool {
        match message::read(text) {
            Ok(FromClient::Watch(phones)) => self.order(Order::Watch(phones, Attention::Foreground)).await,
            Ok(FromClient::Tiles(phones)) => self.order(Order::Watch(phones, Attention::Tile)).await,
            Ok(FromClient::Unwatch(phones)) => self.order(Order::Unwatch(phones)).await,
            Ok(FromClient::Visible(visible)) => self.order(Order::Visible(visible)).await,
            Ok(FromClient::Read(phones)) => self.order(Order::Read(phones, true)).await,
            Ok(FromClient::Unread(phones)) => self.order(Order::Read(phones, false)).await,
            Ok(FromClient::Press(request)) => self.press(request).await,
            Ok(wish) => self.steer(wish).await,
            Err(problem) => self.mistake(&problem).await,
        }
    }

    async fn order(&self, order: Order) -> bool {
        self.orders.send(order).await.is_ok()
    }

    async fn mistake(&mut self, problem: &str) -> bool {
        self.mistakes += 1;
        if self.mistakes >= MOST_MISTAKES {
            self.order(Order::Close(POLICY, "too many messages that cannot be read"))
                .await;
            return false;
        }
        self.order(Order::Say(event::error(problem))).await
    }

    async fn too_big(&self) -> bool {
        self.order(Order::Close(TOO_BIG, "a message has at most 64 KiB")).await;
        false
    }

    async fn session_ended(&self) -> bool {
        self.order(Order::Close(SESSION_ENDED, "the session has ended")).await;
        false
    }

    /// Queues a press before the next message is read, so that keys keep their order; the outcome follows by itself.
    async fn press(&self, request: PressRequest) -> bool {
        let Some(viewer) = self.identity.refresh(&self.app).await else {
            let problem = "your session has ended; sign in again";
            self.order(Order::Say(event::press_refused(&request, problem, None)))
                .await;
            return self.session_ended().await;
        };
        let pressing = match self.queue(&viewer, &request).await {
            Ok(pressing) => pressing,
            Err((problem, cause)) => {
                return self
                    .order(Order::Say(event::press_refused(&request, &problem, cause)))
                    .await;
            }
        };
        let orders = self.orders.clone();
        self.app.tasks.spawn("live press", async move {
            for pressed in pressing.outcome().await {
                // A browser that left needs no answer; the press is in the audit trail.
                let _ = orders
                    .send(Order::Say(event::press(request.phone, &request.reference, &pressed)))
                    .await;
            }
        });
        true
    }

    async fn queue(&self, viewer: &Viewer, request: &PressRequest) -> Result<Pressing, Problem> {
        let may = self
            .may(viewer, request.phone)
            .await
            .map_err(|problem| (problem, None))?;
        let key = request
            .key
            .parse()
            .map_err(|error: UnknownKey| (error.to_string(), None))?;
        let queued = self.app.control.press_from(self.source, &may, request.phone, vec![key]);
        queued.await.map_err(|refusal| match refusal {
            Refusal::Blocked(trouble) => (trouble.evidence, Some(trouble.cause)),
            other => (other.to_string(), None),
        })
    }

    async fn may(&self, viewer: &Viewer, phone: PhoneId) -> Result<May<PressKeys>, String> {
        let may = viewer.may::<PressKeys>().map_err(|denied| denied.to_string())?;
        match self.app.inventory.require(viewer, phone).await {
            Ok(()) => Ok(may),
            Err(_) => Err(format!("no such phone: {phone}")),
        }
    }

    /// What is wished about a wheel. Who watches is told what became of it; who may not, or cannot, is told why.
    async fn steer(&self, wish: FromClient) -> bool {
        let Some(viewer) = self.identity.refresh(&self.app).await else {
            return self.session_ended().await;
        };
        match self.turn(&viewer, wish).await {
            Ok(()) => true,
            Err(problem) => self.order(Order::Say(event::error(&problem))).await,
        }
    }

    async fn turn(&self, viewer: &Viewer, wish: FromClient) -> Result<(), String> {
        let control = &self.app.control;
        let turned = match wish {
            FromClient::Drive(Which { phone }) => {
                let may = self.may(viewer, phone).await?;
                control.drive(&may, phone).await
            }
            FromClient::Ask(Which { phone }) => {
                let may = self.may(viewer, phone).await?;
                control.ask(&may, phone)
            }
            FromClient::Answer(Answer { phone, allow }) => {
                let may = self.may(viewer, phone).await?;
                control.answer(&may, phone, allow).await
            }
            FromClient::Release(Which { phone }) => {
                let may = self.may(viewer, phone).await?;
                control.release(&may, phone).await
            }
            _ => Ok(()),
        };
        turned.map_err(|error| error.to_string())
    }
}
