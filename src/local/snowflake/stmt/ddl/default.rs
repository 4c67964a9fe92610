//! DEFAULT expressions of columns.

use crate::local::snowflake::bind::Bound;
use crate::local::snowflake::bind::binder::Binder;
use crate::local::snowflake::bind::cast::{self, Mode};
use crate::local::snowflake::bind::scope::Scope;
use crate::local::snowflake::catalog::ColumnDef;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;

fn bind(cx: &mut Cx<'_>, column: &ColumnDef) -> SfResult<Option<Bound>> {
    let Some(text) = &column.default else { return Ok(None) };
    let e = Cursor::new(text)?.expr()?;
    let mut binder = Binder::new(cx);
    let value = binder.expr(&e, &Scope::new(None))?;
    let env = binder.env.clone();
    let cast = cast::cast(&value, column.ty, Mode::Assign, &env).map_err(|_| {
        SfError::compile(
            "002023",
            "22000",
            format!(
                "Expression type does not match column data type, expecting {} but got {} for column {}",
                column.ty.display(),
                value.ty.display(),
                column.name
            ),
        )
    })?;
    Ok(Some(cast))
}

/// Every DEFAULT must bind and suit its column.
///
/// # Errors
/// What the binder refuses.
pub fn check(cx: &mut Cx<'_>, columns: &[ColumnDef]) -> SfResult<()> {
    for column in columns {
        bind(cx, column)?;
    }
    Ok(())
}

/// A DEFAULT's value as a DuckDB literal, for the rows that are there when a column is added.
///
/// # Errors
/// What the binder refuses.
pub fn constant(cx: &mut Cx<'_>, column: &ColumnDef) -> SfResult<Option<String>> {
    let Some(bound) = bind(cx, column)? else { return Ok(None) };
    Ok(Some(crate::local::snowflake::stmt::session::constant(cx, &bound)?.sql))
}
