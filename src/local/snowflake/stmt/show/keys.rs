//! SHOW PRIMARY KEYS, UNIQUE KEYS, IMPORTED KEYS, EXPORTED KEYS.

use super::scope::{Place, Row, Rows, ShowScope, fields, text, time};
use crate::local::snowflake::catalog::{Constraint, Kind, Object};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;
use std::sync::Arc;

const KEYS: &[&str] = &[
    "created_on:t",
    "database_name",
    "schema_name",
    "table_name",
    "column_name",
    "key_sequence:n",
    "constraint_name",
    "rely",
    "comment",
];
const FOREIGN: &[&str] = &[
    "created_on:t",
    "pk_database_name",
    "pk_schema_name",
    "pk_table_name",
    "pk_column_name",
    "fk_database_name",
    "fk_schema_name",
    "fk_table_name",
    "fk_column_name",
    "key_sequence:n",
    "update_rule",
    "delete_rule",
    "fk_name",
    "pk_name",
    "deferrability",
    "rely",
    "comment",
];

fn tables(cx: &Cx<'_>, scope: &ShowScope) -> SfResult<Vec<Arc<Object>>> {
    match &scope.place {
        Place::Relation(name) => Ok(vec![cx.find(Kind::Table, name)?]),
        Place::Schema(Some(name)) if cx.find(Kind::Table, name).is_ok() => Ok(vec![cx.find(Kind::Table, name)?]),
        _ => scope.objects(cx, Kind::Table),
    }
}

fn constraints<'a>(o: &'a Object, kind: &'a str) -> impl Iterator<Item = &'a Constraint> {
    o.table().into_iter().flat_map(|t| &t.constraints).filter(move |k| k.kind == kind)
}

fn keys(cx: &Cx<'_>, scope: &ShowScope, kind: &str) -> SfResult<Rows> {
    let mut rows = Vec::new();
    for o in tables(cx, scope)? {
        for k in constraints(&o, kind) {
            for (column, n) in k.columns.iter().zip(1..) {
                rows.push(vec![
                    time(o.created_ms),
                    text(&o.name[0]),
                    text(&o.name[1]),
                    text(o.bare()),
                    text(column),
                    text(n.to_string()),
                    text(&k.name),
                    text("false"),
                    None,
                ]);
            }
        }
    }
    Ok((fields(KEYS), rows))
}

/// SHOW PRIMARY KEYS.
pub fn primary(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    keys(cx, scope, "PRIMARY KEY")
}

/// SHOW UNIQUE KEYS.
pub fn unique(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    keys(cx, scope, "UNIQUE")
}

fn foreign(cx: &Cx<'_>, child: &Object, k: &Constraint) -> Vec<Row> {
    let Some((target, columns)) = &k.references else { return Vec::new() };
    let catalog = cx.catalog();
    let parent = catalog.get(Kind::Table, target);
    let key = parent.and_then(|p| constraints(p, "PRIMARY KEY").next());
    // Without a list, a foreign key means the primary key's columns.
    let columns = if columns.is_empty() { key.map(|k| k.columns.clone()).unwrap_or_default() } else { columns.clone() };
    k.columns
        .iter()
        .zip(1..)
        .map(|(column, n)| {
            vec![
                time(child.created_ms),
                target.first().cloned(),
                target.get(1).cloned(),
                target.get(2).cloned(),
                text(columns.get(n - 1).cloned().unwrap_or_default()),
                text(&child.name[0]),
                text(&child.name[1]),
                text(child.bare()),
                text(column),
                text(n.to_string()),
                text("NO ACTION"),
                text("NO ACTION"),
                text(&k.name),
                text(key.map(|k| k.name.clone()).unwrap_or_default()),
                text("NOT DEFERRABLE"),
                text("false"),
                None,
            ]
        })
        .collect()
}

/// SHOW IMPORTED KEYS: foreign keys of the tables in scope.
pub fn imported(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let mut rows = Vec::new();
    for o in tables(cx, scope)? {
        for k in constraints(&o, "FOREIGN KEY") {
            rows.extend(foreign(cx, &o, k));
        }
    }
    Ok((fields(FOREIGN), rows))
}

/// SHOW EXPORTED KEYS: foreign keys that point at the tables in scope.
pub fn exported(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let parents = tables(cx, scope)?;
    let everywhere = ShowScope { place: Place::Account, ..ShowScope::default() };
    let mut rows = Vec::new();
    for child in everywhere.objects(cx, Kind::Table)? {
        for k in constraints(&child, "FOREIGN KEY") {
            if k.references.as_ref().is_some_and(|(t, _)| parents.iter().any(|p| p.name == *t)) {
                rows.extend(foreign(cx, &child, k));
            }
        }
    }
    Ok((fields(FOREIGN), rows))
}
