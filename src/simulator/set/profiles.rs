//! The models of the fleet, written from the reference sheets alone.
//!
//! Sizes, keys and menus are those of `phone-xml-api.md` sections 3.2, 5.1, 6 and 7.1. Where the sheet leaves a size or
//! a bit depth open, the table spreads the possibilities over the models so that a client meets all of them.

use std::sync::LazyLock;

use super::more_profiles;

/// Generation of a phone: its look, its menus and the form of its information pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// 7906, 7911.
    F7911,
    /// 7940, 7960: no Java pages, no trust list.
    F7940,
    /// 7941, 7942, 7961, 7962.
    F7941,
    /// 7945, 7965.
    F7945,
    /// 7970, 7971, 7975.
    F7975,
    /// 6921, 6941, 6961.
    F6900,
    /// 7811, 7821, 7841, 7861.
    F7800,
    /// 8811 to 8865.
    F8800,
    /// 8821.
    F8821,
    /// 8831.
    F8831,
    /// 8941, 8945.
    F8900,
    /// 8961, 9951, 9971.
    F9900,
    /// 9811 to 9871.
    F9800,
    /// A program on a computer.
    Jabber,
    /// An analogue adapter.
    Ata,
}

/// How a model sends its screenshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `CiscoIPPhoneImage`, 2 bits per pixel; rows follow each other without a gap, or each row starts a new byte.
    CipXml { row_padded: bool },
    /// Windows bitmap of 1, 4, 8, 16, 24 or 32 bits per pixel, last row first or first row first.
    Bmp { bits: u16, bottom_up: bool },
    /// PNG.
    Png,
}

/// A display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Bits per pixel of the display itself.
    pub depth: u8,
    /// It can show colours.
    pub colour: bool,
    /// How it is sent.
    pub form: Form,
}

/// The keys of a model (`Key:` names of section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// Names without a number.
    pub named: &'static [&'static str],
    /// Has `KeyPad0`..`9`, `KeyPadStar`, `KeyPadPound`.
    pub keypad: bool,
    /// `Soft1` to this.
    pub soft: u8,
    /// `Line1` to this.
    pub line: u8,
    /// `Feature1` to this.
    pub feature: u8,
    /// `Session1` to this.
    pub session: u8,
    /// `FixedFeature1` to this.
    pub fixed_feature: u8,
}

/// One model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// As CUCM names it, such as `Cisco 8845`.
    pub model: &'static str,
    /// CUCM's number of the model.
    pub number: u32,
    /// As the phone's own pages name it, such as `CP-8845`.
    pub product: &'static str,
    /// Generation.
    pub family: Family,
    /// The display; none for Jabber and the ATA.
    pub screen: Option<Screen>,
    /// The keys; none for Jabber and the ATA.
    pub keys: Keys,
    /// Lines the model can hold.
    pub lines: u8,
    /// Firmware file name.
    pub load: &'static str,
    /// Firmware version.
    pub version: &'static str,
    /// Keys that erase the trust list, from the idle screen; empty when the model has none to erase.
    pub trust_keys: &'static [&'static str],
}

impl Profile {
    /// Whether the model has the key with this `Key:` name.
    pub fn has_key(&self, name: &str) -> bool {
        let keys = &self.keys;
        let numbered = |prefix: &str, last: u8| {
            name.strip_prefix(prefix)
                .filter(|digits| !digits.starts_with('0'))
                .and_then(|digits| digits.parse::<u8>().ok())
                .is_some_and(|n| (1..=last).contains(&n))
        };
        keys.named.contains(&name)
            || keys.keypad && is_keypad(name)
            || numbered("Soft", keys.soft)
            || numbered("Line", keys.line)
            || numbered("Feature", keys.feature)
            || numbered("Session", keys.session)
            || numbered("FixedFeature", keys.fixed_feature)
    }

    /// Number of softkeys.
    pub fn softkeys(&self) -> u8 {
        self.keys.soft
    }
}

fn is_keypad(name: &str) -> bool {
    name.strip_prefix("KeyPad").is_some_and(|rest| {
        matches!(rest, "Star" | "Pound") || rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Every model of the fleet.
pub fn profiles() -> &'static [Profile] {
    static ALL: LazyLock<Vec<Profile>> = LazyLock::new(|| {
        let mut all = [old(), old_colour(), mono(), colour(), others()].concat();
        all.extend(more_profiles::further(&all));
        all
    });
    &ALL
}

const NO_KEYS: Keys = Keys {
    named: &[],
    keypad: false,
    soft: 0,
    line: 0,
    feature: 0,
    session: 0,
    fixed_feature: 0,
};

const KEYS_7911: Keys = Keys {
    named: &["VolUp", "VolDwn", "Speaker", "NavUp", "NavDwn", "Applications", "Hold"],
    keypad: true,
    soft: 4,
    line: 1,
    ..NO_KEYS
};
const KEYS_7940: Keys = Keys {
    named: &[
        "VolUp",
        "VolDwn",
        "Headset",
        "Speaker",
        "Mute",
        "NavUp",
        "NavDwn",
        "Info",
        "Messages",
        "Services",
        "Directories",
        "Settings",
        "Hold",
    ],
    keypad: true,
    soft: 4,
    line: 2,
    ..NO_KEYS
};
const KEYS_7941: Keys = Keys {
    named: &[
        "VolUp",
        "VolDwn",
        "Headset",
        "Speaker",
        "Mute",
        "NavUp",
        "NavDwn",
        "Info",
        "Messages",
        "Services",
        "Directories",
        "Settings",
        "AppMenu",
        "Hold",
    ],
    keypad: true,
    soft: 4,
    line: 2,
    ..NO_KEYS
};
const KEYS_7945: Keys = Keys {
    named: &[
        "VolUp",
        "VolDwn",
        "Headset",
        "Speaker",
        "Mute",
        "NavLeft",
        "NavRight",
        "NavUp",
        "NavDwn",
        "NavSelect",
        "Info",
        "Messages",
        "Services",
        "Directories",
        "Settings",
        "AppMenu",
        "Hold",
    ],
    keypad: true,
    soft: 4,
    line: 2,
    ..NO_KEYS
};
const KEYS_6941: Keys = Keys {
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
        "Messages",
        "Contacts",
        "Settings",
        "Hold",
    ],
    keypad: true,
    soft: 4,
    line: 4,
    fixed_feature: 3,
    ..NO_KEYS
};
const KEYS_7811: Keys = Keys {
    named: &[
        "VolUp",
        "VolDwn",
        "Headset",
        "Speaker",
        "Mute",
        "NavUp",
        "NavDwn",
        "NavSelect",
        "Applications",
        "Directories",
        "Info",
        "Messages",
        "Services",
        "Settings",
        "Hold",
    ],
    keypad: true,
    soft: 4,
    line: 1,
    ..NO_KEYS
};
const KEYS_8800: Keys = Keys {
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
        "Directories",
        "Messages",
        "Services",
        "Settings",
        "Hold",
        "KemPage",
    ],
    keypad: true,
    soft: 4,
    line: 5,
    feature: 120,
    session: 5,
    fixed_feature: 3,
};
const KEYS_9951: Keys = Keys {
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
    ],
    keypad: true,
    soft: 5,
    line: 5,
    feature: 5,
    session: 6,
    fixed_feature: 3,
};
const KEYS_9800: Keys = Keys {
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
        "Release",
        "Applications",
        "Contacts",
        "Directories",
        "Messages",
        "Services",
        "Settings",
        "Hold",
        "Transfer",
        "Conference",
    ],
    keypad: true,
    soft: 4,
    line: 4,
    feature: 16,
    fixed_feature: 3,
    ..NO_KEYS
};
const KEYS_8821: Keys = Keys {
    named: &[
        "VolUp",
        "VolDwn",
        "Speaker",
        "Mute",
        "NavUp",
        "NavDwn",
        "NavLeft",
        "NavRight",
        "NavSelect",
        "Hold",
        "PTT",
    ],
    keypad: true,
    soft: 2,
    line: 6,
    ..NO_KEYS
};
const KEYS_8831: Keys = Keys {
    named: &["VolUp", "VolDwn", "Speaker", "Mute"],
    keypad: true,
    soft: 5,
    ..NO_KEYS
};

const fn screen(width: u32, height: u32, depth: u8, colour: bool, form: Form) -> Screen {
    Screen {
        width,
        height,
        depth,
        colour,
        form,
    }
}

const fn bmp(bits: u16, bottom_up: bool) -> Form {
    Form::Bmp { bits, bottom_up }
}

/// The 7900 series.
fn old() -> Vec<Profile> {
    vec![
        Profile {
            model: "Cisco 7911",
            number: 307,
            product: "CP-7911G",
            family: Family::F7911,
            screen: Some(screen(192, 64, 1, false, bmp(1, true))),
            keys: KEYS_7911,
            lines: 1,
            load: "SIP11.9-4-2SR3-1S",
            version: "9.4(2)SR3",
            trust_keys: &[
                "Applications",
                "KeyPad3",
                "KeyPad4",
                "KeyPad5",
                "KeyPad2",
                "KeyPadStar",
                "KeyPadStar",
                "KeyPadPound",
                "Soft4",
                "Soft2",
            ],
        },
        Profile {
            model: "Cisco 7940",
            number: 8,
            product: "CP-7940G",
            family: Family::F7940,
            screen: Some(screen(224, 112, 2, false, Form::CipXml { row_padded: false })),
            keys: KEYS_7940,
            lines: 2,
            load: "P00308010200",
            version: "8.1(2.0)",
            trust_keys: &[],
        },
        Profile {
            model: "Cisco 7960",
            number: 7,
            product: "CP-7960G",
            family: Family::F7940,
            screen: Some(screen(222, 112, 2, false, Form::CipXml { row_padded: true })),
            keys: Keys { line: 6, ..KEYS_7940 },
            lines: 6,
            load: "P00308010200",
            version: "8.1(2.0)",
            trust_keys: &[],
        },
        Profile {
            model: "Cisco 7941",
            number: 115,
            product: "CP-7941G",
            family: Family::F7941,
            screen: Some(screen(320, 222, 4, false, bmp(4, true))),
            keys: KEYS_7941,
            lines: 2,
            load: "SIP41.9-4-2SR3-1S",
            version: "9.4(2)SR3",
            trust_keys: &[
                "Settings",
                "KeyPad4",
                "KeyPad5",
                "KeyPad1",
                "KeyPad2",
                "KeyPadStar",
                "KeyPadStar",
                "KeyPadPound",
                "Soft4",
                "Soft2",
            ],
        },
    ]
}

/// The 7900 series with colours.
fn old_colour() -> Vec<Profile> {
    vec![
        Profile {
            model: "Cisco 7945",
            number: 435,
            product: "CP-7945G",
            family: Family::F7945,
            screen: Some(screen(320, 240, 16, true, bmp(16, true))),
            keys: KEYS_7945,
            lines: 2,
            load: "SIP45.9-4-2SR3-1S",
            version: "9.4(2)SR3",
            trust_keys: &[
                "Settings",
                "KeyPad4",
                "KeyPad5",
                "KeyPad2",
                "KeyPadStar",
                "KeyPadStar",
                "KeyPadPound",
                "Soft4",
                "Soft2",
            ],
        },
        Profile {
            model: "Cisco 7965",
            number: 436,
            product: "CP-7965G",
            family: Family::F7945,
            screen: Some(screen(320, 240, 16, true, bmp(16, false))),
            keys: Keys { line: 6, ..KEYS_7945 },
            lines: 6,
            load: "SIP45.9-4-2SR3-1S",
            version: "9.4(2)SR3",
            trust_keys: &[
                "Settings",
                "KeyPad4",
                "KeyPad5",
                "KeyPad2",
                "KeyPadStar",
                "KeyPadStar",
                "KeyPadPound",
                "Soft4",
                "Soft2",
            ],
        },
        Profile {
            model: "Cisco 7975",
            number: 437,
            product: "CP-7975G",
            family: Family::F7975,
            screen: Some(screen(320, 240, 16, true, bmp(24, true))),
            keys: Keys {
                soft: 5,
                line: 8,
                ..KEYS_7945
            },
            lines: 8,
            load: "SIP75.9-4-2SR3-1S",
            version: "9.4(2)SR3",
            trust_keys: &[
                "Settings",
                "KeyPad4",
                "KeyPad5",
                "KeyPad2",
                "KeyPadStar",
                "KeyPadStar",
                "KeyPadPound",
                "Soft5",
            ],
        },
    ]
}

/// Black and white displays.
fn mono() -> Vec<Profile> {
    vec![
        Profile {
            model: "Cisco 6941",
            number: 496,
            product: "CP-6941",
            family: Family::F6900,
            screen: Some(screen(396, 162, 1, false, bmp(1, false))),
            keys: KEYS_6941,
            lines: 4,
            load: "SIP69xx.9-4-1-3SR3",
            version: "9.4(1)SR3",
            trust_keys: &["Settings", "KeyPad4", "KeyPad4", "KeyPad4", "Soft2"],
        },
        Profile {
            model: "Cisco 7811",
            number: 36213,
            product: "CP-7811",
            family: Family::F7800,
            screen: Some(screen(384, 106, 1, false, bmp(1, true))),
            keys: KEYS_7811,
            lines: 1,
            load: "sip78xx.12-8-1-0001-455",
            version: "sip78xx.12-8-1-0001-455",
            trust_keys: &["Applications", "KeyPad5", "KeyPad4", "KeyPad4", "Soft2"],
        },
        Profile {
            model: "Cisco 7821",
            number: 621,
            product: "CP-7821",
            family: Family::F7800,
            screen: Some(screen(396, 162, 1, false, bmp(8, true))),
            keys: Keys { line: 2, ..KEYS_7811 },
            lines: 2,
            load: "sip78xx.12-8-1-0001-455",
            version: "sip78xx.12-8-1-0001-455",
            trust_keys: &["Applications", "KeyPad5", "KeyPad4", "KeyPad4", "Soft2"],
        },
        Profile {
            model: "Cisco 7841",
            number: 622,
            product: "CP-7841",
            family: Family::F7800,
            screen: Some(screen(396, 162, 1, false, bmp(4, false))),
            keys: Keys { line: 4, ..KEYS_7811 },
            lines: 4,
            load: "sip78xx.12-8-1-0001-455",
            version: "sip78xx.12-8-1-0001-455",
            trust_keys: &["Applications", "KeyPad5", "KeyPad4", "KeyPad4", "Soft2"],
        },
        Profile {
            model: "Cisco 8831",
            number: 659,
            product: "CP-8831",
            family: Family::F8831,
            screen: Some(screen(396, 162, 1, false, bmp(8, false))),
            keys: KEYS_8831,
            lines: 1,
            load: "sip8831.10-3-1SR7-2",
            version: "10.3(1)SR7",
            trust_keys: &["Soft3", "KeyPad4", "KeyPad4", "Soft4", "Soft2"],
        },
    ]
}

/// Large displays.
fn colour() -> Vec<Profile> {
    vec![
        Profile {
            model: "Cisco 8811",
            number: 36217,
            product: "CP-8811",
            family: Family::F8800,
            screen: Some(screen(800, 480, 4, false, Form::Png)),
            keys: KEYS_8800,
            lines: 5,
            load: "sip88xx.14-2-1-0101-33",
            version: "sip88xx.14-2-1-0101-33",
            trust_keys: &["Applications", "KeyPad5", "KeyPad4", "KeyPad4", "Soft3"],
        },
        Profile {
            model: "Cisco 8841",
            number: 683,
            product: "CP-8841",
            family: Family::F8800,
            screen: Some(screen(800, 480, 24, true, Form::Png)),
            keys: KEYS_8800,
            lines: 5,
            load: "sip88xx.14-2-1-0101-33",
            version: "sip88xx.14-2-1-0101-33",
            trust_keys: &["Applications", "KeyPad5", "KeyPad4", "KeyPad4", "Soft3"],
        },
        Profile {
            model: "Cisco 8845",
            number: 36224,
            product: "CP-8845",
            family: Family::F8800,
            screen: Some(screen(800, 480, 24, true, Form::Png)),
            keys: KEYS_8800,
            lines: 5,
            load: "sip8845_65.14-2-1-0101-33",
            version: "sip8845_65.14-2-1-0101-33",
            trust_keys: &["Applications", "KeyPad6", "KeyPad4", "KeyPad5", "Soft3"],
        },
        Profile {
            model: "Cisco 8851",
            number: 684,
            product: "CP-8851",
            family: Family::F8800,
            screen: Some(screen(800, 480, 24, true, Form::Png)),
            keys: Keys { line: 77, ..KEYS_8800 },
            lines: 5,
            load: "sip88xx.14-2-1-0101-33",
            version: "sip88xx.14-2-1-0101-33",
            trust_keys: &["Applications", "KeyPad6", "KeyPad4", "KeyPad4", "Soft3"],
        },
        Profile {
            model: "Cisco 8865",
            number: 36225,
            product: "CP-8865",
            family: Family::F8800,
            screen: Some(screen(800, 480, 24, true, Form::Png)),
            keys: Keys { line: 113, ..KEYS_8800 },
            lines: 5,
            load: "sip8845_65.14-2-1-0101-33",
            version: "sip8845_65.14-2-1-0101-33",
            trust_keys: &["Applications", "KeyPad7", "KeyPad4", "KeyPad5", "Soft3"],
        },
        Profile {
            model: "Cisco 9951",
            number: 537,
            product: "CP-9951",
            family: Family::F9900,
            screen: Some(screen(640, 480, 24, true, bmp(32, false))),
            keys: KEYS_9951,
            lines: 5,
            load: "sip9951.9-4-2SR4-1",
            version: "9.4(2)SR4",
            trust_keys: &["Applications", "KeyPad4", "KeyPad4", "KeyPad4", "Soft3"],
        },
        Profile {
            model: "Cisco 9861",
            number: 36347,
            product: "DP-9861",
            family: Family::F9800,
            screen: Some(screen(800, 480, 24, true, Form::Png)),
            keys: Keys { line: 8, ..KEYS_9800 },
            lines: 8,
            load: "PHONEOS-9800.3-3-1-0001-57",
            version: "3.3(1)",
            trust_keys: &["Settings", "KeyPad4", "KeyPad4", "KeyPad4", "Soft3"],
        },
    ]
}

/// Small displays of the newest and cordless phones, and devices without one.
fn others() -> Vec<Profile> {
    vec![
        Profile {
            model: "Cisco 9841",
            number: 36345,
            product: "DP-9841",
            family: Family::F9800,
            screen: Some(screen(240, 120, 4, false, Form::Png)),
            keys: KEYS_9800,
            lines: 4,
            load: "PHONEOS-9800.3-3-1-0001-57",
            version: "3.3(1)",
            trust_keys: &["Settings", "KeyPad4", "KeyPad4", "KeyPad4", "Soft3"],
        },
        Profile {
            model: "Cisco 8821",
            number: 36216,
            product: "CP-8821",
            family: Family::F8821,
            screen: Some(screen(240, 320, 24, true, bmp(24, false))),
            keys: KEYS_8821,
            lines: 6,
            load: "sip8821.11-0-6SR6-4",
            version: "11.0(6)SR6",
            trust_keys: &["NavSelect", "KeyPad4", "KeyPad4", "KeyPad4", "Soft2"],
        },
        Profile {
            model: "Cisco Unified Client Services Framework",
            number: 503,
            product: "CSF",
            family: Family::Jabber,
            screen: None,
            keys: NO_KEYS,
            lines: 8,
            load: "Jabber_for_Windows-14.3.1.308744",
            version: "14.3.1",
            trust_keys: &[],
        },
        Profile {
            model: "Cisco ATA 187",
            number: 550,
            product: "ATA 187",
            family: Family::Ata,
            screen: None,
            keys: NO_KEYS,
            lines: 1,
            load: "ATA187.9-2-3-1",
            version: "9.2(3)",
            trust_keys: &[],
        },
    ]
}
