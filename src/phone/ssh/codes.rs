//! Which number stands for which key at a phone's SSH shell.
//!
//! From phone-xml-api.md 7.4, whose source is the public program `CiscoPhoneRemoteControl` (tried by its author on 7841 and
//! 8865). Numbers that stand in no source are not guessed: 535 and 541 may be anything.

use crate::domain::catalogue::Model;
use crate::domain::key::Key;

/// Every key with a number. `FixedFeature1` to `3` are the keys Transfer, Conference and Hold under the names that
/// 69xx and 88xx give them (phone-xml-api.md 3.2). The source calls 551 Settings; on the 7841 and the 8865 it was tried on,
/// that one key is `Applications`.
const CODES: [(&str, u16); 48] = [
    ("KeyPad0", 513),
    ("KeyPad1", 514),
    ("KeyPad2", 515),
    ("KeyPad3", 516),
    ("KeyPad4", 517),
    ("KeyPad5", 518),
    ("KeyPad6", 519),
    ("KeyPad7", 520),
    ("KeyPad8", 521),
    ("KeyPad9", 522),
    ("KeyPadStar", 523),
    ("KeyPadPound", 524),
    ("NavBack", 525),
    ("Soft1", 526),
    ("Soft2", 527),
    ("Soft3", 528),
    ("Soft4", 529),
    ("Line1", 530),
    ("Line2", 531),
    ("Line3", 532),
    ("Line4", 533),
    ("Line5", 534),
    ("Line6", 536),
    ("Line7", 537),
    ("Line8", 538),
    ("Line9", 539),
    ("Line10", 540),
    ("VolUp", 542),
    ("VolDwn", 543),
    ("NavUp", 544),
    ("NavSelect", 545),
    ("NavDwn", 546),
    ("NavLeft", 547),
    ("NavRight", 548),
    ("Messages", 549),
    ("Directories", 550),
    ("Settings", 551),
    ("Applications", 551),
    ("Headset", 552),
    ("Speaker", 553),
    ("Mute", 554),
    ("Release", 555),
    ("Hold", 557),
    ("FixedFeature3", 557),
    ("Transfer", 558),
    ("FixedFeature1", 558),
    ("Conference", 559),
    ("FixedFeature2", 559),
];

/// The number of a key; none when no source names one.
pub(super) fn code_of(key: &Key) -> Option<u16> {
    let named = CODES.iter().find(|(name, _)| *name == key.as_str());
    named.map(|(_, code)| *code)
}

/// Whether keys can be pressed over SSH on a model: on 69xx, 78xx and 88xx. 7900 phones have no such command, and on a
/// 9971 it was seen to do nothing (phone-xml-api.md 7.4).
pub(super) fn takes_keys(model: &Model) -> bool {
    matches!(
        model.family.id.as_str(),
        "6900" | "7800" | "7832" | "8800" | "8821" | "8831" | "8832"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue;

    #[test]
    fn every_name_is_a_key_and_stands_once() {
        for (at, (name, code)) in CODES.iter().enumerate() {
            let key: Key = name.parse().unwrap();
            assert_eq!(code_of(&key), Some(*code));
            assert!(CODES[..at].iter().all(|(other, _)| other != name), "{name}");
        }
        for without in ["AppMenu", "Soft5", "Line11", "Session1", "Contacts", "Services", "Info"] {
            assert_eq!(code_of(&without.parse().unwrap()), None, "{without}");
        }
    }

    #[test]
    fn only_three_generations_take_keys() {
        let takes = |name: &str| takes_keys(catalogue::by_name(name).unwrap());
        for name in ["Cisco 6941", "Cisco 7841", "Cisco 8845", "Cisco 8831"] {
            assert!(takes(name), "{name}");
        }
        for name in [
            "Cisco 7965",
            "Cisco 7911",
            "Cisco 7960",
            "Cisco 9971",
            "Cisco 9841",
            "Cisco ATA 187",
        ] {
            assert!(!takes(name), "{name}");
        }
    }
}
