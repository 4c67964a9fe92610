//! Objects: put, get, head, copy, delete.

use super::Store;
use super::blob::{BlobWriter, Staged};
use super::buckets::need_bucket;
use super::digest::{Algorithm, Checksums};
use super::error::Error;
use super::gate::Ticket;
use super::index::{INLINE, MANIFESTS, OBJECTS, Tables, object_key};
use super::notify::ObjectCreated;
use super::reader::{ObjectReader, source};
use super::record::{Head, ObjectMeta, Place, PutOptions, Tag, decode_segments};
use bytes::Bytes;
use redb::{ReadTransaction, ReadableTable};
use std::io::Read;
use std::sync::Arc;

/// The longest key, in bytes of UTF-8.
const KEY_LIMIT: usize = 1024;

/// What must hold of what is stored under a key, before it is replaced or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Condition {
    /// Nothing.
    #[default]
    Always,
    /// Something is there (`If-Match: *`).
    Present,
    /// Nothing is there (`If-None-Match: *`).
    Absent,
    /// This entity tag is there (`If-Match: …`).
    Tag(String),
}

impl Condition {
    /// # Errors
    /// [`Error::NoSuchKey`] where a match was asked for and nothing is there, [`Error::PreconditionFailed`].
    fn check(&self, key: &str, current: Option<&Head>) -> Result<(), Error> {
        match (self, current) {
            (Self::Always, _) | (Self::Present, Some(_)) | (Self::Absent, None) => Ok(()),
            (Self::Tag(tag), Some(head)) if head.tag.text() == *tag => Ok(()),
            (Self::Absent, Some(_)) => Err(Error::PreconditionFailed("If-None-Match")),
            (Self::Tag(_), Some(_)) => Err(Error::PreconditionFailed("If-Match")),
            (Self::Present | Self::Tag(_), None) => Err(Error::NoSuchKey(key.to_owned())),
        }
    }
}

/// An object about to be recorded.
pub(super) struct NewObject {
    pub bucket: String,
    pub key: String,
    pub head: Head,
    pub options: PutOptions,
    pub checksums: Checksums,
    pub condition: Condition,
}

impl NewObject {
    /// Replaces what is under the key.
    pub fn record(self, tables: &mut Tables<'_>) -> Result<ObjectMeta, Error> {
        let index_key = object_key(&self.bucket, &self.key);
        let old = replaced(tables, &index_key)?;
        self.condition.check(&self.key, old.as_ref())?;
        let record = self.head.encode(&self.options, &self.checksums);
        tables.objects.insert(index_key.as_slice(), record.as_slice())?;
        if let Some(old) = old {
            tables.release(old.place)?;
        }
        let etag = self.head.tag.text();
        let size = self.head.size;
        tables.announce(ObjectCreated { bucket: self.bucket, key: self.key, size, etag: etag.clone() });
        let modified_ms = self.head.modified_ms;
        Ok(ObjectMeta { size, etag, modified_ms, options: self.options, checksums: self.checksums })
    }
}

fn replaced(tables: &Tables<'_>, index_key: &[u8]) -> Result<Option<Head>, Error> {
    tables.objects.get(index_key)?.map(|record| Head::decode(record.value())).transpose()
}

/// Fails for a key that S3 does not allow.
pub(super) fn check_key(key: &str) -> Result<(), Error> {
    if key.is_empty() || key.len() > KEY_LIMIT {
        return Err(Error::InvalidArgument(format!("a key has 1 to {KEY_LIMIT} bytes, not {}", key.len())));
    }
    Ok(())
}

impl Store {
    /// An object's size, tag, time and headers.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchKey`], the disk's failures.
    pub fn head(&self, bucket: &str, key: &str) -> Result<ObjectMeta, Error> {
        Ok(lookup(&self.read()?, bucket, key)?.1)
    }

    /// An object and a reader of its content as it is now.
    ///
    /// # Errors
    /// As [`Self::head`].
    pub fn get(&self, bucket: &str, key: &str) -> Result<(ObjectMeta, ObjectReader), Error> {
        let (meta, reader, _) = self.get_parts(bucket, key)?;
        Ok((meta, reader))
    }

    /// As [`Self::get`], with the sizes of the parts (one, unless it was uploaded in parts).
    pub(in crate::local::s3) fn get_parts(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<(ObjectMeta, ObjectReader, Vec<u64>), Error> {
        // First the ticket, then the index: what the index shows stays on disk.
        let ticket = self.inner.blobs.gate().enter();
        let txn = self.read()?;
        let (head, meta) = lookup(&txn, bucket, key)?;
        let places = match head.place {
            Place::Manifest(id) => {
                let manifest = txn.open_table(MANIFESTS)?.get(id)?;
                let manifest = manifest.ok_or_else(|| Error::Index("a manifest is missing".into()))?;
                decode_segments(manifest.value())?.into_iter().map(|s| (s.size, s.place)).collect()
            }
            place => vec![(head.size, place)],
        };
        let sizes = places.iter().map(|(size, _)| *size).collect();
        Ok((meta, self.reader(&txn, ticket, places)?, sizes))
    }

    /// A reader of content at these places, with their sizes.
    pub(super) fn reader(
        &self,
        txn: &ReadTransaction,
        ticket: Ticket,
        places: Vec<(u64, Place)>,
    ) -> Result<ObjectReader, Error> {
        let inline = txn.open_table(INLINE)?;
        let read_inline = |id| match inline.get(id)? {
            Some(bytes) => Ok(Bytes::copy_from_slice(bytes.value())),
            None => Err(Error::Index("a small content is missing".into())),
        };
        let sources = places
            .into_iter()
            .map(|(size, place)| Ok((size, source(place, read_inline)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        Ok(ObjectReader::new(Arc::clone(&self.inner.blobs), ticket, sources))
    }

    /// Stores an object.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::InvalidArgument`] for a key that S3 does not allow, the disk's failures.
    pub fn put(&self, bucket: &str, key: &str, content: &[u8], options: PutOptions) -> Result<ObjectMeta, Error> {
        self.put_reader(bucket, key, content, options)
    }

    /// Stores an object from a reader, without holding its content in memory.
    ///
    /// # Errors
    /// As [`Self::put`]; [`Error::InvalidArgument`] where the reader fails.
    pub fn put_reader(
        &self,
        bucket: &str,
        key: &str,
        mut content: impl Read,
        options: PutOptions,
    ) -> Result<ObjectMeta, Error> {
        let mut writer = self.write_blob(&[]);
        let mut buffer = vec![0; 256 << 10];
        loop {
            match content.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => writer.push(&buffer[..count])?,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Error::InvalidArgument(format!("the content could not be read: {e}"))),
            }
        }
        self.put_staged(bucket, key, writer.finish(), options, Condition::Always)
    }

    /// Begins to take in content.
    #[must_use]
    pub fn write_blob(&self, algorithms: &[Algorithm]) -> BlobWriter {
        BlobWriter::new(Arc::clone(&self.inner.blobs), algorithms)
    }

    /// Makes content an object.
    ///
    /// # Errors
    /// As [`Self::put`]; [`Error::PreconditionFailed`] and [`Error::NoSuchKey`] from `condition`.
    pub fn put_staged(
        &self,
        bucket: &str,
        key: &str,
        staged: Staged,
        options: PutOptions,
        condition: Condition,
    ) -> Result<ObjectMeta, Error> {
        check_key(key)?;
        let tag = Tag { md5: staged.md5, parts: 0 };
        let head = Head { modified_ms: self.now_ms(), size: staged.size, tag, place: staged.place };
        let checksums = staged.checksums.clone();
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let new = NewObject { bucket, key, head, options, checksums, condition };
        self.writer().apply(move |tables| {
            tables.need_bucket(&new.bucket)?;
            let meta = new.record(tables)?;
            tables.adopt(staged)?;
            Ok(meta)
        })
    }

    /// Deletes objects; a key that is not there counts as deleted, as in S3.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], the disk's failures.
    pub fn delete(&self, bucket: &str, keys: &[&str]) -> Result<(), Error> {
        let bucket = bucket.to_owned();
        let keys: Vec<Vec<u8>> = keys.iter().map(|key| object_key(&bucket, key)).collect();
        self.writer().apply(move |tables| {
            tables.need_bucket(&bucket)?;
            for index_key in keys {
                if let Some(old) = replaced(tables, &index_key)? {
                    tables.objects.remove(index_key.as_slice())?;
                    tables.release(old.place)?;
                }
            }
            Ok(())
        })
    }

    /// Deletes one object if `condition` holds.
    pub(in crate::local::s3) fn delete_if(&self, bucket: &str, key: &str, condition: Condition) -> Result<(), Error> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        self.writer().apply(move |tables| {
            tables.need_bucket(&bucket)?;
            let index_key = object_key(&bucket, &key);
            let old = replaced(tables, &index_key)?;
            condition.check(&key, old.as_ref())?;
            if let Some(old) = old {
                tables.objects.remove(index_key.as_slice())?;
                tables.release(old.place)?;
            }
            Ok(())
        })
    }
}

fn lookup(txn: &ReadTransaction, bucket: &str, key: &str) -> Result<(Head, ObjectMeta), Error> {
    let index_key = object_key(bucket, key);
    if let Some(record) = txn.open_table(OBJECTS)?.get(index_key.as_slice())? {
        return Head::decode_meta(record.value());
    }
    need_bucket(txn, bucket)?;
    Err(Error::NoSuchKey(key.to_owned()))
}
