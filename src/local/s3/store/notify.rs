//! Object-created notifications, for pipes that ingest by themselves.

use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// An object was stored, durably.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectCreated {
    /// Its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its entity tag without quotes.
    pub etag: String,
}

/// Everybody who listens.
#[derive(Default)]
pub(super) struct Subscribers(Mutex<Vec<UnboundedSender<ObjectCreated>>>);

impl Subscribers {
    /// One more listener, from now on.
    pub fn add(&self) -> UnboundedReceiver<ObjectCreated> {
        let (sender, receiver) = unbounded_channel();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver
    }

    /// Tells all; forgets those who left.
    pub fn tell(&self, created: Vec<ObjectCreated>) {
        if created.is_empty() {
            return;
        }
        let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for event in created {
            listeners.retain(|listener| listener.send(event.clone()).is_ok());
        }
    }
}
