//! Switching tasks on and off, and ending what runs.

use super::history::{runs, select};
use super::run::{Looks, settle};
use crate::domain::{SqlError, TaskNode};
use crate::jobs::deploy::Manifest;
use crate::jobs::ports::Warehouse;
use crate::jobs::{Context, JobError};

/// How often running tasks are looked for while they are cancelled: those that start meanwhile are ended too.
const ROUNDS: usize = 50;

/// `DB.SCHEMA.TASK`.
fn qualified(manifest: &Manifest, task: &str) -> String {
    manifest.qualified(&format!("{}.{task}", manifest.tasks.schema))
}

/// Switches every task of the tree on, the root last.
///
/// # Errors
/// The server's refusal.
pub async fn resume(ctx: &Context, session: &dyn Warehouse, manifest: &Manifest) -> Result<(), SqlError> {
    let name = qualified(manifest, &manifest.tasks.root);
    session.query(&format!("SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('{name}')"), Some(1), &ctx.cancel).await.map(drop)
}

/// Switches the root off: no more runs start. One that is under way ends undisturbed.
///
/// # Errors
/// The server's refusal.
pub async fn suspend(ctx: &Context, session: &dyn Warehouse, manifest: &Manifest) -> Result<(), SqlError> {
    switch(ctx, session, manifest, &manifest.tasks.root, false).await
}

/// Switches one task on or off. Snowflake changes a tree only while its root is suspended, so a root that is `started` is
/// suspended before and resumed behind it, whatever became of the change.
///
/// # Errors
/// The server's refusal.
pub async fn switch_one(
    ctx: &Context,
    session: &dyn Warehouse,
    manifest: &Manifest,
    task: &TaskNode,
    root_started: bool,
) -> Result<(), SqlError> {
    let root = &manifest.tasks.root;
    if root_started {
        switch(ctx, session, manifest, root, false).await?;
    }
    let changed = switch(ctx, session, manifest, &task.name, !task.started).await;
    if root_started {
        // Not to be given up half way: the schedule would stay off.
        let calm = Context { cancel: tokio_util::sync::CancellationToken::new(), ..ctx.clone() };
        switch(&calm, session, manifest, root, true).await?;
    }
    changed
}

async fn switch(
    ctx: &Context,
    session: &dyn Warehouse,
    manifest: &Manifest,
    task: &str,
    on: bool,
) -> Result<(), SqlError> {
    let verb = if on { "RESUME" } else { "SUSPEND" };
    let sql = format!("ALTER TASK {} {verb}", qualified(manifest, task));
    session.query(&sql, Some(1), &ctx.cancel).await.map(drop)
}

/// Ends every task that is running, until none is: those behind them do not start. The finalizer is left alone. Gives
/// how many executions were ended.
///
/// # Errors
/// The server's refusal, [`JobError::Cancelled`].
pub async fn cancel_running(
    ctx: &Context,
    session: &dyn Warehouse,
    manifest: &Manifest,
    finalizers: &[String],
) -> Result<usize, JobError> {
    let (mut ended, mut looks) = (std::collections::BTreeSet::new(), Looks::default());
    for _ in 0..ROUNDS {
        let answer = session.query(&select(manifest, 1_000, "STATE = 'EXECUTING'"), None, &ctx.cancel).await?;
        let running: Vec<_> = runs(&answer).into_iter().filter(|r| !finalizers.contains(&r.name)).collect();
        if running.is_empty() {
            break;
        }
        for run in running {
            let name = qualified(manifest, &run.name);
            let sql = format!("SELECT SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS('{name}')");
            session.query(&sql, Some(1), &ctx.cancel).await?;
            ended.insert((run.run_id, run.name, run.attempt));
        }
        looks.pause(ctx).await?;
    }
    if !ended.is_empty() {
        settle(ctx, session, manifest).await?;
    }
    Ok(ended.len())
}
