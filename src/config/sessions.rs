//! `[sessions]`: how long people stay signed in.

use super::section::section;

section! {
    /// How long people stay signed in.
    pub struct Sessions {
        /// A session ends after this long without a request, in minutes.
        pub idle_minutes: u64 = 8 * 60,
        /// A session ends after this long in any case, in minutes.
        pub longest_minutes: u64 = 24 * 60,
    }
}
