//! CREATE TABLE … AS SELECT.

use super::super::create::New;
use super::columns::{Body as Columns, ColumnSpec};
use crate::local::snowflake::answer::{Answer, Field};
use crate::local::snowflake::catalog::{ColumnDef, Table};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::types::Ty;

/// Makes the table from the query's columns (or those written, cast) and fills it.
///
/// # Errors
/// What the query refuses; 002026 where the columns do not match.
pub fn run(cx: &mut Cx<'_>, new: &New, query: &str, written: &Columns, table: &mut Table) -> SfResult<Answer> {
    let fields = cx.describe(query)?;
    table.columns = define(&fields, &written.columns)?;
    let _ = new;
    Err(SfError::unsupported("CREATE TABLE AS SELECT"))
}

/// Columns of the new table: types of the query unless written.
fn define(fields: &[Field], written: &[ColumnSpec]) -> SfResult<Vec<ColumnDef>> {
    if !written.is_empty() && written.len() != fields.len() {
        return Err(SfError::compile("002026", "42601", "Invalid column definition list"));
    }
    let mut out: Vec<ColumnDef> = Vec::with_capacity(fields.len());
    for (field, n) in fields.iter().zip(1u32..) {
        let mut spec = ColumnSpec {
            name: field.name.clone(),
            ty: None,
            nullable: true,
            default: None,
            identity: None,
            comment: None,
        };
        if let Some(w) = written.get(out.len()) {
            spec = w.clone();
        }
        if out.iter().any(|c| c.name == spec.name) {
            return Err(SfError::compile("002025", "42S21", format!("duplicate column name '{}'", spec.name)));
        }
        let ty = spec.ty.unwrap_or(if field.ty == Ty::Null { Ty::TEXT } else { field.ty });
        out.push(spec.define(n, ty));
    }
    Ok(out)
}
