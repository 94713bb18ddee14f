//! 79xx "Auth Fail" firmware recovery (A1 to A9, phone-xml-api.md 8).

use super::super::known::Known;
use super::super::loads;
use super::super::step::{End, Part, Pick, Proof, Reading, Step};
use super::{
    SEEN, auth_fail_bench as bench, auth_fail_cluster as cluster, list, phone_page, say, values, warning, wizard,
};
use crate::domain::firmware::is_before_compulsory;
use crate::domain::phone::RegistrationStatus;

const fn model(value: &'static str, hint: &'static str) -> Pick {
    Pick {
        value,
        label: value,
        hint,
    }
}

const MODELS: &[Pick] = &[
    model("7906", loads::PACKAGES[0].zip),
    model("7911", loads::PACKAGES[0].zip),
    model("7941", loads::PACKAGES[1].zip),
    model("7961", loads::PACKAGES[1].zip),
    model("7941G-GE", loads::PACKAGES[1].zip),
    model("7961G-GE", loads::PACKAGES[1].zip),
    model("7942", loads::PACKAGES[2].zip),
    model("7962", loads::PACKAGES[2].zip),
    model("7945", loads::PACKAGES[3].zip),
    model("7965", loads::PACKAGES[3].zip),
    model("7970", loads::PACKAGES[4].zip),
    model("7971", loads::PACKAGES[4].zip),
    model("7975", loads::PACKAGES[5].zip),
];

const ROUTES: &[Pick] = &[
    Pick {
        value: "cluster",
        label: "By the cluster",
        hint: "The phone still registers, or at least reaches the cluster's TFTP server. No tools needed; takes an admin of CUCM and ten minutes.",
    },
    Pick {
        value: "bench",
        label: "On a bench",
        hint: "The phone is in hand and no longer comes up on the production network. Takes a switch, a DHCP server and a TFTP server of its own.",
    },
];

fn symptom(k: &Known) -> Vec<Part> {
    let running = k.read(Reading::Registration, "load");
    let running = running.map_or_else(|| k.value("load"), str::to_owned);
    let told = match is_before_compulsory(&running) {
        Some(true) => "The load it runs, `{load}`, is older than 8.5(2): this is the wizard for it.",
        Some(false) => {
            "The load it runs, `{load}`, is 8.5(2) or later: it is past the change of keys. If it still shows *Auth Fail*, its trust list is the suspect."
        }
        None => {
            "No load is known for this phone. The phone's own screen shows it: *Settings > Model Information > Load File*."
        }
    };
    vec![
        say(k, told),
        list(
            k,
            &[
                "The sign: during an upgrade the phone flashes *Auth Fail* and stays on its old load.",
                "The cause: 8.5(2)SR1 and every later load is signed with a new key, which loads before 8.5(2) do not know. 8.5(2) itself knows both: it is a compulsory step.",
                "After a factory reset such a phone does not let you enter an alternate TFTP server any more: do not reset it before a TFTP server is ready.",
            ],
        ),
        warning(
            k,
            "A trust list of another cluster gives similar words. If the phone was on another CUCM 8 or later, delete its list first.",
        ),
        wizard(k, "trust-list-trouble", "Trust list trouble"),
    ]
}

/// Whether the phone came back with a load that knows the new key.
pub(super) fn through(k: &Known) -> Proof {
    let registered = k.read(Reading::Back, "status") == Some(RegistrationStatus::Registered.as_str());
    let load = k.read(Reading::Back, "load").unwrap_or_default();
    if registered && loads::is_past(load) {
        return Proof::Good(format!("Registered with {load}, which is 8.5(2) or later."));
    }
    match k.seen(Reading::Back) {
        Some(_) if registered => Proof::Bad(format!("Registered, still with {load}.")),
        Some(_) => Proof::Bad("Not registered yet.".to_owned()),
        None => Proof::Unknown,
    }
}

/// The steps.
pub(in super::super) const STEPS: &[Step] = &[
    Step {
        id: "model",
        title: "Which phone it is",
        why: "Each family has its own package, and a wrong one is refused by the phone.",
        body: |k| match k.old_as_known() {
            Some(old) => vec![
                say(k, "CUCM knows {phone} as `{model}`."),
                values(
                    k,
                    &[
                        ("Package", old.package.zip),
                        ("Load", old.package.load),
                        ("It asks first for", old.first_file),
                    ],
                ),
            ],
            None => vec![warning(
                k,
                "CUCM knows {phone} as `{model}`, which is none of the families that this strikes. Choose the model printed on the phone only if CUCM is wrong.",
            )],
        },
        end: End::Choose(MODELS),
        ..Step::PLAIN
    },
    Step {
        id: "symptom",
        title: "Whether this is the trouble",
        why: "Firmware recovery is a long way round for a phone that only has a wrong trust list.",
        reading: Some(Reading::Registration),
        body: symptom,
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "route",
        title: "The way",
        why: "By the cluster is shorter and safer, as long as the phone still reaches it.",
        body: |k| {
            vec![say(
                k,
                "Both ways load 8.5(2) on this one phone, watch it come back, and then let it take the load of today.",
            )]
        },
        end: End::Choose(ROUTES),
        ..Step::PLAIN
    },
    cluster::UPLOAD,
    cluster::RESTART_TFTP,
    cluster::DEFAULTS,
    cluster::SET_LOAD,
    cluster::RESET,
    bench::KIT,
    bench::ADDRESSES,
    bench::DHCP,
    bench::TFTP,
    bench::PLUG,
    bench::FACTORY,
    bench::WIPE,
    bench::MOVE,
    Step {
        id: "back",
        title: "Watch it come back",
        why: "The phone loads, restarts, loads again and registers. Only its active load, as CUCM's registration service tells it, proves that it is through.",
        reading: Some(Reading::Back),
        proof: through,
        body: |k| {
            vec![
                values(
                    k,
                    &[("Waited for", "{target-load}, or anything later"), ("Before", "{load}")],
                ),
                say(
                    k,
                    "Sidetone asks every ten seconds while this page is open. A 79xx takes five to fifteen minutes. If nothing happens for twenty, look at the TFTP server's log: which file did the phone ask for last?",
                ),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    cluster::CLEAR_LOAD,
    Step {
        id: "end",
        title: "The end",
        why: "The phone runs a load that knows the new key; it takes every later one by itself.",
        reading: Some(Reading::Back),
        body: |k| {
            vec![
                say(k, "{phone} can take the load of today: its next reset is enough."),
                phone_page(k, "Open the phone"),
            ]
        },
        end: End::Last,
        ..Step::PLAIN
    },
];
