//! From the elements of an AXL answer to values.

use super::error::{Error, Service};
use super::records::{
    AppUser, DetailLine, LastKnown, LineRow, PasswordCheck, PhoneDetail, PhoneProfile, PhoneRow, ProcessNode,
};
use super::xml::{Element, is_true, read};

/// A phone from a row of SQL; `None` when its name is none.
pub(super) fn phone_from_sql(row: &Element) -> Option<PhoneRow> {
    Some(PhoneRow {
        pkid: row.text_of("pkid").to_ascii_lowercase(),
        name: row.text_of("name").parse().ok()?,
        description: row.text_of("description"),
        tkmodel: row.text_of("tkmodel").parse().ok(),
        model: row.text_of("model"),
        protocol: row.text_of("protocol"),
        pool: row.text_of("pool"),
        location: row.text_of("location"),
        profile: row.text_of("profile"),
        owner: row.text_of("owner"),
        load: row.text_of("load"),
    })
}

/// A phone from `listPhone`; `None` for other device classes and odd names.
pub(super) fn phone_from_list(phone: &Element) -> Option<PhoneRow> {
    let class = phone.text_of("class");
    if !class.is_empty() && class != "Phone" {
        return None;
    }
    Some(PhoneRow {
        pkid: pkid_of(phone),
        name: phone.text_of("name").parse().ok()?,
        description: phone.text_of("description"),
        tkmodel: None,
        model: phone.text_of("model"),
        protocol: phone.text_of("protocol"),
        pool: phone.text_of("devicePoolName"),
        location: phone.text_of("locationName"),
        profile: phone.text_of("commonPhoneConfigName"),
        owner: phone.text_of("ownerUserName"),
        load: special_load(phone),
    })
}

/// AXL writes `{UPPER-CASE}`, the database lower case without braces.
fn pkid_of(element: &Element) -> String {
    let uuid = element.attribute("uuid").unwrap_or_default();
    uuid.trim_matches(['{', '}']).to_ascii_lowercase()
}

/// The load set on the device itself: `special="false"` marks the default load of the model.
fn special_load(phone: &Element) -> String {
    phone
        .child("loadInformation")
        .filter(|load| load.attribute("special").is_none_or(is_true))
        .map(|load| load.text().to_owned())
        .unwrap_or_default()
}

/// A line from a row of SQL; `None` when its phone's name is none.
pub(super) fn line_from_sql(row: &Element) -> Option<LineRow> {
    Some(LineRow {
        name: row.text_of("name").parse().ok()?,
        index: row.text_of("numplanindex").parse().ok()?,
        number: row.text_of("dnorpattern"),
        partition: row.text_of("partition"),
        label: row.text_of("label"),
        display: row.text_of("display"),
    })
}

/// The phone of a `getPhone` answer.
pub(super) fn phone_detail(phone: &Element) -> PhoneDetail {
    let load = phone.child("loadInformation");
    PhoneDetail {
        name: phone.text_of("name"),
        uuid: phone.attribute("uuid").unwrap_or_default().to_owned(),
        description: phone.text_of("description"),
        product: phone.text_of("product"),
        model: phone.text_of("model"),
        class: phone.text_of("class"),
        protocol: phone.text_of("protocol"),
        device_pool: phone.text_of("devicePoolName"),
        common_phone_profile: phone.text_of("commonPhoneConfigName"),
        location: phone.text_of("locationName"),
        security_profile: phone.text_of("securityProfileName"),
        owner: phone.text_of("ownerUserName"),
        load_information: phone.text_of("loadInformation"),
        load_is_special: load.and_then(|load| load.attribute("special")).is_some_and(is_true),
        authentication_url: phone.text_of("authenticationUrl"),
        secure_authentication_url: phone.text_of("secureAuthenticationUrl"),
        services_url: phone.text_of("servicesUrl"),
        version_stamp: phone.text_of("versionStamp"),
        login_user: phone.text_of("loginUserId"),
        vendor_config: vendor_config(phone),
        vendor_config_is_nested: is_nested(phone),
        lines: phone
            .child("lines")
            .map(|lines| lines.children("line").map(detail_line).collect())
            .unwrap_or_default(),
    }
}

/// The vendor configuration of a phone, a profile or the enterprise.
pub(super) fn vendor_config(owner: &Element) -> Vec<(String, String)> {
    let pair = |key: &Element| (key.name.clone(), key.text().to_owned());
    let Some(config) = owner.child("vendorConfig") else {
        return Vec::new();
    };
    let mut pairs: Vec<_> = config.children.iter().map(pair).collect();
    // After the database was written by SQL, keys come back as escaped text (reference, section 1.8).
    if config.text().starts_with('<')
        && let Ok(escaped) = read(&format!("<vendorConfig>{}</vendorConfig>", config.text()))
    {
        pairs.extend(escaped.children.iter().map(pair));
    }
    pairs
}

/// Whether a vendor configuration has more than keys with one value each.
fn is_nested(owner: &Element) -> bool {
    owner
        .child("vendorConfig")
        .is_some_and(|config| !config.text().is_empty() || config.children.iter().any(|key| !key.children.is_empty()))
}

/// The profile of a `getCommonPhoneConfig` answer.
pub(super) fn phone_profile(profile: &Element) -> PhoneProfile {
    PhoneProfile {
        name: profile.text_of("name"),
        uuid: profile.attribute("uuid").unwrap_or_default().to_owned(),
        vendor_config: vendor_config(profile),
    }
}

/// One entry of a `listRegistrationDynamic` answer.
pub(super) fn last_known(entry: &Element) -> LastKnown {
    LastKnown {
        address: entry.text_of("lastKnownIpAddress").parse().ok(),
        node: entry.text_of("lastKnownUcm"),
        last_seen: seconds(&entry.text_of("lastSeen")),
        status: entry.text_of("risStatus"),
        config_version: entry.text_of("lastKnownConfigVersion"),
    }
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

/// How many rows an `executeSQLUpdate` answer tells of.
pub(super) fn rows_updated(answer: &Element) -> Result<i64, Error> {
    let count = answer.find("rowsUpdated").and_then(|count| count.text().parse().ok());
    count.ok_or_else(|| Error::Malformed {
        service: Service::Axl,
        what: "no number of rows".to_owned(),
    })
}

fn detail_line(line: &Element) -> DetailLine {
    let number = line.child("dirn");
    let of_number = |name: &str| number.map(|dirn| dirn.text_of(name)).unwrap_or_default();
    DetailLine {
        index: line.text_of("index").parse().unwrap_or_default(),
        number: of_number("pattern"),
        partition: of_number("routePartitionName"),
        label: line.text_of("label"),
        display: line.text_of("display"),
    }
}

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

/// A time in seconds or milliseconds since 1970, as unix seconds; 0 is no time.
fn seconds(text: &str) -> Option<i64> {
    /// Seconds would not reach this before the year 5138.
    const FIRST_MILLISECONDS: i64 = 100_000_000_000;
    match text.trim().parse().ok()? {
        time if time <= 0 => None,
        time if time >= FIRST_MILLISECONDS => Some(time / 1000),
        time => Some(time),
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

/// A server of a `listProcessNode` answer; `None` for the artificial node `EnterpriseWideData`.
pub(super) fn process_node(node: &Element) -> Option<ProcessNode> {
    let name = node.text_of("name");
    (!name.is_empty() && name != "EnterpriseWideData").then(|| ProcessNode {
        name,
        description: node.text_of("description"),
        is_publisher: node.text_of("nodeUsage") == "Publisher",
        role: node.text_of("processNodeRole"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cucm::error::Service;
    use crate::cucm::soap::{read_answer, read_list};
    use crate::cucm::xml::read;

    #[test]
    fn reads_the_recorded_phone() {
        let xml = include_str!("../../tests/samples/cucm/axl-getPhone-8831-10.5.xml");
        let root = read_answer(Service::Axl, xml).unwrap();
        let phone = phone_detail(root.find("phone").unwrap());
        assert_eq!(phone.name, "SEP000000000028");
        assert_eq!(phone.model, "Cisco 8831");
        assert_eq!(phone.load_information, "sip8831.10-3-1SR6-4");
        assert!(!phone.load_is_special);
        assert_eq!(phone.vendor_config.len(), 9);
        assert_eq!(phone.vendor_config[0], ("garp".to_owned(), "1".to_owned()));
        assert_eq!(phone.vendor("webAccess"), None);
        assert_eq!(phone.authentication_url, "");
        assert_eq!(phone.lines.len(), 1);
        assert_eq!(phone.lines[0].number, "6025550171");
        assert_eq!(phone.lines[0].partition, "IPTWTE1_Global_Phones_PT");
    }

    #[test]
    fn reads_the_recorded_nodes_without_the_artificial_one() {
        let xml = include_str!("../../tests/samples/cucm/axl-listProcessNode-14.0.xml");
        let mut nodes = Vec::new();
        read_list(Service::Axl, xml, "processNode", |node| {
            nodes.extend(process_node(node));
        })
        .unwrap();
        let names: Vec<_> = nodes
            .iter()
            .map(|node| (node.name.as_str(), node.is_publisher))
            .collect();
        assert_eq!(
            names,
            [("HS-UCM-SUB.Yorktown.org", false), ("YT-CUCM-PUB.yorktown.org", true)]
        );
    }

    #[test]
    fn reads_a_user_with_one_or_many_of_everything() {
        let xml = "<appUser><userid>ctl</userid><passwordCredentials><pwdCredLockedByAdministrator>t\
                   </pwdCredLockedByAdministrator></passwordCredentials><associatedDevices><device>sepAA</device>\
                   </associatedDevices><associatedGroups><userGroup><name>A</name><userRoles><userRole>R</userRole>\
                   <userRole>S</userRole></userRoles></userGroup><userGroup><name>B</name><userRoles>\
                   <userRole>R</userRole></userRoles></userGroup></associatedGroups></appUser>";
        let user = user(&read(xml).unwrap(), false);
        assert!(user.locked);
        assert_eq!(user.devices, ["SEPAA"]);
        assert_eq!(user.groups, ["A", "B"]);
        assert_eq!(user.roles, ["R", "S"]);
    }

    #[test]
    fn keeps_only_phones_of_a_list() {
        let phone = |class: &str| format!("<phone uuid='{{AB-C}}'><name>csfana</name><class>{class}</class></phone>");
        let row = phone_from_list(&read(&phone("Phone")).unwrap()).unwrap();
        assert_eq!((row.pkid.as_str(), row.name.as_str()), ("ab-c", "CSFANA"));
        assert_eq!(phone_from_list(&read(&phone("Phone Template")).unwrap()), None);
    }
}
