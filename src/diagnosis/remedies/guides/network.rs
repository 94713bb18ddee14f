//! Ways through the network.

use super::super::types::GuideStep;
use super::Draft;
use super::facts::Facts;
use super::here::cluster_page;
use crate::domain::finding::CheckId;

pub(super) fn to_cucm(facts: &Facts) -> Draft {
    Draft::new(
        "Nothing can be asked of CUCM as long as this server does not reach it.",
        vec![
            cluster_page(
                facts,
                "See that the host is right",
                "A host name must resolve on this server; an address always works.",
            )
            .value("Host", &facts.host)
            .value("Port", facts.port.to_string())
            .check(CheckId::CucmAddress),
            GuideStep::new(
                "Open the firewall",
                "Let this server reach the publisher on these TCP ports.",
            )
            .value("AXL, RIS and authenticate service", format!("TCP {}", facts.port))
            .value(
                "Authenticate service over http",
                format!("TCP {}", facts.authentication_http_port),
            )
            .check(CheckId::CucmAddress),
            GuideStep::new(
                "See that CUCM itself is up",
                "On its command line utils service list shows whether Cisco Tomcat runs.",
            )
            .value("Command", "utils service list")
            .check(CheckId::CucmTls),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn to_phone(facts: &Facts) -> Draft {
    let [http, https] = facts.phone_ports;
    Draft::new(
        "Between this server and the phone stands something that lets nothing through, or the phone is not where CUCM last saw it.",
        vec![
            GuideStep::new(
                "Compare the address",
                "Let the user read the phone's address: Settings or Applications > Phone information. Behind address translation it differs from the one that CUCM has.",
            )
            .value("Address in use", &facts.address)
            .check(CheckId::PhoneAddress),
            GuideStep::new(
                "Open the way to the voice network",
                "Firewalls and access lists must let this server connect to the phones.",
            )
            .value("To", &facts.networks)
            .value("Ports", format!("TCP {http} and {https}"))
            .check(CheckId::TcpHttp),
            GuideStep::new(
                "A phone over MRA",
                "A phone that is registered through Expressway has an address that is reached only with a route of its own; its Authentication URL also needs an entry in Expressway-C's HTTP allow list.",
            )
            .menu(&["Expressway-C", "Configuration", "Unified Communications", "HTTP allow list"]),
            GuideStep::new(
                "Restart a phone that takes connections and says nothing",
                "If it takes the connection and never answers, its web server hangs; a restart from CUCM helps.",
            )
            .menu(&["Device", "Phone", &facts.device, "Restart"])
            .check(CheckId::Identity),
        ],
    )
}

pub(super) fn proxy(facts: &Facts) -> Draft {
    Draft::new(
        "What answered is not the phone: a web proxy, a login page of the network, or another device. This program never uses a proxy itself, so that one stands in the way unasked.",
        vec![
            GuideStep::new(
                "Find it",
                "The proof beside the verdict shows what it said of itself: a Via header or the title of its page.",
            )
            .check(CheckId::Identity),
            GuideStep::new(
                "Let this server reach the phones directly",
                "Take the phones' networks out of the transparent proxy, or this server out of it.",
            )
            .value("From", "this server")
            .value("To", &facts.networks)
            .check(CheckId::Identity),
        ],
    )
    .touching(facts.phones)
}
