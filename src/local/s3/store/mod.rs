//! Buckets and objects on disk: what the S3 endpoint serves, and what the embedded Snowflake endpoint reads directly.
//!
//! Content is written first (a blob file, or nothing where it is small), then one index transaction makes it an object.
//! A crash in between leaves an orphan file, which the next start sweeps away. Keys are never mapped to file names.
//!
//! Durability: an answer means that the index is synced to disk. Blob files are not synced one by one: they survive the
//! process, but a power cut may lose the newest contents; reading such an object fails, it never gives wrong bytes.

mod blob;
mod buckets;
mod digest;
mod error;
mod gate;
mod index;
mod listing;
mod multipart;
mod notify;
mod objects;
mod reader;
mod record;
#[cfg(test)]
mod tests;

pub use blob::{BlobWriter, Staged};
pub use digest::{Algorithm, Checksums};
pub use error::Error;
pub use listing::{ListPage, Listed};
pub use multipart::{CompletePart, PartInfo, UploadInfo};
pub use notify::ObjectCreated;
pub use objects::Condition;
pub use reader::ObjectReader;
pub use record::{ObjectMeta, PutOptions};

pub(in crate::local::s3) use listing::Query;

use crate::jobs::{Clock, SystemClock};
use blob::Blobs;
use index::{BLOBS, COUNTERS, Writer};
use notify::Subscribers;
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::mpsc::UnboundedReceiver;

/// The index's cache in memory. The crate's default is 1 GiB.
const CACHE_BYTES: usize = 48 << 20;

/// The object store. Cheap to clone; all methods block (short of the disk's pace), none needs an async runtime.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    db: Arc<Database>,
    blobs: Arc<Blobs>,
    writer: Writer,
    subscribers: Arc<Subscribers>,
    clock: Arc<dyn Clock>,
    cleaner: Option<JoinHandle<()>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.writer.stop();
        self.blobs.gate().close();
        if let Some(cleaner) = self.cleaner.take() {
            drop(cleaner.join());
        }
    }
}

impl Store {
    /// Opens the store in `dir`, or makes it. Orphan blobs of a crash are swept in the background.
    ///
    /// # Errors
    /// [`Error::InUse`] where another process has it; the disk's failures.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        Self::open_with_clock(dir, Arc::new(SystemClock))
    }

    /// As [`Self::open`], with the clock that stamps objects.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with_clock(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let root = dir.join("blobs");
        fs::create_dir_all(&root).map_err(|e| Error::blob(&root, e))?;
        let db =
            redb::Builder::new().set_cache_size(CACHE_BYTES).create(dir.join("index.redb")).map_err(|e| match e {
                redb::DatabaseError::DatabaseAlreadyOpen => Error::InUse(dir.to_owned()),
                e => e.into(),
            })?;
        let db = Arc::new(db);
        let run = begin_run(&db)?;
        let blobs = Arc::new(Blobs::new(root, run));
        let subscribers = Arc::new(Subscribers::default());
        let writer = Writer::start(Arc::clone(&db), Arc::clone(&blobs), Arc::clone(&subscribers))?;
        let cleaner = start_cleaner(Arc::clone(&db), Arc::clone(&blobs))?;
        let inner = Inner { db, blobs, writer, subscribers, clock, cleaner: Some(cleaner) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Notifications of objects stored from now on (put, copied, completed), each after it is durable. Nothing is
    /// replayed: who was away lists.
    #[must_use]
    pub fn subscribe(&self) -> UnboundedReceiver<ObjectCreated> {
        self.inner.subscribers.add()
    }

    fn read(&self) -> Result<ReadTransaction, Error> {
        Ok(self.inner.db.begin_read()?)
    }

    fn writer(&self) -> &Writer {
        &self.inner.writer
    }

    fn now_ms(&self) -> i64 {
        self.inner.clock.now_ms()
    }
}

/// Counts the run up, durably, and makes the tables that are not there.
fn begin_run(db: &Database) -> Result<u64, Error> {
    let txn = db.begin_write()?;
    let run = {
        let mut counters = txn.open_table(COUNTERS)?;
        let run = counters.get("run")?.map_or(1, |n| n.value() + 1);
        counters.insert("run", run)?;
        index::create_tables(&txn)?;
        run
    };
    txn.commit()?;
    Ok(run)
}

fn start_cleaner(db: Arc<Database>, blobs: Arc<Blobs>) -> Result<JoinHandle<()>, Error> {
    let work = move || {
        if let Err(e) = sweep(&db, &blobs) {
            tracing::warn!(error = %e, "orphan blobs could not be swept");
        }
        // Only the writing thread needs the index from here on; holding it would keep the store locked.
        drop(db);
        blobs.clean();
    };
    std::thread::Builder::new()
        .name("s3-cleaner".into())
        .spawn(work)
        .map_err(|e| Error::Index(format!("the cleaning thread could not be started: {e}")))
}

fn sweep(db: &Database, blobs: &Blobs) -> Result<(), Error> {
    let known = db.begin_read()?.open_table(BLOBS)?;
    // Where the index cannot be read, nothing is called an orphan.
    let removed = blobs
        .sweep(|id| known.get(id).map_or(true, |found| found.is_some()))
        .map_err(|e| Error::Index(format!("the blob folder could not be read: {e}")))?;
    if removed > 0 {
        tracing::info!(removed, "orphan blobs of an earlier run removed");
    }
    Ok(())
}
