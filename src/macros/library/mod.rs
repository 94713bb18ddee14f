//! The macros that come with the program: texts beside this file.

/// A macro that comes with the program.
#[derive(Debug)]
pub(super) struct BuiltIn {
    /// Its word in the store; never changed.
    pub(super) word: &'static str,
    /// Raised with every change of its text, so that a newer program brings the change and an older one takes none back.
    pub(super) edition: u32,
    /// Its text.
    pub(super) text: &'static str,
}

macro_rules! built_in {
    ($($word:literal $edition:literal,)+) => {
        &[$(BuiltIn { word: $word, edition: $edition, text: include_str!(concat!($word, ".macro")) },)+]
    };
}

/// All of them.
pub(super) static ALL: &[BuiltIn] = built_in![
    "delete-trust-list" 1,
    "delete-ctl" 1,
    "restart" 1,
    "ring" 1,
    "clear-call-logs" 1,
    "read-network-settings" 1,
    "factory-reset" 1,
    "set-background" 2,
    "set-ring-tone" 1,
    "speed-dial-test" 1,
];

/// The one with this word.
pub(super) fn find(word: &str) -> Option<&'static BuiltIn> {
    ALL.iter().find(|built_in| built_in.word == word)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::catalogue;
    use crate::domain::script::{Act, Script, Step};
    use crate::macros::{parse, preview, write};

    fn scripts() -> impl Iterator<Item = (&'static str, Script)> {
        let read = |built_in: &BuiltIn| match parse(built_in.text) {
            Ok(script) => (built_in.word, script),
            Err(mistakes) => {
                let told: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
                panic!("{}: {}", built_in.word, told.join("; "))
            }
        };
        ALL.iter().map(read)
    }

    #[test]
    fn every_text_is_free_of_mistakes_and_says_what_it_does() {
        let mut names = BTreeSet::new();
        for (word, script) in scripts() {
            assert!(
                names.insert(script.name.to_lowercase()),
                "{word}: the name is there twice"
            );
            assert!(!script.description.is_empty(), "{word}");
            assert!(preview(&script).iter().all(|line| !line.words.is_empty()), "{word}");
            assert!(parse(&write(&script)).is_ok(), "{word}");
        }
        assert_eq!(names.len(), 10);
    }

    /// Every step with the steps inside it.
    fn all(steps: &[Step]) -> Vec<&Step> {
        let mut found = Vec::new();
        for step in steps {
            found.push(step);
            match &step.act {
                Act::If { then, otherwise, .. } => {
                    found.extend(all(then));
                    found.extend(all(otherwise));
                }
                Act::Repeat { steps, .. } => found.extend(all(steps)),
                _ => {}
            }
        }
        found
    }

    #[test]
    fn menus_are_gone_through_by_names_and_not_by_digits() {
        for (word, script) in scripts() {
            for step in all(&script.steps) {
                match &step.act {
                    Act::Press(key) => assert!(!key.as_str().starts_with("KeyPad"), "{word}: {key}"),
                    Act::Digits(typed) => assert_eq!(typed.text, "**#", "{word}"),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn the_trust_list_macro_is_for_every_family_that_has_one() {
        let (_, script) = scripts().find(|(word, _)| *word == "delete-trust-list").unwrap();
        for model in [
            "Cisco 7906",
            "Cisco 7911",
            "Cisco 7941",
            "Cisco 7942",
            "Cisco 7961",
            "Cisco 7962",
            "Cisco 7945",
            "Cisco 7965",
            "Cisco 7971",
            "Cisco 7975",
            "Cisco 8945",
            "Cisco 8961",
            "Cisco 9951",
            "Cisco 9971",
            "Cisco 8831",
            "Cisco 8841",
            "Cisco 8845",
            "Cisco 8851",
            "Cisco 8861",
            "Cisco 8865",
            "Cisco 7811",
            "Cisco 7821",
            "Cisco 7841",
            "Cisco 7861",
        ] {
            let family = &catalogue::by_name(model).unwrap().family.id;
            assert!(script.fits.families.contains(family), "{model}");
        }
    }
}
