//! One session.

use super::errors;
use super::replies::ErrorReplies;
use super::{super::Observer, decode};
use crate::domain::{CallRecord, Column, QueryOutcome, RowBatch, Secret, Service, SqlError, redact, redact_known};
use crate::jobs::ports::Warehouse;
use crate::jobs::{Clock, SystemClock};
use async_trait::async_trait;
use futures::StreamExt;
use snowflake_api::{FieldSchema, SnowflakeApi, SnowflakeApiError, SnowflakeType};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long the server may take to acknowledge a cancellation or the end of a session.
const FAREWELL: Duration = Duration::from_secs(5);

/// What a session needs besides its driver.
pub struct Labels {
    /// Where it speaks to, for messages.
    pub endpoint: String,
    /// Texts that must not reach a record.
    pub secrets: Arc<[Secret]>,
    /// Told of every statement.
    pub observer: Option<Observer>,
}

/// A logged-in session.
pub struct Session {
    api: Arc<SnowflakeApi>,
    replies: ErrorReplies,
    labels: Labels,
    /// Statements of one session run one after the other.
    turn: tokio::sync::Mutex<()>,
    closed: AtomicBool,
}

impl Session {
    pub fn new(api: SnowflakeApi, replies: ErrorReplies, labels: Labels) -> Self {
        Self { api: Arc::new(api), replies, labels, turn: tokio::sync::Mutex::new(()), closed: AtomicBool::new(false) }
    }

    /// Logs in now rather than at the first statement, so that a refusal is seen where it belongs. The driver has no call
    /// for that: cancelling a statement that never was is the cheapest request that makes it log in.
    pub async fn log_in(&self) -> Result<(), SqlError> {
        let clock = Started::now();
        let done = self.api.cancel_query(Uuid::new_v4()).await;
        let result = match done {
            Err(error @ (SnowflakeApiError::AuthError(_) | SnowflakeApiError::RequestError(_))) => {
                Err(errors::from_api(error, self.replies.take(), &self.labels.endpoint))
            }
            _ => Ok(()),
        };
        let record = result.as_ref().map(|()| "logged in".to_owned()).map_err(ToString::to_string);
        self.record(&clock, &format!("-- log in to {}", self.labels.endpoint), None, record);
        result
    }

    fn record(&self, clock: &Started, sql: &str, id: Option<String>, outcome: Result<String, String>) {
        let Some(observer) = &self.labels.observer else { return };
        let clean = |text: &str| redact_known(&redact(text), self.labels.secrets.iter().map(Secret::expose));
        observer(CallRecord {
            started_ms: clock.epoch_ms,
            service: Service::Sql,
            text: clean(sql),
            micros: u64::try_from(clock.instant.elapsed().as_micros()).unwrap_or(u64::MAX),
            id,
            outcome: outcome.map(|t| clean(&t)).map_err(|t| clean(&t)),
        });
    }

    /// Runs `fetch` under a request's id, and ends the statement on the server where it is cancelled.
    async fn run<F>(&self, cancel: &CancellationToken, fetch: impl FnOnce(Uuid) -> F) -> Result<QueryOutcome, SqlError>
    where
        F: Future<Output = Result<QueryOutcome, SqlError>>,
    {
        let request = Uuid::new_v4();
        let guard = AbortGuard { api: &self.api, request, armed: true };
        let result = fetch(request).await;
        if cancel.is_cancelled() && result.is_err() {
            // The driver gives up waiting without telling the server.
            let _ = tokio::time::timeout(FAREWELL, self.api.cancel_query(request)).await;
        }
        guard.disarm();
        result
    }

    async fn fetch(
        &self,
        sql: &str,
        limit: Option<usize>,
        cancel: &CancellationToken,
        request: Uuid,
    ) -> Result<QueryOutcome, SqlError> {
        self.replies.take();
        let failed = |e| errors::from_api(e, self.replies.take(), &self.labels.endpoint);
        let query = self.api.query(sql).with_cancel(cancel).request_id(request);
        let (metadata, mut chunks) = query.execute_stream_raw().await.map_err(failed)?;
        let mut outcome = QueryOutcome {
            query_id: metadata.query_id,
            columns: metadata.column_schema.iter().map(column).collect(),
            rows: Vec::new(),
            total: metadata.total_rows.and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
        };
        let limit = limit.unwrap_or(usize::MAX);
        while outcome.rows.len() < limit {
            let chunk = tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(errors::cancelled(Some(outcome.query_id))),
                chunk = chunks.next() => chunk,
            };
            let Some(chunk) = chunk else { break };
            let chunk = chunk.map_err(failed)?;
            let room = limit - outcome.rows.len();
            decode::append_rows(&chunk, &outcome.columns, room, &mut outcome.rows).map_err(|e| SqlError {
                query_id: Some(outcome.query_id.clone()),
                ..SqlError::client(e.to_string())
            })?;
        }
        Ok(outcome)
    }

    /// As [`Self::fetch`], but the rows go to `rows` as they come.
    async fn fetch_into(
        &self,
        sql: &str,
        rows: mpsc::Sender<RowBatch>,
        cancel: &CancellationToken,
        request: Uuid,
    ) -> Result<QueryOutcome, SqlError> {
        self.replies.take();
        let failed = |e| errors::from_api(e, self.replies.take(), &self.labels.endpoint);
        let query = self.api.query(sql).with_cancel(cancel).request_id(request);
        let (metadata, mut chunks) = query.execute_stream_raw().await.map_err(failed)?;
        let columns: Arc<[Column]> = metadata.column_schema.iter().map(column).collect();
        let outcome = QueryOutcome {
            query_id: metadata.query_id,
            columns: columns.to_vec(),
            rows: Vec::new(),
            total: metadata.total_rows.and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
        };
        let broken = |e: String| SqlError { query_id: Some(outcome.query_id.clone()), ..SqlError::client(e) };
        if rows.send(RowBatch { columns: Arc::clone(&columns), rows: Vec::new() }).await.is_err() {
            return Ok(outcome);
        }
        loop {
            let chunk = tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(errors::cancelled(Some(outcome.query_id))),
                chunk = chunks.next() => chunk,
            };
            let Some(chunk) = chunk else { return Ok(outcome) };
            let chunk = chunk.map_err(failed)?;
            for piece in decode::pieces(&chunk, &columns).map_err(|e| broken(e.to_string()))? {
                let batch = RowBatch { columns: Arc::clone(&columns), rows: piece.map_err(|e| broken(e.to_string()))? };
                tokio::select! {
                    biased;
                    () = cancel.cancelled() => return Err(errors::cancelled(Some(outcome.query_id.clone()))),
                    sent = rows.send(batch) => if sent.is_err() { return Ok(outcome.clone()) },
                }
            }
        }
    }

    /// Waits for the statements before, runs one, and records it.
    async fn in_turn<F>(
        &self,
        sql: &str,
        cancel: &CancellationToken,
        fetch: impl FnOnce(Uuid) -> F,
    ) -> Result<QueryOutcome, SqlError>
    where
        F: Future<Output = Result<QueryOutcome, SqlError>>,
    {
        let turn = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(errors::cancelled(None)),
            turn = self.turn.lock() => turn,
        };
        let clock = Started::now();
        let result = self.run(cancel, fetch).await;
        drop(turn);
        match &result {
            Ok(outcome) => self.record(&clock, sql, Some(outcome.query_id.clone()), Ok(summary(outcome))),
            Err(error) => self.record(&clock, sql, error.query_id.clone(), Err(error.to_string())),
        }
        result
    }
}

#[async_trait]
impl Warehouse for Session {
    async fn query(
        &self,
        sql: &str,
        limit: Option<usize>,
        cancel: &CancellationToken,
    ) -> Result<QueryOutcome, SqlError> {
        self.in_turn(sql, cancel, |request| self.fetch(sql, limit, cancel, request)).await
    }

    async fn stream(
        &self,
        sql: &str,
        rows: mpsc::Sender<RowBatch>,
        cancel: &CancellationToken,
    ) -> Result<QueryOutcome, SqlError> {
        self.in_turn(sql, cancel, |request| self.fetch_into(sql, rows, cancel, request)).await
    }

    async fn close(&self) {
        if !self.closed.swap(true, Ordering::Relaxed) {
            let _ = tokio::time::timeout(FAREWELL, self.api.close_session()).await;
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.closed.load(Ordering::Relaxed) {
            return;
        }
        // Best effort: where no runtime is left, the session expires on the server.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let api = Arc::clone(&self.api);
            runtime.spawn(async move {
                let _ = tokio::time::timeout(FAREWELL, api.close_session()).await;
            });
        }
    }
}

/// Ends the statement on the server when the caller goes away without waiting for it.
struct AbortGuard<'a> {
    api: &'a Arc<SnowflakeApi>,
    request: Uuid,
    armed: bool,
}

impl AbortGuard<'_> {
    fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for AbortGuard<'_> {
    fn drop(&mut self) {
        if !self.armed {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (api, request) = (Arc::clone(self.api), self.request);
            runtime.spawn(async move {
                let _ = tokio::time::timeout(FAREWELL, api.cancel_query(request)).await;
            });
        }
    }
}

struct Started {
    epoch_ms: i64,
    instant: Instant,
}

impl Started {
    fn now() -> Self {
        Self { epoch_ms: SystemClock.now_ms(), instant: Instant::now() }
    }
}

fn column(field: &FieldSchema) -> Column {
    let kind = match (&field.ext_type_name, &field.type_) {
        (Some(name), _) => name.to_ascii_lowercase(),
        (None, kind) => kind_name(kind).to_owned(),
    };
    Column { name: field.name.clone(), kind, scale: field.scale.filter(|_| field.type_ == SnowflakeType::Fixed) }
}

const fn kind_name(kind: &SnowflakeType) -> &'static str {
    match kind {
        SnowflakeType::Fixed => "fixed",
        SnowflakeType::Real => "real",
        SnowflakeType::Text => "text",
        SnowflakeType::Date => "date",
        SnowflakeType::Variant => "variant",
        SnowflakeType::TimestampLtz => "timestamp_ltz",
        SnowflakeType::TimestampNtz => "timestamp_ntz",
        SnowflakeType::TimestampTz => "timestamp_tz",
        SnowflakeType::Object => "object",
        SnowflakeType::Binary => "binary",
        SnowflakeType::Time => "time",
        SnowflakeType::Boolean => "boolean",
        SnowflakeType::Array => "array",
        SnowflakeType::Vector => "vector",
        SnowflakeType::Map => "map",
        SnowflakeType::Decfloat => "decfloat",
    }
}

/// A short line on an answer: the status sentence, the changed rows, or the number of rows.
fn summary(outcome: &QueryOutcome) -> String {
    let counts: Vec<String> = outcome
        .columns
        .iter()
        .enumerate()
        .filter_map(|(i, c)| {
            let what = c.name.strip_prefix("number of rows ")?;
            Some(format!("{} {what}", outcome.rows.first()?.get(i)?.as_deref()?))
        })
        .collect();
    if !counts.is_empty() {
        return counts.join(", ");
    }
    match (outcome.columns.as_slice(), outcome.rows.as_slice()) {
        ([column], [row]) if column.name.eq_ignore_ascii_case("status") => row[0].clone().unwrap_or_default(),
        _ if outcome.total == 1 => "1 row".to_owned(),
        _ => format!("{} rows", outcome.total),
    }
}

#[cfg(test)]
mod tests {
    use super::summary;
    use crate::domain::{Column, QueryOutcome};

    fn outcome(names: &[&str], rows: &[&[&str]]) -> QueryOutcome {
        QueryOutcome {
            columns: names.iter().map(|n| Column { name: (*n).into(), kind: "text".into(), scale: None }).collect(),
            rows: rows.iter().map(|r| r.iter().map(|c| Some((*c).to_owned())).collect()).collect(),
            total: rows.len() as u64,
            ..QueryOutcome::default()
        }
    }

    #[test]
    fn answers_in_a_line() {
        assert_eq!(
            summary(&outcome(&["status"], &[&["Table T successfully created."]])),
            "Table T successfully created."
        );
        assert_eq!(summary(&outcome(&["number of rows inserted"], &[&["137"]])), "137 inserted");
        assert_eq!(summary(&outcome(&["A"], &[&["1"]])), "1 row");
        assert_eq!(summary(&outcome(&["A"], &[&["1"], &["2"]])), "2 rows");
    }
}
