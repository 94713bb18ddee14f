//! The phone's trust list (ITL): deleted at the phone, over SSH, by a factory reset, or mended for the whole cluster.

use super::super::types::GuideStep;
use super::Draft;
use super::facts::Facts;
use crate::domain::finding::CheckId;

/// Menu numbers move with model and firmware (phone-xml-api.md 7.1), so that the words count, not the digits.
const READ_THE_SCREEN: &str = "Menus differ with the firmware: read the screen before each key. Beside the right row stand those that erase the network settings or everything.";

fn proof() -> GuideStep {
    GuideStep::new(
        "See that it is gone",
        "The phone restarts, fetches the trust list anew and says ITL installed among its status messages. Its configuration is then taken again.",
    )
    .check(CheckId::StatusMessages)
}

/// Where the trust list is deleted, by family (phone-xml-api.md 7.1, 7.3).
fn erasing(model: &str) -> Vec<GuideStep> {
    let has = |parts: &[&str]| parts.iter().any(|part| model.contains(part));
    if has(&["7941", "7942", "7961", "7962"]) {
        return old_phone(&[
            "Settings",
            "4 Security Configuration",
            "5 Trust List",
            "1 Trust List",
            "2 ITL File",
        ]);
    }
    if has(&["7906", "7911"]) {
        return old_phone(&[
            "Applications",
            "3 Settings",
            "4 Security Configuration",
            "5 Trust List",
            "2 ITL File",
        ]);
    }
    if has(&["7945", "7965", "7970", "7971", "7975"]) {
        return old_phone(&["Settings", "4 Security Configuration", "5 Trust List", "2 ITL File"]);
    }
    if has(&["8961", "9951", "9971", "8941", "8945"]) {
        return menu_phone(&[
            "Applications",
            "Administrator Settings",
            "Reset Settings",
            "Security Settings",
        ]);
    }
    menu_phone(&["Applications", "Admin settings", "Reset settings", "Security settings"])
}

fn old_phone(menu: &[&str]) -> Vec<GuideStep> {
    vec![
        GuideStep::new(
            "Open the trust list",
            "Go there key by key; the last row shows the ITL file.",
        )
        .menu(menu)
        .warning(READ_THE_SCREEN),
        GuideStep::new(
            "Unlock the settings",
            "Press * * #: the lock beside the row opens. Pressed once more it closes again.",
        )
        .value("Keys", "* * #")
        .warning("Never * * # * *: that restarts the phone."),
        GuideStep::new(
            "Erase it",
            "Press the softkey more until Erase is there, and press Erase.",
        )
        .value("Softkey", "Erase"),
    ]
}

fn menu_phone(menu: &[&str]) -> Vec<GuideStep> {
    vec![
        GuideStep::new("Open the list of resets", "Go there row by row.")
            .menu(menu)
            .warning(READ_THE_SCREEN),
        GuideStep::new(
            "Reset the security settings",
            "With Security settings chosen press Reset (Erase on some), and confirm. The trust lists go; all other settings stay.",
        )
        .value("Softkey", "Reset"),
    ]
}

fn settings_access() -> GuideStep {
    GuideStep::new(
        "See that settings are open",
        "With settings access restricted or disabled the menu is not reached; only a factory reset helps then.",
    )
    .check(CheckId::SettingsAccess)
}

pub(super) fn by_keys(facts: &Facts) -> Draft {
    let mut steps = vec![settings_access()];
    steps.extend(erasing(&facts.model));
    steps.push(proof());
    Draft::new(
        format!(
            "{} trusts a cluster that is no longer there, so that it refuses new configuration and the https Authentication URL. Without a trust list it takes the new one. The user presses the keys, or you from here where the Authentication URL is http.",
            facts.device
        ),
        steps,
    )
}

pub(super) fn by_ssh(facts: &Facts) -> Draft {
    let old = facts.model.contains(" 79");
    let known = [" 69", " 78", " 88"].iter().any(|family| facts.model.contains(family));
    let codes = "514 to 522 are 1 to 9, 513 is 0, 523 *, 524 #, 526 to 529 the softkeys, 544 Up, 545 Select, 546 Down, 547 Left, 548 Right, 551 Settings";
    let mut steps = vec![
        GuideStep::new(
            "See that SSH is on and its login known",
            "The phone must have taken SSH Access and the login before its trust list broke; it takes neither now.",
        )
        .menu(&["Device", "Phone", "Find", &facts.device, "Secure Shell Information"])
        .value("Secure Shell User", "as set")
        .value("SSH Access", "Enabled")
        .check(CheckId::SettingsAccess),
    ];
    if old {
        steps.push(GuideStep::new(
            "Not on 79xx phones",
            "Their SSH takes no keys. Use the menu at the phone, or a factory reset.",
        ));
    } else if !known {
        steps.push(GuideStep::new(
            "Not known for this model",
            "Which keys its SSH takes is not known for this model. Use the menu at the phone, or a factory reset.",
        ));
    } else {
        steps.push(
            GuideStep::new(
                "Sign in",
                "First with the login of CUCM, then once more as debug with the password debug. A 69xx takes admin without a password.",
            )
            .value("Command", format!("ssh {}", facts.address)),
        );
        steps.push(
            GuideStep::new(
                "Press keys by their codes",
                "Each key is one command. Walk the menu Reset settings, Security settings as at the phone, and look at the screen in between.",
            )
            .value("Command", "phone key CODE")
            .value("Codes", codes)
            .warning(READ_THE_SCREEN),
        );
    }
    steps.push(proof());
    Draft::new(
        "Keys can be pressed over SSH without the phone's web server and without the Authentication URL.",
        steps,
    )
}

pub(super) fn by_factory_reset(facts: &Facts) -> Draft {
    Draft::new(
        format!(
            "A factory reset deletes the trust list whatever the settings access is. Somebody must stand at {}.",
            facts.device
        ),
        vec![
            GuideStep::new(
                "See that the phone will find its way back",
                "It forgets its network settings and its VLAN: DHCP with option 150 and the TFTP server must be ready.",
            )
            .value("DHCP option 150", "addresses of this cluster's TFTP servers")
            .check(CheckId::PhoneRegistered),
            GuideStep::new(
                "Reset it at power-up",
                "Take the power away, hold # while it comes back until the line lamps run, then type the keys within 60 s. The lamps change colour when they are taken.",
            )
            .value("Keys", "1 2 3 4 5 6 7 8 9 * 0 #")
            .warning("Never 3491672850*#: it wipes the whole flash, and the screen stays black until DHCP and TFTP serve a load. 7970 and 7971 need a power brick."),
            GuideStep::new(
                "Or by the menu",
                "88xx and 99xx phones with open settings: All settings in the list of resets.",
            )
            .menu(&["Applications", "Admin settings", "Reset settings", "All settings"]),
            proof(),
        ],
    )
}

pub(super) fn reset_command(facts: &Facts) -> Draft {
    Draft::new(
        "Since CUCM 10.0 the publisher can sign the trust list with a key that phones still trust, so that locked phones take it. It touches every phone, and is no way between clusters.",
        vec![
            GuideStep::new(
                "Plan it out of hours",
                "Every phone fetches a new trust list and restarts. Let few phones restart at a time.",
            )
            .warning("From 12.5 on it is the ITLRecovery certificate that signs: if phones never had it, this does not help them."),
            GuideStep::new(
                "Sign anew on the publisher",
                "On its command line. When the publisher's own key was renewed too, use remotekey with the exported recovery key.",
            )
            .value("Command", "utils itl reset localkey")
            .value("Instead, with an exported key", "utils itl reset remotekey"),
            GuideStep::new(
                "Restart TVS and TFTP",
                "On every node where they run.",
            )
            .menu(&["Cisco Unified Serviceability", "Tools", "Control Center - Network Services"])
            .value("Cisco Trust Verification Service", "Restart")
            .value("Cisco Tftp (Feature Services)", "Restart"),
            GuideStep::new("Reset the phones in batches", "Pool by pool; look at one phone before the next pool.")
                .menu(&["System", "Device Pool", "Find", "Reset"])
                .warning("A reset ends calls.")
                .check(CheckId::TrustHash),
            GuideStep::new(
                "Sign as usual again",
                "When every phone has the new list, restart TVS and TFTP once more, so that the usual key signs.",
            )
            .check(CheckId::ConfigurationTaken),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn before_move(facts: &Facts) -> Draft {
    Draft::new(
        "A phone takes a new cluster's trust list only when it trusts who signed it. Exchanged certificates before the move spare deleting the list on every phone.",
        vec![
            GuideStep::new(
                "Export from both clusters",
                "On each publisher: set up the SFTP server, then export the certificates of TFTP, CallManager, Tomcat, CAPF and, from 12.5 on, ITLRecovery.",
            )
            .menu(&["Cisco Unified OS Administration", "Security", "Bulk Certificate Management"])
            .value("Export", "All"),
            GuideStep::new(
                "Consolidate once, import on both",
                "Consolidate on one of them, then import on both. See that the list has ITLRecovery of the other cluster: on some releases it is missing and must be uploaded by hand as phone-sast-trust.",
            )
            .menu(&["Cisco Unified OS Administration", "Security", "Bulk Certificate Management"])
            .value("Consolidate", "All")
            .value("Import", "All"),
            GuideStep::new(
                "Restart TVS and TFTP in the old cluster, reset its phones",
                "The phones then fetch a trust list that names the new cluster, while they still trust the old one.",
            )
            .menu(&["Cisco Unified Serviceability", "Tools", "Control Center - Network Services"])
            .warning("A reset ends calls; do it out of hours.")
            .check(CheckId::TrustHash),
            GuideStep::new(
                "Move one phone first",
                "Change DHCP option 150 for one phone, and look whether it registers and takes its configuration.",
            )
            .check(CheckId::ConfigurationTaken),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn before_upgrade(facts: &Facts) -> Draft {
    Draft::new(
        "With settings access restricted or disabled a broken trust list can only be cured by a factory reset at each phone. Open it before certificates change, not after.",
        vec![
            GuideStep::new(
                "Open settings access in the profile",
                "Under Product Specific Configuration Layout choose Enabled, tick Override Common Settings, and press Save. Write down what it was.",
            )
            .menu(&["Device", "Device Settings", "Common Phone Profile", "Find", &facts.profile])
            .value("Settings Access", "Enabled"),
            GuideStep::new(
                "And on phones with a value of their own",
                "A phone's own value counts more than the profile's.",
            )
            .menu(&["Device", "Phone", "Find", &facts.device, "Product Specific Configuration Layout"])
            .value("Settings Access", "Enabled"),
            GuideStep::new("Let the phones take it", "Press Apply Config on the profile, and on the phones that were changed.")
                .menu(&["Device", "Device Settings", "Common Phone Profile", &facts.profile, "Apply Config"])
                .warning("Phones restart when they must, which ends calls.")
                .check(CheckId::SettingsAccess),
            GuideStep::new(
                "Change certificates or upgrade",
                "Then look at every phone's trust list and whether configuration is taken; delete lists that do not fit.",
            )
            .check(CheckId::TrustHash),
            GuideStep::new("Put settings access back", "When every phone has the new list, restore what was written down.")
                .menu(&["Device", "Device Settings", "Common Phone Profile", &facts.profile])
                .check(CheckId::ConfigurationTaken),
        ],
    )
    .touching(facts.phones_of_profile)
}
