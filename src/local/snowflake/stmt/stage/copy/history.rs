//! The load history: what a table has loaded already, and what this COPY adds.

use super::plan::Plan;
use super::report::{FileResult, Status};
use super::run::PipeBatch;
use crate::local::snowflake::bind::quote_text;
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::pipe::memory;
use crate::local::snowflake::session::Cx;
use duckdb::params;
use std::collections::HashSet;

/// How long a table remembers its files, in days.
const DAYS: i64 = 64;

/// Files (as results show them) with the entity tags that COPY has loaded into the table and that it still remembers. What
/// pipes have loaded is theirs to remember: COPY loads it again, as in Snowflake.
///
/// # Errors
/// DuckDB's.
pub fn loaded(cx: &Cx<'_>, plan: &Plan) -> SfResult<HashSet<(String, String)>> {
    let since = cx.q.now_us - DAYS * 86_400_000_000;
    let mut statement = cx.s.conn.prepare(
        "SELECT stage_location || file, etag FROM sd.load_history WHERE table_id = ? AND pipe_id IS NULL \
         AND status IN ('LOADED', 'PARTIALLY_LOADED') \
         AND loaded_at >= make_timestamp(?)",
    )?;
    let rows = statement.query_map(params![plan.target.object.id, since], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?.unwrap_or_default()))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Files (as results show them) with entity tags that the table has loaded in part.
///
/// # Errors
/// DuckDB's.
pub fn partly(cx: &Cx<'_>, plan: &Plan) -> SfResult<HashSet<(String, String)>> {
    files(cx, "table_id = ? AND pipe_id IS NULL AND status = 'PARTIALLY_LOADED'", &plan.target.object.id)
}

/// Files (as results show them) with entity tags in which a COPY met errors.
///
/// # Errors
/// DuckDB's.
pub fn failed_in(cx: &Cx<'_>, query: &str) -> SfResult<HashSet<(String, String)>> {
    files(cx, "query_id = ? AND errors_seen > 0", &query)
}

fn files(cx: &Cx<'_>, filter: &str, value: &dyn duckdb::ToSql) -> SfResult<HashSet<(String, String)>> {
    let sql = format!("SELECT stage_location || file, coalesce(etag, '') FROM sd.load_history WHERE {filter}");
    let mut statement = cx.s.conn.prepare(&sql)?;
    let rows = statement.query_map([value], |r| Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When the table was first loaded, epoch microseconds.
///
/// # Errors
/// DuckDB's.
pub fn first_load_us(cx: &Cx<'_>, plan: &Plan) -> SfResult<Option<i64>> {
    Ok(cx.s.conn.query_row(
        "SELECT epoch_us(min(loaded_at)) FROM sd.load_history WHERE table_id = ? AND pipe_id IS NULL",
        params![plan.target.object.id],
        |r| r.get(0),
    )?)
}

/// Whether nobody can tell any more if a file was loaded: it is older than the history, and so is the table's first load.
#[must_use]
pub fn is_uncertain(modified_ms: i64, first_load_us: Option<i64>, now_us: i64) -> bool {
    let since = now_us - DAYS * 86_400_000_000;
    modified_ms.saturating_mul(1000) < since && first_load_us.is_some_and(|first| first < since)
}

/// A COPY that has run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its query id.
    pub id: String,
    /// Where it ran.
    pub database: Option<String>,
    /// Where it ran.
    pub schema: Option<String>,
    /// Its text.
    pub text: String,
}

/// Notes a COPY statement, so that VALIDATE can look at it again.
///
/// # Errors
/// DuckDB's.
pub fn note_job(cx: &mut Cx<'_>, plan: &Plan) -> SfResult<()> {
    let text = |t: Option<&str>| t.map_or_else(|| "NULL".to_owned(), quote_text);
    let sql = format!(
        "INSERT INTO sd.copy_job VALUES ({}, {}, {}, {}, {}, make_timestamp({}))",
        quote_text(&cx.q.id),
        plan.target.object.id,
        text(cx.s.database.as_deref()),
        text(cx.s.schema.as_deref()),
        quote_text(&cx.q.text),
        cx.q.now_us
    );
    cx.run(&sql).map(drop)
}

/// The first of these statements that was a COPY into the table.
///
/// # Errors
/// DuckDB's.
pub fn job(cx: &Cx<'_>, ids: &[String], table: i64) -> SfResult<Option<Job>> {
    let mut statement =
        cx.s.conn
            .prepare("SELECT query_id, database, schema, text FROM sd.copy_job WHERE query_id = ? AND table_id = ?")?;
    for id in ids {
        let found = statement.query_row(params![id, table], |r| {
            Ok(Job { id: r.get(0)?, database: r.get(1)?, schema: r.get(2)?, text: r.get(3)? })
        });
        match found {
            Ok(job) => return Ok(Some(job)),
            Err(duckdb::Error::QueryReturnedNoRows) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(None)
}

/// Notes what became of the files, inside the transaction: in the table's history, and in the memory of the pipe that loads.
///
/// # Errors
/// DuckDB's.
pub fn note(cx: &mut Cx<'_>, plan: &Plan, results: &[FileResult], batch: Option<&PipeBatch>) -> SfResult<()> {
    let pipe = batch.map_or_else(|| "NULL".to_owned(), |b| b.pipe.to_string());
    let received = |key: &str| {
        let us = batch.and_then(|b| b.received_us(key));
        us.map_or_else(|| "NULL".to_owned(), |us| format!("make_timestamp({us})"))
    };
    let text = |t: Option<&str>| t.map_or_else(|| "NULL".to_owned(), quote_text);
    let number = |n: Option<u64>| n.map_or_else(|| "NULL".to_owned(), |n| n.to_string());
    let location = &plan.location.url;
    let query = quote_text(&cx.q.id);
    let now = cx.engine.now_us();
    let lines: Vec<String> = results
        .iter()
        .filter(|r| r.status != Status::Skipped)
        .map(|r| {
            let e = r.first.as_ref();
            format!(
                "({}, {}, {pipe}, {}, {}, {}, {}, make_timestamp({now}), '{}', {}, {}, {}, {}, {}, {}, {}, {}, {query}, {})",
                plan.target.store(),
                plan.target.object.id,
                quote_text(r.file.shown.strip_prefix(location).unwrap_or(&r.file.shown)),
                quote_text(location),
                quote_text(&r.etag),
                r.file.size,
                r.status.text(),
                r.parsed,
                r.loaded,
                r.errors,
                number(r.limit),
                text(e.map(|e| e.message.as_str())),
                number(e.map(|e| e.line)),
                number(e.map(|e| e.character)),
                text(r.column.as_deref()),
                received(&r.file.key),
            )
        })
        .collect();
    for part in lines.chunks(500) {
        cx.run(&format!("INSERT INTO sd.load_history VALUES {}", part.join(", ")))?;
    }
    let Some(batch) = batch else { return Ok(()) };
    let rows: Vec<memory::Row<'_>> = results
        .iter()
        .filter(|r| r.status != Status::Skipped)
        .map(|r| memory::Row {
            pipe: batch.pipe,
            key: &r.file.key,
            etag: &r.etag,
            size: r.file.size,
            loaded: r.loaded,
            state: r.status.text(),
            received_us: batch.received_us(&r.file.key).unwrap_or(now),
            at_us: now,
        })
        .collect();
    if let Some(sql) = memory::insert(&rows) {
        cx.run(&sql)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_uncertain;

    #[test]
    fn old_files_of_old_tables_are_uncertain() {
        let day = 86_400_000_i64;
        let now_us = 100 * day * 1000;
        assert!(is_uncertain(35 * day, Some(35 * day * 1000), now_us));
        assert!(!is_uncertain(37 * day, Some(35 * day * 1000), now_us), "the file is young enough");
        assert!(!is_uncertain(35 * day, Some(37 * day * 1000), now_us), "the history knows all loads");
        assert!(!is_uncertain(35 * day, None, now_us), "nothing was ever loaded");
    }
}
