//! updatePhone, and the operations that make a phone read its configuration.

use std::sync::Arc;

use roxmltree::Node;

use super::axl::Failure;
use super::config_xml;
use super::phone_xml::named;
use super::soap::{child, text};
use crate::simulator::phone::{CALL_MANAGER_RESET, Phone};
use crate::simulator::provision;
use crate::simulator::settings::{URL_FIELDS, Vendor};
use crate::simulator::world::World;

/// The longest URL of a device.
const LONGEST_URL: usize = 255;

/// The vendorConfig of a request, where it has one: every child with its text.
pub(super) fn vendor_in(asked: Node<'_, '_>) -> Option<Vendor> {
    let children = child(asked, "vendorConfig")?.children().filter(Node::is_element);
    let pairs = children.map(|key| {
        let value = key.text().unwrap_or("").trim();
        (key.tag_name().name().to_owned(), value.to_owned())
    });
    Some(pairs.collect())
}

fn uuid_of(phone: &Phone) -> String {
    format!("{{{}}}", phone.device.pkid.to_ascii_uppercase())
}

/// Changes what is sent: an empty element clears, an omitted one is kept, vendorConfig is replaced as a whole. Elements
/// that are not known here are dropped in silence, as CUCM drops them.
pub(super) fn update(world: &World, asked: Node<'_, '_>) -> Result<String, Failure> {
    let phone =
        named(world, asked).ok_or_else(|| Failure::new(5003, "Item not valid: The specified Phone was not found"))?;
    let sent = |field: &'static str| child(asked, field).map(|_| (field, text(asked, field).to_owned()));
    let urls: Vec<_> = URL_FIELDS.into_iter().filter_map(sent).collect();
    if let Some((field, _)) = urls.iter().find(|(_, url)| url.chars().count() > LONGEST_URL) {
        return Err(Failure::new(
            -1,
            format!("Value for {field} is too long: the most is {LONGEST_URL} characters"),
        ));
    }
    let load = sent("loadInformation");
    let (ssh_user, ssh_password) = (sent("sshUserId"), sent("sshPwd"));
    let vendor = vendor_in(asked);
    provision::configure(world, phone, |settings| {
        for (field, url) in &urls {
            settings.set_url(field, url);
        }
        if let Some((_, load)) = load {
            settings.load = load;
        }
        if let Some((_, user)) = ssh_user {
            settings.ssh_user = user;
        }
        if let Some((_, password)) = ssh_password {
            settings.ssh_password = password;
        }
        if let Some(vendor) = vendor {
            settings.vendor = vendor;
        }
    });
    Ok(uuid_of(phone))
}

/// What a phone is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Apply,
    Restart,
}

/// applyPhone, restartPhone, resetPhone.
pub(super) fn order(world: &Arc<World>, asked: Node<'_, '_>, order: Order) -> Result<String, Failure> {
    let phone =
        named(world, asked).ok_or_else(|| Failure::not_found("Item not valid: The specified Phone was not found"))?;
    give(world, phone, order);
    Ok(uuid_of(phone))
}

fn give(world: &Arc<World>, phone: &Arc<Phone>, order: Order) {
    match order {
        Order::Apply => provision::apply(world, phone),
        Order::Restart => provision::restart(world, phone, CALL_MANAGER_RESET),
    }
}

/// doDeviceReset: the device by name, and what to do in either of two forms.
pub(super) fn device_reset(world: &Arc<World>, asked: Node<'_, '_>) -> Result<String, Failure> {
    let missing = || Failure::not_found("Item not valid: The specified Device was not found");
    let name = text(asked, "deviceName");
    let uuid = child(asked, "deviceName").and_then(|device| device.attribute("uuid"));
    let uuid = uuid.map(|uuid| uuid.trim_matches(['{', '}']).to_ascii_lowercase());
    let by_uuid = || {
        let uuid = uuid.as_ref()?;
        world.phones.iter().find(|phone| phone.device.pkid == *uuid)
    };
    let phone = world.phone(name).or_else(by_uuid).ok_or_else(missing)?;
    match text(asked, "deviceResetType") {
        "" | "Reset" | "Restart" => give(world, phone, Order::Restart),
        "Apply Configuration" => give(world, phone, Order::Apply),
        "Generate PRT" | "Extended Config Pull" => {}
        other => return Err(Failure::new(-1, format!("{other} is not a valid device reset type"))),
    }
    Ok(uuid_of(phone))
}

/// Every phone of the profile, or every phone at all, is told.
pub(super) fn order_all(world: &Arc<World>, profile: Option<&str>, order: Order) {
    let wanted = |phone: &&Arc<Phone>| profile.is_none_or(|profile| phone.device.profile() == profile);
    for phone in world.phones.iter().filter(wanted) {
        give(world, phone, order);
    }
}

/// applyCommonPhoneConfig and resetCommonPhoneConfig: every phone of the profile.
pub(super) fn order_profile(world: &Arc<World>, asked: Node<'_, '_>, order: Order) -> Result<String, Failure> {
    let profile = config_xml::named(asked)
        .ok_or_else(|| Failure::not_found("Item not valid: The specified Common Phone Config was not found"))?;
    order_all(world, Some(profile), order);
    Ok(config_xml::uuid_of(profile))
}
