//! Whether CUCM's configuration has the phone.

use super::super::words::{is_unreached, status};
use crate::cucm::{Error, PhoneDetail};
use crate::diagnosis::seen::Seen;
use crate::domain::cause::Cause;
use crate::domain::device_name::DeviceName;
use crate::domain::finding::{CheckId, Finding, Sign};
use crate::store::{clusters, phones};

const CHECK: CheckId = CheckId::PhoneKnown;

pub(in crate::diagnosis::checks) async fn known(seen: &Seen) -> Finding {
    let Some(name) = &seen.subject.name else {
        let why = "The phone is known here only by its address: CUCM cannot be asked about it";
        return Finding::skipped(CHECK, why).sign(Sign::ByAddress);
    };
    let finding = match seen.detail().await {
        Ok(detail) => found(name, detail),
        Err(Error::PhoneUnknown { .. }) => missing(seen, name).await,
        Err(error) if is_unreached(&error) => return Finding::skipped(CHECK, "CUCM was not reached"),
        Err(error) => {
            let finding = Finding::skipped(CHECK, format!("AXL cannot be asked: {}", error.evidence()));
            return match status(&error) {
                Some(status) => finding.detail("Status", status),
                None => finding,
            };
        }
    };
    finding.detail("Request", format!("AXL getPhone {name}"))
}

fn found(name: &DeviceName, detail: &PhoneDetail) -> Finding {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
    let described = text(&detail.description).map_or_else(String::new, |words| format!(", \"{words}\""));
    let evidence = format!("CUCM has {name}: {}{described}", detail.model);
    let mut finding = Finding::passed(CHECK, evidence)
        .sign(Sign::PhoneKnown)
        .excludes(&[Cause::PhoneUnknown]);
    for (label, value) in [
        ("Protocol", &detail.protocol),
        ("Device pool", &detail.device_pool),
        ("Common phone profile", &detail.common_phone_profile),
        ("Owner", &detail.owner),
    ] {
        if let Some(value) = text(value) {
            finding = finding.detail(label, value);
        }
    }
    finding
}

async fn missing(seen: &Seen, name: &DeviceName) -> Finding {
    let cluster = &seen.subject.cluster.name;
    let elsewhere = elsewhere(seen, name).await;
    let where_else = if elsewhere.is_empty() {
        "it was deleted, renamed or moved to a cluster that is not set up here".to_owned()
    } else {
        format!("here, {} has it", elsewhere.join(", "))
    };
    let finding = Finding::failed(CHECK, format!("CUCM of {cluster} has no device {name}; {where_else}"))
        .sign(Sign::PhoneUnknown)
        .detail("Fault", "axlcode 5007: not found");
    if elsewhere.is_empty() {
        finding
    } else {
        finding.detail("Other clusters with this name", elsewhere.join(", "))
    }
}

/// Other clusters of this installation that have the name. What the store cannot tell is left out: it is a hint.
async fn elsewhere(seen: &Seen, name: &DeviceName) -> Vec<String> {
    let store = &seen.tools.store;
    let mut found = Vec::new();
    for cluster in clusters::all(store).await.unwrap_or_default() {
        if cluster.id != seen.subject.cluster.id
            && let Ok(Some(_)) = phones::by_name(store, cluster.id, name.as_str()).await
        {
            found.push(cluster.name);
        }
    }
    found
}
