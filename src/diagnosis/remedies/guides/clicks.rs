//! Remedies of one click, as a person carries them out in CUCM.

use super::super::RemedyId;
use super::super::offers::READ_ONLY;
use super::super::types::GuideStep;
use super::Draft;
use super::facts::Facts;
use crate::domain::finding::CheckId;

/// Why a person has to do it, after why it helps.
fn why(facts: &Facts, helps: &str) -> String {
    if facts.reads_only {
        format!("{helps} It is done by hand here, because {READ_ONLY}.")
    } else {
        format!("{helps} This is how it is done by hand.")
    }
}

/// The phone's page in CUCM.
pub(super) fn phone_page(facts: &Facts, title: &str, text: impl Into<String>) -> GuideStep {
    GuideStep::new(title, text).menu(&["Device", "Phone", "Find", &facts.device])
}

/// How the phone is made to take what was saved.
pub(super) fn apply_config(facts: &Facts) -> GuideStep {
    phone_page(
        facts,
        "Make the phone take it",
        "Press Save, then Apply Config, then OK. The phone may restart; give it a minute.",
    )
    .warning("A restart ends a call on the phone.")
}

pub(super) fn association(facts: &Facts, id: RemedyId) -> Draft {
    let (kind, button) = if facts.end_user {
        ("End User", "Device Association")
    } else {
        ("Application User", "Device Association")
    };
    let mut steps = vec![
        GuideStep::new(
            "Open the control login",
            format!("Find the user {} and open its page.", facts.control),
        )
        .menu(&["User Management", kind, "Find", &facts.control])
        .value("User ID", &facts.control),
        GuideStep::new(
            "Look for the phone",
            format!("Under Device Information press {button}, find the phone by its name and tick it."),
        )
        .menu(&["User Management", kind, &facts.control, "Device Information", button])
        .value("Device Name", &facts.device),
        GuideStep::new(
            "Save both pages",
            "Press Save Selected/Changes, go back to the user with Go, and press Save there. The phone then stands among Controlled Devices.",
        )
        .value("Controlled Devices", &facts.device)
        .warning("Without the last Save nothing is changed.")
        .check(CheckId::ControlledDevice),
    ];
    if id == RemedyId::AddControlledDeviceForVisit {
        steps.push(GuideStep::new(
            "Take it out again afterwards",
            "When the visit is over, take the tick away on the same page and save both pages again.",
        ));
    }
    Draft::new(
        why(
            facts,
            "A phone obeys only a user who has it among the Controlled Devices; no role replaces that.",
        ),
        steps,
    )
}

pub(super) fn web_access(facts: &Facts) -> Draft {
    Draft::new(
        why(facts, "Web Access is the phone's own web server, by which its screen and keys are reached."),
        vec![
            phone_page(facts, "Open the phone", "Find the phone by its name and open its page.")
                .value("Device Name", &facts.device),
            phone_page(
                facts,
                "Turn on Web Access",
                "Near the bottom, under Product Specific Configuration Layout, choose Enabled. Where there is a tick box Override Common Settings beside it, tick that too: without it the profile's value counts.",
            )
            .value("Web Access", "Enabled")
            .value("Override Common Settings", "ticked"),
            apply_config(facts).check(CheckId::WebAccess),
            GuideStep::new(
                "See whether the web server answers",
                format!("Within a minute the phone takes connections at {}.", facts.address),
            )
            .warning("If it stays closed although CUCM says Enabled, the phone does not take its configuration: suspect its trust list.")
            .check(CheckId::TcpHttp),
        ],
    )
}

pub(super) fn set_url(facts: &Facts) -> Draft {
    Draft::new(
        why(facts, "The phone asks its own Authentication URL before the cluster's, so that it can be mended for one phone alone."),
        vec![
            phone_page(
                facts,
                "Write the URL into the phone's own fields",
                "Under External Data Locations Information write an Authentication URL with CUCM's address, not its name. Upper and lower case of the path count.",
            )
            .value("Secure Authentication URL", &facts.urls.https)
            .warning(format!(
                "When the phone's trust list does not fit, only http works: write {} into both Authentication Server and Secure Authentication URL. The password then crosses the voice network in clear.",
                facts.urls.http
            )),
            apply_config(facts).check(CheckId::UrlInForce),
            GuideStep::new("See whether the phone obeys", "The phone now asks the new URL when it is told to show its screen.")
                .check(CheckId::Screenshot),
        ],
    )
}

pub(super) fn clear_url(facts: &Facts) -> Draft {
    Draft::new(
        why(facts, "A URL in the phone's own fields counts more than the cluster's."),
        vec![
            phone_page(
                facts,
                "Empty the phone's own fields",
                "Under External Data Locations Information empty both fields; blank means the cluster's.",
            )
            .value("Authentication Server", "(empty)")
            .value("Secure Authentication URL", "(empty)"),
            apply_config(facts).check(CheckId::UrlInForce),
        ],
    )
}

pub(super) fn push(facts: &Facts, button: &str) -> Draft {
    let warning = match button {
        "Apply Config" => "The phone restarts when it must; a call on it ends then.",
        _ => "A call on the phone ends. Ask the user first.",
    };
    Draft::new(
        why(
            facts,
            "The phone reads its configuration again, and starts anew where that is wished.",
        ),
        vec![
            phone_page(
                facts,
                &format!("Press {button}"),
                format!("On the phone's page press {button}, and {button} again in the window that opens."),
            )
            .value("Device Name", &facts.device)
            .warning(warning),
            GuideStep::new("Wait until it is back", "It registers again within a minute or two.")
                .check(CheckId::PhoneRegistered),
        ],
    )
}

pub(super) fn unlock(facts: &Facts) -> Draft {
    let kind = if facts.end_user { "End User" } else { "Application User" };
    Draft::new(
        why(facts, "CUCM lets nobody in with a locked login, whatever the password."),
        vec![
            GuideStep::new(
                "Open the credential of the login",
                format!(
                    "Find the user {} and press Edit Credential beside the password.",
                    facts.control
                ),
            )
            .menu(&["User Management", kind, "Find", &facts.control, "Edit Credential"]),
            GuideStep::new(
                "Take the lock away",
                "Take the tick from Locked By Administrator, tick Reset Hack Count, and press Save.",
            )
            .value("Locked By Administrator", "not ticked")
            .value("Reset Hack Count", "ticked")
            .check(CheckId::ControlLogin),
            GuideStep::new(
                "Find what locked it",
                "Look for other programs that use this user with an old password: they will lock it again.",
            ),
        ],
    )
    .touching(facts.phones)
}
