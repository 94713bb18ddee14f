//! Steps of one line.

use std::time::Duration;

use crate::domain::catalogue;
use crate::domain::key::Key;
use crate::domain::script::{Act, FactName, MOST_ROUNDS, ParameterKind, Proof, Rounds, Seen};

use super::Mistake;
use super::lex::Token;
use super::nearest::{did_you_mean, nearest};
use super::reader::Reader;
use super::seen::{LOOKED, seen, short_name};
use super::template::{Use, is_name, only_name, read};

/// The words that begin a step of one line.
pub(super) const WORDS: [&str; 19] = [
    "press",
    "softkey",
    "digits",
    "text",
    "dial",
    "wait",
    "settle",
    "expect",
    "choose",
    "screenshot",
    "execute",
    "background",
    "ring-tone",
    "message",
    "fetch",
    "restart",
    "prove",
    "stop",
    "fail",
];
/// How long a picture may take to stand still when nothing is said.
pub(super) const SETTLED: Duration = Duration::from_secs(5);
/// How long a proof is looked for when nothing is said.
pub(super) const PROVED: Duration = Duration::from_mins(5);

/// What a step does whose first word was taken.
pub(super) fn act(word: &Token, reader: &mut Reader<'_>) -> Result<Act, Mistake> {
    Ok(match word.text.as_str() {
        "press" => Act::Press(key(reader)?),
        "softkey" => Act::Softkey(reader.alternatives("the softkey's label", "softkey \"Exit\"")?),
        "digits" => Act::Digits(reader.template(Use::Digits, "the digits", "digits \"**#\"")?),
        "text" => Act::Text(reader.template(Use::Typed, "the text", "text \"ana\"")?),
        "dial" => Act::Dial(reader.template(Use::Dialled, "the number", "dial \"2041\"")?),
        "wait" => Act::Wait(reader.duration("wait 2s")?),
        "settle" => Act::Settle(reader.within(SETTLED)?),
        "expect" => Act::Expect {
            seen: seen(reader)?,
            within: reader.within(LOOKED)?,
        },
        "choose" => Act::Choose(reader.alternatives("the row's text", "choose \"Status\"")?),
        "screenshot" => {
            let token = reader.quoted("the picture's name", "screenshot \"before\"")?;
            Act::Screenshot(short_name(token.text.trim(), token.at, "a picture")?)
        }
        "execute" => execute(reader)?,
        "background" => background(reader)?,
        "ring-tone" => Act::SetRingTone(reader.template(
            Use::Address,
            "the tone's address",
            "ring-tone \"http://server/bell.raw\"",
        )?),
        "message" => message(reader)?,
        "fetch" => fetch(reader)?,
        "restart" => Act::Restart,
        "prove" => Act::Prove {
            proof: proof(reader)?,
            within: reader.within(PROVED)?,
        },
        "stop" | "fail" => Act::Stop {
            reason: reader.template(Use::Reason, "the reason", "stop \"Nothing to delete.\"")?,
            failed: word.text == "fail",
        },
        _ => return Err(Mistake::new(word.at, format!("{} is no step", word.text))),
    })
}

fn key(reader: &mut Reader<'_>) -> Result<Key, Mistake> {
    let token = reader.value("the key", "press Settings")?;
    if let Ok(key) = token.text.parse() {
        return Ok(key);
    }
    let hint = match token.text.as_str() {
        "*" => "did you mean KeyPadStar?".to_owned(),
        "#" => "did you mean KeyPadPound?".to_owned(),
        digits if digits.chars().all(|c| c.is_ascii_digit()) && !digits.is_empty() => {
            format!(
                "digits are pressed with: digits \"{}\"",
                digits.chars().take(20).collect::<String>()
            )
        }
        "NavDown" => "did you mean NavDwn?".to_owned(),
        "VolDown" => "did you mean VolDwn?".to_owned(),
        "EndCall" => "did you mean Release?".to_owned(),
        other => {
            let keys: Vec<_> = Key::all().collect();
            match nearest(other, keys.iter().map(Key::as_str)) {
                Some(near) => format!("did you mean {near}?"),
                None => "keys are named as in the Key: URI: Settings, Soft1, NavDwn, KeyPad5".to_owned(),
            }
        }
    };
    Err(Mistake::new(
        token.at,
        format!("{} is no key of a Cisco phone", shortened(&token.text)),
    )
    .hint(hint))
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

fn execute(reader: &mut Reader<'_>) -> Result<Act, Mistake> {
    let url = reader.template(Use::Url, "what the phone runs", "execute \"Init:CallHistory\"")?;
    let priority = reader
        .take_word("priority")
        .then(|| reader.template(Use::Priority, "the priority", "priority 1"))
        .transpose()?;
    Ok(Act::Execute { url, priority })
}

fn background(reader: &mut Reader<'_>) -> Result<Act, Mistake> {
    let image = reader.template(
        Use::Address,
        "the image's address",
        "background \"http://server/logo.png\"",
    )?;
    let icon = reader
        .take_word("icon")
        .then(|| {
            reader.template(
                Use::Address,
                "the preview's address",
                "icon \"http://server/small.png\"",
            )
        })
        .transpose()?;
    Ok(Act::SetBackground { image, icon })
}

fn message(reader: &mut Reader<'_>) -> Result<Act, Mistake> {
    let example = "message \"Notice\" \"The phone restarts at noon.\"";
    let quoted = |reader: &mut Reader<'_>, usage, what| {
        let token = reader.quoted(what, example)?;
        read(token, usage, reader.scope())
    };
    Ok(Act::Message {
        title: quoted(reader, Use::Heading, "the heading")?,
        text: quoted(reader, Use::Message, "the text")?,
    })
}

fn fetch(reader: &mut Reader<'_>) -> Result<Act, Mistake> {
    let token = reader.one_of("the fact", FactName::ALL.map(FactName::as_str))?;
    let fact = FactName::ALL.into_iter().find(|fact| fact.as_str() == token.text);
    if !reader.take_word("as") {
        return Err(reader.missing("the word as and a name", "fetch network as network"));
    }
    let name = reader.word("the name", "fetch network as network")?;
    if !is_name(&name.text) {
        let mistake = Mistake::new(name.at, format!("{} is no name of a fact", shortened(&name.text)));
        return Err(mistake.hint("a small letter, then letters, digits, _ or -, up to 32"));
    }
    if reader.scope().parameters.iter().any(|known| known.name == name.text) {
        return Err(Mistake::new(name.at, format!("{} is a parameter already", name.text)));
    }
    let fact = fact.ok_or_else(|| Mistake::new(token.at, "unknown fact"))?;
    Ok(Act::Fetch {
        fact,
        name: name.text.clone(),
    })
}

fn proof(reader: &mut Reader<'_>) -> Result<Proof, Mistake> {
    let token = reader.one_of("the proof", Proof::ALL.map(Proof::as_str))?;
    let proof = Proof::ALL.into_iter().find(|proof| proof.as_str() == token.text);
    proof.ok_or_else(|| Mistake::new(token.at, "unknown proof"))
}

/// `3 times`, `{rounds} times`, `until idle`: what follows the word repeat.
pub(super) fn repeat(reader: &mut Reader<'_>) -> Result<(Rounds, Option<Seen>), Mistake> {
    let example = "repeat 3 times";
    let token = reader.value("how often", example)?;
    let times = match only_name(token) {
        Some(name) => rounds_of(token, name, reader)?,
        None => match token.text.parse::<u32>() {
            Ok(count) if (1..=MOST_ROUNDS).contains(&count) => Rounds::Count(count),
            _ => {
                let message = format!("{} is no number of rounds", shortened(&token.text));
                return Err(Mistake::new(token.at, message).hint(format!(
                    "1 to {MOST_ROUNDS}, or {{name}} of a parameter: repeat 3 times"
                )));
            }
        },
    };
    if !reader.take_word("times") {
        return Err(reader.missing("the word times", example));
    }
    let until = reader.take_word("until").then(|| seen(reader)).transpose()?;
    Ok((times, until))
}

fn rounds_of(token: &Token, name: &str, reader: &Reader<'_>) -> Result<Rounds, Mistake> {
    let template = read(token, Use::Reason, reader.scope())?;
    if reader.scope().doubtful.iter().any(|doubtful| doubtful == name) {
        return Ok(Rounds::Of(template));
    }
    let parameter = reader.scope().parameters.iter().find(|known| known.name == name);
    match parameter.map(|known| &known.kind) {
        Some(ParameterKind::Number { least, most }) if *least >= 1 && *most <= MOST_ROUNDS => Ok(Rounds::Of(template)),
        _ => Err(Mistake::new(
            token.at,
            format!("{{{name}}} is no number of 1 to {MOST_ROUNDS} rounds"),
        )
        .hint(format!("ask for it as number 1..{MOST_ROUNDS} or fewer"))),
    }
}

/// Whether any phone that the macro is for has the key.
pub(super) fn is_there(key: &Key, families: &[String], models: &[String]) -> bool {
    let meant = |model: &&catalogue::Model| {
        (families.is_empty() || families.contains(&model.family.id))
            && (models.is_empty() || models.iter().any(|name| name == super::seen::bare(&model.name)))
    };
    if families.is_empty() && models.is_empty() {
        return true;
    }
    let mut meant = catalogue::models().filter(meant).peekable();
    // A macro for no model at all has another mistake.
    meant.peek().is_none() || meant.any(|model| model.has(key))
}

/// What is told of a word that begins no statement.
pub(super) fn unknown(word: &Token) -> Mistake {
    let words = super::header::WORDS
        .into_iter()
        .chain(WORDS)
        .chain(["if", "else", "end", "repeat"]);
    let words: Vec<_> = words.collect();
    let message = format!("{:?} is no word of the language", shortened(&word.text));
    let hint = nearest(&word.text, words.iter().copied()).map_or_else(
        || did_you_mean(&word.text, words.iter().copied()),
        |near| format!("did you mean {near}?"),
    );
    Mistake::new(word.at, message).hint(hint)
}
