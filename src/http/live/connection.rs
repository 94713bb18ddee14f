//! One connection of the live channel.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::stream::{self, BoxStream, SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tokio_stream::StreamMap;

use super::message::{self, FromClient, PressRequest};
use crate::control::Refusal;
use crate::domain::ids::PhoneId;
use crate::http::failure::Failure;
use crate::http::middleware::identify::Identity;
use crate::http::origin::is_same_origin;
use crate::http::state::App;
use crate::screens::{self, Look, Onlooker};
use crate::security::{PressKeys, Viewer};

/// The most phones one connection looks at.
const MOST_WATCHED: usize = 100;
/// The longest text message, in bytes.
const LONGEST_MESSAGE: usize = 64 * 1024;
/// Messages that could not be read, after which the connection is closed.
const MOST_MISTAKES: u32 = 10;
/// Messages to the client that may wait for the writer, pictures not counted.
const OUTBOX: usize = 256;
const PING_EVERY: Duration = Duration::from_secs(20);
/// How often it is asked whether the viewer is still signed in, with the same rights.
const VERIFY_EVERY: Duration = Duration::from_secs(15);

/// Close codes: RFC 6455 for the first two, our own for the end of a session.
const GOING_AWAY: u16 = 1001;
const POLICY: u16 = 1008;
const SESSION_ENDED: u16 = 4401;

/// `GET /live`.
pub async fn open(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Failure> {
    let viewer = identity.viewer.clone().ok_or_else(Failure::unauthenticated)?;
    // A browser sends its cookie along from any site's page; only Origin tells whose page it is.
    let from_browser = viewer.csrf_token().is_some();
    if from_browser && is_same_origin(&headers, &app.config.server) != Some(true) {
        return Err(Failure::forbidden("The live channel is for pages of this server."));
    }
    Ok(upgrade
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE)
        .on_upgrade(move |socket| serve(app, viewer, identity, socket)))
}

/// What the reader asks of the writer.
#[derive(Debug)]
enum Order {
    Watch(Vec<PhoneId>),
    Unwatch(Vec<PhoneId>),
    Visible(bool),
    Say(String),
    Close(u16, &'static str),
}

async fn serve(app: App, viewer: Viewer, identity: Identity, socket: WebSocket) {
    let gauge = metrics::gauge!("sidetone_live_connections");
    gauge.increment(1.0);
    let (sink, stream) = socket.split();
    let (orders, inbox) = mpsc::channel(OUTBOX);
    let writer = Writer {
        app: app.clone(),
        viewer,
        identity: identity.clone(),
        sink,
        looks: StreamMap::new(),
        asked: BTreeSet::new(),
        sent: HashMap::new(),
        visible: true,
    };
    let reader = Reader {
        app: app.clone(),
        identity,
        orders,
        mistakes: 0,
    };
    let writing = app.tasks.spawn("live writer", writer.run(inbox));
    reader.run(stream).await;
    // The reader's end drops its orders, which ends the writer.
    let _ = writing.await;
    gauge.decrement(1.0);
}

struct Reader {
    app: App,
    identity: Identity,
    orders: mpsc::Sender<Order>,
    mistakes: u32,
}

impl Reader {
    async fn run(mut self, mut stream: SplitStream<WebSocket>) {
        loop {
            let message = tokio::select! {
                message = stream.next() => message,
                () = self.app.tasks.stopping() => return,
                () = self.orders.closed() => return,
            };
            let keep_on = match message {
                Some(Ok(Message::Text(text))) => self.take(&text).await,
                Some(Ok(Message::Binary(_))) => self.mistake("messages are JSON text").await,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => true,
                Some(Ok(Message::Close(_)) | Err(_)) | None => false,
            };
            if !keep_on {
                return;
            }
        }
    }

    async fn take(&mut self, text: &str) -> bool {
        match message::read(text) {
            Ok(FromClient::Watch(phones)) => self.order(Order::Watch(phones)).await,
            Ok(FromClient::Unwatch(phones)) => self.order(Order::Unwatch(phones)).await,
            Ok(FromClient::Visible(visible)) => self.order(Order::Visible(visible)).await,
            Ok(FromClient::Press(request)) => self.press(request).await,
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
        self.order(Order::Say(message::error(problem))).await
    }

    /// Queues a press before the next message is read, so that keys keep their order; the outcome follows by itself.
    async fn press(&mut self, request: PressRequest) -> bool {
        let Some(viewer) = self.identity.refresh(&self.app).await else {
            let problem = "your session has ended; sign in again";
            self.order(Order::Say(message::press_refused(&request, problem, None)))
                .await;
            self.order(Order::Close(SESSION_ENDED, "the session has ended")).await;
            return false;
        };
        let pressing = match self.queue(&viewer, &request).await {
            Ok(pressing) => pressing,
            Err((problem, cause)) => {
                return self
                    .order(Order::Say(message::press_refused(&request, &problem, cause)))
                    .await;
            }
        };
        let orders = self.orders.clone();
        self.app.tasks.spawn("live press", async move {
            for pressed in pressing.outcome().await {
                // A browser that left needs no answer; the press is in the audit trail.
                let _ = orders
                    .send(Order::Say(message::press(request.phone, &request.reference, &pressed)))
                    .await;
            }
        });
        true
    }

    async fn queue(&self, viewer: &Viewer, request: &PressRequest) -> Result<crate::control::Pressing, Problem> {
        let may = viewer.may::<PressKeys>().map_err(|denied| (denied.to_string(), None))?;
        if self.app.inventory.require(viewer, request.phone).await.is_err() {
            return Err(("no such phone".to_owned(), None));
        }
        let key = request
            .key
            .parse()
            .map_err(|error: crate::domain::key::UnknownKey| (error.to_string(), None))?;
        self.app
            .control
            .press(&may, request.phone, vec![key])
            .await
            .map_err(|refusal| match refusal {
                Refusal::Blocked(trouble) => (trouble.evidence, Some(trouble.cause)),
                other => (other.to_string(), None),
            })
    }
}

type Problem = (String, Option<crate::domain::cause::Cause>);

struct Writer {
    app: App,
    viewer: Viewer,
    identity: Identity,
    sink: SplitSink<WebSocket, Message>,
    looks: StreamMap<PhoneId, BoxStream<'static, std::sync::Arc<screens::State>>>,
    asked: BTreeSet<PhoneId>,
    /// Version of the picture last sent, by phone.
    sent: HashMap<PhoneId, u64>,
    visible: bool,
}

/// The client is gone, or was told to go.
struct Over;

impl Writer {
    async fn run(mut self, inbox: mpsc::Receiver<Order>) {
        self.serve(inbox).await;
        // Whatever the end came from: the reader may have stopped first, or a message was cut short.
        if self.app.tasks.stop_token().is_cancelled() {
            let _ = self.close(GOING_AWAY, "the server is stopping").await;
        }
    }

    async fn serve(&mut self, mut inbox: mpsc::Receiver<Order>) {
        let mut ping = tokio::time::interval(PING_EVERY);
        let mut verify = tokio::time::interval(VERIFY_EVERY);
        loop {
            let step = tokio::select! {
                order = inbox.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                Some((phone, state)) = self.looks.next(), if !self.looks.is_empty() => self.show(phone, &state).await,
                _ = ping.tick() => self.send(Message::Ping(bytes::Bytes::new())).await,
                _ = verify.tick() => self.verify().await,
                () = self.app.tasks.stopping() => return,
            };
            if step.is_err() {
                return;
            }
        }
    }

    async fn obey(&mut self, order: Order) -> Result<(), Over> {
        match order {
            Order::Watch(phones) => self.watch(phones).await,
            Order::Unwatch(phones) => {
                self.unwatch(&phones);
                Ok(())
            }
            Order::Visible(visible) => {
                self.visible = visible;
                self.looks.clear();
                if visible {
                    self.asked.clone().into_iter().for_each(|phone| self.look(phone));
                }
                Ok(())
            }
            Order::Say(text) => self.send(Message::Text(text.into())).await,
            Order::Close(code, reason) => self.close(code, reason).await,
        }
    }

    async fn watch(&mut self, phones: Vec<PhoneId>) -> Result<(), Over> {
        for phone in phones {
            if self.asked.contains(&phone) {
                continue;
            }
            if self.asked.len() >= MOST_WATCHED {
                let problem = message::error(&format!("at most {MOST_WATCHED} phones a connection"));
                return self.send(Message::Text(problem.into())).await;
            }
            if self.app.inventory.require(&self.viewer, phone).await.is_err() {
                tracing::info!(
                    phone = phone.0,
                    viewer = self.viewer.name,
                    "refused to show phone {phone}"
                );
                self.send(Message::Text(message::error(&format!("no such phone: {phone}")).into()))
                    .await?;
                continue;
            }
            self.asked.insert(phone);
            if self.visible {
                self.look(phone);
            }
        }
        Ok(())
    }

    fn look(&mut self, phone: PhoneId) {
        self.sent.remove(&phone);
        let look = self.app.screens.look(phone, Onlooker::new(&self.viewer));
        let states = stream::unfold(look, |mut look: Look| async move {
            let state = look.next().await;
            Some((state, look))
        });
        self.looks.insert(phone, states.boxed());
    }

    async fn show(&mut self, phone: PhoneId, state: &screens::State) -> Result<(), Over> {
        let now = self.app.clock.now();
        if let Some(screen) = &state.screen
            && self.sent.insert(phone, screen.version) != Some(screen.version)
        {
            self.send(Message::Binary(message::picture(phone, screen))).await?;
        }
        self.send(Message::Text(message::phone(phone, state, now).into())).await
    }

    async fn verify(&mut self) -> Result<(), Over> {
        match self.identity.refresh(&self.app).await {
            Some(viewer) => {
                self.viewer = viewer;
                let mut hidden = Vec::new();
                for phone in self.asked.clone() {
                    if self.app.inventory.require(&self.viewer, phone).await.is_err() {
                        hidden.push(phone);
                    }
                }
                self.unwatch(&hidden);
                Ok(())
            }
            None => self.close(SESSION_ENDED, "the session has ended").await,
        }
    }

    fn unwatch(&mut self, phones: &[PhoneId]) {
        for phone in phones {
            self.asked.remove(phone);
            self.looks.remove(phone);
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), Over> {
        tokio::select! {
            sent = self.sink.send(message) => sent.map_err(|_| Over),
            // A client that reads nothing must not hold up the end of the program.
            () = self.app.tasks.stopping() => Err(Over),
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
