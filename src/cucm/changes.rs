//! Changes of CUCM's configuration, and how each is written as a request.

use askama::Template;

use super::Error;
use super::version::AxlVersion;
use crate::domain::device_name::DeviceName;

/// The longest URL that CUCM keeps for a phone, in characters (reference, section 1.6).
const MAX_URL: usize = 255;
/// More keys than any model has.
const MAX_KEYS: usize = 500;

/// What to change about a phone. `None` keeps a value, an empty text clears it. What is not named here stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhoneChange {
    /// The whole vendor configuration in the order to be kept: whether CUCM merges or replaces is not documented, so every
    /// key must be in it (reference, section 1.6). From [`super::PhoneDetail::vendor_config`], one value changed.
    pub vendor_config: Option<Vec<(String, String)>>,
    /// The device's own Authentication URL; at most 255 characters.
    pub authentication_url: Option<String>,
    /// The device's own secure Authentication URL; at most 255 characters.
    pub secure_authentication_url: Option<String>,
    /// The firmware set on the device itself.
    pub load_information: Option<String>,
}

impl PhoneChange {
    /// Whether the change can be sent at all: it changes something, its keys are names of elements and its values text
    /// that XML can hold.
    pub(super) fn check(&self) -> Result<(), Error> {
        let urls = [&self.authentication_url, &self.secure_authentication_url];
        if self.vendor_config.is_none() && self.load_information.is_none() && urls.iter().all(|url| url.is_none()) {
            return Err(invalid("it changes nothing"));
        }
        let keys = self.vendor_config.as_deref().unwrap_or_default();
        if keys.len() > MAX_KEYS {
            return Err(invalid("the vendor configuration has too many keys"));
        }
        if let Some((key, _)) = keys.iter().find(|(key, _)| !is_element_name(key)) {
            let key: String = key.chars().filter(|c| !c.is_control()).take(40).collect();
            return Err(invalid(&format!("{key:?} is no key of a vendor configuration")));
        }
        if urls.into_iter().flatten().any(|url| url.chars().count() > MAX_URL) {
            return Err(invalid("a URL has more than 255 characters"));
        }
        let texts = urls.into_iter().chain([&self.load_information]).flatten();
        if keys
            .iter()
            .map(|(_, value)| value)
            .chain(texts)
            .all(|text| is_xml_text(text))
        {
            Ok(())
        } else {
            Err(invalid("it has a character that XML cannot hold"))
        }
    }
}

fn invalid(what: &str) -> Error {
    Error::InvalidChange { what: what.to_owned() }
}

/// Plain names only: letters and digits, as in every vendor configuration, and what else an element may be called.
fn is_element_name(key: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    key.len() <= 128
        && key.starts_with(letter)
        && key
            .chars()
            .all(|c| letter(c) || c.is_ascii_digit() || matches!(c, '-' | '.'))
}

fn is_xml_text(text: &str) -> bool {
    text.chars()
        .all(|c| matches!(c, '\t' | '\n') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')))
}

/// How a phone is made to take its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Push {
    Apply,
    Restart,
    Reset,
}

/// One change.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Phone {
        name: DeviceName,
        change: PhoneChange,
    },
    Push {
        name: DeviceName,
        push: Push,
    },
    /// Ends an Extension Mobility login.
    Logout {
        name: DeviceName,
    },
    Sql(String),
    Devices {
        userid: String,
        end_user: bool,
        devices: Vec<String>,
    },
    Unlock {
        userid: String,
        end_user: bool,
    },
}

impl Change {
    /// The whole list of a user's controlled devices.
    pub(super) fn devices(userid: &str, end_user: bool, devices: &[String]) -> Result<Self, Error> {
        let is_name = |device: &&String| !device.is_empty() && device.chars().count() <= 128 && is_xml_text(device);
        if !devices.iter().all(|device| is_name(&device)) {
            return Err(invalid(
                "a device name is empty, too long, or has a character that XML cannot hold",
            ));
        }
        Ok(Self::Devices {
            userid: userid.to_owned(),
            end_user,
            devices: devices.to_vec(),
        })
    }

    /// The operation in a schema: phones were reset by `doDeviceReset` before 10.0 (reference, section 1.2).
    pub(super) fn operation(&self, version: AxlVersion) -> &'static str {
        match self {
            Self::Phone { .. } => "updatePhone",
            Self::Push { .. } if version < AxlVersion::V10_0 => "doDeviceReset",
            Self::Push { push, .. } => match push {
                Push::Apply => "applyPhone",
                Push::Restart => "restartPhone",
                Push::Reset => "resetPhone",
            },
            Self::Logout { .. } => "doDeviceLogout",
            Self::Sql(_) => "executeSQLUpdate",
            Self::Devices { end_user, .. } | Self::Unlock { end_user, .. } => {
                if *end_user {
                    "updateUser"
                } else {
                    "updateAppUser"
                }
            }
        }
    }

    /// The envelope.
    pub(super) fn render(&self, namespace: &str, version: AxlVersion) -> askama::Result<String> {
        let operation = self.operation(version);
        match self {
            Self::Phone { name, change } => UpdatePhone {
                namespace,
                name: name.as_str(),
                change,
            }
            .render(),
            Self::Push { name, push } if version < AxlVersion::V10_0 => DoDeviceReset {
                namespace,
                name: name.as_str(),
                is_hard: match push {
                    Push::Apply => None,
                    Push::Restart => Some(false),
                    Push::Reset => Some(true),
                },
            }
            .render(),
            Self::Push { name, .. } => PushPhone {
                namespace,
                operation,
                name: name.as_str(),
            }
            .render(),
            Self::Logout { name } => DoDeviceLogout {
                namespace,
                name: name.as_str(),
            }
            .render(),
            Self::Sql(sql) => SqlUpdate { namespace, sql }.render(),
            Self::Devices { userid, devices, .. } => UpdateUserDevices {
                namespace,
                operation,
                userid,
                devices,
            }
            .render(),
            Self::Unlock { userid, .. } => UnlockUser {
                namespace,
                operation,
                userid,
            }
            .render(),
        }
    }
}

/// Children in the order of the XSD, which AXL insists on.
#[derive(Template)]
#[template(path = "cucm/update_phone.xml", escape = "xml")]
struct UpdatePhone<'a> {
    namespace: &'a str,
    name: &'a str,
    change: &'a PhoneChange,
}

#[derive(Template)]
#[template(path = "cucm/push_phone.xml", escape = "xml")]
struct PushPhone<'a> {
    namespace: &'a str,
    operation: &'a str,
    name: &'a str,
}

#[derive(Template)]
#[template(path = "cucm/do_device_reset.xml", escape = "xml")]
struct DoDeviceReset<'a> {
    namespace: &'a str,
    name: &'a str,
    is_hard: Option<bool>,
}

#[derive(Template)]
#[template(path = "cucm/do_device_logout.xml", escape = "xml")]
struct DoDeviceLogout<'a> {
    namespace: &'a str,
    name: &'a str,
}

#[derive(Template)]
#[template(path = "cucm/sql_update.xml", escape = "xml")]
struct SqlUpdate<'a> {
    namespace: &'a str,
    sql: &'a str,
}

#[derive(Template)]
#[template(path = "cucm/update_user_devices.xml", escape = "xml")]
struct UpdateUserDevices<'a> {
    namespace: &'a str,
    operation: &'a str,
    userid: &'a str,
    devices: &'a [String],
}

#[derive(Template)]
#[template(path = "cucm/unlock_user.xml", escape = "xml")]
struct UnlockUser<'a> {
    namespace: &'a str,
    operation: &'a str,
    userid: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn children(change: &Change, version: AxlVersion) -> Vec<(String, String)> {
        let body = change.render("urn:x", version).unwrap();
        let document = roxmltree::Document::parse(&body).unwrap();
        let asked = document
            .descendants()
            .find(|node| node.tag_name().name() == change.operation(version))
            .unwrap();
        let leaf =
            |node: roxmltree::Node<'_, '_>| (node.tag_name().name().to_owned(), node.text().unwrap_or("").to_owned());
        asked.children().map(leaf).collect()
    }

    fn phone(change: PhoneChange) -> Change {
        let name = "SEP001122334455".parse().unwrap();
        Change::Phone { name, change }
    }

    #[test]
    fn a_phone_is_changed_in_the_order_of_the_schema() {
        let change = PhoneChange {
            secure_authentication_url: Some("https://a/?x=1&y".to_owned()),
            authentication_url: Some(String::new()),
            vendor_config: Some(vec![("garp".to_owned(), "1".to_owned())]),
            load_information: Some("sip88xx.12-8-1".to_owned()),
        };
        change.check().unwrap();
        let found = children(&phone(change), AxlVersion::V14_0);
        let expected = [
            ("name", "SEP001122334455"),
            ("loadInformation", "sip88xx.12-8-1"),
            ("vendorConfig", ""),
            ("authenticationUrl", ""),
            ("secureAuthenticationUrl", "https://a/?x=1&y"),
        ];
        assert_eq!(found, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }

    #[test]
    fn only_what_changes_is_sent_and_an_empty_text_clears() {
        let change = PhoneChange {
            load_information: Some(String::new()),
            ..PhoneChange::default()
        };
        let body = phone(change).render("urn:x", AxlVersion::V14_0).unwrap();
        assert!(
            body.contains("<name>SEP001122334455</name><loadInformation/></ns:updatePhone>"),
            "{body}"
        );
    }

    #[test]
    fn vendor_keys_and_values_cannot_leave_their_elements() {
        let with = |key: &str, value: &str| PhoneChange {
            vendor_config: Some(vec![(key.to_owned(), value.to_owned())]),
            ..PhoneChange::default()
        };
        let sly = with("webAccess", "</webAccess><name>SEP</name>&");
        sly.check().unwrap();
        let body = phone(sly).render("urn:x", AxlVersion::V12_5).unwrap();
        let document = roxmltree::Document::parse(&body).unwrap();
        let value = document
            .descendants()
            .find(|node| node.has_tag_name("webAccess"))
            .unwrap();
        assert_eq!(value.text(), Some("</webAccess><name>SEP</name>&"));
        for key in ["", "a b", "a>", "1a", "a/", "ns:a", "é", "a=\"b\"", &"a".repeat(129)] {
            assert!(
                matches!(with(key, "1").check(), Err(Error::InvalidChange { .. })),
                "{key:?}"
            );
        }
        assert!(with("a", "\u{1}").check().is_err());
        assert!(PhoneChange::default().check().is_err());
        let long = PhoneChange {
            authentication_url: Some("h".repeat(256)),
            ..PhoneChange::default()
        };
        assert!(long.check().is_err());
    }

    #[test]
    fn old_schemas_reset_by_another_operation() {
        let push = |push| Change::Push {
            name: "SEP001122334455".parse().unwrap(),
            push,
        };
        assert_eq!(push(Push::Apply).operation(AxlVersion::V10_0), "applyPhone");
        assert_eq!(push(Push::Restart).operation(AxlVersion::V15_0), "restartPhone");
        assert_eq!(children(&push(Push::Reset), AxlVersion::V12_5)[0].0, "name");
        for (push, last) in [
            (push(Push::Apply), ("deviceResetType", "Apply Configuration")),
            (push(Push::Restart), ("isHardReset", "false")),
            (push(Push::Reset), ("isHardReset", "true")),
        ] {
            let found = children(&push, AxlVersion::V9_1);
            assert_eq!(found[0], ("deviceName".to_owned(), "SEP001122334455".to_owned()));
            assert_eq!(found[1], (last.0.to_owned(), last.1.to_owned()));
        }
    }

    #[test]
    fn users_are_changed_by_kind_and_names_stay_text() {
        let devices = ["SEP001122334455".to_owned(), "CTI<Port>&1".to_owned()];
        let whole = Change::devices("o'hara", true, &devices).unwrap();
        let body = whole.render("urn:x", AxlVersion::V14_0).unwrap();
        let document = roxmltree::Document::parse(&body).unwrap();
        let texts: Vec<_> = document
            .descendants()
            .filter(|node| node.has_tag_name("device") || node.has_tag_name("userid"))
            .filter_map(|node| node.text())
            .collect();
        assert_eq!(texts, ["o'hara", "SEP001122334455", "CTI<Port>&1"]);
        assert!(body.contains("<ns:updateUser>"));
        assert!(Change::devices("a", false, &[String::new()]).is_err());

        let unlock = Change::Unlock {
            userid: "ctl".to_owned(),
            end_user: false,
        };
        let body = unlock.render("urn:x", AxlVersion::V14_0).unwrap();
        let order = [
            "<ns:updateAppUser><userid>ctl<",
            "<pwdCredLockedByAdministrator>false<",
            "<pwdResetHackCount>true<",
        ];
        assert!(order.map(|part| body.find(part).unwrap()).is_sorted());
    }
}
