//! `[jobs]`: work on many phones.

use super::section::section;

section! {
    /// Jobs on many phones. Each job has brakes of its own besides.
    pub struct Jobs {
        /// Phones that all jobs together work on at once, 1 to 2000.
        pub most_at_once: u64 = 200,
        /// Jobs that are over are removed with their runs after so many days, 0 to 36500; 0 keeps them.
        pub keep_days: u64 = 365,
    }
}
