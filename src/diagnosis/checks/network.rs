//! The way from this server to the phone.

use std::net::Ipv4Addr;

use super::proof;
use crate::diagnosis::seen::{Seen, Stranger, device_name};
use crate::domain::catalogue::Scheme;
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Port, Sign};
use crate::phone::{DeviceInformation, Error, ErrorKind, Exchange, Probe};

/// What a phone that answers under its own name excludes.
const SAME_DEVICE: [Cause; 7] = [
    Cause::PhoneAddressMissing,
    Cause::PhoneAddressStale,
    Cause::PhoneUnreachable,
    Cause::PhoneNotAnswering,
    Cause::PhoneRestarting,
    Cause::ProxyInPath,
    Cause::WebAccessDisabled,
];

pub(super) async fn http(seen: &Seen) -> Finding {
    port(seen, CheckId::TcpHttp, Scheme::Http).await
}

pub(super) async fn https(seen: &Seen) -> Finding {
    port(seen, CheckId::TcpHttps, Scheme::Https).await
}

async fn port(seen: &Seen, check: CheckId, scheme: Scheme) -> Finding {
    let Some(ports) = seen.ports().await else {
        return Finding::skipped(check, nowhere(seen).await);
    };
    let probe = ports.of(scheme);
    let is_https = scheme == Scheme::Https;
    // What the first request met says more than the bare connection: some phones accept and reset at once.
    let device = seen.device().await;
    let exchanges: Vec<&Exchange> = seen
        .device_exchanges()
        .iter()
        .filter(|one| one.scheme == scheme)
        .collect();
    let reset = exchanges.iter().any(|one| one.refused && one.first_byte.is_none());
    let answered = exchanges.iter().find_map(|one| one.first_byte);
    let met = if probe.met == Port::Open && reset && answered.is_none() {
        Port::Refused
    } else {
        probe.met
    };
    let at = probe.at;
    let finding = match (met, answered) {
        (Port::Open, Some(after)) => {
            let words = format!(
                "{at} took the connection, first byte of an answer after {} ms",
                after.as_millis()
            );
            let finding = Finding::passed(check, words).sign(Sign::FirstByte);
            if matches!(device, Some(Ok(_))) {
                finding.excludes(&[Cause::PhoneUnreachable, Cause::PhoneNotAnswering])
            } else {
                finding
            }
        }
        (Port::Open, None) => open_without_answer(check, probe, device.and_then(Result::err).as_ref(), &exchanges),
        (Port::Refused, _) => Finding::failed(
            check,
            if probe.met == Port::Open {
                format!("{at} took the connection and reset it before the first byte of an answer")
            } else {
                format!("{at} refused the connection within {} ms", probe.took.as_millis())
            },
        ),
        (Port::Silent, _) => Finding::failed(
            check,
            format!("nothing came back from {at} within {} ms", probe.took.as_millis()),
        ),
        (Port::Unroutable, _) => {
            let reason = probe.reason.as_deref().unwrap_or("no way to it");
            Finding::failed(check, format!("no connection to {at}: {reason}"))
        }
    };
    finding
        .sign(Sign::Port(is_https, met))
        .detail("Connection", connection(probe))
}

/// The port is open, and the first request got nothing by it, or was not made by it.
fn open_without_answer(check: CheckId, probe: &Probe, error: Option<&Error>, exchanges: &[&Exchange]) -> Finding {
    let at = probe.at;
    let took = probe.took.as_millis();
    let is_silent = error.is_some_and(|error| *error.kind() == ErrorKind::Silent);
    if is_silent && !exchanges.is_empty() {
        let words = format!("{at} took the connection and then said nothing to the first request");
        return Finding::failed(check, words).sign(Sign::NoFirstByte);
    }
    if exchanges.iter().any(|one| one.failure == Some(ErrorKind::Handshake)) {
        let words = format!("{at} took the connection, but speaks no TLS version or cipher that this program speaks");
        return Finding::warning(check, words);
    }
    Finding::passed(check, format!("{at} took the connection after {took} ms"))
}

fn connection(probe: &Probe) -> String {
    let met = match probe.met {
        Port::Open => "open",
        Port::Refused => "refused",
        Port::Silent => "silent",
        Port::Unroutable => "no way to it",
    };
    format!("TCP {} → {met}, {} ms", probe.at, probe.took.as_millis())
}

/// Why there is nothing to connect to.
async fn nowhere(seen: &Seen) -> String {
    match seen.address().await {
        None => "no address of the phone is known".to_owned(),
        Some(address) => format!("{address} is outside the cluster's phone networks; nothing is sent there"),
    }
}

pub(super) async fn identity(seen: &Seen) -> Finding {
    const CHECK: CheckId = CheckId::Identity;
    let Some(device) = seen.device().await else {
        return Finding::skipped(CHECK, nowhere(seen).await);
    };
    let finding = match (seen.stranger().await, device) {
        (Some(Stranger::Device(name)), _) => {
            let words = format!(
                "another device answers at {}: it calls itself {name}",
                asked_at(seen).await
            );
            Finding::failed(CHECK, words)
                .sign(Sign::OtherDevice(name))
                .sign(Sign::PagesWork)
        }
        (Some(Stranger::Foreign(what)), _) => {
            let words = format!("something that is no phone answers at {}: {what}", asked_at(seen).await);
            Finding::failed(CHECK, words).sign(Sign::ForeignAnswer)
        }
        (Some(Stranger::Page(page)), _) => strange_page(seen, &page).await,
        (None, Ok(device)) => known(seen, device).await,
        (None, Err(error)) => unread(seen, &error).await,
    };
    proof::with(finding, seen, seen.device_exchanges())
}

async fn asked_at(seen: &Seen) -> String {
    seen.address()
        .await
        .map_or_else(String::new, |address| address.to_string())
}

/// A phone answers, and it is not another one.
async fn known(seen: &Seen, device: &DeviceInformation) -> Finding {
    let model = device.model.as_deref().unwrap_or("a phone");
    let Some(name) = device_name(device) else {
        let words = format!("{model} answers, but its page tells no device name, so that it may be another");
        return Finding::warning(CheckId::Identity, words).sign(Sign::PagesWork);
    };
    let words = if seen.subject.name.is_some() {
        format!("{name} ({model}) answers, which is the phone meant")
    } else {
        format!("{name} ({model}) answers; the phone is known only by its address")
    };
    let translated = translated(seen).await;
    let finding = match &translated {
        None => Finding::passed(CheckId::Identity, words),
        Some(own) => {
            let asked = asked_at(seen).await;
            let words = format!(
                "{words}; it was asked at {asked} but has the address {own}: addresses are translated on the way"
            );
            Finding::warning(CheckId::Identity, words)
        }
    };
    finding
        .sign(Sign::SameDevice)
        .sign(Sign::PagesWork)
        .excludes(&SAME_DEVICE)
}

/// The phone's own address where it is another than the one that was asked.
async fn translated(seen: &Seen) -> Option<String> {
    let own: Ipv4Addr = seen.network().await?.ok()?.address.as_deref()?.trim().parse().ok()?;
    let is_other = !own.is_unspecified() && Some(own) != seen.address().await;
    is_other.then(|| own.to_string())
}

/// A page that no phone gives, unless what gives it also gives pictures or errors as a phone.
async fn strange_page(seen: &Seen, page: &str) -> Finding {
    let is_phone = match seen.shot().await {
        Some(Ok(_)) => true,
        Some(Err(error)) => matches!(error.kind(), ErrorKind::PhoneError(_)),
        None => false,
    };
    if is_phone {
        let words =
            "the phone answers, but its page is in a form that this program does not know, so that it may be another";
        return Finding::warning(CheckId::Identity, words);
    }
    let words = format!(
        "a page that is no phone's answers at {}: {}",
        asked_at(seen).await,
        proof::masked(seen, page)
    );
    Finding::failed(CheckId::Identity, words).sign(Sign::ForeignAnswer)
}

async fn unread(seen: &Seen, error: &Error) -> Finding {
    match error.kind() {
        ErrorKind::ModelWithoutControl => {
            Finding::skipped(CheckId::Identity, "this model has no page on which it tells its name")
        }
        ErrorKind::OutsideNetworks => Finding::skipped(CheckId::Identity, nowhere(seen).await),
        ErrorKind::Unreachable
        | ErrorKind::Refused
        | ErrorKind::Handshake
        | ErrorKind::Silent
        | ErrorKind::Slow
        | ErrorKind::Truncated
        | ErrorKind::Queued => {
            let words = format!("nobody told a name: {}", error.kind());
            Finding::skipped(CheckId::Identity, words)
        }
        ErrorKind::Unauthorized => {
            let words = "what answers asks for a login before any page, which phones do not; it may be something else";
            Finding::warning(CheckId::Identity, words)
        }
        kind => {
            let words = format!("the page with the phone's name was not read: {kind}");
            Finding::warning(CheckId::Identity, words)
        }
    }
}
