//! What is known of a phone, in the groups of its page: from CUCM, and from the phone itself with the age of each.

use jiff::Timestamp;

use crate::http::pages::When;
use crate::http::pages::phone::{FactGroup, FactView};
use crate::inventory::{Fact, Phone};

/// Facts of the phone itself: group, name in the inventory, label, whether a fixed pitch reads best.
const FROM_PHONE: [(&str, &str, &str, bool); 20] = [
    ("Device", "serial", "Serial number", true),
    ("Device", "mac", "MAC address", true),
    ("Device", "firmware", "Firmware", true),
    ("Device", "firmware-version", "Version", false),
    ("Device", "boot-load", "Boot load", true),
    ("Device", "hardware-revision", "Hardware", false),
    ("Network", "address", "Address", true),
    ("Network", "mask", "Mask", true),
    ("Network", "router", "Router", true),
    ("Network", "vlan", "Voice VLAN", false),
    ("Network", "switch", "Switch", false),
    ("Network", "switch-port", "Switch port", true),
    ("Network", "tftp-1", "TFTP", true),
    ("Network", "dns-1", "DNS", true),
    ("Control", "authentication-url", "Authentication URL", true),
    ("Control", "web-access", "Web access", false),
    ("Control", "trust-list", "Trust list", false),
    ("Control", "cucm-1", "CUCM 1", true),
    ("Control", "cucm-2", "CUCM 2", true),
    ("Control", "cucm-3", "CUCM 3", true),
];
const GROUPS: [&str; 3] = ["Device", "Network", "Control"];
/// Status messages shown; the inventory keeps more.
const MESSAGES: usize = 10;

/// Every group that has something to show.
pub(super) fn groups(phone: &Phone, known: &[Fact], now: Timestamp) -> Vec<FactGroup> {
    let mut groups = vec![from_cucm(phone, now)];
    for title in GROUPS {
        let rows = FROM_PHONE.iter().filter(|(group, ..)| *group == title);
        let facts = rows.filter_map(|(_, name, label, code)| {
            let fact = known.iter().find(|fact| fact.name == *name)?;
            Some(view(label, fact, *code, now))
        });
        groups.push(FactGroup {
            title: title.to_owned(),
            facts: facts.collect(),
        });
    }
    let mut messages: Vec<&Fact> = known
        .iter()
        .filter(|fact| fact.name.starts_with("status-message-"))
        .collect();
    messages.sort_by(|a, b| b.name.cmp(&a.name));
    let messages = messages.into_iter().take(MESSAGES).enumerate();
    let messages = messages.map(|(index, fact)| view(if index == 0 { "Newest" } else { "" }, fact, false, now));
    groups.push(FactGroup {
        title: "Status messages".to_owned(),
        facts: messages.collect(),
    });
    groups.retain(|group| !group.facts.is_empty());
    groups
}

fn from_cucm(phone: &Phone, now: Timestamp) -> FactGroup {
    let age = |at: Option<i64>| at.map(|at| When::from_ms(at, now.as_millisecond()));
    let address = phone.address.map(|address| address.to_string()).unwrap_or_default();
    let rows = [
        ("Address", address, age(phone.status_at), true),
        ("Node", phone.node.clone(), age(phone.status_at), false),
        ("Active load", phone.firmware.clone(), age(phone.status_at), true),
        ("Protocol", phone.protocol.to_string(), None, false),
        ("Device pool", phone.device_pool.clone(), None, false),
        ("Location", phone.location.clone(), None, false),
        ("Web server", phone.web_server.to_string(), age(phone.status_at), false),
    ];
    let facts = rows
        .into_iter()
        .filter(|(_, value, ..)| !value.is_empty() && value != "unknown")
        .map(|(label, value, age, code)| FactView {
            label: label.to_owned(),
            value,
            age,
            code,
        });
    FactGroup {
        title: "In CUCM".to_owned(),
        facts: facts.collect(),
    }
}

fn view(label: &str, fact: &Fact, code: bool, now: Timestamp) -> FactView {
    FactView {
        label: label.to_owned(),
        value: fact.value.clone(),
        age: Some(When::new(fact.read_at, now)),
        code,
    }
}
