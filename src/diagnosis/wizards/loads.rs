//! Firmware of the 79xx families that "Auth Fail" can strike, and the load that gets them past it
//! (phone-xml-api.md 8; capabilities.md 2.5).
//!
//! 8.5(2)SR1 and later are signed with a new key; loads before 8.5(2) do not know it. 8.5(2) itself is still signed with
//! the old one and knows the new one: it is the compulsory step between.

use crate::domain::firmware::is_before_compulsory;

/// One package of firmware 8.5(2) and the models it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    /// The models as people call them.
    pub models: &'static [&'static str],
    /// CUCM's numbers of them (`typemodel`).
    pub numbers: &'static [u32],
    /// The file as Cisco names it.
    pub zip: &'static str,
    /// The load as CUCM and the phone name it.
    pub load: &'static str,
    /// What a phone with empty flash asks the TFTP server for, in the order of `models`.
    pub first_files: &'static [&'static str],
}

/// Every package.
pub(super) const PACKAGES: [Package; 6] = [
    Package {
        models: &["7906", "7911"],
        numbers: &[369, 307],
        zip: "cmterm-7911_7906-sccp.8-5-2.zip",
        load: "SCCP11.8-5-2S",
        first_files: &["term06.default.loads", "term11.default.loads"],
    },
    Package {
        models: &["7941", "7961", "7941G-GE", "7961G-GE"],
        numbers: &[115, 30018, 309, 308],
        zip: "cmterm-7941_7961-sccp.8-5-2.zip",
        load: "SCCP41.8-5-2S",
        first_files: &[
            "term41.default.loads",
            "term61.default.loads",
            "term41.default.loads",
            "term61.default.loads",
        ],
    },
    Package {
        models: &["7942", "7962"],
        numbers: &[434, 404],
        zip: "cmterm-7942_7962-sccp.8-5-2.zip",
        load: "SCCP42.8-5-2S",
        first_files: &["term42.default.loads", "term62.default.loads"],
    },
    Package {
        models: &["7945", "7965"],
        numbers: &[435, 436],
        zip: "cmterm-7945_7965-sccp.8-5-2.zip",
        load: "SCCP45.8-5-2S",
        first_files: &["term45.default.loads", "term65.default.loads"],
    },
    Package {
        models: &["7970", "7971"],
        numbers: &[30006, 119],
        zip: "cmterm-7970_7971-sccp.8-5-2.zip",
        load: "SCCP70.8-5-2S",
        first_files: &["term70.default.loads", "term71.default.loads"],
    },
    Package {
        models: &["7975"],
        numbers: &[437],
        zip: "cmterm-7975-sccp.8-5-2.zip",
        load: "SCCP75.8-5-2S",
        first_files: &["term75.default.loads"],
    },
];

/// One model of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Old {
    /// The model as people call it.
    pub model: &'static str,
    /// Its package.
    pub package: &'static Package,
    /// What it asks the TFTP server for once its flash is empty.
    pub first_file: &'static str,
}

/// The model of a name as people or CUCM write it (`7942`, `Cisco 7942`, `CP-7942G`), when its family is one of these.
pub(super) fn of_model(text: &str) -> Option<Old> {
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_prefix("CISCO ").unwrap_or(&text);
    let text = text.strip_prefix("CP-").unwrap_or(text);
    all().find(|old| old.model == text || text.strip_suffix('G') == Some(old.model))
}

/// The model of a number of CUCM.
pub(super) fn of_number(number: u32) -> Option<Old> {
    PACKAGES.iter().find_map(|package| {
        let at = package.numbers.iter().position(|known| *known == number)?;
        Some(old(package, at))
    })
}

/// Every model, in the order of the packages.
fn all() -> impl Iterator<Item = Old> {
    PACKAGES
        .iter()
        .flat_map(|package| (0..package.models.len()).map(move |at| old(package, at)))
}

fn old(package: &'static Package, at: usize) -> Old {
    Old {
        model: package.models[at],
        package,
        first_file: package.first_files[at],
    }
}

/// Whether a load is 8.5(2) or later: then the phone has got past the change of keys.
pub(super) fn is_past(load: &str) -> bool {
    is_before_compulsory(load) == Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::firmware::AUTH_FAIL_MODELS;

    #[test]
    fn every_model_has_its_file_and_what_it_asks_for_first() {
        for (model, zip, first) in [
            ("7906", "cmterm-7911_7906-sccp.8-5-2.zip", "term06.default.loads"),
            ("Cisco 7911", "cmterm-7911_7906-sccp.8-5-2.zip", "term11.default.loads"),
            ("7941", "cmterm-7941_7961-sccp.8-5-2.zip", "term41.default.loads"),
            (
                "cisco 7961g-ge",
                "cmterm-7941_7961-sccp.8-5-2.zip",
                "term61.default.loads",
            ),
            ("CP-7942G", "cmterm-7942_7962-sccp.8-5-2.zip", "term42.default.loads"),
            ("7962", "cmterm-7942_7962-sccp.8-5-2.zip", "term62.default.loads"),
            ("7965", "cmterm-7945_7965-sccp.8-5-2.zip", "term65.default.loads"),
            ("7970", "cmterm-7970_7971-sccp.8-5-2.zip", "term70.default.loads"),
            ("7975", "cmterm-7975-sccp.8-5-2.zip", "term75.default.loads"),
        ] {
            let old = of_model(model).unwrap();
            assert_eq!((old.package.zip, old.first_file), (zip, first), "{model}");
        }
        for other in ["7940", "7960", "8845", "", "79"] {
            assert_eq!(of_model(other), None, "{other}");
        }
    }

    #[test]
    fn names_and_numbers_tell_the_same_model() {
        for package in &PACKAGES {
            assert_eq!(package.models.len(), package.numbers.len());
            assert_eq!(package.models.len(), package.first_files.len());
            for (model, number) in package.models.iter().zip(package.numbers) {
                assert_eq!(of_model(model), of_number(*number), "{model}");
            }
        }
        assert_eq!(of_number(684), None);
        for number in AUTH_FAIL_MODELS {
            assert!(of_number(number).is_some(), "{number}");
        }
        assert_eq!(AUTH_FAIL_MODELS.len(), all().count());
    }

    #[test]
    fn a_phone_is_past_from_8_5_2_on() {
        for (load, past) in [
            ("SCCP42.8-3-1S", false),
            ("SCCP42.8-5-2S", true),
            ("SCCP42.8-5-2SR1S", true),
            ("", false),
        ] {
            assert_eq!(is_past(load), past, "{load}");
        }
    }
}
