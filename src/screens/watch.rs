//! The watch of one phone: its poller, its capture, its viewers.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::onlooker::{Attention, Audience, Onlooker};
use super::pace::Pace;
use super::reading::Words;
use super::state::{PacedBy, Phase, State};
use crate::clock::Clock;
use crate::domain::catalogue::ScreenshotRoute;
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::{ClusterId, PhoneId};
use crate::domain::screen::{Picture, Screen};
use crate::inventory::Observed;
use crate::phone::{Shot, ShotKind, Target, Urgency};
use crate::telemetry;

/// Failures in a row after which an old picture is given up.
const LOST_AFTER: u32 = 3;
/// A wait for the budget that is longer than this sets the pace.
const FELT: Duration = Duration::from_millis(100);
/// Viewers are woken for a picture that was confirmed unchanged when their last word is as old as this. They show an age
/// in seconds and count on by themselves; a thousand of them need not hear of each picture after a key.
const CONFIRM_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Watch {
    phone: PhoneId,
    state: watch::Sender<Arc<State>>,
    audience: watch::Sender<Audience>,
    /// Places given out so far.
    seats: AtomicU64,
    polled: AtomicBool,
    /// Something may have changed when the next picture is due: a key, a viewer.
    stirred: Notify,
    /// The same for a capture that waits for the budget.
    class_changed: Notify,
    /// Those who wait for one picture without looking on.
    asking: AtomicUsize,
    words: Words,
    /// Captures begun so far.
    begun: AtomicU64,
    pace: Mutex<Pace>,
    /// What the last capture left behind; holding it is the right to capture.
    memory: tokio::sync::Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// What the phone sent for the picture that is shown, where that was converted.
    raw: Option<Fingerprint>,
    route: Option<ScreenshotRoute>,
    told_at: Option<Instant>,
}

/// Enough of a body to know it again, without keeping it: bitmaps have a megabyte and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint {
    length: usize,
    hash: u128,
}

impl Fingerprint {
    /// None for what is kept as it came.
    fn of(shot: &Shot) -> Option<Self> {
        match shot.kind {
            ShotKind::Png | ShotKind::Jpeg => None,
            ShotKind::Bmp | ShotKind::CipImage => Some(Self {
                length: shot.body.len(),
                hash: xxhash_rust::xxh3::xxh3_128(&shot.body),
            }),
        }
    }
}

/// A picture that was fetched.
struct Fetched {
    shot: Shot,
    screen: Arc<Screen>,
    changed: bool,
}

/// Somebody who waits for one picture without looking on. While it is there the watch is not forgotten.
#[derive(Debug)]
pub(super) struct Asking(Arc<Watch>);

impl Asking {
    /// The caller holds the lock of the map of watches.
    pub(super) fn new(watch: Arc<Watch>) -> Self {
        watch.asking.fetch_add(1, Ordering::AcqRel);
        Self(watch)
    }

    pub(super) fn watch(&self) -> &Arc<Watch> {
        &self.0
    }

    /// One picture.
    pub(super) async fn capture(self, shared: &Shared) -> Arc<State> {
        self.0.class_changed.notify_one();
        self.0.capture(shared).await
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.asking.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Watch {
    pub(super) fn new(phone: PhoneId) -> Self {
        Self {
            phone,
            state: watch::Sender::new(Arc::new(State::connecting())),
            audience: watch::Sender::default(),
            seats: AtomicU64::new(0),
            polled: AtomicBool::new(false),
            stirred: Notify::new(),
            class_changed: Notify::new(),
            asking: AtomicUsize::new(0),
            words: Words::default(),
            begun: AtomicU64::new(0),
            pace: Mutex::new(Pace::new(phone)),
            memory: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn phone(&self) -> PhoneId {
        self.phone
    }

    pub(super) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.borrow())
    }

    /// The state as it changes.
    pub(super) fn states(&self) -> watch::Receiver<Arc<State>> {
        self.state.subscribe()
    }

    /// One more viewer; the answer is their place, to be given back by [`Watch::leave`].
    pub(super) fn join(&self, onlooker: Onlooker) -> u64 {
        let seat = self.seats.fetch_add(1, Ordering::Relaxed);
        self.audience.send_modify(|audience| {
            Arc::make_mut(audience).insert(seat, onlooker);
        });
        seat
    }

    /// One viewer less; true when it was the last.
    fn leave(&self, seat: u64) -> bool {
        self.audience.send_modify(|audience| {
            Arc::make_mut(audience).remove(&seat);
        });
        self.viewers() == 0
    }

    pub(super) fn viewers(&self) -> usize {
        self.audience.borrow().len()
    }

    /// Who looks, as it changes.
    pub(super) fn audience(&self) -> watch::Receiver<Audience> {
        self.audience.subscribe()
    }

    /// How closely the closest viewer looks.
    pub(super) fn closest(&self) -> Attention {
        let audience = self.audience.borrow();
        let closest = audience.values().map(|onlooker| onlooker.attention).max();
        closest.unwrap_or(Attention::Tile)
    }

    /// How the next capture stands among those of other phones: a key and one who waits count as a close look.
    fn class(&self) -> Attention {
        if self.asking.load(Ordering::Acquire) > 0 || self.pace().is_settling() {
            Attention::Foreground
        } else {
            self.closest()
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.viewers() == 0
            && self.asking.load(Ordering::Acquire) == 0
            && !self.words.is_wanted()
            && !self.polled.load(Ordering::Acquire)
    }

    /// What the phone says of its screen.
    pub(super) fn words(&self) -> &Words {
        &self.words
    }

    pub(super) fn expect_change(&self) {
        self.pace().expect_change();
        self.stir();
    }

    /// Lets the poller and its capture look anew at what they wait for.
    fn stir(&self) {
        self.stirred.notify_one();
        self.class_changed.notify_one();
    }

    /// The picture, when it was confirmed no longer than `max_age` ago.
    pub(super) fn recent(&self, max_age: Duration, clock: &Clock) -> Option<Arc<Screen>> {
        let state = self.state();
        let fresh = state.trouble.is_none() && state.age(clock.now())? <= max_age && !max_age.is_zero();
        fresh.then(|| state.screen.clone()).flatten()
    }

    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One picture from the phone. Who waits while another captures takes the next one, which serves all waiting.
    async fn capture(&self, shared: &Shared) -> Arc<State> {
        let begun_before = self.begun.load(Ordering::Acquire);
        let mut memory = self.memory.lock().await;
        if self.begun.load(Ordering::Acquire) > begun_before {
            return self.state();
        }
        let (outcome, paced_by) = match self.turn(shared).await {
            Ok(Some(paced_by)) => (self.fetch(shared, &mut memory).await, paced_by),
            // The program stops; the phone was not asked.
            Ok(None) => return self.state(),
            Err(trouble) => (Err(trouble), self.state().paced_by),
        };
        self.publish(shared, &mut memory, outcome, paced_by).await;
        self.state()
    }

    /// Waits until the cluster's budget allows a picture; the answer is what set the wait for it, none when the program
    /// stops. A phone that cannot be asked costs the budget nothing.
    async fn turn(&self, shared: &Shared) -> Result<Option<PacedBy>, Trouble> {
        shared.inventory.target(self.phone).await?;
        let cluster = shared.inventory.cluster_of(self.phone).await?;
        let by_phone = self.pace().due(&shared.settings, self.closest()).by_phone;
        let Some(waited) = self.wait_for_budget(shared, cluster).await else {
            return Ok(None);
        };
        self.begun.fetch_add(1, Ordering::Release);
        self.pace().begin(Instant::now());
        Ok(Some(match () {
            () if waited >= FELT => PacedBy::Budget,
            () if by_phone => PacedBy::Phone,
            () => PacedBy::Settings,
        }))
    }

    /// A key or a closer look while it waits puts the capture among those of the foreground.
    async fn wait_for_budget(&self, shared: &Shared, cluster: ClusterId) -> Option<Duration> {
        let asked = Instant::now();
        let mut felt = std::pin::pin!(sleep(CONFIRM_EVERY));
        let mut told = false;
        loop {
            let class = self.class();
            let mut turn = std::pin::pin!(shared.budget.turn(cluster, class));
            loop {
                tokio::select! {
                    biased;
                    turn = &mut turn => return turn.map(|_| asked.elapsed()),
                    () = self.class_changed.notified() => if self.class() != class {
                        break;
                    },
                    () = &mut felt, if !told => {
                        told = true;
                        self.waits_for_budget();
                    }
                }
            }
        }
    }

    /// Tells viewers early that it is the budget they wait for.
    fn waits_for_budget(&self) {
        self.state.send_if_modified(|state| {
            let news = state.paced_by != PacedBy::Budget;
            if news {
                *state = Arc::new(State {
                    paced_by: PacedBy::Budget,
                    ..State::clone(state)
                });
            }
            news
        });
    }

    async fn fetch(&self, shared: &Shared, memory: &mut Memory) -> Result<Fetched, Trouble> {
        // Asked for only now: the phone may have moved while its turn came.
        let mut target: Target = shared.inventory.target(self.phone).await?;
        if memory.route.is_some() {
            target.screenshot_route.clone_from(&memory.route);
        }
        let answer = shared.phones.screenshot(&target, Urgency::Look);
        let shot = self
            .in_words(shared, answer)
            .await
            .map_err(|error| Trouble::new(error.cause(), error.evidence()))?;
        let previous = self.state().screen.clone();
        let raw = Fingerprint::of(&shot);
        let equal = |screen: &Arc<Screen>| match raw {
            Some(_) => raw == memory.raw,
            None => screen.picture.bytes == shot.body,
        };
        if let Some(screen) = previous.clone().filter(equal) {
            let changed = false;
            return Ok(Fetched { shot, screen, changed });
        }
        let picture = picture_of(&shot).await?;
        let version = previous.map_or_else(|| first_version(&shared.clock), |screen| screen.version + 1);
        memory.raw = raw;
        let screen = Arc::new(Screen {
            picture,
            version,
            captured_at: shared.clock.now(),
        });
        let changed = true;
        Ok(Fetched { shot, screen, changed })
    }

    /// Waits for the phone's answer; a phone that keeps everybody waiting is called slow, then its picture stale.
    async fn in_words<T>(&self, shared: &Shared, answer: impl Future<Output = T>) -> T {
        let slow = Duration::from_millis(shared.settings.slow_ms);
        let stale = Duration::from_millis(shared.settings.stale_ms);
        let mut answer = std::pin::pin!(answer);
        for (wait, phase) in [(slow, Phase::Slow), (stale.saturating_sub(slow), Phase::Stale)] {
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                () = sleep(wait) => self.still_waiting(phase),
            }
        }
        answer.await
    }

    async fn publish(
        &self,
        shared: &Shared,
        memory: &mut Memory,
        outcome: Result<Fetched, Trouble>,
        paced_by: PacedBy,
    ) {
        let before = self.state();
        let now = Instant::now();
        let mut next = match outcome {
            Ok(fetched) => {
                let took = fetched.shot.took;
                telemetry::count_screenshot(None, took);
                self.pace().captured(fetched.changed, now);
                self.remember(shared, memory, &fetched.shot).await;
                let slow = took > Duration::from_millis(shared.settings.slow_ms);
                State {
                    phase: if slow { Phase::Slow } else { Phase::Live },
                    trouble: None,
                    screen: Some(fetched.screen),
                    confirmed_at: Some(shared.clock.now()),
                    answer_time: Some(took),
                    ..State::connecting()
                }
            }
            Err(trouble) => {
                telemetry::count_screenshot(Some(trouble.cause), Duration::ZERO);
                let failures = self.failed(now);
                self.note(shared, Observed::Blocked(trouble.cause)).await;
                let given_up = before.screen.is_none() || failures >= LOST_AFTER;
                State {
                    phase: if given_up { Phase::Lost } else { Phase::Stale },
                    trouble: Some(trouble),
                    ..State::clone(&before)
                }
            }
        };
        next.paced_by = paced_by;
        next.polls_per_s = self.pace().polls_per_s(now);
        self.tell(memory, next, now);
    }

    fn failed(&self, now: Instant) -> u32 {
        let mut pace = self.pace();
        pace.failed(now);
        pace.failures()
    }

    /// Publishes the state. Viewers are woken when there is something new in it, or when they have not heard for a while.
    fn tell(&self, memory: &mut Memory, next: State, now: Instant) {
        let long_ago = memory.told_at.is_none_or(|at| now.duration_since(at) >= CONFIRM_EVERY);
        self.state.send_if_modified(|state| {
            let wakes = long_ago || next.is_news_after(state);
            if wakes {
                memory.told_at = Some(now);
            }
            *state = Arc::new(next);
            wakes
        });
    }

    async fn remember(&self, shared: &Shared, memory: &mut Memory, shot: &Shot) {
        if memory.route.as_ref() != Some(&shot.route) {
            memory.route = Some(shot.route.clone());
            if let Err(error) = shared.inventory.remember_route(self.phone, &shot.route).await {
                tracing::warn!(error = %error, "the way to a picture cannot be remembered: {error}");
            }
        }
        self.note(shared, Observed::Ready).await;
    }

    async fn note(&self, shared: &Shared, observed: Observed) {
        if let Err(error) = shared.inventory.note_readiness(self.phone, observed).await {
            tracing::warn!(error = %error, "readiness cannot be noted: {error}");
        }
    }

    /// Tells viewers how it stands while the phone still owes an answer: first that it takes its time, then that the
    /// picture they see is old.
    fn still_waiting(&self, told: Phase) {
        self.state.send_if_modified(|state| {
            let worse = match told {
                Phase::Slow => matches!(state.phase, Phase::Connecting | Phase::Live),
                _ => matches!(state.phase, Phase::Live | Phase::Slow) && state.screen.is_some(),
            };
            if worse {
                *state = Arc::new(State {
                    phase: told,
                    ..State::clone(state)
                });
            }
            worse
        });
    }
}

/// The picture for browsers. PNG and JPEG go on as they came, which costs less than the way to another thread.
async fn picture_of(shot: &Shot) -> Result<Picture, Trouble> {
    let converted = match shot.kind {
        ShotKind::Png | ShotKind::Jpeg => shot.to_picture(),
        ShotKind::Bmp | ShotKind::CipImage => {
            let shot = shot.clone();
            let converting = tokio::task::spawn_blocking(move || shot.to_picture());
            converting
                .await
                .map_err(|_| Trouble::new(Cause::ScreenshotUndecodable, "the picture could not be read"))?
        }
    };
    converted.map_err(|error| Trouble::new(error.cause(), error.evidence()))
}

/// Versions grow from one watch of a phone to the next too, so that a client never takes an older picture for a newer one.
fn first_version(clock: &Clock) -> u64 {
    u64::try_from(clock.now_ms()).unwrap_or(1)
}

/// One viewer of one phone; dropping it ends the view.
#[derive(Debug)]
pub struct Look {
    watch: Arc<Watch>,
    shared: Arc<Shared>,
    state: watch::Receiver<Arc<State>>,
    seat: u64,
}

impl Look {
    /// The caller has given this viewer a place already, under the lock of the map of watches.
    pub(super) fn start(shared: &Arc<Shared>, watch: Arc<Watch>, seat: u64) -> Self {
        let mut state = watch.state.subscribe();
        state.mark_changed();
        if watch.polled.swap(true, Ordering::AcqRel) {
            if watch.pace().failures() > 0 {
                // Somebody who opens a lost phone wants to know how it is now, not how it was half a minute ago.
                watch.pace().hurry();
            }
            watch.stir();
        } else {
            let (shared, watch) = (Arc::clone(shared), Arc::clone(&watch));
            shared
                .tasks
                .clone()
                .spawn("screen poller", async move { poll(&shared, &watch).await });
        }
        Self {
            watch,
            shared: Arc::clone(shared),
            state,
            seat,
        }
    }

    /// Who looks at the phone, as it changes.
    pub fn audience(&self) -> watch::Receiver<Audience> {
        self.watch.audience()
    }

    /// How the screen stands, as it changes; the present state at first.
    pub fn states(&self) -> watch::Receiver<Arc<State>> {
        self.watch.state.subscribe()
    }

    /// The phone that is looked at.
    pub fn phone(&self) -> PhoneId {
        self.watch.phone
    }

    /// Waits for something newer than what was last returned, the present state at the first call.
    pub async fn next(&mut self) -> Arc<State> {
        // The sender lives in the watch that we hold, so that waiting cannot fail.
        let _ = self.state.changed().await;
        Arc::clone(&self.state.borrow_and_update())
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        let was_last = self.watch.leave(self.seat);
        self.watch.stir();
        if was_last {
            self.shared.forget_idle(&self.watch);
        }
    }
}

async fn poll(shared: &Shared, watch: &Watch) {
    let stop = shared.tasks.stop_token();
    loop {
        poll_while_watched(shared, watch, &stop).await;
        watch.polled.store(false, Ordering::Release);
        // A viewer who came just now saw a poller at work and started none.
        if stop.is_cancelled() || watch.viewers() == 0 || watch.polled.swap(true, Ordering::AcqRel) {
            break;
        }
    }
    shared.forget_idle(watch);
}

async fn poll_while_watched(shared: &Shared, watch: &Watch, stop: &CancellationToken) {
    loop {
        tokio::select! {
            _ = watch.capture(shared) => {}
            () = stop.cancelled() => return,
        }
        if !wait_for_turn(shared, watch, stop).await {
            return;
        }
    }
}

/// Waits for the next picture's time, which a key or another viewer can bring nearer; false when nobody looks any more
/// or the program stops.
async fn wait_for_turn(shared: &Shared, watch: &Watch, stop: &CancellationToken) -> bool {
    loop {
        if watch.viewers() == 0 && !somebody_came_back(shared, watch, stop).await {
            return false;
        }
        let due = watch.pace().due(&shared.settings, watch.closest()).at;
        tokio::select! {
            biased;
            () = stop.cancelled() => return false,
            () = sleep_until(due) => return true,
            () = watch.stirred.notified() => {}
        }
    }
}

async fn somebody_came_back(shared: &Shared, watch: &Watch, stop: &CancellationToken) -> bool {
    let grace = sleep(Duration::from_millis(shared.settings.grace_ms));
    tokio::pin!(grace);
    while watch.viewers() == 0 {
        tokio::select! {
            () = &mut grace => return watch.viewers() > 0,
            () = watch.stirred.notified() => {}
            () = stop.cancelled() => return false,
        }
    }
    true
}
