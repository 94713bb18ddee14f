//! Trust list trouble (U1 to U7, U13, C13, C14, phone-xml-api.md 7).

use super::super::known::Known;
use super::super::step::{End, Part, Pick, Proof, Reading, Step};
use super::{SEEN, done, ended, ending, guide, list, say, steps, trust_list_ways as ways, values, warning};
use crate::domain::cause::Cause;
use crate::domain::finding::CheckId;

const WAYS: &[Pick] = &[
    Pick {
        value: "command",
        label: "CUCM signs the list anew: many phones at once",
        hint: "utils itl reset on the publisher, CUCM 10.0(1) and later. Works for locked phones too. Out of hours, and not for phones that moved from another cluster.",
    },
    Pick {
        value: "menu",
        label: "By the phone's menu: one phone, with its user or by its keys from here",
        hint: "Needs settings access as the phone has it now: Enabled.",
    },
    Pick {
        value: "ssh",
        label: "By SSH: one phone whose web server is off",
        hint: "Needs SSH access, set before the trouble began. Not on 7900 phones.",
    },
    Pick {
        value: "factory",
        label: "By a factory reset: one phone, in hand",
        hint: "Works always, also with locked settings. The phone loses its own settings and starts from nothing.",
    },
    Pick {
        value: "http",
        label: "Leave the list, use an http Authentication URL",
        hint: "Control works again on phones that still take configuration. Passwords then cross the voice network in clear.",
    },
];

fn settings(k: &Known) -> Vec<Part> {
    vec![
        say(
            k,
            "Deleting the list from afar takes the phone's menu, and the menu must be open. What counts is what the phone has, not what CUCM says now: a phone that no longer takes configuration keeps the level it had before the trouble.",
        ),
        values(
            k,
            &[
                (
                    "This phone",
                    "Device > Phone > {phone} > Product Specific Configuration Layout > Settings Access = Enabled",
                ),
                (
                    "Its profile",
                    "Device > Device Settings > Common Phone Profile > {profile} > Settings Access",
                ),
            ],
        ),
        list(
            k,
            &[
                "*Enabled* before the trouble: the menu works. Note the level, to restore it afterwards.",
                "*Restricted* or *Disabled* before the trouble: no remote deletion is possible. Only `utils itl reset` or a factory reset helps; go on and choose one of these.",
            ],
        ),
        guide(
            "settings-access-before-upgrade",
            "Open settings access before an upgrade",
        ),
    ]
}

fn after(k: &Known) -> Proof {
    if k.obeys() && !k.blames(&[Cause::TrustListBroken]) {
        return Proof::Good(
            k.words("{phone} obeys, and nothing speaks of a failed trust list.")
                .plain(),
        );
    }
    match k.all_of(&[CheckId::StatusMessages, CheckId::ConfigurationTaken]) {
        Proof::Good(_) if k.blames(&[Cause::TrustListBroken, Cause::SettingsAccessLocked]) => Proof::Unknown,
        other => other,
    }
}

/// The steps.
pub(in super::super) const STEPS: &[Step] = &[
    Step {
        id: "look",
        title: "What speaks for it",
        why: "CUCM does not show trust lists. Three things tell: the phone's status messages, changes in CUCM that the phone does not follow, and an https Authentication URL where CUCM says yes and the phone says no.",
        checks: &[
            CheckId::StatusMessages,
            CheckId::TrustHash,
            CheckId::ConfigurationTaken,
            CheckId::UrlInForce,
        ],
        reading: Some(Reading::PhonePages),
        body: |k| {
            vec![
                say(
                    k,
                    "Messages to look for: *Trust List update failed*, *verification failure*. `File Not Found <CTLFile.tlv>` is harmless: the cluster is not in mixed mode.",
                ),
                say(
                    k,
                    "If many phones show this since one day, compare the day with the last change of certificates: *Cisco Unified OS Administration > Security > Certificate Management*, *CallManager* and *TVS*.",
                ),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "settings-access",
        title: "Settings access first",
        why: "If settings access was Restricted or Disabled before the trouble began, the list cannot be deleted through the menu. Better known now than after ten minutes of keys.",
        checks: &[CheckId::SettingsAccess],
        reading: Some(Reading::Settings),
        proof: |k| k.proof(CheckId::SettingsAccess),
        body: settings,
        end: done("Settings access was Enabled on this phone before the trouble."),
        ..Step::PLAIN
    },
    Step {
        id: "way",
        title: "The way to a fitting list",
        why: "Which way is right depends on how many phones are struck, whether somebody stands at them, and what they still allow.",
        body: |k| {
            vec![
                say(
                    k,
                    "A deleted list comes back by itself: at its next start the phone takes the cluster's list of now. It needs to be done again after the next change of certificates that is made without preparation.",
                ),
                warning(
                    k,
                    "If this phone came from another cluster, deleting its list is right, and `utils itl reset` is not.",
                ),
            ]
        },
        end: End::Choose(WAYS),
        ..Step::PLAIN
    },
    ways::COMMAND,
    ways::MENU,
    ways::SSH,
    ways::FACTORY,
    ways::HTTP,
    Step {
        id: "after",
        title: "Whether the list fits now",
        why: "A time-out or a restart proves nothing. The phone must be back, its messages must say that a list was installed, and it must take configuration again.",
        checks: &[
            CheckId::StatusMessages,
            CheckId::TrustHash,
            CheckId::ConfigurationTaken,
            CheckId::Screenshot,
        ],
        reading: Some(Reading::PhonePages),
        proof: after,
        body: |k| {
            vec![steps(
                k,
                &[
                    "Wait until the phone is registered again, one to three minutes.",
                    "Press *Check now*. Good signs: *ITL installed*, *CTL and ITL installed* or *Trust List updated* as the newest message, and a hash other than before.",
                    "Change something visible in CUCM, such as the line text label, apply, and see whether the display follows.",
                ],
            )]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "restore",
        title: "Put back what was opened",
        why: "Settings access, SSH and the Authentication URL were opened for this. What is not put back stays open.",
        body: |k| {
            vec![list(
                k,
                &[
                    "*Settings Access* to the level that you noted.",
                    "*SSH Access* to Disabled, and the *Secure Shell User* and *Password* cleared.",
                    "The device's own Authentication URL cleared, if one was set only for this.",
                ],
            )]
        },
        end: done("What was opened is as it was before."),
        ..Step::PLAIN
    },
    Step {
        id: "end",
        title: "The end",
        why: "A phone with a fitting list takes its configuration and obeys.",
        checks: &[CheckId::Screenshot, CheckId::ConfigurationTaken],
        proof: ended,
        body: ending,
        end: End::Last,
        ..Step::PLAIN
    },
];
