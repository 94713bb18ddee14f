//! Text to lines of tokens.

use crate::domain::script::Place;

use super::{Mistake, number};

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, digits and signs without blanks.
    Word,
    /// Between quotation marks.
    Quoted,
    /// `=`
    Equals,
    /// `,`
    Comma,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// The word, or what stands between the quotation marks, escapes resolved.
    pub(super) text: String,
    /// Where it begins.
    pub(super) at: Place,
    /// The column of each character of `text`.
    pub(super) columns: Vec<u32>,
}

impl Token {
    /// Where the character with this index stands; past the last one: where the token begins.
    pub(super) fn place_of(&self, character: usize) -> Place {
        Place {
            line: self.at.line,
            column: self.columns.get(character).copied().unwrap_or(self.at.column),
        }
    }
}

/// A line that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) tokens: Vec<Token>,
    /// Behind the last token.
    pub(super) end: Place,
    /// Something in it could not be read; it was told.
    pub(super) broken: bool,
}

/// The lines that say something.
pub(super) fn lines(text: &str, mistakes: &mut Vec<Mistake>) -> Vec<Line> {
    let read = |(index, line): (usize, &str)| Lexer::new(number(index + 1), line).read(mistakes);
    let lines = text.split('\n').enumerate().map(read);
    lines.filter(|line| line.broken || !line.tokens.is_empty()).collect()
}

struct Lexer {
    line: u32,
    characters: Vec<char>,
    next: usize,
}

impl Lexer {
    fn new(line: u32, text: &str) -> Self {
        Self {
            line,
            characters: text.chars().collect(),
            next: 0,
        }
    }

    fn place(&self, index: usize) -> Place {
        Place {
            line: self.line,
            column: number(index + 1),
        }
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.next).copied()
    }

    fn read(mut self, mistakes: &mut Vec<Mistake>) -> Line {
        let mut tokens = Vec::new();
        let mut broken = false;
        let mut end = self.place(0);
        while let Some(character) = self.peek() {
            if character.is_whitespace() {
                self.next += 1;
                continue;
            }
            if character == '#' {
                break;
            }
            match self.token(character) {
                Ok(token) => tokens.push(token),
                Err(mistake) => {
                    mistakes.push(mistake);
                    broken = true;
                    break;
                }
            }
            end = self.place(self.next);
        }
        Line { tokens, end, broken }
    }

    fn token(&mut self, first: char) -> Result<Token, Mistake> {
        match first {
            '"' => self.quoted(),
            '=' => Ok(self.sign(Kind::Equals)),
            ',' => Ok(self.sign(Kind::Comma)),
            '“' | '”' | '„' | '«' | '»' | '‘' | '’' | '\'' => {
                let message = format!("{first} is no quotation mark here");
                Err(Mistake::new(self.place(self.next), message).hint("use \" before and after the text"))
            }
            control if control.is_control() => {
                let message = format!("the control character U+{:04X} is not allowed", u32::from(control));
                Err(Mistake::new(self.place(self.next), message))
            }
            _ => self.word(),
        }
    }

    fn sign(&mut self, kind: Kind) -> Token {
        let at = self.place(self.next);
        let text = String::from(self.characters[self.next]);
        self.next += 1;
        Token {
            kind,
            text,
            at,
            columns: vec![at.column],
        }
    }

    /// A word ends at a blank, a quotation mark, a comma or an equals sign; `#` begins a comment only after a blank.
    fn word(&mut self) -> Result<Token, Mistake> {
        let begin = self.next;
        let mut text = String::new();
        let mut columns = Vec::new();
        while let Some(character) = self.peek() {
            if character.is_whitespace() || matches!(character, '"' | ',' | '=') {
                break;
            }
            if character.is_control() {
                return self.token(character);
            }
            columns.push(self.place(self.next).column);
            text.push(character);
            self.next += 1;
        }
        Ok(Token {
            kind: Kind::Word,
            text,
            at: self.place(begin),
            columns,
        })
    }

    fn quoted(&mut self) -> Result<Token, Mistake> {
        let at = self.place(self.next);
        let mut text = String::new();
        let mut columns = Vec::new();
        self.next += 1;
        loop {
            let place = self.place(self.next);
            let Some(character) = self.peek() else {
                let mistake = Mistake::new(at, "the quotation mark is not closed");
                return Err(mistake.hint("end the text with \" on the same line"));
            };
            self.next += 1;
            let character = match character {
                '"' => break,
                '\\' => self.escaped(place)?,
                '\t' => '\t',
                control if control.is_control() => {
                    let message = format!("the control character U+{:04X} is not allowed", u32::from(control));
                    return Err(Mistake::new(place, message));
                }
                other => other,
            };
            columns.push(place.column);
            text.push(character);
        }
        Ok(Token {
            kind: Kind::Quoted,
            text,
            at,
            columns,
        })
    }

    fn escaped(&mut self, place: Place) -> Result<char, Mistake> {
        let character = self.peek();
        self.next += 1;
        match character {
            Some('n') => Ok('\n'),
            Some(same @ ('"' | '\\')) => Ok(same),
            _ => Err(Mistake::new(place, "after \\ there is one of n, \" and \\")
                .hint("write \\n for a new line, \\\" for a quotation mark, \\\\ for a backslash")),
        }
    }
}
