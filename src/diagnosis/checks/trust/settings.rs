//! Settings access: whether somebody at the phone, or keys sent to it, may delete its trust list.

use crate::diagnosis::seen::{Seen, Setting};
use crate::domain::cause::Cause;
use crate::domain::finding::{Access, CheckId, Finding, Sign};

const CHECK: CheckId = CheckId::SettingsAccess;
/// The key of the vendor configuration: 1 enabled, 0 disabled, 2 restricted (cucm-apis.md 1.7).
pub(super) const KEY: &str = "settingsAccess";

pub(in crate::diagnosis::checks) async fn settings_access(seen: &Seen) -> Finding {
    match seen.setting(KEY).await {
        Ok(setting) => judged(&setting),
        Err(error) => Finding::skipped(
            CHECK,
            format!("CUCM does not tell the phone's settings: {}", error.evidence()),
        ),
    }
}

/// What `settingsAccess` means; enabled where nothing names it, unknown while a level that might is unread.
pub(super) fn meaning(setting: &Setting) -> Option<Access> {
    match setting.decided() {
        (_, Some("1")) => Some(Access::Enabled),
        (_, Some("0")) => Some(Access::Disabled),
        (_, Some("2")) => Some(Access::Restricted),
        (_, Some(_)) => None,
        (_, None) => setting.unread.is_none().then_some(Access::Enabled),
    }
}

fn judged(setting: &Setting) -> Finding {
    let (level, value) = setting.decided();
    let locked = "its trust list cannot be deleted from afar";
    let finding = match meaning(setting) {
        None => {
            let why = setting.unread.clone().unwrap_or_else(|| {
                let value = value.unwrap_or("none");
                format!("{level} gives it the value {value}, which is not known")
            });
            return Finding::skipped(CHECK, format!("settings access is not known: {why}"));
        }
        Some(access @ Access::Enabled) => Finding::passed(CHECK, format!("settings access is Enabled by {level}"))
            .sign(Sign::SettingsAccess(access))
            .excludes(&[Cause::SettingsAccessLocked]),
        Some(access @ Access::Disabled) => {
            Finding::warning(CHECK, format!("settings access is Disabled by {level}: {locked}"))
                .sign(Sign::SettingsAccess(access))
        }
        Some(access @ Access::Restricted) => {
            Finding::warning(CHECK, format!("settings access is Restricted by {level}: {locked}"))
                .sign(Sign::SettingsAccess(access))
        }
    };
    setting.named.iter().fold(finding, |finding, (level, value)| {
        finding.detail(KEY, format!("{value} ({level})"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::seen::Level;

    fn setting(named: Option<&str>, unread: bool) -> Setting {
        Setting {
            named: named
                .map(|value| (Level::Device, value.to_owned()))
                .into_iter()
                .collect(),
            unread: unread.then(|| "AXL answered 403".to_owned()),
        }
    }

    #[test]
    fn absent_means_enabled_once_every_level_was_read() {
        assert_eq!(meaning(&setting(None, false)), Some(Access::Enabled));
        assert_eq!(meaning(&setting(None, true)), None);
        assert_eq!(meaning(&setting(Some("0"), false)), Some(Access::Disabled));
        assert_eq!(meaning(&setting(Some("1"), false)), Some(Access::Enabled));
        assert_eq!(meaning(&setting(Some("2"), false)), Some(Access::Restricted));
        assert_eq!(meaning(&setting(Some("7"), false)), None);
    }
}
