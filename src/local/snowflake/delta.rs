//! What changed in a table between two of its versions: streams and CHANGES.

use super::catalog::{Body, Catalog, Kind, Object, Table};
use super::error::SfResult;
use super::session::Cx;
use super::store::{columns_sql, is_birth_sql};
use duckdb::params;
use std::collections::BTreeMap;

/// The versions of one table between which changes are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The version up to which the changes are known already.
    pub from: i64,
    /// The version that the statement sees.
    pub to: i64,
    /// SHOW_INITIAL_ROWS, not yet read: the rows at `from` count as inserted.
    pub initial: bool,
}

/// Windows by table store.
pub type Windows = BTreeMap<i64, Window>;

/// Which rows of a table take part when a view over it is compared with its former self.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The rows at the window's end; those written in the window are marked.
    New,
    /// The rows at the window's start; those replaced or deleted in the window are marked.
    Old,
    /// The rows at the window's start and every row inserted since, which is marked.
    Append,
}

/// A stream's windows on the tables under it.
///
/// # Errors
/// DuckDB's.
pub fn windows(cx: &mut Cx<'_>, stream: i64) -> SfResult<Windows> {
    let rows: Vec<(i64, i64, bool)> = {
        let mut statement =
            cx.s.conn.prepare("SELECT base, version, initial FROM sd.stream_offset WHERE stream = ?")?;
        let found = statement.query_map(params![stream], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        found.collect::<Result<_, _>>()?
    };
    let mut out = Windows::new();
    for (base, from, initial) in rows {
        out.insert(base, Window { from, to: cx.base_version(base)?, initial });
    }
    Ok(out)
}

/// Every row inserted in the window, with the values at insertion.
#[must_use]
pub fn append_only(table: &Table, w: Window) -> String {
    let cols = columns_sql(table);
    format!(
        "SELECT {cols}, 'INSERT' AS \"metadata$action\", false AS \"metadata$isupdate\", {} AS \"metadata$row_id\" \
         FROM ({}) AS y WHERE y._ch",
        row_id(table.store),
        tracked(table, w, Side::Append, "_id")
    )
}

/// The net change: one row image before, one after, by row identity.
#[must_use]
pub fn standard(table: &Table, w: Window) -> String {
    let cols: Vec<&str> = table.columns.iter().map(|c| c.phys.as_str()).collect();
    let side = |side| tracked(table, w, side, "_id");
    net(&cols, &side(Side::New), &side(Side::Old), &row_id(table.store))
}

/// The net change between two tracked relations with the same columns; `row_id` makes METADATA$ROW_ID of `y._id`.
#[must_use]
pub fn net(cols: &[&str], new: &str, old: &str, row_id: &str) -> String {
    let side = |mine: &str, action: &str, other: &str| {
        let list: String = cols.iter().map(|c| format!("a.{c}, ")).collect();
        format!(
            "SELECT {list}'{action}' AS \"metadata$action\", b._id IS NOT NULL AS \"metadata$isupdate\", a._id \
             FROM {mine} AS a LEFT JOIN {other} AS b ON a._id = b._id"
        )
    };
    format!(
        "WITH n AS (SELECT * FROM ({new}) AS x WHERE x._ch), o AS (SELECT * FROM ({old}) AS x WHERE x._ch) \
         SELECT * EXCLUDE (_id), {row_id} AS \"metadata$row_id\" FROM ({} UNION ALL {}) AS y",
        side("n", "INSERT", "o"),
        side("o", "DELETE", "n")
    )
}

/// A table's rows on one side of a window, each with its identity `_id` (made by the SQL `id`) and the mark `_ch`.
#[must_use]
pub fn tracked(table: &Table, w: Window, side: Side, id: &str) -> String {
    let (cols, store, to) = (columns_sql(table), table.store, w.to);
    // Where the first rows have not been read, the window starts with nothing.
    let from = if w.initial && side != Side::Append { 0 } else { w.from };
    let part = |which: &str, mark: &str, filter: &str| {
        format!("SELECT {cols}, {id} AS _id, {mark} AS _ch FROM d.{which}{store} AS x WHERE {filter}")
    };
    let parts = match side {
        Side::New => vec![
            part("t", &format!("_from > {from}"), &format!("_from <= {to}")),
            part("h", &format!("_from > {from}"), &format!("_from <= {to} AND _to > {to}")),
        ],
        Side::Old => vec![
            part("t", "false", &format!("_from <= {from}")),
            part("h", &format!("_to <= {to}"), &format!("_from <= {from} AND _to > {from}")),
        ],
        Side::Append => {
            let born = format!("_from > {from} AND _from <= {to} AND {}", is_birth_sql("x"));
            let (first, then) = (w.initial.to_string(), "true");
            vec![
                part("t", &first, &format!("_from <= {from}")),
                part("h", &first, &format!("_from <= {from} AND _to > {from}")),
                part("t", then, &born),
                part("h", then, &born),
            ]
        }
    };
    parts.join(" UNION ALL ")
}

/// 40 hex digits, the same for one row as long as it lives.
fn row_id(store: i64) -> String {
    format!("sha1('{store}.' || CAST(y._id AS VARCHAR))")
}

/// The table's rows as they were at a version.
#[must_use]
pub fn as_of(table: &Table, version: i64) -> String {
    let (cols, store) = (columns_sql(table), table.store);
    format!(
        "SELECT {cols} FROM d.t{store} WHERE _from <= {version} \
         UNION ALL SELECT {cols} FROM d.h{store} WHERE _from <= {version} AND _to > {version}"
    )
}

/// Whether a window on a table has changes. May say yes for changes that cancel out in a view, never no for ones that do not.
///
/// # Errors
/// DuckDB's.
pub fn has_data(cx: &mut Cx<'_>, table: &Table, w: Window, append_only: bool) -> SfResult<bool> {
    if w.from >= w.to && !w.initial {
        return Ok(false);
    }
    let sql = if append_only { self::append_only(table, w) } else { standard(table, w) };
    Ok(cx.scalar(&format!("SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT 1)"))? > 0)
}

/// MAX_DATA_EXTENSION_TIME_IN_DAYS where nothing is set: a stream keeps its source's history so long.
const EXTENSION_DAYS: u32 = 14;
/// DATA_RETENTION_TIME_IN_DAYS where nothing is set.
const RETENTION_DAYS: u32 = 1;
const DAY_MS: i64 = 86_400_000;

/// When a stream becomes stale, epoch milliseconds: its last consumption and the time for which its tables keep their history.
///
/// # Errors
/// DuckDB's.
pub fn stale_after(cx: &mut Cx<'_>, catalog: &Catalog, stream: &Object) -> SfResult<i64> {
    let Body::Stream(s) = &stream.body else { return Ok(i64::MAX) };
    let consumed =
        cx.scalar(&format!("SELECT max(epoch_ms(consumed_at)) FROM sd.stream_offset WHERE stream = {}", stream.id))?;
    let days = s.base.iter().filter_map(|id| catalog.by_id(*id)).map(|o| kept_days(catalog, o)).min();
    Ok(consumed.max(stream.created_ms) + i64::from(days.unwrap_or(EXTENSION_DAYS)) * DAY_MS)
}

fn kept_days(catalog: &Catalog, base: &Object) -> u32 {
    let table = base.table();
    let around = |kind, depth: usize| {
        let found = base.name.get(..depth).and_then(|name| catalog.get(kind, name));
        found.and_then(|o| match &o.body {
            Body::Schema(c) | Body::Database(c) => c.retention_days,
            _ => None,
        })
    };
    let retention = table.and_then(|t| t.retention_days).or_else(|| around(Kind::Schema, 2));
    let retention = retention.or_else(|| around(Kind::Database, 1)).unwrap_or(RETENTION_DAYS);
    let extension = table.and_then(|t| t.extension_days).unwrap_or(EXTENSION_DAYS);
    retention.max(extension)
}

/// How old a mark may be before asking an empty stream renews it: asking is frequent, writing need not be.
const RENEW_US: i64 = 3_600_000_000;

/// An empty stream that is asked for data does not become stale: the time of its last consumption moves to now. Nothing
/// happens while a transaction consumes the stream, which moves it anyway.
///
/// # Errors
/// DuckDB's.
pub fn extend(cx: &mut Cx<'_>, stream: i64) -> SfResult<()> {
    let now = cx.engine.now_us();
    let old = cx.scalar(&format!(
        "SELECT count(*) FROM sd.stream_offset WHERE stream = {stream} AND epoch_us(consumed_at) < {}",
        now - RENEW_US
    ))?;
    if old == 0 {
        return Ok(());
    }
    // Asking must never wait for a consumer.
    let Ok(_held) = cx.engine.locks.acquire(&[stream], &|| true) else { return Ok(()) };
    cx.engine.connect()?.execute(
        "UPDATE sd.stream_offset SET consumed_at = make_timestamp(?) WHERE stream = ?",
        params![now, stream],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_count_once() {
        let table = Table { store: 7, ..Table::default() };
        let w = Window { from: 3, to: 5, initial: true };
        assert!(tracked(&table, w, Side::New, "_id").contains("_from > 0"));
        assert!(tracked(&table, w, Side::Old, "_id").contains("_from <= 0"));
        assert!(tracked(&table, w, Side::Append, "_id").contains("true AS _ch FROM d.t7 AS x WHERE _from <= 3"));
    }
}
