//! The statements that this CUCM understands: one SELECT with joins, conditions, sub-selects, grouping and order; and one
//! INSERT or DELETE.

use super::Fault;
use super::statement::{Change, Column, Condition, Expression, Operator, Rows, Select, Selected, Source};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

const SIGNS: [&str; 12] = ["<>", "!=", "<=", ">=", "=", "<", ">", "(", ")", ",", "*", "."];
const AFTER_TABLE: [&str; 11] = [
    "join", "left", "right", "inner", "outer", "on", "where", "group", "order", "union", "having",
];

fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut rest = text.trim().trim_end_matches(';');
    let mut out = Vec::new();
    while let Some(letter) = rest.chars().next() {
        if letter.is_whitespace() {
            rest = rest.trim_start();
        } else if letter == '\'' || letter == '"' {
            let (text, after) = quoted(&rest[1..], letter)?;
            out.push(Token::Text(text));
            rest = after;
        } else if letter.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            out.push(Token::Number(rest[..end].to_owned()));
            rest = &rest[end..];
        } else if letter.is_ascii_alphabetic() || letter == '_' {
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            out.push(Token::Word(rest[..end].to_ascii_lowercase()));
            rest = &rest[end..];
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            out.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            return Err(Fault::syntax());
        }
    }
    Ok(out)
}

/// The text up to the closing quote; a doubled quote stands for one.
fn quoted(mut rest: &str, quote: char) -> Result<(String, &str), Fault> {
    let mut text = String::new();
    loop {
        let end = rest.find(quote).ok_or_else(Fault::syntax)?;
        text.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        if !rest.starts_with(quote) {
            return Ok((text, rest));
        }
        text.push(quote);
        rest = &rest[1..];
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

/// Deeper brackets than this are refused.
const DEEPEST: usize = 32;

/// Reads a SELECT.
pub(super) fn select(text: &str) -> Result<Select, Fault> {
    whole(text, Parser::select)
}

/// Reads an INSERT or a DELETE.
pub(super) fn change(text: &str) -> Result<Change, Fault> {
    whole(text, Parser::change)
}

fn whole<T>(text: &str, read: impl FnOnce(&mut Parser) -> Result<T, Fault>) -> Result<T, Fault> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
    };
    let statement = read(&mut parser)?;
    if parser.at == parser.tokens.len() {
        Ok(statement)
    } else {
        Err(Fault::syntax())
    }
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word == wanted);
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(sign)) if *sign == wanted);
        self.at += usize::from(found);
        found
    }

    fn need(found: bool) -> Result<(), Fault> {
        found.then_some(()).ok_or_else(Fault::syntax)
    }

    fn need_word(&mut self, wanted: &str) -> Result<(), Fault> {
        let found = self.word(wanted);
        Self::need(found)
    }

    fn name(&mut self) -> Result<String, Fault> {
        let Some(Token::Word(word)) = self.peek().cloned() else {
            return Err(Fault::syntax());
        };
        self.at += 1;
        Ok(word)
    }

    fn number(&mut self) -> Result<usize, Fault> {
        let Some(Token::Number(digits)) = self.peek().cloned() else {
            return Err(Fault::syntax());
        };
        self.at += 1;
        digits.parse().map_err(|_| Fault::syntax())
    }

    fn change(&mut self) -> Result<Change, Fault> {
        if self.word("delete") {
            return self.delete();
        }
        self.need_word("insert")?;
        self.need_word("into")?;
        let table = self.name()?;
        self.need_sign("(")?;
        let mut columns = vec![self.name()?];
        while self.sign(",") {
            columns.push(self.name()?);
        }
        self.need_sign(")")?;
        if !self.word("values") {
            let rows = Rows::Select(Box::new(self.select()?));
            return Ok(Change::Insert { table, columns, rows });
        }
        self.need_sign("(")?;
        let mut values = vec![self.expression()?];
        while self.sign(",") {
            values.push(self.expression()?);
        }
        self.need_sign(")")?;
        let rows = Rows::Values(values);
        Ok(Change::Insert { table, columns, rows })
    }

    fn delete(&mut self) -> Result<Change, Fault> {
        self.need_word("from")?;
        let source = self.source(false)?;
        let filter = if self.word("where") {
            Some(self.condition()?)
        } else {
            None
        };
        let rows = Select {
            columns: vec![Selected::All],
            from: vec![source],
            filter,
            ..Select::default()
        };
        Ok(Change::Delete { rows })
    }

    fn need_sign(&mut self, wanted: &str) -> Result<(), Fault> {
        let found = self.sign(wanted);
        Self::need(found)
    }

    /// A SELECT in brackets, of which the first is read already.
    fn inner_select(&mut self) -> Result<Box<Select>, Fault> {
        self.depth += 1;
        let shallow = self.depth <= DEEPEST;
        Self::need(shallow)?;
        let select = self.select()?;
        self.depth -= 1;
        self.need_sign(")")?;
        Ok(Box::new(select))
    }

    fn is_select(&self) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if word == "select")
    }

    fn select(&mut self) -> Result<Select, Fault> {
        self.need_word("select")?;
        let mut distinct = self.word("distinct") || self.word("unique");
        let skip = if self.word("skip") { self.number()? } else { 0 };
        let limited = self.word("first") || self.word("limit");
        let first = if limited { Some(self.number()?) } else { None };
        distinct |= self.word("distinct") || self.word("unique");
        let mut columns = vec![self.selected()?];
        while self.sign(",") {
            columns.push(self.selected()?);
        }
        self.need_word("from")?;
        let from = self.sources()?;
        let filter = if self.word("where") {
            Some(self.condition()?)
        } else {
            None
        };
        let mut group_by = Vec::new();
        if self.word("group") {
            self.need_word("by")?;
            group_by.push(self.column()?);
            while self.sign(",") {
                group_by.push(self.column()?);
            }
        }
        let order_by = self.order()?;
        Ok(Select {
            skip,
            first,
            distinct,
            columns,
            from,
            filter,
            group_by,
            order_by,
        })
    }

    fn order(&mut self) -> Result<Vec<(Column, bool)>, Fault> {
        let mut order_by = Vec::new();
        if !self.word("order") {
            return Ok(order_by);
        }
        self.need_word("by")?;
        loop {
            let column = self.column()?;
            let descending = self.word("desc");
            if !descending {
                self.word("asc");
            }
            order_by.push((column, descending));
            if !self.sign(",") {
                return Ok(order_by);
            }
        }
    }

    fn selected(&mut self) -> Result<Selected, Fault> {
        if self.sign("*") {
            return Ok(Selected::All);
        }
        let expression = self.expression()?;
        let next_is_alias = matches!(self.peek(), Some(Token::Word(word)) if word != "from");
        let alias = if next_is_alias {
            self.word("as");
            Some(self.name()?)
        } else {
            None
        };
        Ok(Selected::One { expression, alias })
    }

    fn sources(&mut self) -> Result<Vec<Source>, Fault> {
        let mut sources = vec![self.source(false)?];
        loop {
            if self.sign(",") {
                let source = self.source(false)?;
                sources.push(source);
                continue;
            }
            let outer = self.word("left");
            if outer {
                self.word("outer");
            } else {
                self.word("inner");
            }
            if !self.word("join") {
                return if outer { Err(Fault::syntax()) } else { Ok(sources) };
            }
            let mut source = self.source(outer)?;
            self.need_word("on")?;
            source.on = Some(self.condition()?);
            sources.push(source);
        }
    }

    fn source(&mut self, outer: bool) -> Result<Source, Fault> {
        let table = self.name()?;
        self.word("as");
        let alias = match self.peek() {
            Some(Token::Word(word)) if !AFTER_TABLE.contains(&word.as_str()) => self.name()?,
            _ => table.clone(),
        };
        Ok(Source {
            table,
            alias,
            outer,
            on: None,
        })
    }

    fn column(&mut self) -> Result<Column, Fault> {
        let name = self.name()?;
        if self.sign(".") {
            let column = self.name()?;
            return Ok(Column {
                table: Some(name),
                name: column,
            });
        }
        Ok(Column { table: None, name })
    }

    fn expression(&mut self) -> Result<Expression, Fault> {
        match self.peek().cloned() {
            Some(Token::Text(text) | Token::Number(text)) => {
                self.at += 1;
                Ok(Expression::Literal(text))
            }
            Some(Token::Word(word)) => {
                let call = self.tokens.get(self.at + 1) == Some(&Token::Sign("("));
                match word.as_str() {
                    "count" | "upper" | "lower" if call => self.function(&word),
                    "null" => {
                        self.at += 1;
                        Ok(Expression::Null)
                    }
                    _ => Ok(Expression::Column(self.column()?)),
                }
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                Ok(Expression::Select(self.inner_select()?))
            }
            _ => Err(Fault::syntax()),
        }
    }

    fn function(&mut self, name: &str) -> Result<Expression, Fault> {
        self.at += 2;
        let value = if name == "count" {
            let found = self.sign("*");
            Self::need(found)?;
            Expression::Count
        } else {
            let inner = Box::new(Expression::Column(self.column()?));
            if name == "upper" {
                Expression::Upper(inner)
            } else {
                Expression::Lower(inner)
            }
        };
        let closed = self.sign(")");
        Self::need(closed)?;
        Ok(value)
    }

    fn condition(&mut self) -> Result<Condition, Fault> {
        let mut any = vec![self.conjunction()?];
        while self.word("or") {
            any.push(self.conjunction()?);
        }
        Ok(if any.len() == 1 {
            any.remove(0)
        } else {
            Condition::Or(any)
        })
    }

    fn conjunction(&mut self) -> Result<Condition, Fault> {
        let mut all = vec![self.simple()?];
        while self.word("and") {
            all.push(self.simple()?);
        }
        Ok(if all.len() == 1 {
            all.remove(0)
        } else {
            Condition::And(all)
        })
    }

    fn simple(&mut self) -> Result<Condition, Fault> {
        self.depth += 1;
        let shallow = self.depth <= DEEPEST;
        Self::need(shallow)?;
        let condition = if self.word("not") {
            Condition::Not(Box::new(self.simple()?))
        } else if self.word("exists") {
            self.need_sign("(")?;
            Condition::Exists(self.inner_select()?)
        } else if self.sign("(") {
            let inner = self.condition()?;
            let closed = self.sign(")");
            Self::need(closed)?;
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn comparison(&mut self) -> Result<Condition, Fault> {
        let left = self.expression()?;
        if self.word("is") {
            let negated = self.word("not");
            self.need_word("null")?;
            return Ok(negate(negated, Condition::IsNull(left)));
        }
        let negated = self.word("not");
        if self.word("like") || self.word("matches") {
            let Some(Token::Text(pattern)) = self.peek().cloned() else {
                return Err(Fault::syntax());
            };
            self.at += 1;
            return Ok(negate(negated, Condition::Like(left, pattern)));
        }
        if self.word("in") {
            self.need_sign("(")?;
            if self.is_select() {
                let select = self.inner_select()?;
                return Ok(negate(negated, Condition::InSelect(left, select)));
            }
            let mut values = vec![self.expression()?];
            while self.sign(",") {
                values.push(self.expression()?);
            }
            self.need_sign(")")?;
            return Ok(negate(negated, Condition::In(left, values)));
        }
        let operator = match self.peek() {
            Some(Token::Sign("=")) => Operator::Equal,
            Some(Token::Sign("<>" | "!=")) => Operator::Different,
            Some(Token::Sign("<")) => Operator::Less,
            Some(Token::Sign("<=")) => Operator::LessOrEqual,
            Some(Token::Sign(">")) => Operator::More,
            Some(Token::Sign(">=")) => Operator::MoreOrEqual,
            _ => return Err(Fault::syntax()),
        };
        self.at += 1;
        let right = self.expression()?;
        Ok(negate(negated, Condition::Compare(left, operator, right)))
    }
}

fn negate(negated: bool, condition: Condition) -> Condition {
    if negated {
        Condition::Not(Box::new(condition))
    } else {
        condition
    }
}
