//! A block as a tree.

use super::super::super::types::Ty;
use sqlparser::ast::Expr;

/// Line from 1 and position from 0 in the block's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Line from 1.
    pub line: u64,
    /// Position from 0.
    pub position: u64,
}

/// DECLARE … BEGIN … EXCEPTION … END.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// Declarations in order.
    pub declares: Vec<Step>,
    /// Statements.
    pub body: Vec<Step>,
    /// Handlers in order.
    pub handlers: Vec<Handler>,
}

/// WHEN … THEN ….
#[derive(Debug, Clone)]
pub struct Handler {
    /// Exceptions by name, upper case; `OTHER` for all.
    pub names: Vec<String>,
    /// CONTINUE rather than EXIT.
    pub goes_on: bool,
    /// Statements.
    pub body: Vec<Step>,
}

/// A statement and its place.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where it starts.
    pub place: Place,
    /// What it is.
    pub kind: StepKind,
}

/// What a variable starts with.
#[derive(Debug, Clone)]
pub enum Value {
    /// An expression.
    Expr(Box<Expr>),
    /// `(SELECT …)` or another statement, for a RESULTSET.
    Statement(String),
}

/// What RETURN gives.
#[derive(Debug, Clone)]
pub enum Returned {
    /// Nothing.
    Nothing,
    /// A value.
    Expr(Box<Expr>),
    /// TABLE(resultset).
    Table(TableSource),
}

/// What stands in TABLE(…).
#[derive(Debug, Clone)]
pub enum TableSource {
    /// A RESULTSET or cursor.
    Name(String),
    /// RESULTSET_FROM_CURSOR(c): an open cursor's rows.
    OpenCursor(String),
    /// A query.
    Query(String),
}

/// A statement.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the members are the statement's own parts")]
pub enum StepKind {
    /// A variable.
    Let {
        name: String,
        ty: Option<Ty>,
        value: Option<Value>,
    },
    /// A cursor for a query or a RESULTSET.
    Cursor {
        name: String,
        source: TableSource,
    },
    /// A RESULTSET.
    ResultSet {
        name: String,
        value: Option<Value>,
    },
    /// An exception with its number and text.
    Exception {
        name: String,
        number: i64,
        text: String,
    },
    /// `name := value`.
    Assign {
        name: String,
        value: Value,
    },
    /// Any SQL statement.
    Sql(String),
    /// SELECT … INTO: the statement without INTO, and the variables.
    Into {
        sql: String,
        targets: Vec<String>,
    },
    /// IF with its branches; the last condition may be absent (ELSE).
    If {
        branches: Vec<(Option<Expr>, Vec<Step>)>,
    },
    /// CASE with or without an operand.
    Case {
        operand: Option<Box<Expr>>,
        branches: Vec<(Option<Expr>, Vec<Step>)>,
    },
    /// FOR i IN [REVERSE] a TO b.
    ForRange {
        name: String,
        reverse: bool,
        from: Box<Expr>,
        to: Box<Expr>,
        body: Vec<Step>,
        label: Option<String>,
    },
    /// FOR row IN cursor or RESULTSET.
    ForRows {
        name: String,
        source: TableSource,
        body: Vec<Step>,
        label: Option<String>,
    },
    While {
        condition: Box<Expr>,
        body: Vec<Step>,
        label: Option<String>,
    },
    Repeat {
        body: Vec<Step>,
        until: Box<Expr>,
        label: Option<String>,
    },
    Loop {
        body: Vec<Step>,
        label: Option<String>,
    },
    Break(Option<String>),
    Continue(Option<String>),
    Open {
        cursor: String,
        using: Vec<Expr>,
    },
    Fetch {
        cursor: String,
        targets: Vec<String>,
    },
    Close(String),
    Return(Returned),
    Raise(Option<String>),
    Null,
    Block(Box<Block>),
}
