//! Ad-hoc SQL: a text of one or more statements, run one after the other.

use super::deploy::split;
use super::ports::Warehouse;
use super::{Context, JobError};
use crate::domain::{QueryOutcome, SqlError};

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
