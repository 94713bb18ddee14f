//! What is known of a phone besides its name.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, unknown $unknown:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in the API and the store.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The value of a stored word; an unknown word reads as unknown.
            pub fn from_stored(word: &str) -> Self {
                Self::ALL.iter().copied().find(|value| value.as_str() == word).unwrap_or(Self::$unknown)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// Registration as RIS tells it.
    RegistrationStatus, unknown Unknown {
        /// Registered with a node.
        Registered = "registered",
        /// Was registered, is not now.
        Unregistered = "unregistered",
        /// Tried and was refused.
        Rejected = "rejected",
        /// Some lines registered, others not.
        PartiallyRegistered = "partially-registered",
        /// RIS has not been asked, did not know or did not answer.
        Unknown = "unknown",
    }
}

words! {
    /// Whether the phone's web server is on: `Httpd` of RIS, or what a request showed.
    WebServer, unknown Unknown {
        /// On.
        Yes = "yes",
        /// Off.
        No = "no",
        /// Not told.
        Unknown = "unknown",
    }
}

words! {
    /// The signalling protocol.
    Protocol, unknown Unknown {
        /// Session Initiation Protocol.
        Sip = "SIP",
        /// Skinny Client Control Protocol.
        Sccp = "SCCP",
        /// Not told.
        Unknown = "unknown",
    }
}

words! {
    /// Whether a phone can be controlled now.
    ReadinessState, unknown Unknown {
        /// The last attempt succeeded.
        Ready = "ready",
        /// The last attempt failed, or it is known that one would; the cause says why.
        Blocked = "blocked",
        /// Not tried yet and nothing speaks against it.
        Unknown = "unknown",
    }
}

/// The name of a `StatusReason` of RIS and what it hints at (cucm-apis.md 5). None for numbers that are not documented;
/// rejected registrations have a numbering of their own.
pub fn status_reason(number: u32) -> Option<(&'static str, &'static str)> {
    Some(match number {
        0 => ("no reason", "CUCM gives none"),
        1 => ("unknown", "CUCM does not know why"),
        6 => (
            "connectivity error",
            "the network between the phone and its CUCM server",
        ),
        8 => ("device-initiated reset", "the phone restarted by itself"),
        9 => ("reset from CUCM", "somebody reset it"),
        10 => (
            "device unregistered",
            "an orderly sign-off, as when its address changes",
        ),
        11 => ("malformed registration", "look at its firmware"),
        12 => ("SCCP throttling", "the phone sends too much"),
        13 => ("keep-alive time-out", "power, cable or network"),
        14 => (
            "configuration mismatch",
            "the phone has another configuration than CUCM: suspect TFTP or its trust list",
        ),
        15 => ("CUCM restarted", "its CUCM server restarted"),
        16 => (
            "duplicate registration",
            "it registered again, here or with another server",
        ),
        17 => ("apply config from CUCM", "a changed configuration was sent to it"),
        18 => ("no response", "the phone did not answer CUCM"),
        19 => ("Extension Mobility", "somebody signed in or out"),
        20 => ("Extension Mobility across clusters", "somebody signed in or out"),
        25 => ("registration out of order", "the phone registered in the wrong order"),
        26 => ("invalid capabilities", "its codecs"),
        28 => ("fallback", "it moves back to its preferred CUCM server"),
        29 => ("device switch", "another device takes over"),
        30 => ("device wiped", "an administrator erased it"),
        31 => ("forced reset", "an administrator reset it"),
        33 => ("low battery", "charge it"),
        34 => ("switched off", "somebody switched it off"),
        _ => return None,
    })
}

/// Whether a `StatusReason` of RIS tells of a restart that ends by itself: 8, 9, 15, 17, 19, 20, 28, 30 and 31.
pub fn is_restart(reason: u32) -> bool {
    matches!(reason, 8 | 9 | 15 | 17 | 19 | 20 | 28 | 30 | 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_restart_has_a_name() {
        for number in (0..=40).filter(|number| is_restart(*number)) {
            assert!(status_reason(number).is_some(), "{number}");
        }
        assert_eq!(status_reason(13).map(|(name, _)| name), Some("keep-alive time-out"));
        assert_eq!(status_reason(7), None);
    }
}
