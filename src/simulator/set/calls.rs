//! The call of a set and its logs.

use jiff::Timestamp;

use super::types::{CallEvent, Effect};
use super::{Set, menu::Page};

/// Entries kept in the call logs.
const LOGGED: usize = 20;

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// Dial tone, digits may come.
    OffHook,
    Proceeding,
    RingOut,
    Ringing,
    Connected,
    Held,
    RemoteHeld,
    Busy,
    Unknown,
}

/// The call of a set: it has at most one.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) stage: Stage,
    pub(super) outbound: bool,
    pub(super) name: String,
    pub(super) number: String,
    pub(super) reference: u32,
    /// When it was connected.
    pub(super) since: Option<Timestamp>,
}

/// An entry of the call logs.
#[derive(Debug, Clone)]
pub(super) struct Logged {
    pub(super) list: Page,
    pub(super) name: String,
    pub(super) number: String,
    pub(super) at: Timestamp,
}

impl Set {
    /// Tells the set what became of its call.
    pub fn call_event(&mut self, event: CallEvent, now: Timestamp) {
        self.shown = None;
        match event {
            CallEvent::Incoming { name, number } => self.ring(name, number),
            CallEvent::Connected { name, number } => self.connected(name, number, now),
            CallEvent::Ended => self.ended(now),
            CallEvent::RemoteRinging => self.set_stage(Stage::RingOut),
            CallEvent::Held => self.set_stage(Stage::Held),
            CallEvent::Resumed => self.set_stage(Stage::Connected),
            CallEvent::RemoteHeld => self.set_stage(Stage::RemoteHeld),
            CallEvent::Busy => self.set_stage(Stage::Busy),
            CallEvent::UnknownNumber => self.set_stage(Stage::Unknown),
        }
    }

    /// Dials a number, as the `Dial:` URI does; nothing when a call is up.
    pub fn dial(&mut self, number: &str, now: Timestamp) -> Vec<Effect> {
        self.shown = None;
        if number.is_empty() || self.call.as_ref().is_some_and(|call| call.stage != Stage::OffHook) {
            return Vec::new();
        }
        self.digits.clear();
        self.pages.clear();
        self.open_call(Stage::Proceeding, true, String::new(), number.to_owned());
        self.log(Page::Placed, String::new(), number.to_owned(), now);
        vec![Effect::Dial {
            number: number.to_owned(),
        }]
    }

    pub(super) fn go_off_hook(&mut self) {
        self.pages.clear();
        self.open_call(Stage::OffHook, true, String::new(), String::new());
    }

    /// Ends whatever call there is. The logs get a refused call too.
    pub(super) fn hang_up(&mut self, now: Timestamp) -> Vec<Effect> {
        let Some(call) = &self.call else {
            return Vec::new();
        };
        let silent = matches!(call.stage, Stage::OffHook);
        self.ended(now);
        if silent { Vec::new() } else { vec![Effect::HangUp] }
    }

    fn open_call(&mut self, stage: Stage, outbound: bool, name: String, number: String) {
        self.references += 1;
        self.call = Some(Call {
            stage,
            outbound,
            name,
            number,
            reference: self.references,
            since: None,
        });
    }

    fn ring(&mut self, name: String, number: String) {
        if self.call.is_none() {
            self.line = 0;
            self.open_call(Stage::Ringing, false, name, number);
        }
    }

    fn connected(&mut self, name: String, number: String, now: Timestamp) {
        let Some(call) = &mut self.call else {
            return;
        };
        let answered = call.stage == Stage::Ringing;
        call.stage = Stage::Connected;
        call.name.clone_from(&name);
        call.number.clone_from(&number);
        call.since = Some(now);
        self.pages.clear();
        if answered {
            self.log(Page::Received, name, number, now);
        }
    }

    fn ended(&mut self, now: Timestamp) {
        let Some(call) = self.call.take() else {
            return;
        };
        self.digits.clear();
        self.muted = false;
        if call.stage == Stage::Ringing {
            self.log(Page::Missed, call.name, call.number, now);
        }
    }

    fn set_stage(&mut self, stage: Stage) {
        if let Some(call) = &mut self.call {
            call.stage = stage;
        }
    }

    fn log(&mut self, list: Page, name: String, number: String, at: Timestamp) {
        self.log.insert(0, Logged { list, name, number, at });
        self.log.truncate(LOGGED);
    }
}
