//! Text with `{name}` in it, checked for what it is used for.

use crate::domain::execute::ExecuteUrl;
use crate::domain::multitap;
use crate::domain::script::{ParameterKind, Template};

use super::super::tones;
use super::Mistake;
use super::lex::{Kind, Token};
use super::nearest::nearest;
use super::reader::Scope;

/// What a text is used for: its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A text of the display, to be looked for: up to 64 characters.
    Shown,
    /// Pressed one by one.
    Digits,
    /// Typed with letters.
    Typed,
    /// Dialled.
    Dialled,
    /// Run by the phone.
    Url,
    /// Fetched by the phone.
    Address,
    /// The heading of a text.
    Heading,
    /// A text for a person at the phone; the only one with new lines.
    Message,
    /// Why a macro ends.
    Reason,
    /// 0, 1 or 2.
    Priority,
}

impl Use {
    /// The most characters.
    fn most(self) -> usize {
        match self {
            Self::Shown | Self::Digits => 64,
            Self::Typed => multitap::MAX_TEXT,
            Self::Dialled | Self::Heading => 32,
            Self::Url | Self::Address => 256,
            Self::Message => 4000,
            Self::Reason => 200,
            Self::Priority => 40,
        }
    }
}

/// A parameter's or a fact's name: a lower-case letter, then letters, digits, `_` or `-`, up to 32.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// The text of a token.
pub(super) fn read(token: &Token, usage: Use, scope: &Scope) -> Result<Template, Mistake> {
    let length = token.text.chars().count();
    if token.text.trim().is_empty() {
        return Err(Mistake::new(token.at, "the text is empty"));
    }
    if length > usage.most() {
        let message = format!("the text has {length} characters; {} is the most here", usage.most());
        return Err(Mistake::new(token.place_of(usage.most()), message));
    }
    let new_line = token.text.chars().position(char::is_control);
    if let Some(index) = new_line.filter(|_| usage != Use::Message) {
        return Err(Mistake::new(
            token.place_of(index),
            "only the text of a message may have more than one line",
        ));
    }
    let names = names(token)?;
    for (index, name) in &names {
        known(token, *index, name, usage, scope)?;
    }
    if names.is_empty() {
        check_fixed(token, usage)?;
    } else if matches!(usage, Use::Url | Use::Address) {
        check_beginning(token, usage)?;
    }
    if matches!(usage, Use::Url | Use::Address) && tones::crashes(&token.text) {
        return Err(Mistake::new(token.at, "Piano2.raw is refused: it has crashed phones"));
    }
    let text = if usage == Use::Shown {
        token.text.trim()
    } else {
        &token.text
    };
    Ok(Template {
        text: text.to_owned(),
        at: token.at,
    })
}

/// The names in braces, with the index of their opening brace.
fn names(token: &Token) -> Result<Vec<(usize, String)>, Mistake> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, character) in token.text.chars().enumerate() {
        match (character, open.as_mut()) {
            ('{', None) => open = Some((index, String::new())),
            ('}', Some(_)) => found.extend(open.take()),
            ('{' | '}', _) => {
                let mistake = Mistake::new(token.place_of(index), format!("the brace {character} stands alone"));
                return Err(mistake.hint("braces are for names: {number}"));
            }
            (other, Some((_, name))) => name.push(other),
            (_, None) => {}
        }
    }
    match open {
        Some((index, _)) => {
            Err(Mistake::new(token.place_of(index), "the brace { is not closed").hint("braces are for names: {number}"))
        }
        None => Ok(found),
    }
}

fn known(token: &Token, index: usize, name: &str, usage: Use, scope: &Scope) -> Result<(), Mistake> {
    let at = token.place_of(index);
    let parameter = scope.parameters.iter().find(|parameter| parameter.name == name);
    let Some(parameter) = parameter else {
        if scope.doubtful.iter().any(|doubtful| doubtful == name) {
            return Ok(());
        }
        if scope.facts.iter().any(|fact| fact == name) {
            return if matches!(usage, Use::Digits | Use::Typed | Use::Dialled | Use::Priority) {
                Err(Mistake::new(
                    at,
                    format!("{{{name}}} is a fact of the phone and cannot be pressed or dialled"),
                ))
            } else {
                Ok(())
            };
        }
        let names = scope.parameters.iter().map(|parameter| parameter.name.as_str());
        let names = names.chain(scope.facts.iter().map(String::as_str));
        let hint = match nearest(name, names) {
            Some(near) => format!("did you mean {{{near}}}?"),
            None => "ask for it with param, or fetch it before".to_owned(),
        };
        return Err(Mistake::new(at, format!("nothing gives {{{name}}} here")).hint(hint));
    };
    let fits = match usage {
        Use::Digits | Use::Dialled => !matches!(
            parameter.kind,
            ParameterKind::Text | ParameterKind::Tone | ParameterKind::Choice(_)
        ),
        Use::Priority => matches!(parameter.kind, ParameterKind::Number { most: 0..=2, .. }),
        _ => true,
    };
    if fits {
        return Ok(());
    }
    let needed = if usage == Use::Priority {
        "number 0..2"
    } else {
        "digits or number"
    };
    Err(
        Mistake::new(at, format!("{{{name}}} may hold other characters than this step takes"))
            .hint(format!("ask for {name} as {needed}")),
    )
}

/// What has names in it is whole only at play time; its beginning must be there now.
fn check_beginning(token: &Token, usage: Use) -> Result<(), Mistake> {
    let mut whole = String::new();
    let mut inside = false;
    for character in token.text.chars() {
        match character {
            '{' => {
                inside = true;
                whole.push('1');
            }
            '}' => inside = false,
            other if !inside => whole.push(other),
            _ => {}
        }
    }
    if token.text.starts_with('{') {
        // The whole address is asked for.
        return Ok(());
    }
    url(token, &whole, usage)
}

fn url(token: &Token, text: &str, usage: Use) -> Result<(), Mistake> {
    let parsed: ExecuteUrl = text
        .parse()
        .map_err(|error: crate::domain::execute::InvalidExecute| Mistake::new(token.at, error.to_string()))?;
    let lower = parsed.as_str().to_ascii_lowercase();
    if usage == Use::Address && !lower.starts_with("http://") {
        let mistake = Mistake::new(token.at, "the phone fetches it over http");
        return Err(mistake.hint("an address that begins with http://"));
    }
    if parsed.key().is_some() {
        return Err(
            Mistake::new(token.at, "a key is pressed with press, so that it waits for its turn")
                .hint(format!("press {}", text.trim_start_matches("Key:"))),
        );
    }
    if usage == Use::Url && parsed.dialled().is_some() && !text.starts_with("SendDigits:") {
        return Err(Mistake::new(
            token.at,
            "a number is dialled with dial, which knows the emergency numbers",
        )
        .hint("dial \"2041\""));
    }
    Ok(())
}

fn check_fixed(token: &Token, usage: Use) -> Result<(), Mistake> {
    match usage {
        Use::Digits => {
            let wrong = token.text.chars().position(|c| !matches!(c, '0'..='9' | '*' | '#'));
            if let Some(index) = wrong {
                return Err(Mistake::new(token.place_of(index), "digits are 0 to 9, * and #")
                    .hint("letters are typed with text"));
            }
            if let Some((before, _)) = token.text.split_once("**#*") {
                let at = token.place_of(before.chars().count());
                return Err(Mistake::new(at, "**#** restarts a phone of the 7900 series")
                    .hint("let nothing but # or a digit follow **#; a restart is written restart"));
            }
            Ok(())
        }
        Use::Dialled => {
            let wrong = token
                .text
                .chars()
                .position(|c| !matches!(c, '0'..='9' | '*' | '#' | '+' | ','));
            match wrong {
                Some(index) => Err(Mistake::new(
                    token.place_of(index),
                    "a number has digits, *, #, + and commas",
                )),
                None => Ok(()),
            }
        }
        Use::Typed => multitap::taps(&token.text)
            .map(drop)
            .map_err(|error| Mistake::new(token.at, error.to_string())),
        Use::Priority if !matches!(token.text.as_str(), "0" | "1" | "2") => Err(Mistake::new(
            token.at,
            "a priority is 0 (now), 1 (when idle) or 2 (only if idle)",
        )),
        Use::Url | Use::Address => url(token, &token.text, usage),
        _ => Ok(()),
    }
}

/// Whether a token is a name in braces alone, such as `{times}`.
pub(super) fn only_name(token: &Token) -> Option<&str> {
    (token.kind == Kind::Word || token.kind == Kind::Quoted)
        .then(|| token.text.strip_prefix('{')?.strip_suffix('}'))
        .flatten()
        .filter(|name| !name.contains(['{', '}']))
}
