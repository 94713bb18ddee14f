//! Extension Mobility: doDeviceLogin and doDeviceLogout. The words and codes of its refusals are not documented.

use std::sync::Arc;

use roxmltree::Node;

use super::axl::Failure;
use super::soap::text;
use crate::simulator::phone::{Login, Phone};
use crate::simulator::provision;
use crate::simulator::world::{World, lock};

/// Signs a user in; the phone reads its configuration.
pub(in crate::simulator) fn sign_in(world: &World, phone: &Phone, user: &str, profile: &str) {
    let login = Login {
        user: user.to_owned(),
        profile: profile.to_owned(),
        at_s: world.clock.now().as_second(),
    };
    lock(&phone.state).login = Some(Box::new(login));
    provision::apply(world, phone);
}

fn named<'w>(world: &'w World, asked: Node<'_, '_>) -> Result<&'w Arc<Phone>, Failure> {
    let phone = world.phone(text(asked, "deviceName"));
    phone
        .filter(|phone| !lock(&phone.state).deleted)
        .ok_or_else(|| Failure::not_found("Item not valid: The specified Device was not found"))
}

fn uuid_of(phone: &Phone) -> String {
    format!("{{{}}}", phone.device.pkid.to_ascii_uppercase())
}

/// doDeviceLogin.
pub(super) fn login(world: &World, asked: Node<'_, '_>) -> Result<String, Failure> {
    let phone = named(world, asked)?;
    let (user, profile) = (text(asked, "userId"), text(asked, "profileName"));
    let owns = |other: &Arc<Phone>| other.device.owner == user;
    let known = lock(&world.cucm)
        .users
        .iter()
        .any(|known| known.name == user && !known.application);
    if user.is_empty() || !known && !world.phones.iter().any(owns) {
        return Err(Failure::not_found("Item not valid: The specified User was not found"));
    }
    if profile.is_empty() {
        return Err(Failure::not_found(
            "Item not valid: The specified Device Profile was not found",
        ));
    }
    let (enabled, taken) = {
        let state = lock(&phone.state);
        (state.has_mobility(&phone.device), state.login.is_some())
    };
    if !enabled {
        return Err(Failure::new(-1, "The device is not enabled for Extension Mobility"));
    }
    if taken {
        return Err(Failure::new(-1, "Another user is logged in to the device"));
    }
    sign_in(world, phone, user, profile);
    Ok(uuid_of(phone))
}

/// doDeviceLogout.
pub(super) fn logout(world: &World, asked: Node<'_, '_>) -> Result<String, Failure> {
    let phone = named(world, asked)?;
    let left = lock(&phone.state).login.take();
    if left.is_none() {
        return Err(Failure::new(-1, "No user is logged in to the device"));
    }
    provision::apply(world, phone);
    Ok(uuid_of(phone))
}
