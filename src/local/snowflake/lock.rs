//! Write locks: DuckDB lets a second writer fail, Snowflake lets it wait. A lock is taken before a transaction's
//! snapshot and held until its end, so that versions of a table are in commit order.

use super::error::{SfError, SfResult};
use parking_lot::{Condvar, Mutex};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a statement waits for another's lock (LOCK_TIMEOUT is 43200 s in Snowflake; a local cloud gives up sooner).
const PATIENCE: Duration = Duration::from_mins(5);

/// The locks of one engine, by object or store id.
#[derive(Debug, Clone, Default)]
pub struct Locks(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    held: Mutex<HashSet<i64>>,
    freed: Condvar,
}

/// Held locks; dropping frees them.
#[derive(Debug, Default)]
pub struct Held {
    inner: Option<Arc<Inner>>,
    ids: Vec<i64>,
}

impl Held {
    /// Whether a lock is among them.
    #[must_use]
    pub fn has(&self, id: i64) -> bool {
        self.ids.contains(&id)
    }

    /// Takes over another's locks.
    pub fn join(&mut self, mut other: Self) {
        self.ids.append(&mut other.ids);
        if self.inner.is_none() {
            self.inner = other.inner.take();
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(inner) = &self.inner {
            let mut held = inner.held.lock();
            for id in &self.ids {
                held.remove(id);
            }
            inner.freed.notify_all();
        }
    }
}

impl Locks {
    /// Waits until all of `ids` are free and takes them together, so that two statements never wait for each other.
    ///
    /// # Errors
    /// 000625 where the wait is over, 000604 where `cancelled` says so.
    pub fn acquire(&self, ids: &[i64], cancelled: &dyn Fn() -> bool) -> SfResult<Held> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let until = Instant::now() + PATIENCE;
        let mut held = self.0.held.lock();
        while ids.iter().any(|id| held.contains(id)) {
            if cancelled() {
                return Err(SfError::new("000604", "57014", "SQL execution canceled"));
            }
            if Instant::now() >= until {
                return Err(SfError::new(
                    "000625",
                    "57014",
                    "Statement has been waiting for a lock that another transaction holds. End that transaction (COMMIT or ROLLBACK) and try again.",
                ));
            }
            self.0.freed.wait_for(&mut held, Duration::from_millis(200));
        }
        held.extend(&ids);
        Ok(Held { inner: Some(self.0.clone()), ids })
    }
}
