//! Work of the S3 pane besides listing, and what comes back.

use super::panes::s3::queue::Transfer;
use crate::domain::{Load, Moved, ObjectDetails, ObjectVersion};

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bucket {
    /// Move one file or folder.
    Move(Transfer),
    /// Delete keys, and all that lies under prefixes (which end in `/`).
    Delete(Vec<String>),
    /// Read properties, metadata and versions.
    Details(String),
    /// Make a link that opens an object.
    Link(String),
    /// Read what has been loaded.
    Loads,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Bucketed {
    /// It was moved.
    Moved(Moved),
    /// So many objects are gone.
    Deleted(u64),
    /// What is noted of an object; nothing where it is gone.
    Details(Option<ObjectDetails>, Vec<ObjectVersion>),
    /// The link.
    Link(String),
    /// What has been loaded, the oldest first.
    Loads(Vec<Load>),
}

impl Bucket {
    /// What is going on.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Move(transfer) => transfer.title(),
            Self::Delete(keys) if keys.len() == 1 => format!("deleting {}", keys[0]),
            Self::Delete(keys) => format!("deleting {} entries", keys.len()),
            Self::Details(key) => format!("reading what is noted of {key}"),
            Self::Link(key) => format!("making a link to {key}"),
            Self::Loads => "reading what has been loaded".into(),
        }
    }
}
