//! INFORMATION_SCHEMA.

use super::answer::Field;
use super::error::{SfError, SfResult};
use super::session::Cx;

/// Rows of text: cells in the form that DuckDB's CAST to the field's type reads (timestamps in UTC).
pub type Rows = (Vec<Field>, Vec<Vec<Option<String>>>);

/// A view of a database's INFORMATION_SCHEMA; `None` where there is no such view.
///
/// # Errors
/// 090105 without a current database.
pub fn relation(_cx: &mut Cx<'_>, _database: Option<&str>, _view: &str) -> SfResult<Option<Rows>> {
    Ok(None)
}

/// A table function of INFORMATION_SCHEMA; arguments by upper-case name, positional ones under `1`, `2` …
///
/// # Errors
/// 002140 for an unknown one.
pub fn table_function(
    cx: &mut Cx<'_>,
    _database: Option<&str>,
    name: &str,
    args: &[(String, String)],
) -> SfResult<Rows> {
    if let Some(rows) = super::stmt::task::table_function(cx, name, args)? {
        return Ok(rows);
    }
    Err(SfError::compile("002140", "42601", format!("Unknown table function {name}")))
}
