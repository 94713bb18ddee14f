//! The display in words: what is on it, not how it looks. Equal views give equal pictures.

use std::borrow::Cow;
use std::sync::Arc;

use image::RgbImage;
use jiff::Timestamp;

use super::Set;
use super::calls::Stage;
use super::menu::Page;
use super::types::TrustList;

/// Everything that is on the display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub(super) time: String,
    pub(super) date: String,
    pub(super) number: String,
    pub(super) owner: String,
    pub(super) lines: Vec<LineView>,
    pub(super) body: Body,
    /// Labels by position, empty where there is none.
    pub(super) softkeys: Vec<Cow<'static, str>>,
    pub(super) prompt: String,
    pub(super) notice: &'static str,
    pub(super) volume: Option<u8>,
    pub(super) muted: bool,
    /// `Some(true)` headset, `Some(false)` speaker, while a call is up.
    pub(super) headset: Option<bool>,
    /// The picture behind the idle screen.
    pub(super) wallpaper: Option<Arc<RgbImage>>,
}

/// A line label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineView {
    pub(super) label: String,
    pub(super) stage: Option<Stage>,
}

/// The middle of the display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    Idle,
    Dialling {
        digits: String,
    },
    Call {
        stage: Stage,
        heading: &'static str,
        name: String,
        number: String,
        timer: String,
    },
    List {
        title: String,
        rows: Vec<(String, String)>,
        selected: usize,
    },
    Text {
        title: String,
        text: String,
    },
}

/// A row of a page.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) label: String,
    pub(super) value: String,
    /// What it opens.
    pub(super) page: Option<Page>,
    /// What it dials.
    pub(super) number: Option<String>,
}

impl Set {
    pub(super) fn view(&self, now: Timestamp) -> View {
        let clock = now.to_zoned(self.identity.time_zone.clone());
        let body = self.body(now);
        let mut softkeys = vec![Cow::Borrowed(""); usize::from(self.profile.softkeys())];
        for (position, label, _) in self.softkeys() {
            if let Some(slot) = softkeys.get_mut(usize::from(position) - 1) {
                *slot = label;
            }
        }
        let background = self.background().filter(|_| body == Body::Idle);
        View {
            wallpaper: background.map(|background| Arc::clone(&background.image)),
            time: clock.strftime("%H:%M").to_string(),
            date: clock.strftime("%d/%m/%y").to_string(),
            number: self.own_number().to_owned(),
            owner: self.identity.owner.clone(),
            lines: self.line_views(),
            prompt: self.prompt(&body),
            body,
            softkeys,
            notice: self.notice_now(now),
            volume: self.volume_until.filter(|until| now < *until).map(|_| self.volume),
            muted: self.muted,
            headset: self
                .stage()
                .filter(|stage| *stage != Stage::Ringing)
                .map(|_| self.headset),
        }
    }

    pub(super) fn notice_now(&self, now: Timestamp) -> &'static str {
        self.notice
            .filter(|(_, until)| now < *until)
            .map_or(if self.upgrade_failing { "Auth Fail" } else { "" }, |(text, _)| text)
    }

    fn line_views(&self) -> Vec<LineView> {
        let shown = usize::from(self.profile.lines);
        let view = |(index, line): (usize, &super::LineIdentity)| LineView {
            label: if line.label.is_empty() {
                line.dn.clone()
            } else {
                line.label.clone()
            },
            stage: self.stage().filter(|_| index == self.line),
        };
        self.identity.lines.iter().take(shown).enumerate().map(view).collect()
    }

    fn prompt(&self, body: &Body) -> String {
        let text = match body {
            Body::Idle if self.forwarded => "Forwarded to voicemail",
            Body::Idle => "Your current options",
            Body::Dialling { .. } => "Enter number",
            Body::Call { heading, .. } => heading,
            Body::List { .. } if self.page().is_some_and(|page| matches!(page, Page::Itl | Page::Ctl)) => {
                if self.unlocked {
                    "Settings unlocked"
                } else {
                    "Settings locked"
                }
            }
            Body::List { .. } if self.page() == Some(Page::Corporate) => "Enter a name or a number",
            Body::List { .. } => "Use keypad to select",
            Body::Text { .. } => self.shown_text().map_or("", |text| &text.prompt),
        };
        text.to_owned()
    }

    /// The open screen.
    pub(super) fn body(&self, now: Timestamp) -> Body {
        if let Some(open) = self.pages.last() {
            return self.page_body(open.page, open.row);
        }
        match &self.call {
            Some(call) if call.stage == Stage::OffHook => Body::Dialling {
                digits: self.digits.clone(),
            },
            None if !self.digits.is_empty() => Body::Dialling {
                digits: self.digits.clone(),
            },
            None => Body::Idle,
            Some(call) => Body::Call {
                stage: call.stage,
                heading: heading(call.stage),
                name: call.name.clone(),
                number: call.number.clone(),
                timer: call.since.map_or_else(String::new, |since| timer(since, now)),
            },
        }
    }

    fn page_body(&self, page: Page, row: usize) -> Body {
        match (page, &self.reached.text) {
            (Page::Pushed, Some(pushed)) => Body::Text {
                title: pushed.title.clone(),
                text: pushed.text.clone(),
            },
            (Page::Confirm(reset), _) => Body::Text {
                title: reset.label().to_owned(),
                text: reset.warning().to_owned(),
            },
            (Page::Messages, _) => Body::Text {
                title: page.title().to_owned(),
                text: "You have no new messages.".to_owned(),
            },
            _ => {
                let rows: Vec<_> = self.rows().into_iter().map(|row| (row.label, row.value)).collect();
                let selected = row.min(rows.len().saturating_sub(1));
                let title = if page == Page::Admin && self.profile.family == super::Family::F9900 {
                    "Administrator settings"
                } else {
                    page.title()
                };
                Body::List {
                    title: title.to_owned(),
                    rows,
                    selected,
                }
            }
        }
    }

    /// Rows of the page on top.
    pub(super) fn rows(&self) -> Vec<Row> {
        let Some(page) = self.page() else {
            return Vec::new();
        };
        let links = page.links(self.profile);
        let linked = links.into_iter().map(|link| Row {
            label: link.title().to_owned(),
            page: Some(link),
            ..Row::default()
        });
        match page {
            Page::SecurityConfiguration => self.security_rows(),
            Page::Missed | Page::Received | Page::Placed => self.logged_rows(page),
            Page::Corporate => self.form.rows(),
            Page::Found => self.found_rows(),
            Page::StatusMessages => self.message_rows(),
            _ => linked.chain(self.facts(page)).collect(),
        }
    }

    fn security_rows(&self) -> Vec<Row> {
        let mut rows = vec![
            fact("Web access", "Enabled"),
            fact("Security mode", "Non secure"),
            fact("LSC", "Not installed"),
            fact("MIC", "Installed"),
        ];
        if !self.profile.trust_keys.is_empty() {
            rows.push(Row {
                label: "Trust list".to_owned(),
                page: Some(Page::TrustList),
                ..Row::default()
            });
        }
        rows
    }

    fn facts(&self, page: Page) -> Vec<Row> {
        let device = self.identity.device_name.as_str();
        match page {
            Page::PhoneInformation => vec![
                fact("Model number", self.profile.product),
                fact("Host name", device),
                fact("Phone number", self.own_number()),
                fact("Active load", &self.identity.firmware),
            ],
            Page::Preferences => vec![
                fact(
                    "Ringtone",
                    self.ring_tone().map_or("Chirp1", |tone| file_name(&tone.url)),
                ),
                fact(
                    "Wallpaper",
                    self.background().map_or("Default", |image| file_name(&image.url)),
                ),
                fact("Contrast", "8"),
                fact("Brightness", "10"),
            ],
            Page::Network => self.network_rows(),
            Page::Device => vec![
                fact("Unified CM", "cucm-pub"),
                fact("HTTP", "Enabled"),
                fact("Locale", "English"),
            ],
            Page::Ctl => vec![fact("CTL file", "Not installed")],
            Page::Itl => vec![fact("ITL file", self.trust_words())],
            Page::Services => vec![
                fact("Intercom calls", ""),
                fact("Login service", ""),
                fact("Company news", ""),
            ],
            Page::Accessories => vec![fact("Analog headset", "Set up")],
            Page::Bluetooth => vec![fact("Bluetooth", "On"), fact("Paired devices", "None")],
            Page::Wifi => vec![fact("Wi-Fi", "Off")],
            _ => Vec::new(),
        }
    }

    fn network_rows(&self) -> Vec<Row> {
        let (device, network) = (self.identity.device_name.as_str(), &self.identity.network);
        let address = network.address.map_or_else(String::new, |address| address.to_string());
        vec![
            fact("DHCP", "Enabled"),
            fact("Host name", device),
            fact("MAC address", device.strip_prefix("SEP").unwrap_or(device)),
            fact("Domain name", network.domain),
            fact("IPv4 address", &address),
            fact("Subnet mask", network.mask),
            fact("Default router 1", network.router),
            fact("DNS server 1", network.dns),
            fact("TFTP server 1", network.tftp),
            fact("Alternate TFTP", "No"),
            fact("Operational VLAN ID", network.vlan),
        ]
    }

    fn trust_words(&self) -> &'static str {
        match self.trust_list {
            TrustList::Installed { .. } => "Installed",
            TrustList::Erased => "Not installed",
            TrustList::Broken { .. } => "Signature error",
        }
    }

    fn logged_rows(&self, list: Page) -> Vec<Row> {
        let zone = &self.identity.time_zone;
        let entries = self.log.iter().filter(|entry| entry.list == list);
        let row = |entry: &super::Logged| Row {
            label: if entry.name.is_empty() {
                entry.number.clone()
            } else {
                format!("{} {}", entry.name, entry.number)
            },
            value: entry.at.to_zoned(zone.clone()).strftime("%H:%M").to_string(),
            page: None,
            number: Some(entry.number.clone()),
        };
        entries.map(row).collect()
    }

    fn found_rows(&self) -> Vec<Row> {
        let found = self
            .identity
            .directory
            .iter()
            .filter(|(name, number)| self.form.finds(name, number));
        let row = |(name, number): &(String, String)| Row {
            label: name.clone(),
            value: number.clone(),
            page: None,
            number: Some(number.clone()),
        };
        found.map(row).collect()
    }

    fn message_rows(&self) -> Vec<Row> {
        let zone = &self.identity.time_zone;
        let row = |message: &super::StatusMessage| {
            fact(
                message.text,
                &message.at.to_zoned(zone.clone()).strftime("%H:%M").to_string(),
            )
        };
        self.messages.iter().rev().map(row).collect()
    }
}

pub(super) fn fact(label: &str, value: &str) -> Row {
    Row {
        label: label.to_owned(),
        value: value.to_owned(),
        ..Row::default()
    }
}

/// The last part of an address.
fn file_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

fn heading(stage: Stage) -> &'static str {
    match stage {
        Stage::OffHook => "Enter number",
        Stage::Proceeding => "Call proceed",
        Stage::RingOut => "Ring out",
        Stage::Ringing => "Incoming call",
        Stage::Connected => "Connected",
        Stage::Held => "Hold",
        Stage::RemoteHeld => "Held by the other party",
        Stage::Busy => "Busy",
        Stage::Unknown => "Unknown number",
    }
}

/// Whole minutes, so that the picture of a call stands still between them.
fn timer(since: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(since).as_mins().max(0);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
