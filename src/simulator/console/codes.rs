//! The numbers of a phone's keys at its shell: those that public notes name, read the other way round.

use crate::simulator::set::Profile;

/// The first digit's number; nine more follow.
const ZERO: u16 = 513;
/// `Soft1` to `Soft4`, `Line1` to `Line5`, and after a gap `Line6` to `Line10`.
const SOFT: u16 = 526;
const LINE: u16 = 530;
const LINE_SIX: u16 = 536;

/// The key that a number presses on this model, by its `Key:` name; none for a number that presses nothing.
pub(super) fn key(code: u16, profile: &Profile) -> Option<String> {
    let name = match code {
        ZERO..=522 => format!("KeyPad{}", code - ZERO),
        SOFT..=529 => format!("Soft{}", code - SOFT + 1),
        LINE..=534 => format!("Line{}", code - LINE + 1),
        LINE_SIX..=540 => format!("Line{}", code - LINE_SIX + 6),
        // What one phone calls by its word another calls by its place.
        550 => first(profile, ["Directories", "Contacts"]),
        551 => first(profile, ["Settings", "Applications"]),
        557 => first(profile, ["Hold", "FixedFeature3"]),
        558 => first(profile, ["Transfer", "FixedFeature1"]),
        559 => first(profile, ["Conference", "FixedFeature2"]),
        other => plain(other)?.to_owned(),
    };
    Some(name)
}

fn first(profile: &Profile, names: [&str; 2]) -> String {
    let has = names.into_iter().find(|name| profile.has_key(name));
    has.unwrap_or(names[0]).to_owned()
}

fn plain(code: u16) -> Option<&'static str> {
    Some(match code {
        523 => "KeyPadStar",
        524 => "KeyPadPound",
        525 => "NavBack",
        542 => "VolUp",
        543 => "VolDwn",
        544 => "NavUp",
        545 => "NavSelect",
        546 => "NavDwn",
        547 => "NavLeft",
        548 => "NavRight",
        549 => "Messages",
        552 => "Headset",
        553 => "Speaker",
        554 => "Mute",
        555 => "Release",
        _ => return None,
    })
}
