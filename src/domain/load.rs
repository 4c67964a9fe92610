//! What was loaded from an object.

use serde::{Deserialize, Serialize};

/// One file's load into one table, as COPY_HISTORY tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Load {
    /// The object's key.
    pub key: String,
    /// The table, `SCHEMA.TABLE`.
    pub table: String,
    /// The pipe that loaded it; `None` for a COPY.
    pub pipe: Option<String>,
    /// `Loaded`, `Partially loaded`, `Load failed`, `Load skipped` …
    pub status: String,
    /// Rows that were read.
    pub parsed: u64,
    /// Rows that were loaded.
    pub loaded: u64,
    /// Rows that were rejected.
    pub errors: u64,
    /// What was wrong with the first of them.
    pub first_error: Option<String>,
    /// Its line, from 1.
    pub first_line: Option<u64>,
    /// When, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Rows that were loaded and then refused by the pipeline's rules, or kept aside as COPY refused them; by kind.
    pub rejects: Vec<Rejects>,
}

/// Rows of one delivery that the pipeline keeps aside for one kind of reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rejects {
    /// `malformed`, `bad_value` …
    pub kind: String,
    /// How many.
    pub rows: u64,
    /// The first one's row in the file, from 1.
    pub first_row: Option<u64>,
    /// The first one's reason in full.
    pub reason: String,
}

impl Load {
    /// Rows came from the file.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.status.eq_ignore_ascii_case("loaded") || self.status.eq_ignore_ascii_case("partially loaded")
    }

    /// All of the file's rows came, and none was refused later.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.is_loaded() && self.errors == 0 && self.rejects.is_empty()
    }
}
