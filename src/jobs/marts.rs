//! Counts the marts.

use super::JobError;
use super::deploy::Manifest;
use super::ports::{Warehouse, Warehouses};
use crate::domain::{Chart, ChartKind, MartCount, MartInfo, QueryOutcome, SqlError};
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
    // One statement counts them all: the refusal names a table, people look for a mart.
    let whose = |error: SqlError| match manifest.marts.iter().find(|m| error.message.contains(&m.table)) {
        Some(mart) => error.of(&format!("mart {}", mart.name)),
        None => error,
    };
    let answer = session.query(&parts.join(" UNION ALL "), None, cancel).await.map_err(whose)?;
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

/// Rows of a mart that are shown, and values of a chart that are read.
const SAMPLE: usize = 200;
const VALUES: usize = 2_000;

/// What people should know of the marts, in the manifest's order.
#[must_use]
pub fn about(manifest: &Manifest) -> Vec<MartInfo> {
    let one = |m: &super::deploy::Mart| MartInfo {
        name: m.name.clone(),
        table: manifest.qualified(&m.table),
        grain: m.grain.clone(),
        owner: m.owner.clone(),
        freshness: m.freshness.clone(),
        chart: m.chart.clone(),
    };
    manifest.marts.iter().map(one).collect()
}

/// Some rows of a mart.
///
/// # Errors
/// The server's refusal.
pub async fn sample(
    session: &dyn Warehouse,
    mart: &MartInfo,
    cancel: &CancellationToken,
) -> Result<QueryOutcome, SqlError> {
    session.query(&format!("SELECT * FROM {} LIMIT {SAMPLE}", mart.table), Some(SAMPLE), cancel).await
}

/// What a mart's chart shows: `x` and the value, for a heat field `x`, `y` and the value.
///
/// # Errors
/// The server's refusal.
pub async fn chart(
    session: &dyn Warehouse,
    mart: &MartInfo,
    chart: &Chart,
    cancel: &CancellationToken,
) -> Result<QueryOutcome, SqlError> {
    session.query(&chart_sql(mart, chart), Some(VALUES), cancel).await
}

fn chart_sql(mart: &MartInfo, chart: &Chart) -> String {
    let Chart { x, value, .. } = chart;
    let keys = match (&chart.y, chart.kind) {
        (Some(y), ChartKind::Heat) => format!("{x}, {y}"),
        _ => x.clone(),
    };
    format!("SELECT {keys}, {value} FROM {} GROUP BY {keys} ORDER BY {keys} LIMIT {VALUES}", mart.table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_a_query() {
        let mart = MartInfo { table: "D.S.M".into(), ..MartInfo::default() };
        let mut chart = Chart { x: "A".into(), y: Some("B".into()), value: "SUM(C)".into(), ..Chart::default() };
        assert_eq!(chart_sql(&mart, &chart), "SELECT A, SUM(C) FROM D.S.M GROUP BY A ORDER BY A LIMIT 2000");
        chart.kind = ChartKind::Heat;
        assert_eq!(chart_sql(&mart, &chart), "SELECT A, B, SUM(C) FROM D.S.M GROUP BY A, B ORDER BY A, B LIMIT 2000");
    }
}
