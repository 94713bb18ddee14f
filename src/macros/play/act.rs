//! What each step does to the phone.

use std::time::{Duration, Instant};

use super::calls::{begins_a_call, is_dialling};
use super::ending::Ending;
use super::hands::{How, Missed, not_executed};
use super::look::Menu;
use super::player::{Done, Player};
use super::types::Way;
use super::words::{is_one_of, listed};
use crate::audit::{self, Event, Outcome, action};
use crate::control::{Act as Push, Heed};
use crate::cucm;
use crate::domain::catalogue::Model;
use crate::domain::cause::{Cause, Trouble};
use crate::domain::execute::ExecuteUrl;
use crate::domain::ids::EventId;
use crate::domain::job::Text;
use crate::domain::key::Key;
use crate::domain::multitap;
use crate::domain::script::{Act, RunEnd, Step, Template};
use crate::phone;
use crate::security::{MendPhones, ReachPeople};
use crate::store::Store;

/// The rest after a key before the next: phones drop keys that arrive while their softkeys change (phone-xml-api.md 2.2).
const BETWEEN_KEYS: Duration = Duration::from_millis(150);
/// How long a phone takes to accept a letter before the next on the same key.
const BETWEEN_LETTERS: Duration = Duration::from_millis(1_300);
/// What a comma in digits means.
const COMMA: Duration = Duration::from_secs(1);

impl Player<'_> {
    /// One step that is no branch and no loop.
    pub(super) async fn act(&mut self, step: &Step, act: &Act) -> Result<Done, Ending> {
        let mut guarded = None;
        if step.destructive {
            if self.dry_run {
                return Err(Ending::new(
                    RunEnd::Rehearsed,
                    "The dry run ends before this step, the first that cannot be taken back",
                ));
            }
            guarded = self.guard().await?;
        }
        match act {
            Act::Press(key) => self.press(key, step.destructive).await.map(|()| Done::plain()),
            Act::Softkey(label) => self.softkey(label, step.destructive, guarded).await,
            Act::Digits(digits) => self.digits(digits, step.destructive).await,
            Act::Text(text) => self.text(text).await,
            Act::Dial(number) => self.dial(number).await,
            Act::Wait(time) => self.desk.sleep(*time).await.map(|()| Done::plain()),
            Act::Settle(within) => self.settle(*within).await,
            Act::Expect { seen, within } => {
                let wanted = self.wanted(seen)?;
                let wanted = if self.state.harm_next { wanted.exactly() } else { wanted };
                self.expect(&wanted, *within).await
            }
            Act::Choose(row) if step.destructive => self.choose_for_good(row, guarded).await,
            Act::Choose(row) => self.choose(row).await,
            Act::Screenshot(name) => Ok(self.keep_now(name).await),
            Act::Execute { url, priority } => self.execute(url, priority.as_ref(), step.destructive).await,
            Act::SetBackground { image, icon } => self.set_background(image, icon.as_ref()).await,
            Act::SetRingTone(url) => self.set_ring_tone(url).await,
            Act::Message { title, text } => self.message(title, text).await,
            Act::Fetch { fact, name } => self.fetch(*fact, name).await,
            Act::Restart => self.restart(step.destructive).await,
            Act::Prove { proof, within } => self.prove(*proof, *within).await,
            Act::Stop { reason, failed } => {
                let reason = self.fill(reason)?;
                Err(if *failed {
                    Ending::failed(reason)
                } else {
                    Ending::new(RunEnd::Succeeded, reason)
                })
            }
            // Branches and loops are taken by the player itself.
            Act::If { .. } | Act::Repeat { .. } => Ok(Done::plain()),
        }
    }

    /// Presses one key. What was met before no longer counts.
    pub(super) async fn press(&mut self, key: &Key, is_destructive: bool) -> Result<(), Ending> {
        self.harmless(key, is_destructive).await?;
        self.may_begin_a_call(key).await?;
        self.press_again(key, is_destructive).await
    }

    /// The same without a look at the menu: letters are tapped without a pause.
    async fn press_again(&mut self, key: &Key, is_destructive: bool) -> Result<(), Ending> {
        self.never_stars_after_the_padlock(key)?;
        self.never_an_emergency(key).await?;
        if is_destructive {
            self.still_at_its_address().await?;
        }
        self.about_to_act().await?;
        if self.state.compares {
            self.state.before_press = self.shot().await.ok().map(|shot| shot.pixels);
        }
        self.state.met = None;
        match self.send_key(key).await {
            Ok(()) => {
                self.state.destructive |= is_destructive;
                if let Some(digit) = digit_of(key) {
                    self.state.typed.digit(digit);
                    self.state.padlock.digit(digit, Instant::now());
                } else if may_delete(key) {
                    self.state.typed.edited();
                } else {
                    self.state.typed.other();
                }
                if begins_a_call(key) {
                    self.state.own_call.begins();
                }
                self.desk.sleep(BETWEEN_KEYS).await
            }
            Err(missed) => self.missed(missed, is_destructive),
        }
    }

    fn never_stars_after_the_padlock(&self, key: &Key) -> Result<(), Ending> {
        let restarts = |digit| self.state.padlock.would_restart(digit, Instant::now());
        if digit_of(key).is_some_and(restarts) {
            return Err(Ending::failed(
                "Stars soon after **# restart a phone of the 7900 series; this one was not pressed",
            ));
        }
        Ok(())
    }

    /// `guarded` is the menu that was met before a step that cannot be taken back.
    async fn softkey(&mut self, label: &Template, is_destructive: bool, guarded: Option<Menu>) -> Result<Done, Ending> {
        let wanted = self.fill_any(label)?;
        let dials = wanted.iter().any(|label| is_dialling(label));
        let keys = if is_destructive {
            guarded.map(|menu| menu.softkeys)
        } else {
            self.softkeys().await.map_err(|trouble| self.lost(&trouble))?
        };
        let (position, done) = if let Some(keys) = keys {
            let fitting: Vec<u8> = keys
                .iter()
                .filter(|(_, text)| is_one_of(text, &wanted))
                .map(|(position, _)| *position)
                .collect();
            let shown: Vec<&str> = keys.iter().map(|(_, text)| text.as_str()).collect();
            let shown = format!("the softkeys are {}", shown.join(", "));
            match fitting[..] {
                [position] => (position, Done::saw(shown)),
                [] => return Err(Ending::failed(format!("No softkey {}: {shown}", listed(&wanted)))),
                _ => return Err(Ending::failed(format!("Two softkeys {}: {shown}", listed(&wanted)))),
            }
        } else {
            if dials {
                self.may_dial_what_stands(&listed(&wanted)).await?;
            }
            let recognised = self
                .recognise(&format!("the softkey {}", listed(&wanted)), true)
                .await?;
            let done = recognised.done();
            self.state.met = Some(recognised.met);
            (recognised.row.unwrap_or_default(), done)
        };
        let key = format!("Soft{position}").parse().ok().filter(|key| self.has(key));
        let missing = || Ending::failed(format!("A {} has no key Soft{position}", self.model.name));
        self.press(&key.ok_or_else(missing)?, is_destructive).await?;
        if dials {
            self.state.own_call.begins();
        }
        Ok(done)
    }

    async fn digits(&mut self, digits: &Template, is_destructive: bool) -> Result<Done, Ending> {
        let digits = self.fill(digits)?;
        for digit in digits.chars().filter(|c| !c.is_whitespace()) {
            if digit == ',' {
                self.desk.sleep(COMMA).await?;
                continue;
            }
            let key = digit_key(self.model, digit);
            let key = key.ok_or_else(|| Ending::failed(format!("{digit:?} is no key of a {}", self.model.name)))?;
            self.press(&key, is_destructive).await?;
        }
        Ok(Done::plain())
    }

    async fn text(&mut self, text: &Template) -> Result<Done, Ending> {
        let text = self.fill(text)?;
        let taps = multitap::taps(&text).map_err(|error| Ending::failed(error.to_string()))?;
        for tap in taps {
            if tap.wait {
                self.desk.sleep(BETWEEN_LETTERS).await?;
            }
            let key: Option<Key> = tap.key.parse().ok().filter(|key| self.has(key));
            let key = key.ok_or_else(|| Ending::failed(format!("A {} has no key {}", self.model.name, tap.key)))?;
            self.harmless(&key, false).await?;
            self.may_begin_a_call(&key).await?;
            for _ in 0..tap.times {
                self.press_again(&key, false).await?;
            }
        }
        Ok(Done::plain())
    }

    /// Whether the model has a key. Over SSH the session tells.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.model.has(key)
    }

    async fn dial(&mut self, number: &Template) -> Result<Done, Ending> {
        let number = self.fill(number)?;
        let cleaned: String = number
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '/' | '.'))
            .collect();
        if let Some(emergency) = super::emergency::named_by(&cleaned, &self.emergency) {
            return Err(Ending::failed(format!(
                "{emergency} is an emergency number; a macro never dials it"
            )));
        }
        self.about_to_act().await?;
        self.state.met = None;
        let (control, phone) = (&self.shared.parts.control, self.phone.id);
        let sent = match &self.hands {
            super::hands::Hands::Ssh(source, session) => control
                .dial_over_ssh(*source, &self.may, phone, session, &cleaned)
                .await
                .map(drop)
                .map_err(not_executed),
            _ => match format!("Dial:{cleaned}").parse::<ExecuteUrl>() {
                Ok(url) => self.send_item(url, 0).await,
                Err(error) => return Err(Ending::failed(error.to_string())),
            },
        };
        if sent.is_ok() {
            self.state.own_call.begins();
        }
        self.sent(sent, false)
    }

    /// What an act that is no key came to.
    fn sent(&mut self, sent: Result<(), Missed>, is_destructive: bool) -> Result<Done, Ending> {
        match sent {
            Ok(()) => self.state.destructive |= is_destructive,
            Err(missed) => self.missed(missed, is_destructive)?,
        }
        Ok(Done::plain())
    }

    async fn settle(&mut self, within: Duration) -> Result<Done, Ending> {
        if self.hands.way() == Way::Ssh {
            self.desk.sleep(within.min(Duration::from_secs(2))).await?;
            return Ok(Done::saw("no picture: keys go over SSH"));
        }
        match self.settled(within).await {
            Ok((_, still)) => Ok(Done::saw(if still { "it stands still" } else { "it still changes" })),
            Err(ending) if ending.cause == Some(Cause::ScreenshotUnsupported) => {
                self.desk.sleep(within.min(Duration::from_secs(2))).await?;
                Ok(Done::saw("this model gives no picture"))
            }
            Err(ending) => Err(ending),
        }
    }

    async fn execute(
        &mut self,
        url: &Template,
        priority: Option<&Template>,
        is_destructive: bool,
    ) -> Result<Done, Ending> {
        let url = self.fill(url)?;
        if self.hands.way() == Way::Ssh && url.starts_with("Init:") && url != "Init:CallHistory" {
            // It closes what may be open; whoever confirms the next screen sees whether anything is.
            return Ok(Done::saw("left out: over SSH nothing but keys can be sent"));
        }
        if !url.starts_with("Key:") {
            self.only_by_web("a URI")?;
        }
        let priority = match priority {
            Some(template) => self.fill(template)?.trim().parse().unwrap_or(0),
            None => 0,
        };
        let parsed = url.parse::<ExecuteUrl>();
        let url = parsed.map_err(|error| Ending::failed(error.to_string()))?;
        if let Some(key) = url.key() {
            self.press(&key, is_destructive).await?;
            return Ok(Done::plain());
        }
        if let Some(label) = url.as_str().strip_prefix("SoftKey:") {
            self.may_press_label(label).await?;
        }
        let dialled = url.dialled().map(str::to_owned);
        if let Some(number) = &dialled {
            self.never_typed(number)?;
        }
        self.about_to_act().await?;
        self.state.met = None;
        let sent = self.send_item(url, priority).await;
        if let Some(number) = dialled.filter(|_| sent.is_ok()) {
            self.state.typed.digits(&number);
            self.state.own_call.begins();
        }
        self.sent(sent, is_destructive)
    }

    async fn set_background(&mut self, image: &Template, icon: Option<&Template>) -> Result<Done, Ending> {
        let image = self.fill(image)?;
        let icon = icon
            .map(|icon| self.fill(icon))
            .transpose()?
            .unwrap_or_else(|| image.clone());
        let run = async move |phones: phone::Phones, target: phone::Target| {
            phones.set_background(&target, &image, &icon).await
        };
        self.state.before_background = self.shot().await.ok().map(|shot| shot.pixels);
        self.push(action::BACKGROUND_SET, run).await
    }

    async fn set_ring_tone(&mut self, url: &Template) -> Result<Done, Ending> {
        let url = self.fill(url)?;
        let run = async move |phones: phone::Phones, target: phone::Target| phones.set_ring_tone(&target, &url).await;
        self.push(action::RING_TONE_SET, run).await
    }

    async fn message(&mut self, title: &Template, text: &Template) -> Result<Done, Ending> {
        let text = Text {
            title: self.fill(title)?,
            text: self.fill(text)?,
            ..Text::default()
        };
        let document = phone::push::text(self.model, &text);
        if !document.fits(self.model) {
            return Err(Ending::failed(format!(
                "The text is too long for a {}; nothing was sent",
                self.model.name
            )));
        }
        let run = async move |phones: phone::Phones, target: phone::Target| phones.show_text(&target, &document).await;
        self.push(action::MESSAGE, run).await
    }

    /// Pushes an object, with its line in the trail.
    async fn push<F, A>(&mut self, action: audit::Action, run: F) -> Result<Done, Ending>
    where
        F: FnOnce(phone::Phones, phone::Target) -> A + Send + 'static,
        A: Future<Output = Result<Duration, phone::Error>> + Send,
    {
        self.only_by_web("an object")?;
        let may = self.viewer.may::<ReachPeople>();
        let may = may.map_err(|denied| Ending::failed(denied.to_string()))?;
        self.about_to_act().await?;
        self.state.met = None;
        let push = Push {
            action,
            detail: format!("by the macro {}", self.piece.name),
            heed: Heed::Holder(self.source()),
        };
        let sent = self.shared.parts.control.act(&may, self.phone.id, push, run).await;
        self.sent(sent.map(drop).map_err(not_executed), false)
    }

    fn only_by_web(&self, what: &str) -> Result<(), Ending> {
        if self.hands.way() == Way::Ssh {
            return Err(Ending::failed(format!("Over SSH {what} cannot be sent")));
        }
        Ok(())
    }

    /// Restarts the phone through CUCM, which keeps its registration data.
    async fn restart(&mut self, is_destructive: bool) -> Result<Done, Ending> {
        self.viewer
            .may::<MendPhones>()
            .map_err(|denied| Ending::failed(denied.to_string()))?;
        let subject = self.shared.parts.inventory.subject(self.phone.id).await;
        let subject = subject.map_err(|error| Ending::failed_by(&error.into()))?;
        let unnamed = || Ending::failed("The phone is known only by its address: CUCM cannot be asked to restart it");
        let name = subject.name.clone().ok_or_else(unnamed)?;
        if !self.state.prepared {
            self.take_baseline().await?;
        }
        self.about_to_act().await?;
        self.state.met = None;
        let (store, clock) = (&self.shared.parts.store.clone(), &self.shared.parts.clock);
        let event = Event::new(clock.now_ms(), self.viewer.actor(), action::PHONE_RESTARTED)
            .phone(self.phone.id, self.phone.name.clone())
            .cluster(subject.cluster.id, subject.cluster.name.clone())
            .detail(format!("by the macro {}", self.piece.name));
        let line = audit::begin(store, &event).await?;
        // CUCM knows no wheel: whoever took it meanwhile would lose the phone under their hands.
        if let Err(ending) = self.hold_wheel() {
            note_end(store, line, (Outcome::Failed, None), Duration::ZERO).await;
            return Err(ending);
        }
        let started = Instant::now();
        let sent = subject.cucm.restart_phone(&name).await;
        let (outcome, cause) = match &sent {
            Ok(()) => (Outcome::Done, None),
            Err(error) => (Outcome::Failed, Some(error.cause())),
        };
        note_end(store, line, (outcome, cause), started.elapsed()).await;
        self.sent(sent.map_err(|error| not_restarted(&error)), is_destructive)
    }
}

/// Completes a line of the trail.
async fn note_end(store: &Store, line: EventId, end: (Outcome, Option<Cause>), took: Duration) {
    if let Err(error) = audit::finish(store, line, end.0, end.1, took).await {
        tracing::error!(error = %error, "the audit trail cannot be completed: {error}");
    }
}

fn not_restarted(error: &cucm::Error) -> Missed {
    Missed {
        how: if error.is_doubtful() {
            How::Doubtful
        } else {
            How::Refused
        },
        trouble: Trouble::new(error.cause(), error.evidence()),
    }
}

/// Whether a key may delete the last digit that was typed: the softkey `<<` stands where it likes.
fn may_delete(key: &Key) -> bool {
    let name = key.as_str();
    name.starts_with("Soft") || matches!(name, "NavBack" | "NavLeft" | "Back")
}

/// The digit that a key types.
pub(super) fn digit_of(key: &Key) -> Option<char> {
    let name = key
        .as_str()
        .strip_prefix("KeyPad")
        .or_else(|| key.as_str().strip_prefix("Key_"))?;
    match name {
        "Star" | "Asterisk" => Some('*'),
        "Pound" | "NumberSign" => Some('#'),
        digit => digit
            .parse::<u8>()
            .ok()
            .and_then(|digit| char::from_digit(digit.into(), 10)),
    }
}

/// The key of a model that types a digit; an 8875 has names of its own.
pub(super) fn digit_key(model: &Model, digit: char) -> Option<Key> {
    let (usual, touch) = match digit {
        '0'..='9' => (format!("KeyPad{digit}"), format!("Key_{digit}")),
        '*' => ("KeyPadStar".to_owned(), "Key_Asterisk".to_owned()),
        '#' => ("KeyPadPound".to_owned(), "Key_NumberSign".to_owned()),
        _ => return None,
    };
    [usual, touch]
        .iter()
        .filter_map(|name| name.parse().ok())
        .find(|key| model.has(key))
}
