//! Lines to a macro: the header, then steps in blocks.

use std::time::Duration;

use crate::domain::script::{Act, Condition, Danger, MOST_STEPS, Place, Rounds, Script, Seen, Step};

use super::header::{self, Header};
use super::lex::{Kind, Line, Token};
use super::reader::Reader;
use super::{MOST_NESTED, Mistake, START, seen, steps};

/// What was read, and what the checks must know besides.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) script: Script,
    /// The first line says which macro it is; false also where that line has a mistake of its own.
    pub(super) named: bool,
    /// `safe` or `destructive` was said.
    pub(super) judged: bool,
    /// A line of the header has a mistake.
    pub(super) broken_header: bool,
    /// The models it is for, and where they stand.
    pub(super) models: Vec<(String, Place)>,
    /// Where the text ends.
    pub(super) end: Place,
}

/// Stands for a step whose line has a mistake, so that its neighbours are judged as if it were right. No text reads as it.
pub(super) const BROKEN: Act = Act::Wait(Duration::ZERO);

/// A block that is open.
enum Block {
    If {
        at: Place,
        condition: Condition,
        then: Vec<Step>,
        otherwise: Option<(Place, Vec<Step>)>,
        /// Begun by `else if`: one `end` closes it and the one it stands in.
        chained: bool,
    },
    Repeat {
        at: Place,
        times: Rounds,
        until: Option<Seen>,
        steps: Vec<Step>,
    },
}

impl Block {
    fn at(&self) -> Place {
        match self {
            Self::If { at, .. } | Self::Repeat { at, .. } => *at,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::If { .. } => "if",
            Self::Repeat { .. } => "repeat",
        }
    }
}

struct Parser<'m> {
    header: Header,
    steps: Vec<Step>,
    blocks: Vec<Block>,
    count: usize,
    begun: bool,
    mistakes: &'m mut Vec<Mistake>,
}

/// Reads the lines of a macro.
pub(super) fn parse(lines: &[Line], mistakes: &mut Vec<Mistake>) -> Parsed {
    let mut parser = Parser {
        header: Header::default(),
        steps: Vec::new(),
        blocks: Vec::new(),
        count: 0,
        begun: false,
        mistakes,
    };
    for line in lines {
        if parser.count > MOST_STEPS {
            break;
        }
        parser.line(line);
    }
    parser.close_all();
    let header = parser.header;
    let end = lines.last().map_or(START, |line| line.end);
    Parsed {
        named: header.name.is_some(),
        judged: header.danger.is_some(),
        broken_header: header.broken,
        models: header.models,
        end,
        script: Script {
            name: header.name.unwrap_or_default(),
            description: header.description.unwrap_or_default(),
            danger: header.danger.unwrap_or(Danger::Destructive),
            fits: header.fits,
            parameters: header.scope.parameters,
            steps: parser.steps,
        },
    }
}

impl Parser<'_> {
    fn line(&mut self, line: &Line) {
        let Some(first) = line.tokens.first() else {
            // Its only token could not be read; that was told.
            self.broken(START);
            return;
        };
        if first.kind != Kind::Word {
            let mistake = Mistake::new(first.at, "a line begins with a word");
            self.tell(line, mistake.hint("for example: press Settings"));
            self.broken(first.at);
            return;
        }
        let alone = line.tokens.len() == 1;
        match first.text.as_str() {
            "destructive" if !alone => self.marked(line, first),
            word if header::WORDS.contains(&word) => self.header(line, first),
            "if" => self.begin_if(line, first.at, false),
            "else" => self.begin_else(line, first.at),
            "repeat" => self.begin_repeat(line, first.at),
            "end" => self.close(line, first.at),
            _ => self.step(line, first),
        }
    }

    /// Tells a mistake, unless the line has one already.
    fn tell(&mut self, line: &Line, mistake: Mistake) {
        if !line.broken {
            self.mistakes.push(mistake);
        }
    }

    fn header(&mut self, line: &Line, first: &Token) {
        if self.begun {
            let message = format!("{} belongs before the first step", first.text);
            self.tell(line, Mistake::new(first.at, message));
            return;
        }
        match self.header.line(line) {
            Ok(()) => self.header.broken |= line.broken,
            Err(mistake) => {
                self.header.broken = true;
                if first.text == "param" {
                    let name = line.tokens.get(1).map(|token| token.text.clone());
                    self.header.scope.doubtful.extend(name);
                }
                self.tell(line, mistake);
            }
        }
    }

    fn broken(&mut self, at: Place) {
        if self.begun {
            self.push(at, false, BROKEN);
        } else {
            self.header.broken = true;
        }
    }

    /// A step marked destructive; a block cannot be.
    fn marked(&mut self, line: &Line, first: &Token) {
        let second = line.tokens.get(1).filter(|token| token.kind == Kind::Word);
        let Some(block) = second.filter(|token| matches!(token.text.as_str(), "if" | "repeat")) else {
            self.step(line, first);
            return;
        };
        let message = format!("destructive marks one step, not a whole {}", block.text);
        self.tell(
            line,
            Mistake::new(block.at, message).hint("mark the step inside the block"),
        );
        self.begun = true;
        if self.counted(first.at) {
            self.open(Block::Repeat {
                at: first.at,
                times: Rounds::Count(1),
                until: None,
                steps: Vec::new(),
            });
        }
    }

    fn step(&mut self, line: &Line, first: &Token) {
        self.begun = true;
        let destructive = first.text == "destructive";
        match read_step(line, first, destructive, &self.header) {
            Ok(act) => {
                if let Act::Fetch { name, .. } = &act
                    && !self.header.scope.facts.contains(name)
                {
                    self.header.scope.facts.push(name.clone());
                }
                let act = if line.broken { BROKEN } else { act };
                self.push(first.at, destructive, act);
            }
            Err(mistake) => {
                self.tell(line, mistake);
                self.push(first.at, false, BROKEN);
            }
        }
    }

    fn push(&mut self, at: Place, destructive: bool, act: Act) {
        if self.counted(at) {
            let step = Step { at, destructive, act };
            self.block().push(step);
        }
    }

    /// Whether one more step may stand in the text.
    fn counted(&mut self, at: Place) -> bool {
        self.count += 1;
        if self.count == MOST_STEPS + 1 {
            self.mistakes
                .push(Mistake::new(at, format!("a macro has at most {MOST_STEPS} steps")));
        }
        self.count <= MOST_STEPS
    }

    /// The steps of the innermost open block.
    fn block(&mut self) -> &mut Vec<Step> {
        match self.blocks.last_mut() {
            None => &mut self.steps,
            Some(Block::Repeat { steps, .. }) => steps,
            Some(Block::If {
                otherwise: Some((_, otherwise)),
                ..
            }) => otherwise,
            Some(Block::If { then, .. }) => then,
        }
    }

    fn open(&mut self, block: Block) {
        let at = block.at();
        let chained = |block: &&Block| matches!(block, Block::If { chained: true, .. });
        let depth = self.blocks.len() - self.blocks.iter().filter(chained).count();
        let deeper = !chained(&&block);
        if deeper && depth == MOST_NESTED {
            self.mistakes.push(
                Mistake::new(at, format!("blocks stand at most {MOST_NESTED} deep in each other"))
                    .hint("use else if, or split the macro"),
            );
        }
        self.blocks.push(block);
    }

    fn begin_if(&mut self, line: &Line, at: Place, chained: bool) {
        self.begun = true;
        if !self.counted(at) {
            return;
        }
        let mut reader = Reader::new(line, &self.header.scope);
        reader.take();
        if chained {
            reader.take();
        }
        let read = seen::condition(&mut reader).and_then(|condition| reader.end().map(|()| condition));
        let condition = match read {
            Ok(condition) => condition,
            Err(mistake) => {
                self.tell(line, mistake);
                Condition::Family(Vec::new())
            }
        };
        self.open(Block::If {
            at,
            condition,
            then: Vec::new(),
            otherwise: None,
            chained,
        });
    }

    fn begin_else(&mut self, line: &Line, at: Place) {
        let message = match self.blocks.last_mut() {
            Some(Block::If {
                otherwise: otherwise @ None,
                ..
            }) => {
                *otherwise = Some((at, Vec::new()));
                match line.tokens.get(1) {
                    None => {}
                    Some(token) if token.kind == Kind::Word && token.text == "if" => {
                        self.begin_if(line, token.at, true);
                    }
                    Some(token) => {
                        let mistake = Mistake::new(token.at, "else stands alone, or is followed by if");
                        self.tell(line, mistake.hint("else if family 8800"));
                        self.broken(token.at);
                    }
                }
                return;
            }
            Some(Block::If { .. }) => "there is an else for this if already",
            Some(Block::Repeat { .. }) => "else belongs to an if, and a repeat is open here",
            None => "there is no if that this else belongs to",
        };
        self.tell(line, Mistake::new(at, message));
    }

    fn begin_repeat(&mut self, line: &Line, at: Place) {
        self.begun = true;
        if !self.counted(at) {
            return;
        }
        let mut reader = Reader::new(line, &self.header.scope);
        reader.take();
        let read = steps::repeat(&mut reader).and_then(|read| reader.end().map(|()| read));
        let (times, until) = match read {
            Ok(read) => read,
            Err(mistake) => {
                self.tell(line, mistake);
                (Rounds::Count(1), None)
            }
        };
        self.open(Block::Repeat {
            at,
            times,
            until,
            steps: Vec::new(),
        });
    }

    fn close(&mut self, line: &Line, at: Place) {
        if let Some(token) = line.tokens.get(1) {
            self.tell(line, Mistake::new(token.at, "end stands alone"));
        }
        if self.blocks.is_empty() {
            let mistake = Mistake::new(at, "there is no block that this end closes");
            self.tell(line, mistake.hint("if and repeat begin one"));
            return;
        }
        while self.close_one() {}
    }

    /// Closes the innermost block; true when the one around it ends at the same `end`.
    fn close_one(&mut self) -> bool {
        let Some(block) = self.blocks.pop() else {
            return false;
        };
        let (at, act, more) = match block {
            Block::If {
                at,
                condition,
                then,
                otherwise,
                chained,
            } => {
                if then.is_empty() {
                    self.mistakes.push(
                        Mistake::new(at, "nothing is done when this holds")
                            .hint("put a step before else or end; a condition is turned round with not"),
                    );
                }
                if let Some((place, _)) = otherwise.as_ref().filter(|(_, steps)| steps.is_empty()) {
                    self.mistakes
                        .push(Mistake::new(*place, "nothing stands after this else"));
                }
                let otherwise = otherwise.map(|(_, steps)| steps).unwrap_or_default();
                let act = Act::If {
                    condition,
                    then,
                    otherwise,
                };
                (at, act, chained)
            }
            Block::Repeat {
                at,
                times,
                until,
                steps,
            } => {
                if steps.is_empty() {
                    self.mistakes.push(Mistake::new(at, "nothing is repeated"));
                }
                (at, Act::Repeat { times, until, steps }, false)
            }
        };
        self.block().push(Step {
            at,
            destructive: false,
            act,
        });
        more
    }

    /// What is still open at the end of the text was forgotten; one `end` is wanted for each chain.
    fn close_all(&mut self) {
        let too_many = self.count > MOST_STEPS;
        while let Some(block) = self.blocks.last() {
            let (at, word) = (block.at(), block.word());
            let chained = matches!(block, Block::If { chained: true, .. });
            if !chained && !too_many {
                let mistake = Mistake::new(at, format!("this {word} is not closed"));
                self.mistakes.push(mistake.hint("write end on a line of its own"));
            }
            self.close_one();
        }
    }
}

/// A step of one line, whose first word is known to be one.
fn read_step(line: &Line, first: &Token, destructive: bool, header: &Header) -> Result<Act, Mistake> {
    let mut reader = Reader::new(line, &header.scope);
    reader.take();
    let word = if destructive {
        reader.word("the step", "destructive softkey \"Reset\"")?
    } else {
        first
    };
    if !steps::WORDS.contains(&word.text.as_str()) {
        return Err(steps::unknown(word));
    }
    let act = steps::act(word, &mut reader)?;
    reader.end()?;
    if let Act::Press(key) = &act
        && !steps::is_there(key, &header.fits.families, &header.fits.models)
    {
        let at = line.tokens.last().map_or(first.at, |token| token.at);
        return Err(Mistake::new(
            at,
            format!("no phone that this macro is for has the key {key}"),
        ));
    }
    Ok(act)
}

#[cfg(test)]
mod tests {
    use crate::domain::script::LONGEST_TEXT;

    #[test]
    fn a_text_of_one_block_in_another_is_read_without_recursion() {
        let mut text = "macro \"x\"\nsafe\n".to_owned();
        while text.len() < LONGEST_TEXT - 10 {
            text.push_str("if idle\n");
        }
        let mistakes = super::super::parse(&text).unwrap_err();
        assert!(
            mistakes
                .iter()
                .any(|mistake| mistake.message.contains("at most 500 steps"))
        );
    }
}
