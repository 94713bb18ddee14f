//! The way by the cluster (A7): 8.5(2) on the cluster's TFTP server, for one phone alone.

use super::super::known::Known;
use super::super::step::{End, Proof, Reading, Step};
use super::{danger, must, remedy, say, steps, values, warning};

fn by_cluster(k: &Known) -> bool {
    k.choice("route") == "cluster"
}

/// The load that is set on the phone itself; none when CUCM was not asked.
fn own_load(k: &Known) -> Option<&str> {
    k.seen(Reading::Settings)?;
    k.read(Reading::Settings, "asked")?;
    Some(k.read(Reading::Settings, "own-load").unwrap_or_default())
}

fn is_set(k: &Known) -> Proof {
    let target = k.value("target-load");
    match own_load(k) {
        Some(load) if load == target => Proof::Good(format!("CUCM has {load} as this phone's own load.")),
        Some("") => Proof::Bad("CUCM has no load of its own for this phone.".to_owned()),
        Some(load) => Proof::Bad(format!("CUCM has {load} as this phone's own load, not {target}.")),
        None => Proof::Unknown,
    }
}

fn is_clear(k: &Known) -> Proof {
    match own_load(k) {
        Some("") => Proof::Good("CUCM has no load of its own for this phone: it takes the default.".to_owned()),
        Some(load) => Proof::Bad(format!("CUCM still has {load} as this phone's own load.")),
        None => Proof::Unknown,
    }
}

/// Put the package on the cluster.
pub(super) const UPLOAD: Step = Step {
    id: "upload",
    title: "Put 8.5(2) on the cluster's TFTP server",
    why: "The phone can only take a load that the TFTP server has. It must be 8.5(2) and not its SR1: SR1 carries the new signature, which this phone does not know.",
    needed: by_cluster,
    body: |k| {
        vec![
            danger(
                k,
                "Installing changes the default load of every such phone",
                "A package that is installed becomes the Device Default of its models, for instance SCCP42.8-5-2S. Until it is put back, every such phone that restarts goes down to it. Write the defaults of now down first, and go on to the step after the next without a pause.",
            ),
            values(k, &[("Package", "{zip}"), ("Load", "{target-load}")]),
            steps(
                k,
                &[
                    "In Cisco Unified CM Administration open *Device > Device Settings > Device Defaults* and write down *Load Information* of `Cisco {old-model}` for SCCP and for SIP.",
                    "Unzip `{zip}` on a PC.",
                    "On the node that serves TFTP open *Cisco Unified OS Administration > Software Upgrades > TFTP File Management*, and upload each of the files into `/`. This way the Device Defaults stay as they are.",
                    "If you install the `.cop.sgn` by *Software Upgrades > Install/Upgrade* instead, the Device Defaults change.",
                    "Do the same on every TFTP node that phones ask.",
                ],
            ),
        ]
    },
    end: must("The files are on every TFTP node, and the Device Defaults of before are written down."),
    ..Step::PLAIN
};

/// Restart the service.
pub(super) const RESTART_TFTP: Step = Step {
    id: "restart-tftp",
    title: "Restart the TFTP service",
    why: "The service reads its files when it starts. Until then it says that the load does not exist.",
    needed: by_cluster,
    body: |k| {
        vec![
            steps(
                k,
                &[
                    "Open *Cisco Unified Serviceability > Tools > Control Center - Feature Services*, choose the TFTP node, *Cisco Tftp*, *Restart*.",
                    "On each TFTP node. It takes some minutes in a large cluster.",
                ],
            ),
            warning(k, "Phones that start meanwhile keep what they have."),
        ]
    },
    end: must("Cisco Tftp runs again on every node."),
    ..Step::PLAIN
};

/// Put the defaults back.
pub(super) const DEFAULTS: Step = Step {
    id: "defaults",
    title: "Put the Device Defaults back, now",
    why: "Every minute with 8.5(2) as the default, phones of the model that restart fall back to it.",
    needed: by_cluster,
    body: |k| {
        vec![
            steps(
                k,
                &[
                    "Open *Device > Device Settings > Device Defaults*.",
                    "Compare *Load Information* of every model that the package serves with what you wrote down. *Swap* exchanges it with *Inactive Load*.",
                    "Where it says `{target-load}`, write the load of before, and press *Save*.",
                ],
            ),
            say(
                k,
                "Uploading single files does not change them: then there is nothing to put back, but look all the same.",
            ),
        ]
    },
    end: must("Load Information is what it was before, for every model of the package."),
    ..Step::PLAIN
};

/// Set the load on this phone.
pub(super) const SET_LOAD: Step = Step {
    id: "set-load",
    title: "Give this one phone the load",
    why: "A load that is set on the phone's own page wins over the Device Default, for this phone alone.",
    reading: Some(Reading::Settings),
    needed: |k| by_cluster(k) && !matches!(super::auth_fail::through(k), Proof::Good(_)),
    proof: is_set,
    body: |k| {
        vec![
            values(k, &[("Phone Load Name", "{target-load}")]),
            steps(
                k,
                &[
                    "Open *Device > Phone > {phone}*, section *Device Information*.",
                    "Write `{target-load}` into *Phone Load Name*, without an ending such as .loads.",
                    "Press *Save*. Then press *Check now* here.",
                ],
            ),
        ]
    },
    end: must("Phone Load Name of this phone is set and saved."),
    ..Step::PLAIN
};

/// Reset it.
pub(super) const RESET: Step = Step {
    id: "reset",
    title: "Reset this phone",
    why: "It asks for its load when it starts.",
    needed: by_cluster,
    body: |k| {
        vec![
            remedy("reset-phone", "Reset the phone"),
            steps(
                k,
                &[
                    "Or in CUCM: *Device > Phone > {phone} > Reset*, *Reset*.",
                    "If it is not registered, unplug it and plug it in again.",
                ],
            ),
            warning(
                k,
                "Do not unplug it while it loads: its lamps run, or its screen says *Upgrading*.",
            ),
        ]
    },
    end: must("The phone was reset."),
    ..Step::PLAIN
};

/// Clear it again.
pub(super) const CLEAR_LOAD: Step = Step {
    id: "clear-load",
    title: "Clear the phone's own load",
    why: "Left set, it would keep this phone on 8.5(2) for ever. Cleared, it takes the default at its next start.",
    reading: Some(Reading::Settings),
    needed: by_cluster,
    proof: is_clear,
    body: |k| {
        vec![
            steps(
                k,
                &[
                    "Open *Device > Phone > {phone}*, empty *Phone Load Name*, press *Save*.",
                    "Press *Reset*: the phone takes the Device Default of today.",
                    "Press *Check now* here.",
                ],
            ),
            remedy("reset-phone", "Reset the phone"),
        ]
    },
    end: End::Next {
        tick: "Phone Load Name of this phone is empty again.",
        may_skip: false,
    },
    ..Step::PLAIN
};
