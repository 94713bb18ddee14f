//! `[control]`: how keys are pressed.

use super::section::section;

section! {
    /// How keys are pressed.
    pub struct Control {
        /// After so long without a key a driver loses the wheel of a phone, in minutes.
        pub driver_idle_minutes: u64 = 5,
    }
}
