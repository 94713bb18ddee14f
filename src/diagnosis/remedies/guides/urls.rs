//! The Authentication URL of a whole cluster, and servers of others behind it.

use super::super::types::GuideStep;
use super::Draft;
use super::facts::Facts;
use crate::domain::finding::CheckId;

const PARAMETERS: [&str; 2] = ["System", "Enterprise Parameters"];

pub(super) fn enterprise(facts: &Facts) -> Draft {
    Draft::new(
        "Every phone without a URL of its own asks this one. As installed it holds the publisher's host name, which phones without a working DNS cannot resolve.",
        vec![
            GuideStep::new(
                "Write down what is there",
                "Copy both values, so that they can be put back. They are on the page Enterprise Parameters, not Service Parameters.",
            )
            .menu(&PARAMETERS)
            .value("URL Authentication", "as it is now, under Phone URL Parameters")
            .value("Secured Authentication URL", "as it is now, under Secured Phone URL Parameters")
            .check(CheckId::UrlInForce),
            GuideStep::new(
                "Write the publisher's address",
                "Upper and lower case of the path count, and the port belongs to the scheme. Press Save.",
            )
            .menu(&PARAMETERS)
            .value("URL Authentication", &facts.urls.http)
            .value("Secured Authentication URL", &facts.urls.https)
            .warning("Phones take the secured one first. An http URL there helps phones with a trust list that does not fit, but passwords then cross the voice network in clear."),
            GuideStep::new(
                "Try it with one phone",
                "Reset this phone alone, and look whether it obeys.",
            )
            .menu(&["Device", "Phone", &facts.device, "Reset"])
            .check(CheckId::UrlAnswer),
            GuideStep::new(
                "Let every phone take it",
                "Press Apply Config on the page of the parameters (12.0 and later), or reset the phones pool by pool, out of hours.",
            )
            .menu(&["System", "Device Pool", "Find", "Reset"])
            .warning("Resetting phones ends their calls.")
            .check(CheckId::Screenshot),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn third_party(facts: &Facts) -> Draft {
    Draft::new(
        "The Authentication URL belongs to another server, such as one for paging. That server decides whom phones obey; its makers do this to spare the publisher.",
        vec![
            GuideStep::new(
                "Find out whose server it is",
                "The host and port of the URL tell: 8081 and /InformaCast/phone/auth is InformaCast, SynApps' SA-Announce has a page of its own.",
            )
            .check(CheckId::UrlHost),
            GuideStep::new(
                "InformaCast: use its own user",
                "InformaCast passes unknown users on to CUCM by a redirect, at which newer phones drop the parameters: there only InformaCast's own user works. Give phone control that user.",
            )
            .menu(&["Sidetone", "Clusters", &facts.cluster, "Edit", "Control login"])
            .value("URL", "http://ADDRESS:8081/InformaCast/phone/auth/"),
            GuideStep::new(
                "SynApps: its user, or nothing at all",
                "SA-Announce passes unknown users on to the publisher by itself, so that the control login often works as it is; else use its own user, SynApps as installed.",
            )
            .menu(&["Sidetone", "Clusters", &facts.cluster, "Edit", "Control login"])
            .value("User name", "SynApps"),
            GuideStep::new(
                "Or point this phone to CUCM",
                "Give this phone an Authentication URL of its own. Paging by the other server then no longer reaches it.",
            )
            .menu(&["Device", "Phone", &facts.device, "External Data Locations Information"])
            .value("Secure Authentication URL", &facts.urls.https)
            .warning("Ask whoever runs the paging first: for them this phone falls silent.")
            .check(CheckId::Screenshot),
        ],
    )
}

pub(super) fn short_reply(facts: &Facts) -> Draft {
    Draft::new(
        "CUCM 11.5 and later answers phones with more headers than a 69xx can read, so that it refuses although CUCM says yes.",
        vec![
            GuideStep::new(
                "Load the newest firmware of this model",
                format!("Some loads read more. Set the newest load for {} and reset the phone.", facts.device),
            )
            .menu(&["Device", "Phone", &facts.device, "Phone Load Name"])
            .check(CheckId::Screenshot),
            GuideStep::new(
                "Or put something small in between",
                format!(
                    "A small web server of your own that passes the question on to {} and answers with nothing but the word AUTHORIZED, as an Authentication URL of these phones alone.",
                    facts.urls.https
                ),
            )
            .menu(&["Device", "Phone", &facts.device, "External Data Locations Information", "Authentication Server"])
            .warning("It decides whom these phones obey: guard it as you guard CUCM.")
            .check(CheckId::UrlAnswer),
        ],
    )
}
