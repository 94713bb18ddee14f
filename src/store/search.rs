//! Finding phones: the one place whose SQL is put together at run time.
//!
//! Words of three letters and more are found by the trigram index. When few phones hold the words, those are fetched
//! and sorted; when many do, phones are walked in the order asked for and tested one by one until the page is full,
//! and only if that takes too long the matches are gathered first. So that a page is quick at 200,000 phones, a total
//! is counted up to [`COUNTED`] only, unless the exact one is asked for.

use std::collections::HashMap;

use sqlx::{QueryBuilder, Sqlite};

use super::phones::{self, Phone};
use super::{Error, Store, WriteTx};
use crate::domain::cause::Cause;
use crate::domain::ids::{ClusterId, PhoneId};
use crate::domain::phone::{ReadinessState, RegistrationStatus};

/// Totals are exact up to here unless asked for.
pub const COUNTED: u64 = 5_000;
/// How many phones are tested one by one before the matches are gathered instead.
const WALK: u64 = 3_000;
/// Fewer letters than this are not in the trigram index.
const TRIGRAM: usize = 3;

/// A field that can be searched by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Device name.
    Name,
    /// Directory number of any line.
    Dn,
    /// Owner's user id.
    User,
    /// Description.
    Description,
    /// Address.
    Address,
    /// Model.
    Model,
    /// Device pool.
    Pool,
    /// Active load.
    Firmware,
    /// Serial number.
    Serial,
    /// Switch or switch port.
    Switch,
}

impl Field {
    /// The expression that holds the field; none for directory numbers, which are rows of their own.
    fn column(self) -> Option<&'static str> {
        Some(match self {
            Self::Dn => return None,
            Self::Name => "phone.name",
            Self::User => "phone.owner",
            Self::Description => "phone.description",
            Self::Address => "COALESCE(phone.address, '')",
            Self::Model => "phone.model",
            Self::Pool => "phone.device_pool",
            Self::Firmware => "phone.firmware",
            Self::Serial => "phone.serial",
            Self::Switch => "(phone.switch_name || ' ' || phone.switch_port)",
        })
    }
}

/// One word of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Where to look; anywhere without one.
    pub field: Option<Field>,
    /// Spellings of which one must be there, such as a MAC address with and without separators. Never empty.
    pub spellings: Vec<String>,
    /// Whether it must not be there.
    pub negated: bool,
}

impl Term {
    fn is_short(&self) -> bool {
        self.spellings.iter().any(|spelling| spelling.chars().count() < TRIGRAM)
    }

    /// The term for the trigram index, when all its spellings are long enough.
    fn fts(&self) -> Option<String> {
        if self.is_short() {
            return None;
        }
        let quoted: Vec<String> = self
            .spellings
            .iter()
            .map(|spelling| format!("\"{}\"", spelling.replace('"', "\"\"")))
            .collect();
        Some(format!("({})", quoted.join(" OR ")))
    }
}

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words; all must hold.
    pub terms: Vec<Term>,
    /// Clusters to look in; all without a list, none with an empty one.
    pub clusters: Option<Vec<ClusterId>>,
    /// The model by its exact name.
    pub model: Option<String>,
    /// Registration.
    pub status: Option<RegistrationStatus>,
    /// Whether it can be controlled.
    pub readiness: Option<ReadinessState>,
    /// Why not.
    pub cause: Option<Cause>,
}

impl Filter {
    /// Whether the trigram index alone tells which phones are meant, when it tells anything.
    fn is_settled_by_index(&self) -> bool {
        let words_only = Self {
            terms: self.terms.clone(),
            ..Self::default()
        };
        *self == words_only && self.terms.iter().all(|term| term.field.is_none() && !term.is_short())
    }
}

/// What phones are sorted by; equal ones by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    /// Device name.
    #[default]
    Name,
    /// Directory number of the first line.
    Dn,
    /// Model.
    Model,
    /// Registration.
    Status,
    /// Owner.
    Owner,
    /// Address, as text.
    Address,
    /// Time of the last change.
    Updated,
    /// Description.
    Description,
    /// Whether it can be controlled: blocked, ready, unknown.
    Readiness,
}

impl SortKey {
    fn expression(self) -> &'static str {
        match self {
            Self::Name => "phone.name COLLATE NOCASE",
            Self::Dn => "phone.sort_dn COLLATE NOCASE",
            Self::Model => "phone.model",
            Self::Status => "phone.status",
            Self::Owner => "phone.owner COLLATE NOCASE",
            Self::Address => "phone.address",
            Self::Updated => "phone.updated_at",
            Self::Description => "phone.description COLLATE NOCASE",
            Self::Readiness => "phone.readiness",
        }
    }

    /// The value of a phone under this key.
    pub fn value(self, phone: &Phone) -> SortValue {
        match self {
            Self::Name => SortValue::Text(phone.name.clone()),
            Self::Dn => SortValue::Text(phone.lines.first().map(|line| line.dn.clone()).unwrap_or_default()),
            Self::Model => SortValue::Text(phone.model.clone()),
            Self::Status => SortValue::Text(phone.status.as_str().to_owned()),
            Self::Owner => SortValue::Text(phone.owner.clone()),
            Self::Address => phone
                .address
                .map_or(SortValue::None, |address| SortValue::Text(address.to_string())),
            Self::Updated => SortValue::Time(phone.updated_at),
            Self::Description => SortValue::Text(phone.description.clone()),
            Self::Readiness => SortValue::Text(phone.readiness.state.as_str().to_owned()),
        }
    }
}

/// A phone's place in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortValue {
    /// Text.
    Text(String),
    /// Unix milliseconds.
    Time(i64),
    /// Nothing, which sorts before everything.
    None,
}

/// The order of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// After so many phones; 0 is the beginning.
    Skip(u64),
    /// After the phone of this value and number.
    After(SortValue, PhoneId),
}

/// How many phones there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// So many, or at least so many.
    pub count: u64,
    /// Whether there are no more.
    pub exact: bool,
}

/// How the words are brought to the phones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// Matches first, then their rows.
    Matches,
    /// Rows in order, tested against the gathered matches.
    Gather,
}

/// The words of a filter as one expression of the trigram index.
fn match_expression(filter: &Filter) -> Option<String> {
    let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
    for term in &filter.terms {
        match term.fts() {
            Some(text) if !term.negated => wanted.push(text),
            // A negated field term says nothing about the other fields.
            Some(text) if term.field.is_none() => unwanted.push(text),
            _ => {}
        }
    }
    if wanted.is_empty() {
        return None;
    }
    let mut expression = wanted.join(" AND ");
    for text in unwanted {
        expression = format!("({expression}) NOT {text}");
    }
    Some(expression)
}

/// A statement under construction: `WHERE` once, then `AND`.
struct Statement {
    query: QueryBuilder<Sqlite>,
    begun: bool,
}

impl Statement {
    fn new(text: &str) -> Self {
        Self {
            query: QueryBuilder::new(text),
            begun: false,
        }
    }

    fn and(&mut self) -> &mut QueryBuilder<Sqlite> {
        self.query.push(if self.begun { " AND " } else { " WHERE " });
        self.begun = true;
        &mut self.query
    }

    fn filters(&mut self, filter: &Filter) {
        if let Some(clusters) = &filter.clusters {
            let list = serde_json::Value::from(clusters.iter().map(|id| id.0).collect::<Vec<_>>()).to_string();
            match clusters.as_slice() {
                [one] => self.and().push("phone.cluster_id = ").push_bind(one.0),
                _ => self
                    .and()
                    .push("phone.cluster_id IN (SELECT value FROM json_each(")
                    .push_bind(list)
                    .push("))"),
            };
        }
        if let Some(model) = &filter.model {
            self.and().push("phone.model = ").push_bind(model.clone());
        }
        if let Some(status) = filter.status {
            self.and().push("phone.status = ").push_bind(status.as_str());
        }
        if let Some(readiness) = filter.readiness {
            self.and().push("phone.readiness = ").push_bind(readiness.as_str());
        }
        if let Some(cause) = filter.cause {
            self.and().push("phone.readiness_cause = ").push_bind(cause.code());
        }
    }

    /// The words that the trigram index did not settle, tested row by row.
    fn words(&mut self, filter: &Filter, indexed: bool) {
        for term in &filter.terms {
            match (term.field, term.is_short()) {
                (Some(Field::Dn), _) => self.dn(term),
                (Some(field), _) => self.field(field, term),
                (None, true) => self.short(term),
                (None, false) if term.negated && !indexed => {
                    let expression = term.fts().unwrap_or_default();
                    self.and()
                        .push("phone.id NOT IN (SELECT rowid FROM phone_search WHERE phone_search MATCH ")
                        .push_bind(expression)
                        .push(")");
                }
                (None, false) => {}
            }
        }
    }

    fn field(&mut self, field: Field, term: &Term) {
        let column = field.column().unwrap_or("''");
        let query = self.and();
        query.push(if term.negated { "NOT (" } else { "(" });
        for (index, spelling) in term.spellings.iter().enumerate() {
            query.push(if index > 0 { " OR " } else { "" });
            query
                .push(column)
                .push(" LIKE ")
                .push_bind(format!("%{}%", escaped(spelling)))
                .push(" ESCAPE '\\'");
        }
        query.push(")");
    }

    fn dn(&mut self, term: &Term) {
        let short = term.is_short();
        let query = self.and();
        query.push(if term.negated { "NOT (" } else { "(" });
        for (index, spelling) in term.spellings.iter().enumerate() {
            query.push(if index > 0 { " OR " } else { "" });
            if short {
                query.push("phone.id IN (SELECT phone_id FROM phone_line WHERE ");
                prefix(query, "dn", spelling);
            } else {
                query
                    .push("EXISTS (SELECT 1 FROM phone_line WHERE phone_id = phone.id AND dn LIKE ")
                    .push_bind(format!("%{}%", escaped(spelling)))
                    .push(" ESCAPE '\\'");
            }
            query.push(")");
        }
        query.push(")");
    }

    /// Fewer than three letters: the beginning of a name or of a directory number.
    fn short(&mut self, term: &Term) {
        let query = self.and();
        query.push(if term.negated { "NOT (" } else { "(" });
        for (index, spelling) in term.spellings.iter().enumerate() {
            query.push(if index > 0 { " OR (" } else { "(" });
            prefix(query, "phone.name", spelling);
            query.push(") OR EXISTS (SELECT 1 FROM phone_line WHERE phone_id = phone.id AND ");
            prefix(query, "dn", spelling);
            query.push(")");
        }
        query.push(")");
    }

    fn after(&mut self, sort: Sort, start: &Start) {
        let Start::After(value, id) = start else { return };
        let expression = sort.key.expression();
        let than = if sort.descending { " < " } else { " > " };
        let query = self.and();
        match value {
            SortValue::None if sort.descending => {
                query
                    .push(format!("({expression} IS NULL AND phone.id < "))
                    .push_bind(id.0);
            }
            SortValue::None => {
                query
                    .push(format!("({expression} IS NOT NULL OR phone.id > "))
                    .push_bind(id.0);
            }
            SortValue::Text(text) => {
                query
                    .push(format!("(({expression}, phone.id){than}("))
                    .push_bind(text.clone());
                query.push(", ").push_bind(id.0).push(")");
            }
            SortValue::Time(time) => {
                query.push(format!("(({expression}, phone.id){than}(")).push_bind(*time);
                query.push(", ").push_bind(id.0).push(")");
            }
        }
        // Nothing sorts before everything, so going down it comes last.
        if sort.descending && sort.key == SortKey::Address && *value != SortValue::None {
            query.push(format!(" OR {expression} IS NULL"));
        }
        query.push(")");
    }

    fn order(&mut self, sort: Sort) {
        let direction = if sort.descending { " DESC" } else { "" };
        let expression = sort.key.expression();
        self.query
            .push(format!(" ORDER BY {expression}{direction}, phone.id{direction}"));
    }
}

fn prefix(query: &mut QueryBuilder<Sqlite>, column: &str, text: &str) {
    query
        .push(column)
        .push(" COLLATE NOCASE >= ")
        .push_bind(text.to_owned())
        .push(" AND ")
        .push(column)
        .push(" COLLATE NOCASE < ")
        .push_bind(format!("{text}{}", char::MAX));
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// `SELECT …` without order: the phones that a filter means.
fn matching(filter: &Filter, expression: Option<&str>, plan: Plan, select: &str) -> Statement {
    let mut statement = Statement::new(select);
    match (expression, plan) {
        (Some(expression), Plan::Matches) => {
            statement
                .query
                .push(" FROM phone_search CROSS JOIN phone ON phone.id = phone_search.rowid");
            statement
                .and()
                .push("phone_search MATCH ")
                .push_bind(expression.to_owned());
        }
        (Some(expression), Plan::Gather) => {
            statement.query.push(" FROM phone");
            // The plus keeps SQLite from fetching the rows in the order of the matches and sorting them.
            statement
                .and()
                .push("+phone.id IN (SELECT rowid FROM phone_search WHERE phone_search MATCH ")
                .push_bind(expression.to_owned())
                .push(")");
        }
        (None, _) => {
            statement.query.push(" FROM phone");
        }
    }
    statement.filters(filter);
    statement.words(filter, expression.is_some());
    statement
}

/// How many phones hold the words, [`COUNTED`] at most; none when no word is in the trigram index.
async fn matches(store: &Store, expression: &str) -> Result<u64, Error> {
    let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1 FROM phone_search WHERE phone_search MATCH ");
    query.push_bind(expression.to_owned());
    query.push(" LIMIT ").push_bind(stored(COUNTED)).push(")");
    let count: i64 = query.build_query_scalar().fetch_one(store.readers()).await?;
    Ok(count.unsigned_abs())
}

fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The phones of one page, in order.
pub async fn page(store: &Store, filter: &Filter, sort: Sort, start: &Start, limit: u32) -> Result<Vec<Phone>, Error> {
    let expression = match_expression(filter);
    let ids = match &expression {
        None => page_ids(store, filter, None, Plan::Gather, (sort, start, limit)).await?,
        Some(text) if matches(store, text).await? < COUNTED => {
            page_ids(store, filter, Some(text), Plan::Matches, (sort, start, limit)).await?
        }
        Some(text) => {
            let walked = if *start == Start::Skip(0) || matches!(start, Start::After(..)) {
                walked_ids(store, filter, text, (sort, start, limit)).await?
            } else {
                None
            };
            match walked {
                Some(ids) => ids,
                None => page_ids(store, filter, Some(text), Plan::Gather, (sort, start, limit)).await?,
            }
        }
    };
    let found = phones::by_ids(store, &ids).await?;
    let mut by_id: HashMap<PhoneId, Phone> = found.into_iter().map(|phone| (phone.id, phone)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

async fn page_ids(
    store: &Store,
    filter: &Filter,
    expression: Option<&str>,
    plan: Plan,
    (sort, start, limit): (Sort, &Start, u32),
) -> Result<Vec<PhoneId>, Error> {
    let mut statement = matching(filter, expression, plan, "SELECT phone.id");
    statement.after(sort, start);
    statement.order(sort);
    statement.query.push(" LIMIT ").push_bind(i64::from(limit));
    if let Start::Skip(skip @ 1..) = start {
        statement.query.push(" OFFSET ").push_bind(stored(*skip));
    }
    let ids: Vec<i64> = statement.query.build_query_scalar().fetch_all(store.readers()).await?;
    Ok(ids.into_iter().map(PhoneId).collect())
}

/// The page, when it is full after testing the next [`WALK`] phones in order; none when it is not.
async fn walked_ids(
    store: &Store,
    filter: &Filter,
    expression: &str,
    (sort, start, limit): (Sort, &Start, u32),
) -> Result<Option<Vec<PhoneId>>, Error> {
    let mut statement = Statement::new("SELECT phone.id FROM (SELECT phone.id AS id FROM phone");
    statement.filters(filter);
    statement.after(sort, start);
    statement.order(sort);
    statement.query.push(" LIMIT ").push_bind(stored(WALK));
    // CROSS JOIN keeps the walk outside, so its order stays and the test stops when the page is full.
    statement.query.push(") AS walk CROSS JOIN phone ON phone.id = walk.id");
    statement.begun = false;
    statement
        .and()
        .push("EXISTS (SELECT 1 FROM phone_search WHERE phone_search.rowid = phone.id AND phone_search MATCH ")
        .push_bind(expression.to_owned())
        .push(")");
    statement.words(filter, true);
    statement.query.push(" LIMIT ").push_bind(i64::from(limit));
    let ids: Vec<i64> = statement.query.build_query_scalar().fetch_all(store.readers()).await?;
    let full = ids.len() == usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(full.then(|| ids.into_iter().map(PhoneId).collect()))
}

/// The numbers of all phones that a filter means, by name; `limit` at most.
pub async fn ids(store: &Store, filter: &Filter, limit: u64) -> Result<Vec<PhoneId>, Error> {
    let expression = match_expression(filter);
    let mut statement = matching(filter, expression.as_deref(), Plan::Gather, "SELECT phone.id");
    statement.order(Sort::default());
    statement.query.push(" LIMIT ").push_bind(stored(limit));
    let ids: Vec<i64> = statement.query.build_query_scalar().fetch_all(store.readers()).await?;
    Ok(ids.into_iter().map(PhoneId).collect())
}

/// How many phones a filter means: up to [`COUNTED`], or all when `exact`.
pub async fn total(store: &Store, filter: &Filter, exact: bool) -> Result<Total, Error> {
    let limit = if exact || *filter == Filter::default() {
        i64::MAX
    } else {
        stored(COUNTED)
    };
    let expression = match_expression(filter);
    let found = match &expression {
        Some(text) => Some(matches(store, text).await?),
        None => None,
    };
    let plan = match found {
        Some(count) if !exact && count >= COUNTED && filter.is_settled_by_index() => {
            return Ok(Total { count, exact: false });
        }
        Some(count) if count < COUNTED => Plan::Matches,
        _ => Plan::Gather,
    };
    let mut statement = matching(filter, expression.as_deref(), plan, "SELECT COUNT(*) FROM (SELECT 1");
    statement.query.push(" LIMIT ").push_bind(limit).push(")");
    let count: i64 = statement.query.build_query_scalar().fetch_one(store.readers()).await?;
    Ok(Total {
        count: count.unsigned_abs(),
        exact: count < limit,
    })
}

/// The models there are, with their numbers of phones, the most frequent first.
pub async fn models(store: &Store, clusters: Option<&[ClusterId]>) -> Result<Vec<(String, u64)>, Error> {
    let filter = Filter {
        clusters: clusters.map(<[ClusterId]>::to_vec),
        ..Filter::default()
    };
    let mut statement = Statement::new("SELECT phone.model, COUNT(*) FROM phone");
    statement.filters(&filter);
    statement.query.push(" GROUP BY phone.model ORDER BY 2 DESC, 1");
    let rows: Vec<(String, i64)> = statement.query.build_query_as().fetch_all(store.readers()).await?;
    Ok(rows
        .into_iter()
        .map(|(model, count)| (model, count.unsigned_abs()))
        .collect())
}

/// Brings the search texts of phones up to date with their rows and lines.
pub async fn index(tx: &mut WriteTx, ids: &[PhoneId]) -> Result<(), Error> {
    let list = phones::id_list(ids);
    // Fields are kept apart by line ends, which no search word holds: a word never matches across two fields.
    sqlx::query!(
        "INSERT OR REPLACE INTO phone_search (rowid, body)
         SELECT phone.id,
                concat_ws(char(10), name, description, owner, address, model, device_pool, firmware, serial,
                          switch_name, switch_port,
                          (SELECT group_concat(dn || char(10) || label, char(10))
                           FROM phone_line
                           WHERE phone_id = phone.id))
         FROM phone
         WHERE phone.id IN (SELECT value FROM json_each($1))",
        list
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
