//! Plain data that every other folder shares. Std and serde only: nothing here does I/O.

mod alert;
mod catalog;
mod dataset;
mod explain;
mod likeness;
mod load;
mod mart;
mod object;
mod pace;
mod plan;
mod redact;
mod report;
mod secret;
mod sql;
mod task;
mod text;
mod transfer;

pub use alert::Alert;
pub use catalog::{CatalogColumn, CatalogDatabase, CatalogObject};
pub use dataset::{Dataset, GenerateSpec, Generated, Shape};
pub use explain::{Explained, Flaw, Reason};
pub use likeness::likeness;
pub use load::{Load, Rejects};
pub use mart::{Chart, ChartKind, MartInfo};
pub use object::{ObjectDetails, ObjectInfo, ObjectPage, ObjectVersion};
pub use pace::Pace;
pub use plan::{Change, PastRun, Plan, Stage, Standing, Step, StepState, Survey};
pub use redact::{MASK, redact, redact_known};
pub use report::{Deployed, LayerCheck, MartCount, RunReport, TaskOutcome, Uploaded};
pub use secret::Secret;
pub use sql::{Cell, Column, QueryOutcome, RowBatch, SqlError};
pub use task::{TaskNode, TaskRun, TaskState, TreeTiming};
pub use text::{printable, printable_lines};
pub use transfer::{Amount, Moved, NotMoved};

/// Identifies one started job. Every event carries it, so that replies of a job that was replaced can be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// One call to a service: what the Log pane shows and the log file keeps.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct CallRecord {
    /// When the call began, milliseconds since the Unix epoch.
    pub started_ms: i64,
    /// `sql` or `s3`.
    pub service: Service,
    /// The SQL text, or the S3 operation and key. Never holds a secret: the clients redact before they record.
    pub text: String,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// Snowflake's query id or S3's request id, where the answer had one.
    pub id: Option<String>,
    /// `Ok` with a short summary (`137 rows`, `31 keys`), or `Err` with the message.
    pub outcome: Result<String, String>,
}

/// The two services that snowdeck talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Snowflake, real or embedded.
    Sql,
    /// S3, real or embedded.
    S3,
}
