//! `[screens]`: how often live pictures are fetched.

use super::section::section;

section! {
    /// How often live pictures are fetched. Each picture costs CUCM one authentication call.
    pub struct Screens {
        /// Most pictures (and pages of a screen in words) asked of the phones of one cluster a second, 1 to 10000. Phones that somebody has opened go before tiles of a wall.
        pub pictures_per_second: u32 = 50,
        /// Time from one picture of a phone that somebody has opened to the next, in milliseconds.
        pub idle_ms: u64 = 2_000,
        /// The same when nothing has changed for a while, in milliseconds.
        pub quiet_ms: u64 = 5_000,
        /// The same for a phone that is looked at only as a tile among many, in milliseconds.
        pub tile_ms: u64 = 10_000,
        /// The same for a tile on which nothing has changed for a while, in milliseconds.
        pub tile_quiet_ms: u64 = 20_000,
        /// How long a phone is still watched after the last viewer has left, in milliseconds.
        pub grace_ms: u64 = 5_000,
        /// A phone that takes longer than this for a picture is called slow, in milliseconds.
        pub slow_ms: u64 = 1_500,
        /// When a phone owes a new picture for longer than this, the one that is shown is called stale, in milliseconds.
        pub stale_ms: u64 = 12_000,
    }
}
