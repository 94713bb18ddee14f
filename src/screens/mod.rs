//! Live pictures: one shared watch a phone, however many look at it.
//!
//! A [`Look`] is one viewer. The first starts the watch's poller, the last to leave ends it after a grace time. Every
//! viewer reads the same latest [`State`]; nobody can slow another down, for a state that was not read is replaced.

mod budget;
mod mask;
mod onlooker;
mod pace;
mod reading;
mod sight;
mod state;
mod text;
mod watch;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::config;
use crate::domain::cause::Trouble;
use crate::domain::ids::PhoneId;
use crate::domain::screen::Screen;
use crate::inventory::Inventory;
use crate::lifecycle::Tasks;
use crate::phone::Phones;

use budget::Budget;
pub use mask::{MaskError, PAINT, Rect, mask};
pub use onlooker::{Attention, Audience, Onlooker};
pub use reading::Reading;
pub use sight::{SightError, sight};
pub use state::{PacedBy, Phase, State};
pub use text::{Row, Softkey, Text, TextCall, TextLine, lines_in_a_call};
pub use watch::Look;
use watch::{Asking, Watch};

/// What every watch needs.
#[derive(Debug)]
struct Shared {
    phones: Phones,
    inventory: Inventory,
    tasks: Tasks,
    clock: Clock,
    settings: config::Screens,
    budget: Budget,
    watches: Mutex<HashMap<PhoneId, Arc<Watch>>>,
}

/// The screens of all phones. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Screens {
    shared: Arc<Shared>,
}

impl Screens {
    /// No phone is watched yet.
    pub fn new(phones: Phones, inventory: Inventory, tasks: Tasks, clock: Clock, settings: config::Screens) -> Self {
        let watches = Mutex::default();
        let budget = Budget::new(tasks.clone(), settings.pictures_per_second);
        Self {
            shared: Arc::new(Shared {
                phones,
                inventory,
                tasks,
                clock,
                settings,
                budget,
                watches,
            }),
        }
    }

    /// Starts to look at a phone; the watch runs until the last look is dropped.
    pub fn look(&self, phone: PhoneId, onlooker: Onlooker) -> Look {
        let (watch, seat) = {
            let mut watches = self.shared.lock();
            let watch = found_or_new(&mut watches, phone);
            let seat = watch.join(onlooker);
            (watch, seat)
        };
        Look::start(&self.shared, watch, seat)
    }

    /// Starts to read what a phone says of its screen in words, until the reading is dropped. It is asked only while
    /// somebody looks at it too.
    pub fn read(&self, phone: PhoneId) -> Reading {
        let watch = {
            let mut watches = self.shared.lock();
            let watch = found_or_new(&mut watches, phone);
            watch.words().join();
            watch
        };
        Reading::start(&self.shared, watch)
    }

    /// Asks for new pictures until the screen stands still, because a key was pressed. Nothing happens when nobody looks.
    pub fn expect_change(&self, phone: PhoneId) {
        let watch = self.shared.lock().get(&phone).cloned();
        if let Some(watch) = watch {
            watch.expect_change();
        }
    }

    /// The picture now, or one that a running watch confirmed no longer than `max_age` ago.
    pub async fn picture(&self, phone: PhoneId, max_age: Duration) -> Result<Arc<Screen>, Trouble> {
        let asking = self.shared.ask(phone);
        let watch = Arc::clone(asking.watch());
        if let Some(screen) = watch.recent(max_age, &self.shared.clock) {
            return Ok(screen);
        }
        let shared = Arc::clone(&self.shared);
        // A caller that leaves must not cut a conversation with a phone in half.
        let capture = self
            .shared
            .tasks
            .spawn("screen capture", async move { asking.capture(&shared).await });
        let state = capture.await.ok().flatten().unwrap_or_else(|| watch.state());
        self.shared.forget_idle(&watch);
        match (&state.trouble, &state.screen) {
            (None, Some(screen)) => Ok(Arc::clone(screen)),
            (trouble, _) => Err(trouble.clone().unwrap_or_else(state::not_yet)),
        }
    }

    /// What is known of a phone's screen now; none when nobody watches it.
    pub fn state(&self, phone: PhoneId) -> Option<Arc<State>> {
        self.shared.lock().get(&phone).map(|watch| watch.state())
    }

    /// How many look at a phone now.
    pub fn viewers(&self, phone: PhoneId) -> usize {
        self.shared.lock().get(&phone).map_or(0, |watch| watch.viewers())
    }

    /// Who looks at a phone now.
    pub fn audience(&self, phone: PhoneId) -> Audience {
        let watch = self.shared.lock().get(&phone).cloned();
        watch.map(|watch| watch.audience().borrow().clone()).unwrap_or_default()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<PhoneId, Arc<Watch>>> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, phone: PhoneId) -> Asking {
        Asking::new(found_or_new(&mut self.lock(), phone))
    }

    /// Drops a watch that nobody looks at and no poller serves.
    fn forget_idle(&self, watch: &Watch) {
        let mut watches = self.lock();
        // By now another watch of this phone may have taken its place.
        let is_kept = |kept: &Arc<Watch>| std::ptr::eq(Arc::as_ptr(kept), watch);
        if watch.is_idle() && watches.get(&watch.phone()).is_some_and(is_kept) {
            watches.remove(&watch.phone());
        }
        count(&watches);
    }
}

/// The watch of a phone, a new one if need be. The caller holds the lock, to take a place before it can be dropped.
fn found_or_new(watches: &mut HashMap<PhoneId, Arc<Watch>>, phone: PhoneId) -> Arc<Watch> {
    let watch = Arc::clone(watches.entry(phone).or_insert_with(|| Arc::new(Watch::new(phone))));
    count(watches);
    watch
}

#[expect(clippy::cast_precision_loss, reason = "a gauge")]
fn count(watches: &HashMap<PhoneId, Arc<Watch>>) {
    metrics::gauge!("sidetone_watched_phones").set(watches.len() as f64);
}
