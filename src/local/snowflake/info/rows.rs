//! Cells and columns of the information schema.

use crate::local::snowflake::answer::Field;
use crate::local::snowflake::catalog::{Kind, Object};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::types::Ty;
use chrono::DateTime;
use std::sync::Arc;

/// A cell.
pub type Cell = Option<String>;

/// Columns: a name, with `:n` for a number, `:t` for a time, text otherwise.
pub fn fields(names: &[&str]) -> Vec<Field> {
    names
        .iter()
        .map(|name| match name.rsplit_once(':') {
            Some((name, "n")) => Field::new(name, Ty::INT),
            Some((name, "t")) => Field::new(name, Ty::Ltz { scale: 3 }),
            _ => Field::new(*name, Ty::TEXT),
        })
        .collect()
}

/// Text.
pub fn text(value: impl Into<String>) -> Cell {
    Some(value.into())
}

/// Text, NULL where it is empty.
pub fn filled(value: &str) -> Cell {
    (!value.is_empty()).then(|| value.to_owned())
}

/// A number.
pub fn number<N: Copy + ToString>(value: N) -> Cell {
    Some(value.to_string())
}

/// `YES` or `NO`.
pub fn yes(value: bool) -> Cell {
    text(if value { "YES" } else { "NO" })
}

/// A time in UTC, from epoch milliseconds.
pub fn time(ms: i64) -> Cell {
    micros(ms.saturating_mul(1000))
}

/// A time in UTC, from epoch microseconds.
pub fn micros(us: i64) -> Cell {
    DateTime::from_timestamp_micros(us).map(|t| t.format("%Y-%m-%d %H:%M:%S%.6f").to_string())
}

/// The visible objects of a kind in a database, by name, temporary ones of the session included.
pub fn objects(cx: &Cx<'_>, database: &str, kind: Kind) -> Vec<Arc<Object>> {
    let mut found: Vec<Arc<Object>> = cx.in_scope("SELECT", |s| {
        s.catalog.of_kind(kind).filter(|o| o.name[0] == database && s.sees(o)).cloned().collect()
    });
    found.extend(cx.s.temp.values().filter(|o| o.kind() == kind && o.name[0] == database).cloned());
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}
