//! Objects in S3. A file is gathered in memory, or beyond a size in an unnamed temporary file, and sent when whole;
//! a bounded queue holds the makers back when the store is slower than they are.

use super::{Output, Rows, Unit};
use crate::domain::Dataset;
use crate::jobs::JobError;
use crate::jobs::generate::KeyLayout;
use crate::jobs::generate::calendar::Calendar;
use crate::jobs::ports::ObjectStore;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;
use std::io::Write;
use std::sync::Arc;
use tempfile::NamedTempFile;
use tokio::sync::mpsc;

/// Objects larger than this wait on disk instead of in memory.
const IN_MEMORY: usize = 8 << 20;
/// Objects sent at a time.
const UPLOADS: usize = 8;

/// A whole object on its way.
pub enum Body {
    /// In memory.
    Memory(Bytes),
    /// On disk; removed after the upload.
    Disk(NamedTempFile),
}

/// Gathers files and queues them.
pub struct Store {
    key: KeyLayout,
    calendar: Calendar,
    queue: mpsc::Sender<(String, Body)>,
    open: Mutex<Vec<Gathered>>,
}

#[derive(Default)]
struct Gathered {
    memory: Vec<u8>,
    disk: Option<NamedTempFile>,
}

impl Store {
    /// The output and the queue that [`upload`] empties.
    #[must_use]
    pub fn new(key: KeyLayout, calendar: Calendar) -> (Self, mpsc::Receiver<(String, Body)>) {
        let (queue, objects) = mpsc::channel(UPLOADS);
        (Self { key, calendar, queue, open: Mutex::default() }, objects)
    }
}

impl Output for Store {
    type Ticket = ();

    fn in_turn(&self, unit: &Unit, rows: &[Rows]) -> Result<(), JobError> {
        let mut open = self.open.lock();
        if unit.opens {
            open.clear();
            open.resize_with(unit.files.len(), Gathered::default);
        }
        for (gathered, rows) in open.iter_mut().zip(rows) {
            gathered.add(rows.bytes()).map_err(on_disk)?;
        }
        if unit.closes {
            for (index, gathered) in unit.files.clone().zip(open.drain(..)) {
                let day = (unit.dataset == Dataset::Transactions).then(|| self.calendar.day(index));
                let key = (self.key)(unit.dataset, day.as_deref());
                let body = gathered.whole().map_err(on_disk)?;
                // The queue's other end is gone only when an upload failed: that error is the one to tell.
                self.queue.blocking_send((key, body)).map_err(|_| JobError::Cancelled)?;
            }
        }
        Ok(())
    }

    fn at_leisure(&self, (): (), _rows: &[Rows]) -> Result<(), JobError> {
        Ok(())
    }
}

impl Gathered {
    fn add(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if self.disk.is_none() && self.memory.len() + bytes.len() > IN_MEMORY {
            let mut file = NamedTempFile::new()?;
            file.write_all(&self.memory)?;
            self.memory = Vec::new();
            self.disk = Some(file);
        }
        if let Some(file) = &mut self.disk {
            return file.write_all(bytes);
        }
        self.memory.extend_from_slice(bytes);
        Ok(())
    }

    fn whole(self) -> std::io::Result<Body> {
        match self.disk {
            Some(mut file) => file.flush().map(|()| Body::Disk(file)),
            None => Ok(Body::Memory(self.memory.into())),
        }
    }
}

fn on_disk(source: std::io::Error) -> JobError {
    JobError::File { path: std::env::temp_dir().display().to_string(), source }
}

/// Sends what is queued, several at a time, until the queue ends.
///
/// # Errors
/// The first object that the store refused.
pub async fn upload(store: Arc<dyn ObjectStore>, objects: mpsc::Receiver<(String, Body)>) -> Result<(), JobError> {
    tokio_stream::wrappers::ReceiverStream::new(objects)
        .map(|(key, body)| {
            let store = store.clone();
            async move {
                match body {
                    Body::Memory(bytes) => store.put(&key, bytes).await,
                    Body::Disk(file) => store.put_file(&key, file.path()).await,
                }
            }
        })
        .buffer_unordered(UPLOADS)
        .try_for_each(|_| async { Ok(()) })
        .await
        .map_err(JobError::from)
}
