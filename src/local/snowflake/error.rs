//! Refusals in Snowflake's words, codes and states.

use std::fmt;

/// What engine code returns.
pub type SfResult<T> = Result<T, SfError>;

/// An error as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SfError {
    /// Six digits.
    pub code: &'static str,
    /// SQLSTATE.
    pub state: &'static str,
    /// The whole text, prefix (`SQL compilation error:`) included.
    pub message: String,
    /// Line of the statement, from 1, where known.
    pub line: Option<u64>,
    /// Position in that line, from 0, where known.
    pub position: Option<u64>,
}

impl fmt::Display for SfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.code, self.state, self.message)
    }
}

impl std::error::Error for SfError {}

impl SfError {
    /// Any code, state and whole text.
    #[must_use]
    pub fn new(code: &'static str, state: &'static str, message: impl Into<String>) -> Self {
        Self { code, state, message: message.into(), line: None, position: None }
    }

    /// `SQL compilation error:` and a sentence.
    #[must_use]
    pub fn compile(code: &'static str, state: &'static str, sentence: impl fmt::Display) -> Self {
        Self::new(code, state, format!("SQL compilation error:\n{sentence}"))
    }

    /// At a place in the statement, which the text names too.
    #[must_use]
    pub fn compile_at(code: &'static str, state: &'static str, line: u64, position: u64, sentence: &str) -> Self {
        let mut e = Self::compile(code, state, format!("error line {line} at position {position}\n{sentence}"));
        (e.line, e.position) = (Some(line), Some(position));
        e
    }

    /// 001003: text that is no SQL.
    #[must_use]
    pub fn syntax(line: u64, position: u64, unexpected: &str) -> Self {
        let mut e = Self::compile(
            "001003",
            "42000",
            format!("syntax error line {line} at position {position} unexpected '{unexpected}'."),
        );
        (e.line, e.position) = (Some(line), Some(position));
        e
    }

    /// 000002: refused by name. Every statement, option or function that is not run faithfully ends here.
    #[must_use]
    pub fn unsupported(what: &str) -> Self {
        Self::new("000002", "0A000", format!("Unsupported feature '{what}'."))
    }

    /// 000904: a name that is no column.
    #[must_use]
    pub fn invalid_identifier(name: &str, line: u64, position: u64) -> Self {
        Self::compile_at("000904", "42000", line, position, &format!("invalid identifier '{name}'"))
    }

    /// 002003 for a missing or invisible object. `kind` is `Table`, `View`, `Object`, `Schema`, `Stage` …
    #[must_use]
    pub fn missing(kind: &str, name: &str) -> Self {
        let state = if matches!(kind, "Table" | "View" | "Object") { "42S02" } else { "02000" };
        Self::compile("002003", state, format!("{kind} '{name}' does not exist or not authorized."))
    }

    /// 002043: USE, SHOW … IN, DESC or DROP of something that is not there.
    #[must_use]
    pub fn no_operation() -> Self {
        Self::compile("002043", "02000", "Object does not exist, or operation cannot be performed.")
    }

    /// 002002: the name is taken.
    #[must_use]
    pub fn exists(name: &str) -> Self {
        Self::compile("002002", "42710", format!("Object '{name}' already exists."))
    }

    /// 003001: visible, but the privilege is missing. `kind` in lower case, bare name.
    #[must_use]
    pub fn privileges(kind: &str, name: &str) -> Self {
        Self::new(
            "003001",
            "42501",
            format!("SQL access control error:\nInsufficient privileges to operate on {kind} '{name}'"),
        )
    }

    /// An internal defect or a DuckDB failure that no rule maps: never hidden, never an HTTP 5xx.
    #[must_use]
    pub fn internal(detail: impl fmt::Display) -> Self {
        Self::new("000603", "XX000", format!("SQL execution internal error:\n{detail}"))
    }

    /// A failure of the running statement with its own code.
    #[must_use]
    pub fn execution(code: &'static str, state: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, state, message)
    }
}

impl From<duckdb::Error> for SfError {
    fn from(e: duckdb::Error) -> Self {
        super::duck::map_error(&e.to_string())
    }
}

impl From<arrow::error::ArrowError> for SfError {
    fn from(e: arrow::error::ArrowError) -> Self {
        Self::internal(e)
    }
}
