//! The same screen for programs: `ModeInfo`, `LineInfo`, `CallInfo`.

use jiff::Timestamp;

use super::Set;
use super::calls::{Call, Stage};
use super::types::{CallInfo, CallLineInfo, LineInfo, ModeInfo};
use super::view::Body;

impl Set {
    /// The open screen in words.
    pub fn mode_info(&self, now: Timestamp) -> ModeInfo {
        let view = self.view(now);
        let (title, fields) = match view.body {
            Body::Idle => (String::new(), Vec::new()),
            Body::Dialling { digits } => ("Dial".to_owned(), vec![("Number".to_owned(), digits)]),
            Body::Call {
                heading, name, number, ..
            } => (heading.to_owned(), vec![(name, number)]),
            Body::List { title, rows, .. } => (title, rows),
            Body::Text { title, text } => (title, vec![(String::new(), text)]),
        };
        ModeInfo {
            title,
            fields,
            prompt: view.prompt,
            notify: view.notice.to_owned(),
            status: view
                .volume
                .map_or_else(String::new, |volume| format!("Volume {volume}")),
            softkeys: self.labels(),
        }
    }

    /// Every line of the set.
    pub fn line_info(&self) -> Vec<LineInfo> {
        let state = |index| self.line_state(index);
        let lines = self.identity.lines.iter().enumerate();
        lines
            .map(|(index, line)| LineInfo {
                line_type: 9,
                dn: line.dn.clone(),
                label: line.label.clone(),
                message_waiting: false,
                ringer: "Chirp1",
                icon_state: state(index),
            })
            .collect()
    }

    /// One line, from 1, and its call; `None` when the set has no such line.
    pub fn call_info(&self, line: usize, now: Timestamp) -> Option<CallLineInfo> {
        let index = line.checked_sub(1)?;
        let identity = self.identity.lines.get(index)?;
        let call = self.call.as_ref().filter(|_| index == self.line);
        Some(CallLineInfo {
            dn: identity.dn.clone(),
            line_state: self.line_state(index),
            call: call.map(|call| self.describe(call, &identity.dn, now)),
            softkeys: self.labels(),
        })
    }

    fn describe(&self, call: &Call, dn: &str, now: Timestamp) -> CallInfo {
        let own = (self.identity.owner.clone(), dn.to_owned());
        let far = (call.name.clone(), call.number.clone());
        let (calling, called) = if call.outbound { (own, far) } else { (far, own) };
        CallInfo {
            state: match call.stage {
                Stage::OffHook => "DIALING",
                Stage::Proceeding => "PROCEED",
                Stage::RingOut => "RINGOUT",
                Stage::Ringing => "RINGIN",
                Stage::Connected | Stage::RemoteHeld => "CONNECTED",
                Stage::Held => "HOLD",
                Stage::Busy => "BUSY",
                Stage::Unknown => "INVALID",
            },
            direction: if call.outbound { "OUTBOUND" } else { "INBOUND" },
            calling_name: calling.0,
            calling_number: calling.1,
            called_name: called.0,
            called_number: called.1,
            reference: call.reference,
            duration_s: call.since.map_or(0, |since| now.duration_since(since).as_secs().max(0)),
        }
    }

    fn line_state(&self, index: usize) -> &'static str {
        match self.stage().filter(|_| index == self.line) {
            None => "ONHOOK",
            Some(Stage::Ringing) => "RINGING",
            Some(Stage::Held) => "ONHOLD",
            Some(Stage::Connected | Stage::RemoteHeld) => "CONNECTED",
            Some(_) => "OFFHOOK",
        }
    }

    fn labels(&self) -> Vec<(u8, String)> {
        self.softkeys()
            .into_iter()
            .map(|(position, label, _)| (position, label.into_owned()))
            .collect()
    }
}
