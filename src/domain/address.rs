//! Where phones may live: IPv4 addresses, and the networks of a cluster that credentials may be sent to.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// The networks of one cluster in which its phones live. Nothing is ever sent to a phone outside them: an address comes
/// from RIS or is typed by a person, and either may be wrong or hostile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PhoneNetworks(Vec<Ipv4Net>);

/// Why a list of networks is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNetworks {
    /// Not `a.b.c.d/n`, nor a single address.
    #[error("{0:?} is no IPv4 network; write it as 10.0.0.0/8")]
    Malformed(String),
    /// An empty list would mean that no phone can be reached.
    #[error("name at least one network in which phones live, such as 10.0.0.0/8")]
    Empty,
    /// More than any site has.
    #[error("at most 256 networks")]
    TooMany,
}

impl PhoneNetworks {
    /// The largest number of networks of one cluster.
    pub const MAX: usize = 256;

    /// Parses networks (`10.0.0.0/8`) and single addresses; host bits are cleared.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidNetworks> {
        let mut networks = Vec::new();
        for text in texts.into_iter().map(str::trim).filter(|text| !text.is_empty()) {
            let network = text
                .parse::<Ipv4Net>()
                .or_else(|_| text.parse::<Ipv4Addr>().map(Ipv4Net::from))
                .map_err(|_| InvalidNetworks::Malformed(text.to_owned()))?;
            networks.push(network.trunc());
        }
        match networks.len() {
            0 => Err(InvalidNetworks::Empty),
            n if n > Self::MAX => Err(InvalidNetworks::TooMany),
            _ => Ok(Self(networks)),
        }
    }

    /// Whether a phone may live at this address. Never true for the unspecified, broadcast and multicast addresses.
    pub fn contain(&self, address: Ipv4Addr) -> bool {
        !address.is_unspecified()
            && !address.is_broadcast()
            && !address.is_multicast()
            && self.0.iter().any(|network| network.contains(&address))
    }

    /// The networks as text, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(ToString::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contain_only_what_was_named() {
        let networks = PhoneNetworks::parse(["10.1.2.3/16", " 192.0.2.7 "]).unwrap();
        assert_eq!(networks.iter().collect::<Vec<_>>(), ["10.1.0.0/16", "192.0.2.7/32"]);
        assert!(networks.contain(Ipv4Addr::new(10, 1, 255, 1)));
        assert!(!networks.contain(Ipv4Addr::new(10, 2, 0, 1)));
        let all = PhoneNetworks::parse(["0.0.0.0/0"]).unwrap();
        for never in [Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST, Ipv4Addr::new(224, 0, 0, 1)] {
            assert!(!all.contain(never), "{never}");
        }
    }

    #[test]
    fn refuse_what_is_no_network() {
        assert_eq!(PhoneNetworks::parse([" ", ""]), Err(InvalidNetworks::Empty));
        assert!(matches!(
            PhoneNetworks::parse(["10.0.0.0/33"]),
            Err(InvalidNetworks::Malformed(_))
        ));
        assert!(matches!(
            PhoneNetworks::parse(["fe80::/10"]),
            Err(InvalidNetworks::Malformed(_))
        ));
    }
}
