//! What moving data came to.

use serde::{Deserialize, Serialize};

/// Objects and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Amount {
    /// How many objects.
    pub objects: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

impl Amount {
    /// One object more.
    pub fn add(&mut self, bytes: u64) {
        self.objects += 1;
        self.bytes += bytes;
    }
}

/// One object that could not be moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotMoved {
    /// Its key.
    pub key: String,
    /// Why, and what to do.
    pub error: String,
}

/// The result of a transfer: an upload, a download, a copy, a deletion.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Moved {
    /// Everything asked for was done.
    pub ok: bool,
    /// Nothing was done: this is what would be.
    pub dry_run: bool,
    /// Sent, fetched, copied or deleted.
    pub moved: Amount,
    /// There already with the same content, and left alone.
    pub unchanged: Amount,
    /// Bytes of `moved` that an earlier, interrupted run had moved already.
    pub resumed_bytes: u64,
    /// What failed; the first hundred.
    pub failed: Vec<NotMoved>,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

impl Moved {
    /// Bytes that went over the wire in this run, by second; `None` where there is no time to divide by.
    #[must_use]
    pub fn rate(&self) -> Option<u64> {
        let bytes = self.moved.bytes.saturating_sub(self.resumed_bytes);
        (bytes * 1000).checked_div(self.ms)
    }
}
