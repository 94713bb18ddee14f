//! What a statement says, once it is read.

/// A column, with the table's alias where it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) table: Option<String>,
    pub(super) name: String,
}

/// What can stand where a value is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    Column(Column),
    Literal(String),
    Null,
    Count,
    Upper(Box<Expression>),
    Lower(Box<Expression>),
    /// A SELECT of one value.
    Select(Box<Select>),
}

/// A comparison, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Expression, Operator, Expression),
    Like(Expression, String),
    In(Expression, Vec<Expression>),
    InSelect(Expression, Box<Select>),
    Exists(Box<Select>),
    IsNull(Expression),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Different,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

/// How a table joins those before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) table: String,
    pub(super) alias: String,
    /// Rows without a partner stay.
    pub(super) outer: bool,
    pub(super) on: Option<Condition>,
}

/// One value of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Selected {
    All,
    One {
        expression: Expression,
        alias: Option<String>,
    },
}

/// A statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Select {
    pub(super) skip: usize,
    pub(super) first: Option<usize>,
    pub(super) distinct: bool,
    pub(super) columns: Vec<Selected>,
    pub(super) from: Vec<Source>,
    pub(super) filter: Option<Condition>,
    pub(super) group_by: Vec<Column>,
    pub(super) order_by: Vec<(Column, bool)>,
}

/// Where the rows of an INSERT come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rows {
    Values(Vec<Expression>),
    Select(Box<Select>),
}

/// A statement that changes a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Insert {
        table: String,
        columns: Vec<String>,
        rows: Rows,
    },
    /// The rows of the table that go: a SELECT of all its columns.
    Delete { rows: Select },
}
