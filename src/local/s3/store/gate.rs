//! Readers and deletions: a blob file goes only after everybody who could have seen it in the index has finished.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct State {
    /// The next ticket.
    next: u64,
    /// Tickets in use.
    active: BTreeSet<u64>,
    /// Files to remove, with the ticket below which readers may still need them.
    retired: VecDeque<(u64, Vec<u64>)>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hands out tickets to readers and holds deletions back.
#[derive(Default)]
pub(super) struct Gate(Arc<Shared>);

/// A reader's stay. Taken before the index is read.
pub(super) struct Ticket {
    shared: Arc<Shared>,
    number: u64,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.shared.lock().active.remove(&self.number);
        self.shared.changed.notify_all();
    }
}

impl Gate {
    /// A reader comes in.
    pub fn enter(&self) -> Ticket {
        let mut state = self.0.lock();
        let number = state.next;
        state.next += 1;
        state.active.insert(number);
        Ticket { shared: Arc::clone(&self.0), number }
    }

    /// Files to remove; the index has forgotten them already.
    pub fn retire(&self, ids: Vec<u64>) {
        if ids.is_empty() {
            return;
        }
        let mut state = self.0.lock();
        let before = state.next;
        state.retired.push_back((before, ids));
        self.0.changed.notify_all();
    }

    /// Waits for files that nobody can need; `None` once closed.
    pub fn next_retired(&self) -> Option<Vec<u64>> {
        let mut state = self.0.lock();
        loop {
            let oldest = state.active.first().copied().unwrap_or(u64::MAX);
            if state.retired.front().is_some_and(|(before, _)| *before <= oldest) {
                return state.retired.pop_front().map(|(_, ids)| ids);
            }
            // What is left then, the next start's sweep removes.
            if state.closed {
                return None;
            }
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the waiting.
    pub fn close(&self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }

    /// Whether [`Self::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.0.lock().closed
    }
}
