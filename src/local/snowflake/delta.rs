//! What changed in a table between two of its versions: streams and CHANGES.

use super::catalog::Table;
use super::error::SfResult;
use super::session::Cx;
use super::store::{columns_sql, is_birth_sql};
use duckdb::params;

/// A stream's window on a table: the version up to which it has been read, and the version that the statement sees.
///
/// # Errors
/// DuckDB's.
pub fn window(cx: &mut Cx<'_>, stream: i64, store: i64) -> SfResult<(i64, i64)> {
    let base = cx.base_version(store)?;
    let row = cx.s.conn.query_row(
        "SELECT version, initial FROM sd.stream_offset WHERE stream = ? AND base = ?",
        params![stream, store],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)),
    );
    match row {
        Ok((_, true)) => Ok((0, base)),
        Ok((offset, false)) => Ok((offset, base)),
        Err(duckdb::Error::QueryReturnedNoRows) => Ok((base, base)),
        Err(e) => Err(e.into()),
    }
}

/// Every row inserted in the window, with the values at insertion.
#[must_use]
pub fn append_only(table: &Table, v0: i64, v1: i64) -> String {
    let (cols, store) = (columns_sql(table), table.store);
    let part = |from: &str| {
        format!(
            "SELECT {cols}, _id FROM d.{from}{store} AS x WHERE x._from > {v0} AND x._from <= {v1} AND {}",
            is_birth_sql("x")
        )
    };
    format!(
        "SELECT {cols}, 'INSERT' AS \"metadata$action\", false AS \"metadata$isupdate\", {} AS \"metadata$row_id\" \
         FROM ({} UNION ALL {}) AS y",
        row_id(store),
        part("t"),
        part("h")
    )
}

/// The net change: one row image before, one after, by row identity.
#[must_use]
pub fn standard(table: &Table, v0: i64, v1: i64) -> String {
    let (cols, store) = (columns_sql(table), table.store);
    let new = format!(
        "SELECT {cols}, _id FROM d.t{store} WHERE _from > {v0} AND _from <= {v1} \
         UNION ALL SELECT {cols}, _id FROM d.h{store} WHERE _from > {v0} AND _from <= {v1} AND _to > {v1}"
    );
    let old = format!("SELECT {cols}, _id FROM d.h{store} WHERE _from <= {v0} AND _to > {v0} AND _to <= {v1}");
    let side = |mine: &str, action: &str, other: &str| {
        let list: String = table.columns.iter().map(|c| format!("a.{}, ", c.phys)).collect();
        format!(
            "SELECT {list}'{action}' AS \"metadata$action\", b._id IS NOT NULL AS \"metadata$isupdate\", a._id \
             FROM {mine} AS a LEFT JOIN {other} AS b ON a._id = b._id"
        )
    };
    format!(
        "WITH n AS ({new}), o AS ({old}) SELECT * EXCLUDE (_id), {} AS \"metadata$row_id\" FROM ({} UNION ALL {}) AS y",
        row_id(store),
        side("n", "INSERT", "o"),
        side("o", "DELETE", "n")
    )
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

/// Whether a stream has rows to read. May say yes for changes that cancel out, never no for ones that do not.
///
/// # Errors
/// DuckDB's.
pub fn has_data(cx: &mut Cx<'_>, stream: i64, table: &Table, append_only: bool) -> SfResult<bool> {
    let (v0, v1) = window(cx, stream, table.store)?;
    if v0 >= v1 {
        return Ok(false);
    }
    let sql = if append_only { self::append_only(table, v0, v1) } else { standard(table, v0, v1) };
    Ok(cx.scalar(&format!("SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT 1)"))? > 0)
}
