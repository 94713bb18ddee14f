//! getAppUser, getUser and doAuthenticateUser.

use roxmltree::Node;

use super::axl::Failure;
use super::soap::text;
use crate::simulator::answer::element;
use crate::simulator::cucm_fault::CucmFault;
use crate::simulator::world::{User, World, lock};

const API_GROUP: &str = "Sidetone API";
const API_ROLES: [&str; 3] = [
    "Standard AXL API Access",
    "Standard CCM Admin Users",
    "Standard SERVICEABILITY Read Only",
];

/// One user with its controlled devices and groups.
pub(super) fn get(world: &World, asked: Node<'_, '_>, application: bool) -> Result<String, Failure> {
    let (name, uuid) = (text(asked, "userid"), text(asked, "uuid"));
    let uuid = uuid.trim_matches(['{', '}']).to_ascii_lowercase();
    let cucm = lock(&world.cucm);
    let wanted = |user: &&User| user.application == application && (user.name == name || user.pkid == uuid);
    let (tag, kind) = if application {
        ("appUser", "AppUser")
    } else {
        ("user", "End User")
    };
    let user = cucm
        .users
        .iter()
        .find(wanted)
        .ok_or_else(|| Failure::not_found(&format!("Item not valid: The specified {kind} was not found")))?;
    let devices: String = world
        .phones
        .iter()
        .filter(|phone| user.controls(phone))
        .filter(|phone| !lock(&phone.state).deleted)
        .map(|phone| element("device", &phone.device.axl_name()))
        .collect();
    let roles: String = API_ROLES.iter().map(|role| element("userRole", role)).collect();
    let groups = if user.api {
        format!(
            "<userGroup>{}<userRoles>{roles}</userRoles></userGroup>",
            element("name", API_GROUP)
        )
    } else {
        String::new()
    };
    let credentials = [
        element("pwdCredPolicyName", "Default Credential Policy"),
        element("pwdCredUserCantChange", "false"),
        element("pwdCredTimeAdminLockout", if user.locked { "1795500000" } else { "" }),
        element(
            "pwdCredLockedByAdministrator",
            if user.locked { "true" } else { "false" },
        ),
    ];
    let credentials = format!("<passwordCredentials>{}</passwordCredentials>", credentials.concat());
    let devices = format!("<associatedDevices>{devices}</associatedDevices>");
    let groups = format!("<associatedGroups>{groups}</associatedGroups>");
    // The schema puts the same parts in another order for each kind.
    let parts = if application {
        format!("{credentials}<isStandard>f</isStandard>{devices}{groups}")
    } else {
        format!("{devices}{groups}{credentials}")
    };
    Ok(format!(
        "<{tag} uuid=\"{{{}}}\">{}{parts}</{tag}>",
        user.pkid.to_ascii_uppercase(),
        element("userid", &user.name)
    ))
}

/// Whether a password is good; a locked user's never is.
pub(super) fn authenticate(world: &World, asked: Node<'_, '_>) -> Result<String, Failure> {
    let (name, password) = (text(asked, "userid"), text(asked, "password"));
    let mut cucm = lock(&world.cucm);
    let user = cucm
        .users
        .iter()
        .find(|user| user.name == name)
        .ok_or_else(|| Failure::not_found("Item not valid: The specified User was not found"))?;
    let wrong = user.password != password;
    let good = user.password == password && !user.is_locked() && !cucm.faults.contains(&CucmFault::LoginRejected);
    let code = match (good, user.is_locked()) {
        (true, _) => "0",
        (false, true) => "2",
        (false, false) => "1",
    };
    cucm.counts.wrong_passwords += usize::from(wrong);
    Ok([
        element("userAuthenticated", if good { "true" } else { "false" }),
        element("code", code),
        element("daysToExpiry", "0"),
        element("isWarningNeeded", "false"),
    ]
    .concat())
}
