//! What TASK_HISTORY tells of the pipeline's tasks.

use crate::domain::{QueryOutcome, SqlError, TaskRun, TaskState};
use crate::jobs::deploy::Manifest;
use crate::jobs::ports::Warehouse;
use tokio_util::sync::CancellationToken;

/// The latest runs of the pipeline's tasks, newest first. Runs that are only scheduled for later are left out.
///
/// # Errors
/// The server's refusal.
pub async fn history(
    session: &dyn Warehouse,
    manifest: &Manifest,
    limit: u32,
    cancel: &CancellationToken,
) -> Result<Vec<TaskRun>, SqlError> {
    let sql = select(manifest, limit, "QUERY_ID IS NOT NULL OR STATE <> 'SCHEDULED'");
    Ok(runs(&session.query(&sql, None, cancel).await?))
}

/// Every task of one run.
///
/// # Errors
/// The server's refusal.
pub async fn history_of(
    session: &dyn Warehouse,
    manifest: &Manifest,
    run_id: i64,
    cancel: &CancellationToken,
) -> Result<Vec<TaskRun>, SqlError> {
    let sql = select(manifest, 10_000, &format!("RUN_ID = {run_id}"));
    let mut found = runs(&session.query(&sql, None, cancel).await?);
    found.sort_by_key(|r| (r.started_ms.unwrap_or(i64::MAX), r.scheduled_ms));
    Ok(found)
}

/// TASK_HISTORY's own limit (at most 10 000) counts before the filter, so it is left at the maximum.
pub(super) fn select(manifest: &Manifest, limit: u32, condition: &str) -> String {
    let Manifest { database, tasks, .. } = manifest;
    format!(
        "SELECT NAME, STATE, RUN_ID, ATTEMPT_NUMBER, QUERY_ID, \
         DATE_PART(EPOCH_MILLISECOND, SCHEDULED_TIME) AS SCHEDULED_MS, \
         DATE_PART(EPOCH_MILLISECOND, QUERY_START_TIME) AS STARTED_MS, \
         DATE_PART(EPOCH_MILLISECOND, COMPLETED_TIME) AS COMPLETED_MS, \
         RETURN_VALUE, ERROR_CODE, ERROR_MESSAGE, SCHEDULED_FROM \
         FROM TABLE({database}.INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 10000)) \
         WHERE DATABASE_NAME = '{database}' AND SCHEMA_NAME = '{}' AND ({condition}) \
         ORDER BY SCHEDULED_TIME DESC, QUERY_START_TIME DESC LIMIT {limit}",
        tasks.schema
    )
}

pub(super) fn runs(answer: &QueryOutcome) -> Vec<TaskRun> {
    (0..answer.rows.len()).filter_map(|row| run(answer, row)).collect()
}

fn run(answer: &QueryOutcome, row: usize) -> Option<TaskRun> {
    let text = |name: &str| answer.cell(row, name).filter(|t| !t.is_empty()).map(str::to_owned);
    let number = |name: &str| answer.cell(row, name).and_then(whole);
    Some(TaskRun {
        name: text("NAME")?,
        state: TaskState::parse(answer.cell(row, "STATE")?)?,
        run_id: number("RUN_ID")?,
        attempt: number("ATTEMPT_NUMBER").and_then(|n| u32::try_from(n).ok()).unwrap_or(1),
        query_id: text("QUERY_ID"),
        scheduled_ms: number("SCHEDULED_MS"),
        started_ms: number("STARTED_MS"),
        completed_ms: number("COMPLETED_MS"),
        return_value: text("RETURN_VALUE"),
        error_code: text("ERROR_CODE"),
        error_message: text("ERROR_MESSAGE"),
    })
}

/// A whole number, also where the server prints zeros after the point.
fn whole(text: &str) -> Option<i64> {
    let (number, fraction) = text.split_once('.').unwrap_or((text, ""));
    fraction.bytes().all(|b| b == b'0').then(|| number.parse().ok()).flatten()
}
