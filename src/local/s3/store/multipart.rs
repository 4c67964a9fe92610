//! Multipart uploads. Completing one moves no bytes: the object lists its parts.

use super::Store;
use super::blob::Staged;
use super::buckets::need_bucket;
use super::digest::{Algorithm, Checksums, Digests, composite, joined, md5_of_md5s};
use super::error::Error;
use super::index::{PARTS, Tables, UPLOADS, object_key};
use super::objects::{Condition, NewObject, check_key};
use super::record::{Head, ObjectMeta, Place, PutOptions, Segment, Tag, encode_segments};
use redb::ReadableTable;
use serde::{Deserialize, Serialize};

/// S3's minimum size of every part but the last.
const PART_MINIMUM: u64 = 5 << 20;
/// S3's highest part number.
const PART_LIMIT: u32 = 10_000;
/// Length of an upload id.
const ID_LENGTH: usize = 32;

/// An unfinished upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadInfo {
    /// The key that it will be.
    pub key: String,
    /// Its id.
    pub id: String,
    /// When it was begun, milliseconds since the Unix epoch.
    pub initiated_ms: i64,
    /// The headers for the object.
    pub options: PutOptions,
    /// The checksum that was asked for.
    pub algorithm: Option<Algorithm>,
    /// That checksum is to be over the whole content, not over the parts' checksums.
    pub full_object: bool,
}

/// An uploaded part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartInfo {
    /// 1 to 10 000.
    pub number: u32,
    /// Size in bytes.
    pub size: u64,
    /// Entity tag without quotes.
    pub etag: String,
    /// When it was stored, milliseconds since the Unix epoch.
    pub modified_ms: i64,
    /// Its checksums, where asked for.
    pub checksums: Checksums,
}

/// A part as the completing client names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletePart {
    /// Its number.
    pub number: u32,
    /// The entity tag that the client was given, without quotes; unchecked where `None`.
    pub etag: Option<String>,
    /// Checksums that must be those of the part.
    pub checksums: Checksums,
}

fn upload_key(bucket: &str, key: &str, id: &str) -> Vec<u8> {
    let mut out = object_key(bucket, key);
    out.push(0);
    out.extend_from_slice(id.as_bytes());
    out
}

fn part_key(id: &str, number: u32) -> Vec<u8> {
    [id.as_bytes(), &number.to_be_bytes()].concat()
}

fn decode_upload(bytes: &[u8]) -> Result<UploadInfo, Error> {
    serde_json::from_slice(bytes).map_err(|e| Error::Index(format!("an upload's record: {e}")))
}

fn decode_part(index_key: &[u8], record: &[u8]) -> Result<(Head, PartInfo), Error> {
    let (head, meta) = Head::decode_meta(record)?;
    let number = index_key.get(ID_LENGTH..).and_then(|n| n.try_into().ok()).map(u32::from_be_bytes);
    let number = number.ok_or_else(|| Error::Index("a part's key cannot be read".into()))?;
    let ObjectMeta { size, etag, modified_ms, checksums, .. } = meta;
    Ok((head, PartInfo { number, size, etag, modified_ms, checksums }))
}

/// All parts of an upload.
fn all_parts(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    id: &str,
) -> Result<Vec<(Head, PartInfo)>, Error> {
    let (first, last) = (part_key(id, 0), part_key(id, u32::MAX));
    let mut out = Vec::new();
    for entry in table.range::<&[u8]>(first.as_slice()..=last.as_slice())? {
        let (index_key, record) = entry?;
        out.push(decode_part(index_key.value(), record.value())?);
    }
    Ok(out)
}

fn need_upload(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    index_key: &[u8],
) -> Result<UploadInfo, Error> {
    match table.get(index_key)? {
        Some(record) => decode_upload(record.value()),
        None => Err(Error::NoSuchUpload),
    }
}

impl Store {
    /// Begins an upload; returns its id.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::InvalidArgument`] for a key that S3 does not allow, the disk's failures.
    pub fn create_upload(
        &self,
        bucket: &str,
        key: &str,
        options: PutOptions,
        algorithm: Option<Algorithm>,
        full_object: bool,
    ) -> Result<String, Error> {
        check_key(key)?;
        let id = uuid::Uuid::new_v4().simple().to_string();
        let (key, initiated_ms) = (key.to_owned(), self.now_ms());
        let info = UploadInfo { key, id: id.clone(), initiated_ms, options, algorithm, full_object };
        let record = serde_json::to_vec(&info).map_err(|e| Error::InvalidArgument(e.to_string()))?;
        let (index_key, bucket) = (upload_key(bucket, &info.key, &id), bucket.to_owned());
        self.writer().apply(move |tables| {
            tables.need_bucket(&bucket)?;
            tables.uploads.insert(index_key.as_slice(), record.as_slice())?;
            Ok(())
        })?;
        Ok(id)
    }

    /// What was said when an upload was begun.
    ///
    /// # Errors
    /// [`Error::NoSuchUpload`], the disk's failures.
    pub fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<UploadInfo, Error> {
        need_upload(&self.read()?.open_table(UPLOADS)?, &upload_key(bucket, key, id))
    }

    /// Stores a part, in place of an earlier one of that number.
    ///
    /// # Errors
    /// [`Error::NoSuchUpload`], [`Error::InvalidArgument`] for a number out of range, the disk's failures.
    pub fn put_part(&self, bucket: &str, key: &str, id: &str, number: u32, staged: Staged) -> Result<PartInfo, Error> {
        if !(1..=PART_LIMIT).contains(&number) {
            return Err(Error::InvalidArgument(format!("Part number must be an integer between 1 and {PART_LIMIT}")));
        }
        let upload = upload_key(bucket, key, id);
        let index_key = part_key(id, number);
        let tag = Tag { md5: staged.md5, parts: 0 };
        let head = Head { modified_ms: self.now_ms(), size: staged.size, tag, place: staged.place };
        let record = head.encode(&PutOptions::default(), &staged.checksums);
        self.writer().apply(move |tables| {
            need_upload(&tables.uploads, &upload)?;
            let old = tables.parts.insert(index_key.as_slice(), record.as_slice())?.map(|r| Head::decode(r.value()));
            if let Some(old) = old {
                tables.release(old?.place)?;
            }
            tables.adopt(staged)?;
            Ok(decode_part(&index_key, &record)?.1)
        })
    }

    /// The parts of an upload by number.
    ///
    /// # Errors
    /// [`Error::NoSuchUpload`], the disk's failures.
    pub fn list_parts(&self, bucket: &str, key: &str, id: &str) -> Result<Vec<PartInfo>, Error> {
        let txn = self.read()?;
        need_upload(&txn.open_table(UPLOADS)?, &upload_key(bucket, key, id))?;
        Ok(all_parts(&txn.open_table(PARTS)?, id)?.into_iter().map(|(_, part)| part).collect())
    }

    /// The unfinished uploads of a bucket whose keys start with `prefix`, by key.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], the disk's failures.
    pub fn list_uploads(&self, bucket: &str, prefix: &str) -> Result<Vec<UploadInfo>, Error> {
        let txn = self.read()?;
        need_bucket(&txn, bucket)?;
        let start = object_key(bucket, prefix);
        let mut out = Vec::new();
        for entry in txn.open_table(UPLOADS)?.range::<&[u8]>(start.as_slice()..)? {
            let (index_key, record) = entry?;
            if !index_key.value().starts_with(&start) {
                break;
            }
            out.push(decode_upload(record.value())?);
        }
        Ok(out)
    }

    /// Gives an upload and its parts up.
    ///
    /// # Errors
    /// [`Error::NoSuchUpload`], the disk's failures.
    pub fn abort_upload(&self, bucket: &str, key: &str, id: &str) -> Result<(), Error> {
        let (index_key, id) = (upload_key(bucket, key, id), id.to_owned());
        self.writer().apply(move |tables| {
            need_upload(&tables.uploads, &index_key)?;
            for (head, part) in all_parts(&tables.parts, &id)? {
                tables.parts.remove(part_key(&id, part.number).as_slice())?;
                tables.release(head.place)?;
            }
            tables.uploads.remove(index_key.as_slice())?;
            Ok(())
        })
    }

    /// The checksum of the content that the named parts make up together.
    ///
    /// # Errors
    /// [`Error::NoSuchUpload`], the parts' errors, the disk's failures.
    pub fn checksum_parts(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
        named: &[CompletePart],
        algorithm: Algorithm,
    ) -> Result<Checksums, Error> {
        let ticket = self.inner.blobs.gate().enter();
        let txn = self.read()?;
        need_upload(&txn.open_table(UPLOADS)?, &upload_key(bucket, key, id))?;
        let chosen = choose(named, &all_parts(&txn.open_table(PARTS)?, id)?)?;
        if let Some(joined) = joined(algorithm, chosen.iter().map(|(head, part)| (head.size, &part.checksums))) {
            return Ok(joined);
        }
        let places = chosen.into_iter().map(|(head, _)| (head.size, head.place)).collect();
        let mut reader = self.reader(&txn, ticket, places)?;
        let mut digests = Digests::new(&[algorithm]);
        loop {
            let chunk = reader.chunk(u64::MAX, 1 << 20)?;
            if chunk.is_empty() {
                return Ok(digests.finish().1);
            }
            digests.update(&chunk);
        }
    }

    /// Makes an upload's parts an object. `whole` is the checksum of the whole content, where the caller computed it.
    ///
    /// # Errors
    /// [`Error::NoSuchUpload`], the parts' errors, [`Error::PreconditionFailed`], the disk's failures.
    pub fn complete_upload(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
        named: Vec<CompletePart>,
        whole: Checksums,
        condition: Condition,
    ) -> Result<ObjectMeta, Error> {
        let index_key = upload_key(bucket, key, id);
        let (bucket, key, id) = (bucket.to_owned(), key.to_owned(), id.to_owned());
        let (modified_ms, manifest) = (self.now_ms(), self.inner.blobs.new_id());
        self.writer().apply(move |tables| {
            let info = need_upload(&tables.uploads, &index_key)?;
            let stored = all_parts(&tables.parts, &id)?;
            let chosen = choose(&named, &stored)?;
            let md5s = chosen.iter().map(|(head, _)| &head.tag.md5);
            let tag = Tag { md5: md5_of_md5s(md5s), parts: u32::try_from(chosen.len()).unwrap_or(PART_LIMIT) };
            let size = chosen.iter().map(|(head, _)| head.size).sum();
            let checksums = if whole.is_empty() { of_parts(&info, &chosen) } else { whole };
            let head = Head { modified_ms, size, tag, place: Place::Manifest(manifest) };
            let new = NewObject { bucket, key, head, options: info.options, checksums, condition };
            let meta = new.record(tables)?;
            let segments: Vec<_> = chosen.iter().map(|(h, _)| Segment { place: h.place, size: h.size }).collect();
            tables.manifests.insert(manifest, encode_segments(&segments).as_slice())?;
            forget(tables, &index_key, &id, &stored, &named)?;
            Ok(meta)
        })
    }
}

/// The COMPOSITE checksum of an upload that asked for one.
fn of_parts(info: &UploadInfo, chosen: &[(Head, PartInfo)]) -> Checksums {
    let parts: Vec<_> = chosen.iter().map(|(_, part)| part.checksums.clone()).collect();
    let value = info.algorithm.filter(|_| !info.full_object).and_then(|a| Some((a, composite(a, &parts)?)));
    Checksums { values: value.into_iter().collect(), composite: true }
}

/// The parts that the client named, checked as S3 does.
fn choose(named: &[CompletePart], stored: &[(Head, PartInfo)]) -> Result<Vec<(Head, PartInfo)>, Error> {
    if !named.is_sorted_by(|a, b| a.number < b.number) {
        return Err(Error::InvalidPartOrder);
    }
    let mut chosen = Vec::with_capacity(named.len());
    for (index, want) in named.iter().enumerate() {
        let found = stored.binary_search_by_key(&want.number, |(_, part)| part.number);
        let (head, part) = stored.get(found.unwrap_or(usize::MAX)).ok_or(Error::InvalidPart(want.number))?;
        if want.etag.as_ref().is_some_and(|etag| *etag != part.etag) || part.checksums.check(&want.checksums).is_err() {
            return Err(Error::InvalidPart(want.number));
        }
        if part.size < PART_MINIMUM && index + 1 < named.len() {
            return Err(Error::PartTooSmall(want.number));
        }
        chosen.push((*head, part.clone()));
    }
    Ok(chosen)
}

/// Removes a completed upload, and the content of parts that were not named.
fn forget(
    tables: &mut Tables<'_>,
    index_key: &[u8],
    id: &str,
    stored: &[(Head, PartInfo)],
    named: &[CompletePart],
) -> Result<(), Error> {
    for (head, part) in stored {
        tables.parts.remove(part_key(id, part.number).as_slice())?;
        if named.binary_search_by_key(&part.number, |p| p.number).is_err() {
            tables.release(head.place)?;
        }
    }
    tables.uploads.remove(index_key)?;
    Ok(())
}
