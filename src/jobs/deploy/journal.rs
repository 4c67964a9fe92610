//! The deployment's logbook: a row for every statement that was run.

use super::plan::Deployment;
use super::template::quote;
use crate::domain::StepState;
use crate::jobs::ports::Warehouse;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

/// A statement that was run, and how it ended.
pub(super) struct Entry {
    pub stage: usize,
    pub step: usize,
    pub state: StepState,
}

/// Adds the entries to the journal, all in one statement. A journal that is not there (yet, or any more) is no problem;
/// another refusal comes back in words. Also written after a cancellation: what was run was run.
pub(super) async fn write(session: &dyn Warehouse, deployment: &Deployment, entries: &[Entry]) -> Option<String> {
    let table = deployment.journal()?;
    let rows: Vec<String> = entries.iter().filter_map(|entry| row(deployment, entry)).collect();
    if rows.is_empty() {
        return None;
    }
    let sql = format!(
        "INSERT INTO {table} (STAGE_ID, STATEMENT_FILE, STATEMENT_LINE, TITLE, CHECKSUM, OUTCOME, QUERY_ID, \
         MILLISECONDS, MESSAGE, RUN_AT) SELECT COLUMN1, COLUMN2, COLUMN3, COLUMN4, COLUMN5, COLUMN6, COLUMN7, \
         COLUMN8, COLUMN9, CURRENT_TIMESTAMP() FROM VALUES\n{}",
        rows.join(",\n")
    );
    match session.query(&sql, Some(1), &CancellationToken::new()).await {
        Err(error) if error.code != "002003" => {
            Some(format!("the deployment journal {table} was not written: {error}"))
        }
        _ => None,
    }
}

fn row(deployment: &Deployment, entry: &Entry) -> Option<String> {
    let stage = deployment.plan().stages.get(entry.stage)?;
    let step = stage.steps.get(entry.step)?;
    let (outcome, query_id, ms, message) = match &entry.state {
        StepState::Done { query_id, ms, summary } => ("DONE", Some(query_id.as_str()), Some(*ms), summary.clone()),
        StepState::Failed { error } => ("FAILED", error.query_id.as_deref(), None, error.to_string()),
        StepState::Skipped => ("SKIPPED", None, None, String::new()),
        StepState::Waiting | StepState::Running => return None,
    };
    let text = |value: Option<&str>| value.map_or_else(|| "NULL::VARCHAR".to_owned(), quote);
    let checksum = hex::encode(Sha256::digest(step.sql.as_bytes()));
    Some(format!(
        "({}, {}, {}, {}, {}, {}, {}, {}, {})",
        quote(&stage.id),
        quote(&step.file),
        step.line,
        quote(&step.title),
        quote(&checksum),
        quote(outcome),
        text(query_id),
        ms.map_or_else(|| "NULL::NUMBER".to_owned(), |ms| ms.to_string()),
        quote(&message)
    ))
}
