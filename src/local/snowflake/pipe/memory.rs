//! What each pipe remembers of its files: `sd.pipe_file`, rows that are only ever added.

use super::super::bind::quote_text;
use super::super::catalog::Catalog;
use super::super::error::SfResult;
use duckdb::{Connection, params};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

/// How long a pipe remembers a file by its path and name, in days.
pub const DAYS: i64 = 14;
/// How long rows are kept at all.
const KEPT_DAYS: i64 = 64;
/// A day in microseconds.
pub const DAY_US: i64 = 86_400_000_000;

/// What became of a file, as a row of the memory.
pub struct Row<'a> {
    /// The pipe's object id.
    pub pipe: i64,
    /// The file's key in the object store.
    pub key: &'a str,
    /// Entity tag of what was read.
    pub etag: &'a str,
    /// Bytes.
    pub size: u64,
    /// Rows that were loaded.
    pub loaded: u64,
    /// `SENT`, or the COPY result's status.
    pub state: &'a str,
    /// When the pipe heard of it, epoch microseconds.
    pub received_us: i64,
    /// Epoch microseconds.
    pub at_us: i64,
}

/// DuckDB SQL that adds rows; `None` for none.
#[must_use]
pub fn insert(rows: &[Row<'_>]) -> Option<String> {
    let mut sql = String::from("INSERT INTO sd.pipe_file VALUES ");
    for (i, r) in rows.iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        let _ = write!(
            sql,
            "{comma}({}, {}, {}, {}, {}, '{}', make_timestamp({}), make_timestamp({}))",
            r.pipe,
            quote_text(r.key),
            quote_text(r.etag),
            r.size,
            r.loaded,
            r.state,
            r.received_us,
            r.at_us
        );
    }
    (!rows.is_empty()).then_some(sql)
}

/// Which of these files the pipe has loaded and still remembers, by key alone: new content under an old name is not loaded.
///
/// # Errors
/// DuckDB's.
pub fn loaded(conn: &Connection, pipe: i64, keys: &[&str], now_us: i64) -> SfResult<HashSet<String>> {
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let list = keys.iter().map(|k| quote_text(k)).collect::<Vec<_>>().join(", ");
    let mut statement = conn.prepare(&format!(
        "SELECT key FROM sd.pipe_file WHERE pipe = ? AND \"at\" >= make_timestamp(?) \
         AND state IN ('LOADED', 'PARTIALLY_LOADED') AND key IN ({list})"
    ))?;
    let rows = statement.query_map(params![pipe, now_us - DAYS * DAY_US], |r| r.get::<_, String>(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What a pipe remembers of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// It was loaded, so lately that its name counts.
    pub loaded: bool,
    /// Entity tags of all contents that were loaded or failed, for as long as rows are kept.
    pub tags: Vec<String>,
}

/// Everything that the pipe remembers, by key.
///
/// # Errors
/// DuckDB's.
pub fn all(conn: &Connection, pipe: i64, now_us: i64) -> SfResult<HashMap<String, Known>> {
    let mut statement = conn.prepare(
        "SELECT key, etag, state <> 'LOAD_FAILED' AND \"at\" >= make_timestamp(?) FROM sd.pipe_file \
         WHERE pipe = ? AND state <> 'SENT'",
    )?;
    let rows = statement.query_map(params![now_us - DAYS * DAY_US, pipe], |r| {
        Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?, r.get::<_, bool>(2)?))
    })?;
    let mut out: HashMap<String, Known> = HashMap::new();
    for row in rows {
        let (key, etag, loaded) = row?;
        let known = out.entry(key).or_default();
        known.loaded |= loaded;
        known.tags.push(etag);
    }
    Ok(out)
}

/// Files that REFRESH has sent and that have had no outcome since: key, when it was sent (epoch microseconds), size.
///
/// # Errors
/// DuckDB's.
pub fn sent(conn: &Connection, pipe: i64) -> SfResult<Vec<(String, i64, u64)>> {
    let mut statement = conn.prepare(
        "SELECT key, max(epoch_us(received_at)), max(size) FROM sd.pipe_file AS s WHERE pipe = ? AND state = 'SENT' \
         AND NOT EXISTS (SELECT 1 FROM sd.pipe_file AS o WHERE o.pipe = s.pipe AND o.key = s.key AND o.state <> 'SENT' \
         AND o.\"at\" >= s.\"at\") GROUP BY key ORDER BY key",
    )?;
    let rows =
        statement.query_map(params![pipe], |r| Ok((r.get(0)?, r.get(1)?, r.get::<_, i64>(2)?.unsigned_abs())))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The file that was loaded last: key and when, epoch microseconds.
///
/// # Errors
/// DuckDB's.
pub fn last(conn: &Connection, pipe: i64) -> SfResult<Option<(String, i64)>> {
    let row = conn.query_row(
        "SELECT key, epoch_us(\"at\") FROM sd.pipe_file WHERE pipe = ? AND state IN ('LOADED', 'PARTIALLY_LOADED') \
         ORDER BY \"at\" DESC, key DESC LIMIT 1",
        params![pipe],
        |r| Ok((r.get(0)?, r.get(1)?)),
    );
    match row {
        Ok(found) => Ok(Some(found)),
        Err(duckdb::Error::QueryReturnedNoRows) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Forgets pipes that are gone and what is too old for anybody to ask.
///
/// # Errors
/// DuckDB's.
pub fn purge(conn: &Connection, catalog: &Catalog, now_ms: i64) -> SfResult<()> {
    let known: Vec<i64> = {
        let mut statement = conn.prepare("SELECT DISTINCT pipe FROM sd.pipe_file")?;
        let rows = statement.query_map([], |r| r.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    for pipe in known.into_iter().filter(|id| catalog.by_id(*id).is_none()) {
        conn.execute("DELETE FROM sd.pipe_file WHERE pipe = ?", params![pipe])?;
    }
    let old = now_ms.saturating_mul(1000) - KEPT_DAYS * DAY_US;
    conn.execute("DELETE FROM sd.pipe_file WHERE \"at\" < make_timestamp(?)", params![old])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(key: &'a str, etag: &'a str, state: &'a str, at_us: i64) -> Row<'a> {
        Row { pipe: 7, key, etag, size: 3, loaded: 1, state, received_us: at_us, at_us }
    }

    #[test]
    fn files_are_remembered_by_name_for_two_weeks() {
        let conn = Connection::open_in_memory().unwrap();
        crate::local::snowflake::catalog::create_tables(&conn).unwrap();
        let now = 100 * DAY_US;
        let rows = [
            row("new", "a", "LOADED", now - DAY_US),
            row("old", "a", "LOADED", now - 15 * DAY_US),
            row("bad", "x", "LOAD_FAILED", now - DAY_US),
            row("asked", "", "SENT", now - 2 * DAY_US),
            row("bad", "", "SENT", now),
            row("new", "", "SENT", now - 2 * DAY_US),
        ];
        conn.execute_batch(&insert(&rows).unwrap()).unwrap();
        assert_eq!(loaded(&conn, 7, &["new", "old", "bad"], now).unwrap(), HashSet::from(["new".to_owned()]));
        let known = all(&conn, 7, now).unwrap();
        assert!(known["new"].loaded && !known["bad"].loaded && !known["old"].loaded, "{known:?}");
        assert_eq!((&known["bad"].tags[..], &known["old"].tags[..]), (&["x".to_owned()][..], &["a".to_owned()][..]));
        let keys: Vec<String> = sent(&conn, 7).unwrap().into_iter().map(|s| s.0).collect();
        assert_eq!(keys, ["asked", "bad"], "what had its outcome later is done");
        assert_eq!(last(&conn, 7).unwrap(), Some(("new".into(), now - DAY_US)));
        assert_eq!(last(&conn, 8).unwrap(), None);
        purge(&conn, &Catalog::default(), now / 1000).unwrap();
        assert!(all(&conn, 7, now).unwrap().is_empty(), "no such pipe any more");
    }
}
