//! `[macros]`: how long runs of macros are kept.

use super::section::section;

section! {
    /// How long runs of macros are kept, and the pictures that runs of macros and jobs took.
    pub struct Macros {
        /// Runs that ended so many days ago are removed with their pictures, 0 to 36500; 0: they are kept.
        pub keep_days: u64 = 90,
    }
}
