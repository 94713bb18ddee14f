//! No address known for the phone (V30, V4).

use super::super::known::Known;
use super::super::step::{End, Part, Pick, Proof, Reading, Step};
use super::{SEEN, done, ended, ending, guide, remedy, say, steps, values};
use crate::domain::finding::{CheckId, Sign};

const COMPARED: &[Pick] = &[
    Pick {
        value: "address",
        label: "CUCM shows an address",
        hint: "Then RIS should tell it too: the next step looks at the service.",
    },
    Pick {
        value: "none",
        label: "CUCM shows None or Unregistered",
        hint: "Then there is nothing to read: the phone must register first, or be controlled by its address.",
    },
    Pick {
        value: "unknown",
        label: "CUCM does not find the phone",
        hint: "It is in another cluster, or was deleted.",
    },
];

fn has_address(k: &Known) -> bool {
    k.saw(|sign| matches!(sign, Sign::Address(_))) || k.phone.as_ref().is_some_and(|phone| phone.address.is_some())
}

fn lacks_address(k: &Known) -> bool {
    !has_address(k)
}

fn address_proof(k: &Known) -> Proof {
    match k.proof(CheckId::PhoneAddress) {
        Proof::Unknown if has_address(k) => Proof::Good(k.words("{phone} is known at {address}.").plain()),
        other => other,
    }
}

fn last_known(k: &Known) -> Proof {
    match k.read(Reading::Registration, "last-address") {
        Some(address) => Proof::Bad(format!("CUCM's database has {address}. Take it, then check again.")),
        None => Proof::Unknown,
    }
}

/// The steps.
pub(in super::super) const STEPS: &[Step] = &[
    Step {
        id: "look",
        title: "What CUCM knows of the phone",
        why: "Addresses come from CUCM's registration service (RIS). A phone without one is usually not registered, or has not finished registering.",
        checks: &[CheckId::PhoneKnown, CheckId::PhoneRegistered, CheckId::PhoneAddress],
        reading: Some(Reading::Registration),
        body: |k| {
            vec![say(
                k,
                "Sidetone asks RIS for `{phone}`, and CUCM's database for where it saw the phone last.",
            )]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "registered",
        title: "Whether it is registered",
        why: "No registration, no address. The reason that CUCM gives says where to look.",
        checks: &[CheckId::PhoneRegistered],
        needed: lacks_address,
        proof: |k| k.proof(CheckId::PhoneRegistered),
        body: |k| {
            vec![
                steps(
                    k,
                    &[
                        "Ask the user what the phone shows: dark (power, PoE, cable), *Registering* or *Connecting* (network, TFTP, CUCM), *Registration rejected* (not in CUCM), or its lines.",
                        "Look at the switch port: link, PoE, voice VLAN.",
                        "In CUCM open *Device > Phone > {phone}* and read *Registration* and *IPv4 Address* at the top.",
                        "A phone that is registering needs a minute: press *Check now*.",
                    ],
                ),
                guide("registration", "Bring the phone back to its registration"),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "compare",
        title: "Compare with CUCM's own page",
        why: "If CUCM's page shows an address and Sidetone does not get it, the service in between is the suspect.",
        needed: lacks_address,
        body: |k| {
            vec![steps(
                k,
                &[
                    "In Cisco Unified CM Administration open *Device > Phone*, choose *Device Name* *begins with* `{phone}` and press *Find*.",
                    "Read the columns *Status* and *IPv4 Address*.",
                ],
            )]
        },
        end: End::Choose(COMPARED),
        ..Step::PLAIN
    },
    Step {
        id: "ris",
        title: "The registration service",
        why: "RIS tells programs what the page tells people. It rarely fails; when it does, it is stopped, out of quota, or the CUCM login may not use it.",
        checks: &[CheckId::CucmRis],
        needed: |k| lacks_address(k) && k.choice("compare") == "address",
        proof: |k| k.proof(CheckId::CucmRis),
        body: |k| {
            vec![
                steps(
                    k,
                    &[
                        "Open *Cisco Unified Serviceability > Tools > Control Center - Network Services* on every node: *Cisco RIS Data Collector* must run. Restart it if it does.",
                        "On the publisher, same page: *SOAP - Real-Time Service APIs* must run.",
                        "The application user `{cucm-user}` needs the role *Standard SERVICEABILITY* or *Standard RealtimeAndTraceCollection*; the group *Standard CCM Server Monitoring* gives it.",
                        "All programs share one limit: *System > Enterprise Parameters > Allowed Device Queries Per Minute*.",
                    ],
                ),
                guide("ris-service", "Start CUCM's RIS service"),
                guide("ris-quota", "Make room in CUCM's limit of RIS queries"),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "last-known",
        title: "Where CUCM saw it last",
        why: "CUCM's database keeps the last address of a phone, also while RIS is silent. It may be old: who answers there is proved before anything is sent.",
        reading: Some(Reading::Registration),
        needed: lacks_address,
        proof: last_known,
        body: |k| {
            vec![
                remedy("take-address", "Take the address that CUCM gives now"),
                say(
                    k,
                    "If nothing is known here either, go on: you can type the address yourself.",
                ),
            ]
        },
        end: done("CUCM has no last address."),
        ..Step::PLAIN
    },
    Step {
        id: "by-address",
        title: "Control it by its address",
        why: "A phone with its web server on can be controlled without CUCM's help, if somebody reads its address off.",
        checks: &[CheckId::PhoneAddress],
        needed: lacks_address,
        proof: address_proof,
        body: |k| {
            vec![
                steps(
                    k,
                    &[
                        "Ask the user to press *Settings* or *Applications*, then *Phone information*; on older phones *Network Configuration*, *IP Address*.",
                        "Or take it from the DHCP server's lease for the phone's MAC: the twelve digits after `SEP` in `{phone}`.",
                        "Type it into *Control by address*. It must be inside the cluster's phone networks.",
                    ],
                ),
                values(k, &[("Phone networks", "{networks}")]),
                remedy("control-by-address", "Control it by its address"),
                Part::Link {
                    href: "/phones#by-address".to_owned(),
                    label: "Type an address on the list of phones".to_owned(),
                },
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "end",
        title: "The end",
        why: "With an address the phone can be asked for its picture.",
        checks: &[CheckId::PhoneAddress, CheckId::Screenshot],
        proof: ended,
        body: ending,
        end: End::Last,
        ..Step::PLAIN
    },
];
