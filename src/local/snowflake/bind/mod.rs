//! Binding: names and types of Snowflake SQL are resolved, DuckDB SQL comes out.
//!
//! Every relation gets an alias of its own (`r7`) and every output column a physical name (`c1`, `c2` …), so that
//! DuckDB never sees a Snowflake name. Every expression carries its Snowflake type; whatever differs in DuckDB (division,
//! comparisons between types, NULL order, display) is made explicit.

pub mod aggregate;
pub mod arith;
pub mod binder;
mod call;
pub mod cast;
mod changes;
pub mod compare;
mod connect;
pub mod expr;
pub mod from;
pub mod functions;
mod grouping;
mod interval;
mod lambda;
mod like;
mod literal;
pub mod notes;
mod order;
mod pivot;
mod policy;
mod query;
pub mod relation;
mod sample;
pub mod scope;
mod select;
mod system;
pub mod table_fn;
mod track;
mod travel;
mod udf_call;
mod validate;
mod window;

pub use travel::travel_version;

pub use table_fn::wire_cell;

use super::answer::Field;
use super::error::SfResult;
use super::types::Ty;

/// A bound expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// DuckDB SQL that gives a value of [`Ty::duck`]. Safe to embed anywhere: parenthesised where needed.
    pub sql: String,
    /// Snowflake's type.
    pub ty: Ty,
    /// Whether NULL may come.
    pub nullable: bool,
    /// The value of a string literal, for functions that need a constant (date parts, formats, paths).
    pub literal: Option<String>,
}

impl Bound {
    /// A nullable expression.
    #[must_use]
    pub fn new(sql: impl Into<String>, ty: Ty) -> Self {
        Self { sql: sql.into(), ty, nullable: true, literal: None }
    }

    /// Text as a literal.
    #[must_use]
    pub fn text(value: &str) -> Self {
        Self {
            sql: quote_text(value),
            ty: Ty::text(value.chars().count()),
            nullable: false,
            literal: Some(value.to_owned()),
        }
    }

    /// NULL.
    #[must_use]
    pub fn null() -> Self {
        Self { sql: "NULL".into(), ty: Ty::Null, nullable: true, literal: None }
    }

    /// A whole number.
    #[must_use]
    pub fn int(value: i64) -> Self {
        let p = u8::try_from(value.unsigned_abs().to_string().len()).unwrap_or(19);
        Self {
            sql: format!("CAST({value} AS DECIMAL({p},0))"),
            ty: Ty::Number { p, s: 0 },
            nullable: false,
            literal: None,
        }
    }
}

/// A DuckDB string literal.
#[must_use]
pub fn quote_text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// What functions may ask of the session and the statement.
#[derive(Debug, Clone, Default)]
pub struct Env {
    /// The statement's time, epoch microseconds.
    pub now_us: i64,
    /// TIMEZONE.
    pub timezone: String,
    /// Session parameters and context by upper-case name: `DATE_OUTPUT_FORMAT`, `WEEK_START` …; context under
    /// `CURRENT_DATABASE`, `CURRENT_SCHEMA`, `CURRENT_ROLE`, `CURRENT_USER`, `CURRENT_WAREHOUSE`, `CURRENT_ACCOUNT`,
    /// `CURRENT_SESSION`, `CURRENT_STATEMENT`, `LAST_QUERY_ID`, `CURRENT_AVAILABLE_ROLES`, `CURRENT_SECONDARY_ROLES`.
    pub values: std::collections::BTreeMap<String, String>,
}

impl Env {
    /// A parameter or context value; empty where unknown.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }
}

/// A bound query.
#[derive(Debug, Clone)]
pub struct BoundQuery {
    /// DuckDB SQL whose output columns are `c1`, `c2` … in the order of `fields`.
    pub sql: String,
    /// Output columns.
    pub fields: Vec<Field>,
    /// Streams that it reads: (stream object id, base stores).
    pub streams: Vec<(i64, Vec<i64>)>,
    /// Up to which version the tables under those streams are read, by store.
    pub stream_ends: std::collections::BTreeMap<i64, i64>,
    /// Object ids of the tables and views that it reads.
    pub reads: Vec<i64>,
}

/// The common type of several expressions (CASE branches, UNION columns, COALESCE arguments, IN lists).
///
/// # Errors
/// Incompatible types.
pub fn common_type(types: &[Ty]) -> SfResult<Ty> {
    cast::common(types)
}
