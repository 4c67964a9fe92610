//! SQL answers and refusals, as every part of the console sees them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A result column.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Column {
    /// The name as the server gave it.
    pub name: String,
    /// Snowflake's wire type in lower case: `fixed`, `text`, `timestamp_ntz`, `variant` …
    pub kind: String,
    /// Digits after the point, for `fixed`.
    pub scale: Option<i64>,
}

impl Column {
    /// Whether values are numbers, which are set flush right.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self.kind.as_str(), "fixed" | "real" | "decfloat")
    }
}

/// A cell as text in Snowflake's display form; `None` is SQL NULL.
pub type Cell = Option<String>;

/// The answer to one statement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QueryOutcome {
    /// Snowflake's query id.
    pub query_id: String,
    /// Result columns; a DDL statement has one, `status`.
    pub columns: Vec<Column>,
    /// Rows, as many as were asked for.
    pub rows: Vec<Vec<Cell>>,
    /// Rows that the server has, which may be more than `rows.len()`.
    pub total: u64,
}

impl QueryOutcome {
    /// The index of a column, whatever its case.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name))
    }

    /// A cell by row and column name.
    #[must_use]
    pub fn cell(&self, row: usize, name: &str) -> Option<&str> {
        self.rows.get(row)?.get(self.column(name)?)?.as_deref()
    }

    /// The first cell of the first row as a whole number.
    #[must_use]
    pub fn first_number(&self) -> Option<i64> {
        self.rows.first()?.first()?.as_deref()?.parse().ok()
    }
}

/// Some rows of an answer on their way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowBatch {
    /// The answer's columns.
    pub columns: Arc<[Column]>,
    /// The rows that follow those of the batch before.
    pub rows: Vec<Vec<Cell>>,
}

/// A refused or failed statement, with all that the person in front of it needs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SqlError {
    /// Snowflake's six-digit code, `002003`; empty where the failure is not the server's.
    pub code: String,
    /// SQLSTATE, `42S02`.
    pub sqlstate: String,
    /// Snowflake's text.
    pub message: String,
    /// The failed statement's query id.
    pub query_id: Option<String>,
    /// Line in the statement, from 1.
    pub line: Option<u32>,
    /// Position in that line, from 0, as Snowflake counts.
    pub position: Option<u32>,
}

impl SqlError {
    /// A failure that no server reported (connection refused, cancelled by us …).
    #[must_use]
    pub fn client(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// With what the statement was for, before the text.
    #[must_use]
    pub fn of(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Whether it says that an object is not there. Snowflake says the same of one that the role may not know of.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self.code.as_str(), "002003" | "002043")
    }

    /// Whether it says that there is no such function or procedure.
    #[must_use]
    pub fn is_unknown_routine(&self) -> bool {
        matches!(self.code.as_str(), "002140" | "002141")
    }

    /// Whether there is nothing to read for this role: it is not there, or the role has no right to it.
    #[must_use]
    pub fn is_out_of_sight(&self) -> bool {
        self.is_missing() || self.code == "003001"
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.code.is_empty() {
            write!(f, "{} ({}): ", self.code, self.sqlstate)?;
        }
        write!(f, "{}", self.message)?;
        if let Some(id) = &self.query_id {
            write!(f, " [query {id}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for SqlError {}
