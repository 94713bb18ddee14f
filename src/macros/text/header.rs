//! What stands before the first step: name, description, danger, phones, questions.

use crate::domain::script::{Danger, FirmwareRange, Fits, Parameter, ParameterKind, Place};

use super::super::tones;
use super::Mistake;
use super::lex::Kind;
use super::nearest::did_you_mean;
use super::reader::{Reader, Scope};
use super::seen::{families, firmware_range, listed, models};
use super::template::is_name;

/// The words of the header.
pub(super) const WORDS: [&str; 8] = [
    "macro",
    "description",
    "safe",
    "destructive",
    "family",
    "model",
    "firmware",
    "param",
];
/// Kinds of questions.
const KINDS: [&str; 5] = ["text", "number", "digits", "choice", "tone"];
/// The most questions.
const MOST_PARAMETERS: usize = 20;
/// The longest description.
const LONGEST_DESCRIPTION: usize = 500;
/// The most that a number may be.
const MOST_NUMBER: u32 = 1_000_000;

/// What was read of the header.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) danger: Option<Danger>,
    pub(super) fits: Fits,
    /// The models of `fits`, and where they stand.
    pub(super) models: Vec<(String, Place)>,
    pub(super) scope: Scope,
    /// A line of it has a mistake: what is missing may be in that line.
    pub(super) broken: bool,
}

impl Header {
    /// Reads a line whose first word is one of [`WORDS`].
    pub(super) fn line(&mut self, line: &super::lex::Line) -> Result<(), Mistake> {
        let mut reader = Reader::new(line, &self.scope);
        let at = reader.at();
        let word = reader.take().map(|token| token.text.as_str()).unwrap_or_default();
        match word {
            "macro" => {
                let name = text(&mut reader, "the macro's name", "macro \"Restart\"", 64)?;
                reader.end()?;
                once(&mut self.name, name, at, "macro")
            }
            "description" => {
                let told = text(
                    &mut reader,
                    "the description",
                    "description \"Restarts the phone.\"",
                    LONGEST_DESCRIPTION,
                )?;
                reader.end()?;
                once(&mut self.description, told, at, "description")
            }
            "safe" | "destructive" => {
                reader.end()?;
                let danger = if word == "safe" {
                    Danger::Safe
                } else {
                    Danger::Destructive
                };
                if self.danger.is_some_and(|said| said != danger) {
                    return Err(Mistake::new(at, "a macro is either safe or destructive"));
                }
                once(&mut self.danger, danger, at, word)
            }
            "family" => {
                let found = listed(&mut reader, "the family", &families())?;
                reader.end()?;
                add(&mut self.fits.families, found, at)
            }
            "model" => {
                let found = listed(&mut reader, "the model", &models())?;
                reader.end()?;
                let place = |name: &String| {
                    let token = line.tokens.iter().find(|token| token.text == *name);
                    (name.clone(), token.map_or(at, |token| token.at))
                };
                self.models.extend(found.iter().map(place));
                add(&mut self.fits.models, found, at)
            }
            "firmware" => {
                let range: FirmwareRange = firmware_range(&mut reader)?;
                reader.end()?;
                once(&mut self.fits.firmware, range, at, "firmware")
            }
            _ => {
                let parameter = parameter(&mut reader)?;
                reader.end()?;
                if self.scope.parameters.len() == MOST_PARAMETERS {
                    return Err(Mistake::new(
                        at,
                        format!("a macro asks at most {MOST_PARAMETERS} questions"),
                    ));
                }
                self.scope.parameters.push(parameter);
                Ok(())
            }
        }
    }
}

fn once<T>(place: &mut Option<T>, value: T, at: Place, word: &str) -> Result<(), Mistake> {
    if place.is_some() {
        return Err(Mistake::new(at, format!("{word} was said before")).hint("leave one of the lines out"));
    }
    *place = Some(value);
    Ok(())
}

fn add(list: &mut Vec<String>, found: Vec<String>, at: Place) -> Result<(), Mistake> {
    for one in found {
        if list.contains(&one) {
            return Err(Mistake::new(at, format!("{one} stands here twice")));
        }
        list.push(one);
    }
    Ok(())
}

fn text(reader: &mut Reader<'_>, what: &str, example: &str, most: usize) -> Result<String, Mistake> {
    let token = reader.quoted(what, example)?;
    let text = token.text.trim();
    if text.is_empty() {
        return Err(Mistake::new(token.at, format!("{what} is empty")));
    }
    if text.chars().count() > most {
        return Err(Mistake::new(
            token.place_of(most),
            format!("{what} has at most {most} characters"),
        ));
    }
    if let Some(index) = token.text.chars().position(char::is_control) {
        return Err(Mistake::new(token.place_of(index), format!("{what} is one line")));
    }
    Ok(text.to_owned())
}

fn parameter(reader: &mut Reader<'_>) -> Result<Parameter, Mistake> {
    let example = "param times \"How often\" number 1..10 = 3";
    let token = reader.word("the parameter's name", example)?;
    if !is_name(&token.text) {
        let mistake = Mistake::new(token.at, format!("{} is no name of a parameter", token.text));
        return Err(mistake.hint("a small letter, then letters, digits, _ or -, up to 32"));
    }
    if reader.scope().parameters.iter().any(|known| known.name == token.text) {
        return Err(Mistake::new(
            token.at,
            format!("there is a parameter {} already", token.text),
        ));
    }
    let label = text(reader, "the question", example, 100)?;
    let kind = kind(reader)?;
    let default = reader
        .take_kind(&Kind::Equals)
        .then(|| default(reader, &kind))
        .transpose()?;
    Ok(Parameter {
        name: token.text.clone(),
        label,
        kind,
        default,
    })
}

fn kind(reader: &mut Reader<'_>) -> Result<ParameterKind, Mistake> {
    let token = reader.word("the kind of the answer", "number 1..10")?;
    match token.text.as_str() {
        "text" => Ok(ParameterKind::Text),
        "digits" => Ok(ParameterKind::Digits),
        "tone" => Ok(ParameterKind::Tone),
        "number" => numbers(reader),
        "choice" => choices(reader),
        other => {
            let mistake = Mistake::new(token.at, format!("{other} is no kind of answer"));
            Err(mistake.hint(did_you_mean(other, KINDS)))
        }
    }
}

fn numbers(reader: &mut Reader<'_>) -> Result<ParameterKind, Mistake> {
    let token = reader.word("the least and the most", "number 1..10")?;
    let range = token.text.split_once("..");
    let range = range.and_then(|(least, most)| Some((least.parse::<u32>().ok()?, most.parse::<u32>().ok()?)));
    match range {
        Some((least, most)) if least <= most && most <= MOST_NUMBER => Ok(ParameterKind::Number { least, most }),
        _ => Err(Mistake::new(token.at, format!("{} is no range of numbers", token.text))
            .hint(format!("the least, two dots, the most, up to {MOST_NUMBER}: 1..10"))),
    }
}

fn choices(reader: &mut Reader<'_>) -> Result<ParameterKind, Mistake> {
    let mut choices: Vec<String> = Vec::new();
    loop {
        let at = reader.at();
        let choice = text(reader, "a choice", "choice \"on\", \"off\"", 64)?;
        if choices.contains(&choice) {
            return Err(Mistake::new(at, format!("the choice {choice:?} stands here twice")));
        }
        choices.push(choice);
        if choices.len() > 50 {
            return Err(Mistake::new(at, "there are at most 50 choices"));
        }
        if !reader.take_kind(&Kind::Comma) {
            return Ok(ParameterKind::Choice(choices));
        }
    }
}

fn default(reader: &mut Reader<'_>, kind: &ParameterKind) -> Result<String, Mistake> {
    let token = reader.value("the answer when none is given", "= 3")?;
    let text = &token.text;
    let problem = match kind {
        ParameterKind::Number { least, most } => match text.parse::<u32>() {
            Ok(number) if (*least..=*most).contains(&number) => return Ok(number.to_string()),
            _ => Some(format!("{text} is no number from {least} to {most}")),
        },
        ParameterKind::Digits => {
            let digits = text.chars().all(|c| matches!(c, '0'..='9' | '*' | '#' | '+' | ','));
            (!digits || text.is_empty()).then(|| format!("{text:?} cannot be dialled"))
        }
        ParameterKind::Choice(choices) => (!choices.contains(text)).then(|| format!("{text:?} is none of the choices")),
        ParameterKind::Tone if tones::crashes(text) => Some("Piano2.raw is refused: it has crashed phones".to_owned()),
        ParameterKind::Text | ParameterKind::Tone => {
            let fits = (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control);
            (!fits).then(|| "an answer is one line of 1 to 200 characters".to_owned())
        }
    };
    match problem {
        Some(problem) => Err(Mistake::new(token.at, problem)),
        None => Ok(text.clone()),
    }
}
