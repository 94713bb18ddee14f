//! The Authentication URL belongs to another server (V40 to V43, C20, C22).

use super::super::known::Known;
use super::super::step::{End, Part, Pick, Proof, Reading, Step};
use super::{SEEN, cluster_page, done, ended, ending, guide, list, refuses, remedy, say, steps, values, warning};
use crate::domain::finding::{CheckId, Sign};

const OWNERS: &[Pick] = &[
    Pick {
        value: "informacast",
        label: "InformaCast (Singlewire)",
        hint: "http://SERVER:8081/InformaCast/phone/auth/…",
    },
    Pick {
        value: "synapps",
        label: "SA-Announce (SynApps)",
        hint: "Its own user, by default SynApps; unknown users are passed on to the publisher.",
    },
    Pick {
        value: "other",
        label: "Another product that we use",
        hint: "A paging, door or recording server that phones must obey.",
    },
    Pick {
        value: "mra",
        label: "Ours, but the phone is outside (Expressway, MRA)",
        hint: "The URL is CUCM's, and the phone comes through Expressway-C.",
    },
    Pick {
        value: "mistake",
        label: "Nobody's: it should be CUCM",
        hint: "An old publisher, a server that is gone, or a typing error.",
    },
];

fn whose(k: &Known, owners: &[&str]) -> bool {
    owners.contains(&k.choice("whose"))
}

fn ours(k: &Known) -> Proof {
    if k.saw(|sign| matches!(sign, Sign::UrlThirdParty(_))) {
        return match k.proof(CheckId::UrlHost) {
            Proof::Bad(sentence) | Proof::Good(sentence) => Proof::Bad(sentence),
            other => other,
        };
    }
    k.all_of(&[CheckId::UrlHost, CheckId::UrlAnswer])
}

fn back_to_cucm(k: &Known) -> Vec<Part> {
    vec![
        values(
            k,
            &[
                ("CUCM 8 and later, secure", "{auth-https}"),
                ("CUCM 7, or where trust lists fail", "{auth-http}"),
            ],
        ),
        steps(
            k,
            &[
                "In Cisco Unified CM Administration open *System > Enterprise Parameters*.",
                "Write the first into *Secured Authentication URL* (section *Secured Phone URL Parameters*), the second into *URL Authentication* (section *Phone URL Parameters*). Keep the case of the path.",
                "*Save*, then *Apply Config*.",
                "Look at the phone's own fields too: *Device > Phone > {phone} > External Data Locations Information*. They win over the cluster's.",
            ],
        ),
        warning(
            k,
            "Whatever product used the old URL will no longer be obeyed by phones that take the new one.",
        ),
        remedy(
            "set-authentication-url",
            "Give this phone an Authentication URL that works",
        ),
        remedy("clear-authentication-url", "Clear the phone's own Authentication URL"),
        guide(
            "enterprise-authentication-url",
            "Put an address into the cluster's Authentication URL",
        ),
    ]
}

/// The steps.
pub(in super::super) const STEPS: &[Step] = &[
    Step {
        id: "look",
        title: "Whom the phone asks",
        why: "A phone asks one server whom to obey. If that is no node of the cluster, CUCM's controlled devices do not decide any more.",
        checks: &[CheckId::UrlInForce, CheckId::UrlHost, CheckId::UrlAnswer],
        reading: Some(Reading::Urls),
        body: |k| {
            vec![
                say(k, "The first that is set wins:"),
                steps(
                    k,
                    &[
                        "the phone's own *Secure Authentication URL*",
                        "the phone's own *Authentication Server*",
                        "the cluster's *Secured Authentication URL*",
                        "the cluster's *URL Authentication*",
                    ],
                ),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "whose",
        title: "Whose server it is",
        why: "What to do depends on whether somebody needs that server to be asked.",
        body: |k| {
            vec![say(
                k,
                "Compare the host in the rows above with your paging servers before you choose.",
            )]
        },
        checks: &[CheckId::UrlInForce],
        end: End::Choose(OWNERS),
        ..Step::PLAIN
    },
    Step {
        id: "informacast",
        title: "Living with InformaCast",
        why: "InformaCast must own the URL so that its broadcasts are obeyed. It knows its own user; others it sends on to CUCM by a redirect.",
        needed: |k| whose(k, &["informacast"]),
        body: |k| {
            vec![
                values(
                    k,
                    &[(
                        "Its URL",
                        "http://SERVER:8081/InformaCast/phone/auth/?userid=…&deviceName=SEP…&password=…",
                    )],
                ),
                list(
                    k,
                    &[
                        "It must be given by address and with its path. The redirect to CUCM is set in InformaCast itself.",
                        "Newer phones drop the parameters at a redirect. For them only InformaCast's own user works: use it as the control login here.",
                        "InformaCast can also use JTAPI in place of the URL. Then the URL can go back to CUCM.",
                    ],
                ),
            ]
        },
        end: done("InformaCast is set up in one of these ways."),
        ..Step::PLAIN
    },
    Step {
        id: "synapps",
        title: "Living with SA-Announce",
        why: "SA-Announce answers for its own user and passes every other one on to the publisher itself, without a redirect. Often nothing needs to be changed.",
        needed: |k| whose(k, &["synapps"]),
        body: |k| {
            vec![list(
                k,
                &[
                    "Try first without a change: the phone in the controlled devices of `{user}`, and the step after the next.",
                    "If it refuses, use SA-Announce's user as the control login: by default `SynApps`, with the password that was set there.",
                    "See that SA-Announce has the right publisher: `{publisher}`.",
                ],
            )]
        },
        end: done("SA-Announce is set up in one of these ways."),
        ..Step::PLAIN
    },
    Step {
        id: "own-login",
        title: "A control login that this server knows",
        why: "The server at the URL decides whom phones obey. A login of its own for phone control, beside the CUCM login, is what paging servers need.",
        checks: &[CheckId::ControlLogin, CheckId::Screenshot],
        needed: |k| refuses(k) && whose(k, &["informacast", "synapps", "other"]),
        proof: Known::proof_by_picture,
        body: |k| {
            vec![
                values(k, &[("Control login now", "{user}"), ("Cluster", "{cluster}")]),
                list(
                    k,
                    &[
                        "CUCM may not know this user: then CUCM's own answer about it counts for nothing here.",
                        "Both name and password are case-sensitive.",
                    ],
                ),
                remedy("separate-control-login", "Control phones with a login of its own"),
                cluster_page(k, "Open the cluster's settings"),
                guide(
                    "third-party-server",
                    "Live with an Authentication URL of another server",
                ),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "mra",
        title: "Through Expressway",
        why: "A phone outside asks through Expressway-C. A URL that is not https needs an entry there, and this server must reach the phone itself.",
        needed: |k| whose(k, &["mra"]),
        body: |k| {
            vec![
                steps(
                    k,
                    &[
                        "On Expressway-C open *Configuration > Unified Communications > HTTP allow list* and add the host and port of the Authentication URL, or give phones an https URL.",
                        "The address that CUCM shows for such a phone may be Expressway's. This server needs a route to the phone's real address.",
                    ],
                ),
                remedy("control-by-address", "Control it by its address"),
            ]
        },
        end: done("Expressway lets the URL through, and the phone can be reached."),
        ..Step::PLAIN
    },
    Step {
        id: "back",
        title: "Point the URL back to CUCM",
        why: "If nobody needs the other server, phones should ask the cluster that they belong to.",
        checks: &[CheckId::UrlInForce, CheckId::UrlHost, CheckId::UrlAnswer],
        reading: Some(Reading::Urls),
        needed: |k| whose(k, &["mistake"]),
        proof: ours,
        body: back_to_cucm,
        end: SEEN,
    },
    Step {
        id: "reset",
        title: "Reset the phone",
        why: "A phone reads its URLs when it starts. One test phone first, then the others.",
        checks: &[CheckId::Screenshot, CheckId::InCall],
        needed: refuses,
        proof: Known::proof_by_picture,
        body: |k| {
            vec![
                warning(k, "A reset ends a call on this phone. Ask the user first."),
                remedy("reset-phone", "Reset the phone"),
                say(k, "When it is back, about a minute later, press *Check now*."),
            ]
        },
        end: done("The phone was reset, or no URL was changed."),
        ..Step::PLAIN
    },
    Step {
        id: "end",
        title: "The end",
        why: "The phone's own answer decides.",
        checks: &[CheckId::Screenshot, CheckId::UrlAnswer],
        proof: ended,
        body: ending,
        end: End::Last,
        ..Step::PLAIN
    },
];
