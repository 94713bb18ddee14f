//! A person's own presses on a phone, recorded until they stop: what [`super::recorder`] makes a macro of.
//!
//! It goes on when the page is left or loaded again, and everybody who looks at the phone is told, as of every recording.
//! What was recorded waits in memory until it is saved as a macro, thrown away, or the program ends.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio_util::sync::CancellationToken;

use super::record::{MOST_PRESSES, Pressed, Recording, recorder};
use crate::clock::Clock;
use crate::control::{Control, Notice, Outcome};
use crate::domain::catalogue::{self, Model};
use crate::domain::ids::{PhoneId, UserId};
use crate::domain::key::Key;
use crate::inventory::{self, Inventory};
use crate::lifecycle::Tasks;
use crate::screens::{Look, Onlooker, Reading, Screens, Text};
use crate::security::{EditMacros, May, Viewer};

/// The longest that presses are recorded.
pub const LONGEST: Duration = Duration::from_mins(30);
/// Recordings of presses that run or wait at once, of everybody.
const MOST: usize = 200;
/// States of a line whose digits dial rather than choose (LineInfo, phone-xml-api.md 1.8).
const CALLING: [&str; 6] = ["OFFHOOK", "RINGOUT", "PROCEEDING", "CONNECTED", "ONHOLD", "HOLD"];

/// Why presses are not recorded.
#[derive(Debug, thiserror::Error)]
pub enum PressesError {
    /// They are already.
    #[error("your presses on this phone are recorded already")]
    Running,
    /// Too many recordings.
    #[error("{MOST} recordings of presses run or wait already; save or throw away one of yours")]
    TooMany,
    /// The phone.
    #[error(transparent)]
    Phone(#[from] inventory::Error),
}

/// What recording works with.
#[derive(Debug, Clone)]
pub struct PressesParts {
    /// The time of day.
    pub clock: Clock,
    /// Tracked tasks.
    pub tasks: Tasks,
    /// Which phones there are.
    pub inventory: Inventory,
    /// The screens in words.
    pub screens: Screens,
    /// The presses.
    pub control: Control,
}

/// One's own presses on one phone, under way or waiting to be saved.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// When it began.
    pub since: Timestamp,
    /// Whether it is still under way.
    pub running: bool,
    /// What was pressed so far.
    pub recording: Recording,
}

impl Recorded {
    /// The macro as text.
    pub fn text(&self) -> String {
        super::write(&recorder(&self.recording))
    }
}

#[derive(Debug)]
struct Entry {
    /// Different from every other: one that was thrown away and begun anew is another one.
    serial: u64,
    recorded: Recorded,
    by: String,
    stop: CancellationToken,
    over: CancellationToken,
}

/// Whose presses, on which phone.
type Whose = (UserId, PhoneId);

#[derive(Debug)]
struct Shared {
    parts: PressesParts,
    serials: AtomicU64,
    entries: Mutex<HashMap<Whose, Entry>>,
}

/// Everybody's recorded presses. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Presses {
    shared: Arc<Shared>,
}

impl Presses {
    /// Nothing is recorded yet.
    pub fn new(parts: PressesParts) -> Self {
        Self {
            shared: Arc::new(Shared {
                parts,
                serials: AtomicU64::new(0),
                entries: Mutex::default(),
            }),
        }
    }

    /// Records the viewer's presses on a phone from now on. What of theirs waited to be saved is thrown away.
    ///
    /// # Errors
    /// [`PressesError`].
    pub async fn start(&self, may: &May<EditMacros>, phone: PhoneId) -> Result<(), PressesError> {
        let parts = &self.shared.parts;
        let known = parts.inventory.phone(may, phone).await?;
        let model = catalogue::find(known.model_number, &known.model);
        let (stop, over) = (CancellationToken::new(), CancellationToken::new());
        let serial = self.shared.serials.fetch_add(1, Ordering::Relaxed);
        {
            let mut entries = self.shared.lock();
            let key = (may.user, phone);
            if entries.get(&key).is_some_and(|entry| entry.recorded.running) {
                return Err(PressesError::Running);
            }
            if entries.len() >= MOST && !entries.contains_key(&key) {
                return Err(PressesError::TooMany);
            }
            let recording = Recording {
                name: format!("Recorded on {}", known.name),
                family: (model.family.id != catalogue::generic().family.id).then(|| model.family.id.clone()),
                presses: Vec::new(),
            };
            let entry = Entry {
                serial,
                recorded: Recorded {
                    since: parts.clock.now(),
                    running: true,
                    recording,
                },
                by: may.name.clone(),
                stop: stop.clone(),
                over: over.clone(),
            };
            entries.insert(key, entry);
        }
        let writer = Writer {
            shared: Arc::clone(&self.shared),
            whose: (may.user, phone),
            serial,
            model,
            notices: parts.control.notices(),
            look: parts.screens.look(phone, Onlooker::new(may).recording()),
            reading: parts.screens.read(phone),
            spent: None,
            awaited: None,
        };
        parts
            .tasks
            .spawn("recorder of presses", async move { writer.run(stop, over).await });
        Ok(())
    }

    /// What the viewer recorded on a phone, while it runs and until it is saved or thrown away.
    pub fn recorded(&self, viewer: &Viewer, phone: PhoneId) -> Option<Recorded> {
        let entries = self.shared.lock();
        entries.get(&(viewer.user, phone)).map(|entry| entry.recorded.clone())
    }

    /// Who records presses on a phone now, by name.
    pub fn recorders(&self, phone: PhoneId) -> Vec<String> {
        let entries = self.shared.lock();
        let running = entries
            .iter()
            .filter(|((_, of), entry)| *of == phone && entry.recorded.running);
        let mut names: Vec<String> = running.map(|(_, entry)| entry.by.clone()).collect();
        names.sort_unstable();
        names
    }

    /// Ends the recording; what was pressed before is in it.
    pub async fn stop(&self, viewer: &Viewer, phone: PhoneId) -> Option<Recorded> {
        let over = {
            let entries = self.shared.lock();
            let entry = entries.get(&(viewer.user, phone))?;
            entry.stop.cancel();
            entry.over.clone()
        };
        over.cancelled().await;
        self.recorded(viewer, phone)
    }

    /// Throws away what the viewer recorded, also while it runs.
    pub fn forget(&self, viewer: &Viewer, phone: PhoneId) {
        if let Some(entry) = self.shared.lock().remove(&(viewer.user, phone)) {
            entry.stop.cancel();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<Whose, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The heading of a menu; none where no menu is open.
struct Heading(Option<String>);

/// The task of one recording.
struct Writer {
    shared: Arc<Shared>,
    whose: Whose,
    serial: u64,
    model: &'static Model,
    notices: broadcast::Receiver<Notice>,
    /// Tells everybody that somebody records, and keeps the screen being read.
    look: Look,
    reading: Reading,
    /// The words that stood on the screen before the last press: after it they count no more.
    spent: Option<(Arc<Text>, Timestamp)>,
    /// The heading of the menu before the last press, and the press, until the heading after it is known.
    awaited: Option<Heading>,
}

impl Writer {
    async fn run(mut self, stop: CancellationToken, over: CancellationToken) {
        let (shutdown, end) = (self.shared.parts.tasks.stop_token(), tokio::time::sleep(LONGEST));
        tokio::pin!(end);
        loop {
            // In this order: a key that was pressed before Stop belongs to the recording.
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                notice = self.notices.recv() => match notice {
                    Ok(notice) => if !self.hear(&notice) { break },
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => break,
                },
                _ = self.reading.next() => self.read(),
                _ = self.look.next() => {}
                () = stop.cancelled() => break,
                () = &mut end => break,
            }
        }
        while let Ok(notice) = self.waiting_notice() {
            if !self.hear(&notice) {
                break;
            }
        }
        self.read();
        self.recorded(|recorded| recorded.running = false);
        over.cancel();
    }

    /// Changes what is recorded; none when it was thrown away.
    fn recorded<T>(&self, change: impl FnOnce(&mut Recorded) -> T) -> Option<T> {
        let mut entries = self.shared.lock();
        let entry = entries.get_mut(&self.whose).filter(|entry| entry.serial == self.serial);
        entry.map(|entry| change(&mut entry.recorded))
    }

    fn waiting_notice(&mut self) -> Result<Notice, TryRecvError> {
        loop {
            match self.notices.try_recv() {
                Err(TryRecvError::Lagged(_)) => {}
                other => return other,
            }
        }
    }

    /// The words on the screen, when they were read after the last press.
    fn fresh(&self) -> Option<Arc<Text>> {
        let text = self.reading.latest().filter(|text| text.available)?;
        match &self.spent {
            Some((spent, at)) if Arc::ptr_eq(spent, &text) || text.read_at < *at => None,
            _ => Some(text),
        }
    }

    /// The heading after the last press, once it is known.
    fn read(&mut self) {
        let Some(text) = self.fresh() else { return };
        let Some(Heading(before)) = &self.awaited else { return };
        let title = menu(&text).and_then(|text| text.title.clone());
        // Words that were asked for before the press may come after it: the heading may yet change.
        if title.is_none() || title == *before {
            return;
        }
        self.awaited = None;
        self.recorded(|recorded| {
            if let Some(last) = recorded.recording.presses.last_mut() {
                last.title_after = title;
            }
        });
    }

    /// Keeps a press of this person on this phone that the phone took; false when there is no room for more.
    fn hear(&mut self, notice: &Notice) -> bool {
        let (user, phone) = self.whose;
        if notice.phone != phone || notice.user != user || notice.pressed.outcome != Outcome::Sent {
            return true;
        }
        self.read();
        let before = self.fresh();
        let key = notice.pressed.key.clone();
        let pressed = Pressed {
            at: notice.at.as_millisecond(),
            row: before.as_deref().and_then(|text| row(text, &key)),
            softkey: before.as_deref().and_then(|text| softkey(text, &key, self.model)),
            title_after: None,
            key,
        };
        let heading = |text: &Text| Heading(menu(text).and_then(|text| text.title.clone()));
        self.awaited = before.as_deref().map(heading);
        self.spent = self.reading.latest().map(|text| (text, notice.at));
        let has_room = self.recorded(|recorded| {
            recorded.recording.presses.push(pressed);
            recorded.recording.presses.len() < MOST_PRESSES
        });
        has_room.unwrap_or(false)
    }
}

/// The text, when a menu is open: during a call and while something is typed in, digits mean themselves.
fn menu(text: &Text) -> Option<&Text> {
    let calling = |state: &str| CALLING.contains(&state.to_ascii_uppercase().as_str());
    let in_call = !text.calls.is_empty() || text.lines.iter().any(|line| line.state.as_deref().is_some_and(calling));
    let prompt = text.prompt.as_deref().unwrap_or_default().to_ascii_lowercase();
    let entering = prompt.split(|c: char| !c.is_alphanumeric()).any(|word| word == "enter");
    (!in_call && !entering && text.title.is_some()).then_some(text)
}

/// The row that a digit chooses. A page with one row is a text.
fn row(text: &Text, key: &Key) -> Option<String> {
    let digit: usize = key.as_str().strip_prefix("KeyPad")?.parse().ok()?;
    let rows = &menu(text)?.rows;
    let chosen = rows.get(digit.checked_sub(1)?).filter(|_| rows.len() > 1)?;
    Some(chosen.name.clone()).filter(|name| !name.trim().is_empty())
}

/// The label above a softkey.
fn softkey(text: &Text, key: &Key, model: &Model) -> Option<String> {
    let position: u8 = key.as_str().strip_prefix("Soft")?.parse().ok()?;
    let found = text.softkeys.iter().find(|one| one.position == position)?;
    Some(found.label.clone()).filter(|label| !label.trim().is_empty() && model.has(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screens::{Row, Softkey, TextLine};

    fn settings() -> Text {
        let row = |name: &str| Row {
            name: name.to_owned(),
            value: String::new(),
        };
        Text {
            available: true,
            title: Some("Settings".to_owned()),
            rows: vec![row("Phone information"), row("Admin settings"), row(" ")],
            prompt: None,
            notify: None,
            status: None,
            softkeys: vec![Softkey {
                position: 1,
                label: "Exit".to_owned(),
            }],
            lines: Vec::new(),
            calls: Vec::new(),
            read_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn key(name: &str) -> Key {
        name.parse().unwrap()
    }

    #[test]
    fn a_digit_is_the_row_that_it_chooses_where_a_menu_is_open() {
        let open = settings();
        assert_eq!(row(&open, &key("KeyPad2")).as_deref(), Some("Admin settings"));
        for name in ["KeyPad3", "KeyPad4", "KeyPad0", "KeyPadStar", "NavSelect"] {
            assert_eq!(row(&open, &key(name)), None, "{name}");
        }
        let mut typing = settings();
        typing.prompt = Some("Enter a number".to_owned());
        let mut calling = settings();
        calling.lines.push(TextLine {
            position: 1,
            number: None,
            label: None,
            state: Some("CONNECTED".to_owned()),
            message_waiting: None,
        });
        let mut page = settings();
        page.rows.truncate(1);
        let mut idle = settings();
        idle.title = None;
        for text in [typing, calling, page, idle] {
            assert_eq!(row(&text, &key("KeyPad1")), None, "{text:?}");
        }
    }

    #[test]
    fn a_softkey_is_its_label() {
        let model = catalogue::by_name("8845").unwrap();
        let label = |name: &str| softkey(&settings(), &key(name), model);
        assert_eq!(label("Soft1").as_deref(), Some("Exit"));
        assert_eq!(label("Soft2"), None);
        assert_eq!(label("Settings"), None);
    }
}
