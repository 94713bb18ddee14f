//! The queries sent through `executeSQLQuery`. There are no bind parameters: only numbers of ours, device names (which
//! cannot hold a quote) and checked user names are ever put in.

use super::Error;
use crate::domain::device_name::DeviceName;

const PHONE_CLASS: u32 = 1;

/// How many phones there are.
pub(super) fn count_phones() -> String {
    format!("select count(*) as count from device d where d.tkclass = {PHONE_CLASS}")
}

/// A page of phones. Templates have another class.
pub(super) fn phones(skip: usize, first: usize) -> String {
    format!(
        "SELECT SKIP {skip} FIRST {first} d.pkid AS pkid, d.name AS name, d.description AS description, \
         d.tkmodel AS tkmodel, m.name AS model, t.name AS protocol, p.name AS pool, l.name AS location, \
         c.name AS profile, u.userid AS owner, d.specialloadinformation AS load \
         FROM device d JOIN typemodel m ON m.enum = d.tkmodel \
         LEFT JOIN typedeviceprotocol t ON t.enum = d.tkdeviceprotocol \
         LEFT JOIN devicepool p ON p.pkid = d.fkdevicepool \
         LEFT JOIN location l ON l.pkid = d.fklocation \
         LEFT JOIN commonphoneconfig c ON c.pkid = d.fkcommonphoneconfig \
         LEFT JOIN enduser u ON u.pkid = d.fkenduser \
         WHERE d.tkclass = {PHONE_CLASS} ORDER BY d.name"
    )
}

/// A page of lines.
pub(super) fn lines(skip: usize, first: usize) -> String {
    format!(
        "SELECT SKIP {skip} FIRST {first} d.name AS name, x.numplanindex AS numplanindex, \
         n.dnorpattern AS dnorpattern, r.name AS partition, x.label AS label, x.display AS display \
         FROM devicenumplanmap x JOIN device d ON d.pkid = x.fkdevice JOIN numplan n ON n.pkid = x.fknumplan \
         LEFT JOIN routepartition r ON r.pkid = n.fkroutepartition \
         WHERE d.tkclass = {PHONE_CLASS} ORDER BY d.name, x.numplanindex"
    )
}

/// Whether a device is among an application user's controlled devices: a row, or none.
pub(super) fn application_user_device(userid: &str, device: &DeviceName) -> Result<String, Error> {
    Ok(format!(
        "select d.name as name from applicationuserdevicemap a join applicationuser u on u.pkid = a.fkapplicationuser \
         join device d on d.pkid = a.fkdevice where u.name = '{}' and upper(d.name) = '{device}'",
        quoted(userid)?
    ))
}

/// Whether a device is among an end user's controlled devices: a row, or none.
pub(super) fn end_user_device(userid: &str, device: &DeviceName) -> Result<String, Error> {
    Ok(format!(
        "select d.name as name from enduserdevicemap a join enduser u on u.pkid = a.fkenduser \
         join device d on d.pkid = a.fkdevice where u.userid = '{}' and upper(d.name) = '{device}'",
        quoted(userid)?
    ))
}

/// The cluster's Authentication URLs.
pub(super) fn authentication_urls() -> String {
    "select paramname, paramvalue from processconfig where paramname in \
     ('URLAuthentication', 'SecureAuthenticationURL')"
        .to_owned()
}

/// A user name between quotes. CUCM's user names have letters, digits and a few signs; anything else is refused.
fn quoted(userid: &str) -> Result<String, Error> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+' | ' ' | '\'');
    if userid.is_empty() || userid.chars().count() > 128 || !userid.chars().all(allowed) {
        return Err(Error::OddUserName);
    }
    Ok(userid.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_cannot_leave_their_quotes() {
        let device = "SEP001122334455".parse().unwrap();
        let sql = application_user_device("o'hara", &device).unwrap();
        assert!(sql.contains("u.name = 'o''hara' and"));
        for odd in ["", "a;b", "a\\' or 1=1", "a\nb", "a\"b", "a%b", &"a".repeat(129)] {
            assert_eq!(end_user_device(odd, &device), Err(Error::OddUserName), "{odd:?}");
        }
    }
}
