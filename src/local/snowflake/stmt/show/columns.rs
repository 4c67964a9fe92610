//! SHOW COLUMNS.

use super::scope::{Place, Rows, ShowScope, fields, text};
use crate::local::snowflake::catalog::{Body, ColumnDef, Kind, Object};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::types::Ty;
use std::sync::Arc;

/// A table's or view's columns.
#[must_use]
pub fn of(o: &Object) -> &[ColumnDef] {
    match &o.body {
        Body::Table(t) => &t.columns,
        Body::View(v) => &v.columns,
        _ => &[],
    }
}

/// The type as JSON, as this command prints it.
fn data_type(c: &ColumnDef) -> String {
    let nullable = c.nullable;
    match c.ty {
        Ty::Number { p, s } => {
            format!("{{\"type\":\"FIXED\",\"precision\":{p},\"scale\":{s},\"nullable\":{nullable}}}")
        }
        Ty::Text { len } => format!(
            "{{\"type\":\"TEXT\",\"length\":{len},\"byteLength\":{},\"nullable\":{nullable},\"fixed\":false}}",
            u64::from(len).saturating_mul(4).min(16_777_216.max(u64::from(len)))
        ),
        Ty::Binary { len } => {
            format!(
                "{{\"type\":\"BINARY\",\"length\":{len},\"byteLength\":{len},\"nullable\":{nullable},\"fixed\":true}}"
            )
        }
        Ty::Time { scale } | Ty::Ntz { scale } | Ty::Ltz { scale } | Ty::Tz { scale } => format!(
            "{{\"type\":\"{}\",\"precision\":0,\"scale\":{scale},\"nullable\":{nullable}}}",
            c.ty.wire().to_ascii_uppercase()
        ),
        Ty::Float => format!("{{\"type\":\"REAL\",\"nullable\":{nullable}}}"),
        other => format!("{{\"type\":\"{}\",\"nullable\":{nullable}}}", other.wire().to_ascii_uppercase()),
    }
}

/// `IDENTITY START 1 INCREMENT 1 NOORDER`, empty where there is none.
#[must_use]
pub fn identity(c: &ColumnDef) -> String {
    c.identity.map_or_else(String::new, |i| {
        format!("IDENTITY START {} INCREMENT {} {}", i.start, i.step, if i.ordered { "ORDER" } else { "NOORDER" })
    })
}

/// SHOW COLUMNS.
pub fn show(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let names = [
        "table_name",
        "schema_name",
        "column_name",
        "data_type",
        "null?",
        "default",
        "kind",
        "expression",
        "comment",
        "database_name",
        "autoincrement",
        "schema_evolution_record",
    ];
    // LIKE is about columns, not about tables.
    let all = ShowScope { like: None, starts_with: None, limit: None, from: None, ..scope.clone() };
    let found: Vec<Arc<Object>> = match &scope.place {
        Place::Relation(name) => vec![cx.find(Kind::Table, name).map_err(|e| match e.code {
            "002003" => SfError::missing("Object", &name.display()),
            _ => e,
        })?],
        Place::Schema(Some(name)) => match (all.objects(cx, Kind::Table), cx.find(Kind::Table, name)) {
            // SHOW COLUMNS IN t
            (_, Ok(relation)) => vec![relation],
            (tables, _) => both(tables?, all.objects(cx, Kind::View)?),
        },
        _ => both(all.objects(cx, Kind::Table)?, all.objects(cx, Kind::View)?),
    };
    let mut rows = Vec::new();
    for o in &found {
        for c in of(o).iter().filter(|c| scope.matches(&c.name)) {
            rows.push(vec![
                text(o.bare()),
                text(&o.name[1]),
                text(&c.name),
                text(data_type(c)),
                text(if c.nullable { "true" } else { "NOT_NULL" }),
                text(c.default.clone().unwrap_or_default()),
                text("COLUMN"),
                text(""),
                text(c.comment.clone().unwrap_or_default()),
                text(&o.name[0]),
                text(identity(c)),
                None,
            ]);
        }
    }
    let rows = rows.into_iter().take(scope.limit.unwrap_or(10_000)).collect();
    Ok((fields(&names), rows))
}

fn both(mut a: Vec<Arc<Object>>, b: Vec<Arc<Object>>) -> Vec<Arc<Object>> {
    a.extend(b);
    a.sort_by(|x, y| x.name.cmp(&y.name));
    a
}
