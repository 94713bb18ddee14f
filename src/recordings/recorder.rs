//! The task of one recording: takes what comes, keeps it, and knows when to end.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{broadcast, watch};

use super::ending::Ending;
use super::files::format_word;
use super::{Running, Shared};
use crate::audit::Actor;
use crate::control::Notice;
use crate::domain::catalogue::Model;
use crate::domain::screen::Screen;
use crate::screens::{Look, Phase, State};
use crate::security::{ManagePeople, SeePhones, Viewer};
use crate::store::recordings::{self as rows, Step};

/// How often it is asked whether the recording may go on.
const CHECK_EVERY: Duration = Duration::from_secs(1);
const MIB: u64 = 1024 * 1024;

/// Why and by whom a recording ends.
pub(super) struct End {
    pub(super) ending: Ending,
    pub(super) actor: Actor,
    pub(super) detail: String,
}

impl End {
    pub(super) fn by_itself(ending: Ending, detail: impl Into<String>) -> Self {
        Self {
            ending,
            actor: Actor::system(),
            detail: detail.into(),
        }
    }
}

type Flow = ControlFlow<End>;

pub(super) struct Recorder {
    pub(super) running: Running,
    pub(super) viewer: Viewer,
    pub(super) model: &'static Model,
    pub(super) notices: broadcast::Receiver<Notice>,
    pub(super) look: Look,
    pub(super) stopped: watch::Receiver<Option<Actor>>,
    pub(super) shared: Arc<Shared>,
    /// Steps kept so far.
    pub(super) steps: i64,
    /// Bytes of pictures kept so far.
    pub(super) bytes: u64,
    /// Version of the picture last kept.
    pub(super) version: Option<u64>,
    /// Whether no picture can be had now.
    pub(super) lost: bool,
}

impl Recorder {
    pub(super) async fn run(mut self) {
        let end = self.record().await;
        self.shared.end(self.running.id, end).await;
        self.shared.running().remove(&self.running.id);
        self.running.ended.cancel();
    }

    async fn record(&mut self) -> End {
        let stop = self.shared.tasks.stop_token();
        let mut check = tokio::time::interval(CHECK_EVERY);
        loop {
            // In this order: a key that was pressed before Stop belongs to the recording, and so does its picture.
            let flow = tokio::select! {
                biased;
                () = stop.cancelled() => Flow::Break(End::by_itself(Ending::Shutdown, "")),
                notice = self.notices.recv() => self.hear(notice).await,
                state = self.look.next() => self.see(&state).await,
                _ = self.stopped.changed() => Flow::Break(self.last_words().await),
                _ = check.tick() => self.check().await,
            };
            if let Flow::Break(end) = flow {
                return end;
            }
        }
    }

    /// What came before Stop and was not yet kept.
    async fn last_words(&mut self) -> End {
        loop {
            let flow = match self.notices.try_recv() {
                Ok(notice) => self.hear(Ok(notice)).await,
                Err(TryRecvError::Lagged(count)) => self.hear(Err(RecvError::Lagged(count))).await,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            };
            if let Flow::Break(end) = flow {
                return end;
            }
        }
        if let Some(state) = self.look.next().now_or_never()
            && let Flow::Break(end) = self.see(&state).await
        {
            return end;
        }
        let actor = self.stopped.borrow().clone();
        End {
            ending: Ending::Stopped,
            actor: actor.unwrap_or_else(Actor::system),
            detail: String::new(),
        }
    }

    async fn hear(&mut self, notice: Result<Notice, RecvError>) -> Flow {
        let now = self.shared.clock.now_ms();
        let step = match notice {
            Ok(notice) if notice.phone == self.running.phone => self.press(&notice),
            Ok(_) | Err(RecvError::Closed) => return Flow::Continue(()),
            Err(RecvError::Lagged(count)) => Step {
                at: now,
                kind: "missed".to_owned(),
                detail: format!("the server was busy: up to {count} presses are not in this recording"),
                ..Step::default()
            },
        };
        self.keep(step).await
    }

    fn press(&self, notice: &Notice) -> Step {
        let pressed = &notice.pressed;
        let cause = pressed.trouble.as_ref().map(|trouble| match trouble.named() {
            Some(cause) => cause.title().to_owned(),
            None => trouble.evidence.clone(),
        });
        Step {
            at: notice.at.as_millisecond(),
            kind: "press".to_owned(),
            key: pressed.key.as_str().to_owned(),
            label: self.model.label(&pressed.key),
            user_name: notice.by.clone(),
            outcome: pressed.outcome.as_str().to_owned(),
            detail: cause.unwrap_or_default(),
            ..Step::default()
        }
    }

    async fn see(&mut self, state: &State) -> Flow {
        if let Some(screen) = &state.screen
            && self.version != Some(screen.version)
        {
            self.version = Some(screen.version);
            self.picture(screen).await?;
        }
        let lost = match state.phase {
            Phase::Stale | Phase::Lost => true,
            Phase::Live | Phase::Slow => false,
            Phase::Connecting => return Flow::Continue(()),
        };
        if std::mem::replace(&mut self.lost, lost) == lost {
            return Flow::Continue(());
        }
        let cause = state.trouble.as_ref().and_then(crate::domain::cause::Trouble::named);
        let step = Step {
            at: self.shared.clock.now_ms(),
            kind: (if lost { "lost" } else { "back" }).to_owned(),
            detail: cause
                .filter(|_| lost)
                .map(|cause| cause.title().to_owned())
                .unwrap_or_default(),
            ..Step::default()
        };
        self.keep(step).await
    }

    /// Keeps a picture: first the file, then the row that says it is whole.
    async fn picture(&mut self, screen: &Screen) -> Flow {
        let picture = &screen.picture;
        let size = picture.bytes.len() as u64;
        if self.bytes + size > self.shared.settings.most_mib * MIB {
            return Flow::Break(End::by_itself(Ending::Size, ""));
        }
        match self.shared.make_room(size).await {
            Ok(true) => {}
            Ok(false) => return Flow::Break(End::by_itself(Ending::Full, "")),
            Err(error) => return Flow::Break(End::by_itself(Ending::Disk, error.to_string())),
        }
        let step = Step {
            n: self.steps + 1,
            // One that was there before the recording began is its first.
            at: screen.captured_at.as_millisecond().max(self.running.started_at),
            kind: "picture".to_owned(),
            format: format_word(picture.format).to_owned(),
            width: picture.width.into(),
            height: picture.height.into(),
            bytes: i64::try_from(size).unwrap_or(i64::MAX),
            ..Step::default()
        };
        if let Err(error) = self.shared.files.write(self.running.id, &step, &picture.bytes).await {
            return Flow::Break(End::by_itself(Ending::Disk, error.to_string()));
        }
        self.bytes += size;
        self.keep(step).await
    }

    async fn keep(&mut self, step: Step) -> Flow {
        self.steps += 1;
        let step = Step { n: self.steps, ..step };
        match self.write(&step).await {
            Ok(()) => Flow::Continue(()),
            Err(error) => Flow::Break(End::by_itself(Ending::Disk, error.to_string())),
        }
    }

    async fn write(&self, step: &Step) -> Result<(), crate::store::Error> {
        let mut tx = self.shared.store.begin().await?;
        rows::add_step(&mut tx, self.running.id, step).await?;
        tx.commit().await
    }

    /// Whether it may go on: its time, and the right of its person.
    async fn check(&self) -> Flow {
        let longest = self.shared.settings.longest_minutes * 60_000;
        let length = self.shared.clock.now_ms() - self.running.started_at;
        if u64::try_from(length).is_ok_and(|length| length >= longest) {
            return Flow::Break(End::by_itself(Ending::Longest, ""));
        }
        match self.still_allowed().await {
            Ok(true) => Flow::Continue(()),
            Ok(false) => Flow::Break(End::by_itself(Ending::Right, "")),
            Err(error) => {
                // The next second may do better; what is seen meanwhile was allowed a second ago.
                tracing::warn!(error = %error, "the right to record cannot be checked: {error}");
                Flow::Continue(())
            }
        }
    }

    async fn still_allowed(&self) -> Result<bool, crate::store::Error> {
        let Ok(may) = Viewer::system().may::<ManagePeople>() else {
            return Ok(false);
        };
        let user = self.shared.security.user(&may, self.viewer.user).await?;
        let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
            return Ok(false);
        };
        let now = Viewer::of(&user, self.viewer.via, self.viewer.address);
        if now.may::<SeePhones>().is_err() {
            return Ok(false);
        }
        match self.shared.inventory.require(&now, self.running.phone).await {
            Ok(()) => Ok(true),
            Err(crate::inventory::Error::Store(error)) => Err(error),
            Err(_) => Ok(false),
        }
    }
}
