//! The phone itself: its profile, firmware, registration.

use super::super::types::GuideStep;
use super::Draft;
use super::clicks::phone_page;
use super::facts::Facts;
use crate::domain::finding::CheckId;

pub(super) fn web_access_in_profile(facts: &Facts) -> Draft {
    let count = facts.phones_of_profile.map_or_else(
        || "every phone of the profile".to_owned(),
        |count| format!("{count} phones"),
    );
    Draft::new(
        format!(
            "The common phone profile decides for every phone without a value of its own. It touches {count}, which is why it is no click."
        ),
        vec![
            GuideStep::new(
                "Open the profile",
                format!("{} has the profile {}.", facts.device, facts.profile),
            )
            .menu(&["Device", "Device Settings", "Common Phone Profile", "Find", &facts.profile])
            .value("Phones with this profile", &count),
            GuideStep::new(
                "Turn on Web Access",
                "Under Product Specific Configuration Layout choose Enabled, tick Override Common Settings where there is one, and press Save.",
            )
            .menu(&["Device", "Device Settings", "Common Phone Profile", &facts.profile])
            .value("Web Access", "Enabled")
            .warning(format!(
                "The web servers of {count} open: whoever reaches a phone's address can read its information pages."
            )),
            GuideStep::new(
                "Let the phones take it",
                "Press Apply Config on the profile. Phones restart when they must; do it out of hours.",
            )
            .menu(&["Device", "Device Settings", "Common Phone Profile", &facts.profile, "Apply Config"])
            .warning("A restart ends a call on the phone.")
            .check(CheckId::WebAccess),
        ],
    )
    .touching(facts.phones_of_profile)
}

pub(super) fn firmware(facts: &Facts) -> Draft {
    Draft::new(
        "The phone's own files are at fault, or its load is too old; neither CUCM nor the network is.",
        vec![
            phone_page(facts, "Restart it first", "Often that is enough.").check(CheckId::Screenshot),
            GuideStep::new(
                "See which load it should run",
                format!("Compare the default load of {} with the newest that Cisco offers.", facts.model),
            )
            .menu(&["Device", "Device Settings", "Device Defaults"])
            .value("Device Type", &facts.model),
            phone_page(
                facts,
                "Load the firmware again",
                "Write the name of another load into this phone alone, save, reset it, and wait until it runs; then empty the field again and reset once more.",
            )
            .value("Phone Load Name", "the other load's name, later empty")
            .warning("The phone must not lose its power while it loads. A 79xx with a load before 8.5(2) must take 8.5(2) first, or it stops at Auth Fail.")
            .check(CheckId::Series),
        ],
    )
}

pub(super) fn in_cucm(facts: &Facts) -> Draft {
    Draft::new(
        format!("CUCM of {} has no device {}.", facts.cluster, facts.device),
        vec![
            GuideStep::new(
                "Look for it",
                "The name is SEP and the twelve digits of the MAC address on the phone's label.",
            )
            .menu(&["Device", "Phone", "Find"])
            .value("Device Name", &facts.device)
            .check(CheckId::PhoneKnown),
            GuideStep::new(
                "Look in the other clusters",
                "It may have been moved or deleted; then it goes from the list here at the next sync.",
            )
            .menu(&["Sidetone", "Phones"])
            .value("Search", format!("name:{}", facts.device)),
        ],
    )
}

pub(super) fn registration(facts: &Facts) -> Draft {
    Draft::new(
        "A phone that is not registered has no address that CUCM knows, and often no power or no network.",
        vec![
            GuideStep::new(
                "See why CUCM lost it",
                "The page shows status and node; the proof beside the verdict shows the reason in words.",
            )
            .menu(&["Device", "Phone", "Find", &facts.device])
            .value("Device Name", &facts.device)
            .check(CheckId::PhoneRegistered),
            GuideStep::new(
                "Power, cable, switch port",
                "Let the user look whether the phone has light, then at the switch whether its port is up and in the voice VLAN.",
            )
            .value("On the switch", "show cdp neighbors detail; show power inline")
            .check(CheckId::PhoneRegistered),
            GuideStep::new(
                "DHCP and TFTP",
                "A phone that says Registering for ever has an address but no TFTP server, or another cluster's: DHCP option 150 names it.",
            )
            .value("DHCP option 150", "addresses of this cluster's TFTP servers")
            .check(CheckId::PhoneAddress),
        ],
    )
}

pub(super) fn other_ways(facts: &Facts) -> Draft {
    Draft::new(
        format!(
            "{} cannot be seen or pressed from afar; that is so by design of the model.",
            facts.model
        ),
        vec![
            GuideStep::new(
                "Keys without a picture",
                "Some models take keys and show no picture: press them here and ask the user what the screen shows.",
            )
            .check(CheckId::PhoneModel),
            GuideStep::new(
                "Let the user press",
                "Tell the user each key; the phone's settings can be changed on its page in CUCM.",
            )
            .menu(&["Device", "Phone", "Find", &facts.device]),
        ],
    )
}

pub(super) fn wait(facts: &Facts) -> Draft {
    Draft::new(
        "The phone was reset or is busy; it comes back by itself.",
        vec![
            GuideStep::new(
                "Wait a minute or two",
                format!("{} registers again and answers.", facts.device),
            )
            .check(CheckId::PhoneRegistered),
            GuideStep::new(
                "If it comes and goes",
                "Look at its status messages for loads that fail, and at its cable and power.",
            )
            .check(CheckId::StatusMessages),
        ],
    )
}

pub(super) fn collect(facts: &Facts) -> Draft {
    Draft::new(
        "Everything that can be proved is right, and the phone refuses: the maker's support needs the evidence.",
        vec![
            GuideStep::new(
                "Save this diagnosis",
                "Press Save as one file: it holds every check with its proof, secrets masked.",
            )
            .check(CheckId::Screenshot),
            GuideStep::new(
                "Let the phone write a report",
                "Under Device > Phone tick the phone, and press Generate PRT for Selected (11.5 and later).",
            )
            .menu(&["Device", "Phone", "Find", "Generate PRT for Selected"])
            .value("Device Name", &facts.device),
            GuideStep::new(
                "Collect CUCM's own log",
                "The log of Tomcat tells what the phone was answered.",
            )
            .value(
                "Command",
                "file get activelog tomcat/logs/ccmcip/log4j/* recurs compress",
            ),
        ],
    )
}
