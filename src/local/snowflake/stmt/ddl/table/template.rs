//! CREATE TABLE … USING TEMPLATE: columns out of a query's one array.

use super::columns::ColumnSpec;
use crate::local::snowflake::answer::Answer;
use crate::local::snowflake::bind::binder::Binder;
use crate::local::snowflake::catalog::ColumnDef;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::types::Ty;
use serde_json::Value;

/// The columns of the array of objects with COLUMN_NAME, TYPE and NULLABLE that the query gives.
///
/// # Errors
/// What the query refuses; 001008 where it gives something else; 002025 for a name twice.
pub fn columns(cx: &mut Cx<'_>, query: &str) -> SfResult<Vec<ColumnDef>> {
    let mut c = Cursor::new(query)?;
    let parsed = c.query()?;
    c.end()?;
    let bound = Binder::new(cx).top(&parsed)?;
    let answer = Answer::query(bound.fields, cx.query(&bound.sql)?);
    let bad = || {
        SfError::compile(
            "001008",
            "22023",
            "invalid template: an array of objects with COLUMN_NAME and TYPE is expected",
        )
    };
    let text = if answer.rows.is_empty() { None } else { answer.first_text()? };
    let list: Vec<Value> = serde_json::from_str(text.as_deref().unwrap_or("[]")).map_err(|_| bad())?;
    let mut out: Vec<ColumnDef> = Vec::new();
    for (column, n) in list.iter().zip(1u32..) {
        let get = |key: &str| column.get(key).and_then(Value::as_str);
        let name = get("COLUMN_NAME").ok_or_else(bad)?.to_owned();
        let ty = Ty::parse(get("TYPE").ok_or_else(bad)?)?;
        if out.iter().any(|c| c.name == name) {
            return Err(SfError::compile("002025", "42S21", format!("duplicate column name '{name}'")));
        }
        let nullable = column.get("NULLABLE").and_then(Value::as_bool).unwrap_or(true);
        let spec =
            ColumnSpec { name, ty: Some(ty), nullable, default: None, identity: None, comment: None, mask: None };
        out.push(spec.define(n, ty));
    }
    if out.is_empty() { Err(bad()) } else { Ok(out) }
}
