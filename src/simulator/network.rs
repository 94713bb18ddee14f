//! Where the phones are: what DHCP gives every one of them.

use super::set::Network;

/// The same for every phone, but for its address.
pub(super) const OF_A_SET: Network = Network {
    address: None,
    mask: "255.255.0.0",
    router: "127.20.255.1",
    dns: "127.20.255.53",
    tftp: "127.0.0.1",
    domain: "voice.example",
    vlan: "172",
};
