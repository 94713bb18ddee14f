//! `[diagnosis]`: how long diagnoses are kept.

use super::section::section;

section! {
    /// How long diagnoses of phones are kept. Of one phone the newest 20 are kept.
    pub struct Diagnosis {
        /// Diagnoses that were begun so many days ago are removed, 0 to 36500; 0: they are kept.
        pub keep_days: u64 = 90,
    }
}
