//! What is known of a phone besides its name.

use std::fmt;

use serde::Serialize;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, unknown $unknown:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
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
