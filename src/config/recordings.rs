//! `[recordings]`: what is kept of recorded screens, and for how long.

use super::section::section;

section! {
    /// What is kept of recorded screens, and for how long. Recordings live in the folder `recordings` of the data folder.
    pub struct Recordings {
        /// Allow people to record the phones they see. Recordings that are there stay readable.
        pub enabled: bool = true,
        /// A recording ends after this long, in minutes, 1 to 1440.
        pub longest_minutes: u64 = 60,
        /// A recording ends when its pictures take so much room, in MiB, 1 to 100000.
        pub most_mib: u64 = 200,
        /// Room for all recordings together, in MiB, at least `most_mib`, at most 10000000. The oldest that have ended are removed for new ones.
        pub total_mib: u64 = 4_000,
        /// Recordings that ended so many days ago are removed, 0 to 36500; 0: they are kept.
        pub keep_days: u64 = 30,
    }
}
