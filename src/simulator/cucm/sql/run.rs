//! Runs a SELECT: joins by hashing where a condition names two columns, then filter, group, order, page.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::statement::{Column, Condition, Expression, Operator, Select, Selected, Source};
use super::tables::{Table, Tables, Value};
use super::{Fault, Row};

/// More joined rows than this end the query: it has lost a join condition.
const MOST_ROWS: usize = 5_000_000;

/// One joined row: an index into each table, none where an outer join found no partner.
type Joined = Vec<Option<u32>>;

/// A column's place: which source, which column.
#[derive(Debug, Clone, Copy)]
struct Place {
    source: usize,
    column: usize,
}

/// A statement with its tables found.
pub(super) struct Prepared<'a> {
    tables: &'a Tables,
    select: &'a Select,
    sources: Vec<(&'a Source, &'a Table)>,
    /// The statement around this one, and its row at hand.
    outer: Option<(&'a Prepared<'a>, &'a Joined)>,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(tables: &'a Tables, select: &'a Select) -> Result<Self, Fault> {
        let mut sources = Vec::new();
        for source in &select.from {
            let table = tables
                .get(source.table.as_str())
                .ok_or_else(|| Fault::table(&source.table))?;
            sources.push((source, table));
        }
        Ok(Self {
            tables,
            select,
            sources,
            outer: None,
        })
    }

    pub(super) fn rows(&self) -> Result<Vec<Row>, Fault> {
        let mut joined = self.joined()?;
        if let Some(filter) = &self.select.filter {
            joined = self.filtered(joined, filter)?;
        }
        self.sort(&mut joined)?;
        let mut rows = if self.is_grouped() {
            self.grouped(&joined)?
        } else {
            self.plain(&joined)?
        };
        if self.select.distinct {
            let mut seen = HashSet::new();
            rows.retain(|row| seen.insert(format!("{row:?}")));
        }
        let rest = rows.into_iter().skip(self.select.skip);
        Ok(rest.take(self.select.first.unwrap_or(usize::MAX)).collect())
    }

    fn place(&self, column: &Column) -> Result<Place, Fault> {
        let candidates = self.sources.iter().enumerate();
        for (index, (source, table)) in candidates {
            if column
                .table
                .as_ref()
                .is_some_and(|alias| *alias != source.alias && *alias != source.table)
            {
                continue;
            }
            if let Some(found) = table.columns.iter().position(|name| *name == column.name) {
                return Ok(Place {
                    source: index,
                    column: found,
                });
            }
        }
        Err(Fault::column(&column.name))
    }

    fn value<'r>(&'r self, row: &Joined, place: Place) -> Option<&'r str> {
        let index = row.get(place.source).copied().flatten()?;
        let values = self.sources[place.source].1.rows.get(usize::try_from(index).ok()?)?;
        values[place.column].as_deref()
    }

    fn joined(&self) -> Result<Vec<Joined>, Fault> {
        let mut rows: Vec<Joined> = vec![Vec::new()];
        for (index, (source, table)) in self.sources.iter().enumerate() {
            let condition = source.on.as_ref().or(self.select.filter.as_ref().filter(|_| index > 0));
            let link = condition.and_then(|condition| self.link(condition, index));
            rows = match link {
                Some((before, own)) => self.hash_join(&rows, source, table, (before, own)),
                None => cross(&rows, table)?,
            };
            if rows.len() > MOST_ROWS {
                return Err(Fault::syntax());
            }
            if let Some(on) = &source.on
                && !source.outer
            {
                rows = self.filtered(rows, on)?;
            }
        }
        Ok(rows)
    }

    /// The columns of `a.x = b.y` that tie source `index` to one before it.
    fn link(&self, condition: &Condition, index: usize) -> Option<(Place, Place)> {
        match condition {
            Condition::And(all) => all.iter().find_map(|one| self.link(one, index)),
            Condition::Compare(Expression::Column(left), Operator::Equal, Expression::Column(right)) => {
                let (left, right) = (self.place(left).ok()?, self.place(right).ok()?);
                match (left.source.cmp(&index), right.source.cmp(&index)) {
                    (Ordering::Less, Ordering::Equal) => Some((left, right)),
                    (Ordering::Equal, Ordering::Less) => Some((right, left)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn hash_join(&self, rows: &[Joined], source: &Source, table: &Table, link: (Place, Place)) -> Vec<Joined> {
        let (before, own) = link;
        let mut by_value: HashMap<&str, Vec<u32>> = HashMap::new();
        for (index, row) in (0_u32..).zip(&table.rows) {
            if let Some(value) = row[own.column].as_deref() {
                by_value.entry(value).or_default().push(index);
            }
        }
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let partners = self.value(row, before).and_then(|value| by_value.get(value));
            for &partner in partners.into_iter().flatten() {
                out.push(extended(row, Some(partner)));
            }
            if partners.is_none() && source.outer {
                out.push(extended(row, None));
            }
        }
        out
    }

    fn filtered(&self, mut rows: Vec<Joined>, condition: &Condition) -> Result<Vec<Joined>, Fault> {
        let mut fault = None;
        rows.retain(|row| match self.holds(row, condition) {
            Ok(holds) => holds,
            Err(error) => {
                fault = Some(error);
                false
            }
        });
        fault.map_or(Ok(rows), Err)
    }

    fn holds(&self, row: &Joined, condition: &Condition) -> Result<bool, Fault> {
        Ok(match condition {
            Condition::And(all) => {
                for one in all {
                    if !self.holds(row, one)? {
                        return Ok(false);
                    }
                }
                true
            }
            Condition::Or(any) => {
                for one in any {
                    if self.holds(row, one)? {
                        return Ok(true);
                    }
                }
                false
            }
            Condition::Not(inner) => !self.holds(row, inner)?,
            Condition::IsNull(expression) => self.evaluate(row, expression)?.is_none(),
            Condition::Like(expression, pattern) => self
                .evaluate(row, expression)?
                .is_some_and(|value| like(value.as_bytes(), pattern.as_bytes())),
            Condition::In(expression, values) => {
                let value = self.evaluate(row, expression)?;
                let mut found = false;
                for candidate in values {
                    found |= value.is_some() && self.evaluate(row, candidate)? == value;
                }
                found
            }
            Condition::InSelect(expression, select) => {
                let value = self.evaluate(row, expression)?;
                let rows = self.inner(row, select)?;
                value.is_some() && rows.iter().any(|found| first_value(found) == value.as_deref())
            }
            Condition::Exists(select) => !self.inner(row, select)?.is_empty(),
            Condition::Compare(left, operator, right) => {
                match (self.evaluate(row, left)?, self.evaluate(row, right)?) {
                    (Some(left), Some(right)) => compare(&left, *operator, &right),
                    _ => false,
                }
            }
        })
    }

    fn evaluate(&self, row: &Joined, expression: &Expression) -> Result<Value, Fault> {
        Ok(match expression {
            Expression::Literal(text) => Some(text.as_str().into()),
            Expression::Null => None,
            Expression::Count => return Err(Fault::syntax()),
            Expression::Column(column) => match (self.place(column), self.outer) {
                (Ok(place), _) => self.value(row, place).map(Into::into),
                (Err(_), Some((outer, outer_row))) => outer.evaluate(outer_row, expression)?,
                (Err(fault), None) => return Err(fault),
            },
            Expression::Select(select) => {
                let rows = self.inner(row, select)?;
                rows.first().and_then(first_value).map(Into::into)
            }
            Expression::Upper(inner) => self.evaluate(row, inner)?.map(|text| text.to_uppercase().into()),
            Expression::Lower(inner) => self.evaluate(row, inner)?.map(|text| text.to_lowercase().into()),
        })
    }

    /// The rows of a SELECT inside a condition, which may name columns of the row at hand.
    fn inner(&self, row: &Joined, select: &Select) -> Result<Vec<Row>, Fault> {
        let prepared = Prepared {
            outer: Some((self, row)),
            ..Prepared::new(self.tables, select)?
        };
        prepared.rows()
    }

    fn sort(&self, rows: &mut [Joined]) -> Result<(), Fault> {
        if self.is_grouped() {
            return Ok(());
        }
        let mut keys = Vec::new();
        for (column, descending) in &self.select.order_by {
            // An order may name a value by its alias.
            let by_alias = self.select.columns.iter().find_map(|selected| match selected {
                Selected::One {
                    expression: Expression::Column(aliased),
                    alias: Some(alias),
                } if column.table.is_none() && *alias == column.name => Some(aliased),
                _ => None,
            });
            keys.push((self.place(by_alias.unwrap_or(column))?, *descending));
        }
        rows.sort_by(|one, two| {
            let orders = keys.iter().map(|&(place, descending)| {
                let order = order(self.value(one, place), self.value(two, place));
                if descending { order.reverse() } else { order }
            });
            orders.fold(Ordering::Equal, Ordering::then)
        });
        Ok(())
    }

    fn is_grouped(&self) -> bool {
        let counts = |selected: &Selected| {
            matches!(
                selected,
                Selected::One {
                    expression: Expression::Count,
                    ..
                }
            )
        };
        !self.select.group_by.is_empty() || self.select.columns.iter().any(counts)
    }

    fn plain(&self, joined: &[Joined]) -> Result<Vec<Row>, Fault> {
        // Only the page is built, unless duplicates must be found first.
        let page = if self.select.distinct {
            joined
        } else {
            let end = self
                .select
                .first
                .map_or(joined.len(), |first| self.select.skip.saturating_add(first));
            &joined[..end.min(joined.len())]
        };
        page.iter().map(|row| self.row(row, 1)).collect()
    }

    fn grouped(&self, joined: &[Joined]) -> Result<Vec<Row>, Fault> {
        if self.select.group_by.is_empty() {
            let empty: Joined = vec![None; self.sources.len()];
            return Ok(vec![self.row(joined.first().unwrap_or(&empty), joined.len())?]);
        }
        let mut places = Vec::new();
        for column in &self.select.group_by {
            places.push(self.place(column)?);
        }
        let mut groups: Vec<(&Joined, usize)> = Vec::new();
        let mut by_key: HashMap<Vec<Option<&str>>, usize> = HashMap::new();
        for row in joined {
            let key: Vec<Option<&str>> = places.iter().map(|&place| self.value(row, place)).collect();
            let group = *by_key.entry(key).or_insert_with(|| {
                groups.push((row, 0));
                groups.len() - 1
            });
            groups[group].1 += 1;
        }
        groups.into_iter().map(|(row, count)| self.row(row, count)).collect()
    }

    fn row(&self, joined: &Joined, count: usize) -> Result<Row, Fault> {
        let mut row = Row::new();
        for selected in &self.select.columns {
            match selected {
                Selected::All => self.all_columns(joined, &mut row),
                Selected::One {
                    expression: Expression::Count,
                    alias,
                } => {
                    // Informix names an unnamed count so.
                    let name = alias.clone().unwrap_or_else(|| "count".to_owned());
                    row.push((name, Some(count.to_string().into())));
                }
                Selected::One { expression, alias } => {
                    let name = alias.clone().unwrap_or_else(|| match expression {
                        Expression::Column(column) => column.name.clone(),
                        _ => "expression".to_owned(),
                    });
                    row.push((name, self.evaluate(joined, expression)?));
                }
            }
        }
        Ok(row)
    }

    fn all_columns(&self, joined: &Joined, row: &mut Row) {
        for (source, (_, table)) in self.sources.iter().enumerate() {
            for (column, name) in table.columns.iter().enumerate() {
                let value = self.value(joined, Place { source, column });
                row.push(((*name).to_owned(), value.map(Into::into)));
            }
        }
    }
}

fn first_value(row: &Row) -> Option<&str> {
    row.first().and_then(|(_, value)| value.as_deref())
}

fn extended(row: &Joined, with: Option<u32>) -> Joined {
    let mut longer = Vec::with_capacity(row.len() + 1);
    longer.extend_from_slice(row);
    longer.push(with);
    longer
}

fn cross(rows: &[Joined], table: &Table) -> Result<Vec<Joined>, Fault> {
    if rows.len().saturating_mul(table.rows.len()) > MOST_ROWS {
        return Err(Fault::syntax());
    }
    let indexes = || (0_u32..).zip(&table.rows).map(|(index, _)| index);
    Ok(rows
        .iter()
        .flat_map(|row| indexes().map(|index| extended(row, Some(index))))
        .collect())
}

fn compare(left: &str, operator: Operator, right: &str) -> bool {
    let order = order(Some(left), Some(right));
    match operator {
        Operator::Equal => order == Ordering::Equal,
        Operator::Different => order != Ordering::Equal,
        Operator::Less => order == Ordering::Less,
        Operator::LessOrEqual => order != Ordering::Greater,
        Operator::More => order == Ordering::Greater,
        Operator::MoreOrEqual => order != Ordering::Less,
    }
}

/// Numbers by value, other texts by their bytes; NULL first.
fn order(left: Option<&str>, right: Option<&str>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => match (small_number(left), small_number(right)) {
            (Some(one), Some(two)) => one.cmp(&two),
            _ => left.cmp(right),
        },
        _ => left.is_some().cmp(&right.is_some()),
    }
}

/// Column types are not known here: short digit strings without a leading zero are taken for numbers.
fn small_number(text: &str) -> Option<u32> {
    let digits = text.len() <= 6 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (digits && (text == "0" || !text.starts_with('0'))).then(|| text.parse().ok())?
}

/// SQL's LIKE: `%` any text, `_` any one letter; case counts.
fn like(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut wanted) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(wanted) {
            Some(b'%') => {
                retry = Some((wanted + 1, at));
                wanted += 1;
            }
            Some(&letter) if letter == b'_' || letter == text[at] => {
                at += 1;
                wanted += 1;
            }
            _ => match retry {
                Some((after, from)) => {
                    retry = Some((after, from + 1));
                    wanted = after;
                    at = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[wanted..].iter().all(|&letter| letter == b'%')
}
