//! Objects in S3.

use serde::{Deserialize, Serialize};

/// One object as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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

/// What a store tells of one object besides its content.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ObjectDetails {
    /// As a listing shows it.
    pub info: ObjectInfo,
    /// Everything else that is set, by name: content type, storage class, encryption …
    pub properties: Vec<(String, String)>,
    /// The metadata that whoever stored it gave it.
    pub metadata: Vec<(String, String)>,
}

/// One version of an object in a bucket that keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ObjectVersion {
    /// Its id.
    pub id: String,
    /// It is what a reader gets.
    pub latest: bool,
    /// It says that the object was deleted.
    pub deleted: bool,
    /// Size in bytes.
    pub size: u64,
    /// Milliseconds since the Unix epoch.
    pub modified_ms: Option<i64>,
}
