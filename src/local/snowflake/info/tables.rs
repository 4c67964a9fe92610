//! TABLES, VIEWS, TABLE_STORAGE_METRICS.

use super::rows::{Cell, fields, filled, number, objects, text, time, yes};
use super::{Ask, Rows, VIEWS};
use crate::local::snowflake::catalog::{Body, Kind, Object, TableKind};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::stmt::show::row_counts;

const TABLES: &[&str] = &[
    "TABLE_CATALOG",
    "TABLE_SCHEMA",
    "TABLE_NAME",
    "TABLE_OWNER",
    "TABLE_TYPE",
    "IS_TRANSIENT",
    "CLUSTERING_KEY",
    "ROW_COUNT:n",
    "BYTES:n",
    "RETENTION_TIME:n",
    "SELF_REFERENCING_COLUMN_NAME",
    "REFERENCE_GENERATION",
    "USER_DEFINED_TYPE_CATALOG",
    "USER_DEFINED_TYPE_SCHEMA",
    "USER_DEFINED_TYPE_NAME",
    "IS_INSERTABLE_INTO",
    "IS_TYPED",
    "COMMIT_ACTION",
    "CREATED:t",
    "LAST_ALTERED:t",
    "LAST_DDL:t",
    "LAST_DDL_BY",
    "AUTO_CLUSTERING_ON",
    "COMMENT",
    "IS_TEMPORARY",
    "IS_ICEBERG",
    "IS_DYNAMIC",
    "IS_IMMUTABLE",
    "IS_HYBRID",
];

/// TABLES: tables and views, the information schema's own among them.
pub fn tables(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    if ask.columns_only {
        return Ok((fields(TABLES), Vec::new()));
    }
    let mut found = objects(cx, ask.database, Kind::Table);
    found.extend(objects(cx, ask.database, Kind::View));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let counts = row_counts(cx, found.iter().filter_map(|o| o.table()))?;
    let mut rows: Vec<Vec<Cell>> = found
        .iter()
        .map(|o| {
            let rows = o.table().and_then(|t| counts.get(&t.store)).map(ToString::to_string);
            row(o, rows)
        })
        .collect();
    rows.extend(VIEWS.iter().map(|v| system(ask.database, v)));
    Ok((fields(TABLES), rows))
}

fn row(o: &Object, count: Cell) -> Vec<Cell> {
    let t = o.table();
    let kind = t.map(|t| t.kind);
    let word = match (kind, &o.body) {
        (Some(TableKind::Temporary), _) => "TEMPORARY TABLE",
        (Some(_), _) => "BASE TABLE",
        (None, Body::View(v)) if v.materialized => "MATERIALIZED VIEW",
        _ => "VIEW",
    };
    let clustering = t.map(|t| t.cluster_by.join(", ")).filter(|c| !c.is_empty()).map(|c| format!("LINEAR({c})"));
    let retention = t.map(|t| t.retention_days.unwrap_or(u32::from(t.kind != TableKind::Temporary)).to_string());
    vec![
        text(&o.name[0]),
        text(&o.name[1]),
        text(&o.name[2]),
        text(&o.owner),
        text(word),
        yes(kind == Some(TableKind::Transient)).filter(|_| t.is_some()),
        clustering,
        count,
        None,
        retention,
        None,
        None,
        None,
        None,
        None,
        yes(t.is_some()),
        yes(t.is_some()),
        None,
        time(o.created_ms),
        time(o.created_ms),
        time(o.created_ms),
        None,
        yes(t.is_some_and(|t| !t.cluster_by.is_empty())),
        filled(&o.comment),
        yes(kind == Some(TableKind::Temporary)),
        yes(false),
        yes(false),
        yes(false),
        yes(false),
    ]
}

/// A row of the information schema's own views: nobody's.
fn system(database: &str, view: &str) -> Vec<Cell> {
    let mut row = vec![None; TABLES.len()];
    row[0] = text(database);
    row[1] = text("INFORMATION_SCHEMA");
    row[2] = text(view);
    row[4] = text("VIEW");
    row[15] = yes(false);
    row[16] = yes(false);
    row
}

/// VIEWS.
pub fn views(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "TABLE_CATALOG",
        "TABLE_SCHEMA",
        "TABLE_NAME",
        "TABLE_OWNER",
        "VIEW_DEFINITION",
        "CHECK_OPTION",
        "IS_UPDATABLE",
        "INSERTABLE_INTO",
        "IS_SECURE",
        "CREATED:t",
        "LAST_ALTERED:t",
        "LAST_DDL:t",
        "LAST_DDL_BY",
        "COMMENT",
    ];
    let roles = cx.roles();
    let mut rows = Vec::new();
    for o in objects(cx, ask.database, Kind::View) {
        let Body::View(v) = &o.body else { continue };
        // A secure view's text is its owner's.
        let text_shown = !v.secure || roles.contains(&o.owner);
        rows.push(vec![
            text(&o.name[0]),
            text(&o.name[1]),
            text(&o.name[2]),
            text(&o.owner),
            text(&v.text).filter(|_| text_shown),
            text("NONE"),
            yes(false),
            yes(false),
            yes(v.secure),
            time(o.created_ms),
            time(o.created_ms),
            time(o.created_ms),
            None,
            filled(&o.comment),
        ]);
    }
    Ok((fields(&names), rows))
}

/// TABLE_STORAGE_METRICS: which tables there are; sizes are not known by table.
pub fn storage(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "TABLE_CATALOG",
        "TABLE_SCHEMA",
        "TABLE_NAME",
        "ID:n",
        "CLONE_GROUP_ID:n",
        "IS_TRANSIENT",
        "ACTIVE_BYTES:n",
        "TIME_TRAVEL_BYTES:n",
        "FAILSAFE_BYTES:n",
        "RETAINED_FOR_CLONE_BYTES:n",
        "TABLE_CREATED:t",
        "TABLE_DROPPED:t",
        "TABLE_ENTERED_FAILSAFE:t",
        "CATALOG_CREATED:t",
        "CATALOG_DROPPED:t",
        "SCHEMA_CREATED:t",
        "SCHEMA_DROPPED:t",
        "COMMENT",
    ];
    let rows = objects(cx, ask.database, Kind::Table)
        .iter()
        .map(|o| {
            vec![
                text(&o.name[0]),
                text(&o.name[1]),
                text(&o.name[2]),
                number(o.id),
                number(o.id),
                yes(o.table().is_some_and(|t| t.kind == TableKind::Transient)),
                None,
                None,
                None,
                None,
                time(o.created_ms),
                None,
                None,
                None,
                None,
                None,
                None,
                filled(&o.comment),
            ]
        })
        .collect();
    Ok((fields(&names), rows))
}
