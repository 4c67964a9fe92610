//! Replies: bodies of the protocol's answers.

use super::super::answer::{Answer, kind};
use super::super::error::{SfError, SfResult};
use super::super::params::{KNOWN, Parameters};
use super::encode::{arrow, write_rows};
use super::job::{Done, Job};
use super::rowtype::rowtype;
use crate::jobs::{Clock, SystemClock};
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};
use std::ops::Range;

/// Rows that come with the reply itself: about that many bytes, so that the first ones show at once.
const INLINE_BYTES: usize = 128 << 10;
/// A JSON result up to this size comes in one piece: SHOW lists are JSON, and not every client (firn among them) reads JSON
/// chunks.
const INLINE_JSON_BYTES: usize = 32 << 20;
/// About how large a chunk is.
const CHUNK_BYTES: usize = 4 << 20;

/// How a result is cut.
pub struct Layout {
    /// Rows in the reply.
    inline: Range<usize>,
    /// Rows of each chunk.
    chunks: Vec<Range<usize>>,
    /// Arrow, where the client and the result allow it.
    plan: Option<arrow::Plan>,
    /// JSON_INDENT.
    indent: usize,
    /// Whoever knows it may fetch the chunks, as with a signed URL.
    pub key: String,
}

impl Layout {
    /// Cuts a result.
    ///
    /// # Errors
    /// Internal, where a stored type is not what its field says.
    pub fn new(answer: &Answer, as_arrow: bool, indent: usize) -> SfResult<Self> {
        let rows = answer.rows.len();
        let bytes = answer.rows.bytes();
        let per_row = (bytes / rows.max(1)).max(1);
        let plan = if as_arrow && answer.kind == kind::SELECT { arrow::plan(answer, indent)? } else { None };
        let whole = if plan.is_some() { INLINE_BYTES } else { INLINE_JSON_BYTES };
        let inline = if bytes <= whole { rows } else { rows.min((INLINE_BYTES / per_row).max(1)) };
        let step = (CHUNK_BYTES / per_row).max(1);
        let chunks = (inline..rows).step_by(step).map(|from| from..(from + step).min(rows)).collect();
        Ok(Self { inline: 0..inline, chunks, plan, indent, key: uuid::Uuid::new_v4().simple().to_string() })
    }

    /// A result in one piece, as JSON.
    pub fn whole(answer: &Answer, indent: usize) -> Self {
        Self { inline: 0..answer.rows.len(), chunks: Vec::new(), plan: None, indent, key: String::new() }
    }

    /// One chunk's body: an Arrow stream, or JSON rows without outer brackets.
    ///
    /// # Errors
    /// 000709 where there is no such chunk.
    pub fn chunk(&self, answer: &Answer, n: usize) -> SfResult<Vec<u8>> {
        let Some(rows) = self.chunks.get(n) else {
            return Err(SfError::compile("000709", "02000", format!("Chunk {n} not found")));
        };
        if let Some(plan) = &self.plan {
            plan.stream(answer, rows.clone())
        } else {
            let mut out = String::new();
            write_rows(answer, rows.clone(), self.indent, &mut out)?;
            Ok(out.into_bytes())
        }
    }
}

/// A JSON reply.
pub fn http(body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Success with `data`.
pub fn success(data: &Value) -> Response {
    http(json!({ "data": data, "code": null, "message": null, "success": true }).to_string())
}

/// A refusal: HTTP 200, as drivers expect. `query_id` is empty where no query is concerned.
pub fn failure(e: &SfError, query_id: &str) -> Response {
    let place = |n: Option<u64>| n.and_then(|n| i64::try_from(n).ok()).unwrap_or(-1);
    let compile = e.message.starts_with("SQL compilation error");
    let body = json!({
        "data": {
            "internalError": false, "unredactedFromSecureObject": false, "errorCode": e.code, "age": 0,
            "sqlState": e.state, "queryId": query_id, "line": place(e.line), "pos": place(e.position),
            "type": if compile { "COMPILATION" } else { "EXECUTION" },
        },
        "code": e.code, "message": e.message, "success": false, "headers": null,
    });
    http(body.to_string())
}

/// 333333 (ask again) or 333334 (asked for as asynchronous).
pub fn in_progress(code: &str, id: &str) -> Response {
    let body = json!({
        "data": {
            "queryId": id, "getResultUrl": format!("/queries/{id}/result"), "queryAbortsAfterSecs": 300,
            "progressDesc": null,
        },
        "code": code, "success": true,
        "message": "Asynchronous execution in progress. Use provided query id to perform query monitoring and management.",
    });
    http(body.to_string())
}

/// A statement's result; `base` is where the client reaches this server, `extra` more members of `data`.
///
/// # Errors
/// Internal, where a stored type is not what its field says.
pub fn result(id: &str, done: &Done, base: &str, extra: Map<String, Value>) -> SfResult<Vec<u8>> {
    let (answer, layout) = (&done.answer, &done.layout);
    let total = if done.describe_only { 0 } else { answer.rows.len() };
    let mut data = json!({
        "parameters": done.parameters,
        "rowtype": rowtype(&answer.fields),
        "total": total, "returned": total,
        "queryId": id,
        "databaseProvider": null,
        "finalDatabaseName": done.info.database, "finalSchemaName": done.info.schema,
        "finalWarehouseName": done.info.warehouse, "finalRoleName": done.info.role.as_deref().unwrap_or(""),
        "numberOfBinds": done.binds, "arrayBindSupported": is_dml(answer.kind),
        "statementTypeId": answer.kind, "version": 1, "sendResultTime": SystemClock.now_ms(),
        "queryResultFormat": if layout.plan.is_some() { "arrow" } else { "json" },
    });
    if let Value::Object(map) = &mut data {
        if let Some(s) = answer.stats {
            let stats = json!({ "numRowsInserted": s.inserted, "numRowsUpdated": s.updated,
                "numRowsDeleted": s.deleted, "numDmlDuplicates": 0 });
            map.insert("stats".into(), stats);
        }
        if !done.children.is_empty() {
            let list = |f: &dyn Fn(&(String, u32)) -> String| done.children.iter().map(f).collect::<Vec<_>>().join(",");
            map.insert("resultIds".into(), list(&|c| c.0.clone()).into());
            map.insert("resultTypes".into(), list(&|c| c.1.to_string()).into());
        }
        map.extend(extra);
        if !layout.chunks.is_empty() {
            map.insert("chunks".into(), chunks(id, answer, layout, base));
            // Without it some clients would look for an encryption key.
            map.insert("chunkHeaders".into(), json!({ "Accept": "*/*" }));
        }
    }
    let mut body = String::from("{\"data\":");
    body.push_str(&data.to_string());
    // The rows go in front of the object's closing brace: a large result is never a tree of JSON values.
    body.pop();
    write_inline(answer, layout, &mut body)?;
    body.push_str("},\"code\":null,\"message\":null,\"success\":true}");
    Ok(body.into_bytes())
}

fn write_inline(answer: &Answer, layout: &Layout, body: &mut String) -> SfResult<()> {
    if let Some(plan) = &layout.plan {
        body.push_str(",\"rowsetBase64\":\"");
        if !layout.inline.is_empty() {
            BASE64_STANDARD.encode_string(plan.stream(answer, layout.inline.clone())?, body);
        }
        body.push('"');
    } else {
        body.push_str(",\"rowset\":[");
        write_rows(answer, layout.inline.clone(), layout.indent, body)?;
        body.push(']');
    }
    Ok(())
}

fn chunks(id: &str, answer: &Answer, layout: &Layout, base: &str) -> Value {
    let per_row = answer.rows.bytes() / answer.rows.len().max(1);
    layout
        .chunks
        .iter()
        .enumerate()
        .map(|(n, rows)| {
            json!({
                "url": format!("{base}/chunks/{id}/{n}?key={}", layout.key),
                "rowCount": rows.len(),
                "uncompressedSize": per_row * rows.len(), "compressedSize": per_row * rows.len(),
            })
        })
        .collect()
}

fn is_dml(kind: u32) -> bool {
    (0x3000..0x4000).contains(&kind)
}

/// What monitoring tells of a statement.
pub fn monitored(job: &Job) -> Value {
    let error = match job.outcome() {
        Some(super::job::Outcome::Failed(e)) => Some(e),
        _ => None,
    };
    json!({
        "id": job.id, "status": job.status(), "state": job.status(), "sqlText": job.sql,
        "startTime": job.started_ms, "endTime": 0, "stats": {},
        "errorCode": error.as_ref().map(|e| e.code), "errorMessage": error.as_ref().map(|e| e.message.clone()),
    })
}

/// Session parameters as clients read them: numbers and booleans are not text.
pub fn parameters(params: &Parameters) -> Vec<Value> {
    KNOWN
        .iter()
        .map(|(name, _, ty)| {
            let text = params.get(name);
            let value = match *ty {
                "BOOLEAN" => text.eq_ignore_ascii_case("true").into(),
                "NUMBER" => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
                _ => text.into(),
            };
            json!({ "name": name, "value": value })
        })
        .collect()
}
