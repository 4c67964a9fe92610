//! Finding the bad records of files whose load has failed, or that are only to be validated.
//!
//! Each file is read on a connection of its own, every column's value tried record by record; nothing is written, and the
//! session's transaction is not touched.

use super::plan::{Filled, Plan};
use super::run::load_of;
use crate::local::snowflake::engine::Engine;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::{self, Batch, Load, OnBadRecord, RowError, StagedFile};
use duckdb::Connection;
use std::collections::{BTreeMap, HashSet};
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
    /// The first one.
    pub first: Option<BadRecord>,
    /// The file could not be read to its end.
    pub broken: bool,
}

/// Why a record is bad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRecord {
    /// The error.
    pub error: RowError,
    /// Its column, as `"T"["C":2]`.
    pub column: Option<String>,
    /// It could not be read, rather than not be converted.
    pub parsing: bool,
}

/// Surveys the files of one plan.
pub struct Surveyor<'a> {
    engine: &'a Engine,
    plan: &'a Plan,
    conn: Connection,
    now_us: i64,
    /// DuckDB SQL that gives the place of the first column whose value is bad, or NULL.
    which: String,
}

/// What a reading of a file found.
struct Reading {
    guard: load::LoadGuard,
    load: Arc<Load>,
    /// Records whose values are bad: number, line, place of the column.
    found: Vec<(u64, u64, usize)>,
    report: load::FileReport,
}

impl<'a> Surveyor<'a> {
    /// For a plan's files.
    ///
    /// # Errors
    /// DuckDB's.
    pub fn new(engine: &'a Engine, plan: &'a Plan, now_us: i64) -> SfResult<Self> {
        let conn = engine.connect()?;
        let guard = engine.loads.add(Arc::new(load_of(engine, plan, Vec::new(), now_us)?));
        let mut arms = String::new();
        for (i, column) in plan.filled.iter().enumerate() {
            if let Some(test) = test(&conn, guard.id, &plan.alias, column)? {
                arms.push_str(&format!(" WHEN {test} THEN {i}"));
            }
        }
        let which = if arms.is_empty() { "NULL".to_owned() } else { format!("CASE{arms} END") };
        Ok(Self { engine, plan, conn, now_us, which })
    }

    fn read(&self, file: &StagedFile, most: Option<u64>) -> SfResult<Reading> {
        let load = load_of(self.engine, self.plan, vec![file.clone()], self.now_us)?;
        let load = Arc::new(Load { on_bad: OnBadRecord::Note, ..load });
        let guard = self.engine.loads.add(load.clone());
        let (id, alias) = (guard.id, &self.plan.alias);
        let limit = most.map_or_else(String::new, |n| format!(" WHERE m_row <= {n}"));
        let sql = format!(
            "SELECT n, line, e FROM (SELECT {alias}.m_row AS n, {alias}.m_line AS line, CAST({} AS BIGINT) AS e \
             FROM (SELECT * FROM sf_stage({id}){limit}) AS {alias}) WHERE e IS NOT NULL ORDER BY n",
            self.which
        );
        let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
        let mut found = Vec::new();
        {
            let mut statement = self.conn.prepare(&sql)?;
            let rows =
                statement.query_map([], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?, r.get::<_, i64>(2)?)))?;
            for row in rows {
                let (n, line, e) = row?;
                found.push((unsigned(n), unsigned(line), usize::try_from(e).unwrap_or(0)));
            }
        }
        let mut report = load.reports.lock().first().cloned().unwrap_or_default();
        report.errors.retain(|e| most.is_none_or(|n| e.row <= n));
        report.errors.sort_by_key(|e| e.row);
        Ok(Reading { guard, load, found, report })
    }

    /// Surveys one file.
    ///
    /// # Errors
    /// What keeps the survey itself from running.
    pub fn survey(&self, file: &StagedFile) -> SfResult<Survey> {
        let mut r = self.read(file, None)?;
        let mut bad: HashSet<u64> = r.found.iter().map(|f| f.0).collect();
        bad.extend(r.report.errors.iter().map(|e| e.row));
        let broken = r.report.errors.iter().any(|e| e.fatal);
        // Only the first is explained.
        let read_first = match (r.found.first(), r.report.errors.first()) {
            (Some(f), Some(e)) => e.row <= f.0,
            (None, _) => true,
            (Some(_), None) => false,
        };
        let (etag, rows) = (r.report.etag.clone(), r.report.rows);
        if read_first {
            r.found.clear();
        } else {
            r.report.errors.clear();
        }
        r.found.truncate(1);
        r.report.errors.truncate(1);
        let first = self.explain(&r)?.into_iter().next();
        Ok(Survey { file: file.clone(), etag, rows, bad, first, broken })
    }

    /// Every bad record of a file (of its first `most` records), in order, and how many records were read.
    ///
    /// # Errors
    /// What keeps the survey itself from running.
    pub fn errors(&self, file: &StagedFile, most: Option<u64>) -> SfResult<(Vec<BadRecord>, u64)> {
        let r = self.read(file, most)?;
        Ok((self.explain(&r)?, r.report.rows))
    }

    /// Explains what was found, in the order of the records.
    fn explain(&self, r: &Reading) -> SfResult<Vec<BadRecord>> {
        let mut out: Vec<BadRecord> = Vec::new();
        if !r.found.is_empty() {
            let copy = self.copy_bad(r)?;
            let mut wanted = BTreeMap::new();
            for (row, line, column) in &r.found {
                let filled = self.plan.filled.get(*column);
                let filled = filled.ok_or_else(|| SfError::internal("no such column in the COPY"))?;
                let e = self.why(&copy, *row, filled);
                wanted.insert(*row, field_of(&filled.sql, &self.plan.alias));
                let error = RowError {
                    code: e.code,
                    state: e.state,
                    message: e.message,
                    row: *row,
                    line: *line,
                    character: 1,
                    field: Some(column + 1),
                    fatal: false,
                };
                out.push(BadRecord { error, column: Some(filled.shown.clone()), parsing: false });
            }
            self.conn.execute_batch(&format!("DROP TABLE {copy}"))?;
            let places = characters(&r.load, &wanted);
            for bad in &mut out {
                bad.error.character = places.get(&bad.error.row).copied().unwrap_or(1);
            }
        }
        for e in &r.report.errors {
            let column = e.field.and_then(|f| self.plan.filled.get(f - 1)).filter(|_| self.plan.exact.is_some());
            let column = column.or(self.plan.filled.first()).map(|c| c.shown.clone());
            out.push(BadRecord { error: e.clone(), column, parsing: true });
        }
        out.sort_by_key(|b| b.error.row);
        out.dedup_by_key(|b| b.error.row);
        Ok(out)
    }

    /// The bad records alone, so that explaining many does not read the file as often.
    fn copy_bad(&self, r: &Reading) -> SfResult<String> {
        let (copy, alias) = (format!("temp.bad{}", r.guard.id), &self.plan.alias);
        let rows: Vec<String> = r.found.iter().map(|f| f.0.to_string()).collect();
        self.conn.execute_batch(&format!(
            "CREATE TEMP TABLE bad{} AS SELECT {alias}.* FROM sf_stage({}) AS {alias} WHERE {alias}.m_row IN ({})",
            r.guard.id,
            r.guard.id,
            rows.join(", ")
        ))?;
        Ok(copy)
    }

    fn why(&self, copy: &str, row: u64, filled: &Filled) -> SfError {
        let sql =
            format!("SELECT ({}) IS NULL FROM {copy} AS {a} WHERE {a}.m_row = {row}", filled.sql, a = self.plan.alias);
        match self.conn.query_row(&sql, [], |r| r.get::<_, bool>(0)) {
            Ok(_) => SfError::execution("100072", "22000", "NULL result in a non-nullable column"),
            Err(e) => e.into(),
        }
    }
}

/// DuckDB SQL that says whether a record's value for a column is bad; `None` where that cannot be tried (a value that is
/// made anew at each look, such as a sequence's, is taken to be good).
fn test(conn: &Connection, id: i64, alias: &str, column: &Filled) -> SfResult<Option<String>> {
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

/// The field that an expression reads first, from 1.
fn field_of(sql: &str, alias: &str) -> usize {
    let start = format!("{alias}.f");
    sql.split(&start)
        .skip(1)
        .find_map(|t| t.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok())
        .unwrap_or(1)
}

/// Where fields (by record) start in their lines.
fn characters(load: &Load, wanted: &BTreeMap<u64, usize>) -> BTreeMap<u64, u64> {
    let mut out = BTreeMap::new();
    let Some(last) = wanted.keys().next_back() else { return out };
    let Ok((mut records, _)) = load::open(load, 0) else { return out };
    loop {
        let mut batch = Batch::default();
        match records.next(&mut batch) {
            Ok(false) => return out,
            Err(e) if e.fatal => return out,
            _ => {}
        }
        let row = records.row();
        if let Some(field) = wanted.get(&row) {
            out.insert(row, records.character(field.saturating_sub(1)));
        }
        if row >= *last {
            return out;
        }
    }
}
