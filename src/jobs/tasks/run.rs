//! Starts a run of the tree and waits for its end.

use super::graph::{Graph, list};
use super::history::{history_of, runs, select};
use crate::domain::{SqlError, TaskOutcome, TaskRun, TaskState};
use crate::jobs::deploy::Manifest;
use crate::jobs::ports::Warehouse;
use crate::jobs::{Context, Event, JobError};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a run may take to show up in TASK_HISTORY, in milliseconds of the job clock.
const START_MS: i64 = 90_000;
/// Rows of runs started by hand that are looked at, newest first.
const BY_HAND: u32 = 1_000;
/// Between two looks: the first, and the longest. A run on the embedded cloud takes less than a second; on an account
/// a look costs a query.
const FIRST_LOOK: Duration = Duration::from_millis(40);
const LONGEST_LOOK: Duration = Duration::from_secs(2);

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeEnd {
    /// Every task that was to run succeeded.
    Succeeded,
    /// The root's condition was false: nothing new had landed.
    NothingToDo,
    /// A task failed or was cancelled.
    Failed,
}

/// A run that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeRun {
    /// How it ended.
    pub end: TreeEnd,
    /// Every task that had a part in it, in the order in which they started.
    pub runs: Vec<TaskRun>,
}

impl TreeRun {
    /// The tasks as `run --json` tells them.
    #[must_use]
    pub fn outcomes(&self) -> Vec<TaskOutcome> {
        let state = |s: TaskState| serde_json::to_value(s).ok().and_then(|v| v.as_str().map(str::to_owned));
        self.runs
            .iter()
            .map(|r| TaskOutcome {
                name: r.name.clone(),
                state: state(r.state).unwrap_or_default(),
                ms: r.millis().unwrap_or(0),
            })
            .collect()
    }

    /// What went wrong, one line a task: name, code, text, query id.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let bad = |r: &&TaskRun| {
            matches!(r.state, TaskState::Failed | TaskState::FailedAndAutoSuspended | TaskState::Cancelled)
        };
        self.runs.iter().filter(bad).map(failure_text).collect()
    }
}

fn failure_text(run: &TaskRun) -> String {
    let verb = if run.state == TaskState::Cancelled { "was cancelled" } else { "failed" };
    let mut text = format!("task {} {verb}", run.name);
    if let Some(code) = &run.error_code {
        text.push_str(&format!(": {code}"));
    }
    if let Some(message) = &run.error_message {
        text.push_str(&format!(": {message}"));
    }
    if let Some(id) = &run.query_id {
        text.push_str(&format!(" [query {id}]"));
    }
    text
}

/// Starts the tree's root and waits until the run is over. Each look at it goes out as [`Event::Tasks`] when something
/// has changed. Cancelling stops the waiting, not the run.
///
/// # Errors
/// The server's refusal, a run that does not start, [`JobError::Cancelled`]. A task that fails is the run's end, not an
/// error.
pub async fn execute(ctx: &Context, session: &dyn Warehouse, manifest: &Manifest) -> Result<TreeRun, JobError> {
    start(ctx, session, manifest, "").await
}

/// Runs the failed tasks of the last run again, and those after them.
///
/// # Errors
/// As [`execute`]; and the server's refusal where there is nothing to retry.
pub async fn retry(ctx: &Context, session: &dyn Warehouse, manifest: &Manifest) -> Result<TreeRun, JobError> {
    start(ctx, session, manifest, " RETRY LAST").await
}

async fn start(ctx: &Context, session: &dyn Warehouse, manifest: &Manifest, how: &str) -> Result<TreeRun, JobError> {
    let root = &manifest.tasks.root;
    let all = list(session, manifest, &ctx.cancel).await?;
    let graph = Graph::below(root, &all).ok_or_else(|| {
        let schema = manifest.qualified(&manifest.tasks.schema);
        let there: Vec<&str> = all.iter().map(|n| n.name.as_str()).collect();
        let advice = if there.is_empty() {
            "`snowdeck deploy` makes the task tree".to_owned()
        } else {
            format!("`root` under [tasks] in pipeline.toml names the first of them; there are {}", there.join(", "))
        };
        JobError::Failed(format!("there is no task {root} in {schema}: {advice}"))
    })?;
    let before: BTreeSet<(i64, u32)> = started_by_hand(ctx, session, manifest).await?.into_iter().collect();
    let name = manifest.qualified(&format!("{}.{root}", manifest.tasks.schema));
    session.query(&format!("EXECUTE TASK {name}{how}"), Some(1), &ctx.cancel).await?;
    let run_id = started(ctx, session, manifest, &before).await?;
    let runs = ended(ctx, session, manifest, &graph, run_id).await?;
    if !was_finished(&graph, &runs) {
        settle(ctx, session, manifest).await?;
    }
    let root_state = runs.iter().filter(|r| r.name == *root).max_by_key(|r| r.attempt).map(|r| r.state);
    let succeeded = |r: &TaskRun| matches!(r.state, TaskState::Succeeded | TaskState::Skipped);
    let end = match root_state {
        Some(TaskState::Skipped) => TreeEnd::NothingToDo,
        _ if latest_attempts(&runs).into_iter().all(succeeded) => TreeEnd::Succeeded,
        _ => TreeEnd::Failed,
    };
    Ok(TreeRun { end, runs })
}

/// Runs that were started by hand: run id and attempt. A retry does not run the root again where that has succeeded, so
/// every task is looked at.
async fn started_by_hand(
    ctx: &Context,
    session: &dyn Warehouse,
    manifest: &Manifest,
) -> Result<Vec<(i64, u32)>, SqlError> {
    let condition = "SCHEDULED_FROM IN ('EXECUTE_TASK', 'MANUAL RETRY')";
    let answer = session.query(&select(manifest, BY_HAND, condition), None, &ctx.cancel).await?;
    Ok(runs(&answer).into_iter().map(|r| (r.run_id, r.attempt)).collect())
}

/// Waits for the run that was not there before.
async fn started(
    ctx: &Context,
    session: &dyn Warehouse,
    manifest: &Manifest,
    before: &BTreeSet<(i64, u32)>,
) -> Result<i64, JobError> {
    let deadline = ctx.clock.now_ms() + START_MS;
    let mut looks = Looks::default();
    loop {
        let new = started_by_hand(ctx, session, manifest).await?.into_iter().find(|run| !before.contains(run));
        if let Some((run_id, _)) = new {
            return Ok(run_id);
        }
        if ctx.clock.now_ms() > deadline {
            let root = &manifest.tasks.root;
            return Err(JobError::Failed(format!(
                "the run of {root} did not start within {} s. Its owner needs EXECUTE TASK on the account and USAGE on \
                 the warehouse; `snowdeck tasks history` shows what is running.",
                START_MS / 1000
            )));
        }
        looks.pause(ctx).await?;
    }
}

/// Waits until the run is over, and where it was skipped, until no other run is under way: that one took its work.
pub(super) async fn ended(
    ctx: &Context,
    session: &dyn Warehouse,
    manifest: &Manifest,
    graph: &Graph,
    run_id: i64,
) -> Result<Vec<TaskRun>, JobError> {
    let (mut looks, mut seen) = (Looks::default(), Vec::new());
    loop {
        let runs = history_of(session, manifest, run_id, &ctx.cancel).await?;
        if runs != seen {
            ctx.emit(Event::Tasks(runs.clone()));
            seen.clone_from(&runs);
            looks = Looks::default();
        }
        if graph.is_over(&runs) {
            let skipped = runs.iter().any(|r| r.name == graph.root() && r.state == TaskState::Skipped);
            if !skipped || !anything_running(ctx, session, manifest).await? {
                return Ok(runs);
            }
        }
        looks.pause(ctx).await?;
    }
}

async fn anything_running(ctx: &Context, session: &dyn Warehouse, manifest: &Manifest) -> Result<bool, SqlError> {
    let answer = session.query(&select(manifest, 1, "STATE = 'EXECUTING'"), Some(1), &ctx.cancel).await?;
    Ok(!answer.rows.is_empty())
}

/// Whether a finalizer ended well, or there was nothing to finish.
fn was_finished(graph: &Graph, runs: &[TaskRun]) -> bool {
    let last = latest_attempts(runs);
    let ended = |name: &str, state| last.iter().any(|r| r.name == name && r.state == state);
    ended(graph.root(), TaskState::Skipped)
        || graph.nodes().iter().any(|n| n.finalizes.is_some() && ended(&n.name, TaskState::Succeeded))
}

/// Has the pipeline write down how runs ended that no finalizer told of, where its manifest says how.
///
/// # Errors
/// The server's refusal. A pipeline whose own books are not there (yet) has none to close.
pub(super) async fn settle(ctx: &Context, session: &dyn Warehouse, manifest: &Manifest) -> Result<(), SqlError> {
    let Some(sql) = &manifest.tasks.settle else { return Ok(()) };
    match session.query(sql, Some(1), &ctx.cancel).await {
        Err(error) if !error.is_missing() && !error.is_unknown_routine() => Err(error),
        _ => Ok(()),
    }
}

fn latest_attempts(runs: &[TaskRun]) -> Vec<&TaskRun> {
    let later = |r: &TaskRun| runs.iter().any(|other| other.name == r.name && other.attempt > r.attempt);
    runs.iter().filter(|r| !later(r)).collect()
}

/// Pauses that grow while nothing changes.
pub(super) struct Looks(Duration);

impl Default for Looks {
    fn default() -> Self {
        Self(FIRST_LOOK)
    }
}

impl Looks {
    /// Waits until it is time for the next look.
    pub(super) async fn pause(&mut self, ctx: &Context) -> Result<(), JobError> {
        tokio::select! {
            () = ctx.cancel.cancelled() => return Err(JobError::Cancelled),
            () = tokio::time::sleep(self.0) => {}
        }
        self.0 = (self.0 * 3 / 2).min(LONGEST_LOOK);
        Ok(())
    }
}
