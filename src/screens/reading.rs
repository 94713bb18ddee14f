//! Who reads a phone's screen in words, and the words.
//!
//! The pages are asked for in the background: after the picture has changed, and now and then while it has not. A phone
//! is never asked while nobody looks at its picture.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::onlooker::Attention;
use super::state::State;
use super::text::{self, Text};
use super::watch::Watch;
use crate::domain::ids::PhoneId;
use crate::phone::{CallInfo, Error, ErrorKind, LineInfo, ModeInfo, Target, Urgency};

/// How long a phone that does not tell its screen in words is not asked again.
const UNAVAILABLE: Duration = Duration::from_mins(5);
/// How long it is left alone after an answer that failed; a page that hangs keeps its picture waiting.
const AFTER_FAILURE: Duration = Duration::from_secs(30);
/// The rest between two readings of a picture that changes all the time.
const REST: Duration = Duration::from_millis(500);
/// Lines in a call that are asked for.
const MOST_CALLS: usize = 4;

/// The words of one phone's screen, for all who read them.
#[derive(Debug, Default)]
pub(super) struct Words {
    readers: AtomicUsize,
    served: AtomicBool,
    readers_changed: Notify,
    latest: watch::Sender<Option<Arc<Text>>>,
}

impl Words {
    /// One more reader, to be taken back by dropping its [`Reading`].
    pub(super) fn join(&self) {
        self.readers.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether anybody reads.
    pub(super) fn is_wanted(&self) -> bool {
        self.readers.load(Ordering::Acquire) > 0
    }

    /// Only words that differ wake the readers; the time of reading is kept all the same.
    fn publish(&self, text: Text) {
        self.latest.send_if_modified(|latest| {
            let differs = latest.as_ref().is_none_or(|before| !before.says_the_same(&text));
            *latest = Some(Arc::new(text));
            differs
        });
    }
}

/// One reader of one phone's screen in words; dropping it ends the reading.
#[derive(Debug)]
pub struct Reading {
    watch: Arc<Watch>,
    shared: Arc<Shared>,
    latest: watch::Receiver<Option<Arc<Text>>>,
}

impl Reading {
    /// The caller has counted this reader already, under the lock of the map of watches.
    pub(super) fn start(shared: &Arc<Shared>, watch: Arc<Watch>) -> Self {
        let mut latest = watch.words().latest.subscribe();
        latest.mark_changed();
        if watch.words().served.swap(true, Ordering::AcqRel) {
            watch.words().readers_changed.notify_one();
        } else {
            let (shared, watch) = (Arc::clone(shared), Arc::clone(&watch));
            shared
                .tasks
                .clone()
                .spawn("screen reader", async move { serve(&shared, &watch).await });
        }
        Self {
            watch,
            shared: Arc::clone(shared),
            latest,
        }
    }

    /// Waits for words that differ from what was last returned; at the first call, for the first words there are.
    pub async fn next(&mut self) -> Arc<Text> {
        loop {
            // The sender lives in the watch that we hold, so that waiting cannot fail.
            let _ = self.latest.changed().await;
            if let Some(text) = &*self.latest.borrow_and_update() {
                return Arc::clone(text);
            }
        }
    }

    /// The newest words, told already or not.
    pub fn latest(&self) -> Option<Arc<Text>> {
        self.latest.borrow().clone()
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.watch.words().readers.fetch_sub(1, Ordering::AcqRel);
        self.watch.words().readers_changed.notify_one();
        self.shared.forget_idle(&self.watch);
    }
}

async fn serve(shared: &Shared, watch: &Watch) {
    let (stop, words) = (shared.tasks.stop_token(), watch.words());
    loop {
        read_while_wanted(shared, watch, &stop).await;
        words.served.store(false, Ordering::Release);
        // A reader who came just now saw this task at work and started none.
        if stop.is_cancelled() || !words.is_wanted() || words.served.swap(true, Ordering::AcqRel) {
            break;
        }
    }
    shared.forget_idle(watch);
}

/// What the last reading left behind.
#[derive(Debug, Default)]
struct Before {
    version: Option<u64>,
    /// When the phone may be asked again because its picture changed, and when in any case.
    rested: Option<Instant>,
    again: Option<Instant>,
}

impl Before {
    fn due(&self, version: u64) -> Instant {
        let due = if self.version == Some(version) {
            self.again
        } else {
            self.rested
        };
        due.unwrap_or_else(Instant::now)
    }
}

async fn read_while_wanted(shared: &Shared, watch: &Watch, stop: &CancellationToken) {
    let (words, mut states) = (watch.words(), watch.states());
    let mut before = Before::default();
    while words.is_wanted() {
        let version = picture_of(&states.borrow_and_update());
        let due = version
            .filter(|_| watch.viewers() > 0)
            .map(|version| (version, before.due(version)));
        if let Some((version, due)) = due
            && due <= Instant::now()
        {
            tokio::select! {
                wait = read(shared, watch) => before = rest(shared, watch, version, wait),
                () = stop.cancelled() => return,
            }
            continue;
        }
        let turn = async {
            match due {
                Some((_, due)) => sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = turn => {}
            _ = states.changed() => {}
            () = words.readers_changed.notified() => {}
            () = stop.cancelled() => return,
        }
    }
}

fn picture_of(state: &State) -> Option<u64> {
    state.screen.as_ref().map(|screen| screen.version)
}

/// When the phone is asked again after a reading; `wait` is how long it is left alone at least.
fn rest(shared: &Shared, watch: &Watch, version: u64, wait: Option<Duration>) -> Before {
    let now = Instant::now();
    let usual = match watch.closest() {
        Attention::Foreground => shared.settings.quiet_ms,
        Attention::Tile => shared.settings.tile_quiet_ms,
    };
    Before {
        version: Some(version),
        rested: Some(now + wait.unwrap_or(REST)),
        again: Some(now + wait.unwrap_or_default().max(Duration::from_millis(usual))),
    }
}

/// Asks the phone for its words once and tells the readers; answers how long it is to be left alone, if for longer
/// than usual.
async fn read(shared: &Shared, watch: &Watch) -> Option<Duration> {
    let words = watch.words();
    let read_at = shared.clock.now();
    let asker = Asker {
        shared,
        phone: watch.phone(),
    };
    match asker.ask().await {
        Ok(Some(told)) => {
            words.publish(told.text(read_at));
            None
        }
        Ok(None) => {
            words.publish(Text::unavailable(read_at));
            Some(UNAVAILABLE)
        }
        Err(()) => {
            // What was read before is more than nothing; the state of the picture tells what is wrong.
            if words.latest.borrow().is_none() {
                words.publish(Text::unavailable(read_at));
            }
            Some(AFTER_FAILURE)
        }
    }
}

/// All pages of one reading.
#[derive(Debug, Default)]
struct Told {
    mode: Option<ModeInfo>,
    lines: Option<LineInfo>,
    /// With the position of their line.
    calls: Vec<(u8, CallInfo)>,
}

impl Told {
    fn text(self, read_at: jiff::Timestamp) -> Text {
        text::compose(
            self.mode.unwrap_or_default(),
            self.lines.unwrap_or_default(),
            self.calls,
            read_at,
        )
    }
}

/// One reading under way: one request at a time, each in its turn of the cluster's budget.
struct Asker<'a> {
    shared: &'a Shared,
    phone: PhoneId,
}

impl Asker<'_> {
    /// None when the phone does not tell its screen in words.
    async fn ask(&self) -> Result<Option<Told>, ()> {
        let phones = &self.shared.phones;
        let mut told = Told::default();
        let target = self.turn().await?;
        told.mode = told_or_none(phones.mode_info(&target, Urgency::Background).await)?;
        let target = self.turn().await?;
        told.lines = told_or_none(phones.line_info(&target, Urgency::Background).await)?;
        if told.mode.is_none() && told.lines.is_none() {
            return Ok(None);
        }
        let busy = told.lines.as_ref().map(text::lines_in_a_call).unwrap_or_default();
        for (position, number) in busy.into_iter().take(MOST_CALLS) {
            let target = self.turn().await?;
            let calls = phones.call_info(&target, number, Urgency::Background).await;
            if let Some(calls) = told_or_none(calls)? {
                told.calls.push((position, calls));
            }
        }
        Ok(Some(told))
    }

    /// Where the phone is, when the budget allows one more request.
    async fn turn(&self) -> Result<Target, ()> {
        let (inventory, budget) = (&self.shared.inventory, &self.shared.budget);
        let cluster = inventory.cluster_of(self.phone).await.map_err(drop)?;
        budget.turn(cluster, Attention::Tile).await.ok_or(())?;
        inventory.target(self.phone).await.map_err(drop)
    }
}

/// An answer that is no page of this kind is one of a phone that has none; an error of the way to it says nothing.
fn told_or_none<T>(answer: Result<Option<T>, Error>) -> Result<Option<T>, ()> {
    match answer {
        Ok(page) => Ok(page),
        Err(error) => match error.kind() {
            ErrorKind::ModelWithoutControl
            | ErrorKind::Forbidden
            | ErrorKind::Foreign
            | ErrorKind::PhoneError(_)
            | ErrorKind::RedirectElsewhere
            | ErrorKind::Status(_)
            | ErrorKind::Unreadable => Ok(None),
            _ => Err(()),
        },
    }
}
