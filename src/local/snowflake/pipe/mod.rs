//! Pipes at work: files that appear in the object store are loaded by themselves, once.
//!
//! [`Pipes`] is a part of the engine: which files each pipe still has to load. [`Ingest`] is one thread that listens to the
//! store's notifications and finds out whose they are; each pipe with work loads in a thread and a session of its own, as the
//! role that owns it.
//!
//! What a pipe has loaded is in `sd.pipe_file` ([`memory`]), written in the transaction that inserts the rows: a crash leaves
//! a file either wholly loaded and remembered, or neither. What was waiting is not written down but found again: the first
//! look at a pipe after a start (or after it was resumed) lists its files and takes those that were stored since the pipe was
//! made and are not remembered. Files that ALTER PIPE … REFRESH asked for may be older; they are in the memory as `SENT`.

mod ingest;
mod load;
pub mod memory;
mod watch;

pub use ingest::Ingest;
pub use load::as_owner;
pub use watch::Watch;

use super::error::SfError;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use tokio::sync::mpsc::UnboundedSender;

/// A file that waits to be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// When it was heard of, epoch microseconds.
    pub received_us: i64,
    /// Bytes, where known.
    pub size: u64,
}

/// What a pipe has in memory; a restart begins with nothing.
#[derive(Debug, Clone, Default)]
pub struct PipeState {
    /// Waiting files by key.
    pub waiting: BTreeMap<String, Waiting>,
    /// The latest notification: epoch microseconds and key.
    pub received: Option<(i64, String)>,
    /// Why the last attempt failed, and when (epoch microseconds).
    pub error: Option<(i64, SfError)>,
}

/// A message to the thread.
#[derive(Debug)]
pub enum Call {
    /// Pipes have changed: look again, and list the files of this one.
    Look(Option<i64>),
    /// A pipe's loading has ended.
    Done(i64, Option<SfError>),
    /// The end.
    Stop,
}

/// What the engine keeps of pipes.
#[derive(Debug, Default)]
pub struct Pipes {
    states: Mutex<HashMap<i64, PipeState>>,
    bell: Mutex<Option<UnboundedSender<Call>>>,
}

impl Pipes {
    /// Tells the thread that a pipe was made or changed, or that files were sent to it.
    pub fn look(&self, pipe: Option<i64>) {
        self.call(Call::Look(pipe));
    }

    fn call(&self, call: Call) {
        if let Some(bell) = &*self.bell.lock() {
            // Where the thread has ended, nobody needs to know.
            let _ = bell.send(call);
        }
    }

    fn listen(&self, bell: Option<UnboundedSender<Call>>) {
        *self.bell.lock() = bell;
    }

    /// Reads a pipe's state.
    pub fn read<T>(&self, pipe: i64, f: impl FnOnce(&PipeState) -> T) -> T {
        f(self.states.lock().entry(pipe).or_default())
    }

    fn change(&self, pipe: i64, f: impl FnOnce(&mut PipeState)) {
        f(self.states.lock().entry(pipe).or_default());
    }

    fn keep(&self, known: impl Fn(i64) -> bool) {
        self.states.lock().retain(|id, _| known(*id));
    }
}
