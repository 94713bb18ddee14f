//! listRegistrationDynamic: where a device was when CUCM last heard of it.

use roxmltree::Node;

use super::axl::{Failure, Found, returned_tags};
use super::phone_xml::like;
use super::soap::{child, text};
use super::sql::key_of;
use crate::simulator::answer::element;
use crate::simulator::phone::Phone;
use crate::simulator::world::{NODES, World, lock};

/// The devices that match, with the tags asked for.
pub(super) fn list(world: &World, asked: Node<'_, '_>) -> Result<Found, Failure> {
    let criteria = child(asked, "searchCriteria").ok_or_else(Failure::no_criterion)?;
    let pattern = text(criteria, "device");
    let tags = returned_tags(asked);
    let first: Option<usize> = text(asked, "first").parse().ok();
    let skip = first.and_then(|_| text(asked, "skip").parse().ok()).unwrap_or(0);
    let wanted = world
        .phones
        .iter()
        .filter(|phone| like(&phone.device.name, pattern) && !lock(&phone.state).deleted);
    let rows: Vec<String> = wanted
        .skip(skip)
        .take(first.unwrap_or(usize::MAX))
        .map(|phone| row(world, phone, &tags))
        .collect();
    Ok(Found {
        rows: rows.len(),
        xml: rows.concat(),
    })
}

fn row(world: &World, phone: &Phone, tags: &[String]) -> String {
    let device = &phone.device;
    let now_ms = world.clock.now_ms();
    let registered = phone.is_registered(now_ms);
    let state = lock(&phone.state);
    let address = state.address.map_or_else(String::new, |address| address.to_string());
    let fields = [
        ("device", device.name.clone()),
        ("lastKnownIpAddress", address),
        ("lastKnownUcm", NODES[device.node].to_owned()),
        (
            "lastKnownConfigVersion",
            state.running.device.version_stamp(&device.pkid),
        ),
        ("locationDetails", String::new()),
        ("endpointConnection", "CDP".to_owned()),
        ("portOrSsid", device.switch_port.clone()),
        ("lastSeen", (now_ms / 1_000).to_string()),
        (
            "risStatus",
            if registered { "Registered" } else { "Unregistered" }.to_owned(),
        ),
    ];
    let content: String = fields
        .iter()
        .filter(|(tag, _)| tags.iter().any(|wanted| wanted == tag))
        .map(|(tag, value)| element(tag, value))
        .collect();
    let uuid = key_of("registrationdynamic", &device.name).to_ascii_uppercase();
    format!("<registrationDynamic uuid=\"{{{uuid}}}\">{content}</registrationDynamic>")
}
