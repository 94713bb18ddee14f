//! What can be seen on a phone, and what a branch asks.

use std::time::Duration;

use crate::domain::catalogue;
use crate::domain::firmware;
use crate::domain::script::{Condition, FirmwareRange, Seen};

use super::Mistake;
use super::lex::Kind;
use super::nearest::did_you_mean;
use super::reader::Reader;

/// How long an expectation is looked for when nothing is said.
pub(in super::super) const LOOKED: Duration = Duration::from_secs(5);

/// The words that begin something seen.
pub(super) const SEEN_WORDS: [&str; 11] = [
    "title", "row", "softkey", "line", "idle", "call", "in", "status", "picture", "changed", "not",
];
/// The states of a line in LineInfo (phone-xml-api.md 1.8).
pub(super) const CALL_STATES: [&str; 13] = [
    "IDLE",
    "INACTIVE",
    "ONHOOK",
    "OFFHOOK",
    "RINGING",
    "CONNECTED",
    "ONHOLD",
    "REMOTELY_IN_USE",
    "REGISTERING",
    "BLF_UNKNOWN",
    "BLF_BUSY",
    "ON",
    "UNKNOWN",
];
/// What a branch asks besides what is seen.
const ASKED_WORDS: [&str; 4] = ["family", "model", "firmware", "locale"];

/// Families by their id, those without a set left out.
pub(super) fn families() -> Vec<&'static str> {
    let mut ids: Vec<_> = catalogue::models().map(|model| model.family.id.as_str()).collect();
    ids.dedup();
    ids
}

/// Models by CUCM's name without `Cisco`.
pub(super) fn models() -> Vec<&'static str> {
    catalogue::models().map(|model| bare(&model.name)).collect()
}

pub(super) fn bare(model: &str) -> &str {
    model.strip_prefix("Cisco ").unwrap_or(model)
}

/// Something seen.
pub(super) fn seen(reader: &mut Reader<'_>) -> Result<Seen, Mistake> {
    if reader.take_word("not") {
        if reader.peek_word() == Some("not") {
            return Err(Mistake::new(reader.at(), "not stands once").hint("leave both out"));
        }
        return Ok(Seen::Not(Box::new(plain(reader)?)));
    }
    plain(reader)
}

fn plain(reader: &mut Reader<'_>) -> Result<Seen, Mistake> {
    let word = reader.word("what is to be seen", "expect title \"Settings\"")?;
    Ok(match word.text.as_str() {
        "title" => Seen::Title(reader.alternatives("the heading", "title \"Settings\"")?),
        "row" => Seen::Row(reader.alternatives("the row's text", "row \"Status\"")?),
        "softkey" => Seen::Softkey(reader.alternatives("the softkey's label", "softkey \"Exit\"")?),
        "line" => Seen::Line(reader.alternatives("the line's text", "line \"Settings unlocked\"")?),
        "status" => Seen::StatusMessage(reader.alternatives("the message", "status \"ITL installed\"")?),
        "idle" => Seen::Idle,
        "changed" => Seen::Changed,
        "in" if reader.take_word("call") => Seen::InCall,
        "in" => return Err(reader.missing("the word call", "expect in call")),
        "call" => call_state(reader)?,
        "picture" => {
            let token = reader.quoted("the picture's name", "picture \"reset menu\"")?;
            Seen::Picture(short_name(token.text.trim(), token.at, "a picture")?)
        }
        other => {
            let mistake = Mistake::new(word.at, format!("{other} is nothing that can be seen"));
            return Err(mistake.hint(did_you_mean(other, SEEN_WORDS)));
        }
    })
}

pub(super) fn short_name(name: &str, at: crate::domain::script::Place, what: &str) -> Result<String, Mistake> {
    if (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(Mistake::new(at, format!("the name of {what} has 1 to 64 characters")))
}

/// `call RINGING`, also `call "RINGING" or "CONNECTED"`.
fn call_state(reader: &mut Reader<'_>) -> Result<Seen, Mistake> {
    let mut states = Vec::new();
    let at = reader.at();
    loop {
        states.push(reader.one_of("the state of a line", CALL_STATES)?.text.clone());
        if !reader.take_word("or") {
            break;
        }
    }
    Ok(Seen::CallState(crate::domain::script::Template {
        text: states.join("|"),
        at,
    }))
}

/// What a branch asks.
pub(super) fn condition(reader: &mut Reader<'_>) -> Result<Condition, Mistake> {
    if reader.take_word("not") {
        if reader.peek_word() == Some("not") {
            return Err(Mistake::new(reader.at(), "not stands once").hint("leave both out"));
        }
        return Ok(Condition::Not(Box::new(one_condition(reader)?)));
    }
    one_condition(reader)
}

fn one_condition(reader: &mut Reader<'_>) -> Result<Condition, Mistake> {
    match reader.peek_word() {
        Some("family") => {
            reader.take();
            Ok(Condition::Family(listed(reader, "the family", &families())?))
        }
        Some("model") => {
            reader.take();
            Ok(Condition::Model(listed(reader, "the model", &models())?))
        }
        Some("locale") => {
            reader.take();
            Ok(Condition::Locale(locales(reader)?))
        }
        Some("firmware") => {
            reader.take();
            Ok(Condition::Firmware(firmware_range(reader)?))
        }
        Some(word) if !SEEN_WORDS.contains(&word) => {
            let known: Vec<_> = ASKED_WORDS.into_iter().chain(SEEN_WORDS).collect();
            let mistake = Mistake::new(reader.at(), format!("{word} is nothing that can be asked"));
            Err(mistake.hint(did_you_mean(word, known)))
        }
        _ => Ok(Condition::Seen(plain(reader)?)),
    }
}

/// One or several of a list: `8800, 7800`.
pub(super) fn listed(reader: &mut Reader<'_>, what: &str, known: &[&str]) -> Result<Vec<String>, Mistake> {
    let mut found: Vec<String> = Vec::new();
    loop {
        let token = reader.one_of(what, known.iter().copied())?;
        if found.contains(&token.text) {
            return Err(Mistake::new(token.at, format!("{} stands here twice", token.text)));
        }
        found.push(token.text.clone());
        if !reader.take_kind(&Kind::Comma) && !reader.take_word("or") {
            return Ok(found);
        }
    }
}

fn locales(reader: &mut Reader<'_>) -> Result<Vec<String>, Mistake> {
    let mut found = Vec::new();
    loop {
        let token = reader.word("a language", "locale en, de")?;
        if token.text.len() != 2 || !token.text.bytes().all(|b| b.is_ascii_lowercase()) {
            let mistake = Mistake::new(token.at, format!("{} is no language", token.text));
            return Err(mistake.hint("two small letters: en, de, fr"));
        }
        found.push(token.text.clone());
        if !reader.take_kind(&Kind::Comma) && !reader.take_word("or") {
            return Ok(found);
        }
    }
}

/// `from 12.8 below 14`: one of them or both.
pub(super) fn firmware_range(reader: &mut Reader<'_>) -> Result<FirmwareRange, Mistake> {
    let at = reader.at();
    let from = reader.take_word("from").then(|| version(reader)).transpose()?;
    let below = reader.take_word("below").then(|| version(reader)).transpose()?;
    if from.is_none() && below.is_none() {
        return Err(reader.missing("from or below", "firmware from 12.8 below 14"));
    }
    if let (Some(from), Some(below)) = (&from, &below)
        && firmware::numbers(from) >= firmware::numbers(below)
    {
        return Err(Mistake::new(at, format!("no version is from {from} and below {below}")));
    }
    Ok(FirmwareRange { from, below })
}

fn version(reader: &mut Reader<'_>) -> Result<String, Mistake> {
    let token = reader.value("a version", "12.8.1")?;
    let plain = token.text.chars().all(|c| c.is_ascii_digit() || c == '.');
    if !plain || firmware::numbers(&token.text).is_none() {
        let mistake = Mistake::new(token.at, format!("{} is no version", token.text));
        return Err(mistake.hint("numbers with dots: 12.8.1"));
    }
    Ok(token.text.clone())
}
