//! Buckets.

use super::error::Error;
use super::index::{BUCKETS, object_key};
use super::{Query, Store, listing};
use redb::{ReadTransaction, ReadableTable};

impl Store {
    /// Makes a bucket.
    ///
    /// # Errors
    /// [`Error::BucketExists`], [`Error::InvalidArgument`] for a name that S3 does not allow, the disk's failures.
    pub fn create_bucket(&self, bucket: &str) -> Result<(), Error> {
        if !s3s::path::check_bucket_name(bucket) {
            return Err(Error::InvalidArgument(format!("{bucket:?} is not a bucket name that S3 allows")));
        }
        let (bucket, now) = (bucket.to_owned(), self.now_ms());
        self.writer().apply(move |tables| {
            if tables.buckets.get(bucket.as_str())?.is_some() {
                return Err(Error::BucketExists(bucket));
            }
            tables.buckets.insert(bucket.as_str(), now)?;
            Ok(())
        })
    }

    /// Makes a bucket if it is not there.
    ///
    /// # Errors
    /// As [`Self::create_bucket`], but for a bucket that is there.
    pub fn ensure_bucket(&self, bucket: &str) -> Result<(), Error> {
        match self.create_bucket(bucket) {
            Err(Error::BucketExists(_)) => Ok(()),
            other => other,
        }
    }

    /// When a bucket was made, milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], the disk's failures.
    pub fn head_bucket(&self, bucket: &str) -> Result<i64, Error> {
        need_bucket(&self.read()?, bucket)
    }

    /// All buckets by name, with when they were made.
    ///
    /// # Errors
    /// The disk's failures.
    pub fn list_buckets(&self) -> Result<Vec<(String, i64)>, Error> {
        let table = self.read()?.open_table(BUCKETS)?;
        let mut out = Vec::new();
        for entry in table.iter()? {
            let (name, made) = entry?;
            out.push((name.value().to_owned(), made.value()));
        }
        Ok(out)
    }

    /// Deletes an empty bucket.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::BucketNotEmpty`] (objects or unfinished uploads), the disk's failures.
    pub fn delete_bucket(&self, bucket: &str) -> Result<(), Error> {
        let bucket = bucket.to_owned();
        self.writer().apply(move |tables| {
            tables.need_bucket(&bucket)?;
            let (first, behind) = (object_key(&bucket, ""), [bucket.as_bytes(), &[1]].concat());
            // Objects and uploads: their index keys start alike.
            let range = first.as_slice()..behind.as_slice();
            if tables.objects.range::<&[u8]>(range.clone())?.next().is_some()
                || tables.uploads.range::<&[u8]>(range)?.next().is_some()
            {
                return Err(Error::BucketNotEmpty(bucket));
            }
            tables.buckets.remove(bucket.as_str())?;
            Ok(())
        })
    }

    /// Objects whose keys start with `prefix`, in key order (UTF-8 bytes), behind `after` where that is not empty; at
    /// most `limit`. [`super::ListPage::next`] is the next page's `after`. One page is one moment.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], the disk's failures.
    pub fn list(&self, bucket: &str, prefix: &str, after: &str, limit: usize) -> Result<super::ListPage, Error> {
        self.list_grouped(&Query { bucket, prefix, delimiter: "", after, limit })
    }

    /// A page with common prefixes.
    pub(in crate::local::s3) fn list_grouped(&self, query: &Query<'_>) -> Result<super::ListPage, Error> {
        let txn = self.read()?;
        need_bucket(&txn, query.bucket)?;
        listing::list(&txn, query)
    }
}

/// Fails where the bucket is not there.
pub(super) fn need_bucket(txn: &ReadTransaction, bucket: &str) -> Result<i64, Error> {
    let made = txn.open_table(BUCKETS)?.get(bucket)?.map(|made| made.value());
    made.ok_or_else(|| Error::NoSuchBucket(bucket.to_owned()))
}
