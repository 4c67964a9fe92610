//! Runs of the tree, each summed up.

use crate::domain::{TaskRun, TaskState};
use std::collections::BTreeMap;

/// One run of the tree, summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// The run's id: epoch milliseconds of its scheduled time.
    pub id: i64,
    /// The worst of its tasks' states: failed before running before waiting before done before skipped.
    pub state: TaskState,
    /// From the first start to the last end so far, milliseconds.
    pub millis: Option<i64>,
    /// First task that failed.
    pub failed: Option<String>,
    /// Something of it is still queued or running.
    pub going: bool,
    /// The highest attempt.
    pub attempts: u32,
}

/// All runs that have begun, the newest first.
#[must_use]
pub fn summaries(runs: &[TaskRun]) -> Vec<RunSummary> {
    let mut by_id: BTreeMap<i64, Vec<&TaskRun>> = BTreeMap::new();
    for run in runs {
        by_id.entry(run.run_id).or_default().push(run);
    }
    // A run that is only queued for its time has not begun; the schedule shows it.
    let begun = |t: &&TaskRun| t.state != TaskState::Scheduled || t.started_ms.is_some();
    by_id
        .into_iter()
        .rev()
        .filter(|(_, tasks)| tasks.iter().any(begun))
        .map(|(id, tasks)| summary(id, &tasks))
        .collect()
}

fn rank(state: TaskState) -> u8 {
    match state {
        TaskState::Failed | TaskState::FailedAndAutoSuspended => 0,
        TaskState::Cancelled => 1,
        TaskState::Executing => 2,
        TaskState::Scheduled => 3,
        TaskState::Succeeded => 4,
        TaskState::Skipped => 5,
    }
}

fn summary(id: i64, all: &[&TaskRun]) -> RunSummary {
    // A later attempt speaks for its task.
    let last = |t: &&&TaskRun| !all.iter().any(|o| o.name == t.name && o.attempt > t.attempt);
    let tasks: Vec<_> = all.iter().filter(last).collect();
    let state = tasks.iter().map(|t| t.state).min_by_key(|s| rank(*s)).unwrap_or(TaskState::Scheduled);
    let start = tasks.iter().filter_map(|t| t.started_ms).min();
    let end = tasks.iter().filter_map(|t| t.completed_ms).max();
    RunSummary {
        id,
        state,
        millis: start.zip(end).map(|(s, e)| e - s),
        failed: tasks.iter().find(|t| rank(t.state) == 0).map(|t| t.name.clone()),
        going: tasks.iter().any(|t| !t.state.is_over()),
        attempts: tasks.iter().map(|t| t.attempt).max().unwrap_or(1),
    }
}
