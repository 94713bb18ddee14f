//! The addresses of a recovery bench, checked, and the DHCP lines that serve them (capabilities.md 2.5, A5).
//!
//! A bench is one switch of its own with a TFTP server, something that gives out addresses, and the phone.

mod forms;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

pub use forms::Form;

/// How long an address is lent, in seconds: a bench is used for an hour, not for days.
pub const LEASE_S: u32 = 3600;
/// The longest and shortest prefix of a bench: no larger than a site, no smaller than router, server and two phones.
const PREFIXES: std::ops::RangeInclusive<u8> = 16..=29;

/// A bench whose addresses fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bench {
    /// The network.
    pub network: Ipv4Net,
    /// The gateway, which is also where the DHCP server of a router answers.
    pub router: Ipv4Addr,
    /// The TFTP server: option 150.
    pub tftp: Ipv4Addr,
    /// The first address to give out.
    pub first: Ipv4Addr,
    /// The last.
    pub last: Ipv4Addr,
}

/// The fields of the form, in their order.
pub const FIELDS: [&str; 5] = ["router", "prefix", "tftp", "first", "last"];

impl Bench {
    /// Reads what was typed; every field that does not fit gets its sentence.
    ///
    /// # Errors
    /// The sentences by the name of the field.
    pub fn parse(typed: &BTreeMap<String, String>) -> Result<Self, BTreeMap<&'static str, String>> {
        let mut wrong = BTreeMap::new();
        let text = |name: &str| typed.get(name).map(|value| value.trim()).unwrap_or_default();
        let mut address = |name: &'static str| {
            let read = text(name).parse::<Ipv4Addr>().ok();
            if read.is_none() {
                wrong.insert(name, "Write an IPv4 address such as 10.1.1.2.".to_owned());
            }
            read
        };
        let (router, tftp) = (address("router"), address("tftp"));
        let (first, last) = (address("first"), address("last"));
        let prefix = prefix(text("prefix"));
        if prefix.is_none() {
            let words = "Write the length of the network, /16 to /29, or a mask such as 255.255.255.0.";
            wrong.insert("prefix", words.to_owned());
        }
        let (Some(router), Some(prefix), Some(tftp), Some(first), Some(last)) = (router, prefix, tftp, first, last)
        else {
            return Err(wrong);
        };
        let bench = Self {
            network: Ipv4Net::new_assert(router, prefix).trunc(),
            router,
            tftp,
            first,
            last,
        };
        let wrong = bench.wrong();
        if wrong.is_empty() { Ok(bench) } else { Err(wrong) }
    }

    fn wrong(&self) -> BTreeMap<&'static str, String> {
        let mut wrong = BTreeMap::new();
        for (name, address) in [
            ("router", self.router),
            ("tftp", self.tftp),
            ("first", self.first),
            ("last", self.last),
        ] {
            if address.is_multicast() || address.is_unspecified() || address.is_link_local() {
                wrong.insert(name, format!("{address} is no address a host can have on a bench."));
            } else if !self.network.contains(&address) {
                wrong.insert(
                    name,
                    format!("{address} is outside {}, the gateway's network.", self.network),
                );
            } else if address == self.network.network() || address == self.network.broadcast() {
                wrong.insert(
                    name,
                    format!("{address} is the network's own or its broadcast address."),
                );
            }
        }
        if self.tftp == self.router && !wrong.contains_key("tftp") {
            wrong.insert(
                "tftp",
                "The TFTP server needs an address other than the gateway's.".to_owned(),
            );
        }
        if self.first > self.last {
            wrong
                .entry("last")
                .or_insert_with(|| "The last address is before the first.".to_owned());
        } else {
            for (who, address) in [("the gateway", self.router), ("the TFTP server", self.tftp)] {
                if (self.first..=self.last).contains(&address) {
                    let words = format!("The range holds {address}, {who}: a phone could be given it.");
                    wrong.entry("first").or_insert(words);
                }
            }
        }
        wrong
    }

    /// The mask.
    pub fn mask(&self) -> Ipv4Addr {
        self.network.netmask()
    }

    /// The ranges of hosts that are not given out, in order.
    pub(super) fn kept_back(&self) -> Vec<(Ipv4Addr, Ipv4Addr)> {
        let hosts = (
            u32::from(self.network.network()) + 1,
            u32::from(self.network.broadcast()) - 1,
        );
        let (first, last) = (u32::from(self.first), u32::from(self.last));
        let around = [(hosts.0, first.wrapping_sub(1)), (last.wrapping_add(1), hosts.1)];
        around
            .into_iter()
            .filter(|(from, to)| from <= to)
            .map(|(from, to)| (from.into(), to.into()))
            .collect()
    }
}

/// `24`, `/24` or `255.255.255.0`.
fn prefix(text: &str) -> Option<u8> {
    let digits = text.strip_prefix('/').unwrap_or(text);
    let read = digits.parse::<u8>().ok().or_else(|| {
        let mask: Ipv4Addr = text.parse().ok()?;
        ipnet::ipv4_mask_to_prefix(mask).ok()
    });
    read.filter(|prefix| PREFIXES.contains(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(values: [&str; 5]) -> BTreeMap<String, String> {
        let pairs = FIELDS.into_iter().zip(values);
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn wrong(values: [&str; 5]) -> Vec<&'static str> {
        Bench::parse(&typed(values)).unwrap_err().into_keys().collect()
    }

    #[test]
    fn a_bench_is_read_with_its_network_in_three_spellings() {
        for prefix in ["24", "/24", "255.255.255.0", " /24 "] {
            let bench = Bench::parse(&typed(["10.1.1.1", prefix, "10.1.1.2", "10.1.1.10", "10.1.1.254"])).unwrap();
            assert_eq!(bench.network.to_string(), "10.1.1.0/24");
            assert_eq!(bench.mask().to_string(), "255.255.255.0");
        }
    }

    #[test]
    fn each_field_that_does_not_fit_is_named() {
        let all = ["first", "last", "prefix", "router", "tftp"];
        assert_eq!(wrong(["", "", "", "", ""]), all);
        assert_eq!(
            wrong(["10.1.1", "24", "ten", "10.1.1.10", "10.1.1.20"]),
            ["router", "tftp"]
        );
        for prefix in ["8", "30", "33", "255.0.255.0", "-1"] {
            assert_eq!(
                wrong(["10.1.1.1", prefix, "10.1.1.2", "10.1.1.10", "10.1.1.20"]),
                ["prefix"]
            );
        }
        assert_eq!(
            wrong(["10.1.1.1", "24", "10.1.2.2", "10.1.1.10", "10.1.1.20"]),
            ["tftp"]
        );
        assert_eq!(
            wrong(["10.1.1.1", "24", "10.1.1.2", "10.1.0.10", "10.1.2.20"]),
            ["first", "last"]
        );
        assert_eq!(
            wrong(["10.1.1.1", "24", "10.1.1.1", "10.1.1.10", "10.1.1.20"]),
            ["tftp"]
        );
        assert_eq!(
            wrong(["10.1.1.0", "24", "10.1.1.2", "10.1.1.10", "10.1.1.255"]),
            ["last", "router"]
        );
        assert_eq!(
            wrong(["10.1.1.1", "24", "10.1.1.2", "10.1.1.30", "10.1.1.20"]),
            ["last"]
        );
        assert_eq!(
            wrong(["10.1.1.1", "24", "10.1.1.2", "10.1.1.2", "10.1.1.20"]),
            ["first"]
        );
        assert_eq!(
            wrong(["10.1.1.99", "24", "10.1.1.2", "10.1.1.10", "10.1.1.120"]),
            ["first"]
        );
        assert_eq!(
            wrong(["224.0.0.1", "24", "224.0.0.2", "224.0.0.10", "224.0.0.20"]).len(),
            4
        );
    }

    #[test]
    fn what_is_not_in_the_range_is_kept_back() {
        let back = |first, last| {
            let bench = Bench::parse(&typed(["10.1.1.1", "24", "10.1.1.2", first, last])).unwrap();
            bench
                .kept_back()
                .iter()
                .map(|(from, to)| format!("{from} {to}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(back("10.1.1.10", "10.1.1.254"), ["10.1.1.1 10.1.1.9"]);
        assert_eq!(
            back("10.1.1.10", "10.1.1.20"),
            ["10.1.1.1 10.1.1.9", "10.1.1.21 10.1.1.254"]
        );
    }
}
