//! AXL schema versions: which exist, and which one a CUCM and we have in common.

use std::fmt;

use super::error::Service;

/// An AXL schema version that this client speaks. Ordered from oldest to newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AxlVersion {
    /// 8.5
    V8_5,
    /// 9.1
    V9_1,
    /// 10.0
    V10_0,
    /// 10.5
    V10_5,
    /// 11.0
    V11_0,
    /// 11.5
    V11_5,
    /// 12.0
    V12_0,
    /// 12.5
    V12_5,
    /// 14.0 (there is no 13)
    V14_0,
    /// 15.0
    V15_0,
}

impl AxlVersion {
    /// Every version, oldest first.
    pub const ALL: [Self; 10] = [
        Self::V8_5,
        Self::V9_1,
        Self::V10_0,
        Self::V10_5,
        Self::V11_0,
        Self::V11_5,
        Self::V12_0,
        Self::V12_5,
        Self::V14_0,
        Self::V15_0,
    ];

    /// What is asked first of a CUCM never met: the version that most servers of today accept.
    pub const GUESS: Self = Self::V14_0;

    /// The version as it stands in the namespace: `14.0`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V8_5 => "8.5",
            Self::V9_1 => "9.1",
            Self::V10_0 => "10.0",
            Self::V10_5 => "10.5",
            Self::V11_0 => "11.0",
            Self::V11_5 => "11.5",
            Self::V12_0 => "12.0",
            Self::V12_5 => "12.5",
            Self::V14_0 => "14.0",
            Self::V15_0 => "15.0",
        }
    }

    /// The version of a text such as `14.0`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.as_str() == text.trim())
    }

    /// Whether a word of a 599 page names this version: `14.0`, or `12.x` for 12.0 and 12.5.
    fn is_named_by(self, word: &str) -> bool {
        let own = self.as_str();
        own == word
            || word
                .strip_suffix(".x")
                .is_some_and(|major| own.split('.').next() == Some(major))
    }
}

impl fmt::Display for AxlVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a CUCM is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The AXL schema in use.
    pub axl: AxlVersion,
    /// The product version of the publisher, such as `14.0.1.10000-20`.
    pub product: String,
}

/// Major and minor of a product version: `14.0.1.10000-20` is (14, 0), `12.5(1)SU3` is (12, 5). `None` for other texts.
pub fn product_version(text: &str) -> Option<(u32, u32)> {
    let digits = |part: &str| {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..end].parse().ok()
    };
    let (major, rest) = text.trim().split_once('.')?;
    Some((major.parse().ok()?, digits(rest)?))
}

/// Whether a product version is this one or newer: `product_at_least("12.5.1.1-1", (11, 5))`. `None` when the text is no
/// version.
pub fn product_at_least(text: &str, wanted: (u32, u32)) -> Option<bool> {
    product_version(text).map(|version| version >= wanted)
}

/// What the HTTP 599 page of a CUCM offers: every `digits.digits` or `digits.x` after the word "versions", in order.
/// Three wordings are known (see the samples); the last has no list at all, which yields an empty one.
pub fn versions_offered(page: &str) -> Vec<String> {
    const MARKER: &str = "versions";
    let lower = page.to_ascii_lowercase();
    let Some(at) = lower.find(MARKER) else {
        return Vec::new();
    };
    let mut offered: Vec<String> = Vec::new();
    for word in lower[at + MARKER.len()..].split(|c: char| !(c.is_ascii_alphanumeric() || c == '.')) {
        let word = word.trim_matches('.');
        if is_version_word(word) && !offered.iter().any(|known| known == word) {
            offered.push(word.to_owned());
        }
    }
    offered
}

/// The newest version that both sides know.
pub fn highest_common(offered: &[String]) -> Option<AxlVersion> {
    AxlVersion::ALL
        .into_iter()
        .rev()
        .find(|version| offered.iter().any(|word| version.is_named_by(word)))
}

fn is_version_word(word: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
    word.split_once('.')
        .is_some_and(|(major, minor)| digits(major) && (minor == "x" || digits(minor)))
}

/// The page's text in evidence: one line, capped.
pub(super) fn offered_text(offered: &[String]) -> String {
    if offered.is_empty() {
        format!("{} names no version", Service::Axl)
    } else {
        offered.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_every_version_in_order() {
        assert!(AxlVersion::ALL.is_sorted());
        for version in AxlVersion::ALL {
            assert_eq!(AxlVersion::parse(version.as_str()), Some(version));
        }
        assert_eq!(AxlVersion::parse("13.0"), None);
    }

    #[test]
    fn compares_product_versions() {
        assert_eq!(product_version("14.0.1.10000-20"), Some((14, 0)));
        assert_eq!(product_version(" 12.5(1)SU3"), Some((12, 5)));
        assert_eq!(product_version("15.0"), Some((15, 0)));
        for odd in ["", "14", "x.5", "14.", ".5", "-1.2", "99999999999.1"] {
            assert_eq!(product_version(odd), None, "{odd}");
        }
        assert_eq!(product_at_least("11.5.1.10000-6", (11, 5)), Some(true));
        assert_eq!(product_at_least("10.5.2", (11, 5)), Some(false));
        assert_eq!(product_at_least("9.1.2", (11, 5)), Some(false));
        assert_eq!(product_at_least("new", (11, 5)), None);
    }

    #[test]
    fn finds_the_newest_common_version_in_each_wording() {
        let new = include_str!("../../tests/samples/cucm/axl-599-v14-or-15.html");
        let old = include_str!("../../tests/samples/cucm/axl-599-v7.html");
        assert_eq!(versions_offered(new), ["12.x", "14.0", "15.0"]);
        assert_eq!(highest_common(&versions_offered(new)), Some(AxlVersion::V15_0));
        assert_eq!(versions_offered(old), ["1.0", "6.0", "6.1", "7.0", "7.1"]);
        assert_eq!(highest_common(&versions_offered(old)), None);
        assert!(versions_offered("Invalid AXL SOAP Version: 1.0").is_empty());
        assert_eq!(highest_common(&["12.x".to_owned()]), Some(AxlVersion::V12_5));
    }
}
