//! `[phones]`: how phones are talked to.

use super::section::section;

section! {
    /// How phones are talked to.
    pub struct Phones {
        /// Longest wait for a connection to a phone, in milliseconds.
        pub connect_timeout_ms: u64 = 2_000,
        /// Longest wait for a phone's whole answer, in milliseconds.
        pub read_timeout_ms: u64 = 10_000,
        /// Most requests to phones under way at once; one phone never has more than one.
        pub most_at_once: usize = 256,
    }
}
