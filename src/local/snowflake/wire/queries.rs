//! Queries: submit, fetch, cancel, watch.

use super::super::answer::Answer;
use super::super::error::{SfError, SfResult};
use super::super::session::Session;
use super::binds::{self, WireBind};
use super::context::Context;
use super::files;
use super::job::{Done, Job, Outcome};
use super::reply::{self, Layout};
use super::run::{Input, run};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// How long a request waits for its statement before it answers that it is still running.
const PATIENCE: Duration = Duration::from_secs(45);
/// Results with more rows are encoded off the async threads.
const LARGE: usize = 2000;

type Shared = State<Arc<Context>>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryBody {
    sql_text: String,
    #[serde(default)]
    async_exec: Option<bool>,
    #[serde(default)]
    describe_only: Option<bool>,
    #[serde(default)]
    parameters: Option<Map<String, Value>>,
    #[serde(default)]
    bindings: Option<BTreeMap<String, WireBind>>,
    #[serde(default)]
    bind_stage: Option<String>,
}

impl QueryBody {
    fn input(&self) -> SfResult<Input> {
        Ok(Input {
            bind_stage: self.bind_stage.clone().filter(|s| !s.is_empty()),
            binds: self.bindings.as_ref().map(binds::sets).transpose()?.unwrap_or_default(),
            parameters: self
                .parameters
                .iter()
                .flatten()
                .filter(|(_, v)| !v.is_null())
                .map(|(k, v)| (k.to_ascii_uppercase(), plain_text(v)))
                .collect(),
            describe_only: self.describe_only.unwrap_or(false),
        })
    }
}

/// A JSON value as a parameter's text.
pub fn plain_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A malformed request.
pub fn malformed(e: &serde_json::Error) -> SfError {
    SfError::new("390400", "08000", format!("Bad request: {e}"))
}

/// POST /queries/v1/query-request
pub async fn submit(
    State(cx): Shared,
    Query(url): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let session = match cx.session(&headers) {
        Ok(session) => session,
        Err(e) => return reply::failure(&e, ""),
    };
    let id = cx.engine.new_query_id();
    let parsed = serde_json::from_slice::<QueryBody>(&body)
        .map_err(|e| malformed(&e))
        .and_then(|b| b.input().map(|input| (b, input)));
    let (body, input) = match parsed {
        Ok(p) => p,
        Err(e) => return reply::failure(&e, &id),
    };
    let request_id = url.get("requestId").cloned().unwrap_or_default();
    let job = Job::new(id, request_id, session, body.sql_text, cx.engine.clock.now_ms());
    let (job, new) = cx.jobs.add(job);
    if new {
        let (cx, job) = (cx.clone(), job.clone());
        tokio::task::spawn_blocking(move || run(&cx, &job, &input));
    }
    if body.async_exec.unwrap_or(false) && job.outcome().is_none() {
        return reply::in_progress("333334", &job.id);
    }
    finish(&cx, &job, &headers).await
}

/// Waits for a job and answers with its outcome, or that it still runs.
async fn finish(cx: &Arc<Context>, job: &Arc<Job>, headers: &HeaderMap) -> Response {
    match job.wait(PATIENCE).await {
        None => reply::in_progress("333333", &job.id),
        Some(Outcome::Failed(e)) => reply::failure(&e, &job.id),
        Some(Outcome::Done(done)) => encode(cx, job.session.id, job.id.clone(), done, base(cx, headers)).await,
    }
}

async fn encode(cx: &Context, session: u64, id: String, done: Arc<Done>, base: String) -> Response {
    let rows = done.answer.rows.len();
    let extra = match &done.answer.transfer {
        Some(transfer) if !done.describe_only => files::offer(cx, session, transfer, &base),
        _ => Map::new(),
    };
    let make = {
        let id = id.clone();
        move || reply::result(&id, &done, &base, extra)
    };
    let body = if rows > LARGE {
        tokio::task::spawn_blocking(make).await.unwrap_or_else(|e| Err(SfError::internal(e)))
    } else {
        make()
    };
    body.map_or_else(|e| reply::failure(&e, &id), reply::http)
}

/// Where the client reaches this server.
fn base(cx: &Context, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
    host.map_or_else(|| format!("http://{}", cx.address), |h| format!("http://{h}"))
}

/// GET /queries/{id}/result
pub async fn fetch(State(cx): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let session = match cx.session(&headers) {
        Ok(session) => session,
        Err(e) => return reply::failure(&e, &id),
    };
    if let Some(job) = cx.jobs.get(&id).filter(|j| j.session.user == session.user) {
        return finish(&cx, &job, &headers).await;
    }
    match cx.engine.result(&id, &session.user).map(|answer| kept(&session, answer)) {
        Ok(done) => encode(&cx, session.id, id, Arc::new(done), base(&cx, &headers)).await,
        Err(e) => reply::failure(&e, &id),
    }
}

/// A result that only the engine still has. It goes out whole: its chunks would have no job to be asked for by.
fn kept(session: &Session, answer: Arc<Answer>) -> Done {
    let layout = Layout::whole(&answer, 2);
    let info = session.info();
    Done { answer, info, parameters: Vec::new(), children: Vec::new(), binds: 0, describe_only: false, layout }
}

/// GET /chunks/{id}/{n}?key=…
pub async fn chunk(
    State(cx): Shared,
    Path((id, n)): Path<(String, usize)>,
    Query(url): Query<HashMap<String, String>>,
) -> Response {
    let Some(Outcome::Done(done)) = cx.jobs.get(&id).and_then(|j| j.outcome()) else {
        return (StatusCode::NOT_FOUND, "this result has expired; run the query again").into_response();
    };
    let encoded = tokio::task::spawn_blocking(move || {
        (url.get("key") == Some(&done.layout.key)).then(|| done.layout.chunk(&done.answer, n))
    });
    match encoded.await {
        Ok(Some(Ok(bytes))) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
        Ok(None) => (StatusCode::FORBIDDEN, "wrong or missing key").into_response(),
        Ok(Some(Err(e))) => (StatusCode::NOT_FOUND, e.message).into_response(),
        Err(e) => (StatusCode::NOT_FOUND, e.to_string()).into_response(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AbortBody {
    request_id: String,
}

/// POST /queries/v1/abort-request
pub async fn abort_request(State(cx): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let session = match cx.session(&headers) {
        Ok(session) => session,
        Err(e) => return reply::failure(&e, ""),
    };
    match serde_json::from_slice::<AbortBody>(&body) {
        Ok(asked) => abort(cx.jobs.by_request(session.id, &asked.request_id)),
        Err(e) => reply::failure(&malformed(&e), ""),
    }
}

/// POST /queries/{id}/abort-request
pub async fn abort_query(State(cx): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    match cx.session(&headers) {
        Ok(session) => abort(cx.jobs.get(&id).filter(|j| j.session.user == session.user)),
        Err(e) => reply::failure(&e, &id),
    }
}

fn abort(job: Option<Arc<Job>>) -> Response {
    match job {
        Some(job) if job.cancel() => reply::success(&Value::Null),
        other => {
            let id = other.map(|j| j.id.clone()).unwrap_or_default();
            reply::failure(&SfError::new("000605", "57014", "Identified query is not currently executing."), &id)
        }
    }
}

/// GET /monitoring/queries/{id}
pub async fn monitor(State(cx): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let session = match cx.session(&headers) {
        Ok(session) => session,
        Err(e) => return reply::failure(&e, &id),
    };
    let mut queries = Vec::new();
    if let Some(job) = cx.jobs.get(&id).filter(|j| j.session.user == session.user) {
        queries.push(reply::monitored(&job));
    } else if let Some(e) = cx.engine.history.entries().into_iter().rev().find(|e| e.id == id && e.user == session.user)
    {
        let status = if e.error.is_some() { "FAILED_WITH_ERROR" } else { "SUCCESS" };
        let (code, message) = e.error.unzip();
        queries.push(json!({
            "id": e.id, "status": status, "state": status, "sqlText": e.text, "startTime": e.started_us / 1000,
            "endTime": e.ended_us / 1000, "errorCode": code, "errorMessage": message, "stats": {},
        }));
    }
    reply::success(&json!({ "queries": queries }))
}
