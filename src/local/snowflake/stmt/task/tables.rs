//! Table functions of the information schema about tasks.

use super::super::super::answer::Field;
use super::super::super::catalog::{Kind, Object, quote_name};
use super::super::super::error::{SfError, SfResult};
use super::super::super::info::Rows;
use super::super::super::scheduler::{GraphRecord, Schedule, State, TaskRun};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::super::types::Ty;
use super::graph::{self, task_of};
use chrono::{DateTime, NaiveDateTime, Utc};
use std::sync::Arc;

const STAMP: Ty = Ty::Ltz { scale: 3 };
const DAY_MS: i64 = 86_400_000;

const HISTORY: &[(&str, Ty)] = &[
    ("QUERY_ID", Ty::TEXT),
    ("NAME", Ty::TEXT),
    ("DATABASE_NAME", Ty::TEXT),
    ("SCHEMA_NAME", Ty::TEXT),
    ("QUERY_TEXT", Ty::TEXT),
    ("CONDITION_TEXT", Ty::TEXT),
    ("STATE", Ty::TEXT),
    ("ERROR_CODE", Ty::TEXT),
    ("ERROR_MESSAGE", Ty::TEXT),
    ("SCHEDULED_TIME", STAMP),
    ("QUERY_START_TIME", STAMP),
    ("NEXT_SCHEDULED_TIME", STAMP),
    ("COMPLETED_TIME", STAMP),
    ("ROOT_TASK_ID", Ty::TEXT),
    ("GRAPH_VERSION", Ty::INT),
    ("RUN_ID", Ty::INT),
    ("RETURN_VALUE", Ty::TEXT),
    ("SCHEDULED_FROM", Ty::TEXT),
    ("ATTEMPT_NUMBER", Ty::INT),
    ("CONFIG", Ty::TEXT),
    ("QUERY_HASH", Ty::TEXT),
    ("QUERY_HASH_VERSION", Ty::INT),
    ("QUERY_PARAMETERIZED_HASH", Ty::TEXT),
    ("QUERY_PARAMETERIZED_HASH_VERSION", Ty::INT),
    ("GRAPH_RUN_GROUP_ID", Ty::INT),
    ("BACKFILL_INFO", Ty::Object),
    ("SPCS_JOB_ID", Ty::TEXT),
];
const GRAPHS: &[(&str, Ty)] = &[
    ("ROOT_TASK_NAME", Ty::TEXT),
    ("DATABASE_NAME", Ty::TEXT),
    ("SCHEMA_NAME", Ty::TEXT),
    ("STATE", Ty::TEXT),
    ("SCHEDULED_FROM", Ty::TEXT),
    ("FIRST_ERROR_TASK_NAME", Ty::TEXT),
    ("FIRST_ERROR_CODE", Ty::TEXT),
    ("FIRST_ERROR_MESSAGE", Ty::TEXT),
    ("SCHEDULED_TIME", STAMP),
    ("QUERY_START_TIME", STAMP),
    ("NEXT_SCHEDULED_TIME", STAMP),
    ("COMPLETED_TIME", STAMP),
    ("ROOT_TASK_ID", Ty::TEXT),
    ("GRAPH_VERSION", Ty::INT),
    ("RUN_ID", Ty::INT),
    ("ATTEMPT_NUMBER", Ty::INT),
    ("CONFIG", Ty::TEXT),
    ("GRAPH_RUN_GROUP_ID", Ty::INT),
    ("BACKFILL_INFO", Ty::Object),
];
const DEPENDENTS: &[(&str, Ty)] = &[
    ("CREATED_ON", STAMP),
    ("NAME", Ty::TEXT),
    ("DATABASE_NAME", Ty::TEXT),
    ("SCHEMA_NAME", Ty::TEXT),
    ("OWNER", Ty::TEXT),
    ("COMMENT", Ty::TEXT),
    ("WAREHOUSE", Ty::TEXT),
    ("SCHEDULE", Ty::TEXT),
    ("PREDECESSORS", Ty::Array),
    ("STATE", Ty::TEXT),
    ("DEFINITION", Ty::TEXT),
    ("CONDITION", Ty::TEXT),
];

/// Arguments by upper-case name, positional ones under `1`, `2` …
type Args<'a> = &'a [(String, String)];

/// TASK_HISTORY and its like; `None` where the name is not one.
///
/// # Errors
/// Wrong arguments; 002003 for an unknown task.
pub fn table_function(cx: &Cx<'_>, name: &str, args: Args<'_>) -> SfResult<Option<Rows>> {
    let (columns, rows) = match name {
        "TASK_HISTORY" => (HISTORY, history(cx, args)?),
        "COMPLETE_TASK_GRAPHS" => (GRAPHS, graphs(cx, args, false)?),
        "CURRENT_TASK_GRAPHS" => (GRAPHS, graphs(cx, args, true)?),
        "TASK_DEPENDENTS" => (DEPENDENTS, dependents(cx, args)?),
        _ => return Ok(None),
    };
    let mut fields: Vec<Field> = columns.iter().map(|(n, t)| Field::new(*n, *t)).collect();
    let mut rows = rows;
    if name == "CURRENT_TASK_GRAPHS"
        && let Some(at) = fields.iter().position(|f| f.name == "COMPLETED_TIME")
    {
        fields.remove(at);
        for row in &mut rows {
            row.remove(at);
        }
    }
    Ok(Some((fields, rows)))
}

fn arg<'a>(args: Args<'a>, name: &str, position: &str) -> Option<&'a str> {
    args.iter().find(|(k, _)| k == name || k == position).map(|(_, v)| v.as_str())
}

fn limit(args: Args<'_>, position: &str, default: usize) -> SfResult<usize> {
    let Some(text) = arg(args, "RESULT_LIMIT", position) else { return Ok(default) };
    text.parse::<usize>().ok().filter(|n| (1..=10_000).contains(n)).ok_or_else(|| {
        SfError::compile("001008", "22023", format!("invalid value [{text}] for parameter 'RESULT_LIMIT'"))
    })
}

/// A point in time as text, with or without an offset; without one it is UTC.
fn time(text: &str) -> SfResult<i64> {
    let text = text.trim();
    for format in ["%Y-%m-%d %H:%M:%S%.f %z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"] {
        if let Ok(t) = DateTime::parse_from_str(text, format) {
            return Ok(t.timestamp_millis());
        }
    }
    let date = format!("{text} 00:00:00");
    for (text, format) in [(text, "%Y-%m-%d %H:%M:%S%.f"), (text, "%Y-%m-%dT%H:%M:%S%.f"), (&date, "%Y-%m-%d %H:%M:%S")]
    {
        if let Ok(t) = NaiveDateTime::parse_from_str(text, format) {
            return Ok(t.and_utc().timestamp_millis());
        }
    }
    Err(SfError::new("100035", "22007", format!("Timestamp '{text}' is not recognized")))
}

fn stamp(ms: i64) -> Option<String> {
    DateTime::<Utc>::from_timestamp_millis(ms).map(|t| t.format("%Y-%m-%d %H:%M:%S%.3f").to_string())
}

/// Tasks that the session may watch: OWNERSHIP, MONITOR or OPERATE on them.
fn watched(cx: &Cx<'_>) -> Vec<Arc<Object>> {
    let catalog = cx.catalog();
    cx.in_scope("operation", |s| {
        let all =
            catalog.of_kind(Kind::Task).filter(|o| s.require_any(o, &["OWNERSHIP", "MONITOR", "OPERATE"]).is_ok());
        all.cloned().collect()
    })
}

/// Whether a run belongs to one of these tasks. A task that was made again under its name keeps its history, as long as its
/// schema is the same one.
fn tells_of(cx: &Cx<'_>, tasks: &[Arc<Object>], id: i64, name: &[String], scheduled_ms: i64) -> bool {
    let in_this_schema = || {
        let schema = cx.catalog().get(Kind::Schema, &name[..name.len().saturating_sub(1)]).map(|s| s.created_ms);
        schema.is_some_and(|created| created <= scheduled_ms)
    };
    tasks.iter().any(|t| t.id == id || (t.name == name && in_this_schema()))
}

fn history(cx: &Cx<'_>, args: Args<'_>) -> SfResult<Vec<Vec<Option<String>>>> {
    let now = cx.engine.clock.now_ms();
    let start = arg(args, "SCHEDULED_TIME_RANGE_START", "1").map(time).transpose()?.unwrap_or(now - 7 * DAY_MS);
    let end = arg(args, "SCHEDULED_TIME_RANGE_END", "2").map(time).transpose()?.unwrap_or(now + 8 * DAY_MS);
    let most = limit(args, "3", 100)?;
    let wanted = |key, position| arg(args, key, position).map(str::to_ascii_uppercase);
    let name = wanted("TASK_NAME", "4");
    let errors = wanted("ERROR_ONLY", "5").is_some_and(|v| v == "TRUE");
    let (database, schema) = (wanted("DATABASE_NAME", ""), wanted("SCHEMA_NAME", ""));
    let root = arg(args, "ROOT_TASK_ID", "6").map(str::to_ascii_lowercase);
    let tasks = watched(cx);
    let mut all: Vec<(i64, Vec<Option<String>>)> = Vec::new();
    for run in cx.engine.tasks.history.tasks() {
        let Some(graph) = cx.engine.tasks.history.graph(run.key) else { continue };
        let visible = tells_of(cx, &tasks, run.task, &run.name, run.scheduled_ms);
        let matches = visible
            && (start..=end).contains(&run.scheduled_ms)
            && (!errors || run.state.is_failure() || run.state == State::Cancelled)
            && root.as_ref().is_none_or(|r| *r == graph.root_uuid);
        if matches && named(&run.name, name.as_ref(), database.as_ref(), schema.as_ref()) {
            all.push((run.scheduled_ms, history_row(&run, &graph)));
        }
    }
    if !errors {
        for task in &tasks {
            let uuid = task_of(task).map(|t| t.uuid.clone());
            let fits = named(&task.name, name.as_ref(), database.as_ref(), schema.as_ref())
                && root.as_ref().is_none_or(|r| Some(r) == uuid.as_ref());
            if let Some(at) = next_time(task, now).filter(|at| fits && (start..=end).contains(at)) {
                all.push((at, next_row(task, at)));
            }
        }
    }
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(all.into_iter().take(most).map(|(_, row)| row).collect())
}

fn named(full: &[String], name: Option<&String>, database: Option<&String>, schema: Option<&String>) -> bool {
    let is = |part: usize, wanted: Option<&String>| {
        wanted.is_none_or(|w| full.get(part).is_some_and(|p| p.eq_ignore_ascii_case(w)))
    };
    is(2, name) && is(0, database) && is(1, schema)
}

/// When a started root is due next, within eight days.
fn next_time(task: &Object, now: i64) -> Option<i64> {
    let t = task_of(task).filter(|t| t.started)?;
    let schedule = Schedule::parse(t.schedule.as_deref()?).ok()?;
    schedule.next(now, t.resumed_ms.unwrap_or(now)).filter(|at| *at <= now + 8 * DAY_MS)
}

fn next_row(task: &Object, at: i64) -> Vec<Option<String>> {
    let t = task_of(task);
    let text = |s: &str| Some(s.to_owned());
    let mut row = vec![None; HISTORY.len()];
    let mut put = |name: &str, value: Option<String>| {
        if let Some(i) = HISTORY.iter().position(|(n, _)| *n == name) {
            row[i] = value;
        }
    };
    put("NAME", text(task.bare()));
    put("DATABASE_NAME", task.name.first().cloned());
    put("SCHEMA_NAME", task.name.get(1).cloned());
    put("QUERY_TEXT", t.map(|t| t.definition.clone()));
    put("CONDITION_TEXT", t.and_then(|t| t.condition.clone()));
    put("STATE", text("SCHEDULED"));
    put("SCHEDULED_TIME", stamp(at));
    put("ROOT_TASK_ID", t.map(|t| t.uuid.clone()));
    put("GRAPH_VERSION", t.map(|t| t.version.to_string()));
    put("RUN_ID", Some(at.to_string()));
    put("SCHEDULED_FROM", text("SCHEDULE"));
    put("ATTEMPT_NUMBER", text("1"));
    put("CONFIG", t.and_then(|t| t.config.clone()));
    put("GRAPH_RUN_GROUP_ID", Some(at.to_string()));
    row
}

fn history_row(run: &TaskRun, graph: &GraphRecord) -> Vec<Option<String>> {
    let (code, message) = run.error.clone().unzip();
    vec![
        run.query_id.clone(),
        run.name.get(2).cloned(),
        run.name.first().cloned(),
        run.name.get(1).cloned(),
        Some(run.definition.clone()),
        run.condition.clone(),
        Some(run.state.name().to_owned()),
        code,
        message,
        stamp(run.scheduled_ms),
        run.started_ms.and_then(stamp),
        graph.next_ms.filter(|_| run.task == run.key.root).and_then(stamp),
        run.ended_ms.and_then(stamp),
        Some(graph.root_uuid.clone()),
        Some(graph.version.to_string()),
        Some(run.key.run_id.to_string()),
        run.return_value.clone(),
        Some(graph.from.clone()),
        Some(run.key.attempt.to_string()),
        graph.config.clone(),
        None,
        None,
        None,
        None,
        Some(run.key.run_id.to_string()),
        None,
        None,
    ]
}

fn graphs(cx: &Cx<'_>, args: Args<'_>, current: bool) -> SfResult<Vec<Vec<Option<String>>>> {
    let now = cx.engine.clock.now_ms();
    let most = limit(args, "1", 1000)?;
    let name = arg(args, "ROOT_TASK_NAME", "2").map(str::to_ascii_uppercase);
    let errors = arg(args, "ERROR_ONLY", "3").is_some_and(|v| v.eq_ignore_ascii_case("TRUE"));
    let tasks = watched(cx);
    let mut rows: Vec<GraphRecord> = cx.engine.tasks.history.graphs();
    rows.retain(|g| {
        let timely = if current { g.state.is_open() } else { g.ended_ms.is_some_and(|e| now - e <= 3_600_000) };
        let kept = g.state != State::Skipped && (!errors || g.state.is_failure() || g.state == State::Cancelled);
        timely
            && kept
            && tells_of(cx, &tasks, g.key.root, &g.name, g.scheduled_ms)
            && name.as_ref().is_none_or(|n| g.name.get(2).is_some_and(|x| x.eq_ignore_ascii_case(n)))
    });
    rows.sort_by_key(|g| std::cmp::Reverse((g.scheduled_ms, g.key)));
    Ok(rows.iter().take(most).map(graph_row).collect())
}

fn graph_row(g: &GraphRecord) -> Vec<Option<String>> {
    let error = g.first_error.clone();
    vec![
        g.name.get(2).cloned(),
        g.name.first().cloned(),
        g.name.get(1).cloned(),
        Some(g.state.name().to_owned()),
        Some(g.from.clone()),
        error.as_ref().map(|e| e.0.clone()),
        error.as_ref().map(|e| e.1.clone()),
        error.map(|e| e.2),
        stamp(g.scheduled_ms),
        g.started_ms.and_then(stamp),
        g.next_ms.and_then(stamp),
        g.ended_ms.and_then(stamp),
        Some(g.root_uuid.clone()),
        Some(g.version.to_string()),
        Some(g.key.run_id.to_string()),
        Some(g.key.attempt.to_string()),
        g.config.clone(),
        Some(g.key.run_id.to_string()),
        None,
    ]
}

fn dependents(cx: &Cx<'_>, args: Args<'_>) -> SfResult<Vec<Vec<Option<String>>>> {
    let Some(text) = arg(args, "TASK_NAME", "1") else {
        return Err(SfError::compile(
            "000938",
            "22023",
            "not enough arguments for function [TASK_DEPENDENTS()], expected 1, got 0",
        ));
    };
    let name = Cursor::new(text)?.name()?;
    let task = cx.find(Kind::Task, &name)?;
    let catalog = cx.catalog();
    let recursive = arg(args, "RECURSIVE", "2").is_none_or(|v| v.eq_ignore_ascii_case("TRUE"));
    let mut all = vec![task.clone()];
    all.extend(if recursive { graph::descendants(&catalog, &task) } else { graph::children(&catalog, &task) });
    Ok(all.iter().map(|o| dependent_row(o)).collect())
}

fn dependent_row(o: &Object) -> Vec<Option<String>> {
    let t = task_of(o);
    let before: Vec<String> = t
        .iter()
        .flat_map(|t| &t.predecessors)
        .map(|p| quote_name(&[o.name[0].as_str(), o.name[1].as_str(), p]))
        .collect();
    vec![
        stamp(o.created_ms),
        Some(o.bare().to_owned()),
        o.name.first().cloned(),
        o.name.get(1).cloned(),
        Some(o.owner.clone()),
        Some(o.comment.clone()),
        t.and_then(|t| t.warehouse.clone()),
        t.and_then(|t| t.schedule.clone()),
        Some(serde_json::Value::from(before).to_string()),
        t.map(|t| if t.started { "started" } else { "suspended" }.to_owned()),
        t.map(|t| t.definition.clone()),
        t.and_then(|t| t.condition.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_with_and_without_an_offset() {
        assert_eq!(time("2024-01-01 01:00:00.000 +0100").unwrap(), time("2024-01-01").unwrap());
        assert_eq!(time("2024-01-01 00:00:00+00").unwrap(), time("2024-01-01 00:00:00.000").unwrap());
        assert!(time("yesterday").is_err());
    }
}
