//! Jobs of the task tree.

use super::Connected;
use super::read::forgetting;
use crate::app::Reply;
use crate::domain::{TaskNode, TreeTiming};
use crate::jobs::ports::Warehouse;
use crate::jobs::tasks::{self, TreeEnd};
use crate::jobs::{Context, Event, JobError, marts};
use std::future::Future;
use std::sync::Arc;

/// Executions of tasks that are looked at.
const RUNS: u32 = 400;

/// Reads the tree, its runs and its time.
pub async fn read(ctx: &Context, on: &Connected) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    let nothing = || (Vec::new(), Vec::new(), TreeTiming::default());
    let Some(session) = on.sessions.look(on.services.warehouses.as_ref(), manifest).await? else {
        let (nodes, runs, timing) = nothing();
        return Ok(Reply::Tasks(nodes, runs, timing));
    };
    let look = async {
        let nodes = match tasks::list(session.as_ref(), manifest, &ctx.cancel).await {
            Ok(nodes) if nodes.is_empty() => return Ok(nothing()),
            Ok(nodes) => nodes,
            Err(error) if error.is_out_of_sight() => return Ok(nothing()),
            Err(error) => return Err(error),
        };
        let mut runs = tasks::history(session.as_ref(), manifest, RUNS, &ctx.cancel).await?;
        runs.reverse();
        let timing = tasks::timing(session.as_ref(), manifest, &ctx.cancel).await?;
        Ok((nodes, runs, timing))
    };
    let (nodes, runs, timing) = forgetting(on, look).await?;
    Ok(Reply::Tasks(nodes, runs, timing))
}

/// Asks how many rows statements produced.
pub async fn rows(ctx: &Context, on: &Connected, ids: &[String]) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    let Some(session) = on.sessions.look(on.services.warehouses.as_ref(), manifest).await? else {
        return Ok(Reply::TaskRows(std::collections::BTreeMap::new()));
    };
    let rows = forgetting(on, tasks::rows(session.as_ref(), manifest, ids, &ctx.cancel)).await?;
    Ok(Reply::TaskRows(rows))
}

/// A session of its own as the tree's owner, ended whatever comes of it.
pub(super) async fn as_owner<T, F>(
    ctx: &Context,
    on: &Connected,
    job: impl FnOnce(Arc<dyn Warehouse>) -> F,
) -> Result<T, JobError>
where
    F: Future<Output = Result<T, JobError>>,
{
    let manifest = on.services.pipeline.manifest();
    let session = marts::owner_session(on.services.warehouses.as_ref(), manifest, &ctx.cancel).await?;
    let result = job(Arc::clone(&session)).await;
    session.close().await;
    result
}

/// How a run is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// All of it.
    Fresh,
    /// What failed in the last run.
    Retry,
}

/// Runs the task tree and follows it to its end.
pub async fn execute(ctx: &Context, on: &Connected, how: How) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    ctx.emit(Event::Phase("tasks".into()));
    let run = as_owner(ctx, on, |session| async move {
        match how {
            How::Fresh => tasks::execute(ctx, session.as_ref(), manifest).await,
            How::Retry => tasks::retry(ctx, session.as_ref(), manifest).await,
        }
    })
    .await?;
    match run.end {
        TreeEnd::Failed => Err(JobError::Failed(run.failures().join("\n"))),
        TreeEnd::Succeeded | TreeEnd::NothingToDo => Ok(Reply::Executed(run.runs)),
    }
}

/// Ends what runs of the tree.
pub async fn cancel_run(ctx: &Context, on: &Connected, but: &[String]) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    let job =
        |session: Arc<dyn Warehouse>| async move { tasks::cancel_running(ctx, session.as_ref(), manifest, but).await };
    Ok(Reply::RunCancelled(as_owner(ctx, on, job).await?))
}

/// Moves the embedded cloud's clock to the next scheduled run.
pub async fn fast_forward(ctx: &Context, on: &Connected) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    let warehouses = on.services.warehouses.as_ref();
    let job = |session: Arc<dyn Warehouse>| async move {
        tasks::fast_forward(ctx, warehouses, session.as_ref(), manifest).await
    };
    Ok(Reply::Advanced(as_owner(ctx, on, job).await?))
}

/// Resumes or suspends the tree.
pub async fn toggle(ctx: &Context, on: &Connected, resume: bool) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    as_owner(ctx, on, |session| async move {
        let done = if resume {
            tasks::resume(ctx, session.as_ref(), manifest).await
        } else {
            tasks::suspend(ctx, session.as_ref(), manifest).await
        };
        done.map_err(JobError::from)
    })
    .await?;
    Ok(Reply::Toggled)
}

/// Resumes or suspends one task.
pub async fn toggle_one(ctx: &Context, on: &Connected, task: &TaskNode, root_started: bool) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    as_owner(ctx, on, |session| async move {
        Ok(tasks::switch_one(ctx, session.as_ref(), manifest, task, root_started).await?)
    })
    .await?;
    Ok(Reply::Toggled)
}
