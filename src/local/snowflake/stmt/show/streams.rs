//! SHOW STREAMS and DESC STREAM.

use super::scope::{Row, Rows, ShowScope, fields, text, time};
use crate::local::snowflake::catalog::{Body, Catalog, Kind, Object, quote_name};
use crate::local::snowflake::delta;
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;

const NAMES: &[&str] = &[
    "created_on:t",
    "name",
    "database_name",
    "schema_name",
    "owner",
    "comment",
    "table_name",
    "source_type",
    "base_tables",
    "type",
    "stale",
    "mode",
    "stale_after:t",
    "invalid_reason",
    "owner_role_type",
];
/// SHOW STREAMS.
pub fn show(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let found = scope.objects(cx, Kind::Stream)?;
    let catalog = cx.catalog();
    if scope.terse {
        let names = ["created_on:t", "name", "kind", "database_name", "schema_name", "tableOn"];
        let rows = found
            .iter()
            .map(|o| {
                let on = source(&catalog, o).map(|s| quote_name(&s.name)).unwrap_or_default();
                vec![time(o.created_ms), text(o.bare()), text("STREAM"), text(&o.name[0]), text(&o.name[1]), text(on)]
            })
            .collect();
        return Ok((fields(&names), rows));
    }
    let mut rows = Vec::new();
    for o in &found {
        rows.push(row(cx, &catalog, o)?);
    }
    Ok((fields(NAMES), rows))
}

/// DESC STREAM.
pub fn describe(cx: &mut Cx<'_>, o: &Object) -> SfResult<Rows> {
    let catalog = cx.catalog();
    Ok((fields(NAMES), vec![row(cx, &catalog, o)?]))
}

fn source<'c>(catalog: &'c Catalog, o: &Object) -> Option<&'c std::sync::Arc<Object>> {
    let Body::Stream(s) = &o.body else { return None };
    catalog.by_id(s.source).filter(|s| s.dropped_ms.is_none())
}

fn row(cx: &mut Cx<'_>, catalog: &Catalog, o: &Object) -> SfResult<Row> {
    let Body::Stream(s) = &o.body else { return Ok(Vec::new()) };
    let from = source(catalog, o);
    let name = from.map(|s| quote_name(&s.name)).unwrap_or_default();
    let bases: Vec<String> = catalog
        .all()
        .filter(|t| t.dropped_ms.is_none() && s.base.contains(&t.id))
        .map(|t| quote_name(&t.name))
        .collect();
    let after = delta::stale_after(cx, catalog, o)?;
    let gone = from.is_none() || bases.len() < s.base.len();
    let view = from.is_some_and(|s| s.kind() == Kind::View);
    let now = cx.engine.clock.now_ms();
    Ok(vec![
        time(o.created_ms),
        text(o.bare()),
        text(&o.name[0]),
        text(&o.name[1]),
        text(&o.owner),
        text(&o.comment),
        text(&name),
        text(if view { "View" } else { "Table" }),
        text(if bases.is_empty() { name } else { bases.join(", ") }),
        text("DELTA"),
        text((gone || now > after).to_string()),
        text(if s.append_only { "APPEND_ONLY" } else { "DEFAULT" }),
        time(after),
        text(if gone { "Base table dropped" } else { "N/A" }),
        text("ROLE"),
    ])
}
