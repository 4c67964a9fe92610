//! Finding the bad records of files whose load has failed.
//!
//! Each file is read once more on a connection of its own, every column's value tried record by record; nothing is
//! written, and the session's transaction is not touched.

use super::plan::Plan;
use super::run::load_of;
use crate::local::snowflake::engine::Engine;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::{self, Batch, Load, OnBadRecord, RowError, StagedFile};
use duckdb::Connection;
use std::collections::HashSet;
use std::sync::Arc;

/// A file's bad records.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The file.
    pub file: StagedFile,
    /// Entity tag of what was read.
    pub etag: String,
    /// Records in all.
    pub rows: u64,
    /// Numbers of the bad ones.
    pub bad: HashSet<u64>,
    /// The first one, with its column as `"T"["C":2]`.
    pub first: Option<(RowError, Option<String>)>,
    /// The file could not be read to its end.
    pub broken: bool,
}

/// DuckDB SQL that gives the place of the first column whose value is bad, or NULL.
///
/// # Errors
/// DuckDB's.
pub fn first_bad(engine: &Engine, conn: &Connection, plan: &Plan, now_us: i64) -> SfResult<String> {
    let guard = engine.loads.add(Arc::new(load_of(engine, plan, Vec::new(), now_us)?));
    let mut arms = String::new();
    for (i, column) in plan.filled.iter().enumerate() {
        if let Some(test) = test(conn, guard.id, &plan.alias, column)? {
            arms.push_str(&format!(" WHEN {test} THEN {i}"));
        }
    }
    Ok(if arms.is_empty() { "NULL".to_owned() } else { format!("CASE{arms} END") })
}

/// Surveys one file; `which` is what [`first_bad`] gave.
///
/// # Errors
/// What keeps the survey itself from running.
pub fn survey(
    engine: &Engine,
    conn: &Connection,
    plan: &Plan,
    which: &str,
    file: &StagedFile,
    now_us: i64,
) -> SfResult<Survey> {
    let load = Load { on_bad: OnBadRecord::Note, ..load_of(engine, plan, vec![file.clone()], now_us)? };
    let load = Arc::new(load);
    let guard = engine.loads.add(load.clone());
    let (id, alias) = (guard.id, &plan.alias);
    let sql = format!(
        "SELECT n, line, e FROM (SELECT {alias}.m_row AS n, {alias}.m_line AS line, CAST({which} AS BIGINT) AS e \
         FROM sf_stage({id}) AS {alias}) WHERE e IS NOT NULL"
    );
    let mut found: Vec<(i64, i64, i64)> = Vec::new();
    {
        let mut statement = conn.prepare(&sql)?;
        let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        for row in rows {
            found.push(row?);
        }
    }
    let report = load.reports.lock().first().cloned().unwrap_or_default();
    let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
    let mut bad: HashSet<u64> = found.iter().map(|f| unsigned(f.0)).collect();
    bad.extend(report.errors.iter().map(|e| e.row));
    let cast = found.iter().min_by_key(|f| f.0);
    let read = report.errors.iter().min_by_key(|e| e.row);
    let first = match (cast, read) {
        (None, None) => None,
        (Some(c), r) if r.is_none_or(|r| unsigned(c.0) < r.row) => {
            let (row, line, column) = (unsigned(c.0), unsigned(c.1), usize::try_from(c.2).unwrap_or(0));
            Some(explain(conn, plan, &load, id, row, line, column)?)
        }
        (_, Some(r)) => {
            let column = r.field.and_then(|f| plan.filled.get(f - 1)).filter(|_| plan.exact.is_some());
            Some((r.clone(), column.or(plan.filled.first()).map(|c| c.shown.clone())))
        }
        (Some(_), None) => None,
    };
    let broken = report.errors.iter().any(|e| e.fatal);
    Ok(Survey { file: file.clone(), etag: report.etag, rows: report.rows, bad, first, broken })
}

/// DuckDB SQL that says whether a record's value for a column is bad; `None` where that cannot be tried (a value that is
/// made anew at each look, such as a sequence's, is taken to be good).
fn test(conn: &Connection, id: i64, alias: &str, column: &super::plan::Filled) -> SfResult<Option<String>> {
    let tried = format!("TRY(({}) IS NULL)", column.sql);
    match conn.prepare(&format!("SELECT {tried} FROM sf_stage({id}) AS {alias}")) {
        Ok(_) => {}
        Err(e) if e.to_string().contains("TRY") => {
            return Ok((!column.nullable).then(|| format!("({}) IS NULL", column.sql)));
        }
        Err(e) => return Err(e.into()),
    }
    Ok(Some(if column.nullable { format!("{tried} IS NULL") } else { format!("{tried} IS NOT FALSE") }))
}

/// Why a record's value for a column is bad, and where it stands.
fn explain(
    conn: &Connection,
    plan: &Plan,
    load: &Load,
    id: i64,
    row: u64,
    line: u64,
    column: usize,
) -> SfResult<(RowError, Option<String>)> {
    let filled = plan.filled.get(column).ok_or_else(|| SfError::internal("no such column in the COPY"))?;
    let sql =
        format!("SELECT ({}) IS NULL FROM sf_stage({id}) AS {a} WHERE {a}.m_row = {row}", filled.sql, a = plan.alias);
    let met = conn.query_row(&sql, [], |r| r.get::<_, bool>(0));
    let e = match met {
        Ok(_) => SfError::execution("100072", "22000", "NULL result in a non-nullable column"),
        Err(e) => e.into(),
    };
    let error = RowError {
        code: e.code,
        state: e.state,
        message: e.message,
        row,
        line,
        character: character(load, row, &filled.sql, &plan.alias),
        field: Some(column + 1),
        fatal: false,
    };
    Ok((error, Some(filled.shown.clone())))
}

/// Where the field that an expression reads first starts in its line.
fn character(load: &Load, row: u64, sql: &str, alias: &str) -> u64 {
    let start = format!("{alias}.f");
    let field =
        sql.split(&start).skip(1).find_map(|t| t.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok());
    let Ok((mut records, _)) = load::open(load, 0) else { return 1 };
    loop {
        let mut batch = Batch::default();
        match records.next(&mut batch) {
            Ok(false) => return 1,
            Err(e) if e.fatal => return 1,
            _ if records.row() >= row => return records.character(field.unwrap_or(1).saturating_sub(1)),
            _ => {}
        }
    }
}
