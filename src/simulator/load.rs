//! Loads of the 7900 series: which can be installed over which.

/// Loads up to this one carry the old signature; newer ones can only be installed over this one or newer
/// (the "Auth Fail" phones).
const TURN: Version = Version(8, 5, 2, false);

/// Numbers of a load, and whether it is a service release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32, u32, bool);

impl Version {
    /// Of `SCCP45.9-4-2SR3-1S`: 9, 4, 2, yes.
    fn of(load: &str) -> Option<Self> {
        let (family, numbers) = load.split_once('.')?;
        if !family.starts_with("SCCP") && !family.starts_with("SIP") {
            return None;
        }
        let mut parts = numbers.split('-').map(|part| {
            let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part[..end].parse().ok()
        });
        let mut next = || parts.next().flatten();
        Some(Self(next()?, next()?, next()?, numbers.contains("SR")))
    }
}

/// Whether a phone that runs one load fails to check the signature of the other.
pub(super) fn auth_fails(running: &str, wanted: &str) -> bool {
    match (Version::of(running), Version::of(wanted)) {
        (Some(running), Some(wanted)) => running < TURN && wanted > TURN,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_loads_go_over_old_ones_by_way_of_8_5_2_alone() {
        for (running, wanted, fails) in [
            ("SCCP45.8-3-1S", "SCCP45.9-4-2SR3-1S", true),
            ("SCCP45.8-3-1S", "SCCP45.8-5-2SR1S", true),
            ("SCCP45.8-3-1S", "SCCP45.8-5-2S", false),
            ("SCCP45.8-3-1S", "SCCP45.8-4-1S", false),
            ("SCCP45.8-5-2S", "SCCP45.9-4-2SR3-1S", false),
            ("P00308010200", "SCCP45.9-4-2SR3-1S", false),
            ("sip88xx.12-8-1-0001-455", "sip88xx.14-0-1-0001-135", false),
        ] {
            assert_eq!(auth_fails(running, wanted), fails, "{running} to {wanted}");
        }
    }
}
