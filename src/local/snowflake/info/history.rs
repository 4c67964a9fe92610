//! LOAD_HISTORY and QUERY_HISTORY.

use super::rows::{Cell, fields, filled, micros, number, text};
use super::{Ask, Rows};
use crate::local::snowflake::access::has_privilege;
use crate::local::snowflake::answer::kind;
use crate::local::snowflake::catalog::{Kind, Object};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::history::{Entry, QueryHistory};
use crate::local::snowflake::resolve::Scope;
use crate::local::snowflake::session::Cx;
use chrono::NaiveDateTime;
use duckdb::params;

/// Most rows that QUERY_HISTORY gives.
const MOST: usize = 10_000;
/// How many it gives unless asked.
const USUAL: usize = 100;

/// LOAD_HISTORY: files that COPY has loaded into the database's tables.
pub fn load_history(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "SCHEMA_NAME",
        "FILE_NAME",
        "TABLE_NAME",
        "LAST_LOAD_TIME:t",
        "STATUS",
        "ROW_COUNT:n",
        "ROW_PARSED:n",
        "FIRST_ERROR_MESSAGE",
        "FIRST_ERROR_LINE_NUMBER:n",
        "FIRST_ERROR_CHARACTER_POSITION:n",
        "FIRST_ERROR_COL_NAME",
        "ERROR_COUNT:n",
        "ERROR_LIMIT:n",
    ];
    if ask.columns_only {
        return Ok((fields(&names), Vec::new()));
    }
    let tables = super::rows::objects(cx, ask.database, Kind::Table);
    let mut statement = cx.s.conn.prepare(
        "SELECT stage_location || file, strftime(loaded_at, '%Y-%m-%d %H:%M:%S.%f'), status, rows_loaded::VARCHAR, \
         rows_parsed::VARCHAR, first_error, first_error_line::VARCHAR, first_error_character::VARCHAR, \
         first_error_column, errors_seen::VARCHAR, error_limit::VARCHAR \
         FROM sd.load_history WHERE table_id = ? AND pipe_id IS NULL ORDER BY loaded_at, file",
    )?;
    let mut rows = Vec::new();
    for o in &tables {
        let found = statement.query_map(params![o.id], |r| {
            (0..11).map(|i| r.get::<_, Option<String>>(i)).collect::<Result<Vec<_>, _>>()
        })?;
        for cells in found {
            let cells = cells?;
            let mut row = vec![text(&o.name[1]), cells[0].clone(), text(&o.name[2])];
            row.extend(cells[1..].iter().cloned());
            rows.push(row);
        }
    }
    Ok((fields(&names), rows))
}

const QUERY: &[&str] = &[
    "QUERY_ID",
    "QUERY_TEXT",
    "DATABASE_NAME",
    "SCHEMA_NAME",
    "QUERY_TYPE",
    "SESSION_ID:n",
    "AUTHN_EVENT_ID:n",
    "USER_NAME",
    "USER_TYPE",
    "USER_DATABASE_NAME",
    "USER_SCHEMA_NAME",
    "ROLE_NAME",
    "WAREHOUSE_NAME",
    "WAREHOUSE_SIZE",
    "WAREHOUSE_TYPE",
    "CLUSTER_NUMBER:n",
    "QUERY_TAG",
    "EXECUTION_STATUS",
    "ERROR_CODE",
    "ERROR_MESSAGE",
    "START_TIME:t",
    "END_TIME:t",
    "TOTAL_ELAPSED_TIME:n",
    "BYTES_SCANNED:n",
    "ROWS_PRODUCED:n",
    "COMPILATION_TIME:n",
    "EXECUTION_TIME:n",
    "QUEUED_PROVISIONING_TIME:n",
    "QUEUED_REPAIR_TIME:n",
    "QUEUED_OVERLOAD_TIME:n",
    "TRANSACTION_BLOCKED_TIME:n",
];

/// What lets a role see the statements of a warehouse or a task that it does not own.
const WATCHING: [&str; 2] = ["MONITOR", "OPERATE"];

/// Whether the session may see an entry: the user's own statements, those of warehouses and of tasks that one of its roles owns,
/// monitors or operates, every task's with MONITOR EXECUTION, and everybody's with MONITOR USAGE or MANAGE GRANTS.
fn visible(s: &Scope<'_>, user: &str, e: &Entry) -> bool {
    let watches = |o: &Object| WATCHING.iter().any(|p| has_privilege(s.catalog, s.roles, o, p));
    let warehouse = || e.warehouse.as_ref().and_then(|w| s.catalog.get(Kind::Warehouse, &[w]));
    let task = || e.task.and_then(|id| s.catalog.by_id(id));
    e.user == user
        || s.account_privilege("MONITOR USAGE")
        || s.account_privilege("MANAGE GRANTS")
        || warehouse().is_some_and(|o| watches(o))
        || task().is_some_and(|o| watches(o) || s.account_privilege("MONITOR EXECUTION"))
}

/// QUERY_HISTORY and its forms: what the session may see.
pub fn query_history(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let limit = match ask.arg("RESULT_LIMIT", 4) {
        Some(n) => n.parse::<usize>().ok().filter(|n| (1..=MOST).contains(n)).ok_or_else(|| {
            SfError::compile("001008", "22023", format!("invalid value [{n}] for parameter 'RESULT_LIMIT'"))
        })?,
        None => USUAL,
    };
    let from = bound(ask.arg("END_TIME_RANGE_START", 90))?;
    let until = bound(ask.arg("END_TIME_RANGE_END", 91))?;
    let session = ask.arg("SESSION_ID", 92).and_then(|s| s.parse::<u64>().ok());
    let user = ask.arg("USER_NAME", 93);
    let warehouse = ask.arg("WAREHOUSE_NAME", 94);
    let mut entries = cx.engine.history.entries();
    entries.extend(QueryHistory::running(cx.engine, &cx.q.id));
    cx.in_scope("SELECT", |s| entries.retain(|e| visible(s, &cx.s.user, e)));
    let rows = entries
        .into_iter()
        .rev()
        .filter(|e| from.is_none_or(|t| e.ended_us >= t) && until.is_none_or(|t| e.ended_us <= t))
        .filter(|e| session.is_none_or(|s| e.session == s))
        .filter(|e| user.is_none_or(|u| e.user.eq_ignore_ascii_case(u)))
        .filter(|e| warehouse.is_none_or(|w| e.warehouse.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(w))))
        .take(limit)
        .map(|e| row(&e))
        .collect();
    Ok((fields(QUERY), rows))
}

/// A time argument, printed by the engine in UTC.
pub fn bound(text: Option<&str>) -> SfResult<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    if let Ok(t) = chrono::DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f %z") {
        return Ok(Some(t.timestamp_micros()));
    }
    let plain = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f");
    plain
        .map(|t| Some(t.and_utc().timestamp_micros()))
        .map_err(|_| SfError::new("100035", "22007", format!("Timestamp '{text}' is not recognized")))
}

fn row(e: &Entry) -> Vec<Cell> {
    let elapsed = (e.ended_us - e.started_us) / 1000;
    let failed = e.error.as_ref();
    vec![
        text(&e.id),
        text(&e.text),
        e.database.clone(),
        e.schema.clone(),
        text(query_type(e)),
        number(e.session),
        None,
        text(&e.user),
        text("PERSON"),
        None,
        None,
        text(&e.role),
        e.warehouse.clone(),
        None,
        e.warehouse.as_ref().and_then(|_| text("STANDARD")),
        None,
        filled(&e.tag),
        text(match failed {
            _ if e.running => "RUNNING",
            Some(_) => "FAILED_WITH_ERROR",
            None => "SUCCESS",
        }),
        failed.map(|f| f.0.clone()),
        failed.map(|f| f.1.clone()),
        micros(e.started_us),
        if e.running { None } else { micros(e.ended_us) },
        number(elapsed),
        None,
        number(e.rows),
        None,
        number(elapsed),
        number(0),
        number(0),
        number(0),
        number(0),
    ]
}

/// What kind of statement it was; DDL is named by its words.
fn query_type(e: &Entry) -> String {
    match e.kind {
        kind::SELECT => "SELECT".into(),
        kind::INSERT => "INSERT".into(),
        kind::UPDATE => "UPDATE".into(),
        kind::DELETE => "DELETE".into(),
        kind::MERGE => "MERGE".into(),
        kind::MULTI_INSERT => "MULTI_TABLE_INSERT".into(),
        kind::COPY => "COPY".into(),
        kind::CALL => "CALL".into(),
        _ if e.running => e.text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase(),
        _ => {
            let words = e.text.split_whitespace().filter(|w| !w.starts_with("--"));
            let skip = ["OR", "REPLACE", "TEMPORARY", "TEMP", "TRANSIENT", "SECURE"];
            let kept = words.map(str::to_ascii_uppercase).filter(|w| !skip.contains(&w.as_str()));
            let kept: Vec<String> = kept.take(2).collect();
            // A query that failed has no kind.
            if let Some("SELECT" | "WITH" | "VALUES") = kept.first().map(String::as_str) {
                return "SELECT".into();
            }
            if let Some(word @ ("INSERT" | "UPDATE" | "DELETE" | "MERGE" | "COPY" | "CALL")) =
                kept.first().map(String::as_str)
            {
                return word.to_owned();
            }
            kept.join("_").trim_end_matches(';').to_owned()
        }
    }
}
