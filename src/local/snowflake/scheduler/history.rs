//! What became of every run, in memory and in DuckDB.

use super::super::engine::Engine;
use super::super::error::{SfError, SfResult};
use duckdb::{Connection, params};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How long runs are remembered: RETRY LAST reaches back 14 days.
const KEPT_MS: i64 = 15 * 86_400_000;

/// States of a task run; a graph run has those without SKIPPED and SUSPENDED.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are Snowflake's own")]
pub enum State {
    Scheduled,
    Executing,
    Succeeded,
    Failed,
    FailedAndAutoSuspended,
    Cancelled,
    Skipped,
}

impl State {
    /// As TASK_HISTORY prints it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Executing => "EXECUTING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::FailedAndAutoSuspended => "FAILED_AND_AUTO_SUSPENDED",
            Self::Cancelled => "CANCELLED",
            Self::Skipped => "SKIPPED",
        }
    }

    /// Whether it can still change.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Scheduled | Self::Executing)
    }

    /// FAILED in either form.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::FailedAndAutoSuspended)
    }
}

/// One attempt of one graph's run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GraphKey {
    /// RUN_ID: epoch milliseconds of the original scheduled time.
    pub run_id: i64,
    /// The root's object id.
    pub root: i64,
    /// ATTEMPT_NUMBER, from 1.
    pub attempt: u32,
}

/// A graph's run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphRecord {
    /// Which.
    pub key: GraphKey,
    /// The root's UUID.
    pub root_uuid: String,
    /// The root's full name.
    pub name: Vec<String>,
    /// How it stands.
    pub state: State,
    /// SCHEDULE, EXECUTE_TASK, MANUAL RETRY, AUTOMATIC RETRY, TRIGGER.
    pub from: String,
    /// The effective CONFIG.
    pub config: Option<String>,
    /// GRAPH_VERSION.
    pub version: u32,
    /// Epoch milliseconds.
    pub scheduled_ms: i64,
    /// Epoch milliseconds.
    pub started_ms: Option<i64>,
    /// Epoch milliseconds.
    pub ended_ms: Option<i64>,
    /// NEXT_SCHEDULED_TIME, epoch milliseconds.
    pub next_ms: Option<i64>,
    /// The first failure: task, code, text.
    pub first_error: Option<(String, String, String)>,
}

/// A task's run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRun {
    /// In which graph run.
    pub key: GraphKey,
    /// The task's object id.
    pub task: i64,
    /// Its full name.
    pub name: Vec<String>,
    /// QUERY_TEXT.
    pub definition: String,
    /// CONDITION_TEXT.
    pub condition: Option<String>,
    /// How it stands.
    pub state: State,
    /// Code and text of the failure.
    pub error: Option<(String, String)>,
    /// Query id, once it has begun.
    pub query_id: Option<String>,
    /// Epoch milliseconds.
    pub scheduled_ms: i64,
    /// Epoch milliseconds.
    pub started_ms: Option<i64>,
    /// Epoch milliseconds.
    pub ended_ms: Option<i64>,
    /// SYSTEM$SET_RETURN_VALUE's.
    pub return_value: Option<String>,
}

/// A document in `sd.task_history`: the last one of its key counts.
#[derive(Serialize, Deserialize)]
enum Doc {
    Graph(GraphRecord),
    Task(TaskRun),
    /// Written by a task's own transaction: its work is done.
    Committed(GraphKey, i64),
}

#[derive(Default)]
struct Inner {
    graphs: BTreeMap<GraphKey, GraphRecord>,
    tasks: BTreeMap<(GraphKey, i64), TaskRun>,
    committed: BTreeSet<(GraphKey, i64)>,
}

/// Every run.
#[derive(Default)]
pub struct History {
    inner: Mutex<Inner>,
    conn: Mutex<Option<Connection>>,
}

/// The mark that a task's transaction leaves in `sd.task_history`.
///
/// # Errors
/// DuckDB's.
pub fn mark_committed(conn: &Connection, key: GraphKey, task: i64) -> SfResult<()> {
    write(conn, key, task, &Doc::Committed(key, task))
}

fn write(conn: &Connection, key: GraphKey, task: i64, doc: &Doc) -> SfResult<()> {
    let body = serde_json::to_string(doc).map_err(SfError::internal)?;
    conn.execute("INSERT INTO sd.task_history VALUES (?, ?, ?, ?)", params![key.run_id, task, key.attempt, body])?;
    Ok(())
}

impl History {
    /// Reads what DuckDB holds and forgets what is too old.
    ///
    /// # Errors
    /// DuckDB's; internal where a document cannot be read.
    pub fn load(&self, conn: &Connection, now_ms: i64) -> SfResult<()> {
        let mut statement = conn.prepare("SELECT body FROM sd.task_history ORDER BY rowid")?;
        let mut rows = statement.query([])?;
        let mut inner = Inner::default();
        let mut lines = 0usize;
        while let Some(row) = rows.next()? {
            lines += 1;
            let body: String = row.get(0)?;
            match serde_json::from_str(&body).map_err(|e| SfError::internal(format!("task history: {e}")))? {
                Doc::Graph(g) => drop(inner.graphs.insert(g.key, g)),
                Doc::Task(t) => drop(inner.tasks.insert((t.key, t.task), t)),
                Doc::Committed(key, task) => drop(inner.committed.insert((key, task))),
            }
        }
        drop(rows);
        drop(statement);
        let old = now_ms - KEPT_MS;
        inner.graphs.retain(|k, g| k.run_id > old || g.state.is_open());
        let known: BTreeSet<GraphKey> = inner.graphs.keys().copied().collect();
        inner.tasks.retain(|(k, _), _| known.contains(k));
        inner.committed.retain(|(k, _)| known.contains(k));
        if lines > 2 * (inner.graphs.len() + inner.tasks.len() + inner.committed.len()) {
            conn.execute_batch("BEGIN TRANSACTION; DELETE FROM sd.task_history")?;
            for g in inner.graphs.values() {
                write(conn, g.key, 0, &Doc::Graph(g.clone()))?;
            }
            for t in inner.tasks.values() {
                write(conn, t.key, t.task, &Doc::Task(t.clone()))?;
            }
            for (key, task) in &inner.committed {
                write(conn, *key, *task, &Doc::Committed(*key, *task))?;
            }
            conn.execute_batch("COMMIT")?;
        }
        *self.inner.lock() = inner;
        Ok(())
    }

    fn persist(&self, engine: &Engine, key: GraphKey, task: i64, doc: &Doc) {
        let mut conn = self.conn.lock();
        let done = match &*conn {
            Some(c) => write(c, key, task, doc),
            None => engine.connect().and_then(|c| {
                let out = write(&c, key, task, doc);
                *conn = Some(c);
                out
            }),
        };
        // The run itself goes on; it would be missing from the history after a restart.
        if let Err(e) = done {
            tracing::error!("the task history cannot be written: {e}");
        }
    }

    /// Notes how a graph's run stands.
    pub fn put_graph(&self, engine: &Engine, record: GraphRecord) {
        self.persist(engine, record.key, 0, &Doc::Graph(record.clone()));
        self.inner.lock().graphs.insert(record.key, record);
    }

    /// Notes how a task's run stands.
    pub fn put_task(&self, engine: &Engine, run: TaskRun) {
        self.persist(engine, run.key, run.task, &Doc::Task(run.clone()));
        self.inner.lock().tasks.insert((run.key, run.task), run);
    }

    /// All graph runs, the oldest first.
    #[must_use]
    pub fn graphs(&self) -> Vec<GraphRecord> {
        self.inner.lock().graphs.values().cloned().collect()
    }

    /// All task runs, by run.
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskRun> {
        self.inner.lock().tasks.values().cloned().collect()
    }

    /// A graph's run.
    #[must_use]
    pub fn graph(&self, key: GraphKey) -> Option<GraphRecord> {
        self.inner.lock().graphs.get(&key).cloned()
    }

    /// The task runs of one attempt.
    #[must_use]
    pub fn tasks_of(&self, key: GraphKey) -> Vec<TaskRun> {
        self.inner.lock().tasks.range((key, i64::MIN)..=(key, i64::MAX)).map(|(_, t)| t.clone()).collect()
    }

    /// Whether a task's transaction has left its mark.
    #[must_use]
    pub fn has_committed(&self, key: GraphKey, task: i64) -> bool {
        self.inner.lock().committed.contains(&(key, task))
    }

    /// A RUN_ID for a new run of a root: its scheduled time, or the next free millisecond.
    #[must_use]
    pub fn free_run_id(&self, root: i64, scheduled_ms: i64) -> i64 {
        let inner = self.inner.lock();
        (scheduled_ms..i64::MAX)
            .find(|id| !inner.graphs.keys().any(|k| k.root == root && k.run_id == *id))
            .unwrap_or(scheduled_ms)
    }

    /// The last attempt of the last run of a root.
    #[must_use]
    pub fn last_of(&self, root: i64) -> Option<GraphRecord> {
        self.inner.lock().graphs.values().rev().find(|g| g.key.root == root && g.state != State::Skipped).cloned()
    }

    /// How many runs of a root have failed one after the other, the latest included.
    #[must_use]
    pub fn failures_in_a_row(&self, root: i64) -> usize {
        let inner = self.inner.lock();
        inner
            .graphs
            .values()
            .rev()
            .filter(|g| g.key.root == root && !g.state.is_open() && g.state != State::Skipped)
            .take_while(|g| g.state.is_failure())
            .count()
    }
}
