//! Users of CUCM: a new one, the right password, the roles.

use super::super::types::GuideStep;
use super::Draft;
use super::facts::Facts;
use super::here::cluster_page;
use crate::domain::finding::CheckId;

pub(super) fn new_user(facts: &Facts) -> Draft {
    let name = "sidetone-control";
    Draft::new(
        "When user, password and Controlled Devices are right and the phone still refuses, a fresh user tells whether the old one is at fault.",
        vec![
            GuideStep::new(
                "Add an application user",
                "Give it a password of letters and digits only: some phones misread other characters. It needs no group and no role.",
            )
            .menu(&["User Management", "Application User", "Add New"])
            .value("User ID", name)
            .value("Controlled Devices", &facts.device),
            cluster_page(
                facts,
                "Use it for phone control",
                "Give phone control this login of its own, and save.",
            )
            .value("User name", name)
            .warning("Every phone of the cluster is then asked as this user; put the old one back after the trial unless all phones are its Controlled Devices.")
            .check(CheckId::ControlLogin),
            GuideStep::new(
                "Try the phone again",
                "If it obeys now, compare the two users. If it still refuses and its URL is https, suspect its trust list.",
            )
            .check(CheckId::Screenshot),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn password(facts: &Facts) -> Draft {
    let kind = if facts.end_user { "End User" } else { "Application User" };
    Draft::new(
        "User name and password are compared letter by letter, upper and lower case included.",
        vec![
            GuideStep::new(
                "See that the user is there",
                format!("The CUCM login is {}, phones are asked as {}.", facts.login, facts.control),
            )
            .menu(&["User Management", kind, "Find", &facts.control]),
            cluster_page(facts, "Type the password again", "Type user name and password again, press Test, and save.")
                .value("User name", &facts.control)
                .warning("Each wrong try may count toward the lock of the user: do not guess.")
                .check(CheckId::ControlLogin),
            GuideStep::new(
                "Or set a new password in CUCM",
                "On the user's page type a new password twice and save; then type it here too, and wherever else this user is used.",
            )
            .menu(&["User Management", kind, &facts.control, "Password"])
            .check(CheckId::CucmLogin),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn roles(facts: &Facts) -> Draft {
    Draft::new(
        "CUCM knows the login, but lets it do too little. No group as installed holds exactly what is needed, so that one is made.",
        vec![
            GuideStep::new(
                "Make a group for this program",
                "Add an access control group and assign the roles to it: Related Links > Assign Role to Access Control Group > Go.",
            )
            .menu(&["User Management", "User Settings", "Access Control Group", "Add New"])
            .value("Name", "Sidetone")
            .value("Role", "Standard AXL API Access (to only read: Standard AXL Read Only API Access)")
            .value("Role", "Standard CCM Admin Users")
            .value("Role", "Standard SERVICEABILITY Read Only"),
            GuideStep::new(
                "Put the login into it",
                "Under Permissions Information press Add to Access Control Group, tick the group, and save the user.",
            )
            .menu(&["User Management", "Application User", &facts.login, "Permissions Information"])
            .value("Groups", "Sidetone, Standard CCM Server Monitoring")
            .check(CheckId::CucmLogin),
            GuideStep::new("See whether RIS answers too", "Registration and addresses come from RIS, which has a role of its own.")
                .check(CheckId::CucmRis),
        ],
    )
    .touching(facts.phones)
}
