//! The phone's own Authentication URLs: written, read back and compared.

use serde::{Deserialize, Serialize};

use super::act::{Mishap, unchanged};
use crate::cucm::{Cucm, PhoneChange, PhoneDetail};
use crate::domain::cause::Cause;
use crate::domain::device_name::DeviceName;

/// Both fields of a phone; empty where there is none. The phone takes the secure one first (cucm-apis.md 3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pair {
    pub(super) secure: String,
    pub(super) plain: String,
}

impl Pair {
    pub(super) fn of(detail: &PhoneDetail) -> Self {
        Self {
            secure: detail.secure_authentication_url.clone(),
            plain: detail.authentication_url.clone(),
        }
    }
}

/// URLs of the cluster's own authenticate service, by address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proposed {
    pub(super) https: String,
    pub(super) http: String,
}

/// URLs to be written, with the phone as it was read before.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) device: DeviceName,
    pub(super) before: Box<PhoneDetail>,
    pub(super) wished: Pair,
}

/// Writes the fields that differ and proves that CUCM has them. When it has something else, what we wrote is taken back.
pub(super) async fn write(cucm: &Cucm, write: &Write) -> Result<(), Mishap> {
    let before = Pair::of(&write.before);
    let now = cucm
        .get_phone(&write.device)
        .await
        .map_err(|error| Mishap::unread(&error))?;
    let now = Pair::of(&now);
    if now != before {
        return Err(Mishap::Changed(format!(
            "somebody changed {} in CUCM at this moment; nothing was written",
            write.device
        )));
    }
    let doubt = match cucm.update_phone(&write.device, &change(&before, &write.wished)).await {
        Ok(()) => None,
        Err(error) if error.is_doubtful() => Some(error.evidence()),
        Err(error) => return Err(error.into()),
    };
    let found = match cucm.get_phone(&write.device).await {
        Ok(found) => Pair::of(&found),
        Err(error) => {
            let evidence = format!("the change was sent, and could not be read back: {}", error.evidence());
            return Err(Mishap::doubtful(error.cause(), doubt.unwrap_or(evidence)));
        }
    };
    if found == write.wished {
        return Ok(());
    }
    if found == before {
        return Err(unchanged(Cause::AxlUnavailable, doubt, "the URLs from before"));
    }
    let told = doubt.map_or_else(String::new, |doubt| format!("{doubt}; "));
    let wished = rescued(&before, &write.wished, &found);
    if wished == found {
        let evidence =
            format!("{told}after the change CUCM had other URLs than were written; they were left as they are now");
        return Err(Mishap::doubtful(Cause::AxlUnavailable, evidence));
    }
    // What cannot be written back is seen by the reading back.
    let _ = cucm.update_phone(&write.device, &change(&found, &wished)).await;
    match cucm.get_phone(&write.device).await {
        Ok(now) if Pair::of(&now) == before && told.is_empty() => Err(Mishap::failed(
            Cause::AxlUnavailable,
            "after the change CUCM had other URLs than were written; those from before were written back",
        )),
        Ok(now) if Pair::of(&now) == wished => Err(Mishap::doubtful(
            Cause::AxlUnavailable,
            format!(
                "{told}after the change CUCM had other URLs than were written; ours was put back, and what else was changed was left"
            ),
        )),
        Ok(_) => Err(Mishap::doubtful(
            Cause::AxlUnavailable,
            format!(
                "{told}after the change CUCM had other URLs than were written, and does not take those from before"
            ),
        )),
        Err(error) => Err(Mishap::doubtful(error.cause(), format!("{told}{}", error.evidence()))),
    }
}

/// What CUCM has now, with those of our own writes taken back that stand: a URL of somebody else's stays.
fn rescued(before: &Pair, wished: &Pair, found: &Pair) -> Pair {
    let field = |before: &String, wished: &String, found: &String| {
        if found == wished { before.clone() } else { found.clone() }
    };
    Pair {
        secure: field(&before.secure, &wished.secure, &found.secure),
        plain: field(&before.plain, &wished.plain, &found.plain),
    }
}

/// Only the fields that differ.
fn change(from: &Pair, to: &Pair) -> PhoneChange {
    PhoneChange {
        authentication_url: (from.plain != to.plain).then(|| to.plain.clone()),
        secure_authentication_url: (from.secure != to.secure).then(|| to.secure.clone()),
        ..PhoneChange::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_somebody_elses_is_not_written_over() {
        let pair = |secure: &str, plain: &str| Pair {
            secure: secure.to_owned(),
            plain: plain.to_owned(),
        };
        let (before, wished) = (pair("a", "b"), pair("x", "y"));
        assert_eq!(rescued(&before, &wished, &pair("x", "b")), before);
        assert_eq!(rescued(&before, &wished, &pair("x", "theirs")), pair("a", "theirs"));
        assert_eq!(rescued(&before, &wished, &pair("theirs", "b")), pair("theirs", "b"));
    }
}
