//! Reads what the driver drops of an error reply: SQLSTATE, query id, line and position.
//!
//! It sits in the driver's HTTP client, looks at each reply to a statement or a login, and keeps the last refusal until
//! the session asks for it. A session runs one statement at a time, so one place is enough.

use async_trait::async_trait;
use parking_lot::Mutex;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};
use serde::Deserialize;
use std::sync::Arc;

/// Refusals are short; anything longer is a result, which is not looked into.
const LONGEST_REFUSAL: usize = 256 * 1024;

/// A refusal as the server wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status, where it was not 200.
    pub status: Option<u16>,
    /// Snowflake's code.
    pub code: String,
    /// Snowflake's text.
    pub message: String,
    /// SQLSTATE.
    pub sqlstate: Option<String>,
    /// Query id.
    pub query_id: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Position, from 0.
    pub position: Option<u32>,
}

#[derive(Deserialize)]
struct Reply {
    success: Option<bool>,
    code: Option<serde_json::Value>,
    message: Option<String>,
    data: Option<ReplyData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReplyData {
    error_code: Option<serde_json::Value>,
    sql_state: Option<String>,
    query_id: Option<String>,
    line: Option<i64>,
    pos: Option<i64>,
}

/// The place where the last refusal of one session waits.
#[derive(Clone, Default)]
pub struct ErrorReplies(Arc<Mutex<Option<Refusal>>>);

impl ErrorReplies {
    /// Takes the last refusal out.
    pub fn take(&self) -> Option<Refusal> {
        self.0.lock().take()
    }
}

/// Reads a refusal; `None` for anything else.
fn read(body: &[u8]) -> Option<Refusal> {
    if body.len() > LONGEST_REFUSAL {
        return None;
    }
    let reply: Reply = serde_json::from_slice(body).ok()?;
    if reply.success != Some(false) {
        return None;
    }
    let data = reply.data;
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let from_data = data.as_ref().and_then(|d| d.error_code.as_ref()).filter(|v| !v.is_null());
    let code = from_data.or(reply.code.as_ref().filter(|v| !v.is_null())).map(text).unwrap_or_default();
    Some(Refusal {
        status: None,
        code,
        message: reply.message.unwrap_or_default(),
        sqlstate: data.as_ref().and_then(|d| d.sql_state.clone()),
        query_id: data.as_ref().and_then(|d| d.query_id.clone()).filter(|id| !id.is_empty()),
        line: data.as_ref().and_then(|d| d.line).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0),
        position: data.as_ref().and_then(|d| d.pos).and_then(|n| u32::try_from(n).ok()),
    })
}

#[async_trait]
impl Middleware for ErrorReplies {
    async fn handle(&self, req: Request, ext: &mut http::Extensions, next: Next<'_>) -> Result<Response> {
        let path = req.url().path();
        let watched =
            (path.starts_with("/queries/") && !path.ends_with("/abort-request")) || path == "/session/v1/login-request";
        let response = next.run(req, ext).await?;
        if !watched {
            return Ok(response);
        }
        let status = response.status();
        let headers = response.headers().clone();
        let body = response.bytes().await?;
        let refusal = if status.is_success() {
            read(&body)
        } else {
            Some(Refusal { status: Some(status.as_u16()), ..Refusal::default() })
        };
        if refusal.is_some() {
            *self.0.lock() = refusal;
        }
        let mut rebuilt = http::Response::new(body);
        *rebuilt.status_mut() = status;
        *rebuilt.headers_mut() = headers;
        Ok(Response::from(rebuilt))
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_refusal_gives_its_details() {
        let body = br#"{"data":{"internalError":false,"errorCode":"002003","age":0,"sqlState":"42S02",
            "queryId":"01ab","line":2,"pos":11,"type":"COMPILATION"},"code":"002003",
            "message":"SQL compilation error:\nObject 'X' does not exist","success":false,"headers":null}"#;
        let refusal = read(body).expect("a refusal");
        assert_eq!((refusal.code.as_str(), refusal.sqlstate.as_deref()), ("002003", Some("42S02")));
        assert_eq!(refusal.query_id.as_deref(), Some("01ab"));
        assert_eq!((refusal.line, refusal.position), (Some(2), Some(11)));
    }

    #[test]
    fn places_that_are_not_known_are_left_out() {
        let refusal =
            read(br#"{"data":{"line":-1,"pos":-1},"code":390100,"message":"no","success":false}"#).expect("one");
        assert_eq!((refusal.code.as_str(), refusal.line, refusal.position), ("390100", None, None));
        assert!(read(br#"{"data":null,"success":false,"message":null}"#).is_some());
    }

    #[test]
    fn answers_are_no_refusals() {
        assert_eq!(read(br#"{"data":{"queryId":"1","rowset":[["a"]]},"success":true}"#), None);
        assert_eq!(read(b"<html>"), None);
    }
}
