//! Savepoints: the pipeline's database cloned before a stage, and put back from there.
//!
//! A clone costs no storage until one of the two changes. What Snowflake does not clone: rights on the database itself, what
//! streams hold unread, and that tasks run. So after a restore the plan's GRANT statements and its task switches are run
//! again, and the next load must bring what was unread.

use super::plan::Deployment;
use super::run::{DeployOutcome, run, survey};
use super::selection::{Order, Selection};
use crate::domain::Change;
use crate::jobs::ports::{Warehouse, Warehouses};
use crate::jobs::{Context, Event, JobError};
use std::sync::Arc;

/// The name of the savepoint that is taken before a stage.
#[must_use]
pub fn savepoint_name(database: &str, stage: &str) -> String {
    let stage: String =
        stage.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    format!("{database}_BEFORE_{stage}")
}

/// Takes the savepoint of a stage, in the place of an older one. `None` while the database is not there.
pub(super) async fn take(
    ctx: &Context,
    warehouses: &dyn Warehouses,
    deployment: &Deployment,
    stage: usize,
) -> Result<Option<String>, JobError> {
    let Some(id) = deployment.plan().stages.get(stage).map(|s| s.id.as_str()) else { return Ok(None) };
    let name = savepoint_name(deployment.database(), id);
    let Some(session) = owner(warehouses, deployment).await? else { return Ok(None) };
    let sql = format!("CREATE OR REPLACE DATABASE {name} CLONE {}", deployment.database());
    let made = session.query(&sql, Some(1), &ctx.cancel).await;
    session.close().await;
    match made {
        Ok(_) => {
            ctx.emit(Event::Note(format!("savepoint {name}: go back with snowdeck deploy --restore {id}")));
            Ok(Some(name))
        }
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(JobError::Failed(format!("the savepoint {name} cannot be taken: {error}"))),
    }
}

/// A session as the owner; `None` while the role is not there.
async fn owner(warehouses: &dyn Warehouses, deployment: &Deployment) -> Result<Option<Arc<dyn Warehouse>>, JobError> {
    match warehouses.connect(Some(deployment.owner().0)).await {
        Ok(session) => Ok(Some(session)),
        Err(error) if error.code.is_empty() => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// Puts the database back to what it was before a stage. What it is now goes; UNDROP DATABASE can bring it back. The journal
/// lies in the database and goes back with it. The savepoint stays.
///
/// # Errors
/// [`JobError::Usage`] where the plan has no such stage, [`JobError::Failed`] where there is no such savepoint; the server's
/// refusal.
pub async fn restore(
    ctx: &Context,
    warehouses: &dyn Warehouses,
    deployment: &Deployment,
    stage: &str,
) -> Result<DeployOutcome, JobError> {
    Selection::Named(stage.to_owned()).resolve(deployment)?;
    let name = savepoint_name(deployment.database(), stage);
    let missing = || JobError::Failed(format!("there is no savepoint {name}: snowdeck deploy --savepoint takes them"));
    let session = owner(warehouses, deployment).await?.ok_or_else(missing)?;
    // The clone takes the place of the database in one statement, and only if the savepoint is there.
    let sql = format!("CREATE OR REPLACE DATABASE {} CLONE {name}", deployment.database());
    let put_back = session.query(&sql, Some(1), &ctx.cancel).await;
    session.close().await;
    match put_back {
        Ok(_) => {}
        Err(error) if error.is_missing() => return Err(missing()),
        Err(error) => return Err(error.into()),
    }
    let known = survey(ctx, warehouses, deployment).await?;
    let again = deployment
        .plan()
        .steps()
        .filter(|(i, j, step)| known.change(*i, *j) == Change::Unchanged && is_lost_by_cloning(&step.sql));
    let again: Vec<_> = again.map(|(i, j, _)| (i, j)).collect();
    if again.is_empty() {
        return Ok(DeployOutcome::default());
    }
    run(ctx, warehouses, deployment, &Order::again(Selection::Steps(again))).await
}

/// Rights, and that tasks run.
fn is_lost_by_cloning(sql: &str) -> bool {
    let words: Vec<String> = sql.split_whitespace().map(str::to_ascii_uppercase).collect();
    let first = words.first().map(String::as_str);
    first == Some("GRANT")
        || (first == Some("ALTER") && words.get(1).is_some_and(|w| w == "TASK" || w == "ALERT" || w == "PIPE"))
        || sql.to_ascii_uppercase().contains("SYSTEM$TASK_DEPENDENTS_ENABLE")
}
