//! No web connection to the phone (V31, V39, C23, C25, U3).

use super::super::known::Known;
use super::super::step::{End, Part, Proof, Reading, Step};
use super::{
    SEEN, answers_at_all, done, ended, ending, guide, list, refuses, remedy, say, steps, values, warning, wizard,
};
use crate::domain::finding::{CheckId, Port, Sign};

fn silent(k: &Known) -> bool {
    !matches!(answers_at_all(k), Proof::Good(_))
}

fn levels(k: &Known) -> Vec<Part> {
    vec![
        say(
            k,
            "*Web Access* means the phone's own web server, not web pages that the phone may open. Since CUCM 8 it is off unless somebody turns it on.",
        ),
        values(
            k,
            &[
                (
                    "1. This phone",
                    "Device > Phone > {phone} > Product Specific Configuration Layout > Web Access = Enabled",
                ),
                (
                    "2. Its profile",
                    "Device > Device Settings > Common Phone Profile > {profile} > Web Access = Enabled",
                ),
                (
                    "3. The cluster",
                    "System > Enterprise Phone Configuration > Web Access = Enabled",
                ),
            ],
        ),
        steps(
            k,
            &[
                "The first level that is set wins: phone, then profile, then cluster. *Web Access* stands near the bottom of each page.",
                "On the phone's page tick the box beside the value, *Override Common Settings*, or it has no effect.",
                "*Read Only* serves information pages but neither pictures nor keys: it must be *Enabled*.",
                "Press *Save*, then *Apply Config*.",
            ],
        ),
        warning(
            k,
            "A change of the profile touches every phone that has it, often nearly all. Change this phone alone unless you mean all.",
        ),
        remedy("enable-web-access", "Turn on web access for this phone"),
        guide("web-access-in-profile", "Turn on web access in the phone's profile"),
    ]
}

fn firewall(k: &Known) -> Vec<Part> {
    let refused = k.saw(|sign| matches!(sign, Sign::Port(_, Port::Refused)));
    let told = if refused {
        "A port refused at once: the packets arrive, and either the phone's web server is off or a firewall rejects them. Turn on web access first."
    } else {
        "Silence is how a firewall or an access list behaves, or a host that is not there. A phone with its web server off would refuse at once."
    };
    vec![
        say(k, told),
        values(
            k,
            &[
                ("From this server", "to {networks}, TCP 80 and TCP 443"),
                ("From the phones", "to {publisher}, TCP 8080 and TCP 8443"),
            ],
        ),
        list(
            k,
            &[
                "Ask the network people to allow these through firewalls and access lists of the voice VLAN.",
                "Compare from a PC in the voice VLAN: if `http://{address}/` opens there and not here, it is the network.",
                "If addresses are translated between here and the phones, the address that CUCM reports is not the one to reach: control the phone by the translated address.",
            ],
        ),
        guide("phone-network", "Open the way to the phone"),
    ]
}

/// The steps.
pub(in super::super) const STEPS: &[Step] = &[
    Step {
        id: "look",
        title: "How the phone meets us",
        why: "Refused and silent are two different troubles: a refusal comes from the phone, or from a firewall that says so; silence comes from the way between.",
        checks: &[CheckId::TcpHttp, CheckId::TcpHttps, CheckId::Identity],
        body: |k| {
            vec![say(
                k,
                "Sidetone tries both ports of the phone at `{address}` and reads what comes back.",
            )]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "address",
        title: "Whether this is its address",
        why: "A phone that has moved leaves its old address behind, and another device may have it now.",
        checks: &[CheckId::PhoneRegistered, CheckId::PhoneAddress],
        needed: silent,
        proof: |k| k.all_of(&[CheckId::PhoneRegistered, CheckId::PhoneAddress]),
        body: |k| {
            vec![
                steps(
                    k,
                    &[
                        "In CUCM open *Device > Phone*, find `{phone}`, and compare *Status* and *IPv4 Address* with what is shown here.",
                        "On the phone itself: *Settings* or *Applications*, then *Phone information* or *Network setup*.",
                    ],
                ),
                remedy("take-address", "Take the address that CUCM gives now"),
                wizard(k, "no-address", "Go on with: no address known for the phone"),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "levels",
        title: "Web access on three levels",
        why: "The usual cause: web access is off on the phone, in its common phone profile, or for the whole cluster.",
        checks: &[CheckId::WebAccess],
        reading: Some(Reading::Settings),
        needed: silent,
        proof: |k| match k.read(Reading::Settings, "web-access") {
            Some("Enabled") => Proof::Good("CUCM has Web Access as Enabled for this phone.".to_owned()),
            Some(other) => Proof::Bad(format!("CUCM has Web Access as {other} for this phone.")),
            None => Proof::Unknown,
        },
        body: levels,
        end: done("Web Access is Enabled on the level that decides."),
    },
    Step {
        id: "apply",
        title: "Let the phone take it",
        why: "The setting reaches the phone with its configuration. Some phones take it at Apply Config, others only when they start; the web server needs 30 to 60 seconds more.",
        checks: &[CheckId::TcpHttp, CheckId::TcpHttps, CheckId::InCall],
        needed: silent,
        proof: answers_at_all,
        body: |k| {
            vec![
                remedy("apply-configuration", "Make the phone take its configuration"),
                remedy("reset-phone", "Reset the phone"),
                warning(k, "A reset ends a call on this phone. Ask the user first."),
                say(k, "Wait a minute after it is back, then press *Check now*."),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "not-taken",
        title: "Whether it takes configuration at all",
        why: "Enabled in CUCM, applied, and still closed: that is the mark of a phone whose trust list no longer fits. It stays registered and ignores every change.",
        checks: &[CheckId::ConfigurationTaken, CheckId::StatusMessages],
        needed: silent,
        proof: |k| k.proof(CheckId::ConfigurationTaken),
        body: |k| {
            vec![
                say(
                    k,
                    "With its web server closed, the phone's own pages cannot be read from here. Ask the user for the status messages: *Settings* or *Applications*, *Status*, *Status messages*. Look for *Trust List update failed*.",
                ),
                say(
                    k,
                    "Another test: change the phone's line text label in CUCM, apply, and see whether its display follows.",
                ),
                wizard(k, "trust-list-trouble", "Go on with: trust list trouble"),
            ]
        },
        end: done("The phone takes its configuration; this is not it."),
        ..Step::PLAIN
    },
    Step {
        id: "firewall",
        title: "The way between",
        why: "If the web server is on and still nothing comes, something between this server and the voice network drops the packets.",
        checks: &[CheckId::TcpHttp, CheckId::TcpHttps],
        needed: silent,
        proof: answers_at_all,
        body: firewall,
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "proxy",
        title: "Something else answers",
        why: "A web proxy, a login page or another device can answer in the phone's place, often with 403. It must be taken out of the way.",
        checks: &[CheckId::Identity],
        needed: |k| k.saw(|sign| *sign == Sign::ForeignAnswer),
        proof: |k| k.proof(CheckId::Identity),
        body: |k| {
            vec![
                list(
                    k,
                    &[
                        "Sidetone itself never uses a proxy. One in the network catches the connection on its way.",
                        "Let this server reach {networks} directly: an exception in the proxy, or in the firewall that redirects to it.",
                        "A `Via` header or the name on the foreign page tells whose it is.",
                    ],
                ),
                guide("proxy-in-path", "Take the proxy out of the way"),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "end",
        title: "The end",
        why: "A phone that answers may still refuse: then the wizard for that goes on.",
        checks: &[CheckId::Screenshot, CheckId::TcpHttp, CheckId::TcpHttps],
        proof: ended,
        body: |k| {
            let mut parts = ending(k);
            if refuses(k) && !silent(k) {
                let label = "It answers, but refuses: go on with that wizard";
                parts.push(wizard(k, "phone-refuses-control", label));
            }
            parts
        },
        end: End::Last,
        ..Step::PLAIN
    },
];
