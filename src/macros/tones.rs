//! The ring tones that may be played.
//!
//! Which files a cluster has is its administrator's business (`Ringlist.xml`), so the list is edited here; to begin with it
//! holds the files that a stock CUCM was seen to have (phone-xml-api.md 3.3).

/// The longest name of a tone, in characters: `Play:` and the name are one URL of a phone.
pub const LONGEST_TONE: usize = 64;
/// The most tones of the list: what `Ringlist.xml` may hold.
pub const MOST_TONES: usize = 50;

/// The files of a stock CUCM. `Piano2.raw` is not among them: it has crashed phones.
pub const STOCK_TONES: [&str; 24] = [
    "Analog1.raw",
    "Analog2.raw",
    "AreYouThere.raw",
    "Bass.raw",
    "Chime.raw",
    "CiscoStandard.raw",
    "CiscoSymphonic.raw",
    "CiscoTechno.raw",
    "Classic1.raw",
    "Classic2.raw",
    "ClockShop.raw",
    "Drums1.raw",
    "Drums2.raw",
    "FilmScore.raw",
    "HarpSynth.raw",
    "Jamaica.raw",
    "KotoEffect.raw",
    "MusicBox.raw",
    "Piano1.raw",
    "Pop.raw",
    "Pulse1.raw",
    "Sax1.raw",
    "Sax2.raw",
    "Vibe.raw",
];

/// Whether a text would play the tone that has crashed phones.
pub(super) fn crashes(text: &str) -> bool {
    text.to_ascii_lowercase().contains("piano2")
}

/// The list as it is kept: blanks around names cut, empty lines left out.
pub(super) fn checked(typed: Vec<String>) -> Result<Vec<String>, String> {
    let names = typed.into_iter().map(|name| name.trim().to_owned());
    let names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    if names.is_empty() || names.len() > MOST_TONES {
        return Err(format!("list 1 to {MOST_TONES} ring tones"));
    }
    for (index, name) in names.iter().enumerate() {
        if crashes(name) {
            return Err(format!("{name} is refused: it has crashed phones"));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if name.len() > LONGEST_TONE || !name.chars().all(plain) {
            return Err(format!(
                "{name:?} is no ring tone: a file's name has up to {LONGEST_TONE} letters, digits, dots, dashes and underscores"
            ));
        }
        if names[..index].contains(name) {
            return Err(format!("{name} is listed twice"));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Result<Vec<String>, String> {
        checked(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn the_stock_names_may_be_listed_and_the_one_that_crashes_may_not() {
        assert_eq!(list(&STOCK_TONES).unwrap(), STOCK_TONES);
        assert_eq!(list(&[" Bass.raw ", ""]).unwrap(), ["Bass.raw"]);
        for wrong in [
            &["Piano2.raw"][..],
            &["PIANO2.rwb"],
            &[],
            &[" "],
            &["Bass.raw", "Bass.raw"],
            &["a b.raw"],
            &["x:Stop"],
        ] {
            assert!(list(wrong).is_err(), "{wrong:?}");
        }
        assert!(list(&["x"; MOST_TONES + 1]).is_err());
    }
}
