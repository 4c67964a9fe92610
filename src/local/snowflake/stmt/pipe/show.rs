//! SHOW PIPES and DESC PIPE.

use super::super::Statement;
use super::super::show::scope::{Listing, Row, Rows, ShowScope, fields, text, time};
use super::super::stage::copy::Copy;
use crate::local::snowflake::catalog::{Body, Kind, Object};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;

const NAMES: &[&str] = &[
    "created_on:t",
    "name",
    "database_name",
    "schema_name",
    "definition",
    "owner",
    "notification_channel",
    "comment",
    "integration",
    "pattern",
    "error_integration",
    "owner_role_type",
    "invalid_reason",
    "kind",
    "is_snowflake_managed",
];

/// SHOW PIPES.
///
/// # Errors
/// 002043 for a container that is missing.
pub fn show(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let found = scope.objects(cx, Kind::Pipe)?;
    if scope.terse {
        let names = ["created_on:t", "name", "kind", "database_name", "schema_name"];
        let row =
            |o: &Object| vec![time(o.created_ms), text(o.bare()), text("STAGE"), text(&o.name[0]), text(&o.name[1])];
        return Ok((fields(&names), found.iter().map(|o| row(o)).collect()));
    }
    let rows = found.iter().map(|o| row(cx, o)).collect();
    Ok((fields(NAMES), rows))
}

/// Behind DESC PIPE.
///
/// # Errors
/// 001003.
pub fn parse_describe(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let name = c.name()?;
    Ok(Listing::describe(move |cx| {
        let found = cx.find(Kind::Pipe, &name)?;
        Ok((fields(NAMES), vec![row(cx, &found)]))
    }))
}

/// The PATTERN of a pipe's COPY.
#[must_use]
pub fn pattern(o: &Object) -> Option<String> {
    let Body::Pipe(p) = &o.body else { return None };
    Copy::for_pipe(&p.definition).ok()?.pattern().map(str::to_owned)
}

fn row(cx: &Cx<'_>, o: &Object) -> Row {
    let Body::Pipe(p) = &o.body else { return Vec::new() };
    vec![
        time(o.created_ms),
        text(o.bare()),
        text(&o.name[0]),
        text(&o.name[1]),
        text(&p.definition),
        text(&o.owner),
        // Notifications come from the embedded object store itself: there is no queue to name.
        None,
        text(&o.comment),
        None,
        pattern(o),
        p.options.get("ERROR_INTEGRATION").cloned(),
        text("ROLE"),
        super::invalid(cx.engine, o).map(|e| e.message),
        text("STAGE"),
        text("false"),
    ]
}
