//! Why the store refused or failed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A refusal (the caller's doing) or a failure (the disk's).
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The bucket is not there.
    #[error("the bucket {0:?} does not exist")]
    NoSuchBucket(String),
    /// The key is not there.
    #[error("the key {0:?} does not exist")]
    NoSuchKey(String),
    /// The multipart upload is not there: it was completed, aborted, or belongs to another key.
    #[error("the multipart upload does not exist; it may have been completed or aborted")]
    NoSuchUpload,
    /// The bucket is there already.
    #[error("the bucket {0:?} exists already")]
    BucketExists(String),
    /// The bucket still holds objects or unfinished uploads.
    #[error("the bucket {0:?} is not empty")]
    BucketNotEmpty(String),
    /// If-Match or If-None-Match did not hold.
    #[error("the condition {0} did not hold")]
    PreconditionFailed(&'static str),
    /// A part named at completion was never uploaded, or has another ETag.
    #[error("part {0} was not uploaded, or its entity tag differs")]
    InvalidPart(u32),
    /// Parts were named out of order at completion.
    #[error("the parts are not in ascending order")]
    InvalidPartOrder,
    /// A part other than the last is below S3's minimum of 5 MiB.
    #[error("part {0} is smaller than the 5 MiB that every part but the last must have")]
    PartTooSmall(u32),
    /// The content differs from the checksum that came with it.
    #[error("the {0} of the content differs from the one that was sent")]
    BadDigest(&'static str),
    /// An argument makes no sense.
    #[error("{0}")]
    InvalidArgument(String),
    /// Another process has the store open.
    #[error("the object store in {0} is in use by another process")]
    InUse(PathBuf),
    /// The index could not be read or written.
    #[error("the object index failed: {0}")]
    Index(String),
    /// A blob file could not be read or written.
    #[error("{path}: {source}")]
    Blob {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: Arc<std::io::Error>,
    },
}

impl Error {
    /// A failed access to a file.
    pub(super) fn blob(path: &Path, source: std::io::Error) -> Self {
        Self::Blob { path: path.to_owned(), source: Arc::new(source) }
    }

    /// The index or the disk failed, as against a request that was refused.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::InUse(_) | Self::Index(_) | Self::Blob { .. })
    }
}

macro_rules! from_redb {
    ($($source:ty),*) => {$(
        impl From<$source> for Error {
            fn from(source: $source) -> Self {
                Self::Index(source.to_string())
            }
        }
    )*};
}
from_redb!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError, redb::DatabaseError);
