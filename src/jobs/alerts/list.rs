//! The alerts as the table has them.

use super::super::deploy::Manifest;
use super::super::ports::Warehouse;
use super::super::{Context, JobError};
use crate::domain::{Alert, QueryOutcome};

/// At most so many, the latest.
const MOST: u32 = 500;

/// The latest alerts, newest first. A pipeline that keeps none, or is not deployed yet, has none.
///
/// # Errors
/// The server's refusal, [`JobError::Cancelled`].
pub async fn list(ctx: &Context, session: &dyn Warehouse, manifest: &Manifest) -> Result<Vec<Alert>, JobError> {
    let Some(table) = manifest.alerts.as_deref() else { return Ok(Vec::new()) };
    let ms = |column: &str| format!("DATE_PART(EPOCH_MILLISECOND, {column}_AT) AS {column}_MS");
    let sql = format!(
        "SELECT CAUSE_KEY, KIND, SEVERITY, TEXT, ACKNOWLEDGED_BY, {}, {}, {}, {}, \
         DATE_PART(EPOCH_MILLISECOND, SILENCED_UNTIL) AS SILENCED_MS \
         FROM {} ORDER BY RAISED_AT DESC, CAUSE_KEY LIMIT {MOST}",
        ms("RAISED"),
        ms("ACKNOWLEDGED"),
        ms("CLAIMED"),
        ms("DELIVERED"),
        manifest.qualified(table)
    );
    let answer = session.query(&sql, None, &ctx.cancel).await;
    if ctx.cancel.is_cancelled() {
        return Err(JobError::Cancelled);
    }
    match answer {
        Err(error) if error.is_missing() => Ok(Vec::new()),
        answer => Ok(alerts(&answer?)),
    }
}

fn alerts(answer: &QueryOutcome) -> Vec<Alert> {
    let alert = |row: usize| {
        let text = |name: &str| answer.cell(row, name).map(str::to_owned);
        let number = |name: &str| answer.cell(row, name).and_then(|n| n.parse().ok());
        Alert {
            cause: text("CAUSE_KEY").unwrap_or_default(),
            kind: text("KIND").unwrap_or_default(),
            severity: text("SEVERITY").unwrap_or_default(),
            text: text("TEXT").unwrap_or_default(),
            raised_ms: number("RAISED_MS").unwrap_or(0),
            acknowledged_ms: number("ACKNOWLEDGED_MS"),
            acknowledged_by: text("ACKNOWLEDGED_BY"),
            silenced_until_ms: number("SILENCED_MS"),
            claimed_ms: number("CLAIMED_MS"),
            delivered_ms: number("DELIVERED_MS"),
        }
    };
    (0..answer.rows.len()).map(alert).collect()
}
