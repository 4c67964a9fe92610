//! Ad-hoc SQL: a text of one or more statements, run one after the other; or one whose rows go to disk as they come.

pub mod catalog;
pub mod export;
pub mod memory;
mod parquet;
mod spill;

pub use spill::{Spill, Window};

use super::deploy::split;
use super::ports::Warehouse;
use super::{Context, JobError, Progress};
use crate::domain::{QueryOutcome, RowBatch, SqlError};
use std::sync::Arc;
use tokio::sync::mpsc;

/// One statement of the text and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The statement.
    pub sql: String,
    /// The line of the text on which it starts, from 1.
    pub line: u32,
    /// The server's answer. An error's line counts from the start of the whole text.
    pub result: Result<QueryOutcome, SqlError>,
}

/// Runs every statement of a text in one session, up to the first that fails, and fetches at most `limit` rows of each
/// answer (all where `None`).
///
/// # Errors
/// [`JobError::Usage`] where the text holds no statement or something in it is never closed, [`JobError::Cancelled`].
/// A refused statement is the last answer, not an error.
pub async fn run(
    ctx: &Context,
    session: &dyn Warehouse,
    text: &str,
    limit: Option<usize>,
) -> Result<Vec<Answer>, JobError> {
    let statements = split(text).map_err(|e| JobError::Usage(e.to_string()))?;
    if statements.is_empty() {
        return Err(JobError::Usage("there is no statement to run".into()));
    }
    let mut answers = Vec::with_capacity(statements.len());
    for statement in statements {
        let mut result = session.query(&statement.sql, limit, &ctx.cancel).await;
        if ctx.cancel.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        if let Err(error) = &mut result {
            error.line = error.line.map(|line| line + statement.line - 1);
        }
        let failed = result.is_err();
        answers.push(Answer { sql: statement.sql, line: statement.line, result });
        if failed {
            break;
        }
    }
    Ok(answers)
}

/// Batches of rows between the wire and the disk.
const BATCHES: usize = 4;

/// Runs one statement; its rows go into `spill` as they come, and how many there are is told as progress. The outcome has
/// no rows.
///
/// # Errors
/// [`JobError::Cancelled`], [`JobError::Sql`], [`JobError::File`] where the disk is full. Rows that came before stay.
pub async fn fetch(
    ctx: &Context,
    session: &dyn Warehouse,
    sql: &str,
    spill: Arc<Spill>,
) -> Result<QueryOutcome, JobError> {
    let (sender, mut receiver) = mpsc::channel::<RowBatch>(BATCHES);
    let ctx_of_writer = ctx.clone();
    let writing = tokio::task::spawn_blocking(move || {
        while let Some(batch) = receiver.blocking_recv() {
            spill.set_columns(batch.columns);
            spill.append(&batch.rows)?;
            if !batch.rows.is_empty() {
                let progress = Progress { label: "rows".into(), done: spill.len(), ..Progress::default() };
                ctx_of_writer.sink.progress(progress);
            }
        }
        Ok(())
    });
    let outcome = session.stream(sql, sender, &ctx.cancel).await;
    let written = writing.await.map_err(|e| JobError::Failed(format!("the rows could not be kept: {e}")))?;
    written.map_err(|source| JobError::File { path: "temporary file of the result's rows".into(), source })?;
    match outcome {
        Err(_) if ctx.cancel.is_cancelled() => Err(JobError::Cancelled),
        outcome => Ok(outcome?),
    }
}
