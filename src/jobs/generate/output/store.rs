//! Objects in S3, straight from memory. A small file is sent when it is whole, a large one in parts while it is made;
//! bounded queues hold the makers back when the store is slower than they are. Nothing is written to disk.

use super::{Output, Rows, Slot, Unit};
use crate::jobs::JobError;
use crate::jobs::generate::KeyLayout;
use crate::jobs::ports::{ObjectStore, StoreError};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::mpsc;

/// A file's first parts, in bytes; those after each thousand are larger by as much, so that S3's 10 000 parts hold 440 GB.
const PART: usize = 8 << 20;
/// Objects under way at a time: more than are open side by side, so that an open one always finds a place.
const UPLOADS: usize = 16;
/// Small objects that wait for a place.
const WAITING: usize = 4;

/// An object on its way.
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// Its parts; an empty one ends it.
    Parts(mpsc::Receiver<Bytes>),
}

/// Gathers files and queues them.
pub struct Store {
    key: Arc<KeyLayout>,
    queue: mpsc::Sender<(String, Body)>,
    open: Mutex<Vec<Gathered>>,
}

#[derive(Default)]
struct Gathered {
    memory: Vec<u8>,
    parts: Option<mpsc::Sender<Bytes>>,
    sent: usize,
}

impl Store {
    /// The output and the queue that [`upload`] empties.
    #[must_use]
    pub fn new(key: Arc<KeyLayout>) -> (Self, mpsc::Receiver<(String, Body)>) {
        let (queue, objects) = mpsc::channel(WAITING);
        (Self { key, queue, open: Mutex::default() }, objects)
    }

    fn name(&self, unit: &Unit, slot: &Slot) -> String {
        (self.key)(unit.part.dataset(), &slot.path)
    }

    /// Sends what is gathered as a part.
    fn part(&self, gathered: &mut Gathered, unit: &Unit, slot: &Slot) -> Result<(), JobError> {
        let part = Bytes::from(std::mem::take(&mut gathered.memory));
        gathered.sent += 1;
        let sender = match &gathered.parts {
            Some(sender) => sender,
            None => {
                let (sender, parts) = mpsc::channel(1);
                self.queue.blocking_send((self.name(unit, slot), Body::Parts(parts))).map_err(|_| gone())?;
                gathered.parts.insert(sender)
            }
        };
        sender.blocking_send(part).map_err(|_| gone())
    }
}

impl Output for Store {
    type Ticket = ();

    fn in_turn(&self, unit: &Unit, slots: &[Slot], rows: &[Rows]) -> Result<(), JobError> {
        let mut open = self.open.lock();
        if unit.opens {
            open.clear();
            open.resize_with(slots.len(), Gathered::default);
        }
        for ((gathered, rows), slot) in open.iter_mut().zip(rows).zip(slots) {
            gathered.memory.extend_from_slice(rows.bytes());
            if gathered.memory.len() >= PART * (1 + gathered.sent / 1_000) {
                self.part(gathered, unit, slot)?;
            }
        }
        if unit.closes {
            for (slot, mut gathered) in slots.iter().zip(open.drain(..)) {
                if gathered.parts.is_none() {
                    let body = Body::Whole(gathered.memory.into());
                    self.queue.blocking_send((self.name(unit, slot), body)).map_err(|_| gone())?;
                    continue;
                }
                if !gathered.memory.is_empty() {
                    self.part(&mut gathered, unit, slot)?;
                }
                if let Some(sender) = gathered.parts {
                    sender.blocking_send(Bytes::new()).map_err(|_| gone())?;
                }
            }
        }
        Ok(())
    }

    fn at_leisure(&self, (): (), _rows: &[Rows]) -> Result<(), JobError> {
        Ok(())
    }
}

/// A queue's other end is gone only when an upload failed: that error is the one to tell.
const fn gone() -> JobError {
    JobError::Cancelled
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
                    Body::Whole(bytes) => store.put(&key, bytes).await,
                    Body::Parts(parts) => store.put_parts(&key, parts).await,
                }
            }
        })
        .buffer_unordered(UPLOADS)
        .try_for_each(|_| async { Ok::<_, StoreError>(()) })
        .await
        .map_err(JobError::from)
}
