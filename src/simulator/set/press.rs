//! What each key does.

use std::borrow::Cow;

use jiff::Timestamp;

use super::calls::Stage;
use super::menu::{Page, Reset, confirm_soft, is_classic};
use super::profiles::Family;
use super::search::Form;
use super::types::{Effect, TrustList};
use super::{NOTICE, Open, Set};

/// Steps of the volume bar.
pub(super) const VOLUME_STEPS: u8 = 10;
/// The volume of a new set.
pub(super) const VOLUME_AT_FIRST: u8 = 5;
/// Digits a number may have.
const MOST_DIGITS: usize = 24;

/// What a softkey does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Soft {
    Redial,
    NewCall,
    Forward,
    Dial,
    Backspace,
    EndCall,
    Hold,
    Resume,
    Answer,
    Back,
    Home,
    Select,
    Up,
    Down,
    More,
    Erase,
    Search,
    Reset(Reset),
    Open(Page),
    /// Empties the list of calls that is open, or every one from the page above.
    ClearCalls,
    /// The softkey at this place of a pushed text.
    Pushed(usize),
}

/// One labelled softkey.
pub(super) type SoftKey = (u8, Cow<'static, str>, Soft);
/// One of the set's own softkeys.
type FixedKey = (u8, &'static str, Soft);

impl Set {
    /// Presses the key with this `Key:` name (without `Key:`). A key that the model lacks is ignored in silence, as
    /// phones do.
    pub fn press(&mut self, key: &str, now: Timestamp) -> Vec<Effect> {
        if !self.profile.has_key(key) {
            return Vec::new();
        }
        self.shown = None;
        if let Some(symbol) = symbol(key) {
            return self.keypad(symbol, now);
        }
        self.stars.clear();
        if let Some(position) = numbered(key, "Soft") {
            return self.soft(position, now);
        }
        if let Some(line) = numbered(key, "Line").or_else(|| numbered(key, "Feature")) {
            return self.line_key(usize::from(line), now);
        }
        if numbered(key, "Session").is_some_and(|session| session == 1) {
            return self.session_key();
        }
        self.named(key, now)
    }

    fn named(&mut self, key: &str, now: Timestamp) -> Vec<Effect> {
        match key {
            "VolUp" => self.turn(self.volume.saturating_add(1).min(VOLUME_STEPS), now),
            "VolDwn" => self.turn(self.volume.saturating_sub(1), now),
            "Mute" => self.muted = self.call.is_some() && !self.muted,
            "Speaker" | "Headset" => return self.audio(key == "Headset", now),
            "Hold" | "FixedFeature3" => return self.hold_key(),
            "Release" => return self.hang_up(now),
            "NavUp" => self.step(false),
            "NavDwn" => self.step(true),
            "NavSelect" => return self.choose(now),
            "NavBack" | "NavLeft" => return self.back(now),
            "NavRight" if !self.pages.is_empty() => return self.choose(now),
            "Applications" => self.toggle(Page::Applications, now),
            "Settings" => self.toggle(Page::Settings, now),
            "Messages" => self.toggle(Page::Messages, now),
            "Services" => self.toggle(Page::Services, now),
            "Directories" | "Contacts" => self.toggle(Page::Directories, now),
            "Info" => self.toggle(Page::PhoneInformation, now),
            _ => {}
        }
        Vec::new()
    }

    fn keypad(&mut self, symbol: char, now: Timestamp) -> Vec<Effect> {
        if self.stage() == Some(Stage::Connected) {
            return vec![Effect::SendDigits {
                digits: symbol.to_string(),
            }];
        }
        if matches!(self.stage(), Some(stage) if stage != Stage::OffHook) {
            return Vec::new();
        }
        if self.pages.is_empty() {
            return self.dial_digit(symbol, now);
        }
        if self.page() == Some(Page::Corporate) {
            let field = self.pages.last().map_or(0, |open| open.row);
            self.form.tap(field, symbol, now);
            return Vec::new();
        }
        let Some(row) = symbol.to_digit(10) else {
            return self.star_pound(symbol, now);
        };
        self.stars.clear();
        let rows = self.rows().len();
        match (row as usize).checked_sub(1).filter(|row| *row < rows) {
            Some(row) => {
                self.highlight(row);
                self.choose(now)
            }
            None => Vec::new(),
        }
    }

    /// `**#` opens and closes the padlock of the 7900 settings; two more stars restart the phone.
    fn star_pound(&mut self, symbol: char, now: Timestamp) -> Vec<Effect> {
        if !is_classic(self.profile.family) || !self.pages.iter().any(|open| open.page == Page::Settings) {
            return Vec::new();
        }
        self.stars.push(symbol);
        if self.stars.ends_with("**#**") {
            self.power_up();
            return vec![Effect::Restart];
        }
        if self.stars.ends_with("**#") {
            self.unlocked = !self.unlocked;
            self.more = false;
            self.notify(
                if self.unlocked {
                    "Settings unlocked"
                } else {
                    "Settings locked"
                },
                now,
            );
        }
        Vec::new()
    }

    fn dial_digit(&mut self, symbol: char, now: Timestamp) -> Vec<Effect> {
        if symbol == '#' && !self.digits.is_empty() {
            return self.dial_typed(now);
        }
        if self.digits.len() < MOST_DIGITS {
            self.digits.push(symbol);
        }
        // Off the hook CUCM follows each digit and connects once the number is complete; on the hook the phone waits.
        let own = self.own_number();
        let outside = self.digits.starts_with(['0', '9', '*', '#']) && self.digits.get(..1) != own.get(..1);
        if self.stage() == Some(Stage::OffHook) && !outside && self.digits.len() == own.len() {
            return self.dial_typed(now);
        }
        Vec::new()
    }

    fn dial_typed(&mut self, now: Timestamp) -> Vec<Effect> {
        let number = std::mem::take(&mut self.digits);
        self.dial(&number, now)
    }

    fn soft(&mut self, position: u8, now: Timestamp) -> Vec<Effect> {
        let action = self
            .softkeys()
            .into_iter()
            .find(|key| key.0 == position)
            .map(|key| key.2);
        action.map_or_else(Vec::new, |action| self.act(action, now))
    }

    fn act(&mut self, action: Soft, now: Timestamp) -> Vec<Effect> {
        match action {
            Soft::Redial => {
                let last = self
                    .log
                    .iter()
                    .find(|entry| entry.list == Page::Placed)
                    .map(|entry| entry.number.clone());
                return last.map_or_else(Vec::new, |number| self.dial(&number, now));
            }
            Soft::NewCall => self.go_off_hook(),
            Soft::Forward => {
                self.forwarded = !self.forwarded;
                self.notify(
                    if self.forwarded {
                        "Forwarded to voicemail"
                    } else {
                        "Forward off"
                    },
                    now,
                );
            }
            Soft::Dial => return self.dial_typed(now),
            Soft::Backspace => self.erase_last(),
            Soft::EndCall if self.call.is_none() => self.digits.clear(),
            Soft::EndCall => return self.hang_up(now),
            Soft::Hold | Soft::Resume => return self.hold_key(),
            Soft::Answer => return vec![Effect::Answer],
            Soft::Back => return self.back(now),
            Soft::Home => self.pages.clear(),
            Soft::Select => return self.choose(now),
            Soft::Search => self.open(Page::Found, now),
            Soft::Up => self.step(false),
            Soft::Down => self.step(true),
            Soft::More => self.more = !self.more,
            Soft::Erase => return self.reset(Reset::Security, now),
            Soft::Reset(reset) => return self.reset(reset, now),
            Soft::Open(page) => self.open(page, now),
            Soft::ClearCalls => self.clear_calls(),
            Soft::Pushed(place) => return self.pushed_key(place, now),
        }
        Vec::new()
    }

    /// The softkeys on the display now.
    pub(super) fn softkeys(&self) -> Vec<SoftKey> {
        let last = self.profile.softkeys();
        if let Some(text) = self.shown_text().filter(|text| !text.softkeys.is_empty()) {
            let keys = text.softkeys.iter().enumerate();
            let shown = keys.filter(|(_, key)| (1..=last).contains(&key.position));
            return shown
                .map(|(place, key)| (key.position, Cow::Owned(key.name.clone()), Soft::Pushed(place)))
                .collect();
        }
        let keys = match (self.page(), self.stage()) {
            (Some(page), _) => self.page_softkeys(page),
            (None, Some(stage)) => call_softkeys(stage, !self.digits.is_empty()),
            (None, None) if !self.digits.is_empty() => dial_softkeys(last),
            (None, None) => self.idle_softkeys(),
        };
        keys.into_iter()
            .filter(|key| key.0 <= last)
            .map(|(position, label, action)| (position, Cow::Borrowed(label), action))
            .collect()
    }

    fn idle_softkeys(&self) -> Vec<FixedKey> {
        match self.profile.family {
            Family::F8831 => vec![
                (1, "Redial", Soft::Redial),
                (2, "New Call", Soft::NewCall),
                (3, "Apps", Soft::Open(Page::Applications)),
                (4, "Forward All", Soft::Forward),
            ],
            Family::F8821 => vec![
                (1, "Recents", Soft::Open(Page::Directories)),
                (2, "Redial", Soft::Redial),
            ],
            family if is_classic(family) => {
                vec![
                    (1, "Redial", Soft::Redial),
                    (2, "NewCall", Soft::NewCall),
                    (3, "CFwdAll", Soft::Forward),
                ]
            }
            _ => vec![
                (1, "Redial", Soft::Redial),
                (2, "New Call", Soft::NewCall),
                (3, "Forward All", Soft::Forward),
                (4, "Recents", Soft::Open(Page::Directories)),
            ],
        }
    }

    fn page_softkeys(&self, page: Page) -> Vec<FixedKey> {
        let family = self.profile.family;
        match page {
            Page::Confirm(reset) => vec![
                (1, "Cancel", Soft::Back),
                (confirm_soft(self.profile), "Reset", Soft::Reset(reset)),
            ],
            // No arrow keys: each row of the menu has a softkey of its own.
            Page::Reset if family == Family::F8831 => vec![
                (1, "Back", Soft::Back),
                (2, "Device", Soft::Open(Page::Confirm(Reset::Device))),
                (3, "Network", Soft::Open(Page::Confirm(Reset::Network))),
                (4, "Security", Soft::Open(Page::Confirm(Reset::Security))),
                (5, "All", Soft::Open(Page::Confirm(Reset::All))),
            ],
            Page::Itl | Page::Ctl if is_classic(family) => self.trust_softkeys(),
            Page::Corporate => form_softkeys(family),
            _ => {
                let mut keys = list_softkeys(family);
                if matches!(page, Page::Directories | Page::Missed | Page::Received | Page::Placed) {
                    keys.push((clear_soft(family), "Clear", Soft::ClearCalls));
                }
                keys
            }
        }
    }

    /// A locked trust list shows nothing to erase it with; the fourth softkey then does nothing.
    fn trust_softkeys(&self) -> Vec<FixedKey> {
        let erase = confirm_soft(self.profile);
        match (self.unlocked, erase, self.more) {
            (false, ..) => vec![(3, "Exit", Soft::Back)],
            (true, 5, _) => vec![(3, "Exit", Soft::Back), (5, "Erase", Soft::Erase)],
            (true, _, false) => vec![(3, "Exit", Soft::Back), (4, "more", Soft::More)],
            (true, _, true) => vec![(erase, "Erase", Soft::Erase), (4, "more", Soft::More)],
        }
    }

    fn reset(&mut self, reset: Reset, now: Timestamp) -> Vec<Effect> {
        self.power_up();
        let first = match reset {
            Reset::Device | Reset::ServiceMode => None,
            Reset::Network => Some(Effect::ResetNetwork),
            Reset::All => Some(Effect::FactoryReset),
            Reset::Security => Some(Effect::TrustListErased),
        };
        if matches!(reset, Reset::All | Reset::Security) {
            self.trust_list = TrustList::Erased;
            self.add_status_message("Erasing CTL and ITL files", now);
            self.add_status_message("No Trust List installed", now);
        }
        if reset == Reset::All {
            self.log.clear();
            self.forget_reached();
            self.volume = VOLUME_AT_FIRST;
            self.forwarded = false;
        }
        first.into_iter().chain([Effect::Restart]).collect()
    }

    /// Opens a page, unless the administrator closed it.
    pub(super) fn open(&mut self, page: Page, now: Timestamp) {
        let guarded = match page {
            Page::Admin => true,
            Page::Settings => is_classic(self.profile.family),
            _ => false,
        };
        if guarded && self.settings_locked {
            self.notify("Settings locked", now);
            return;
        }
        self.more = false;
        if page == Page::Corporate {
            *self.form = Form::default();
        }
        self.pages.push(Open { page, row: 0 });
    }

    /// A page key opens its page, and closes it when pressed again.
    fn toggle(&mut self, page: Page, now: Timestamp) {
        let open = self.pages.first().is_some_and(|first| first.page == page);
        self.pages.clear();
        self.digits.clear();
        if !open {
            self.open(page, now);
        }
    }

    fn clear_calls(&mut self) {
        match self.page() {
            Some(Page::Directories) => self.log.clear(),
            Some(list) => self.log.retain(|entry| entry.list != list),
            None => {}
        }
    }

    pub(super) fn back(&mut self, now: Timestamp) -> Vec<Effect> {
        self.more = false;
        if self.pages.pop().is_none() && self.call.is_none() {
            self.digits.clear();
        } else if self.pages.is_empty() && self.stage() == Some(Stage::OffHook) {
            return self.hang_up(now);
        }
        Vec::new()
    }

    /// The softkey `<<`: in a form the last character of the field, else the last digit.
    fn erase_last(&mut self) {
        match self.pages.last() {
            Some(open) if open.page == Page::Corporate => self.form.erase(open.row),
            _ => {
                self.digits.pop();
            }
        }
    }

    fn step(&mut self, down: bool) {
        self.form.settle();
        if let Some(open) = self.pages.last_mut() {
            open.row = if down {
                open.row.saturating_add(1)
            } else {
                open.row.saturating_sub(1)
            };
        }
    }

    fn highlight(&mut self, row: usize) {
        if let Some(open) = self.pages.last_mut() {
            open.row = row;
        }
    }

    /// The middle of the navigation keys: dial what is typed, open the highlighted row, or the menu of a cordless phone.
    fn choose(&mut self, now: Timestamp) -> Vec<Effect> {
        let Some(open) = self.pages.last().copied() else {
            return self.choose_outside(now);
        };
        if open.page == Page::Corporate {
            self.open(Page::Found, now);
            return Vec::new();
        }
        let rows = self.rows();
        let row = open.row.min(rows.len().saturating_sub(1));
        self.highlight(row);
        let Some(chosen) = rows.into_iter().nth(row) else {
            return Vec::new();
        };
        if let Some(page) = chosen.page {
            self.open(page, now);
        } else if let Some(number) = chosen.number {
            return self.dial(&number, now);
        }
        Vec::new()
    }

    fn choose_outside(&mut self, now: Timestamp) -> Vec<Effect> {
        match self.stage() {
            Some(Stage::Ringing) => vec![Effect::Answer],
            None | Some(Stage::OffHook) if !self.digits.is_empty() => self.dial_typed(now),
            None if self.profile.family == Family::F8821 => {
                self.open(Page::Applications, now);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn audio(&mut self, headset: bool, now: Timestamp) -> Vec<Effect> {
        let same = self.headset == headset;
        self.headset = headset;
        match self.stage() {
            Some(Stage::Ringing) => vec![Effect::Answer],
            Some(_) if same => self.hang_up(now),
            Some(_) => Vec::new(),
            None if !self.digits.is_empty() => self.dial_typed(now),
            None => {
                self.go_off_hook();
                Vec::new()
            }
        }
    }

    fn hold_key(&mut self) -> Vec<Effect> {
        match self.stage() {
            Some(Stage::Connected) => vec![Effect::Hold],
            Some(Stage::Held) => vec![Effect::Resume],
            _ => Vec::new(),
        }
    }

    fn line_key(&mut self, number: usize, now: Timestamp) -> Vec<Effect> {
        let usable = self.identity.lines.len().min(usize::from(self.profile.lines));
        if number > usable {
            return Vec::new();
        }
        if self.call.is_some() {
            return if number - 1 == self.line {
                self.session_key()
            } else {
                Vec::new()
            };
        }
        self.line = number - 1;
        if self.digits.is_empty() {
            self.go_off_hook();
            return Vec::new();
        }
        self.dial_typed(now)
    }

    /// The button beside a call answers it or takes it back.
    fn session_key(&mut self) -> Vec<Effect> {
        match self.stage() {
            Some(Stage::Ringing) => vec![Effect::Answer],
            Some(Stage::Held) => vec![Effect::Resume],
            _ => Vec::new(),
        }
    }

    fn turn(&mut self, volume: u8, now: Timestamp) {
        self.volume = volume;
        self.volume_until = Some(now + NOTICE);
    }

    pub(super) fn stage(&self) -> Option<Stage> {
        self.call.as_ref().map(|call| call.stage)
    }
}

fn list_softkeys(family: Family) -> Vec<FixedKey> {
    if is_classic(family) {
        return vec![(1, "Select", Soft::Select), (3, "Exit", Soft::Back)];
    }
    if family == Family::F8831 {
        return vec![
            (1, "Exit", Soft::Back),
            (2, "Select", Soft::Select),
            (3, "Up", Soft::Up),
            (4, "Down", Soft::Down),
        ];
    }
    vec![
        (1, "Exit", Soft::Back),
        (2, "Select", Soft::Select),
        (4, "Home", Soft::Home),
    ]
}

/// Where a family has room for the softkey that empties the call logs. The 8821, with two softkeys, has none.
fn clear_soft(family: Family) -> u8 {
    match family {
        family if is_classic(family) => 2,
        Family::F8831 => 5,
        _ => 3,
    }
}

/// A form's softkeys. Where there are no arrow keys, one goes to the next field.
fn form_softkeys(family: Family) -> Vec<FixedKey> {
    let mut keys = vec![
        (1, "Search", Soft::Search),
        (2, "<<", Soft::Backspace),
        (3, "Cancel", Soft::Back),
    ];
    if family == Family::F8831 {
        keys.push((4, "Next", Soft::Down));
    }
    keys
}

fn dial_softkeys(last: u8) -> Vec<FixedKey> {
    let cancel = (if last > 2 { 3 } else { 2 }, "Cancel", Soft::EndCall);
    let mut keys = vec![(1, "Dial", Soft::Dial), cancel];
    if last > 2 {
        keys.insert(1, (2, "<<", Soft::Backspace));
    }
    keys
}

fn call_softkeys(stage: Stage, typed: bool) -> Vec<FixedKey> {
    match stage {
        Stage::OffHook if typed => {
            vec![
                (1, "Dial", Soft::Dial),
                (2, "End Call", Soft::EndCall),
                (3, "<<", Soft::Backspace),
            ]
        }
        Stage::OffHook => vec![(1, "Redial", Soft::Redial), (2, "End Call", Soft::EndCall)],
        Stage::Ringing => vec![(1, "Answer", Soft::Answer), (2, "Divert", Soft::EndCall)],
        Stage::Connected => vec![(1, "Hold", Soft::Hold), (2, "End Call", Soft::EndCall)],
        Stage::Held => vec![(1, "Resume", Soft::Resume), (2, "End Call", Soft::EndCall)],
        Stage::Proceeding | Stage::RingOut | Stage::RemoteHeld | Stage::Busy | Stage::Unknown => {
            vec![(2, "End Call", Soft::EndCall)]
        }
    }
}

fn symbol(key: &str) -> Option<char> {
    match key.strip_prefix("KeyPad")? {
        "Star" => Some('*'),
        "Pound" => Some('#'),
        digit => digit.chars().next(),
    }
}

fn numbered(key: &str, prefix: &str) -> Option<u8> {
    key.strip_prefix(prefix)?.parse().ok()
}
