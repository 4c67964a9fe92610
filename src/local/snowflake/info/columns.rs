//! COLUMNS.

use super::rows::{Cell, fields, number, objects, text, yes};
use super::{Ask, COMPUTED, Rows};
use crate::local::snowflake::answer::Field;
use crate::local::snowflake::catalog::{Body, ColumnDef, Kind};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::types::Ty;

const COLUMNS: &[&str] = &[
    "TABLE_CATALOG",
    "TABLE_SCHEMA",
    "TABLE_NAME",
    "COLUMN_NAME",
    "ORDINAL_POSITION:n",
    "COLUMN_DEFAULT",
    "IS_NULLABLE",
    "DATA_TYPE",
    "CHARACTER_MAXIMUM_LENGTH:n",
    "CHARACTER_OCTET_LENGTH:n",
    "NUMERIC_PRECISION:n",
    "NUMERIC_PRECISION_RADIX:n",
    "NUMERIC_SCALE:n",
    "DATETIME_PRECISION:n",
    "INTERVAL_TYPE",
    "INTERVAL_PRECISION:n",
    "CHARACTER_SET_CATALOG",
    "CHARACTER_SET_SCHEMA",
    "CHARACTER_SET_NAME",
    "COLLATION_CATALOG",
    "COLLATION_SCHEMA",
    "COLLATION_NAME",
    "DOMAIN_CATALOG",
    "DOMAIN_SCHEMA",
    "DOMAIN_NAME",
    "UDT_CATALOG",
    "UDT_SCHEMA",
    "UDT_NAME",
    "SCOPE_CATALOG",
    "SCOPE_SCHEMA",
    "SCOPE_NAME",
    "MAXIMUM_CARDINALITY:n",
    "DTD_IDENTIFIER",
    "IS_SELF_REFERENCING",
    "IS_IDENTITY",
    "IDENTITY_GENERATION",
    "IDENTITY_START",
    "IDENTITY_INCREMENT",
    "IDENTITY_MAXIMUM",
    "IDENTITY_MINIMUM",
    "IDENTITY_CYCLE",
    "IDENTITY_ORDERED",
    "SCHEMA_EVOLUTION_RECORD",
    "COMMENT",
    "DATA_TYPE_ALIAS",
    "EXPRESSION",
    "KIND",
];

/// COLUMNS of tables and views, the information schema's own among them.
pub fn columns(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let mut found = objects(cx, ask.database, Kind::Table);
    found.extend(objects(cx, ask.database, Kind::View));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let mut rows = Vec::new();
    for o in &found {
        let columns = match &o.body {
            Body::Table(t) => &t.columns,
            Body::View(v) => &v.columns,
            _ => continue,
        };
        for (c, at) in columns.iter().zip(1..) {
            rows.push(row([&o.name[0], &o.name[1], &o.name[2]], c, at));
        }
    }
    for (view, compute) in COMPUTED.iter().filter(|(view, _)| *view != "COLUMNS") {
        let (columns, _) = compute(cx, &Ask { database: ask.database, args: &[], columns_only: true })?;
        system(ask.database, view, &columns, &mut rows);
    }
    let own = fields(COLUMNS);
    system(ask.database, "COLUMNS", &own, &mut rows);
    Ok((own, rows))
}

fn system(database: &str, view: &str, columns: &[Field], rows: &mut Vec<Vec<Cell>>) {
    for (f, at) in columns.iter().zip(1..) {
        let c = ColumnDef {
            name: f.name.clone(),
            phys: String::new(),
            ty: f.ty,
            nullable: true,
            default: None,
            identity: None,
            comment: None,
            mask: None,
        };
        rows.push(row([database, "INFORMATION_SCHEMA", view], &c, at));
    }
}

fn row(table: [&str; 3], c: &ColumnDef, at: usize) -> Vec<Cell> {
    let mut out: Vec<Cell> = vec![None; COLUMNS.len()];
    let mut set = |name: &str, value: Cell| {
        if let Some(i) = COLUMNS.iter().position(|n| n.split(':').next() == Some(name)) {
            out[i] = value;
        }
    };
    set("TABLE_CATALOG", text(table[0]));
    set("TABLE_SCHEMA", text(table[1]));
    set("TABLE_NAME", text(table[2]));
    set("COLUMN_NAME", text(&c.name));
    set("ORDINAL_POSITION", number(at));
    set("COLUMN_DEFAULT", c.default.clone());
    set("IS_NULLABLE", yes(c.nullable));
    set("DATA_TYPE", text(c.ty.family()));
    match c.ty {
        Ty::Text { len } => {
            set("CHARACTER_MAXIMUM_LENGTH", number(len));
            set("CHARACTER_OCTET_LENGTH", number(u64::from(len).saturating_mul(4).min(16_777_216.max(u64::from(len)))));
        }
        Ty::Binary { len } => {
            set("CHARACTER_MAXIMUM_LENGTH", number(len));
            set("CHARACTER_OCTET_LENGTH", number(len));
        }
        Ty::Number { p, s } => {
            set("NUMERIC_PRECISION", number(p));
            set("NUMERIC_PRECISION_RADIX", number(10));
            set("NUMERIC_SCALE", number(s));
        }
        Ty::Time { scale } | Ty::Ntz { scale } | Ty::Ltz { scale } | Ty::Tz { scale } => {
            set("DATETIME_PRECISION", number(scale));
        }
        _ => {}
    }
    set("IS_SELF_REFERENCING", yes(false));
    set("IS_IDENTITY", yes(c.identity.is_some()));
    if let Some(i) = c.identity {
        set("IDENTITY_GENERATION", text("BY DEFAULT"));
        set("IDENTITY_START", number(i.start));
        set("IDENTITY_INCREMENT", number(i.step));
        set("IDENTITY_CYCLE", yes(false));
        set("IDENTITY_ORDERED", yes(i.ordered));
    }
    set("COMMENT", c.comment.clone());
    set("DATA_TYPE_ALIAS", text(c.ty.family()));
    set("KIND", text("COLUMN"));
    out
}
