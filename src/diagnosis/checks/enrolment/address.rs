//! At which address the phone is looked at, and whether CUCM agrees.

use std::net::Ipv4Addr;

use super::super::words::moment;
use crate::cucm::{LastKnown, Registration};
use crate::diagnosis::seen::Seen;
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Sign};
use crate::domain::phone::{RegistrationStatus, WebServer};

const CHECK: CheckId = CheckId::PhoneAddress;

pub(in crate::diagnosis::checks) async fn address(seen: &Seen) -> Finding {
    let kept = seen.subject.phone.address;
    let told = seen.registrations().await.ok();
    let entry = told
        .zip(seen.subject.name.as_ref())
        .and_then(|(told, name)| told.get(name));
    let finding = match (entry.and_then(|entry| entry.address), entry) {
        (Some(told), _) => of_ris(seen, told, kept),
        (None, Some(entry)) if is_registered(entry) => missing(last_known(seen).await.as_ref(), kept),
        _ => without_ris(seen, kept).await,
    };
    let finding = match kept {
        Some(kept) => finding.detail("Address in the inventory", kept.to_string()),
        None => finding,
    };
    with_web_server(finding, entry)
}

fn is_registered(entry: &Registration) -> bool {
    matches!(
        entry.status,
        RegistrationStatus::Registered | RegistrationStatus::PartiallyRegistered
    )
}

fn of_ris(seen: &Seen, told: Ipv4Addr, kept: Option<Ipv4Addr>) -> Finding {
    let networks = &seen.subject.cluster.phone_networks;
    let finding = if seen.subject.target_at(told).is_err() {
        outside(told, networks)
    } else {
        match kept {
            Some(kept) if kept != told => {
                let evidence =
                    format!("CUCM has the phone at {told}; here it was kept at {kept}. It is looked at there");
                Finding::warning(CHECK, evidence).sign(Sign::AddressMoved(told))
            }
            None => {
                let evidence = format!("CUCM has the phone at {told}; here no address was kept");
                Finding::warning(CHECK, evidence).sign(Sign::AddressMoved(told))
            }
            Some(_) => Finding::passed(CHECK, format!("CUCM has the phone at {told}, as it is kept here")),
        }
    };
    finding
        .sign(Sign::Address(told))
        .excludes(&[Cause::PhoneAddressMissing])
        .detail("Address from RIS", told.to_string())
}

fn outside(address: Ipv4Addr, networks: &[String]) -> Finding {
    let evidence = format!(
        "{address} is outside the phone networks of this cluster ({}): nothing is sent to it",
        networks.join(", ")
    );
    Finding::failed(CHECK, evidence)
}

fn missing(last: Option<&LastKnown>, kept: Option<Ipv4Addr>) -> Finding {
    let known = last.and_then(|last| last.address).or(kept);
    let hint = known.map_or_else(String::new, |address| format!("; it was last known at {address}"));
    let evidence = format!("The phone is registered, and RIS gives no address for it{hint}");
    with_last_known(Finding::failed(CHECK, evidence).sign(Sign::AddressMissing), last)
}

/// RIS tells nothing, or not of a registered phone: what is known otherwise.
async fn without_ris(seen: &Seen, kept: Option<Ipv4Addr>) -> Finding {
    let last = last_known(seen).await;
    let finding = match (kept, last.as_ref().and_then(|last| last.address)) {
        (Some(kept), _) if seen.subject.target_at(kept).is_err() => {
            outside(kept, &seen.subject.cluster.phone_networks).sign(Sign::Address(kept))
        }
        (Some(kept), _) if seen.subject.phone.by_address => {
            Finding::passed(CHECK, format!("The phone is looked at where it was added: {kept}"))
                .sign(Sign::Address(kept))
        }
        (Some(kept), Some(last)) if last != kept => {
            let evidence = format!("RIS gives no address; CUCM last knew {last}, here {kept} is kept and looked at");
            Finding::warning(CHECK, evidence).sign(Sign::Address(kept))
        }
        (Some(kept), _) => {
            let evidence = format!("RIS gives no address; the phone is looked at where it was last: {kept}");
            Finding::warning(CHECK, evidence).sign(Sign::Address(kept))
        }
        (None, Some(last)) => {
            let evidence = format!("RIS gives no address; CUCM last knew the phone at {last}, perhaps long ago");
            Finding::warning(CHECK, evidence)
        }
        (None, None) => Finding::failed(CHECK, "Neither CUCM nor this server knows an address of the phone"),
    };
    with_last_known(finding, last.as_ref())
}

async fn last_known(seen: &Seen) -> Option<LastKnown> {
    seen.last_known().await.ok().flatten().cloned()
}

fn with_last_known(finding: Finding, last: Option<&LastKnown>) -> Finding {
    let Some(last) = last else { return finding };
    let address = last
        .address
        .map_or_else(|| "no address".to_owned(), |address| address.to_string());
    let when = last
        .last_seen
        .map_or_else(String::new, |time| format!(", last seen {}", moment(time)));
    finding.detail("Last known to AXL", format!("{address}, {}{when}", last.node))
}

fn with_web_server(finding: Finding, entry: Option<&Registration>) -> Finding {
    match entry.map(|entry| entry.httpd) {
        Some(WebServer::Yes) => finding.sign(Sign::Httpd(true)).detail("Httpd", "Yes"),
        Some(WebServer::No) => finding.sign(Sign::Httpd(false)).detail("Httpd", "No"),
        Some(WebServer::Unknown) => finding.detail("Httpd", "Unknown"),
        None => finding,
    }
}
