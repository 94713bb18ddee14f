//! The way on a bench (A3 to A6): a switch of its own, DHCP with option 150, TFTP with the files of 8.5(2).

use super::super::dhcp::{self, Form};
use super::super::known::Known;
use super::super::step::{End, Field, Part, Pick, Proof, Reading, Step};
use super::{danger, list, must, say, steps, values, warning};

const FIELDS: &[Field] = &[
    Field {
        name: "router",
        label: "Gateway",
        hint: "The bench router, or the machine that gives out addresses.",
        value: "10.1.1.1",
    },
    Field {
        name: "prefix",
        label: "Network length",
        hint: "Such as /24, or a mask.",
        value: "/24",
    },
    Field {
        name: "tftp",
        label: "TFTP server",
        hint: "The PC with the unzipped files; option 150.",
        value: "10.1.1.2",
    },
    Field {
        name: "first",
        label: "First address to give out",
        hint: "Outside gateway and TFTP server.",
        value: "10.1.1.10",
    },
    Field {
        name: "last",
        label: "Last address to give out",
        hint: "In the same network.",
        value: "10.1.1.254",
    },
];

const PLUGGED: &[Pick] = &[
    Pick {
        value: "loads",
        label: "It loads: the TFTP server's log shows file after file",
        hint: "Leave it alone until it has restarted and shows Registering.",
    },
    Pick {
        value: "stays",
        label: "It does not ask the TFTP server, or still shows Auth Fail",
        hint: "Then it must forget what it knows: the next step.",
    },
];

const RESET: &[Pick] = &[
    Pick {
        value: "loads",
        label: "It loads now",
        hint: "Leave it alone until it has restarted and shows Registering.",
    },
    Pick {
        value: "stays",
        label: "It still does not",
        hint: "Then the last resort is left.",
    },
];

fn on_bench(k: &Known) -> bool {
    k.choice("route") == "bench"
}

/// What the server said, when it was asked for the file of today's answers.
fn served(k: &Known) -> Proof {
    let asked = |name: &str, value: &str| k.read(Reading::Tftp, name) == Some(k.value(value).as_str());
    if !asked("server", "tftp") || !asked("file", "first-file") {
        return Proof::Unknown;
    }
    match k.read(Reading::Tftp, "served") {
        Some("yes") => Proof::Good(k.words("{tftp} serves {first-file}.").plain()),
        Some("no") => Proof::Bad(k.words("{tftp} answers, but has no {first-file}.").plain()),
        _ => Proof::Unknown,
    }
}

fn lines(k: &Known) -> Vec<Part> {
    let Some(bench) = k.bench() else {
        return vec![warning(
            k,
            "The addresses of the step before do not fit together. Go back and correct them.",
        )];
    };
    let mut parts = vec![say(
        k,
        "The same bench in four forms: take the one for the server that you have. Option 150 is what Cisco phones ask for; option 66 says the same to those that do not know it.",
    )];
    parts.extend(Form::ALL.into_iter().map(|form| Part::Lines {
        id: form.id(),
        title: form.title(),
        hint: form.hint(),
        text: form.lines(&bench),
    }));
    parts.push(warning(
        k,
        "Never on the production network: a second DHCP server there gives wrong addresses to everybody.",
    ));
    parts
}

/// What is needed.
pub(super) const KIT: Step = Step {
    id: "kit",
    title: "The kit",
    why: "Everything must be there before the phone forgets what it has: between then and the end its screen may stay black.",
    needed: on_bench,
    body: |k| {
        vec![
            list(
                k,
                &[
                    "a PC with one network port, and its firewall open for UDP port 69",
                    "a TFTP server program for it",
                    "a spare router, or a second service on the PC, that gives out addresses",
                    "a spare switch with power over Ethernet; without PoE a power brick for the phone. 7970 and 7971 need the brick in any case",
                    "cables, and the phone",
                ],
            ),
            values(k, &[("Package", "{zip}"), ("Load", "{target-load}")]),
            say(
                k,
                "It must be 8.5(2), not 8.5(2)SR1: SR1 carries the signature that this phone does not know. Unzip it: the phone asks for the files inside.",
            ),
        ]
    },
    end: must("Everything is here, and the package is unzipped."),
    ..Step::PLAIN
};

/// The addresses.
pub(super) const ADDRESSES: Step = Step {
    id: "addresses",
    title: "Addresses of the bench",
    why: "From these the lines for your DHCP server are made. The proposal fits a bench that touches nothing else.",
    needed: on_bench,
    body: |k| {
        vec![say(
            k,
            "Give the PC the TFTP server's address by hand, with the same mask, and the gateway's if a router is there.",
        )]
    },
    end: End::Fill {
        fields: FIELDS,
        check: |typed| dhcp::Bench::parse(typed).err().unwrap_or_default(),
    },
    ..Step::PLAIN
};

/// The lines.
pub(super) const DHCP: Step = Step {
    id: "dhcp",
    title: "Give out addresses",
    why: "A phone with empty flash knows nothing but to ask for an address, and learns the TFTP server from the answer.",
    needed: on_bench,
    body: lines,
    end: must("The DHCP server runs with these lines, and a PC on the bench got an address from it."),
    ..Step::PLAIN
};

/// The files.
pub(super) const TFTP: Step = Step {
    id: "tftp",
    title: "Serve the files",
    why: "The phone asks for one file by name and takes the others from it. If that name is not served, the screen stays black.",
    reading: Some(Reading::Tftp),
    needed: on_bench,
    proof: served,
    body: |k| {
        vec![
            values(
                k,
                &[
                    ("TFTP server", "{tftp}"),
                    ("First file", "{first-file}"),
                    ("From", "{zip}"),
                ],
            ),
            steps(
                k,
                &[
                    "Put all files of the package into the root folder of the TFTP server: no folder in between.",
                    "Start the server, and let the PC's firewall pass UDP port 69.",
                    "From a second PC on the bench: `tftp -i {tftp} get {first-file}` (Windows) or `curl -O tftp://{tftp}/{first-file}`.",
                ],
            ),
            say(
                k,
                "Sidetone asks the server itself when it is this machine or in the cluster's phone networks; on a bench of its own it cannot, and you say it.",
            ),
        ]
    },
    end: must("The TFTP server serves the first file: I fetched it from another machine."),
    ..Step::PLAIN
};

/// Plug in.
pub(super) const PLUG: Step = Step {
    id: "plug",
    title: "Plug the phone in",
    why: "Many phones find the new TFTP server by themselves, and nothing has to be deleted.",
    needed: on_bench,
    body: |k| {
        vec![steps(
            k,
            &[
                "Clear the switch: `write erase` and `reload`, or at least all ports in one VLAN, without a voice VLAN.",
                "Connect router, PC and, last, the phone.",
                "Watch the TFTP server's log for two minutes: the phone asks for `{first-file}` or for its `SEP….cnf.xml`.",
            ],
        )]
    },
    end: End::Choose(PLUGGED),
    ..Step::PLAIN
};

/// Factory reset.
pub(super) const FACTORY: Step = Step {
    id: "factory",
    title: "Factory reset on the bench",
    why: "A phone that keeps asking its old TFTP server, or trusts another cluster, forgets both.",
    needed: |k| on_bench(k) && k.choice("plug") == "stays",
    body: |k| {
        vec![
            warning(
                k,
                "Its own settings are gone afterwards. DHCP and TFTP of the bench must run: they were confirmed before.",
            ),
            steps(
                k,
                &[
                    "Unplug the phone. Hold `#` while plugging it in again, until the line lamps blink one after the other.",
                    "Release `#` and within 60 seconds press `123456789*0#`.",
                    "The lamps change colour when it is accepted. Watch the TFTP server's log.",
                ],
            ),
        ]
    },
    end: End::Choose(RESET),
    ..Step::PLAIN
};

/// The last resort.
pub(super) const WIPE: Step = Step {
    id: "wipe",
    title: "The last resort: wipe the flash",
    why: "If even a factory reset does not bring it to the bench's TFTP server, its flash can be emptied. There is no way back from this but the files of the bench.",
    needed: |k| on_bench(k) && k.choice("plug") == "stays" && k.choice("factory") == "stays",
    body: |k| {
        vec![
            danger(
                k,
                "The screen stays black until DHCP and TFTP have done their work",
                "`3491672850*#` deletes everything but the small part that starts the phone. It shows nothing at all until it has an address, finds option 150, and has loaded `{first-file}` and what that names, from a package of 8.5(2) or older. If DHCP or TFTP is not ready, the phone is a brick until it is. Both were confirmed in this wizard; look once more at both logs before you type.",
            ),
            steps(
                k,
                &[
                    "Unplug the phone. Hold `#` while plugging it in again, until the line lamps blink one after the other.",
                    "Release `#` and within 60 seconds press `3491672850*#`.",
                    "Do not touch it. The first file appears in the TFTP server's log within some minutes; the whole load takes up to fifteen.",
                ],
            ),
        ]
    },
    end: must("The TFTP server's log shows that the phone loads."),
    ..Step::PLAIN
};

/// Back to production.
pub(super) const MOVE: Step = Step {
    id: "move",
    title: "Back to production",
    why: "With 8.5(2) the phone knows the new key. On the production network it finds option 150, the cluster, and takes the load of today by itself.",
    needed: on_bench,
    body: |k| {
        vec![steps(
            k,
            &[
                "On the bench the phone shows *Registering*: that is as far as it gets there. *Settings > Model Information > Load File* shows `{target-load}`.",
                "Unplug it and connect it to its place.",
                "It loads once or twice more and registers with {cluster}.",
            ],
        )]
    },
    end: must("The phone is at its place on the production network."),
    ..Step::PLAIN
};
