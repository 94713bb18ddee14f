//! One value of a phone's vendor configuration (`vendorConfig`, the Product Specific Configuration of its page): read,
//! changed, written whole, read back and compared. Whether CUCM merges or replaces is not documented (cucm-apis.md 1.6), so
//! that every value goes along and every value is looked at afterwards.

use super::act::{Mishap, unchanged};
use crate::cucm::{Cucm, PhoneChange, PhoneDetail};
use crate::domain::cause::Cause;
use crate::domain::device_name::DeviceName;

/// The key of Web Access.
pub(super) const WEB_ACCESS: &str = "webAccess";
/// Its value for Enabled (cucm-apis.md 1.7).
pub(super) const ENABLED: &str = "0";
/// Parts of keys whose values are not kept or shown.
pub(super) const SECRET: [&str; 5] = ["pass", "pwd", "secret", "credential", "pin"];

type Values = Vec<(String, String)>;

/// One value to be written, with the phone as it was read before.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) device: DeviceName,
    pub(super) before: Box<PhoneDetail>,
    pub(super) key: String,
    /// None: as never set.
    pub(super) value: Option<String>,
}

impl Write {
    pub(super) fn turns_on_web_access(&self) -> bool {
        self.key == WEB_ACCESS && self.value.as_deref() == Some(ENABLED)
    }
}

/// What the value of Web Access means (cucm-apis.md 1.7).
pub(super) fn web_access_in_words(value: Option<&str>) -> String {
    match value {
        None => "not set on the phone: its profile decides".to_owned(),
        Some(ENABLED) => "Enabled (0)".to_owned(),
        Some("1") => "Disabled (1)".to_owned(),
        Some("2") => "Read Only (2)".to_owned(),
        Some(other) => other.to_owned(),
    }
}

/// A configuration without what may be a password.
pub(super) fn without_secrets(values: &[(String, String)]) -> Values {
    let masked = |(key, value): &(String, String)| {
        let name = key.to_ascii_lowercase();
        let secret = SECRET.iter().any(|part| name.contains(part));
        (key.clone(), if secret { "***".to_owned() } else { value.clone() })
    };
    values.iter().map(masked).collect()
}

/// The whole configuration with one value changed, in the same order; a new key comes last.
fn with(values: &[(String, String)], key: &str, value: Option<&str>) -> Values {
    let mut changed: Values = values.to_vec();
    match (changed.iter_mut().find(|(name, _)| name == key), value) {
        (Some(entry), Some(value)) => value.clone_into(&mut entry.1),
        (Some(_), None) => changed.retain(|(name, _)| name != key),
        (None, Some(value)) => changed.push((key.to_owned(), value.to_owned())),
        (None, None) => {}
    }
    changed
}

/// The keys whose values differ, each once; the order does not count.
fn differences(wished: &[(String, String)], found: &[(String, String)]) -> Vec<String> {
    let values_of = |values: &[(String, String)], key: &str| {
        let mut of_key: Vec<String> = values
            .iter()
            .filter(|(name, _)| name == key)
            .map(|(_, value)| value.clone())
            .collect();
        of_key.sort();
        of_key
    };
    let mut keys: Vec<String> = wished.iter().chain(found).map(|(key, _)| key.clone()).collect();
    keys.sort();
    keys.dedup();
    keys.retain(|key| values_of(wished, key) != values_of(found, key));
    keys
}

/// Writes one value and proves that it is the only one that changed. When it is not, that one value is put back.
pub(super) async fn write(cucm: &Cucm, write: &Write) -> Result<(), Mishap> {
    let before = &write.before.vendor_config;
    let wished = with(before, &write.key, write.value.as_deref());
    // The last look: a change by somebody else since the plan must not be written over.
    let now = cucm
        .get_phone(&write.device)
        .await
        .map_err(|error| Mishap::unread(&error))?;
    if now.version_stamp != write.before.version_stamp || now.vendor_config != *before {
        return Err(Mishap::Changed(format!(
            "somebody changed {} in CUCM at this moment; nothing was written",
            write.device
        )));
    }
    let change = PhoneChange {
        vendor_config: Some(wished.clone()),
        ..PhoneChange::default()
    };
    let doubt = match cucm.update_phone(&write.device, &change).await {
        Ok(()) => None,
        Err(error) if error.is_doubtful() => Some(error.evidence()),
        Err(error) => return Err(error.into()),
    };
    let found = match cucm.get_phone(&write.device).await {
        Ok(found) => found.vendor_config,
        Err(error) => {
            let evidence = format!("the change was sent, and could not be read back: {}", error.evidence());
            return Err(Mishap::doubtful(error.cause(), doubt.unwrap_or(evidence)));
        }
    };
    let wrong = differences(&wished, &found);
    if wrong.is_empty() {
        return Ok(());
    }
    if differences(before, &found).is_empty() {
        return Err(unchanged(Cause::AxlUnavailable, doubt, "the values from before"));
    }
    Err(put_back(cucm, write, &found, &wrong, doubt).await)
}

/// What may be written back after a change went wrong: what CUCM has now with our own key as before. None when that key has
/// a value of somebody else's, or the one from before already.
fn rescued(write: &Write, found: &[(String, String)]) -> Option<Values> {
    let before = write.before.vendor(&write.key);
    let own = found
        .iter()
        .find(|(key, _)| *key == write.key)
        .map(|(_, value)| value.as_str());
    (own == write.value.as_deref() && own != before).then(|| with(found, &write.key, before))
}

/// Writes our own key back as it was, and says what came of that. Other keys stay as they are now: another administrator may
/// have changed them meanwhile.
async fn put_back(
    cucm: &Cucm,
    write: &Write,
    found: &[(String, String)],
    wrong: &[String],
    doubt: Option<String>,
) -> Mishap {
    let told = format!(
        "after the change CUCM had another value than was written in {}",
        wrong.join(", ")
    );
    let told = doubt.map_or_else(|| told.clone(), |doubt| format!("{doubt}; {told}"));
    let Some(wished) = rescued(write, found) else {
        let evidence = format!("{told}; it was left as it is now");
        return Mishap::doubtful(Cause::AxlUnavailable, evidence);
    };
    let change = PhoneChange {
        vendor_config: Some(wished.clone()),
        ..PhoneChange::default()
    };
    // What cannot be written back is seen by the reading back.
    let sent = cucm.update_phone(&write.device, &change).await;
    match cucm.get_phone(&write.device).await {
        Ok(found) => {
            let still = differences(&wished, &found.vendor_config);
            let refused = sent
                .err()
                .map(|error| format!(" ({})", error.evidence()))
                .unwrap_or_default();
            let evidence = if still.is_empty() {
                format!(
                    "{told}; {} is as before again, and all else was left as it is now",
                    write.key
                )
            } else {
                format!(
                    "{told}; putting {} back{refused} left other values in {}",
                    write.key,
                    still.join(", ")
                )
            };
            Mishap::doubtful(Cause::AxlUnavailable, evidence)
        }
        Err(error) => Mishap::doubtful(
            error.cause(),
            format!(
                "{told}; whether {} is as before is not known: {}",
                write.key,
                error.evidence()
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn one_value_changes_and_the_rest_keeps_its_order() {
        let before = values(&[("garp", "1"), ("webAccess", "1"), ("pcPort", "0")]);
        assert_eq!(
            with(&before, WEB_ACCESS, Some("0")),
            values(&[("garp", "1"), ("webAccess", "0"), ("pcPort", "0")])
        );
        assert_eq!(
            with(&before, WEB_ACCESS, None),
            values(&[("garp", "1"), ("pcPort", "0")])
        );
        let without = values(&[("garp", "1")]);
        assert_eq!(
            with(&without, WEB_ACCESS, Some("0")),
            values(&[("garp", "1"), ("webAccess", "0")])
        );
        assert_eq!(with(&without, WEB_ACCESS, None), without);
    }

    #[test]
    fn differences_are_named_by_key_whatever_the_order() {
        let wished = values(&[("a", "1"), ("b", "2"), ("c", "3"), ("c", "4")]);
        assert!(differences(&wished, &values(&[("c", "4"), ("b", "2"), ("a", "1"), ("c", "3")])).is_empty());
        assert_eq!(
            differences(&wished, &values(&[("a", "9"), ("c", "3"), ("d", "1")])),
            ["a", "b", "c", "d"]
        );
    }

    #[test]
    fn only_our_own_key_is_put_back() {
        let write = Write {
            device: "SEP001122334455".parse().unwrap(),
            before: Box::new(PhoneDetail {
                vendor_config: values(&[("garp", "1"), ("webAccess", "1")]),
                ..PhoneDetail::default()
            }),
            key: WEB_ACCESS.to_owned(),
            value: Some(ENABLED.to_owned()),
        };
        // Somebody set garp at the same moment: theirs stays.
        assert_eq!(
            rescued(&write, &values(&[("garp", "7"), ("webAccess", "0")])),
            Some(values(&[("garp", "7"), ("webAccess", "1")]))
        );
        // Somebody set Web Access itself, or it is as before.
        for own in ["2", "1"] {
            assert_eq!(rescued(&write, &values(&[("garp", "7"), ("webAccess", own)])), None);
        }
    }

    #[test]
    fn what_may_be_a_password_is_not_kept() {
        let kept = without_secrets(&values(&[("adminPassword", "s3cret"), ("sshPwd", "x"), ("garp", "1")]));
        assert_eq!(
            kept,
            values(&[("adminPassword", "***"), ("sshPwd", "***"), ("garp", "1")])
        );
    }
}
