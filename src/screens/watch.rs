//! The watch of one phone: its poller, its capture, its viewers.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::onlooker::{Audience, Onlooker};
use super::pace::Pace;
use super::reading::Words;
use super::state::{Phase, State};
use crate::clock::Clock;
use crate::domain::catalogue::ScreenshotRoute;
use crate::domain::cause::{Cause, Trouble};
use crate::domain::ids::PhoneId;
use crate::domain::screen::{Picture, Screen};
use crate::inventory::Observed;
use crate::phone::{Shot, ShotKind, Target, Urgency};
use crate::telemetry;

/// Failures in a row after which an old picture is given up.
const LOST_AFTER: u32 = 3;

#[derive(Debug)]
pub(super) struct Watch {
    phone: PhoneId,
    state: watch::Sender<Arc<State>>,
    audience: watch::Sender<Audience>,
    /// Places given out so far.
    seats: AtomicU64,
    polled: AtomicBool,
    key_pressed: Notify,
    viewers_changed: Notify,
    words: Words,
    /// Captures begun so far.
    begun: AtomicU64,
    pace: Mutex<Pace>,
    /// What the last capture left behind; holding it is the right to capture.
    memory: tokio::sync::Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    last: Option<Shot>,
    route: Option<ScreenshotRoute>,
}

impl Watch {
    pub(super) fn new(phone: PhoneId) -> Self {
        Self {
            phone,
            state: watch::Sender::new(Arc::new(State::connecting())),
            audience: watch::Sender::default(),
            seats: AtomicU64::new(0),
            polled: AtomicBool::new(false),
            key_pressed: Notify::new(),
            viewers_changed: Notify::new(),
            words: Words::default(),
            begun: AtomicU64::new(0),
            pace: Mutex::default(),
            memory: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn phone(&self) -> PhoneId {
        self.phone
    }

    pub(super) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.borrow())
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

    pub(super) fn is_idle(&self) -> bool {
        self.viewers() == 0 && !self.words.is_wanted() && !self.polled.load(Ordering::Acquire)
    }

    /// What the phone says of its screen.
    pub(super) fn words(&self) -> &Words {
        &self.words
    }

    pub(super) fn expect_change(&self) {
        self.pace().expect_change();
        self.key_pressed.notify_one();
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
    pub(super) async fn capture(&self, shared: &Shared) -> Arc<State> {
        let begun_before = self.begun.load(Ordering::Acquire);
        let mut memory = self.memory.lock().await;
        if self.begun.load(Ordering::Acquire) > begun_before {
            return self.state();
        }
        self.begun.fetch_add(1, Ordering::Release);
        let outcome = self.fetch(shared, &mut memory).await;
        self.publish(shared, &mut memory, outcome).await;
        self.state()
    }

    async fn fetch(&self, shared: &Shared, memory: &mut Memory) -> Result<(Shot, Option<Arc<Screen>>), Trouble> {
        let mut target: Target = shared.inventory.target(self.phone).await.map_err(Trouble::from)?;
        if memory.route.is_some() {
            target.screenshot_route.clone_from(&memory.route);
        }
        let shot = shared
            .phones
            .screenshot(&target, Urgency::Look)
            .await
            .map_err(|error| Trouble::new(error.cause(), error.evidence()))?;
        let previous = self.state().screen.clone();
        let unchanged = memory.last.as_ref().is_some_and(|last| last.body == shot.body);
        if let (true, Some(screen)) = (unchanged, previous.as_ref()) {
            return Ok((shot, Some(Arc::clone(screen))));
        }
        let picture = picture_of(&shot).await?;
        let version = previous.map_or_else(|| first_version(&shared.clock), |screen| screen.version + 1);
        memory.last = Some(shot.clone());
        let screen = Screen {
            picture,
            version,
            captured_at: shared.clock.now(),
        };
        Ok((shot, Some(Arc::new(screen))))
    }

    async fn publish(
        &self,
        shared: &Shared,
        memory: &mut Memory,
        outcome: Result<(Shot, Option<Arc<Screen>>), Trouble>,
    ) {
        let before = self.state();
        let next = match outcome {
            Ok((shot, screen)) => {
                telemetry::count_screenshot(None, shot.took);
                let changed = before.screen.as_ref().map(|screen| screen.version) != screen.as_ref().map(|s| s.version);
                self.pace().captured(changed);
                self.remember(shared, memory, &shot).await;
                let slow = shot.took > Duration::from_millis(shared.settings.slow_ms);
                State {
                    phase: if slow { Phase::Slow } else { Phase::Live },
                    trouble: None,
                    screen,
                    confirmed_at: Some(shared.clock.now()),
                    answer_time: Some(shot.took),
                    polls_per_s: before.polls_per_s,
                    paced_by: before.paced_by,
                }
            }
            Err(trouble) => {
                telemetry::count_screenshot(Some(trouble.cause), Duration::ZERO);
                self.pace().failed();
                self.note(shared, Observed::Blocked(trouble.cause)).await;
                let failures = self.pace().failures();
                let given_up = before.screen.is_none() || failures >= LOST_AFTER;
                State {
                    phase: if given_up { Phase::Lost } else { Phase::Stale },
                    trouble: Some(trouble),
                    ..State::clone(&before)
                }
            }
        };
        self.state.send_replace(Arc::new(next));
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
            watch.viewers_changed.notify_one();
            if watch.pace().failures() > 0 {
                // Somebody who opens a lost phone wants to know how it is now, not how it was half a minute ago.
                watch.key_pressed.notify_one();
            }
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
        if self.watch.leave(self.seat) {
            self.watch.viewers_changed.notify_one();
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
            () = capture_in_words(shared, watch) => {}
            () = stop.cancelled() => return,
        }
        if !wait_for_turn(shared, watch, stop).await {
            return;
        }
    }
}

/// One capture; a phone that keeps everybody waiting is called slow, then its picture stale.
async fn capture_in_words(shared: &Shared, watch: &Watch) {
    let slow = Duration::from_millis(shared.settings.slow_ms);
    let stale = Duration::from_millis(shared.settings.stale_ms);
    let mut capture = std::pin::pin!(watch.capture(shared));
    for (wait, phase) in [(slow, Phase::Slow), (stale.saturating_sub(slow), Phase::Stale)] {
        tokio::select! {
            _ = &mut capture => return,
            () = tokio::time::sleep(wait) => watch.still_waiting(phase),
        }
    }
    capture.await;
}

/// Waits for the next picture's time; false when nobody looks any more or the program stops.
async fn wait_for_turn(shared: &Shared, watch: &Watch, stop: &CancellationToken) -> bool {
    let turn = tokio::time::sleep(watch.pace().next(&shared.settings));
    tokio::pin!(turn);
    loop {
        if watch.viewers() == 0 {
            return somebody_came_back(shared, watch, stop).await;
        }
        tokio::select! {
            () = &mut turn => return true,
            () = watch.key_pressed.notified() => return true,
            // One more viewer has the latest picture already; only when the last has left there is something to do.
            () = watch.viewers_changed.notified() => {}
            () = stop.cancelled() => return false,
        }
    }
}

async fn somebody_came_back(shared: &Shared, watch: &Watch, stop: &CancellationToken) -> bool {
    let grace = tokio::time::sleep(Duration::from_millis(shared.settings.grace_ms));
    tokio::pin!(grace);
    while watch.viewers() == 0 {
        tokio::select! {
            () = &mut grace => return watch.viewers() > 0,
            () = watch.viewers_changed.notified() => {}
            () = stop.cancelled() => return false,
        }
    }
    true
}
