//! What became of every alert's run, in memory and in DuckDB.

use super::super::catalog::{Object, Options};
use super::super::engine::Engine;
use super::super::error::{SfError, SfResult};
use duckdb::{Connection, params};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long runs are remembered.
const KEPT_MS: i64 = 15 * 86_400_000;

/// States of an alert's run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are Snowflake's own")]
pub enum AlertState {
    Scheduled,
    Executing,
    Triggered,
    ConditionFalse,
    ConditionFailed,
    ActionFailed,
    Failed,
    Cancelled,
}

impl AlertState {
    /// As ALERT_HISTORY prints it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Executing => "EXECUTING",
            Self::Triggered => "TRIGGERED",
            Self::ConditionFalse => "CONDITION_FALSE",
            Self::ConditionFailed => "CONDITION_FAILED",
            Self::ActionFailed => "ACTION_FAILED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// Whether it can still change.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Scheduled | Self::Executing)
    }

    /// Whether the run ended without an error.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Triggered | Self::ConditionFalse)
    }
}

/// An alert's run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRun {
    /// Its number.
    pub id: i64,
    /// The alert's object id.
    pub alert: i64,
    /// Its full name.
    pub name: Vec<String>,
    /// The condition's query.
    pub condition: String,
    /// The action.
    pub action: String,
    /// Once it has run.
    pub condition_query_id: Option<String>,
    /// Once it has run.
    pub action_query_id: Option<String>,
    /// How it stands.
    pub state: AlertState,
    /// Code and text.
    pub error: Option<(String, String)>,
    /// Epoch milliseconds.
    pub scheduled_ms: i64,
    /// Epoch milliseconds.
    pub ended_ms: Option<i64>,
    /// SCHEDULE or EXECUTE ALERT.
    pub from: String,
    /// RUNBOOK.
    pub runbook: Option<String>,
    /// CONFIG.
    pub config: Option<String>,
    /// It was suspended for its failures.
    pub auto_suspended: bool,
}

impl AlertRun {
    /// A run that waits; its number comes when it is noted.
    #[must_use]
    pub fn new(object: &Object, options: &Options, from: &str, scheduled_ms: i64) -> Self {
        let get = |key: &str| options.get(key).cloned();
        Self {
            id: 0,
            alert: object.id,
            name: object.name.clone(),
            condition: get("CONDITION").unwrap_or_default(),
            action: get("ACTION").unwrap_or_default(),
            condition_query_id: None,
            action_query_id: None,
            state: AlertState::Scheduled,
            error: None,
            scheduled_ms,
            ended_ms: None,
            from: from.to_owned(),
            runbook: get("RUNBOOK"),
            config: get("CONFIG"),
            auto_suspended: false,
        }
    }
}

/// Every run.
#[derive(Default)]
pub struct AlertHistory {
    runs: Mutex<BTreeMap<i64, AlertRun>>,
    conn: Mutex<Option<Connection>>,
}

impl AlertHistory {
    /// Reads what DuckDB holds and forgets what is too old.
    ///
    /// # Errors
    /// DuckDB's; internal where a document cannot be read.
    pub fn load(&self, conn: &Connection, now_ms: i64) -> SfResult<()> {
        let mut runs = BTreeMap::new();
        let mut statement = conn.prepare("SELECT body FROM sd.alert_history ORDER BY rowid")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let body: String = row.get(0)?;
            let run: AlertRun =
                serde_json::from_str(&body).map_err(|e| SfError::internal(format!("alert history: {e}")))?;
            runs.insert(run.id, run);
        }
        runs.retain(|_, r| r.state.is_open() || r.scheduled_ms > now_ms - KEPT_MS);
        *self.runs.lock() = runs;
        Ok(())
    }

    /// Notes a new run; gives its number.
    pub fn put_new(&self, engine: &Engine, mut run: AlertRun) -> i64 {
        {
            let mut runs = self.runs.lock();
            run.id = runs.keys().next_back().map_or(1, |last| last + 1).max(run.scheduled_ms);
            runs.insert(run.id, run.clone());
        }
        self.persist(engine, &run);
        run.id
    }

    /// Notes how a run stands.
    pub fn put(&self, engine: &Engine, run: AlertRun) {
        self.persist(engine, &run);
        self.runs.lock().insert(run.id, run);
    }

    fn persist(&self, engine: &Engine, run: &AlertRun) {
        let mut conn = self.conn.lock();
        let written = (|| {
            let body = serde_json::to_string(run).map_err(SfError::internal)?;
            if conn.is_none() {
                *conn = Some(engine.connect()?);
            }
            if let Some(c) = &*conn {
                c.execute("INSERT INTO sd.alert_history VALUES (?, ?)", params![run.id, body])?;
            }
            Ok::<_, SfError>(())
        })();
        // The run itself goes on; it would be missing from the history after a restart.
        if let Err(e) = written {
            tracing::error!("the alert history cannot be written: {e}");
        }
    }

    /// A run.
    #[must_use]
    pub fn get(&self, id: i64) -> Option<AlertRun> {
        self.runs.lock().get(&id).cloned()
    }

    /// All runs, the oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<AlertRun> {
        self.runs.lock().values().cloned().collect()
    }

    /// When the last successful run of an alert was scheduled, epoch milliseconds.
    #[must_use]
    pub fn last_success(&self, alert: i64) -> Option<i64> {
        let runs = self.runs.lock();
        runs.values().rev().find(|r| r.alert == alert && r.state.is_success()).map(|r| r.scheduled_ms)
    }

    /// How many runs of an alert have failed one after the other, the latest included.
    #[must_use]
    pub fn failures_in_a_row(&self, alert: i64) -> usize {
        let runs = self.runs.lock();
        let ended = runs.values().rev().filter(|r| r.alert == alert && !r.state.is_open());
        ended.take_while(|r| !r.state.is_success()).count()
    }
}
