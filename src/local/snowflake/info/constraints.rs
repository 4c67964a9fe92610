//! TABLE_CONSTRAINTS, KEY_COLUMN_USAGE, REFERENTIAL_CONSTRAINTS.

use super::rows::{fields, number, objects, text, time, yes};
use super::{Ask, Rows};
use crate::local::snowflake::catalog::Kind;
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;

/// TABLE_CONSTRAINTS.
pub fn constraints(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "CONSTRAINT_CATALOG",
        "CONSTRAINT_SCHEMA",
        "CONSTRAINT_NAME",
        "TABLE_CATALOG",
        "TABLE_SCHEMA",
        "TABLE_NAME",
        "CONSTRAINT_TYPE",
        "IS_DEFERRABLE",
        "INITIALLY_DEFERRED",
        "ENFORCED",
        "COMMENT",
        "CREATED:t",
        "LAST_ALTERED:t",
        "RELY",
    ];
    let mut rows = Vec::new();
    for o in objects(cx, ask.database, Kind::Table) {
        for k in o.table().into_iter().flat_map(|t| &t.constraints) {
            rows.push(vec![
                text(&o.name[0]),
                text(&o.name[1]),
                text(&k.name),
                text(&o.name[0]),
                text(&o.name[1]),
                text(&o.name[2]),
                text(&k.kind),
                yes(false),
                yes(true),
                yes(false),
                None,
                time(o.created_ms),
                time(o.created_ms),
                yes(false),
            ]);
        }
    }
    Ok((fields(&names), rows))
}

/// KEY_COLUMN_USAGE.
pub fn key_columns(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "CONSTRAINT_CATALOG",
        "CONSTRAINT_SCHEMA",
        "CONSTRAINT_NAME",
        "TABLE_CATALOG",
        "TABLE_SCHEMA",
        "TABLE_NAME",
        "COLUMN_NAME",
        "ORDINAL_POSITION:n",
        "POSITION_IN_UNIQUE_CONSTRAINT:n",
    ];
    let mut rows = Vec::new();
    for o in objects(cx, ask.database, Kind::Table) {
        for k in o.table().into_iter().flat_map(|t| &t.constraints) {
            for (column, at) in k.columns.iter().zip(1..) {
                rows.push(vec![
                    text(&o.name[0]),
                    text(&o.name[1]),
                    text(&k.name),
                    text(&o.name[0]),
                    text(&o.name[1]),
                    text(&o.name[2]),
                    text(column),
                    number(at),
                    k.references.as_ref().and_then(|_| number(at)),
                ]);
            }
        }
    }
    Ok((fields(&names), rows))
}

/// REFERENTIAL_CONSTRAINTS.
pub fn referential(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "CONSTRAINT_CATALOG",
        "CONSTRAINT_SCHEMA",
        "CONSTRAINT_NAME",
        "UNIQUE_CONSTRAINT_CATALOG",
        "UNIQUE_CONSTRAINT_SCHEMA",
        "UNIQUE_CONSTRAINT_NAME",
        "MATCH_OPTION",
        "UPDATE_RULE",
        "DELETE_RULE",
        "COMMENT",
        "CREATED:t",
        "LAST_ALTERED:t",
    ];
    let catalog = cx.catalog();
    let mut rows = Vec::new();
    for o in objects(cx, ask.database, Kind::Table) {
        for k in o.table().into_iter().flat_map(|t| &t.constraints) {
            let Some((target, columns)) = &k.references else { continue };
            let parent = catalog.get(Kind::Table, target).and_then(|p| p.table());
            let key = parent.and_then(|p| {
                p.constraints.iter().find(|u| {
                    u.references.is_none() && (u.columns == *columns || (columns.is_empty() && u.kind == "PRIMARY KEY"))
                })
            });
            rows.push(vec![
                text(&o.name[0]),
                text(&o.name[1]),
                text(&k.name),
                target.first().cloned(),
                target.get(1).cloned(),
                key.map(|u| u.name.clone()),
                text("FULL"),
                text("NO ACTION"),
                text("NO ACTION"),
                None,
                time(o.created_ms),
                time(o.created_ms),
            ]);
        }
    }
    Ok((fields(&names), rows))
}
