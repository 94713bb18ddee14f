//! From the elements of an AXL answer to what CUCM knows of a user.

use super::error::{Error, Service};
use super::records::{AppUser, PasswordCheck};
use super::rows::seconds;
use super::xml::{Element, is_true};

/// The user of a `getAppUser` or `getUser` answer.
pub(super) fn user(element: &Element, is_end_user: bool) -> AppUser {
    let groups = || {
        element
            .child("associatedGroups")
            .into_iter()
            .flat_map(|all| all.children("userGroup"))
    };
    let mut roles: Vec<String> = Vec::new();
    for group in groups() {
        let of_group = group
            .child("userRoles")
            .into_iter()
            .flat_map(|all| all.children("userRole"));
        for role in of_group.map(|role| role.text().to_owned()) {
            if !role.is_empty() && !roles.contains(&role) {
                roles.push(role);
            }
        }
    }
    let credentials = element.child("passwordCredentials");
    let locked_by_admin =
        credentials.is_some_and(|credentials| is_true(&credentials.text_of("pwdCredLockedByAdministrator")));
    let time_of = |name: &str| credentials.and_then(|credentials| moment(&credentials.text_of(name)));
    let locked_out_at = time_of("pwdCredTimeHackedLockout");
    let admin_lock_at = time_of("pwdCredTimeAdminLockout").filter(|_| locked_by_admin);
    let devices_as_written: Vec<String> = element
        .child("associatedDevices")
        .map(|all| all.children("device").map(|device| device.text().to_owned()).collect())
        .unwrap_or_default();
    AppUser {
        userid: element.text_of("userid"),
        is_end_user,
        locked: locked_by_admin || locked_out_at.is_some(),
        locked_by_admin,
        locked_out: locked_out_at.is_some(),
        locked_since: admin_lock_at.or(locked_out_at),
        devices: devices_as_written
            .iter()
            .map(|device| device.to_ascii_uppercase())
            .collect(),
        devices_as_written,
        groups: groups().map(|group| group.text_of("name")).collect(),
        roles,
    }
}

/// A time of the credentials: a number, or words such as `November 24, 2012 18:00:39 GMT`.
fn moment(text: &str) -> Option<i64> {
    let words = text.trim().trim_end_matches("GMT").trim_end_matches("UTC").trim_end();
    seconds(words).or_else(|| {
        let time = jiff::civil::DateTime::strptime("%B %d, %Y %H:%M:%S", words).ok()?;
        Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
    })
}

/// The outcome of a `doAuthenticateUser` answer.
pub(super) fn password_check(answer: &Element) -> Result<PasswordCheck, Error> {
    let outcome = answer
        .find("return")
        .filter(|found| found.child("userAuthenticated").is_some());
    let outcome = outcome.ok_or_else(|| Error::Malformed {
        service: Service::Axl,
        what: "no userAuthenticated element".to_owned(),
    })?;
    Ok(PasswordCheck {
        known: true,
        authenticated: is_true(&outcome.text_of("userAuthenticated")),
        code: outcome.text_of("code").parse().unwrap_or_default(),
        days_to_expiry: outcome.text_of("daysToExpiry").parse().ok(),
        expires_soon: is_true(&outcome.text_of("isWarningNeeded")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cucm::xml::read;

    #[test]
    fn reads_a_user_with_one_or_many_of_everything() {
        let xml = "<appUser><userid>ctl</userid><passwordCredentials><pwdCredLockedByAdministrator>t\
                   </pwdCredLockedByAdministrator></passwordCredentials><associatedDevices><device>sepAA</device>\
                   </associatedDevices><associatedGroups><userGroup><name>A</name><userRoles><userRole>R</userRole>\
                   <userRole>S</userRole></userRoles></userGroup><userGroup><name>B</name><userRoles>\
                   <userRole>R</userRole></userRoles></userGroup></associatedGroups></appUser>";
        let user = user(&read(xml).unwrap(), false);
        assert!(user.locked && user.locked_by_admin && !user.locked_out);
        assert_eq!(user.locked_since, None);
        assert_eq!(user.devices, ["SEPAA"]);
        assert_eq!(user.devices_as_written, ["sepAA"]);
        assert_eq!(user.groups, ["A", "B"]);
        assert_eq!(user.roles, ["R", "S"]);
    }

    #[test]
    fn tells_locks_and_their_times_apart() {
        let user = |credentials: &str| {
            let xml = format!("<user><passwordCredentials>{credentials}</passwordCredentials></user>");
            user(&read(&xml).unwrap(), true)
        };
        let by_admin = user(
            "<pwdCredTimeAdminLockout>November 24, 2012 18:00:39 GMT</pwdCredTimeAdminLockout>\
             <pwdCredLockedByAdministrator>true</pwdCredLockedByAdministrator>",
        );
        assert!(by_admin.locked && by_admin.locked_by_admin && !by_admin.locked_out);
        assert_eq!(by_admin.locked_since, Some(1_353_780_039));
        let out = user("<pwdCredTimeHackedLockout>1795500000</pwdCredTimeHackedLockout>");
        assert!(out.locked && out.locked_out && !out.locked_by_admin);
        assert_eq!(out.locked_since, Some(1_795_500_000));
        // A time that stayed behind after the lock was taken away, and a zero that means none.
        let free = user(
            "<pwdCredTimeAdminLockout>1795500000</pwdCredTimeAdminLockout>\
             <pwdCredLockedByAdministrator>f</pwdCredLockedByAdministrator>\
             <pwdCredTimeHackedLockout>0</pwdCredTimeHackedLockout>",
        );
        assert!(!free.locked && free.locked_since.is_none());
    }

    #[test]
    fn reads_the_outcome_of_a_password() {
        let answer = |inside: &str| read(&format!("<r><return>{inside}</return></r>")).unwrap();
        let check = password_check(&answer(
            "<userAuthenticated>t</userAuthenticated><code>0</code><daysToExpiry>12</daysToExpiry>\
             <isWarningNeeded>true</isWarningNeeded>",
        ));
        let check = check.unwrap();
        assert!(check.known && check.authenticated && check.expires_soon);
        assert_eq!((check.code, check.days_to_expiry), (0, Some(12)));
        let refused = password_check(&answer("<userAuthenticated>false</userAuthenticated><code>2</code>")).unwrap();
        assert_eq!(
            (refused.authenticated, refused.code, refused.days_to_expiry),
            (false, 2, None)
        );
        assert!(matches!(password_check(&answer("")), Err(Error::Malformed { .. })));
    }
}
