//! Loading: staged files as rows.
//!
//! COPY and stage queries read files through one DuckDB table function, `sf_stage(n)`: it streams the records of a
//! registered [`Load`] (decompressed, cut into fields, JSON made canonical) without a copy in between, and its memory does
//! not grow with the files. A reading thread stays a few batches ahead of DuckDB.

mod batch;
mod canonical;
mod csv;
mod format;
mod json;
mod names;
mod options;
pub mod parquet;
mod scan;
mod table_fn;
mod window;

pub use batch::{Batch, RowError};
pub use format::{Compression, Csv, Format, Kind};
pub use names::Names;
pub use options::{CSV_OPTIONS, JSON_OPTIONS, known_options, unknown_option};
pub use scan::{Records, not_found, open};
pub use table_fn::{META, register};

use crate::local::s3::Store;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// A staged file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedFile {
    /// Its bucket in the object store.
    pub bucket: String,
    /// Its key there.
    pub key: String,
    /// What METADATA$FILENAME says.
    pub name: String,
    /// What COPY's and LIST's results say.
    pub shown: String,
    /// Entity tag.
    pub etag: String,
    /// Bytes as stored.
    pub size: u64,
    /// Epoch milliseconds.
    pub modified_ms: i64,
}

/// What a record that cannot be read does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnBadRecord {
    /// The scan fails.
    Fail,
    /// It is noted in the file's report and left out.
    Note,
}

/// Files to be read and how.
pub struct Load {
    /// Where the objects are.
    pub store: Store,
    /// In the order in which they are read.
    pub files: Vec<StagedFile>,
    /// Their format.
    pub format: Format,
    /// Columns `f1` … that the table function declares.
    pub width: usize,
    /// Every CSV record must have this many fields.
    pub exact: Option<usize>,
    /// Fields are found by these names (MATCH_BY_COLUMN_NAME) rather than by place.
    pub names: Option<Names>,
    /// What a record that cannot be read does.
    pub on_bad: OnBadRecord,
    /// Rows to be left out, by file.
    pub skip: BTreeMap<usize, HashSet<u64>>,
    /// The statement's time, epoch microseconds: METADATA$START_SCAN_TIME of every file.
    pub now_us: i64,
    /// What the latest scan met, by file.
    pub reports: Mutex<Vec<FileReport>>,
}

/// What a scan met in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Records, those that cannot be read included.
    pub rows: u64,
    /// The entity tag of what was read (it may differ from the listed one).
    pub etag: String,
    /// Records that cannot be read.
    pub errors: Vec<RowError>,
}

impl Load {
    /// A load of whole files without expectations.
    #[must_use]
    pub fn new(store: Store, files: Vec<StagedFile>, format: Format, width: usize, now_us: i64) -> Self {
        Self {
            store,
            files,
            format,
            width,
            exact: None,
            names: None,
            on_bad: OnBadRecord::Fail,
            skip: BTreeMap::new(),
            now_us,
            reports: Mutex::new(Vec::new()),
        }
    }
}

/// The loads that statements are running, by number: where `sf_stage` finds them.
#[derive(Clone, Default)]
pub struct Loads(Arc<Mutex<Registry>>);

#[derive(Default)]
struct Registry {
    last: i64,
    loads: BTreeMap<i64, Arc<Load>>,
}

impl Loads {
    /// Registers a load for as long as the guard lives.
    #[must_use]
    pub fn add(&self, load: Arc<Load>) -> LoadGuard {
        let mut registry = self.0.lock();
        registry.last += 1;
        let id = registry.last;
        registry.loads.insert(id, load);
        LoadGuard { id, loads: self.clone() }
    }

    /// A load by number.
    #[must_use]
    pub fn get(&self, id: i64) -> Option<Arc<Load>> {
        self.0.lock().loads.get(&id).cloned()
    }
}

/// Keeps a load registered.
pub struct LoadGuard {
    /// Its number.
    pub id: i64,
    loads: Loads,
}

impl std::fmt::Debug for LoadGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LoadGuard({})", self.id)
    }
}

impl Drop for LoadGuard {
    fn drop(&mut self) {
        self.loads.0.lock().loads.remove(&self.id);
    }
}
