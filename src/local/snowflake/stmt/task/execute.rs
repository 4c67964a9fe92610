//! EXECUTE TASK: asks the scheduler for a run and does not wait for it.

use super::super::super::answer::{Answer, kind};
use super::super::super::catalog::ObjectName;
use super::super::super::error::{SfError, SfResult};
use super::super::super::scheduler::{GraphKey, GraphRecord, Order, State, TaskRun};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::{Class, Statement};
use super::{alter, check, graph};
use sqlparser::tokenizer::Token;
use std::time::Duration;

/// How long after its end a run can be repeated.
const RETRY_MS: i64 = 14 * 86_400_000;

/// How long the answer waits for the run's end.
pub const HEAD_START: Duration = Duration::from_millis(250);

enum How {
    Fresh(Option<String>),
    RetryLast,
    RetryGroup(String),
}

struct Execute {
    name: ObjectName,
    how: How,
}

/// Behind EXECUTE TASK.
///
/// # Errors
/// 001003.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let name = c.name()?;
    let how = if c.accept("USING CONFIG") {
        c.accept_token(&Token::Eq);
        How::Fresh(Some(c.string()?))
    } else if c.accept("RETRY LAST") {
        How::RetryLast
    } else if c.accept("RETRY GRAPH RUN GROUP") {
        How::RetryGroup(c.value()?)
    } else {
        How::Fresh(None)
    };
    Ok(Box::new(Execute { name, how }))
}

impl Statement for Execute {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let Some(root) = alter::operated(cx, &self.name, false)? else { return Ok(Answer::done(kind::DDL)) };
        let Some(task) = graph::task_of(&root) else { return Err(SfError::missing("Task", &self.name.display())) };
        if !task.predecessors.is_empty() || task.finalizes.is_some() {
            let text = format!("Cannot execute task {}: only a root or standalone task can be executed.", root.bare());
            return Err(SfError::new("091088", "22000", text));
        }
        check::may_run(&cx.catalog(), &root)?;
        let now = cx.engine.clock.now_ms();
        let record = match &self.how {
            How::Fresh(config) => {
                let config = merged(task.config.as_deref(), config.as_deref())?;
                graph::new_record(cx.engine, &root, task, "EXECUTE_TASK", now, config)
            }
            How::RetryLast => {
                let last = cx.engine.tasks.history.last_of(root.id);
                let last = retryable(last, root.bare(), task.version, now)?;
                graph::retry_record(cx.engine, &last, "MANUAL RETRY")
            }
            How::RetryGroup(id) => {
                let all = cx.engine.tasks.history.graphs();
                let last = all.into_iter().rev().find(|g| g.key.root == root.id && g.key.run_id.to_string() == *id);
                let last = retryable(last, root.bare(), task.version, now)?;
                graph::retry_record(cx.engine, &last, "MANUAL RETRY")
            }
        };
        if matches!(self.how, How::Fresh(_)) {
            note_scheduled(cx, &record, &root.name, task.definition.clone(), task.condition.clone());
        }
        cx.engine.tasks.desk.order(Order(record.key));
        head_start(cx, record.key);
        Ok(Answer::status(kind::DDL, format!("Task {} is scheduled to run immediately.", root.bare())))
    }
}

/// The answer leaves a run that is over at once the time to end: whoever looks right behind it sees the result, as behind
/// the slower answer of an account. A longer run goes on by itself. Inside a transaction the run may need the very locks
/// that the session holds, so there is no waiting.
fn head_start(cx: &Cx<'_>, key: GraphKey) {
    if cx.s.tx.is_none() && cx.s.task.is_none() {
        let open = || cx.engine.tasks.history.graph(key).is_some_and(|g| g.state.is_open());
        cx.engine.tasks.desk.linger(HEAD_START, || !open());
    }
}

/// The root shows in the history from now on.
fn note_scheduled(cx: &Cx<'_>, record: &GraphRecord, name: &[String], definition: String, condition: Option<String>) {
    let run = TaskRun {
        key: record.key,
        task: record.key.root,
        name: name.to_vec(),
        definition,
        condition,
        state: State::Scheduled,
        error: None,
        query_id: None,
        scheduled_ms: record.scheduled_ms,
        started_ms: None,
        ended_ms: None,
        return_value: None,
    };
    cx.engine.tasks.history.put_task(cx.engine, run);
}

fn retryable(last: Option<GraphRecord>, bare: &str, version: u32, now: i64) -> SfResult<GraphRecord> {
    let refused = |text: String| SfError::new("091088", "22000", format!("Cannot perform retry: {text}"));
    let none = || refused(format!("no suitable run of graph with root task {bare} to retry."));
    let last = last.ok_or_else(none)?;
    match last.state {
        State::Succeeded => return Err(refused(format!("graph with root task {bare} had no failures."))),
        state if state.is_failure() || state == State::Cancelled => {}
        _ => return Err(none()),
    }
    if last.version != version || last.ended_ms.is_some_and(|e| now - e > RETRY_MS) {
        return Err(none());
    }
    Ok(last)
}

/// The task's CONFIG with what USING CONFIG adds or replaces, member by member at every depth.
fn merged(own: Option<&str>, given: Option<&str>) -> SfResult<Option<String>> {
    let Some(given) = given else { return Ok(own.map(str::to_owned)) };
    let read = |text: &str| {
        serde_json::from_str::<serde_json::Value>(text).ok().filter(serde_json::Value::is_object).ok_or_else(|| {
            SfError::compile("001008", "22023", format!("invalid value [{text}] for parameter 'CONFIG'"))
        })
    };
    let mut out = read(own.unwrap_or("{}"))?;
    merge(&mut out, read(given)?);
    Ok(Some(out.to_string()))
}

fn merge(into: &mut serde_json::Value, from: serde_json::Value) {
    match (into, from) {
        (serde_json::Value::Object(a), serde_json::Value::Object(b)) => {
            for (key, value) in b {
                match a.get_mut(&key) {
                    Some(old) => merge(old, value),
                    None => drop(a.insert(key, value)),
                }
            }
        }
        (slot, value) => *slot = value,
    }
}

#[cfg(test)]
mod tests {
    use super::merged;

    #[test]
    fn configs_merge_at_every_depth() {
        let own = r#"{"a":1,"b":{"c":2,"d":3}}"#;
        assert_eq!(
            merged(Some(own), Some(r#"{"b":{"d":4},"e":5}"#)).unwrap().unwrap(),
            r#"{"a":1,"b":{"c":2,"d":4},"e":5}"#
        );
        assert_eq!(merged(Some(own), None).unwrap().as_deref(), Some(own));
        assert_eq!(merged(None, None).unwrap(), None);
        assert!(merged(None, Some("[1]")).is_err());
    }
}
