//! One line, token by token.

use std::time::Duration;

use crate::domain::script::{LONGEST_WAIT, Parameter, Place, Template};

use super::Mistake;
use super::lex::{Kind, Line, Token};
use super::nearest::did_you_mean;
use super::template::{self, Use};

/// What a template may name where it stands.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// The macro's questions.
    pub(super) parameters: Vec<Parameter>,
    /// Names under which facts were fetched before.
    pub(super) facts: Vec<String>,
    /// Names of questions whose line has a mistake: what uses them is not a second one.
    pub(super) doubtful: Vec<String>,
}

/// A line and how far it is read.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    line: &'a Line,
    next: usize,
    scope: &'a Scope,
}

impl<'a> Reader<'a> {
    pub(super) fn new(line: &'a Line, scope: &'a Scope) -> Self {
        Self { line, next: 0, scope }
    }

    pub(super) fn scope(&self) -> &'a Scope {
        self.scope
    }

    /// Where the next token stands, or the line ends.
    pub(super) fn at(&self) -> Place {
        self.peek().map_or(self.line.end, |token| token.at)
    }

    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.line.tokens.get(self.next)
    }

    /// The next token if it is a word.
    pub(super) fn peek_word(&self) -> Option<&'a str> {
        self.peek()
            .filter(|token| token.kind == Kind::Word)
            .map(|token| token.text.as_str())
    }

    pub(super) fn take(&mut self) -> Option<&'a Token> {
        let token = self.peek()?;
        self.next += 1;
        Some(token)
    }

    /// Takes the next token if it is this word.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let there = self.peek_word() == Some(word);
        self.next += usize::from(there);
        there
    }

    pub(super) fn take_kind(&mut self, kind: &Kind) -> bool {
        let there = self.peek().is_some_and(|token| token.kind == *kind);
        self.next += usize::from(there);
        there
    }

    /// A word that must be there.
    pub(super) fn word(&mut self, what: &str, example: &str) -> Result<&'a Token, Mistake> {
        match self.peek() {
            Some(token) if token.kind == Kind::Word => {
                self.next += 1;
                Ok(token)
            }
            _ => Err(self.missing(what, example)),
        }
    }

    /// Something in quotation marks, or a word.
    pub(super) fn value(&mut self, what: &str, example: &str) -> Result<&'a Token, Mistake> {
        match self.peek() {
            Some(token) if matches!(token.kind, Kind::Word | Kind::Quoted) => {
                self.next += 1;
                Ok(token)
            }
            _ => Err(self.missing(what, example)),
        }
    }

    /// Something in quotation marks.
    pub(super) fn quoted(&mut self, what: &str, example: &str) -> Result<&'a Token, Mistake> {
        match self.peek() {
            Some(token) if token.kind == Kind::Quoted => {
                self.next += 1;
                Ok(token)
            }
            Some(token) if token.kind == Kind::Word => {
                let mistake = Mistake::new(token.at, format!("{what} stands in quotation marks"));
                Err(mistake.hint(format!("for example: {example}")))
            }
            _ => Err(self.missing(what, example)),
        }
    }

    pub(super) fn missing(&self, what: &str, example: &str) -> Mistake {
        Mistake::new(self.at(), format!("{what} is missing here")).hint(format!("for example: {example}"))
    }

    /// Text for a phone or a person, in quotation marks or as one word.
    pub(super) fn template(&mut self, usage: Use, what: &str, example: &str) -> Result<Template, Mistake> {
        let token = self.value(what, example)?;
        template::read(token, usage, self.scope)
    }

    /// `"one" or "other"`, of which any will do: one template with `|` between them.
    pub(super) fn alternatives(&mut self, what: &str, example: &str) -> Result<Template, Mistake> {
        let mut whole = self.alternative(what, example)?;
        while self.take_word("or") {
            let other = self.alternative(what, example)?;
            whole.text.push('|');
            whole.text.push_str(&other.text);
        }
        Ok(whole)
    }

    fn alternative(&mut self, what: &str, example: &str) -> Result<Template, Mistake> {
        let token = self.quoted(what, example)?;
        if let Some(bar) = token.text.chars().position(|c| c == '|') {
            return Err(
                Mistake::new(token.place_of(bar), "| cannot stand in a text of the display")
                    .hint("write \"one text\" or \"the other text\""),
            );
        }
        template::read(token, Use::Shown, self.scope)
    }

    /// `within 5s`, or the default.
    pub(super) fn within(&mut self, default: Duration) -> Result<Duration, Mistake> {
        if self.take_word("within") {
            self.duration("within 5s")
        } else {
            Ok(default)
        }
    }

    /// `500ms`, `2s`, `5m`: up to [`LONGEST_WAIT`].
    pub(super) fn duration(&mut self, example: &str) -> Result<Duration, Mistake> {
        let token = self.word("how long", example)?;
        let unit = token
            .text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(token.text.len());
        let (digits, unit) = token.text.split_at(unit);
        let millis: Option<u64> = match unit {
            "ms" => Some(1),
            "s" => Some(1_000),
            "m" => Some(60_000),
            _ => None,
        };
        let (Some(millis), Ok(number)) = (millis, digits.parse::<u64>()) else {
            let message = format!("{} is no length of time", token.text);
            return Err(Mistake::new(token.at, message).hint("a whole number with ms, s or m: 500ms, 2s, 5m"));
        };
        let length = Duration::from_millis(number.saturating_mul(millis));
        if length.is_zero() || length > LONGEST_WAIT {
            let most = LONGEST_WAIT.as_secs() / 60;
            return Err(Mistake::new(token.at, format!("a step waits 1 ms to {most} minutes")));
        }
        Ok(length)
    }

    /// A name of a list, such as a family.
    pub(super) fn one_of<'w>(
        &mut self,
        what: &str,
        known: impl IntoIterator<Item = &'w str> + Clone,
    ) -> Result<&'a Token, Mistake> {
        let list: Vec<_> = known.clone().into_iter().collect();
        let token = self.value(what, list.first().copied().unwrap_or_default())?;
        if list.contains(&token.text.as_str()) {
            return Ok(token);
        }
        let message = format!("{} is no {}", token.text, what.trim_start_matches("the "));
        Err(Mistake::new(token.at, message).hint(did_you_mean(&token.text, known)))
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), Mistake> {
        match self.peek() {
            None => Ok(()),
            Some(token) => {
                let message = format!("{:?} does not belong here", token.text);
                Err(Mistake::new(token.at, message).hint("one statement a line; a comment begins with #"))
            }
        }
    }
}
