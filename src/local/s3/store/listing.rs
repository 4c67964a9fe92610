//! Listings: one seek per common prefix, whatever lies below it.

use super::digest::Checksums;
use super::error::Error;
use super::index::{OBJECTS, object_key};
use super::record::Head;
use redb::ReadTransaction;
use std::ops::Bound;

/// One object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The whole key.
    pub key: String,
    /// Size in bytes.
    pub size: u64,
    /// Entity tag without quotes.
    pub etag: String,
    /// When it was stored, milliseconds since the Unix epoch.
    pub modified_ms: i64,
    /// The checksums kept with it.
    pub checksums: Checksums,
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListPage {
    /// Objects in key order.
    pub objects: Vec<Listed>,
    /// Common prefixes in order; each ends with the delimiter.
    pub prefixes: Vec<String>,
    /// Where there is more: the last name of this page, the next page's `after`.
    pub next: Option<String>,
}

/// What to list.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::local::s3) struct Query<'a> {
    pub bucket: &'a str,
    pub prefix: &'a str,
    /// Keys are grouped at its first appearance after the prefix; none where empty.
    pub delimiter: &'a str,
    /// Only names (keys and common prefixes) behind this one.
    pub after: &'a str,
    pub limit: usize,
}

/// The first byte string behind all that start with `prefix`; `None` where there is none.
fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|b| *b != 0xff)?;
    let mut out = prefix[..=last].to_vec();
    out[last] += 1;
    Some(out)
}

pub(super) fn list(txn: &ReadTransaction, query: &Query<'_>) -> Result<ListPage, Error> {
    let table = txn.open_table(OBJECTS)?;
    let mut page = ListPage::default();
    if query.limit == 0 {
        return Ok(page);
    }
    let base = query.bucket.len() + 1;
    let prefix = object_key(query.bucket, query.prefix);
    let end = behind(&prefix).map_or(Bound::Unbounded, Bound::Excluded);
    let mut start = if query.after >= query.prefix && !query.after.is_empty() {
        Bound::Excluded(object_key(query.bucket, query.after))
    } else {
        Bound::Included(prefix.clone())
    };
    let mut last = String::new();
    'seek: loop {
        if is_empty(&start, &end) {
            return Ok(page);
        }
        let range = table.range::<&[u8]>((start.as_ref().map(Vec::as_slice), end.as_ref().map(Vec::as_slice)))?;
        for entry in range {
            let (index_key, record) = entry?;
            let index_key = index_key.value();
            let key = std::str::from_utf8(&index_key[base..])
                .map_err(|_| Error::Index("a key of the object index is not UTF-8".into()))?;
            let group = match key[query.prefix.len()..].find(query.delimiter) {
                Some(at) if !query.delimiter.is_empty() => {
                    Some(&key[..query.prefix.len() + at + query.delimiter.len()])
                }
                _ => None,
            };
            let skipped = group.is_some_and(|group| group <= query.after);
            if !skipped && page.objects.len() + page.prefixes.len() == query.limit {
                page.next = Some(last);
                return Ok(page);
            }
            if let Some(group) = group {
                if !skipped {
                    page.prefixes.push(group.to_owned());
                    group.clone_into(&mut last);
                }
                let Some(next) = behind(&index_key[..base + group.len()]) else { return Ok(page) };
                start = Bound::Included(next);
                continue 'seek;
            }
            let (head, meta) = Head::decode_meta(record.value())?;
            page.objects.push(Listed {
                key: key.to_owned(),
                size: head.size,
                etag: meta.etag,
                modified_ms: head.modified_ms,
                checksums: meta.checksums,
            });
            key.clone_into(&mut last);
        }
        return Ok(page);
    }
}

/// Whether nothing can lie between the bounds (the index panics on such a range).
fn is_empty(start: &Bound<Vec<u8>>, end: &Bound<Vec<u8>>) -> bool {
    match (start, end) {
        (Bound::Included(start) | Bound::Excluded(start), Bound::Excluded(end)) => start >= end,
        _ => false,
    }
}
