//! Preparing a certificate change or an upgrade, for a whole cluster (U6, U7, U13, U14).

use super::super::known::Known;
use super::super::step::{End, Part, Pick, Proof, Reading, Step};
use super::{SEEN, danger, done, list, must, say, steps, values, warning};

const PLANS: &[Pick] = &[
    Pick {
        value: "renew",
        label: "Certificates are renewed",
        hint: "CallManager, TVS, CAPF or Tomcat, because they end or were compromised.",
    },
    Pick {
        value: "upgrade",
        label: "The release is upgraded, or a server is rebuilt",
        hint: "Also a new host name, domain or address of a node: these make new certificates.",
    },
    Pick {
        value: "move",
        label: "Phones move to another cluster",
        hint: "Or back. Both clusters must be prepared.",
    },
];

fn phones(k: &Known, reading: Reading) -> Vec<Part> {
    let lists = k.seen(reading).map(|seen| seen.phones.as_slice()).unwrap_or_default();
    lists
        .iter()
        .map(|(title, phones, count)| Part::Phones {
            title: title.clone(),
            rows: phones
                .iter()
                .map(|phone| (phone.id, phone.name.clone(), phone.why.clone()))
                .collect(),
            count: *count,
        })
        .collect()
}

fn worse(k: &Known) -> Option<u64> {
    k.seen(Reading::After)?;
    Some(
        k.read(Reading::After, "worse")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0),
    )
}

fn compared(k: &Known) -> Proof {
    match worse(k) {
        None => Proof::Unknown,
        Some(0) if !matches!(k.read(Reading::After, "stale"), None | Some("0")) => Proof::Unknown,
        Some(0) => Proof::Good("No phone is worse than before.".to_owned()),
        Some(count) => Proof::Bad(format!("{count} phones are worse than before.")),
    }
}

fn change(k: &Known) -> Vec<Part> {
    let mut parts = vec![danger(
        k,
        "Never renew CallManager and TVS together",
        "Phones verify the new list with one of the two certificates they still know. If both change at once, no phone trusts what comes next. Out of hours, and one at a time.",
    )];
    parts.push(match k.choice("what") {
        "renew" => steps(
            k,
            &[
                "*Cisco Unified OS Administration > Security > Certificate Management*: renew one kind on all nodes, such as *CallManager*, and wait for *Cisco Tftp* and *Cisco CallManager* to be restarted: *Cisco Unified Serviceability > Tools > Control Center - Feature Services*.",
                "Reset all phones in batches, *System > Device Pool > Reset*, and wait until they are registered: now they hold a list with the new certificate.",
                "Only then renew *TVS*, restart *Cisco Trust Verification Service*, and reset the phones again.",
                "*CAPF* and *Tomcat* afterwards, in the same way. A new *Tomcat* certificate also changes what this server sees: accept it on the cluster's page here.",
            ],
        ),
        "move" => steps(
            k,
            &[
                "In *both* clusters: *Cisco Unified OS Administration > Security > Bulk Certificate Management*, set the same SFTP server, choose *All*, press *Export*.",
                "In one cluster press *Consolidate*, then in both press *Import*, *All*.",
                "See that *ITLRecovery* of the new cluster is among the certificates: one known way to fail is that it is missing. If the page's import fails, take the certificate over by *Upload Certificate* as *phone-sast-trust*.",
                "Restart *Cisco Trust Verification Service* and *Cisco Tftp* on all nodes of the old cluster, reset its phones, and only then change option 150 to the new cluster.",
                "Keep the old cluster's nodes running until the phones are over: they ask its TVS.",
            ],
        ),
        _ => steps(
            k,
            &[
                "Take a backup: *Disaster Recovery System > Backup > Manual Backup*.",
                "Upgrade the publisher, then the subscribers, as Cisco's guide for the release says.",
                "A change of host name or domain makes new certificates: one node after the other, with the phones reset and registered in between.",
                "After the switch of versions wait until *Cisco Tftp* has built all files before phones are reset.",
            ],
        ),
    });
    parts
}

fn rescue(k: &Known) -> Vec<Part> {
    let mut parts = phones(k, Reading::After);
    parts.push(steps(
        k,
        &[
            "Wait and press *Check now* on the step before: phones that are only restarting come back by themselves.",
            "Many phones with *update failed*: on the publisher run `utils itl reset localkey` (CUCM 10.0(1) and later). It signs a list that phones of this cluster accept, locked ones too. Restart *Cisco Trust Verification Service* and *Cisco Tftp*, reset the phones in batches, out of hours. Not for phones that moved from another cluster.",
            "A few phones: open each and walk the wizard *Trust list trouble*.",
            "A phone that is gone for good: *Prepare Cluster for Rollback to pre 8.0* does not help any more; it must be set while phones still trust.",
        ],
    ));
    parts
}

/// The steps.
pub(in super::super) const STEPS: &[Step] = &[
    Step {
        id: "what",
        title: "What is going to change",
        why: "Renewal, upgrade and move break trust in different ways, and each has its own order.",
        body: |k| {
            vec![say(
                k,
                "Since CUCM 8 phones keep a trust list (ITL). A list that does not know the new certificates makes a phone ignore configuration, refuse https, and in the end it must be visited. All of this can be avoided before; little of it can be mended after.",
            )]
        },
        end: End::Choose(PLANS),
        ..Step::PLAIN
    },
    Step {
        id: "cluster",
        title: "The cluster as it is",
        why: "The certificate that ends first, the security mode and the rollback parameter decide how much room there is.",
        reading: Some(Reading::ClusterTrust),
        body: |k| {
            vec![list(
                k,
                &[
                    "*Cluster Security Mode* 1 means mixed mode: then the CTL must be renewed too, with `utils ctl update CTLFile`.",
                    "*Prepare Cluster for Rollback to pre 8.0* set to True makes phones take an empty list that trusts everything. It is a way out before the change, never after, and must be set back.",
                ],
            )]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "danger",
        title: "Phones in danger",
        why: "Phones that already fail, that are switched off, locked, or on a load that cannot take the next one will be lost in the change. See to them first.",
        reading: Some(Reading::Danger),
        body: |k| {
            let mut parts = phones(k, Reading::Danger);
            parts.push(list(
                k,
                &[
                    "Not registered: it misses the change. Bring it back, or expect to visit it.",
                    "Trust list failed, or configuration not taken: mend it now, with the wizard *Trust list trouble*.",
                    "Firmware older than 8.5(2) on a 79xx: an upgrade ends in *Auth Fail*. Load 8.5(2) first, with the wizard *79xx shows Auth Fail*.",
                ],
            ));
            parts
        },
        end: done("These phones were seen to, or will be visited."),
        ..Step::PLAIN
    },
    Step {
        id: "settings-access",
        title: "Open settings access everywhere",
        why: "If the change goes wrong, the list can be deleted from afar only on phones whose settings were open before. Afterwards it is too late.",
        body: |k| {
            vec![
                steps(
                    k,
                    &[
                        "Note the level of today: *Device > Device Settings > Common Phone Profile*, *System > Enterprise Phone Configuration*, and phones with a level of their own.",
                        "*Bulk Administration > Phones > Update Phones > Query*, find all, *Next*, *Product Specific Configuration Layout*: *Settings Access* = *Enabled*, choose *Apply Config*, run.",
                        "Or once for all in *System > Enterprise Phone Configuration*, with *Override Enterprise/Common Phone Profile Settings* ticked.",
                        "The same for *Web Access* = *Enabled*: without it no phone can be looked at.",
                        "Wait until the phones have taken it. Phones that do not follow are in danger: they have a bad list already.",
                    ],
                ),
                warning(
                    k,
                    "While settings are open, whoever stands at a phone can change them. Put it back after the change: the last step asks for it.",
                ),
            ]
        },
        end: done("Settings Access is Enabled on the phones, and the old level is noted."),
        ..Step::PLAIN
    },
    Step {
        id: "before",
        title: "Snapshot before the change",
        why: "Only what was written down before can be compared after: registration, readiness, load and trust list of every phone.",
        reading: Some(Reading::Before),
        proof: |k| match k.seen(Reading::Before) {
            Some(_) => Proof::Good("The snapshot is taken.".to_owned()),
            None => Proof::Unknown,
        },
        body: |k| {
            vec![
                say(
                    k,
                    "The snapshot holds what Sidetone knows of each phone at this moment. What it knows comes from syncs and from the background look at every phone, so let that pass once after settings and web access were opened.",
                ),
                say(
                    k,
                    "Press *Check now* right before the change. Pressing it again replaces the snapshot.",
                ),
            ]
        },
        end: End::Next {
            tick: "",
            may_skip: false,
        },
        ..Step::PLAIN
    },
    Step {
        id: "change",
        title: "Make the change",
        why: "Order is everything: at every moment each phone must know one certificate with which the next list is signed.",
        body: change,
        end: must("The change is made, and the phones were reset and had time to come back."),
        ..Step::PLAIN
    },
    Step {
        id: "after",
        title: "Snapshot after the change",
        why: "Compared with the one before, it names every phone that did not come back, refuses now, or has a failed trust list.",
        reading: Some(Reading::After),
        proof: compared,
        body: |k| {
            let mut parts = vec![say(
                k,
                "Sync the cluster and give the background look time to see the phones again, then press *Check now*. A hash that is the same after a renewal means that the phone has not taken the new list.",
            )];
            parts.extend(phones(k, Reading::After));
            parts
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "rescue",
        title: "Phones that are worse",
        why: "The sooner, the easier: as long as the old certificates are known somewhere, phones can be brought back without a visit.",
        reading: Some(Reading::After),
        needed: |k| worse(k).is_some_and(|count| count > 0),
        proof: compared,
        body: rescue,
        end: done("The phones on the list are seen to."),
        ..Step::PLAIN
    },
    Step {
        id: "restore",
        title: "Put settings access back",
        why: "It was opened for the change. Nobody else will think of it.",
        body: |k| {
            vec![
                values(
                    k,
                    &[("Where", "the same pages as before, with the level that was noted")],
                ),
                list(
                    k,
                    &[
                        "Only when the phones take configuration: otherwise the level does not reach them.",
                        "*Prepare Cluster for Rollback to pre 8.0* back to False, if it was used.",
                    ],
                ),
            ]
        },
        end: done("Settings access is as it was noted."),
        ..Step::PLAIN
    },
    Step {
        id: "end",
        title: "The end",
        why: "The two snapshots stay here with the run.",
        reading: Some(Reading::After),
        body: |k| {
            let mut parts = vec![say(
                k,
                "*Collect for support* holds both counts and every phone that differs.",
            )];
            parts.extend(phones(k, Reading::After));
            parts
        },
        end: End::Last,
        ..Step::PLAIN
    },
];
