//! The pages one can open, and where each family keeps them.

use super::profiles::{Family, Profile};

/// A page of the menus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Page {
    Applications,
    Settings,
    Preferences,
    Network,
    Device,
    SecurityConfiguration,
    TrustList,
    TrustFiles,
    Ctl,
    Itl,
    PhoneInformation,
    Status,
    StatusMessages,
    Admin,
    Reset,
    Confirm(Reset),
    Directories,
    Missed,
    Received,
    Placed,
    /// The form that searches the corporate directory.
    Corporate,
    /// What the search found.
    Found,
    Services,
    Messages,
    Accessories,
    Bluetooth,
    Wifi,
    /// Text pushed to the set.
    Pushed,
}

/// A row of the reset menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reset {
    Device,
    All,
    Network,
    ServiceMode,
    Security,
}

impl Reset {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Device => "Reset device",
            Self::All => "All settings",
            Self::Network => "Network settings",
            Self::ServiceMode => "Service mode",
            Self::Security => "Security settings",
        }
    }

    pub(super) fn warning(self) -> &'static str {
        match self {
            Self::Device => "The phone will restart.",
            Self::All => "All settings go back to their factory values and the phone restarts.",
            Self::Network => "Network settings go back to their defaults and the phone restarts.",
            Self::ServiceMode => "The phone leaves service mode and restarts.",
            Self::Security => "The trust list (CTL and ITL) will be erased and the phone restarts.",
        }
    }
}

impl Page {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Applications => "Applications",
            Self::Settings => "Settings",
            Self::Preferences => "Preferences",
            Self::Network => "Network Configuration",
            Self::Device => "Device Configuration",
            Self::SecurityConfiguration => "Security Configuration",
            Self::TrustList => "Trust List",
            Self::TrustFiles => "Trust List Files",
            Self::Ctl => "CTL File",
            Self::Itl => "ITL File",
            Self::PhoneInformation => "Phone information",
            Self::Status => "Status",
            Self::StatusMessages => "Status messages",
            Self::Admin => "Admin settings",
            Self::Reset => "Reset settings",
            Self::Confirm(reset) => reset.label(),
            Self::Directories => "Directories",
            Self::Missed => "Missed calls",
            Self::Received => "Received calls",
            Self::Placed => "Placed calls",
            Self::Corporate => "Corporate directory",
            Self::Found => "Search results",
            Self::Services => "Services",
            Self::Messages => "Messages",
            Self::Accessories => "Accessories",
            Self::Bluetooth => "Bluetooth",
            Self::Wifi => "Wi-Fi",
            Self::Pushed => "",
        }
    }

    /// Rows that only lead to other pages; none for a page with contents of its own.
    pub(super) fn links(self, profile: &Profile) -> Vec<Self> {
        match self {
            Self::Settings if is_classic(profile.family) => vec![
                Self::Preferences,
                Self::Network,
                Self::Device,
                Self::SecurityConfiguration,
                Self::PhoneInformation,
                Self::Status,
            ],
            Self::Applications | Self::Settings => applications(profile),
            Self::TrustList if profile.family == Family::F7941 => vec![Self::TrustFiles],
            Self::TrustList | Self::TrustFiles => vec![Self::Ctl, Self::Itl],
            Self::Admin => vec![Self::Network, Self::SecurityConfiguration, Self::Status, Self::Reset],
            Self::Status => vec![Self::StatusMessages],
            Self::Reset => resets(profile).iter().map(|reset| Self::Confirm(*reset)).collect(),
            Self::Directories => vec![Self::Missed, Self::Received, Self::Placed, Self::Corporate],
            _ => Vec::new(),
        }
    }
}

/// The 7900 series: settings with a padlock, opened by `**#`.
pub(super) fn is_classic(family: Family) -> bool {
    use Family::{F7911, F7940, F7941, F7945, F7975};
    matches!(family, F7911 | F7940 | F7941 | F7945 | F7975)
}

fn applications(profile: &Profile) -> Vec<Page> {
    if profile.family == Family::F7911 {
        return vec![Page::Messages, Page::Directories, Page::Settings, Page::Services];
    }
    let mut rows = match profile.family {
        Family::F7800 | Family::F8800 => {
            vec![
                Page::Directories,
                Page::Accessories,
                Page::Preferences,
                Page::PhoneInformation,
            ]
        }
        _ => vec![Page::Directories, Page::Preferences, Page::PhoneInformation],
    };
    // Bluetooth and Wi-Fi push the administrator's row down, which is why one digit string does not fit all 88xx.
    let admin = admin_digit(profile);
    if admin >= 6 {
        rows.insert(1, Page::Bluetooth);
    }
    if admin >= 7 {
        rows.insert(2, Page::Wifi);
    }
    rows.push(Page::Admin);
    rows
}

/// Position of the administrator's row, the first digit of the way to the trust list.
fn admin_digit(profile: &Profile) -> u8 {
    digits(profile).next().unwrap_or(0)
}

fn digits(profile: &Profile) -> impl Iterator<Item = u8> {
    profile
        .trust_keys
        .iter()
        .filter_map(|key| key.strip_prefix("KeyPad")?.parse().ok())
}

/// The reset menu of the model.
pub(super) fn resets(profile: &Profile) -> &'static [Reset] {
    use Reset::{All, Device, Network, Security, ServiceMode};
    match profile.family {
        Family::F8800 if digits(profile).nth(2) == Some(5) => &[Device, All, Network, ServiceMode, Security],
        Family::F7800 | Family::F8800 => &[All, Network, ServiceMode, Security],
        Family::F8900 => &[Device, Network, Security, All],
        _ => &[Device, All, Network, Security],
    }
}

/// The softkey that confirms a reset: the last of the keys to the trust list.
pub(super) fn confirm_soft(profile: &Profile) -> u8 {
    profile
        .trust_keys
        .last()
        .and_then(|key| key.strip_prefix("Soft")?.parse().ok())
        .unwrap_or(1)
}
