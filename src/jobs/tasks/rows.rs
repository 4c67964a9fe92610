//! How many rows the tasks' statements touched.

use crate::domain::SqlError;
use crate::jobs::deploy::Manifest;
use crate::jobs::ports::Warehouse;
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// Rows that each statement produced, by query id. Statements that the history no longer holds are left out.
///
/// # Errors
/// The server's refusal.
pub async fn rows(
    session: &dyn Warehouse,
    manifest: &Manifest,
    query_ids: &[String],
    cancel: &CancellationToken,
) -> Result<BTreeMap<String, i64>, SqlError> {
    // Ids come from the server, but they go into a statement: nothing but what an id is made of.
    let is_id = |id: &&String| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let ids: Vec<String> = query_ids.iter().filter(is_id).map(|id| format!("'{id}'")).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = format!(
        "SELECT QUERY_ID, ROWS_PRODUCED \
         FROM TABLE({}.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE QUERY_ID IN ({})",
        manifest.database,
        ids.join(", ")
    );
    let answer = session.query(&sql, None, cancel).await?;
    let row = |i: usize| {
        Some((
            answer.cell(i, "QUERY_ID")?.to_owned(),
            answer.cell(i, "ROWS_PRODUCED")?.split('.').next()?.parse().ok()?,
        ))
    };
    Ok((0..answer.rows.len()).filter_map(row).collect())
}
