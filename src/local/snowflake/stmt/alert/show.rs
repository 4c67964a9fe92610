//! SHOW ALERTS and DESC ALERT.

use super::super::super::catalog::{Kind, Object};
use super::super::super::error::SfResult;
use super::super::super::sql::Cursor;
use super::super::Statement;
use super::super::show::scope::{Listing, Row, ShowScope, fields, text, time};
use super::options_of;

/// The columns in Snowflake's order.
const NAMES: &[&str] = &[
    "created_on:t",
    "name",
    "database_name",
    "schema_name",
    "owner",
    "comment",
    "warehouse",
    "schedule",
    "state",
    "condition",
    "action",
    "owner_role_type",
];
const TERSE: &[&str] = &["created_on:t", "name", "kind", "database_name", "schema_name", "schedule", "state"];

/// Behind SHOW ALERTS.
///
/// # Errors
/// 001003.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    read(c, false)
}

/// Behind SHOW TERSE ALERTS.
///
/// # Errors
/// 001003.
pub fn parse_terse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    read(c, true)
}

fn read(c: &mut Cursor<'_>, terse: bool) -> SfResult<Box<dyn Statement>> {
    let scope = ShowScope::parse(c, terse)?;
    Ok(Listing::show(move |cx| {
        let found = scope.objects(cx, Kind::Alert)?;
        let rows = found.iter().map(|o| if scope.terse { short(o) } else { row(o) }).collect();
        Ok((fields(if scope.terse { TERSE } else { NAMES }), rows))
    }))
}

/// Behind DESC ALERT.
///
/// # Errors
/// 001003.
pub fn parse_describe(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let name = c.name()?;
    Ok(Listing::describe(move |cx| {
        let object = cx.find(Kind::Alert, &name)?;
        Ok((fields(NAMES), vec![row(&object)]))
    }))
}

fn get(o: &Object, key: &str) -> Option<String> {
    options_of(o)?.get(key).cloned()
}

fn short(o: &Object) -> Row {
    vec![
        time(o.created_ms),
        text(o.bare()),
        text("ALERT"),
        o.name.first().cloned(),
        o.name.get(1).cloned(),
        get(o, "SCHEDULE"),
        get(o, "STATE"),
    ]
}

fn row(o: &Object) -> Row {
    vec![
        time(o.created_ms),
        text(o.bare()),
        o.name.first().cloned(),
        o.name.get(1).cloned(),
        text(&o.owner),
        text(&o.comment),
        get(o, "WAREHOUSE"),
        get(o, "SCHEDULE"),
        get(o, "STATE"),
        get(o, "CONDITION"),
        get(o, "ACTION"),
        text("ROLE"),
    ]
}
