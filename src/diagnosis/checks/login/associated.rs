//! Whether the phone is among the control login's controlled devices.

use super::super::words::counted;
use crate::cucm::AppUser;
use crate::diagnosis::seen::{NotAsked, Seen};
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Sign};

const CHECK: CheckId = CheckId::ControlledDevice;

pub(in crate::diagnosis::checks) async fn controlled_device(seen: &Seen) -> Finding {
    let tried = seen.login_tried().await;
    let name = &seen.subject.control.username;
    let phone = &seen.subject.phone.name;
    let user = seen.control_user().await.ok().flatten();
    let whose = user.map_or_else(|| name.clone(), described);
    let finding = match (tried.associated, &tried.not_asked) {
        (_, Some(NotAsked::Nameless)) => {
            return Finding::skipped(
                CHECK,
                "CUCM lists devices by name, and this phone is known only by its address",
            );
        }
        (_, Some(NotAsked::Unreached(_))) => return Finding::skipped(CHECK, "CUCM was not reached"),
        (_, Some(NotAsked::NoSuchUser)) => return Finding::skipped(CHECK, format!("CUCM has no user {name}")),
        (Some(true), _) => {
            let evidence = format!("{phone} is a controlled device of the {whose}");
            let finding = Finding::passed(CHECK, evidence).sign(Sign::Associated);
            // The service, which decides, may see that otherwise.
            let contradicted = matches!(&tried.answer, Some(Ok(answer)) if !answer.authorized);
            if contradicted {
                finding
            } else {
                finding.excludes(&[Cause::DeviceNotAssociated])
            }
        }
        (_, None) if tried.is_authorized() => {
            let evidence =
                format!("CUCM authorises {name} for {phone}, though it does not list the phone as controlled");
            Finding::warning(CHECK, evidence).excludes(&[Cause::DeviceNotAssociated])
        }
        (Some(false), _) => Finding::failed(
            CHECK,
            format!("{phone} is not among the controlled devices of the {whose}"),
        )
        .sign(Sign::NotAssociated),
        (None, _) => return Finding::skipped(CHECK, format!("AXL does not tell the controlled devices of {name}")),
    };
    match user {
        Some(user) => finding.detail("Controlled devices", user.devices.len().to_string()),
        None => finding,
    }
}

fn described(user: &AppUser) -> String {
    let kind = if user.is_end_user {
        "end user"
    } else {
        "application user"
    };
    format!(
        "{kind} {}, which has {}",
        user.userid,
        counted(user.devices.len(), "device")
    )
}
