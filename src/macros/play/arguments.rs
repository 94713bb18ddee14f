//! Answers to a macro's questions: checked before anything is sent.

use std::collections::BTreeMap;

use super::emergency::named_by;
use super::error::PlayError;
use crate::domain::script::{Arguments, Parameter, ParameterKind};

/// The longest text of an answer, in characters.
const LONGEST: usize = 200;

/// What every parameter stands for.
pub fn resolve(
    parameters: &[Parameter],
    given: &Arguments,
    tones: &[String],
    emergency: &[String],
) -> Result<BTreeMap<String, String>, PlayError> {
    if let Some(unknown) = given
        .keys()
        .find(|name| !parameters.iter().any(|known| known.name == **name))
    {
        return Err(wrong(unknown, "the macro has no such parameter"));
    }
    parameters
        .iter()
        .map(|parameter| {
            let answer = given
                .get(&parameter.name)
                .map(|text| text.trim())
                .filter(|text| !text.is_empty());
            let answer = answer.or(parameter.default.as_deref());
            let answer = answer.ok_or_else(|| wrong(&parameter.name, "an answer is needed"))?;
            check(parameter, answer, tones, emergency)?;
            Ok((parameter.name.clone(), answer.to_owned()))
        })
        .collect()
}

fn wrong(name: &str, problem: impl Into<String>) -> PlayError {
    PlayError::Argument {
        name: name.to_owned(),
        problem: problem.into(),
    }
}

fn check(parameter: &Parameter, answer: &str, tones: &[String], emergency: &[String]) -> Result<(), PlayError> {
    let name = &parameter.name;
    if answer.chars().count() > LONGEST {
        return Err(wrong(name, format!("at most {LONGEST} characters")));
    }
    match &parameter.kind {
        ParameterKind::Text if answer.chars().any(char::is_control) => Err(wrong(name, "no control characters")),
        ParameterKind::Text => Ok(()),
        ParameterKind::Number { least, most } => match answer.parse::<u32>() {
            Ok(number) if (*least..=*most).contains(&number) => Ok(()),
            _ => Err(wrong(name, format!("a whole number from {least} to {most}"))),
        },
        ParameterKind::Digits => {
            let dials = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#' | '+' | ',');
            if !answer.chars().all(dials) {
                return Err(wrong(name, "digits, *, #, + and commas alone"));
            }
            match named_by(answer, emergency) {
                Some(number) => Err(PlayError::Emergency(number.to_owned())),
                None => Ok(()),
            }
        }
        ParameterKind::Choice(choices) if choices.iter().any(|choice| choice == answer) => Ok(()),
        ParameterKind::Choice(choices) => Err(wrong(name, format!("one of {}", choices.join(", ")))),
        ParameterKind::Tone if tones.iter().any(|tone| tone == answer) => Ok(()),
        ParameterKind::Tone => Err(wrong(name, "a ring tone of the list")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, kind: ParameterKind, default: Option<&str>) -> Parameter {
        Parameter {
            name: name.to_owned(),
            label: name.to_owned(),
            kind,
            default: default.map(str::to_owned),
        }
    }

    fn resolved(parameters: &[Parameter], given: &[(&str, &str)]) -> Result<BTreeMap<String, String>, String> {
        let given = given
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        let (tones, emergency) = (["Analog1.raw".to_owned()], ["112".to_owned()]);
        resolve(parameters, &given, &tones, &emergency).map_err(|error| error.to_string())
    }

    #[test]
    fn answers_are_checked_before_anything_is_sent() {
        let parameters = [
            parameter("times", ParameterKind::Number { least: 1, most: 10 }, Some("3")),
            parameter("tone", ParameterKind::Tone, None),
            parameter("number", ParameterKind::Digits, Some("2001")),
        ];
        let found = resolved(&parameters, &[("tone", "Analog1.raw")]).unwrap();
        assert_eq!((found["times"].as_str(), found["number"].as_str()), ("3", "2001"));
        for (given, words) in [
            (vec![], "tone: an answer is needed"),
            (vec![("tone", "Piano2.raw")], "a ring tone of the list"),
            (vec![("tone", "Analog1.raw"), ("times", "11")], "from 1 to 10"),
            (
                vec![("tone", "Analog1.raw"), ("number", "0112")],
                "112 is an emergency number",
            ),
            (vec![("tone", "Analog1.raw"), ("number", "12a")], "digits"),
            (vec![("other", "1")], "no such parameter"),
        ] {
            let error = resolved(&parameters, &given).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
