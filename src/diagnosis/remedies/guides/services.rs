//! Services of CUCM.

use super::super::types::GuideStep;
use super::Draft;
use super::facts::Facts;
use crate::domain::finding::CheckId;

const FEATURES: [&str; 3] = [
    "Cisco Unified Serviceability",
    "Tools",
    "Control Center - Feature Services",
];
const NETWORK: [&str; 3] = [
    "Cisco Unified Serviceability",
    "Tools",
    "Control Center - Network Services",
];

pub(super) fn tls_level(facts: &Facts) -> Draft {
    Draft::new(
        "CUCM before 11.5(1)SU3 offers only TLS 1.0, which this program does not speak.",
        vec![
            GuideStep::new(
                "Upgrade CUCM",
                "11.5(1)SU3 and later speak TLS 1.2. There is no way round it here: an older TLS would expose the login.",
            )
            .value("Host", &facts.host)
            .check(CheckId::CucmTls),
            GuideStep::new(
                "See what the least version is",
                "On the command line of a newer CUCM the least version is shown so. Raising it to 1.2 locks out the https services of old phones (79xx, 89xx, 99xx).",
            )
            .value("Command", "show tls min-version"),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn axl(facts: &Facts) -> Draft {
    Draft::new(
        "AXL is the service by which CUCM's configuration is read and changed.",
        vec![
            GuideStep::new(
                "Start it",
                format!(
                    "Choose the server {}, find Cisco AXL Web Service under Database and Admin Services, and start it.",
                    facts.host
                ),
            )
            .menu(&FEATURES)
            .value("Cisco AXL Web Service", "Started, Activated")
            .check(CheckId::CucmLogin),
            GuideStep::new(
                "If it does not start, activate it",
                "Tick Cisco AXL Web Service on the publisher and save.",
            )
            .menu(&["Cisco Unified Serviceability", "Tools", "Service Activation"])
            .check(CheckId::CucmLogin),
            GuideStep::new(
                "If it answers 503 for long",
                "Too many change notifications wait on a node: look at the database replication, and wait.",
            )
            .value("Command", "utils dbreplication runtimestate")
            .check(CheckId::CucmLogin),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn ris(facts: &Facts) -> Draft {
    Draft::new(
        "RIS tells which phones are registered, and at which address.",
        vec![
            GuideStep::new(
                "Start the collector",
                format!(
                    "Choose the server {}, and start the service under Performance and Monitoring.",
                    facts.host
                ),
            )
            .menu(&NETWORK)
            .value("Cisco RIS Data Collector", "Running")
            .check(CheckId::CucmRis),
            GuideStep::new(
                "Start its interface",
                "The service stands under SOAP Services on the same page.",
            )
            .menu(&NETWORK)
            .value("SOAP -Real-Time Service APIs", "Running")
            .check(CheckId::CucmRis),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn ris_quota(facts: &Facts) -> Draft {
    Draft::new(
        "All programs of a cluster share one limit of RIS queries a minute: 15 as installed, 18 at most.",
        vec![
            GuideStep::new(
                "Wait a minute",
                "The limit counts anew each minute; this program leaves room for people by itself.",
            )
            .check(CheckId::CucmRis),
            GuideStep::new("Raise it", "Find the parameter and raise it; nothing is restarted.")
                .menu(&["System", "Enterprise Parameters"])
                .value("Allowed Device Queries Per Minute", "18")
                .check(CheckId::CucmRis),
            GuideStep::new(
                "Find who uses it up",
                "The files ratecontrol in tomcat/logs/soap/csv tell which program asks how often.",
            )
            .value("Command", "file list activelog tomcat/logs/soap/csv ratecontrol*"),
        ],
    )
    .touching(facts.phones)
}

pub(super) fn authenticate(facts: &Facts) -> Draft {
    Draft::new(
        "Before it obeys, a phone asks the authenticate service of the publisher; while that is down no phone obeys anybody.",
        vec![
            GuideStep::new(
                "See whether it answers",
                "Both must answer: one word, without a page around it.",
            )
            .value("https", format!("https://{}:{}/ccmcip/authenticate.jsp", facts.host, facts.port))
            .value("http", format!("http://{}:{}/ccmcip/authenticate.jsp", facts.host, facts.authentication_http_port))
            .check(CheckId::AuthenticateHttps),
            GuideStep::new(
                "Start the service of IP phones",
                "Cisco CallManager Cisco IP Phone Services stands under CM Services.",
            )
            .menu(&NETWORK)
            .value("Cisco CallManager Cisco IP Phone Services", "Running")
            .check(CheckId::AuthenticateHttps),
            GuideStep::new(
                "Restart Tomcat on the publisher",
                "Out of hours, as the administration pages and AXL are away for some minutes.",
            )
            .value("Command", "utils service restart Cisco Tomcat")
            .warning("Nobody can administer CUCM meanwhile, and Extension Mobility stops.")
            .check(CheckId::AuthenticateHttp),
        ],
    )
    .touching(facts.phones)
}
