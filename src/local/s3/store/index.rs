//! The key index: its tables, and the one thread that writes them.
//!
//! Every change is a small closure that runs inside a transaction. The writer takes all closures that wait, runs them in
//! one transaction and makes it durable with one sync: under load a sync is shared by everybody who waited for it.

use super::blob::{Blobs, Staged};
use super::error::Error;
use super::notify::{ObjectCreated, Subscribers};
use super::record::{Place, Segment, decode_segments};
use redb::{Database, ReadableTable, Table, TableDefinition, WriteTransaction};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Bucket name → when it was made, milliseconds since the Unix epoch.
pub(super) const BUCKETS: TableDefinition<&str, i64> = TableDefinition::new("buckets");
/// `bucket NUL key` → record. Bytewise order is S3's listing order.
pub(super) const OBJECTS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("objects");
/// Small contents.
pub(super) const INLINE: TableDefinition<u64, &[u8]> = TableDefinition::new("inline");
/// The parts of objects that were uploaded in parts.
pub(super) const MANIFESTS: TableDefinition<u64, &[u8]> = TableDefinition::new("manifests");
/// Blob files in use: what the sweep at start keeps.
pub(super) const BLOBS: TableDefinition<u64, ()> = TableDefinition::new("blobs");
/// `bucket NUL key NUL upload id` → what was said when the upload was begun.
pub(super) const UPLOADS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("uploads");
/// `upload id, part number (big endian)` → part.
pub(super) const PARTS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("parts");
/// Counters by name.
pub(super) const COUNTERS: TableDefinition<&str, u64> = TableDefinition::new("counters");

/// How many changes share one transaction at most: bounds how long one waits for the others.
const BATCH: usize = 1024;

/// The index key of an object. Bucket names hold no NUL, so no bucket's range reaches into another's.
pub(super) fn object_key(bucket: &str, key: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(bucket.len() + 1 + key.len());
    out.extend_from_slice(bucket.as_bytes());
    out.push(0);
    out.extend_from_slice(key.as_bytes());
    out
}

/// The tables, open for one transaction.
pub(super) struct Tables<'t> {
    pub buckets: Table<'t, &'static str, i64>,
    pub objects: Table<'t, &'static [u8], &'static [u8]>,
    pub inline: Table<'t, u64, &'static [u8]>,
    pub manifests: Table<'t, u64, &'static [u8]>,
    pub blobs: Table<'t, u64, ()>,
    pub uploads: Table<'t, &'static [u8], &'static [u8]>,
    pub parts: Table<'t, &'static [u8], &'static [u8]>,
    /// Blob files that nothing refers to once this transaction is committed.
    unlink: Vec<u64>,
    /// What subscribers hear once this transaction is committed.
    created: Vec<ObjectCreated>,
    /// New blob files: theirs to keep once this transaction is committed.
    staged: Vec<Staged>,
}

impl<'t> Tables<'t> {
    fn open(txn: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(Self {
            buckets: txn.open_table(BUCKETS)?,
            objects: txn.open_table(OBJECTS)?,
            inline: txn.open_table(INLINE)?,
            manifests: txn.open_table(MANIFESTS)?,
            blobs: txn.open_table(BLOBS)?,
            uploads: txn.open_table(UPLOADS)?,
            parts: txn.open_table(PARTS)?,
            unlink: Vec::new(),
            created: Vec::new(),
            staged: Vec::new(),
        })
    }

    /// Fails where the bucket is not there.
    pub fn need_bucket(&self, bucket: &str) -> Result<(), Error> {
        match self.buckets.get(bucket)? {
            Some(_) => Ok(()),
            None => Err(Error::NoSuchBucket(bucket.to_owned())),
        }
    }

    /// Takes staged content into the index.
    pub fn adopt(&mut self, mut staged: Staged) -> Result<(), Error> {
        match staged.place {
            Place::Inline(id) => {
                self.inline.insert(id, staged.take_inline().as_slice())?;
            }
            Place::File(id) => {
                self.blobs.insert(id, ())?;
            }
            Place::Empty | Place::Manifest(_) => {}
        }
        self.staged.push(staged);
        Ok(())
    }

    /// Gives up content: out of the index now, off the disk after the commit.
    pub fn release(&mut self, place: Place) -> Result<(), Error> {
        match place {
            Place::Empty => {}
            Place::Inline(id) => {
                self.inline.remove(id)?;
            }
            Place::File(id) => {
                self.blobs.remove(id)?;
                self.unlink.push(id);
            }
            Place::Manifest(id) => {
                let segments = match self.manifests.remove(id)? {
                    Some(bytes) => decode_segments(bytes.value())?,
                    None => Vec::new(),
                };
                for Segment { place, .. } in segments {
                    if !matches!(place, Place::Manifest(_)) {
                        self.release(place)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells subscribers, once committed.
    pub fn announce(&mut self, created: ObjectCreated) {
        self.created.push(created);
    }
}

/// Makes the tables that are not there yet, so that readers find them all.
pub(super) fn create_tables(txn: &WriteTransaction) -> Result<(), Error> {
    txn.open_table(BUCKETS)?;
    txn.open_table(OBJECTS)?;
    txn.open_table(INLINE)?;
    txn.open_table(MANIFESTS)?;
    txn.open_table(BLOBS)?;
    txn.open_table(UPLOADS)?;
    txn.open_table(PARTS)?;
    Ok(())
}

/// One queued change.
trait Work: Send {
    /// Runs inside the transaction. `Err` means that the index failed and the whole transaction must go.
    fn run(&mut self, tables: &mut Tables<'_>) -> Result<(), Error>;
    /// Hands over the result, once the transaction's fate is known.
    fn finish(self: Box<Self>, committed: Result<(), Error>);
}

struct Change<T, F, D> {
    run: Option<F>,
    result: Option<Result<T, Error>>,
    deliver: D,
}

impl<T, F, D> Work for Change<T, F, D>
where
    T: Send,
    F: FnOnce(&mut Tables<'_>) -> Result<T, Error> + Send,
    D: FnOnce(Result<T, Error>) + Send,
{
    fn run(&mut self, tables: &mut Tables<'_>) -> Result<(), Error> {
        let Some(change) = self.run.take() else { return Ok(()) };
        let result = change(tables);
        let failed = result.as_ref().err().filter(|e| e.is_failure()).cloned();
        self.result = Some(result);
        failed.map_or(Ok(()), Err)
    }

    fn finish(self: Box<Self>, committed: Result<(), Error>) {
        let this = *self;
        // Nobody left to hear it is no fault: a client may have gone away.
        match (committed, this.result) {
            (Err(e), _) => (this.deliver)(Err(e)),
            (Ok(()), Some(result)) => (this.deliver)(result),
            (Ok(()), None) => (this.deliver)(Err(stopped())),
        }
    }
}

fn stopped() -> Error {
    Error::Index("the object store is shutting down".into())
}

/// The handle on the writing thread.
pub(super) struct Writer {
    queue: Mutex<Option<Sender<Box<dyn Work>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(db: Arc<Database>, blobs: Arc<Blobs>, subscribers: Arc<Subscribers>) -> Result<Self, Error> {
        let (queue, work) = channel();
        let thread = std::thread::Builder::new()
            .name("s3-index".into())
            .spawn(move || write(&db, &blobs, &subscribers, &work))
            .map_err(|e| Error::Index(format!("its thread could not be started: {e}")))?;
        Ok(Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Queues a change; `deliver` is called with its result when it is durable, on the writing thread.
    ///
    /// The change must check before it writes: a refusal does not undo what it has written already.
    pub fn submit<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Tables<'_>) -> Result<T, Error> + Send + 'static,
        deliver: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) {
        let work: Box<dyn Work> = Box::new(Change { run: Some(change), result: None, deliver });
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let refused = match queue {
            Some(queue) => queue.send(work).err().map(|e| e.0),
            None => Some(work),
        };
        if let Some(work) = refused {
            work.finish(Err(stopped()));
        }
    }

    /// Queues a change and waits for its result.
    pub fn apply<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Tables<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, receiver) = sync_channel(1);
        self.submit(change, move |result| drop(sender.send(result)));
        receiver.recv().unwrap_or_else(|_| Err(stopped()))
    }

    /// Writes what is queued, then ends the thread.
    pub fn stop(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
        {
            drop(thread.join());
        }
    }
}

fn write(db: &Database, blobs: &Blobs, subscribers: &Subscribers, work: &Receiver<Box<dyn Work>>) {
    while let Ok(first) = work.recv() {
        let mut batch = vec![first];
        batch.extend(work.try_iter().take(BATCH - 1));
        let committed = commit(db, &mut batch);
        let outcome = committed.as_ref().map(|_| ()).map_err(Clone::clone);
        if let Ok((staged, unlink, created)) = committed {
            for staged in staged {
                staged.keep();
            }
            blobs.retire(unlink);
            subscribers.tell(created);
        }
        for work in batch {
            work.finish(outcome.clone());
        }
    }
}

type Aftermath = (Vec<Staged>, Vec<u64>, Vec<ObjectCreated>);

fn commit(db: &Database, batch: &mut [Box<dyn Work>]) -> Result<Aftermath, Error> {
    let txn = db.begin_write()?;
    let aftermath = {
        let mut tables = Tables::open(&txn)?;
        for work in batch {
            work.run(&mut tables)?;
        }
        (tables.staged, tables.unlink, tables.created)
    };
    txn.commit()?;
    Ok(aftermath)
}
