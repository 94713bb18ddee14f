//! Models that fleets do not have by themselves: kin of those that they have, and the 8900 series.

use super::profiles::{Family, Form, Keys, Profile, Screen};

/// A model that differs from another in its names and lines alone.
struct Kin {
    of: &'static str,
    model: &'static str,
    number: u32,
    product: &'static str,
    lines: u8,
}

const fn kin(of: &'static str, model: &'static str, number: u32, product: &'static str, lines: u8) -> Kin {
    Kin {
        of,
        model,
        number,
        product,
        lines,
    }
}

const KIN: [Kin; 13] = [
    kin("Cisco 7911", "Cisco 7906", 369, "CP-7906G", 1),
    kin("Cisco 7941", "Cisco 7942", 434, "CP-7942G", 2),
    kin("Cisco 7941", "Cisco 7961", 30018, "CP-7961G", 6),
    kin("Cisco 7941", "Cisco 7962", 404, "CP-7962G", 6),
    kin("Cisco 7975", "Cisco 7970", 30006, "CP-7970G", 8),
    kin("Cisco 7975", "Cisco 7971", 119, "CP-7971G-GE", 8),
    kin("Cisco 6941", "Cisco 6921", 495, "CP-6921", 2),
    kin("Cisco 6941", "Cisco 6945", 564, "CP-6945", 4),
    kin("Cisco 6941", "Cisco 6961", 497, "CP-6961", 12),
    kin("Cisco 7841", "Cisco 7861", 623, "CP-7861", 16),
    kin("Cisco 8865", "Cisco 8861", 685, "CP-8861", 5),
    kin("Cisco 9951", "Cisco 8961", 540, "CP-8961", 5),
    kin("Cisco 9951", "Cisco 9971", 493, "CP-9971", 6),
];

const KEYS_8945: Keys = Keys {
    named: &[
        "VolUp",
        "VolDwn",
        "Headset",
        "Speaker",
        "Mute",
        "NavUp",
        "NavDwn",
        "NavLeft",
        "NavRight",
        "NavSelect",
        "NavBack",
        "Release",
        "Applications",
        "Contacts",
        "Messages",
        "Services",
        "Settings",
        "Hold",
    ],
    keypad: true,
    soft: 4,
    line: 4,
    feature: 0,
    session: 4,
    fixed_feature: 3,
};

/// The way of the reference, section 7.1, with its five steps back to the idle screen.
const TRUST_KEYS_8945: &[&str] = &[
    "NavBack", "NavBack", "NavBack", "NavBack", "NavBack", "Settings", "KeyPad4", "KeyPad4", "KeyPad3", "Soft3",
];

fn series_8900(model: &'static str, number: u32, product: &'static str) -> Profile {
    Profile {
        model,
        number,
        product,
        family: Family::F8900,
        screen: Some(Screen {
            width: 640,
            height: 480,
            depth: 24,
            colour: true,
            form: Form::Bmp {
                bits: 24,
                bottom_up: true,
            },
        }),
        keys: KEYS_8945,
        lines: 4,
        load: "SIP894x.9-4-2SR3-1",
        version: "9.4(2)SR3",
        trust_keys: TRUST_KEYS_8945,
    }
}

/// The further models.
pub(super) fn further(known: &[Profile]) -> Vec<Profile> {
    let of_kin = KIN.iter().filter_map(|kin| {
        let like = known.iter().find(|profile| profile.model == kin.of)?;
        Some(Profile {
            model: kin.model,
            number: kin.number,
            product: kin.product,
            lines: kin.lines,
            keys: Keys {
                line: like.keys.line.max(kin.lines),
                ..like.keys
            },
            ..*like
        })
    });
    let series = [
        series_8900("Cisco 8941", 586, "CP-8941"),
        series_8900("Cisco 8945", 585, "CP-8945"),
    ];
    of_kin.chain(series).collect()
}
