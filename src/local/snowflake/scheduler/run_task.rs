//! One task's run: its condition, its statement, in a session of its owner's role.

use super::super::catalog::{Body, Object, Task};
use super::super::engine::Engine;
use super::super::error::{SfError, SfResult};
use super::super::params::KNOWN;
use super::super::session::{Cx, QueryInfo, Request, Session};
use super::super::stmt::task::TaskScope;
use super::desk::Stop;
use super::history::{GraphKey, State};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A task to run.
pub struct Job {
    /// In which graph run.
    pub key: GraphKey,
    /// The definition that the run began with.
    pub object: Arc<Object>,
    /// What its statements may ask about the run.
    pub scope: Arc<TaskScope>,
    /// The statement's query id.
    pub query_id: String,
}

/// How it ended.
pub struct Ended {
    /// In which graph run.
    pub key: GraphKey,
    /// The task's object id.
    pub task: i64,
    /// SUCCEEDED, FAILED, CANCELLED or SKIPPED.
    pub state: State,
    /// Code and text.
    pub error: Option<(String, String)>,
    /// Whether its statement was begun.
    pub began: bool,
    /// SYSTEM$SET_RETURN_VALUE's.
    pub return_value: Option<String>,
}

/// Runs a task to its end and tells the desk.
pub fn run(engine: &Arc<Engine>, job: &Job) {
    let out = catch_unwind(AssertUnwindSafe(|| attempt(engine, job)));
    let out = out.unwrap_or_else(|_| Err((true, SfError::internal("unknown defect"))));
    let stopped = engine.tasks.desk.stopped(job.key, job.object.id);
    let (state, began, error) = match (out, stopped) {
        (Ok(Step::Done), _) => (State::Succeeded, true, None),
        (Ok(Step::ConditionFalse), _) => {
            let text = "Conditional expression for task evaluated to false.";
            (State::Skipped, false, Some(("0040003".to_owned(), text.to_owned())))
        }
        (Err((began, _)), Some(Stop::Cancelled)) => {
            (State::Cancelled, began, Some(("000604".into(), "SQL execution canceled".into())))
        }
        (Err((began, _)), Some(Stop::TimedOut)) => {
            let seconds = timeout_ms(&job.object) / 1000;
            let text = format!(
                "Statement reached its statement or warehouse timeout of {seconds} second(s) and was canceled."
            );
            (State::Failed, began, Some(("000630".into(), text)))
        }
        (Err((began, e)), None) => (State::Failed, began, Some((e.code.to_owned(), e.message))),
    };
    let return_value = job.scope.return_value.lock().clone();
    engine.tasks.desk.ended(Ended { key: job.key, task: job.object.id, state, error, began, return_value });
}

/// How long a run may take: USER_TASK_TIMEOUT_MS (an hour unless set; 0 means the longest, seven days), or the task's own
/// STATEMENT_TIMEOUT_IN_SECONDS where that is shorter.
#[must_use]
pub fn timeout_ms(object: &Object) -> u64 {
    let Body::Task(task) = &object.body else { return 3_600_000 };
    let number = |name: &str| task.parameters.get(name).and_then(|v| v.parse::<u64>().ok());
    let own = match number("USER_TASK_TIMEOUT_MS") {
        Some(0) => 604_800_000,
        Some(ms) => ms,
        None => 3_600_000,
    };
    match number("STATEMENT_TIMEOUT_IN_SECONDS") {
        Some(s) if s > 0 => own.min(s.saturating_mul(1000)),
        _ => own,
    }
}

enum Step {
    Done,
    ConditionFalse,
}

/// `true` beside the error where the statement had begun.
fn attempt(engine: &Arc<Engine>, job: &Job) -> Result<Step, (bool, SfError)> {
    let Body::Task(task) = &job.object.body else { return Err((false, SfError::internal("not a task"))) };
    let session = open(engine, job, task).map_err(|e| (false, e))?;
    engine.tasks.desk.running(job.key, job.object.id, session.clone());
    let out = match &task.condition {
        Some(condition) => holds(engine, &session, condition).map_err(|e| (false, e)),
        None => Ok(true),
    };
    let out = match out {
        Ok(true) => {
            let sql = statement(&task.definition).to_owned();
            let request = Request { query_id: job.query_id.clone(), sql, ..Request::default() };
            session.execute(&request).map(|_| Step::Done).map_err(|e| (true, e))
        }
        Ok(false) => Ok(Step::ConditionFalse),
        Err(e) => Err(e),
    };
    session.close();
    out
}

/// The task's statement without `$$` around it.
#[must_use]
pub fn statement(definition: &str) -> &str {
    let text = definition.trim();
    text.strip_prefix("$$").and_then(|t| t.strip_suffix("$$")).unwrap_or(text)
}

fn open(engine: &Arc<Engine>, job: &Job, task: &Task) -> SfResult<Arc<Session>> {
    let name = &job.object.name;
    let (database, schema) = (name.first().map_or("", String::as_str), name.get(1).map_or("", String::as_str));
    let session = engine.internal_session(&job.object.owner, database, schema)?;
    session.with(|s| {
        s.warehouse.clone_from(&task.warehouse);
        s.task = Some(job.scope.clone());
        for (key, value) in task.parameters.iter().filter(|(k, _)| KNOWN.iter().any(|(n, _, _)| n == k)) {
            s.params.set(key, value);
        }
    })?;
    Ok(session)
}

/// Whether the WHEN condition is true.
fn holds(engine: &Arc<Engine>, session: &Session, condition: &str) -> SfResult<bool> {
    let sql = format!("SELECT ({condition})::BOOLEAN");
    let now_us = engine.now_us();
    session.with(|s| {
        let q = QueryInfo {
            id: engine.new_query_id(),
            text: sql.clone(),
            now_us,
            binds: std::collections::BTreeMap::new(),
            bind_rows: None,
            cancelled: Arc::new(AtomicBool::new(false)),
        };
        let answer = Cx { engine, s, q }.execute(&sql)?;
        Ok(answer.first_text()?.is_some_and(|t| t == "1" || t.eq_ignore_ascii_case("true")))
    })?
}

/// Whether a triggered task's condition holds now; a condition that fails is tried for real, so that its run shows why.
pub fn has_work(engine: &Arc<Engine>, object: &Arc<Object>, task: &Task) -> bool {
    let key = GraphKey { run_id: 0, root: object.id, attempt: 0 };
    let job = Job { key, object: object.clone(), scope: Arc::new(TaskScope::default()), query_id: String::new() };
    let Some(condition) = &task.condition else { return false };
    let Ok(session) = open(engine, &job, task) else { return true };
    let out = session.with(|s| s.task = None).and_then(|()| holds(engine, &session, condition)).unwrap_or(true);
    session.close();
    out
}
