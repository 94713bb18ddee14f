//! One phone among a user's controlled devices: a single row where CUCM lets us write one, else the whole list, read,
//! written, read back and compared.

use super::act::{Mishap, unchanged};
use crate::cucm::{Cucm, Error};
use crate::domain::cause::Cause;
use crate::domain::device_name::DeviceName;

/// A user's name, and whether it is an end user.
type User<'a> = (&'a str, bool);

/// How it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Row,
    WholeList,
}

/// What CUCM made of a single row, as far as it told.
enum Sent {
    Took,
    /// It found no row to change.
    NoRow,
    /// It was sent, and no answer was understood.
    Doubt(Error),
}

impl Sent {
    /// Of an answer; other errors are given back.
    fn of(answer: Result<bool, Error>) -> Result<Self, Error> {
        match answer {
            Ok(true) => Ok(Self::Took),
            Ok(false) => Ok(Self::NoRow),
            Err(error) if error.is_doubtful() => Ok(Self::Doubt(error)),
            Err(error) => Err(error),
        }
    }
}

/// Puts a phone among the controlled devices; one that is there stays. `before` is the whole list as it was read.
pub(super) async fn add(cucm: &Cucm, user: User<'_>, device: &DeviceName, before: &[String]) -> Result<Way, Mishap> {
    match Sent::of(cucm.associate(user.0, user.1, device).await) {
        Ok(sent) => check_row(cucm, user, device, true, sent).await.map(|()| Way::Row),
        Err(error) if error.refuses_sql() => {
            let mut wished = before.to_vec();
            if !before.iter().any(|name| is(name, device)) {
                wished.push(device.to_string());
            }
            whole_list(cucm, user, before, &wished).await.map(|()| Way::WholeList)
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes a phone out of the controlled devices; one that is not there is no failure.
pub(super) async fn remove(cucm: &Cucm, user: User<'_>, device: &DeviceName) -> Result<(), Mishap> {
    match Sent::of(cucm.dissociate(user.0, user.1, device).await) {
        Ok(sent) => check_row(cucm, user, device, false, sent).await,
        Err(error) if error.refuses_sql() => {
            let before = list(cucm, user).await?;
            let wished: Vec<String> = before.iter().filter(|name| !is(name, device)).cloned().collect();
            whole_list(cucm, user, &before, &wished).await
        }
        Err(error) => Err(error.into()),
    }
}

fn is(name: &str, device: &DeviceName) -> bool {
    name.eq_ignore_ascii_case(device.as_str())
}

async fn list(cucm: &Cucm, (user, end_user): User<'_>) -> Result<Vec<String>, Mishap> {
    match cucm.user_of_kind(user, end_user).await {
        Ok(Some(told)) => Ok(told.devices_as_written),
        Ok(None) => Err(Mishap::failed(
            Cause::ControlLoginRejected,
            format!("CUCM has no user {user} any more"),
        )),
        Err(error) => Err(Mishap::failed(error.cause(), error.evidence())),
    }
}

/// Reads back what came of a single row.
async fn check_row(cucm: &Cucm, user: User<'_>, device: &DeviceName, wished: bool, sent: Sent) -> Result<(), Mishap> {
    let told = match cucm.user_of_kind(user.0, user.1).await {
        Ok(told) => told,
        Err(error) => {
            let evidence = format!("the change was sent, and could not be read back: {}", error.evidence());
            return Err(Mishap::doubtful(error.cause(), evidence));
        }
    };
    let there = told.is_some_and(|told| told.devices.iter().any(|name| is(name, device)));
    if there == wished {
        return Ok(());
    }
    let place = if wished {
        format!("{device} is not among the controlled devices of {}", user.0)
    } else {
        format!("{device} is still among the controlled devices of {}", user.0)
    };
    Err(match sent {
        Sent::Took => Mishap::failed(
            Cause::DeviceNotAssociated,
            format!("CUCM said that it made the change, and {place}"),
        ),
        Sent::NoRow => Mishap::failed(
            Cause::DeviceNotAssociated,
            format!("CUCM found nothing to change, and {place}"),
        ),
        Sent::Doubt(error) => Mishap::doubtful(
            error.cause(),
            format!(
                "{}; for now {place}, and CUCM may still make the change",
                error.evidence()
            ),
        ),
    })
}

/// Writes the whole list, compares count and content, and mends it when something is missing.
async fn whole_list(cucm: &Cucm, user: User<'_>, before: &[String], wished: &[String]) -> Result<(), Mishap> {
    if sorted(&list(cucm, user).await?) != sorted(before) {
        return Err(Mishap::Changed(format!(
            "somebody changed the controlled devices of {} at this moment; nothing was written",
            user.0
        )));
    }
    let doubt = match cucm.set_controlled_devices(user.0, user.1, wished).await {
        Ok(()) => None,
        Err(error) if error.is_doubtful() => Some(error.evidence()),
        Err(error) => return Err(error.into()),
    };
    let found = match list(cucm, user).await {
        Ok(found) => found,
        Err(Mishap::Failed(trouble) | Mishap::Doubtful(trouble)) => return Err(Mishap::Doubtful(trouble)),
        Err(other) => return Err(other),
    };
    if sorted(&found) == sorted(wished) {
        return Ok(());
    }
    if sorted(&found) == sorted(before) {
        return Err(unchanged(Cause::DeviceNotAssociated, doubt, "the list from before"));
    }
    let told = format!(
        "after the change {} had {} controlled devices and not {}",
        user.0,
        found.len(),
        wished.len()
    );
    let original = rescued(before, wished, &found);
    // What cannot be written back is seen by the reading back.
    let _ = cucm.set_controlled_devices(user.0, user.1, &original).await;
    match list(cucm, user).await {
        Ok(now) if sorted(&now) == sorted(&original) && doubt.is_none() => Err(Mishap::failed(
            Cause::DeviceNotAssociated,
            format!("{told}; the list from before was written back"),
        )),
        Ok(now) if sorted(&now) == sorted(&original) => Err(Mishap::doubtful(
            Cause::DeviceNotAssociated,
            format!("{told}; the list from before was written back, and CUCM may still make the change"),
        )),
        _ => Err(Mishap::doubtful(
            Cause::DeviceNotAssociated,
            format!("{told}; the list from before could not be written back"),
        )),
    }
}

/// The list of before, and what others have put into it meanwhile.
fn rescued(before: &[String], wished: &[String], found: &[String]) -> Vec<String> {
    let known = sorted(&[before, wished].concat());
    let theirs = found
        .iter()
        .filter(|name| known.binary_search(&name.to_ascii_uppercase()).is_err());
    before.iter().chain(theirs).cloned().collect()
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names: Vec<String> = names.iter().map(|name| name.to_ascii_uppercase()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_others_added_meanwhile_is_not_lost_when_the_list_is_written_back() {
        let (before, wished) = (names("SEPA sepb"), names("SEPA sepb SEPC"));
        assert_eq!(
            rescued(&before, &wished, &names("SEPA SEPC SEPX")),
            names("SEPA sepb SEPX")
        );
        assert_eq!(rescued(&before, &wished, &[]), before);
        assert_eq!(sorted(&before), sorted(&names("SEPB SEPA")));
    }
}
