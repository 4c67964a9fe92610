//! What jobs need of the outside world. [`crate::clients`] implements these against the real protocols.

use crate::domain::{ObjectDetails, ObjectInfo, ObjectPage, ObjectVersion, QueryOutcome, RowBatch, SqlError};
use async_trait::async_trait;
use bytes::Bytes;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// One Snowflake session. Statements of one session run one after the other.
#[async_trait]
pub trait Warehouse: Send + Sync {
    /// Runs one statement and fetches at most `limit` rows (all where `None`). Cancelling ends the query on the server.
    ///
    /// # Errors
    /// The server's refusal, or [`SqlError::client`] where it could not be reached or the call was cancelled.
    async fn query(
        &self,
        sql: &str,
        limit: Option<usize>,
        cancel: &CancellationToken,
    ) -> Result<QueryOutcome, SqlError>;

    /// Runs one statement and hands its rows over as they come, so that none need stay in memory: at least one batch,
    /// which tells the columns. The outcome that is returned has no rows. Where the receiver has gone, fetching stops.
    ///
    /// # Errors
    /// As [`Self::query`].
    async fn stream(
        &self,
        sql: &str,
        rows: mpsc::Sender<RowBatch>,
        cancel: &CancellationToken,
    ) -> Result<QueryOutcome, SqlError> {
        let mut outcome = self.query(sql, None, cancel).await?;
        let batch = RowBatch { columns: outcome.columns.clone().into(), rows: std::mem::take(&mut outcome.rows) };
        // Nobody wants them any more: the outcome still tells how it ended.
        let _ = rows.send(batch).await;
        Ok(outcome)
    }

    /// Ends the session on the server. Dropping without it leaves the session to expire.
    async fn close(&self);
}

/// Opens sessions.
#[async_trait]
pub trait Warehouses: Send + Sync {
    /// Logs in, as `role` where given (else the profile's role).
    ///
    /// # Errors
    /// The server's refusal, or [`SqlError::client`] where it could not be reached.
    async fn connect(&self, role: Option<&str>) -> Result<Arc<dyn Warehouse>, SqlError>;
}

/// An S3 refusal or failure.
#[derive(Debug, Clone, thiserror::Error)]
#[error("S3 {operation} {key}: {message}")]
pub struct StoreError {
    /// The operation, `PutObject`.
    pub operation: &'static str,
    /// The bucket and key it was about.
    pub key: String,
    /// S3's error code (`NoSuchKey`, `SlowDown` …), or `Client` where no answer came.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
}

/// An upload in parts that was begun and neither completed nor given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUpload {
    /// The key that it will be.
    pub key: String,
    /// Its id.
    pub id: String,
    /// When it was begun, milliseconds since the Unix epoch.
    pub begun_ms: Option<i64>,
}

/// How the content of one file is moved.
#[derive(Clone, Copy)]
pub struct Moving<'a> {
    /// Files above this size go in parts of this size, in bytes.
    pub part_size: u64,
    /// Bounds the requests with content that are under way at once, over all files that share it.
    pub slots: &'a Semaphore,
    /// Parts that are there after a failure or a cancellation stay there, to be resumed.
    pub keep: bool,
    /// Called with bytes as they are done, and whether an earlier run had done them.
    pub moved: &'a (dyn Fn(u64, bool) + Send + Sync),
}

/// One bucket.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// The bucket's name.
    fn bucket(&self) -> &str;

    /// Makes the bucket if it is not there.
    async fn ensure_bucket(&self) -> Result<(), StoreError>;

    /// One page of keys that start with `prefix`, grouped at `delimiter` where given. `after` is a page's `next`.
    async fn list(&self, prefix: &str, delimiter: Option<&str>, after: Option<&str>) -> Result<ObjectPage, StoreError>;

    /// What an object is, without its content; `None` where there is none.
    async fn head(&self, key: &str) -> Result<Option<ObjectInfo>, StoreError>;

    /// What an object is and what is noted of it; `None` where there is none.
    async fn details(&self, key: &str) -> Result<Option<ObjectDetails>, StoreError> {
        let info = self.head(key).await?;
        Ok(info.map(|info| ObjectDetails { info, ..ObjectDetails::default() }))
    }

    /// An object's versions, the latest first; none where the bucket keeps none.
    async fn versions(&self, key: &str) -> Result<Vec<ObjectVersion>, StoreError> {
        let _ = key;
        Ok(Vec::new())
    }

    /// An address that opens the object for `seconds` without any login. Whoever has it can read the object.
    async fn link(&self, key: &str, seconds: u64) -> Result<String, StoreError> {
        let _ = seconds;
        Err(StoreError {
            operation: "GetObject",
            key: format!("{}/{key}", self.bucket()),
            code: "Client".into(),
            message: "this store makes no links".into(),
        })
    }

    /// An object's bytes: all, or `range` = first byte and length.
    async fn get(&self, key: &str, range: Option<(u64, u64)>) -> Result<Bytes, StoreError>;

    /// Stores bytes.
    async fn put(&self, key: &str, body: Bytes) -> Result<ObjectInfo, StoreError>;

    /// Stores a file without reading it into memory; large ones in parts.
    async fn put_file(&self, key: &str, path: &Path) -> Result<ObjectInfo, StoreError>;

    /// Stores an object of a size that nobody knows yet: what comes through `parts`, each at least 5 MiB but the last, in
    /// order. An empty part completes the object; where the channel ends without one, nothing is stored.
    async fn put_parts(&self, key: &str, parts: mpsc::Receiver<Bytes>) -> Result<ObjectInfo, StoreError>;

    /// Deletes keys, in batches.
    async fn delete(&self, keys: &[String]) -> Result<(), StoreError>;

    /// As [`Self::put_file`], with control over parts and progress, verified by checksum. `open` is an upload of this
    /// file that was interrupted: only what is missing of it is sent.
    async fn send_file(
        &self,
        key: &str,
        path: &Path,
        open: Option<&OpenUpload>,
        moving: &Moving<'_>,
    ) -> Result<ObjectInfo, StoreError>;

    /// Writes an object's content to a file, verified by checksum. The file appears whole or not at all; what an
    /// interrupted call has fetched already is not fetched again.
    async fn fetch_file(&self, object: &ObjectInfo, path: &Path, moving: &Moving<'_>) -> Result<(), StoreError>;

    /// Copies an object of a bucket that the same endpoint has, without moving its content through this machine.
    async fn copy(&self, from_bucket: &str, object: &ObjectInfo, key: &str) -> Result<(), StoreError>;

    /// The interrupted uploads of keys that start with `prefix`, by key, the oldest of a key first.
    async fn open_uploads(&self, prefix: &str) -> Result<Vec<OpenUpload>, StoreError>;

    /// Gives an interrupted upload and its parts up.
    async fn abandon(&self, open: &OpenUpload) -> Result<(), StoreError>;
}

/// Why a message did not go out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotSent {
    /// It was refused, or nobody could be reached: it has not arrived.
    #[error("{0}")]
    Refused(String),
    /// The connection broke off before an answer came: it may have arrived.
    #[error("{0}")]
    Unknown(String),
}

/// Sends short messages to people.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Sends one message.
    ///
    /// # Errors
    /// [`NotSent`], which says whether it can have arrived.
    async fn send(&self, text: &str) -> Result<(), NotSent>;
}
