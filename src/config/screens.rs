//! `[screens]`: how often live pictures are fetched.

use super::section::section;

section! {
    /// How often live pictures are fetched. Each picture costs CUCM one authentication call.
    pub struct Screens {
        /// Wait between two pictures of a phone that somebody looks at, in milliseconds.
        pub idle_ms: u64 = 2_000,
        /// The same when nothing has changed for a while, in milliseconds.
        pub quiet_ms: u64 = 5_000,
        /// How long a phone is still watched after the last viewer has left, in milliseconds.
        pub grace_ms: u64 = 5_000,
        /// An answer that took longer than this is called slow, in milliseconds.
        pub slow_ms: u64 = 1_500,
        /// A picture older than this is called stale, in milliseconds.
        pub stale_ms: u64 = 12_000,
    }
}
