//! A phone's device name in CUCM: `SEP` and the twelve hexadecimal digits of its MAC address, or another class's name.

use std::fmt;
use std::str::FromStr;

/// A device name as CUCM keeps it, upper case: 1 to 128 letters, digits, dots, dashes and underscores (AXL mixes the
/// case of MAC addresses; names are compared in upper case).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceName(String);

/// Why a text is no device name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a device name has 1 to 128 letters, digits, dots, dashes or underscores, such as SEP001122334455")]
pub struct InvalidDeviceName;

impl DeviceName {
    /// The name in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The MAC address of a desk phone's name (`SEP` + 12 hexadecimal digits), without separators.
    pub fn mac(&self) -> Option<&str> {
        let digits = self.0.strip_prefix("SEP")?;
        (digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit())).then_some(digits)
    }
}

impl FromStr for DeviceName {
    type Err = InvalidDeviceName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if (1..=128).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(InvalidDeviceName)
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_and_finds_the_mac() {
        let name: DeviceName = " sep0c75bd31aB01 ".parse().unwrap();
        assert_eq!(name.as_str(), "SEP0C75BD31AB01");
        assert_eq!(name.mac(), Some("0C75BD31AB01"));
        assert_eq!("CSFANA.RUIZ".parse::<DeviceName>().unwrap().mac(), None);
    }

    #[test]
    fn refuses_what_could_escape_into_sql_or_a_header() {
        for bad in ["", "SEP'; drop", "SEP 1", "SEP\n1", "é", &"S".repeat(129)] {
            assert_eq!(bad.parse::<DeviceName>(), Err(InvalidDeviceName), "{bad:?}");
        }
    }
}
