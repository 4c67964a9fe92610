//! Counts the marts.

use super::JobError;
use super::deploy::Manifest;
use super::ports::{Warehouse, Warehouses};
use crate::domain::{MartCount, SqlError};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Opens a session as the role that owns the pipeline, with its warehouse and database in use.
///
/// # Errors
/// The server's refusal; for a role, warehouse or database that is not there yet, with the advice to deploy first.
pub async fn owner_session(
    warehouses: &dyn Warehouses,
    manifest: &Manifest,
    cancel: &CancellationToken,
) -> Result<Arc<dyn Warehouse>, JobError> {
    let advise = |error: SqlError| {
        if error.code.is_empty() {
            return JobError::Sql(error);
        }
        JobError::Failed(format!("{error}\nIs the pipeline deployed? `snowdeck deploy` makes what is missing."))
    };
    let session = warehouses.connect(Some(&manifest.role)).await.map_err(advise)?;
    for sql in [format!("USE WAREHOUSE {}", manifest.warehouse), format!("USE DATABASE {}", manifest.database)] {
        if let Err(error) = session.query(&sql, Some(1), cancel).await {
            session.close().await;
            return Err(advise(error));
        }
    }
    Ok(session)
}

/// The marts' row counts, in the manifest's order, all as of one moment: one statement counts them.
///
/// # Errors
/// The server's refusal.
pub async fn count(
    session: &dyn Warehouse,
    manifest: &Manifest,
    cancel: &CancellationToken,
) -> Result<Vec<MartCount>, SqlError> {
    if manifest.marts.is_empty() {
        return Ok(Vec::new());
    }
    let parts: Vec<String> = manifest
        .marts
        .iter()
        .enumerate()
        .map(|(i, mart)| format!("SELECT {i} AS PLACE, COUNT(*) AS ROW_COUNT FROM {}", manifest.qualified(&mart.table)))
        .collect();
    let answer = session.query(&parts.join(" UNION ALL "), None, cancel).await?;
    let rows_of = |place: usize| {
        let wanted = place.to_string();
        (0..answer.rows.len())
            .find(|&row| answer.cell(row, "PLACE") == Some(wanted.as_str()))
            .and_then(|row| answer.cell(row, "ROW_COUNT")?.parse().ok())
    };
    manifest
        .marts
        .iter()
        .enumerate()
        .map(|(i, mart)| match rows_of(i) {
            Some(rows) => Ok(MartCount { name: mart.name.clone(), rows }),
            None => Err(SqlError::client(format!("the answer holds no count for {}", mart.name))),
        })
        .collect()
}
