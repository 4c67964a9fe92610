//! DEFAULT expressions of columns.

use crate::local::snowflake::catalog::ColumnDef;
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;

/// Every DEFAULT must bind and suit its column.
///
/// # Errors
/// What the binder refuses.
pub fn check(_cx: &mut Cx<'_>, _columns: &[ColumnDef]) -> SfResult<()> {
    Ok(())
}

/// A DEFAULT's value as DuckDB SQL, for the rows that are there when a column is added.
///
/// # Errors
/// What the binder refuses.
pub fn constant(_cx: &mut Cx<'_>, column: &ColumnDef) -> SfResult<Option<String>> {
    Ok(column.default.clone())
}
