//! The picture comes and goes (V50 to V55).

use super::super::known::Known;
use super::super::step::{End, Part, Proof, Reading, Step};
use super::{SEEN, ended, ending, guide, list, phone_page, remedy, say, steps, warning};
use crate::domain::finding::CheckId;

/// How many of the series ended in a way; none before it was run.
fn count(k: &Known, name: &str) -> Option<u32> {
    let seen = k.seen(Reading::Series)?;
    Some(seen.values.get(name).and_then(|text| text.parse().ok()).unwrap_or(0))
}

fn some(k: &Known, name: &str) -> bool {
    count(k, name).is_some_and(|count| count > 0)
}

fn whole(k: &Known) -> bool {
    some(k, "pictures") && count(k, "pictures") == count(k, "asked")
}

/// The series tells the way; it need not be a good one for the wizard to go on.
fn ran(k: &Known) -> Proof {
    if count(k, "asked").is_some() {
        Proof::NotSeen
    } else {
        Proof::Unknown
    }
}

fn again(k: &Known) -> Proof {
    match (count(k, "pictures"), count(k, "asked")) {
        (Some(pictures), Some(asked)) if pictures == asked && asked > 0 => {
            Proof::Good(format!("All {asked} pictures of the newest series came."))
        }
        (Some(pictures), Some(asked)) => {
            Proof::Bad(format!("{pictures} of {asked} pictures of the newest series came."))
        }
        _ => Proof::Unknown,
    }
}

fn cable(k: &Known) -> Vec<Part> {
    vec![
        say(
            k,
            "The phone announces a length and ends the connection early, or stops in the middle.",
        ),
        list(
            k,
            &[
                "Look at the switch port and the phone's *Ethernet* page for errors, and compare speed and duplex on both sides: one side fixed and the other automatic gives exactly this.",
                "A firewall or VPN between that lowers the packet size (MTU) cuts long answers and leaves short ones whole.",
                "A phone that is short of memory does the same: restart it once.",
            ],
        ),
        remedy("restart-phone", "Restart the phone"),
        guide("phone-firmware", "Load the phone's firmware again"),
    ]
}

fn error_3(k: &Known) -> Vec<Part> {
    vec![
        say(
            k,
            "Error 3 is an internal file error of the phone. Neither CUCM nor the network is to blame.",
        ),
        warning(k, "A restart ends a call on this phone. Ask the user first."),
        steps(
            k,
            &[
                "Restart the phone, wait until it is registered, and run the series again.",
                "If it stays: give it its firmware again. In CUCM open *Device > Phone > {phone}*, write an earlier release into *Phone Load Name*, save, reset; when it runs, clear the field, save, reset.",
                "If it still stays: look for the newest firmware of `{model}`, in *Device > Device Settings > Device Defaults* or as the load of this phone alone.",
            ],
        ),
        remedy("restart-phone", "Restart the phone"),
        guide("phone-firmware", "Load the phone's firmware again"),
    ]
}

/// The steps.
pub(in super::super) const STEPS: &[Step] = &[
    Step {
        id: "look",
        title: "How it looks now",
        why: "A picture that fails now and then can have its fault in the phone, in the network, in CUCM, or only in the browser that looked. One look tells which services answer.",
        checks: &[
            CheckId::Screenshot,
            CheckId::AnswerTimes,
            CheckId::CucmLogin,
            CheckId::InCall,
        ],
        body: |k| vec![phone_page(k, "Open the phone's page beside this one")],
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "axl",
        title: "Whether CUCM is the one that fails",
        why: "HTTP 500 or 599 on a page about a phone can come from CUCM: 599 means that it does not speak the AXL version it was asked in. That has nothing to do with the phone.",
        checks: &[CheckId::CucmLogin, CheckId::AuthenticateHttps],
        proof: |k| k.proof(CheckId::CucmLogin),
        body: |k| {
            vec![
                say(
                    k,
                    "Sidetone finds a common AXL version by itself. Every picture also costs CUCM one question of the phone at the authenticate service: a slow publisher makes slow pictures.",
                ),
                guide("axl-service", "Start CUCM's AXL service"),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "series",
        title: "Twenty pictures in a row",
        why: "What comes and goes must be counted. Twenty pictures, one after the other, show how often it fails and in which way.",
        reading: Some(Reading::Series),
        proof: ran,
        body: |k| {
            vec![say(
                k,
                "Press *Check now* to take the series. It takes as long as twenty answers of the phone, at most two minutes, and waits for keys that somebody presses.",
            )]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "truncated",
        title: "Answers that end early",
        why: "The connection worked and the picture was cut short.",
        needed: |k| some(k, "truncated"),
        body: cable,
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "undecodable",
        title: "Answers that are no picture",
        why: "The phone sent something whole that no decoder can read: half a picture with a full length, or another document.",
        needed: |k| some(k, "undecodable"),
        body: |k| {
            vec![
                say(
                    k,
                    "That happens while the phone redraws its screen, and on some loads lastingly. The evidence above has the first bytes.",
                ),
                remedy("restart-phone", "Restart the phone"),
                guide("phone-firmware", "Load the phone's firmware again"),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "error-3",
        title: "Error 3: the phone's own fault",
        why: "The phone itself says that it cannot make or read its file.",
        needed: |k| some(k, "error-3"),
        body: error_3,
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "refused",
        title: "Refused now and then",
        why: "A phone that obeys once and refuses the next time asks two different servers, or one that does not always answer.",
        checks: &[CheckId::UrlInForce, CheckId::UrlAnswer, CheckId::AuthenticateHttps],
        needed: |k| some(k, "refused"),
        proof: |k| k.all_of(&[CheckId::UrlInForce, CheckId::UrlAnswer]),
        body: |k| {
            vec![
                say(
                    k,
                    "A host name of the Authentication URL with two addresses, of which one is dead, does this; so does a busy publisher.",
                ),
                guide("authenticate-service", "Bring CUCM's authenticate service back"),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "slow",
        title: "Answers that come too late",
        why: "A phone in a call, during an upgrade, or behind a thin line needs longer than the limit.",
        checks: &[CheckId::AnswerTimes, CheckId::InCall],
        needed: |k| some(k, "silent"),
        proof: |k| k.all_of(&[CheckId::AnswerTimes, CheckId::InCall]),
        body: |k| {
            vec![
                list(
                    k,
                    &[
                        "If the phone is in a call, wait for its end and run the series again.",
                        "If several people or walls look at it, they share one watch: that is not the cause.",
                        "If all phones of a site are slow, it is the line to the site.",
                    ],
                ),
                remedy("restart-phone", "Restart the phone"),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "browser",
        title: "The browser left",
        why: "If every picture of the series came, the phone is well. Then what failed was the way from this server to the browser.",
        needed: whole,
        body: |k| {
            vec![list(
                k,
                &[
                    "A message about an aborted connection or a write error only means that a browser closed or went elsewhere.",
                    "A proxy between the browser and this server must let WebSockets through: the phone's page then says *live*.",
                    "If it fails at certain hours, come back then and run the series: the run stays here.",
                ],
            )]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "again",
        title: "The series once more",
        why: "Only a whole series after the change shows that it helped.",
        reading: Some(Reading::Series),
        proof: again,
        body: |k| vec![say(k, "Press *Check now* after whatever was changed has taken effect.")],
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "end",
        title: "The end",
        why: "Twenty of twenty is well. Less is for the phone's maker, with the evidence.",
        reading: Some(Reading::Series),
        checks: &[CheckId::Screenshot],
        proof: ended,
        body: ending,
        end: End::Last,
        ..Step::PLAIN
    },
];
