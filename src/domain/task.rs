//! The task tree and its runs.

use serde::{Deserialize, Serialize};

/// A task as SHOW TASKS tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TaskNode {
    /// Bare name.
    pub name: String,
    /// Bare names of the tasks that it runs after.
    pub predecessors: Vec<String>,
    /// The root's schedule text; `None` for a child.
    pub schedule: Option<String>,
    /// The WHEN text.
    pub condition: Option<String>,
    /// Resumed (`started`) rather than suspended.
    pub started: bool,
    /// The root that it finalizes, where it is a finalizer.
    pub finalizes: Option<String>,
    /// The SQL that it runs.
    pub definition: String,
    /// What its author says of it.
    pub comment: String,
}

/// TASK_HISTORY's states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskState {
    /// Queued for its time or for a free place.
    Scheduled,
    /// Running.
    Executing,
    /// Ended well.
    Succeeded,
    /// Ended with an error.
    Failed,
    /// Ended with an error, and the task was suspended for it.
    FailedAndAutoSuspended,
    /// Cancelled.
    Cancelled,
    /// Its condition was false.
    Skipped,
}

impl TaskState {
    /// Reads TASK_HISTORY's text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "SCHEDULED" => Self::Scheduled,
            "EXECUTING" => Self::Executing,
            "SUCCEEDED" => Self::Succeeded,
            "FAILED" => Self::Failed,
            "FAILED_AND_AUTO_SUSPENDED" => Self::FailedAndAutoSuspended,
            "CANCELLED" => Self::Cancelled,
            "SKIPPED" => Self::Skipped,
            _ => return None,
        })
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Scheduled | Self::Executing)
    }
}

/// One task in one run of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRun {
    /// Bare name.
    pub name: String,
    /// State.
    pub state: TaskState,
    /// The run's id, shared by all its tasks: epoch milliseconds of the scheduled time.
    pub run_id: i64,
    /// From 1.
    pub attempt: u32,
    /// Query id, once it ran.
    pub query_id: Option<String>,
    /// Epoch milliseconds.
    pub scheduled_ms: Option<i64>,
    /// Epoch milliseconds.
    pub started_ms: Option<i64>,
    /// Epoch milliseconds.
    pub completed_ms: Option<i64>,
    /// What SYSTEM$SET_RETURN_VALUE left.
    pub return_value: Option<String>,
    /// Code of the failure.
    pub error_code: Option<String>,
    /// Text of the failure.
    pub error_message: Option<String>,
}

impl TaskRun {
    /// Milliseconds between start and end, where both are known.
    #[must_use]
    pub fn millis(&self) -> Option<u64> {
        u64::try_from(self.completed_ms? - self.started_ms?).ok()
    }
}

/// What the server tells of the tree's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TreeTiming {
    /// The server's time when it was asked, epoch milliseconds.
    pub server_ms: Option<i64>,
    /// When the root is due next by its schedule, epoch milliseconds of the server's time.
    pub next_ms: Option<i64>,
}
