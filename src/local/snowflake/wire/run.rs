//! Running a request's statements, off the async threads.

use super::super::answer::{Answer, Field, kind};
use super::super::error::{SfError, SfResult};
use super::super::params::Parameters;
use super::super::session::{Bind, Request, Session};
use super::super::sql::split;
use super::super::types::Ty;
use super::binds;
use super::context::Context;
use super::job::{Done, Job, Outcome};
use super::reply::{self, Layout};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// What a request asks for besides its text.
#[derive(Default)]
pub struct Input {
    /// Sets of bound values.
    pub binds: Vec<BTreeMap<String, Bind>>,
    /// Where rows of bound values are staged.
    pub bind_stage: Option<String>,
    /// Parameters for this request alone.
    pub parameters: BTreeMap<String, String>,
    /// Columns only.
    pub describe_only: bool,
}

/// Runs a job to its end; blocks.
pub fn run(cx: &Arc<Context>, job: &Arc<Job>, input: &Input) {
    let gate = cx.gate(job.session.id);
    let turn = gate.lock();
    let outcome = if job.begin() {
        catch_unwind(AssertUnwindSafe(|| execute(cx, job, input))).unwrap_or_else(|panic| {
            // What the statement left half done must not meet the next one.
            let _ = job.session.with(|s| {
                s.tx = None;
                s.conn.execute_batch("ROLLBACK")
            });
            Err(SfError::internal(panic_text(&panic)))
        })
    } else {
        Err(SfError::new("000604", "57014", "SQL execution canceled"))
    };
    drop(turn);
    let bytes = match &outcome {
        Ok(done) => done.answer.rows.cost(),
        Err(_) => 0,
    };
    job.end(match outcome {
        Ok(done) => Outcome::Done(Arc::new(done)),
        Err(e) => Outcome::Failed(e),
    });
    cx.jobs.ended(job, bytes);
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap_or_else(|| "unknown defect".into())
}

fn execute(cx: &Arc<Context>, job: &Arc<Job>, input: &Input) -> SfResult<Done> {
    let (limit, wanted) = job.session.with(|s| {
        let value = |name: &str| {
            let own = input.parameters.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str());
            own.unwrap_or_else(|| s.params.get(name)).parse::<u64>().ok()
        };
        (value("STATEMENT_TIMEOUT_IN_SECONDS").unwrap_or(0), value("MULTI_STATEMENT_COUNT").unwrap_or(1))
    })?;
    let _deadline = Deadline::set(job, limit);
    let ran = match several(&job.sql, wanted)? {
        Some(parts) => run_several(cx, job, input, &parts),
        None => run_one(cx, &job.session, &job.id, &job.sql, input.binds.clone(), input).map(|a| (a, Vec::new())),
    };
    let (answer, children) = ran.map_err(|e| {
        if e.code == "000604" && job.has_timed_out() {
            let text =
                format!("Statement reached its statement or warehouse timeout of {limit} second(s) and was canceled.");
            return SfError::new("000630", "57014", text);
        }
        e
    })?;
    finished(cx, job, answer, children, input)
}

/// A result with what the session says behind it.
fn finished(
    cx: &Context,
    job: &Job,
    answer: Arc<Answer>,
    children: Vec<(String, u32)>,
    input: &Input,
) -> SfResult<Done> {
    let changes = matches!(answer.kind, kind::ALTER_SESSION | kind::CALL | kind::MULTI_STATEMENT);
    let (parameters, as_arrow, indent) = job.session.with(|s| {
        let list = if changes { reply::parameters(&s.params) } else { Vec::new() };
        (list, reads_arrow(&cx.client(job.session.id), &s.params), s.params.get("JSON_INDENT").parse().unwrap_or(2))
    })?;
    let layout = Layout::new(&answer, as_arrow, indent)?;
    Ok(Done {
        answer,
        info: job.session.info(),
        parameters,
        children,
        binds: input.binds.first().map_or(0, BTreeMap::len),
        describe_only: input.describe_only,
        layout,
    })
}

/// The statements of a text with more than one; `None` where it is to run as it is.
fn several(sql: &str, wanted: u64) -> SfResult<Option<Vec<String>>> {
    if wanted == 1 && !sql.contains(';') {
        return Ok(None);
    }
    // What cannot be read is refused, in better words, by the statement's own parser.
    let Ok(parts) = split::statements(sql) else { return Ok(None) };
    let count = parts.len() as u64;
    if count == 0 || (count == 1 && wanted <= 1) {
        return Ok(None);
    }
    if wanted != 0 && wanted != count {
        return Err(SfError::new(
            "000008",
            "0A000",
            format!("Actual statement count {count} did not match the desired statement count {wanted}."),
        ));
    }
    Ok((count > 1).then_some(parts))
}

fn run_one(
    cx: &Context,
    session: &Session,
    id: &str,
    sql: &str,
    binds: Vec<BTreeMap<String, Bind>>,
    input: &Input,
) -> SfResult<Arc<Answer>> {
    let request = Request {
        query_id: id.to_owned(),
        sql: sql.to_owned(),
        binds,
        bind_stage: input.bind_stage.clone(),
        parameters: input.parameters.clone(),
        describe_only: input.describe_only,
    };
    let answer = Arc::new(session.execute(&request)?);
    if !input.describe_only {
        cx.engine.keep_result(id, &session.user, answer.clone());
    }
    Ok(answer)
}

type Ran = (Arc<Answer>, Vec<(String, u32)>);

/// The children run one after the other; the first refusal ends the request, what ran before it stays.
fn run_several(cx: &Context, job: &Job, input: &Input, parts: &[String]) -> SfResult<Ran> {
    let mut children = Vec::with_capacity(parts.len());
    let mut used = 0;
    for part in parts {
        let id = cx.engine.new_query_id();
        let binds = input.binds.first().map(|all| binds::share(all, part, &mut used));
        let answer = run_one(cx, &job.session, &id, part, binds.into_iter().collect(), input)?;
        children.push((id.clone(), answer.kind));
        // Clients fetch each child's result by its own id.
        let child = Job::new(id, String::new(), job.session.clone(), part.clone(), cx.engine.clock.now_ms());
        let bytes = answer.rows.cost();
        child.end(Outcome::Done(Arc::new(finished(cx, &child, answer, Vec::new(), input)?)));
        cx.jobs.add(child.clone());
        cx.jobs.ended(&child, bytes);
    }
    let fields = vec![Field::new("multiple statement execution", Ty::TEXT)];
    let row = vec![Some("Multiple statements executed successfully.".to_owned())];
    let answer = Arc::new(Answer::texts(kind::MULTI_STATEMENT, fields, &[row]));
    cx.engine.keep_result(&job.id, &job.session.user, answer.clone());
    Ok((answer, children))
}

/// Whether a client gets SELECT results as Arrow: those that are known to read it, unless the session says otherwise.
fn reads_arrow(client: &str, params: &Parameters) -> bool {
    let (name, default) = match client {
        "PythonConnector" => ("PYTHON_CONNECTOR_QUERY_RESULT_FORMAT", true),
        "Go" => ("GO_QUERY_RESULT_FORMAT", true),
        "JDBC" => ("JDBC_QUERY_RESULT_FORMAT", false),
        "ODBC" => ("ODBC_QUERY_RESULT_FORMAT", false),
        _ => ("QUERY_RESULT_FORMAT", false),
    };
    if params.is_set(name) { !params.get(name).eq_ignore_ascii_case("JSON") } else { default }
}

/// Cancels the job when its time is over.
struct Deadline(Option<tokio::task::JoinHandle<()>>);

impl Deadline {
    fn set(job: &Arc<Job>, seconds: u64) -> Self {
        if seconds == 0 || seconds >= 172_800 {
            return Self(None);
        }
        let job = job.clone();
        Self(Some(tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            job.time_out();
        })))
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_statements_must_be_asked_for() {
        assert!(several("SELECT 1", 1).unwrap().is_none());
        assert!(several("SELECT ';' ; -- end", 1).unwrap().is_none());
        assert_eq!(several("SELECT 1; SELECT 2", 1).unwrap_err().code, "000008");
        assert_eq!(several("SELECT 1", 2).unwrap_err().code, "000008");
        assert_eq!(several("SELECT 1; SELECT 2;", 0).unwrap().map(|p| p.len()), Some(2));
        assert_eq!(several("SELECT 1; SELECT 2;", 2).unwrap().map(|p| p.len()), Some(2));
        assert!(several("SELECT 1;", 0).unwrap().is_none());
    }
}
