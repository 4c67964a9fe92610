//! The terminal's input, read by a task of its own.
//!
//! crossterm's stream remembers the first task that waited for it; asking it without waiting would make that nobody.

use crossterm::event::{Event, EventStream};
use futures::StreamExt;
use std::io;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Events that were read and not taken yet: a paste into a terminal without bracketed paste is one event a letter.
const QUEUE: usize = 1_024;

/// Reads.
pub struct Input {
    receiver: mpsc::Receiver<io::Result<Event>>,
    task: JoinHandle<()>,
}

impl Input {
    /// Begins to read.
    pub fn listen() -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let task = tokio::spawn(async move {
            let mut stream = EventStream::new();
            while let Some(event) = stream.next().await {
                if sender.send(event).await.is_err() {
                    break;
                }
            }
        });
        Self { receiver, task }
    }

    /// The next event; `None` when the terminal has gone.
    pub async fn next(&mut self) -> Option<io::Result<Event>> {
        self.receiver.recv().await
    }

    /// An event that is there already.
    pub fn ready(&mut self) -> Option<io::Result<Event>> {
        self.receiver.try_recv().ok()
    }

    /// Stops reading: what is typed from now on is the shell's.
    pub async fn end(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.task.abort();
    }
}
