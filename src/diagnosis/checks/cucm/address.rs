//! Whether CUCM's host resolves and takes connections.

use crate::diagnosis::seen::{REACH, Seen, met};
use crate::domain::finding::{CheckId, Finding, Port, Sign};

pub(in crate::diagnosis::checks) async fn address(seen: &Seen) -> Finding {
    const CHECK: CheckId = CheckId::CucmAddress;
    let (host, port) = (&seen.subject.cluster.host, seen.subject.cluster.port);
    let probe = seen.reach().await;
    let asked = format!("connect to {host}, port {port}");
    let took = format!("{} ms", probe.took.as_millis());
    let addresses = match &probe.resolved {
        Ok(addresses) => addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        Err(word) => {
            return Finding::failed(CHECK, format!("The name {host} does not resolve on this server"))
                .sign(Sign::CucmUnresolved)
                .sign(Sign::CucmUnreachable)
                .detail("Request", asked)
                .detail("Resolver", word)
                .detail("Took", took);
        }
    };
    let finding = match met(probe, REACH) {
        Some(Port::Open) => {
            let address = probe
                .connected
                .map_or_else(|| addresses.clone(), |address| address.to_string());
            Finding::passed(CHECK, format!("{address} takes connections"))
        }
        met => {
            let evidence = match met {
                Some(Port::Refused) => format!("{addresses} refuses connections to port {port}: nothing listens there"),
                Some(Port::Unroutable) => {
                    format!("There is no way from this server to {addresses}, as the network says")
                }
                _ => format!(
                    "{addresses} does not answer on port {port} within {} s: it is off, or a firewall drops the connection",
                    REACH.as_secs()
                ),
            };
            Finding::failed(CHECK, evidence).sign(Sign::CucmUnreachable)
        }
    };
    finding
        .detail("Request", asked)
        .detail("Addresses", addresses)
        .detail("Took", took)
}
