//! Access proof: tries, as each role, what it should and should not be able to do.

use super::deploy::{Manifest, Trial};
use super::ports::{Warehouse, Warehouses};
use super::{Context, Event, JobError, Progress};
use crate::domain::SqlError;
use serde::Serialize;
use std::sync::Arc;

/// What came of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// It ran.
    Allowed,
    /// It was refused for want of a right. Snowflake says of what a role may not see that it does not exist.
    Refused,
    /// It failed for another reason, which proves nothing.
    Failed,
}

/// One cell of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// What was tried.
    pub trial: String,
    /// As whom.
    pub role: String,
    /// What the manifest says.
    pub expected: Seen,
    /// What happened.
    pub seen: Seen,
    /// Whether the two agree.
    pub ok: bool,
    /// The refusal's code and first lines, where there was one.
    pub answer: String,
}

/// The refusals for want of a right: of an operation, of an object that must not be seen, of a role.
const REFUSALS: [&str; 6] = ["003001", "002003", "002043", "003041", "390189", "000606"];

/// Tries everything that the manifest says. Each role has a session of its own, with no secondary roles: only its own
/// rights count. Changes of rows are rolled back.
///
/// # Errors
/// A manifest without trials, a service that cannot be reached, [`JobError::Cancelled`]. What does not agree is no error:
/// its cell says so.
pub async fn run(ctx: &Context, warehouses: &dyn Warehouses, manifest: &Manifest) -> Result<Vec<Tried>, JobError> {
    if manifest.access.is_empty() {
        return Err(JobError::Usage("the manifest has no [[access]] trials: nothing says who may do what".into()));
    }
    ctx.emit(Event::Phase("access".into()));
    let mut tried = Vec::new();
    for role in roles(manifest) {
        let session = as_role(warehouses, manifest, role).await?;
        for trial in &manifest.access {
            let Some(expected) = expected(trial, role) else { continue };
            if ctx.cancel.is_cancelled() {
                return Err(JobError::Cancelled);
            }
            let result = match &session {
                Ok(session) => attempt(ctx, session.as_ref(), &trial.sql).await,
                Err(refusal) => Err(refusal.clone()),
            };
            tried.push(cell(trial, role, expected, result)?);
            ctx.sink.progress(Progress { label: "access".into(), done: tried.len() as u64, ..Progress::default() });
        }
        if let Ok(session) = session {
            session.close().await;
        }
    }
    // By trial, as the manifest has them; roles in the order of their first mention.
    let place = |t: &Tried| manifest.access.iter().position(|trial| *trial.name.get_ref() == t.trial);
    tried.sort_by_key(place);
    Ok(tried)
}

/// Every role that a trial names, in the order of their first mention.
#[must_use]
pub fn roles(manifest: &Manifest) -> Vec<&str> {
    let mut roles: Vec<&str> = Vec::new();
    for role in manifest.access.iter().flat_map(|t| t.allowed.iter().chain(&t.refused)) {
        if !roles.contains(&role.as_str()) {
            roles.push(role);
        }
    }
    roles
}

fn expected(trial: &Trial, role: &str) -> Option<Seen> {
    let among = |roles: &[String]| roles.iter().any(|r| r == role);
    if among(&trial.allowed) { Some(Seen::Allowed) } else { among(&trial.refused).then_some(Seen::Refused) }
}

/// A session as the role with nothing but its rights, in the pipeline's warehouse and database; or why there is none.
async fn as_role(
    warehouses: &dyn Warehouses,
    manifest: &Manifest,
    role: &str,
) -> Result<Result<Arc<dyn Warehouse>, SqlError>, JobError> {
    let session = match warehouses.connect(Some(role)).await {
        Ok(session) => session,
        Err(error) if error.code.is_empty() => return Err(error.into()),
        Err(error) => return Ok(Err(error)),
    };
    let scene = [
        "USE SECONDARY ROLES NONE".to_owned(),
        format!("USE WAREHOUSE {}", manifest.warehouse),
        format!("USE DATABASE {}", manifest.database),
    ];
    for sql in scene {
        if let Err(error) = session.query(&sql, Some(1), &tokio_util::sync::CancellationToken::new()).await {
            session.close().await;
            return if error.code.is_empty() { Err(error.into()) } else { Ok(Err(error)) };
        }
    }
    Ok(Ok(session))
}

async fn attempt(ctx: &Context, session: &dyn Warehouse, sql: &str) -> Result<(), SqlError> {
    session.query("BEGIN", Some(1), &ctx.cancel).await?;
    let result = session.query(sql, Some(1), &ctx.cancel).await;
    // A statement that ends the transaction itself (DDL) leaves nothing to roll back: that is no failure.
    let _ = session.query("ROLLBACK", Some(1), &ctx.cancel).await;
    result.map(drop)
}

fn cell(trial: &Trial, role: &str, expected: Seen, result: Result<(), SqlError>) -> Result<Tried, JobError> {
    let (seen, answer) = match result {
        Ok(()) => (Seen::Allowed, String::new()),
        Err(error) if error.code.is_empty() => return Err(error.into()),
        Err(error) => {
            let seen = if REFUSALS.contains(&error.code.as_str()) { Seen::Refused } else { Seen::Failed };
            (seen, error.to_string())
        }
    };
    let trial = trial.name.get_ref().clone();
    Ok(Tried { trial, role: role.to_owned(), expected, seen, ok: expected == seen, answer })
}
