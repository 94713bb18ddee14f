//! Who drives which phone: at most one person each.
//!
//! Everything here is decided at once, under one lock, by the clock's time. What a decision leads to (an audit line, keys
//! that are dropped) is the caller's; see [`super::wheel`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{broadcast, watch};

use super::{Notice, Source};
use crate::clock::Clock;
use crate::domain::ids::{PhoneId, UserId};
use crate::security::Viewer;

/// How long a driver has to refuse the wheel to somebody who asks.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long a driver keeps the wheel whose last connection no longer watches the phone: long enough to load a page again.
const ABSENT_FOR: Duration = Duration::from_secs(15);
/// Presses that one who listens to a phone may fall behind by before the oldest are lost to it.
const PRESSES: usize = 32;

/// Who drives a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Driver {
    /// The user.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// The macro that drives for them; while it does, their own keys are not sent either.
    pub by_macro: Option<String>,
}

impl Driver {
    /// Why a key of somebody else is not sent, in words.
    pub fn in_the_way(&self) -> String {
        let since = self.since.strftime("%H:%M:%S UTC");
        if let Some(name) = &self.by_macro {
            return format!(
                "the macro \"{name}\" of {} has been driving this phone since {since}; stop it first; nothing was sent",
                self.name
            );
        }
        format!(
            "{} has been driving this phone since {since}; nothing was sent",
            self.name
        )
    }
}

/// Who asks a driver for the wheel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The user.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// When it is theirs if the driver says nothing.
    pub until: Timestamp,
}

/// What the last change of a wheel was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reason {
    /// None: this is how it stands.
    #[default]
    Now,
    /// The first key took it.
    Pressed,
    /// Somebody took it, maybe from somebody else.
    Taken,
    /// The driver gave it away, or did not answer somebody who asked.
    Granted,
    /// The driver keeps it.
    Refused,
    /// Somebody asks for it.
    Asked,
    /// Who asked no longer does.
    Withdrawn,
    /// The driver let it go.
    Released,
    /// The driver pressed nothing for too long.
    Idle,
    /// The driver no longer watches, or may no longer drive.
    Left,
}

impl Reason {
    /// The word in the live channel.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Pressed => "pressed",
            Self::Taken => "taken",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Asked => "asked",
            Self::Withdrawn => "withdrawn",
            Self::Released => "released",
            Self::Idle => "idle",
            Self::Left => "left",
        }
    }
}

/// How the wheel of one phone stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wheel {
    /// Who drives; none: the next key takes it.
    pub driver: Option<Driver>,
    /// Who asks for it.
    pub asking: Option<Asking>,
    /// What its last change was.
    pub reason: Reason,
}

/// A wheel that went to somebody else.
#[derive(Debug)]
pub(super) struct Handed {
    pub(super) phone: PhoneId,
    pub(super) from: Viewer,
    pub(super) to: Viewer,
}

/// What became of somebody's asking.
#[derive(Debug)]
pub(super) enum Answered {
    Granted(Handed),
    Refused { asker: Viewer },
}

#[derive(Debug)]
struct Holder {
    viewer: Viewer,
    since: Timestamp,
    last_key: Timestamp,
    /// Since when no connection of theirs watches the phone.
    absent: Option<Timestamp>,
    grip: Option<Grip>,
}

/// A run of a macro that presses for the driver: nothing of another source is sent meanwhile.
#[derive(Debug)]
struct Grip {
    source: Source,
    macro_name: String,
}

#[derive(Debug)]
struct Asker {
    viewer: Viewer,
    until: Timestamp,
}

/// The wheel of one phone, and who is there to see it.
#[derive(Debug)]
struct Seat {
    wheel: watch::Sender<Wheel>,
    presses: broadcast::Sender<Notice>,
    /// Connections that watch the phone, by user.
    present: HashMap<UserId, usize>,
    driver: Option<Holder>,
    asker: Option<Asker>,
}

impl Seat {
    fn new() -> Self {
        Self {
            wheel: watch::Sender::default(),
            presses: broadcast::Sender::new(PRESSES),
            present: HashMap::new(),
            driver: None,
            asker: None,
        }
    }

    fn is_present(&self, user: UserId) -> bool {
        self.present.contains_key(&user)
    }

    fn driven_by(&self, user: UserId) -> bool {
        self.driver.as_ref().is_some_and(|driver| driver.viewer.user == user)
    }

    fn told_driver(&self) -> Option<Driver> {
        self.driver.as_ref().map(|driver| Driver {
            user: driver.viewer.user,
            name: driver.viewer.name.clone(),
            since: driver.since,
            by_macro: driver.grip.as_ref().map(|grip| grip.macro_name.clone()),
        })
    }

    /// Who is in the way of a key of this user's that comes from this source.
    fn in_the_way_of(&self, user: UserId, source: Option<Source>) -> Option<Driver> {
        let driver = self.driver.as_ref()?;
        let is_free = driver.grip.as_ref().is_none_or(|grip| Some(grip.source) == source);
        if driver.viewer.user == user && is_free {
            return None;
        }
        self.told_driver()
    }

    fn is_gripped_by(&self, source: Source) -> bool {
        let grip = self.driver.as_ref().and_then(|driver| driver.grip.as_ref());
        grip.is_some_and(|grip| grip.source == source)
    }

    fn publish(&self, reason: Reason) {
        self.wheel.send_replace(Wheel {
            driver: self.told_driver(),
            asking: self.asker.as_ref().map(|asker| Asking {
                user: asker.viewer.user,
                name: asker.viewer.name.clone(),
                until: asker.until,
            }),
            reason,
        });
    }

    /// Gives the wheel to somebody; the answer is who had it.
    fn give(&mut self, viewer: &Viewer, now: Timestamp, reason: Reason) -> Option<Viewer> {
        let absent = (!self.is_present(viewer.user)).then_some(now);
        let holder = Holder {
            viewer: viewer.clone(),
            since: now,
            last_key: now,
            absent,
            grip: None,
        };
        self.asker = None;
        let former = self.driver.replace(holder).map(|former| former.viewer);
        self.publish(reason);
        former
    }

    fn free(&mut self, reason: Reason) -> Option<Viewer> {
        let former = self.driver.take()?.viewer;
        self.asker = None;
        self.publish(reason);
        Some(former)
    }

    /// Gives the wheel to who asked for it, when they are still there to take it.
    fn grant(&mut self, phone: PhoneId, now: Timestamp) -> Option<Handed> {
        let asker = self.asker.take()?;
        if !self.is_present(asker.viewer.user) {
            self.publish(Reason::Withdrawn);
            return None;
        }
        let from = self.give(&asker.viewer, now, Reason::Granted)?;
        Some(Handed {
            phone,
            from,
            to: asker.viewer,
        })
    }

    fn note_key(&mut self, user: UserId, now: Timestamp) {
        let present = self.is_present(user);
        if let Some(driver) = self.driver.as_mut().filter(|driver| driver.viewer.user == user) {
            driver.last_key = now;
            driver.absent = (!present).then_some(now);
        }
    }

    /// Nobody would miss it.
    fn is_idle(&self) -> bool {
        self.driver.is_none()
            && self.present.is_empty()
            && self.wheel.receiver_count() == 0
            && self.presses.receiver_count() == 0
    }
}

#[derive(Debug, Default)]
struct Seats {
    by_phone: HashMap<PhoneId, Seat>,
    /// Whether the keeper runs, who ends what has lasted too long.
    kept: bool,
}

/// The wheels of all phones.
#[derive(Debug)]
pub(super) struct Drivers {
    clock: Clock,
    idle: Duration,
    seats: Mutex<Seats>,
}

impl Drivers {
    pub(super) fn new(clock: Clock, idle: Duration) -> Self {
        Self {
            clock,
            idle,
            seats: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn driver(&self, phone: PhoneId) -> Option<Driver> {
        self.lock().by_phone.get(&phone)?.told_driver()
    }

    pub(super) fn follow(&self, phone: PhoneId) -> watch::Receiver<Wheel> {
        let mut seats = self.lock();
        let seat = seats.by_phone.entry(phone).or_insert_with(Seat::new);
        seat.wheel.subscribe()
    }

    /// One more connection of a user watches the phone, until the answer is dropped.
    pub(super) fn attend(self: &Arc<Self>, phone: PhoneId, user: UserId) -> Attendance {
        let mut seats = self.lock();
        let seat = seats.by_phone.entry(phone).or_insert_with(Seat::new);
        *seat.present.entry(user).or_default() += 1;
        if let Some(driver) = seat.driver.as_mut().filter(|driver| driver.viewer.user == user) {
            driver.absent = None;
        }
        Attendance {
            drivers: Arc::clone(self),
            phone,
            user,
            wheel: seat.wheel.subscribe(),
            presses: seat.presses.subscribe(),
        }
    }

    fn leave(&self, phone: PhoneId, user: UserId) {
        let now = self.clock.now();
        let mut seats = self.lock();
        let Some(seat) = seats.by_phone.get_mut(&phone) else {
            return;
        };
        let others = seat.present.get(&user).map_or(0, |connections| connections - 1);
        if others > 0 {
            seat.present.insert(user, others);
            return;
        }
        seat.present.remove(&user);
        if let Some(driver) = seat.driver.as_mut().filter(|driver| driver.viewer.user == user) {
            driver.absent = Some(now);
        }
        seats.by_phone.retain(|other, seat| *other != phone || !seat.is_idle());
    }

    /// Somebody wants to press: they take a wheel that is free, and learn who has it when it is not.
    pub(super) fn press(&self, phone: PhoneId, viewer: &Viewer, source: Option<Source>) -> Result<(), Driver> {
        let now = self.clock.now();
        let mut seats = self.lock();
        let seat = seats.by_phone.entry(phone).or_insert_with(Seat::new);
        if let Some(driver) = seat.in_the_way_of(viewer.user, source) {
            return Err(driver);
        }
        if seat.driver.is_some() {
            seat.note_key(viewer.user, now);
        } else {
            seat.give(viewer, now, Reason::Pressed);
        }
        Ok(())
    }

    /// A macro takes a wheel that is free or its person's own, and keeps it from all other hands; true when its person
    /// drove before.
    pub(super) fn grip(
        &self,
        phone: PhoneId,
        viewer: &Viewer,
        source: Source,
        macro_name: &str,
    ) -> Result<bool, Driver> {
        let now = self.clock.now();
        let mut seats = self.lock();
        let seat = seats.by_phone.entry(phone).or_insert_with(Seat::new);
        if let Some(driver) = seat.in_the_way_of(viewer.user, Some(source)) {
            return Err(driver);
        }
        let drove = seat.driver.is_some();
        if !drove {
            seat.give(viewer, now, Reason::Pressed);
        }
        if let Some(driver) = seat.driver.as_mut() {
            driver.grip = Some(Grip {
                source,
                macro_name: macro_name.to_owned(),
            });
        }
        seat.publish(Reason::Pressed);
        Ok(drove)
    }

    /// Whether a macro still keeps the wheel.
    pub(super) fn is_gripped_by(&self, phone: PhoneId, source: Source) -> bool {
        let seats = self.lock();
        seats
            .by_phone
            .get(&phone)
            .is_some_and(|seat| seat.is_gripped_by(source))
    }

    /// The source from which a macro presses now.
    pub(super) fn gripped(&self, phone: PhoneId) -> Option<Source> {
        let seats = self.lock();
        let driver = seats.by_phone.get(&phone)?.driver.as_ref()?;
        driver.grip.as_ref().map(|grip| grip.source)
    }

    /// The wheel is its person's alone again.
    pub(super) fn loosen(&self, phone: PhoneId, source: Source) {
        let mut seats = self.lock();
        let seat = seats.by_phone.get_mut(&phone);
        if let Some(seat) = seat.filter(|seat| seat.is_gripped_by(source)) {
            if let Some(driver) = seat.driver.as_mut() {
                driver.grip = None;
            }
            seat.publish(Reason::Now);
        }
    }

    /// A key that waited is about to be sent. It is not when somebody else has the wheel by now; one that waited while
    /// its presser let go of the wheel takes it no more.
    pub(super) fn sends(&self, phone: PhoneId, viewer: &Viewer, source: Option<Source>) -> Result<(), Driver> {
        let now = self.clock.now();
        let mut seats = self.lock();
        let Some(seat) = seats.by_phone.get_mut(&phone) else {
            return Ok(());
        };
        if let Some(driver) = seat.in_the_way_of(viewer.user, source) {
            return Err(driver);
        }
        seat.note_key(viewer.user, now);
        Ok(())
    }

    /// Who is in the way of an act from this source.
    pub(super) fn in_the_way_of(&self, phone: PhoneId, user: UserId, source: Option<Source>) -> Option<Driver> {
        self.lock().by_phone.get(&phone)?.in_the_way_of(user, source)
    }

    /// Takes the wheel, whoever has it; the answer is who had it, if somebody else.
    pub(super) fn take(&self, phone: PhoneId, viewer: &Viewer) -> Option<Viewer> {
        let now = self.clock.now();
        let mut seats = self.lock();
        let seat = seats.by_phone.entry(phone).or_insert_with(Seat::new);
        if seat.driven_by(viewer.user) {
            return None;
        }
        seat.give(viewer, now, Reason::Taken)
    }

    /// Asks the driver for the wheel; a free one is taken at once.
    ///
    /// # Errors
    /// Who asks already.
    pub(super) fn ask(&self, phone: PhoneId, viewer: &Viewer) -> Result<(), Asking> {
        let now = self.clock.now();
        let mut seats = self.lock();
        let seat = seats.by_phone.entry(phone).or_insert_with(Seat::new);
        if seat.driver.is_none() {
            seat.give(viewer, now, Reason::Taken);
            return Ok(());
        }
        if let Some(asker) = &seat.asker
            && asker.viewer.user != viewer.user
        {
            return Err(Asking {
                user: asker.viewer.user,
                name: asker.viewer.name.clone(),
                until: asker.until,
            });
        }
        if seat.asker.is_none() && !seat.driven_by(viewer.user) {
            seat.asker = Some(Asker {
                viewer: viewer.clone(),
                until: now.checked_add(ANSWER_WITHIN).unwrap_or(now),
            });
            seat.publish(Reason::Asked);
        }
        Ok(())
    }

    /// Who asks this driver for the wheel.
    pub(super) fn asker_of(&self, phone: PhoneId, driver: UserId) -> Option<Viewer> {
        let seats = self.lock();
        let seat = seats.by_phone.get(&phone).filter(|seat| seat.driven_by(driver))?;
        seat.asker.as_ref().map(|asker| asker.viewer.clone())
    }

    /// The driver's answer; none when they do not drive or nobody asks.
    pub(super) fn answer(&self, phone: PhoneId, driver: UserId, allow: bool) -> Option<Answered> {
        let now = self.clock.now();
        let mut seats = self.lock();
        let seat = seats.by_phone.get_mut(&phone).filter(|seat| seat.driven_by(driver))?;
        if allow {
            return seat.grant(phone, now).map(Answered::Granted);
        }
        let asker = seat.asker.take()?.viewer;
        seat.publish(Reason::Refused);
        Some(Answered::Refused { asker })
    }

    /// Takes an asking back. True when this user had asked.
    pub(super) fn withdraw(&self, phone: PhoneId, user: UserId) -> bool {
        let mut seats = self.lock();
        let Some(seat) = seats.by_phone.get_mut(&phone) else {
            return false;
        };
        let asked = seat.asker.take_if(|asker| asker.viewer.user == user).is_some();
        if asked {
            seat.publish(Reason::Withdrawn);
        }
        asked
    }

    /// Lets go of the wheel, to somebody who asks for it if there is one.
    pub(super) fn release(&self, phone: PhoneId, user: UserId) -> Option<Handed> {
        let now = self.clock.now();
        let mut seats = self.lock();
        let seat = seats.by_phone.get_mut(&phone).filter(|seat| seat.driven_by(user))?;
        let handed = seat.grant(phone, now);
        if handed.is_none() {
            seat.free(Reason::Released);
        }
        handed
    }

    /// Takes the wheel from somebody who may no longer drive.
    pub(super) fn dismiss(&self, phone: PhoneId, user: UserId) {
        let mut seats = self.lock();
        let seat = seats.by_phone.get_mut(&phone);
        if let Some(seat) = seat.filter(|seat| seat.driven_by(user)) {
            seat.free(Reason::Left);
        }
    }

    /// Ends what has lasted too long: drivers who press nothing or are gone, and askings without an answer, which hand
    /// the wheel over.
    pub(super) fn expire(&self) -> Vec<Handed> {
        let now = self.clock.now();
        let mut handed = Vec::new();
        let mut seats = self.lock();
        for (phone, seat) in &mut seats.by_phone {
            let Some(driver) = &seat.driver else { continue };
            // A macro that waits for a proof or an answer is neither gone nor idle.
            let is_macro = driver.grip.is_some();
            let left = !is_macro && driver.absent.is_some_and(|since| passed(since, now) >= ABSENT_FOR);
            let idle = !is_macro && passed(driver.last_key, now) >= self.idle;
            let unanswered = seat.asker.as_ref().is_some_and(|asker| asker.until <= now);
            if unanswered || (seat.asker.is_some() && (left || idle)) {
                handed.extend(seat.grant(*phone, now));
            } else if left || idle {
                seat.free(if left { Reason::Left } else { Reason::Idle });
            }
        }
        seats.by_phone.retain(|_, seat| !seat.is_idle());
        handed
    }

    /// Who drives which phone.
    pub(super) fn driving(&self) -> Vec<(PhoneId, Viewer)> {
        let seats = self.lock();
        let driven = seats.by_phone.iter();
        driven
            .filter_map(|(phone, seat)| Some((*phone, seat.driver.as_ref()?.viewer.clone())))
            .collect()
    }

    /// Whether a keeper must be started, which is the caller's to do then.
    pub(super) fn needs_keeper(&self) -> bool {
        let mut seats = self.lock();
        let driven = seats.by_phone.values().any(|seat| seat.driver.is_some());
        driven && !std::mem::replace(&mut seats.kept, true)
    }

    /// Whether the keeper may go, because nobody drives.
    pub(super) fn lets_keeper_go(&self) -> bool {
        let mut seats = self.lock();
        seats.kept = seats.by_phone.values().any(|seat| seat.driver.is_some());
        !seats.kept
    }

    /// Tells those who watch the phone of a key.
    pub(super) fn tell(&self, notice: &Notice) {
        if let Some(seat) = self.lock().by_phone.get(&notice.phone) {
            // Nobody may be listening.
            let _ = seat.presses.send(notice.clone());
        }
    }
}

fn passed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or_default()
}

/// A connection that watches a phone. While a driver has one, the wheel stays theirs; it is dropped when the connection
/// no longer watches.
#[derive(Debug)]
pub struct Attendance {
    drivers: Arc<Drivers>,
    phone: PhoneId,
    user: UserId,
    wheel: watch::Receiver<Wheel>,
    presses: broadcast::Receiver<Notice>,
}

impl Attendance {
    /// The wheel, as it changes.
    pub fn wheel(&self) -> watch::Receiver<Wheel> {
        self.wheel.clone()
    }

    /// Every key pressed on the phone from now on, once its outcome is known.
    pub fn presses(&self) -> broadcast::Receiver<Notice> {
        self.presses.resubscribe()
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        self.drivers.leave(self.phone, self.user);
    }
}
