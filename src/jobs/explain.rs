//! What the pipeline itself says about its counts and about the rows of its files.

use super::deploy::Manifest;
use super::ports::Warehouse;
use crate::domain::{Explained, Flaw, QueryOutcome, Reason, SqlError};
use tokio_util::sync::CancellationToken;

/// Rows of each answer that are read.
const ROWS: usize = 200;

/// Reads it with the manifest's queries. A refusal is told in [`Explained::unread`].
pub async fn explain(session: &dyn Warehouse, manifest: &Manifest, cancel: &CancellationToken) -> Explained {
    match read(session, manifest, cancel).await {
        Ok(known) => known,
        Err(error) => Explained { unread: Some(error.to_string()), ..Explained::default() },
    }
}

async fn read(session: &dyn Warehouse, manifest: &Manifest, cancel: &CancellationToken) -> Result<Explained, SqlError> {
    let Some(queries) = &manifest.explain else { return Ok(Explained::default()) };
    let mut known = Explained::default();
    if let Some(sql) = &queries.counts {
        let answer = session.query(sql, Some(ROWS), cancel).await?;
        known.reasons = (0..answer.rows.len()).filter_map(|row| reason(&answer, row)).collect();
    }
    if let Some(sql) = &queries.kinds {
        let answer = session.query(sql, Some(ROWS), cancel).await?;
        known.kinds =
            (0..answer.rows.len()).filter_map(|r| Some((text(&answer, r, 0)?, number(&answer, r, 1)?))).collect();
    }
    if let Some(sql) = &queries.flaws {
        let answer = session.query(sql, Some(ROWS), cancel).await?;
        known.flaws = (0..answer.rows.len()).filter_map(|row| flaw(&answer, row)).collect();
    }
    Ok(known)
}

fn text(answer: &QueryOutcome, row: usize, column: usize) -> Option<String> {
    answer.rows.get(row)?.get(column)?.clone()
}

fn number(answer: &QueryOutcome, row: usize, column: usize) -> Option<i64> {
    text(answer, row, column)?.split('.').next()?.parse().ok()
}

fn reason(answer: &QueryOutcome, row: usize) -> Option<Reason> {
    Some(Reason {
        layer: text(answer, row, 0)?,
        expected: number(answer, row, 1)?,
        actual: number(answer, row, 2)?,
        text: text(answer, row, 3).unwrap_or_default(),
    })
}

fn flaw(answer: &QueryOutcome, row: usize) -> Option<Flaw> {
    Some(Flaw {
        kind: text(answer, row, 0)?,
        file: text(answer, row, 1).unwrap_or_default(),
        row: number(answer, row, 2),
        detail: text(answer, row, 3).unwrap_or_default(),
    })
}
