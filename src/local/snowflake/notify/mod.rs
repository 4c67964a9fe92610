//! Notifications: the outbox in the database, and the courier that carries webhooks.
//!
//! Every message is written into the outbox (`sd.notification`), which NOTIFICATION_HISTORY reads. E-mails and queue messages
//! stay there: the embedded cloud has no mail server and no queue. A webhook's message is posted to the integration's
//! WEBHOOK_URL by a thread of its own, off the statement's path, several times if need be.

mod courier;
mod message;

pub use courier::Courier;
pub use message::{Message, Target, messages, targets};

use super::catalog::{Body, Object, Options};
use super::engine::Engine;
use super::error::{SfError, SfResult};
use duckdb::{Connection, params};
use parking_lot::{Condvar, Mutex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long notifications are remembered: NOTIFICATION_HISTORY reaches back 14 days.
const KEPT_MS: i64 = 15 * 86_400_000;

/// How a notification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It waits for the courier.
    Queued,
    /// It was delivered, or kept in the outbox for good.
    Success,
    /// This attempt failed; another follows.
    RetriableFailure,
    /// Every attempt failed.
    Failure,
}

impl Status {
    /// As NOTIFICATION_HISTORY prints it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Success => "SUCCESS",
            Self::RetriableFailure => "RETRIABLE_FAILURE",
            Self::Failure => "FAILURE",
        }
    }
}

/// One attempt to send a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The same for every attempt.
    pub id: String,
    /// From 1.
    pub attempt: u32,
    /// Epoch milliseconds.
    pub created_ms: i64,
    /// Epoch milliseconds of the attempt.
    pub processed_ms: Option<i64>,
    /// Who sent it: `SEND_EMAIL`, `SEND_NOTIFICATION`, `TASK` …
    pub source: String,
    /// More about the sender, JSON.
    pub source_info: Option<String>,
    /// The integration's name.
    pub integration: String,
    /// The message as sent, JSON: MIME type to text; subject and recipients for e-mails.
    pub message: String,
    /// How it stands.
    pub status: Status,
    /// Why it failed.
    pub error: Option<String>,
}

#[derive(Default)]
struct Inner {
    all: BTreeMap<(i64, String, u32), Notification>,
    stop: bool,
    woken: bool,
}

/// Every notification.
#[derive(Default)]
pub struct Outbox {
    inner: Mutex<Inner>,
    bell: Condvar,
    conn: Mutex<Option<Connection>>,
}

impl Outbox {
    /// Reads what DuckDB holds and forgets what is too old.
    ///
    /// # Errors
    /// DuckDB's; internal where a document cannot be read.
    pub fn load(&self, conn: &Connection, now_ms: i64) -> SfResult<()> {
        let mut statement = conn.prepare("SELECT body FROM sd.notification ORDER BY rowid")?;
        let mut rows = statement.query([])?;
        let mut inner = self.inner.lock();
        while let Some(row) = rows.next()? {
            let body: String = row.get(0)?;
            let n: Notification =
                serde_json::from_str(&body).map_err(|e| SfError::internal(format!("notifications: {e}")))?;
            inner.all.insert(key(&n), n);
        }
        inner.all.retain(|_, n| n.status == Status::Queued || n.created_ms > now_ms - KEPT_MS);
        Ok(())
    }

    /// Puts a message for an integration into the outbox. What needs no carrying is done with that.
    ///
    /// # Errors
    /// DuckDB's: then nothing was sent.
    pub fn send(
        &self,
        engine: &Engine,
        integration: &Object,
        message: &serde_json::Value,
        source: &str,
        source_info: Option<String>,
    ) -> SfResult<()> {
        let carried = type_of(integration).is_some_and(|t| t == "WEBHOOK");
        let now = engine.clock.now_ms();
        self.put(
            engine,
            Notification {
                id: uuid::Uuid::new_v4().to_string(),
                attempt: 1,
                created_ms: now,
                processed_ms: (!carried).then_some(now),
                source: source.to_owned(),
                source_info,
                integration: integration.bare().to_owned(),
                message: message.to_string(),
                status: if carried { Status::Queued } else { Status::Success },
                error: None,
            },
        )
    }

    /// Notes how a notification stands.
    fn put(&self, engine: &Engine, n: Notification) -> SfResult<()> {
        let mut conn = self.conn.lock();
        if conn.is_none() {
            *conn = Some(engine.connect()?);
        }
        if let Some(c) = &*conn {
            let body = serde_json::to_string(&n).map_err(SfError::internal)?;
            c.execute("INSERT INTO sd.notification VALUES (?, ?)", params![n.id, body])?;
        }
        drop(conn);
        let mut inner = self.inner.lock();
        inner.all.insert(key(&n), n);
        inner.woken = true;
        self.bell.notify_all();
        Ok(())
    }

    /// Every attempt, the oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Notification> {
        self.inner.lock().all.values().cloned().collect()
    }

    fn queued(&self) -> Vec<Notification> {
        self.inner.lock().all.values().filter(|n| n.status == Status::Queued).cloned().collect()
    }

    /// Waits for something new, or the time; tells whether the courier is to go on.
    fn wait(&self, at_most: Option<Duration>) -> bool {
        let mut inner = self.inner.lock();
        if !inner.stop && !inner.woken {
            match at_most {
                Some(time) => drop(self.bell.wait_for(&mut inner, time)),
                None => self.bell.wait(&mut inner),
            }
        }
        inner.woken = false;
        !inner.stop
    }

    fn stop(&self) {
        self.inner.lock().stop = true;
        self.bell.notify_all();
    }
}

fn key(n: &Notification) -> (i64, String, u32) {
    (n.created_ms, n.id.clone(), n.attempt)
}

/// The options of a notification integration.
#[must_use]
pub fn options_of(object: &Object) -> Option<&Options> {
    let Body::Integration(options) = &object.body else { return None };
    is_notification(options).then_some(options)
}

/// EMAIL, WEBHOOK or QUEUE.
#[must_use]
pub fn type_of(object: &Object) -> Option<String> {
    options_of(object)?.get("TYPE").map(|t| t.to_ascii_uppercase())
}

/// Whether an integration is one for notifications.
#[must_use]
pub fn is_notification(options: &Options) -> bool {
    options.get("TYPE").is_some_and(|t| ["EMAIL", "WEBHOOK", "QUEUE"].iter().any(|k| t.eq_ignore_ascii_case(k)))
}
