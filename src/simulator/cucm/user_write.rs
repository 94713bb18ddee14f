//! updateAppUser and updateUser: the list of controlled devices as a whole, and the lock.

use roxmltree::Node;

use super::axl::Failure;
use super::soap::{child, text};
use crate::simulator::world::{User, World, lock};

/// Changes a user. The devices sent become the whole list; a lock is set, or cleared in either of two ways.
pub(super) fn update(world: &World, caller: &str, asked: Node<'_, '_>, application: bool) -> Result<String, Failure> {
    let mut places = Vec::new();
    let list = child(asked, "associatedDevices");
    for device in list
        .into_iter()
        .flat_map(|list| list.children())
        .filter(Node::is_element)
    {
        let name = device.text().unwrap_or("").trim();
        let phone = world.phone(name).filter(|phone| !lock(&phone.state).deleted);
        let phone = phone.ok_or_else(|| {
            Failure::new(
                5003,
                format!("Item not valid: The specified Device was not found: {name}"),
            )
        })?;
        places.push(phone.index);
    }
    let (name, uuid) = (text(asked, "userid"), text(asked, "uuid"));
    let uuid = uuid.trim_matches(['{', '}']).to_ascii_lowercase();
    let mut cucm = lock(&world.cucm);
    if cucm.users.iter().any(|user| user.name == caller && user.rank_too_low) {
        return Err(Failure::new(
            5003,
            "The user rank of the requester is lower than that of the user",
        ));
    }
    let wanted = |user: &&mut User| user.application == application && (user.name == name || user.pkid == uuid);
    let user = cucm.users.iter_mut().find(wanted).ok_or_else(|| {
        let kind = if application { "AppUser" } else { "End User" };
        Failure::new(5003, format!("Item not valid: The specified {kind} was not found"))
    })?;
    if list.is_some() {
        user.controlled.fill(false);
        for place in places {
            user.controlled[place] = true;
        }
    }
    if let Some(credentials) = child(asked, "passwordCredentials") {
        if let Some(locked) = truth(text(credentials, "pwdCredLockedByAdministrator")) {
            user.locked = locked;
        }
        if truth(text(credentials, "pwdResetHackCount")) == Some(true) {
            user.locked_out = false;
        }
    }
    let answer = format!("{{{}}}", user.pkid.to_ascii_uppercase());
    drop(cucm);
    world.tables_changed();
    Ok(answer)
}

/// The schema's pattern of a truth value.
fn truth(word: &str) -> Option<bool> {
    match word {
        "t" | "true" | "1" => Some(true),
        "f" | "false" | "0" => Some(false),
        _ => None,
    }
}
