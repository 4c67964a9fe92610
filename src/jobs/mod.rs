//! What an operator can start. A job gets a [`Context`] and the [`ports`] that it needs; it knows no screen.

pub mod access;
pub mod alerts;
pub mod browse;
pub mod copy;
pub mod deploy;
pub mod download;
pub mod explain;
pub mod feed;
pub mod generate;
pub mod init;
pub mod loads;
pub mod marts;
pub mod ports;
pub mod query;
pub mod reconcile;
pub mod remove;
pub mod run;
pub mod sources;
pub mod tasks;
pub mod transfer;
pub mod upload;

use crate::domain::{CallRecord, StepState, TaskRun};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Tells the time. Jobs, the scheduler and the console take it from here, so that tests and demos can fast-forward.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A transition that nobody may miss: goes over a bounded channel that drops nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The job entered a part of its work (`generate`, `upload`, `deploy` …).
    Phase(String),
    /// A deployment step changed.
    Step {
        /// Index of the stage in the plan.
        stage: usize,
        /// Index of the step in the stage.
        step: usize,
        /// Its new state.
        state: StepState,
        /// The statement's answer, once it has one.
        answer: Option<crate::domain::QueryOutcome>,
    },
    /// The task tree's runs as last seen.
    Tasks(Vec<TaskRun>),
    /// A service was called.
    Call(CallRecord),
    /// Something worth a line, in plain words.
    Note(String),
}

/// Counters of what is under way: only the latest matters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// What is counted, `transactions`, `upload` …
    pub label: String,
    /// Items done.
    pub done: u64,
    /// Items in all, where known.
    pub total: Option<u64>,
    /// Bytes done.
    pub bytes: u64,
    /// Bytes in all, where known.
    pub total_bytes: Option<u64>,
    /// Bytes a second, lately.
    pub rate: Option<u64>,
    /// Seconds left at that rate.
    pub seconds_left: Option<u64>,
    /// What several things at once have come to, where that is what is done.
    pub parts: Vec<PartCount>,
}

/// One of several things that a job counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartCount {
    /// What.
    pub name: String,
    /// Items done.
    pub done: u64,
    /// Items in all, where known.
    pub total: Option<u64>,
}

/// Where a job reports to.
pub trait Sink: Send + Sync {
    /// A transition; may wait for room.
    fn event(&self, event: Event);
    /// Counters; the latest wins.
    fn progress(&self, progress: Progress);
}

/// Reports to nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Sink for Silent {
    fn event(&self, _event: Event) {}
    fn progress(&self, _progress: Progress) {}
}

/// What every job gets.
#[derive(Clone)]
pub struct Context {
    /// Set when the operator no longer wants the result.
    pub cancel: CancellationToken,
    /// Where events and counters go.
    pub sink: Arc<dyn Sink>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Context {
    /// A context that reports to nobody, on the machine's clock.
    #[must_use]
    pub fn silent() -> Self {
        Self { cancel: CancellationToken::new(), sink: Arc::new(Silent), clock: Arc::new(SystemClock) }
    }

    /// Shorthand for a transition.
    pub fn emit(&self, event: Event) {
        self.sink.event(event);
    }
}

/// Why a job ended without its result.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The operator cancelled it.
    #[error("cancelled")]
    Cancelled,
    /// What was asked for makes no sense; the text says what would.
    #[error("{0}")]
    Usage(String),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// S3 refused or could not be reached.
    #[error(transparent)]
    Store(#[from] ports::StoreError),
    /// Snowflake refused or could not be reached.
    #[error(transparent)]
    Sql(#[from] crate::domain::SqlError),
    /// Anything else, in words for the person who reads them.
    #[error("{0}")]
    Failed(String),
}
