//! SHOW TABLES, VIEWS, OBJECTS.

use super::scope::{Row, Rows, ShowScope, fields, text, time, yes};
use crate::local::snowflake::catalog::{Body, Kind, Object, Table, TableKind};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::info;
use crate::local::snowflake::session::Cx;
use std::collections::BTreeMap;
use std::sync::Arc;

const TERSE: &[&str] = &["created_on:t", "name", "kind", "database_name", "schema_name"];

fn terse(o: &Object, kind: &str) -> Row {
    vec![time(o.created_ms), text(o.bare()), text(kind), text(&o.name[0]), text(&o.name[1])]
}

/// The number of rows of each table, by store.
///
/// # Errors
/// DuckDB's.
pub fn row_counts<'a>(cx: &Cx<'_>, tables: impl Iterator<Item = &'a Table>) -> SfResult<BTreeMap<i64, i64>> {
    let parts: Vec<String> = tables.map(|t| format!("SELECT {0}, count(*) FROM d.t{0}", t.store)).collect();
    let mut out = BTreeMap::new();
    // A statement of thousands of parts would be slow to plan.
    for chunk in parts.chunks(200) {
        let mut statement = cx.s.conn.prepare(&chunk.join(" UNION ALL "))?;
        let rows = statement.query_map([], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?)))?;
        for row in rows {
            let (store, n) = row?;
            out.insert(store, n);
        }
    }
    Ok(out)
}

/// `LINEAR(a, b)`, empty where there is none.
#[must_use]
pub fn clustering(t: &Table) -> String {
    if t.cluster_by.is_empty() { String::new() } else { format!("LINEAR({})", t.cluster_by.join(", ")) }
}

fn retention(t: &Table) -> String {
    t.retention_days.unwrap_or(u32::from(t.kind != TableKind::Temporary)).to_string()
}

fn table_kind(t: &Table) -> &'static str {
    match t.kind {
        TableKind::Permanent => "TABLE",
        TableKind::Transient => "TRANSIENT",
        TableKind::Temporary => "TEMPORARY",
    }
}

fn with_counts(cx: &Cx<'_>, found: &[Arc<Object>]) -> SfResult<BTreeMap<i64, i64>> {
    row_counts(cx, found.iter().filter_map(|o| o.table()))
}

/// SHOW TABLES.
pub fn tables(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let found = scope.objects(cx, Kind::Table)?;
    if scope.terse {
        let rows = found.iter().filter_map(|o| o.table().map(|t| terse(o, table_kind(t)))).collect();
        return Ok((fields(TERSE), rows));
    }
    let counts = with_counts(cx, &found)?;
    let mut names = vec![
        "created_on:t",
        "name",
        "database_name",
        "schema_name",
        "kind",
        "comment",
        "cluster_by",
        "rows:n",
        "bytes:n",
        "owner",
        "retention_time",
    ];
    if scope.history {
        names.push("dropped_on:t");
    }
    names.extend([
        "automatic_clustering",
        "change_tracking",
        "search_optimization",
        "search_optimization_progress",
        "search_optimization_bytes:n",
        "is_external",
        "enable_schema_evolution",
        "owner_role_type",
        "is_event",
        "budget",
        "is_hybrid",
        "is_iceberg",
        "is_dynamic",
        "is_immutable",
    ]);
    let mut rows = Vec::new();
    for o in &found {
        let Some(t) = o.table() else { continue };
        let mut row = vec![
            time(o.created_ms),
            text(o.bare()),
            text(&o.name[0]),
            text(&o.name[1]),
            text(table_kind(t)),
            text(&o.comment),
            text(clustering(t)),
            counts.get(&t.store).map(ToString::to_string),
            None,
            text(&o.owner),
            text(retention(t)),
        ];
        if scope.history {
            row.push(o.dropped_ms.and_then(time));
        }
        row.extend([
            text(if t.cluster_by.is_empty() { "OFF" } else { "ON" }),
            text(if t.change_tracking { "ON" } else { "OFF" }),
            text("OFF"),
            None,
            None,
            text("N"),
            yes(t.schema_evolution),
            text("ROLE"),
            text("N"),
            None,
            text("N"),
            text("N"),
            text("N"),
            text("N"),
        ]);
        rows.push(row);
    }
    Ok((fields(&names), rows))
}

/// Names of the information schema's views that are in the scope, with their database.
fn system_views(cx: &Cx<'_>, scope: &ShowScope) -> SfResult<Vec<(String, &'static str)>> {
    let prefix = scope.prefix(cx)?;
    if prefix.get(1).is_some_and(|s| s != "INFORMATION_SCHEMA") {
        return Ok(Vec::new());
    }
    let databases = cx.in_scope("SHOW", |s| {
        let seen = s.catalog.of_kind(Kind::Database).filter(|o| s.sees(o));
        seen.map(|o| o.bare().to_owned()).collect::<Vec<_>>()
    });
    let inside = databases.into_iter().filter(|d| prefix.first().is_none_or(|p| p == d));
    Ok(inside
        .flat_map(|d| info::VIEWS.iter().map(move |v| (d.clone(), *v)))
        .filter(|(_, v)| scope.matches(v))
        .collect())
}

fn view_rows(cx: &Cx<'_>, scope: &ShowScope, materialized: bool) -> SfResult<Rows> {
    let found = scope.objects(cx, Kind::View)?;
    let system = if materialized { Vec::new() } else { system_views(cx, scope)? };
    if scope.terse {
        let mut rows: Vec<Row> = system
            .iter()
            .map(|(d, v)| vec![time(0), text(*v), text("VIEW"), text(d), text("INFORMATION_SCHEMA")])
            .collect();
        rows.extend(found.iter().map(|o| terse(o, "VIEW")));
        return Ok((fields(TERSE), rows));
    }
    let names = [
        "created_on:t",
        "name",
        "reserved",
        "database_name",
        "schema_name",
        "owner",
        "comment",
        "text",
        "is_secure",
        "is_materialized",
        "owner_role_type",
        "change_tracking",
    ];
    let mut rows: Vec<Row> = system
        .iter()
        .map(|(d, v)| {
            let mut row = vec![time(0), text(*v), text(""), text(d), text("INFORMATION_SCHEMA"), text("")];
            row.extend([text(""), text(""), text("false"), text("false"), text(""), text("OFF")]);
            row
        })
        .collect();
    for o in &found {
        let Body::View(v) = &o.body else { continue };
        if materialized && !v.materialized {
            continue;
        }
        rows.push(vec![
            time(o.created_ms),
            text(o.bare()),
            text(""),
            text(&o.name[0]),
            text(&o.name[1]),
            text(&o.owner),
            text(&o.comment),
            text(&v.text),
            text(v.secure.to_string()),
            text(v.materialized.to_string()),
            text("ROLE"),
            text(if v.change_tracking { "ON" } else { "OFF" }),
        ]);
    }
    Ok((fields(&names), rows))
}

/// SHOW VIEWS.
pub fn views(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    view_rows(cx, scope, false)
}

/// SHOW MATERIALIZED VIEWS.
pub fn materialized(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    view_rows(cx, scope, true)
}

/// SHOW OBJECTS: tables and views.
pub fn objects(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let mut found = scope.objects(cx, Kind::Table)?;
    found.extend(scope.objects(cx, Kind::View)?);
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let system = system_views(cx, scope)?;
    let word = |o: &Object| match o.table().map(|t| t.kind) {
        None => "VIEW",
        // Transient tables are called tables here.
        Some(TableKind::Temporary) => "TEMPORARY",
        Some(_) => "TABLE",
    };
    if scope.terse {
        let mut rows: Vec<Row> = system
            .iter()
            .map(|(d, v)| vec![time(0), text(*v), text("VIEW"), text(d), text("INFORMATION_SCHEMA")])
            .collect();
        rows.extend(found.iter().map(|o| terse(o, word(o))));
        return Ok((fields(TERSE), rows));
    }
    let counts = with_counts(cx, &found)?;
    let names = [
        "created_on:t",
        "name",
        "database_name",
        "schema_name",
        "kind",
        "comment",
        "cluster_by",
        "rows:n",
        "bytes:n",
        "owner",
        "retention_time",
        "owner_role_type",
        "is_hybrid",
        "is_dynamic",
        "is_iceberg",
        "is_interactive",
    ];
    let no = || yes(false);
    let mut rows: Vec<Row> = system
        .iter()
        .map(|(d, v)| {
            let mut row =
                vec![time(0), text(*v), text(d), text("INFORMATION_SCHEMA"), text("VIEW"), text(""), text("")];
            row.extend([None, None, text(""), text(""), text(""), no(), no(), no(), no()]);
            row
        })
        .collect();
    for o in &found {
        let t = o.table();
        rows.push(vec![
            time(o.created_ms),
            text(o.bare()),
            text(&o.name[0]),
            text(&o.name[1]),
            text(word(o)),
            text(&o.comment),
            text(t.map(clustering).unwrap_or_default()),
            t.and_then(|t| counts.get(&t.store)).map(ToString::to_string),
            None,
            text(&o.owner),
            text(t.map(retention).unwrap_or_default()),
            text("ROLE"),
            no(),
            no(),
            no(),
            no(),
        ]);
    }
    Ok((fields(&names), rows))
}
