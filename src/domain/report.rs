//! What `run --json` ends with, and its parts.

use super::Generated;
use serde::{Deserialize, Serialize};

/// The result of the whole job.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunReport {
    /// Everything asked for succeeded and every layer reconciles.
    pub ok: bool,
    /// What was written.
    pub generated: Generated,
    /// What was put into S3.
    pub uploaded: Uploaded,
    /// The deployment.
    pub deploy: Deployed,
    /// Every task of the run, in the order in which they started.
    pub tasks: Vec<TaskOutcome>,
    /// The marts' row counts.
    pub marts: Vec<MartCount>,
    /// The ladder of counts.
    pub reconciliation: Vec<LayerCheck>,
}

/// An upload's totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Uploaded {
    /// Objects sent.
    pub objects: u64,
    /// Bytes sent.
    pub bytes: u64,
}

/// A deployment's totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deployed {
    /// Statements run.
    pub statements: u64,
    /// Statements that failed.
    pub failed: u64,
}

/// One task's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskOutcome {
    /// Bare name.
    pub name: String,
    /// TASK_HISTORY's state.
    pub state: String,
    /// Duration in milliseconds.
    pub ms: u64,
}

/// A mart's size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MartCount {
    /// Bare name.
    pub name: String,
    /// Rows.
    pub rows: i64,
}

/// One rung of the reconciliation ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerCheck {
    /// Layer and table, `vault.HUB_CUSTOMER`.
    pub layer: String,
    /// What the objects in S3 say it must hold.
    pub expected: i64,
    /// What it holds.
    pub actual: i64,
    /// Whether the two agree.
    pub ok: bool,
}
