//! ALERT_HISTORY.

use super::history::bound;
use super::rows::{Cell, fields, number, text, time};
use super::{Ask, Rows};
use crate::local::snowflake::catalog::{Kind, Object};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::scheduler::{AlertRun, Schedule};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::stmt::alert::{is_started, options_of, resumed_ms};
use std::sync::Arc;

const NAMES: &[&str] = &[
    "NAME",
    "DATABASE_NAME",
    "SCHEMA_NAME",
    "CONDITION",
    "CONDITION_QUERY_ID",
    "ACTION",
    "ACTION_QUERY_ID",
    "STATE",
    "SQL_ERROR_CODE:n",
    "SQL_ERROR_MESSAGE",
    "SCHEDULED_TIME:t",
    "COMPLETED_TIME:t",
    "SCHEDULED_FROM",
    "RUNBOOK",
    "WAS_AUTO_SUSPENDED",
    "CONFIG",
];
const DAY_MS: i64 = 86_400_000;

/// ALERT_HISTORY: runs of the last seven days and the next ones, the newest first.
pub fn alert_history(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let now = cx.engine.clock.now_ms();
    let start = bound(ask.arg("SCHEDULED_TIME_RANGE_START", 1))?.map_or(now - 7 * DAY_MS, |us| us / 1000);
    let end = bound(ask.arg("SCHEDULED_TIME_RANGE_END", 2))?.map_or(now + 8 * DAY_MS, |us| us / 1000);
    let most = limit(ask.arg("RESULT_LIMIT", 3))?;
    let name = ask.arg("ALERT_NAME", 4);
    let wanted = |full: &[String]| name.is_none_or(|n| full.get(2).is_some_and(|x| x.eq_ignore_ascii_case(n)));
    let alerts: Vec<Arc<Object>> =
        cx.in_scope("SELECT", |s| s.catalog.of_kind(Kind::Alert).filter(|o| s.sees(o)).cloned().collect());
    let mut rows: Vec<(i64, Vec<Cell>)> = Vec::new();
    for run in cx.engine.tasks.alerts.all() {
        if alerts.iter().any(|o| o.id == run.alert) && wanted(&run.name) {
            rows.push((run.scheduled_ms, row(&run)));
        }
    }
    for o in alerts.iter().filter(|o| wanted(&o.name)) {
        if let Some(at) = next(o, now) {
            rows.push((at, next_row(o, at)));
        }
    }
    rows.retain(|(at, _)| (start..=end).contains(at));
    rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok((fields(NAMES), rows.into_iter().take(most).map(|(_, row)| row).collect()))
}

/// RESULT_LIMIT: 100 unless given, at most 10 000.
pub fn limit(text: Option<&str>) -> SfResult<usize> {
    let Some(text) = text else { return Ok(100) };
    text.parse::<usize>().ok().filter(|n| (1..=10_000).contains(n)).ok_or_else(|| {
        SfError::compile("001008", "22023", format!("invalid value [{text}] for parameter 'RESULT_LIMIT'"))
    })
}

fn next(o: &Object, now: i64) -> Option<i64> {
    let options = options_of(o).filter(|o| is_started(o))?;
    let schedule = Schedule::parse(options.get("SCHEDULE")?).ok()?;
    schedule.next(now, resumed_ms(options).unwrap_or(now)).filter(|at| *at <= now + 8 * DAY_MS)
}

fn next_row(o: &Object, at: i64) -> Vec<Cell> {
    let options = options_of(o).cloned().unwrap_or_default();
    row(&AlertRun::new(o, &options, "SCHEDULE", at))
}

fn row(run: &AlertRun) -> Vec<Cell> {
    let (code, message) = run.error.clone().unzip();
    vec![
        run.name.get(2).cloned(),
        run.name.first().cloned(),
        run.name.get(1).cloned(),
        text(&run.condition),
        run.condition_query_id.clone(),
        text(&run.action),
        run.action_query_id.clone(),
        text(run.state.name()),
        code.and_then(|c| c.parse::<i64>().ok()).and_then(number),
        message,
        time(run.scheduled_ms),
        run.ended_ms.and_then(time),
        text(&run.from),
        run.runbook.clone(),
        text(run.auto_suspended.to_string()),
        run.config.clone(),
    ]
}
