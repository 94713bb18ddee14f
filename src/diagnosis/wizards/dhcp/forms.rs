//! The same bench in the words of four DHCP servers.

use serde_json::json;

use super::{Bench, LEASE_S};

/// A DHCP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A Cisco router.
    Ios,
    /// ISC dhcpd.
    Isc,
    /// ISC Kea.
    Kea,
    /// dnsmasq.
    Dnsmasq,
}

impl Form {
    /// Every server, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Ios, Self::Isc, Self::Kea, Self::Dnsmasq];

    /// The word in addresses.
    pub fn id(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Isc => "isc",
            Self::Kea => "kea",
            Self::Dnsmasq => "dnsmasq",
        }
    }

    /// The server of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.id() == word)
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Ios => "Cisco IOS router",
            Self::Isc => "ISC dhcpd",
            Self::Kea => "ISC Kea",
            Self::Dnsmasq => "dnsmasq",
        }
    }

    /// Where the lines go.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Ios => "Paste in global configuration mode of the bench router.",
            Self::Isc => "Put into /etc/dhcp/dhcpd.conf of a server that serves the bench alone, then restart dhcpd.",
            Self::Kea => {
                "Save as /etc/kea/kea-dhcp4.conf of a server that serves the bench alone, then restart kea-dhcp4."
            }
            Self::Dnsmasq => "Put into a file of /etc/dnsmasq.d on a machine of the bench, then restart dnsmasq.",
        }
    }

    /// The name of the file to save.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Ios => "bench-ios.txt",
            Self::Isc => "bench-dhcpd.conf",
            Self::Kea => "bench-kea-dhcp4.json",
            Self::Dnsmasq => "bench-dnsmasq.conf",
        }
    }

    /// The lines for a bench. Option 150 is what Cisco phones ask for; option 66 is for those that do not understand it.
    pub fn lines(self, bench: &Bench) -> String {
        match self {
            Self::Ios => ios(bench),
            Self::Isc => isc(bench),
            Self::Kea => kea(bench),
            Self::Dnsmasq => dnsmasq(bench),
        }
    }
}

fn ios(bench: &Bench) -> String {
    let Bench { router, tftp, .. } = bench;
    let ranges = bench.kept_back();
    let back = ranges
        .iter()
        .map(|(from, to)| format!("ip dhcp excluded-address {from} {to}\n"));
    let back = back.collect::<Vec<_>>().concat();
    format!(
        "{back}ip dhcp pool PHONE-BENCH\n network {} {}\n default-router {router}\n option 150 ip {tftp}\n \
         option 66 ascii {tftp}\n lease 0 {}\n",
        bench.network.network(),
        bench.mask(),
        LEASE_S / 3600,
    )
}

fn isc(bench: &Bench) -> String {
    let Bench {
        router,
        tftp,
        first,
        last,
        ..
    } = bench;
    format!(
        "option phone-tftp-servers code 150 = array of ip-address;\n\
         authoritative;\n\
         default-lease-time {LEASE_S};\n\
         max-lease-time {LEASE_S};\n\
         \n\
         subnet {} netmask {} {{\n\
         \x20 range {first} {last};\n\
         \x20 option routers {router};\n\
         \x20 option phone-tftp-servers {tftp};\n\
         \x20 option tftp-server-name \"{tftp}\";\n\
         \x20 next-server {tftp};\n\
         }}\n",
        bench.network.network(),
        bench.mask(),
    )
}

fn kea(bench: &Bench) -> String {
    let tftp = bench.tftp.to_string();
    let option = |name: &str, data: &str| json!({"name": name, "data": data});
    let configuration = json!({
        "Dhcp4": {
            "interfaces-config": {"interfaces": ["*"]},
            "lease-database": {"type": "memfile"},
            "valid-lifetime": LEASE_S,
            "option-def": [
                {"name": "phone-tftp-servers", "code": 150, "space": "dhcp4", "type": "ipv4-address", "array": true}
            ],
            "subnet4": [{
                "id": 1,
                "subnet": bench.network.to_string(),
                "pools": [{"pool": format!("{} - {}", bench.first, bench.last)}],
                "next-server": tftp,
                "option-data": [
                    option("routers", &bench.router.to_string()),
                    option("phone-tftp-servers", &tftp),
                    option("tftp-server-name", &tftp),
                ]
            }]
        }
    });
    format!("{configuration:#}\n")
}

fn dnsmasq(bench: &Bench) -> String {
    let Bench {
        router,
        tftp,
        first,
        last,
        ..
    } = bench;
    format!(
        "# No name service on the bench, only addresses.\n\
         port=0\n\
         dhcp-authoritative\n\
         dhcp-range={first},{last},{},{LEASE_S}\n\
         dhcp-option=option:router,{router}\n\
         dhcp-option=150,{tftp}\n\
         dhcp-option=66,\"{tftp}\"\n",
        bench.mask(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn bench() -> Bench {
        Bench {
            network: "10.1.1.0/24".parse().unwrap(),
            router: Ipv4Addr::new(10, 1, 1, 1),
            tftp: Ipv4Addr::new(10, 1, 1, 2),
            first: Ipv4Addr::new(10, 1, 1, 10),
            last: Ipv4Addr::new(10, 1, 1, 200),
        }
    }

    #[test]
    fn a_router_gets_lines_that_keep_back_everything_outside_the_range() {
        let expected = "\
ip dhcp excluded-address 10.1.1.1 10.1.1.9
ip dhcp excluded-address 10.1.1.201 10.1.1.254
ip dhcp pool PHONE-BENCH
 network 10.1.1.0 255.255.255.0
 default-router 10.1.1.1
 option 150 ip 10.1.1.2
 option 66 ascii 10.1.1.2
 lease 0 1
";
        assert_eq!(Form::Ios.lines(&bench()), expected);
    }

    #[test]
    fn dhcpd_gets_a_subnet_with_option_150_defined() {
        let expected = "\
option phone-tftp-servers code 150 = array of ip-address;
authoritative;
default-lease-time 3600;
max-lease-time 3600;

subnet 10.1.1.0 netmask 255.255.255.0 {
  range 10.1.1.10 10.1.1.200;
  option routers 10.1.1.1;
  option phone-tftp-servers 10.1.1.2;
  option tftp-server-name \"10.1.1.2\";
  next-server 10.1.1.2;
}
";
        assert_eq!(Form::Isc.lines(&bench()), expected);
    }

    #[test]
    fn kea_gets_json_with_option_150_defined() {
        let text = Form::Kea.lines(&bench());
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        let dhcp = &read["Dhcp4"];
        assert_eq!(dhcp["option-def"][0]["code"], 150);
        let subnet = &dhcp["subnet4"][0];
        assert_eq!(subnet["subnet"], "10.1.1.0/24");
        assert_eq!(subnet["pools"][0]["pool"], "10.1.1.10 - 10.1.1.200");
        assert_eq!(subnet["next-server"], "10.1.1.2");
        let options = serde_json::json!([
            {"name": "routers", "data": "10.1.1.1"},
            {"name": "phone-tftp-servers", "data": "10.1.1.2"},
            {"name": "tftp-server-name", "data": "10.1.1.2"},
        ]);
        assert_eq!(subnet["option-data"], options);
        assert!(
            text.ends_with("}\n") && text.contains("\n  \"Dhcp4\""),
            "readable: {text}"
        );
    }

    #[test]
    fn dnsmasq_gets_a_range_and_both_options() {
        let expected = "\
# No name service on the bench, only addresses.
port=0
dhcp-authoritative
dhcp-range=10.1.1.10,10.1.1.200,255.255.255.0,3600
dhcp-option=option:router,10.1.1.1
dhcp-option=150,10.1.1.2
dhcp-option=66,\"10.1.1.2\"
";
        assert_eq!(Form::Dnsmasq.lines(&bench()), expected);
    }

    #[test]
    fn words_are_read_back() {
        for form in Form::ALL {
            assert_eq!(Form::of(form.id()), Some(form));
        }
        assert_eq!(Form::of("windows"), None);
    }
}
