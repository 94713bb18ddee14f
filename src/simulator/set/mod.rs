//! One simulated set: its display, its keys and what happens between them. No sockets and no clock of its own.
//!
//! Keys and calls change the state; [`Set::draw`] turns the state into words (`view`), the words into pixels (`paint`)
//! and the pixels into the model's own file (`encode`), and only when somebody looks.

mod calls;
mod canvas;
mod encode;
mod info;
mod menu;
mod more_profiles;
mod paint;
mod paint_wide;
mod press;
mod profiles;
mod reached;
mod search;
mod types;
mod uri;
mod view;

#[cfg(test)]
mod tests;

pub use profiles::{Family, Form, Keys, Profile, Screen, profiles};
pub use reached::{Background, Pixels, PushedKey, PushedText, RingTone, Vibration};
pub use types::{
    CallEvent, CallInfo, CallLineInfo, Effect, Encoded, Identity, LineIdentity, LineInfo, ModeInfo, Network,
    StatusMessage, TrustList, UriOutcome,
};

use std::net::Ipv4Addr;

use calls::{Call, Logged};
use jiff::{SignedDuration, Timestamp};
use menu::Page;
use reached::Reached;
use view::View;

/// How long the volume bar and a notice stay.
const NOTICE: SignedDuration = SignedDuration::from_secs(3);
/// Status messages that the phone's page lists.
const STATUS_MESSAGES: usize = 10;

/// One phone: the state behind the glass.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a lamp or a switch of its own; they do not exclude each other"
)]
pub struct Set {
    profile: &'static Profile,
    identity: Identity,
    /// State of the CTL and ITL files; settable, to simulate a phone of another cluster.
    pub trust_list: TrustList,
    /// Settings access is restricted in CUCM: the administrator's menus do not open.
    pub settings_locked: bool,
    /// A load cannot be installed: the display says "Auth Fail".
    pub upgrade_failing: bool,
    /// The padlock of the 7900 series is open.
    unlocked: bool,
    pages: Vec<Open>,
    reached: Box<Reached>,
    more: bool,
    stars: String,
    digits: String,
    form: Box<search::Form>,
    call: Option<Call>,
    line: usize,
    log: Vec<Logged>,
    messages: Vec<StatusMessage>,
    notice: Option<(&'static str, Timestamp)>,
    volume: u8,
    volume_until: Option<Timestamp>,
    muted: bool,
    headset: bool,
    forwarded: bool,
    references: u32,
    shown: Option<Box<(View, Encoded)>>,
}

/// An open page and its highlighted row.
#[derive(Debug, Clone, Copy)]
struct Open {
    page: Page,
    row: usize,
}

impl Set {
    /// A set that has just registered. The same seed gives the same trust list and call numbers.
    pub fn new(profile: &'static Profile, identity: Identity, seed: u64) -> Self {
        let words = [0, 1, 2].map(|part| mix(seed ^ (part << 56)));
        let hash = format!("{:016x}{:016x}{:08x}", words[0], words[1], words[2] >> 32);
        let trust_list = if profile.trust_keys.is_empty() {
            TrustList::Erased
        } else {
            TrustList::Installed { hash }
        };
        Self {
            profile,
            identity,
            trust_list,
            settings_locked: false,
            upgrade_failing: false,
            unlocked: false,
            pages: Vec::new(),
            reached: Box::default(),
            more: false,
            stars: String::new(),
            digits: String::new(),
            form: Box::default(),
            call: None,
            line: 0,
            log: Vec::new(),
            messages: Vec::new(),
            notice: None,
            volume: press::VOLUME_AT_FIRST,
            volume_until: None,
            muted: false,
            headset: false,
            forwarded: false,
            references: u32::try_from(mix(seed) % 1_000_000).unwrap_or_default() + 30_000_000,
            shown: None,
        }
    }

    /// The model.
    pub fn profile(&self) -> &'static Profile {
        self.profile
    }

    /// Who it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The phone runs another load.
    pub fn set_firmware(&mut self, load: &str) {
        if self.identity.firmware != load {
            load.clone_into(&mut self.identity.firmware);
        }
    }

    /// The phone has another address.
    pub fn set_address(&mut self, address: Option<Ipv4Addr>) {
        self.identity.network.address = address;
    }

    /// Index of the line in use, from 0.
    pub fn active_line(&self) -> usize {
        self.line
    }

    /// Whether a call can come in.
    pub fn is_free(&self) -> bool {
        self.call.is_none()
    }

    /// The newest status messages, oldest first.
    pub fn status_messages(&self) -> &[StatusMessage] {
        &self.messages
    }

    /// Adds a status message, as the phone does when it installs files.
    pub fn add_status_message(&mut self, text: &'static str, at: Timestamp) {
        if self.messages.len() == STATUS_MESSAGES {
            self.messages.remove(0);
        }
        self.messages.push(StatusMessage { at, text });
    }

    /// The display as the model sends it; `None` for a device without one. Equal states give equal bytes.
    pub fn draw(&mut self, now: Timestamp) -> Option<Encoded> {
        let screen = self.profile.screen?;
        let view = self.view(now);
        if let Some(shown) = self.shown.as_deref().filter(|shown| shown.0 == view) {
            return Some(shown.1.clone());
        }
        let canvas = paint::paint(self.profile.family, &screen, &view);
        let encoded = encode::encode(&canvas, &screen, &self.identity.device_name);
        self.shown = Some(Box::new((view, encoded.clone())));
        Some(encoded)
    }

    /// Lets go of the drawn picture, for a phone that nobody watches any more.
    pub fn forget_picture(&mut self) {
        self.shown = None;
    }

    /// Back to what a set is after it has started: idle, locked, no call. The trust list, the call logs, the background and
    /// the ring tone stay.
    pub fn power_up(&mut self) {
        self.shown = None;
        self.pages.clear();
        self.reached.text = None;
        self.more = false;
        self.stars.clear();
        self.digits.clear();
        self.call = None;
        self.line = 0;
        self.notice = None;
        self.volume_until = None;
        self.muted = false;
        self.unlocked = false;
    }

    fn own_number(&self) -> &str {
        self.identity.lines.get(self.line).map_or("", |line| &line.dn)
    }

    fn page(&self) -> Option<Page> {
        self.pages.last().map(|open| open.page)
    }

    fn notify(&mut self, text: &'static str, now: Timestamp) {
        self.notice = Some((text, now + NOTICE));
    }
}

/// Spreads a seed over 64 bits (the finaliser of `SplitMix64`).
fn mix(seed: u64) -> u64 {
    let mut value = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}
