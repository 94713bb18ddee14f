//! Remedies that change what is kept here, as a person carries them out on the pages of this program.

use super::super::types::GuideStep;
use super::Draft;
use super::facts::Facts;
use crate::domain::finding::CheckId;
use crate::inventory::TlsMode;

/// The page of the cluster in this program.
pub(super) fn cluster_page(facts: &Facts, title: &str, text: impl Into<String>) -> GuideStep {
    GuideStep::new(title, text).menu(&["Sidetone", "Clusters", &facts.cluster, "Edit"])
}

pub(super) fn certificate(facts: &Facts) -> Draft {
    let how = if facts.trust == TlsMode::Pinned {
        "The certificate that was accepted is not the one that CUCM shows now."
    } else {
        "The certificate that CUCM shows is signed by nobody whom this server trusts."
    };
    Draft::new(
        format!("{how} As long as it is not accepted, no password is sent to CUCM."),
        vec![
            GuideStep::new(
                "Read the fingerprint in CUCM",
                format!("Sign in to Cisco Unified OS Administration of {} and open the tomcat certificate.", facts.host),
            )
            .menu(&["Cisco Unified OS Administration", "Security", "Certificate Management", "tomcat"]),
            cluster_page(
                facts,
                "Compare and accept it",
                "Press Test: the page shows the fingerprint seen. Accept it only when it is the one that CUCM shows.",
            )
            .warning("Whoever stands between this server and CUCM could show a certificate of their own and read the password.")
            .check(CheckId::CucmTls),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn cucm_login(facts: &Facts) -> Draft {
    Draft::new(
        format!(
            "Phones are asked as {}, which CUCM refuses; the CUCM login {} works.",
            facts.control, facts.login
        ),
        vec![
            cluster_page(
                facts,
                "Use the CUCM login for control",
                "Tick that the CUCM login serves for phone control, and save.",
            )
            .check(CheckId::ControlLogin),
            GuideStep::new(
                "Add the phones to its controlled devices",
                format!(
                    "Every phone to be controlled must be among the Controlled Devices of {}.",
                    facts.login
                ),
            )
            .menu(&[
                "User Management",
                "Application User",
                &facts.login,
                "Device Information",
                "Device Association",
            ])
            .check(CheckId::ControlledDevice),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn control_login(facts: &Facts) -> Draft {
    let now = if facts.own_control {
        "already have a user of their own"
    } else {
        "are asked as the CUCM login"
    };
    Draft::new(
        format!("Phones {now}; another user may be the one that the Authentication URL knows."),
        vec![
            cluster_page(
                facts,
                "Give phone control a login of its own",
                "Take the tick from using the CUCM login, type user name and password, and save. Upper and lower case count.",
            )
            .check(CheckId::ControlLogin),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn take_address(facts: &Facts) -> Draft {
    Draft::new(
        format!(
            "{} may have moved: phones get another address when they move or their lease ends.",
            facts.device
        ),
        vec![
            cluster_page(
                facts,
                "Synchronise the cluster",
                "Press Sync: every phone's address is asked anew.",
            )
            .check(CheckId::PhoneAddress),
        ],
    )
}

pub(super) fn by_address(facts: &Facts) -> Draft {
    Draft::new(
        "A phone can be controlled by its address alone, without CUCM's list of phones.".to_owned(),
        vec![
            GuideStep::new(
                "Read the address at the phone",
                "On most models it is under Settings or Applications > Phone information.",
            )
            .menu(&["Phone", "Settings", "Phone information", "IP address"]),
            GuideStep::new(
                "Add the phone by this address",
                format!(
                    "On the list of phones press Add by address; it must lie in {}.",
                    facts.networks
                ),
            )
            .menu(&["Sidetone", "Phones", "Add by address"])
            .check(CheckId::Identity),
        ],
    )
}
