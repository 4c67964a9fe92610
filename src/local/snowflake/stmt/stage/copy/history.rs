//! The load history: what a table has loaded already, and what this COPY adds.

use super::plan::Plan;
use super::report::{FileResult, Status};
use crate::local::snowflake::bind::quote_text;
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;
use duckdb::params;
use std::collections::HashSet;

/// How long a table remembers its files, in days.
const DAYS: i64 = 64;

/// Files (as results show them) with the entity tags that the table has loaded and still remembers.
///
/// # Errors
/// DuckDB's.
pub fn loaded(cx: &Cx<'_>, plan: &Plan) -> SfResult<HashSet<(String, String)>> {
    let since = cx.q.now_us - DAYS * 86_400_000_000;
    let mut statement = cx.s.conn.prepare(
        "SELECT stage_location || file, etag FROM sd.load_history WHERE table_id = ? AND status IN ('LOADED', 'PARTIALLY_LOADED') \
         AND loaded_at >= make_timestamp(?)",
    )?;
    let rows = statement.query_map(params![plan.target.object.id, since], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?.unwrap_or_default()))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes what became of the files, inside the transaction.
///
/// # Errors
/// DuckDB's.
pub fn note(cx: &mut Cx<'_>, plan: &Plan, results: &[FileResult]) -> SfResult<()> {
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
                "({}, {}, NULL, {}, {}, {}, {}, make_timestamp({now}), '{}', {}, {}, {}, {}, {}, {}, {}, {}, {query})",
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
            )
        })
        .collect();
    for part in lines.chunks(500) {
        cx.run(&format!("INSERT INTO sd.load_history VALUES {}", part.join(", ")))?;
    }
    Ok(())
}
