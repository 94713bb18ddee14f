//! `[reach]`: how phones reach this server, and how announcements leave it.

use std::net::Ipv4Addr;

use super::section::section;

section! {
    /// How phones fetch pictures and texts from this server, and how announcements are sent to them.
    pub struct Reach {
        /// Origin under which phones reach this server, such as `http://10.1.2.3:8080`; empty: plain http at its own address and port, which needs no name. Phones do not check names, but many refuse certificates: plain http is what works.
        pub base_url: String = String::new(),
        /// What was prepared for phones to fetch is there for so many minutes, 1 to 60.
        pub media_minutes: u64 = 10,
        /// Address of the network interface that multicast announcements leave by; `0.0.0.0`: the system chooses.
        pub multicast_interface: Ipv4Addr = Ipv4Addr::UNSPECIFIED,
        /// Multicast groups for announcements, one each at a time.
        pub multicast_groups: Vec<Ipv4Addr> = vec![Ipv4Addr::new(239, 192, 77, 1), Ipv4Addr::new(239, 192, 77, 2)],
        /// Routers that a multicast packet may pass, 1 to 255.
        pub multicast_ttl: u64 = 16,
        /// First port of the phones for announcements, an even number, 20480 to 32766.
        pub port_from: u64 = 20_480,
        /// Last port of the phones for announcements, `port_from` to 32768.
        pub port_to: u64 = 32_768,
        /// Announcements that are played at once, 1 to 16.
        pub announcements_at_once: u64 = 4,
        /// Phones of one unicast announcement, each with a stream of 80 kbit/s, 1 to 2000.
        pub unicast_phones: u64 = 200,
        /// Announcements that ended so many days ago are removed, 0 to 36500; 0: they are kept.
        pub keep_days: u64 = 90,
    }
}
