//! Objects in S3.

use serde::{Deserialize, Serialize};

/// One object as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectInfo {
    /// The whole key.
    pub key: String,
    /// Size in bytes.
    pub size: u64,
    /// Entity tag without quotes.
    pub etag: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub modified_ms: Option<i64>,
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ObjectPage {
    /// Common prefixes, where a delimiter was given; each ends with it.
    pub prefixes: Vec<String>,
    /// Objects.
    pub objects: Vec<ObjectInfo>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<String>,
}
