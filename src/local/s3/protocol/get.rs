//! GetObject and HeadObject: conditions, ranges, parts.

use super::convert::{
    checksum_type, custom, error, etag, http_date, metadata, parse_http_date, refuse_fields, show_checksums, signed,
    time,
};
use super::versions::only_null;
use super::{Answer, blocking};
use crate::local::s3::store::{ObjectMeta, ObjectReader, Store};
use bytes::Bytes;
use futures::stream;
use s3s::dto::{
    ETag, ETagCondition, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, Range, StreamingBlob,
    Timestamp,
};
use s3s::{S3Error, S3ErrorCode, S3Response, S3Result};
use std::time::{Duration, SystemTime};

/// How much of an object is read at a time, off the async threads.
const CHUNK: usize = 512 << 10;
/// What S3 says of an object whose type was not given.
const DEFAULT_TYPE: &str = "binary/octet-stream";

/// The conditions of a read.
#[allow(clippy::struct_field_names, reason = "the headers' names")]
pub(super) struct Conditions {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
    pub if_modified_since: Option<Timestamp>,
    pub if_unmodified_since: Option<Timestamp>,
}

/// Checks the conditions in RFC 9110's order. A copy answers 412 where a read answers 304.
pub(super) fn check_conditions(conditions: &Conditions, meta: &ObjectMeta, copy: bool) -> S3Result<()> {
    let matches = |condition: &ETagCondition| match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(tag) => tag.value() == meta.etag,
    };
    // HTTP's dates have whole seconds.
    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(meta.modified_ms / 1000).unwrap_or(0));
    let modified = Timestamp::from(modified);
    let failed = |name: &str| error(S3ErrorCode::PreconditionFailed, format!("the condition {name} did not hold"));
    let unmodified = |name: &str| -> S3Error {
        if copy {
            return failed(name);
        }
        let mut unmodified = error(S3ErrorCode::NotModified, "Not Modified");
        unmodified.set_status_code(http::StatusCode::NOT_MODIFIED);
        unmodified
    };
    match (&conditions.if_match, &conditions.if_unmodified_since) {
        (Some(condition), _) if !matches(condition) => return Err(failed("If-Match")),
        (None, Some(since)) if modified > *since => return Err(failed("If-Unmodified-Since")),
        _ => {}
    }
    match (&conditions.if_none_match, &conditions.if_modified_since) {
        (Some(condition), _) if matches(condition) => Err(unmodified("If-None-Match")),
        (None, Some(since)) if modified <= *since => Err(unmodified("If-Modified-Since")),
        _ => Ok(()),
    }
}

/// The stretch that is asked for, and the number of parts where one was named.
struct Stretch {
    range: std::ops::Range<u64>,
    partial: bool,
    parts: Option<i32>,
}

fn stretch(meta: &ObjectMeta, sizes: &[u64], range: Option<Range>, part: Option<i32>) -> S3Result<Stretch> {
    let whole = Stretch { range: 0..meta.size, partial: false, parts: None };
    match (range, part) {
        (None, None) => Ok(whole),
        (Some(_), Some(_)) => {
            Err(error(S3ErrorCode::InvalidRequest, "Cannot specify both Range header and partNumber query parameter"))
        }
        (Some(range), None) => {
            let out_of_range = |_| error(S3ErrorCode::InvalidRange, "The requested range is not satisfiable");
            Ok(Stretch { range: range.check(meta.size).map_err(out_of_range)?, partial: true, parts: None })
        }
        (None, Some(part)) => {
            let index = usize::try_from(part).ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < sizes.len());
            let Some(index) = index else {
                let status = http::StatusCode::RANGE_NOT_SATISFIABLE;
                return Err(custom("InvalidPartNumber", status, "The requested partnumber is not satisfiable"));
            };
            let start = sizes[..index].iter().sum::<u64>();
            let parts = meta.etag.contains('-').then(|| i32::try_from(sizes.len()).unwrap_or(i32::MAX));
            Ok(Stretch { range: start..start + sizes[index], partial: meta.size > 0, parts })
        }
    }
}

impl Stretch {
    fn content_range(&self, size: u64) -> Option<String> {
        self.partial.then(|| format!("bytes {}-{}/{size}", self.range.start, self.range.end.saturating_sub(1)))
    }

    fn length(&self) -> i64 {
        signed(self.range.end - self.range.start)
    }
}

/// Fills the fields that both outputs have.
macro_rules! describe {
    ($output:expr, $meta:expr, $stretch:expr, $checksums:expr) => {
        $output.accept_ranges = Some("bytes".into());
        $output.content_length = Some($stretch.length());
        $output.content_range = $stretch.content_range($meta.size);
        $output.parts_count = $stretch.parts;
        $output.e_tag = Some(etag($meta.etag.clone()));
        $output.last_modified = Some(time($meta.modified_ms));
        $output.metadata = metadata(&$meta.options);
        $output.content_type = Some($meta.options.content_type.clone().unwrap_or_else(|| DEFAULT_TYPE.into()));
        $output.content_encoding = $meta.options.content_encoding.clone();
        $output.content_disposition = $meta.options.content_disposition.clone();
        $output.content_language = $meta.options.content_language.clone();
        $output.cache_control = $meta.options.cache_control.clone();
        $output.expires = $meta.options.expires.as_deref().and_then(parse_http_date);
        if $checksums && !$stretch.partial {
            show_checksums!($output, &$meta.checksums);
            $output.checksum_type = checksum_type(&$meta.checksums);
        }
    };
}

macro_rules! read_conditions {
    ($input:expr) => {
        Conditions {
            if_match: $input.if_match.take(),
            if_none_match: $input.if_none_match.take(),
            if_modified_since: $input.if_modified_since.take(),
            if_unmodified_since: $input.if_unmodified_since.take(),
        }
    };
}

/// An answer 304 carries the tag, so that caches can refresh what they have.
fn with_tag(refusal: S3Error, meta: &ObjectMeta) -> S3Error {
    let mut refusal = refusal;
    if *refusal.code() == S3ErrorCode::NotModified {
        let mut headers = http::HeaderMap::new();
        if let Ok(tag) = ETag::Strong(meta.etag.clone()).to_http_header() {
            headers.insert(http::header::ETAG, tag);
        }
        if let Some(date) = http_date(&time(meta.modified_ms)).and_then(|date| date.parse().ok()) {
            headers.insert(http::header::LAST_MODIFIED, date);
        }
        refusal.set_headers(headers);
    }
    refusal
}

pub(super) async fn get_object(store: &Store, mut input: GetObjectInput) -> Answer<GetObjectOutput> {
    refuse_fields!(input; sse_customer_algorithm => "x-amz-server-side-encryption-customer-algorithm");
    only_null(input.version_id.as_deref())?;
    let conditions = read_conditions!(input);
    let checksums = input.checksum_mode.as_ref().is_some_and(|mode| mode.as_str() == "ENABLED");
    let (store, bucket, key) = (store.clone(), input.bucket, input.key);
    let (meta, mut reader, sizes) = blocking(move || store.get_parts(&bucket, &key)).await?;
    check_conditions(&conditions, &meta, false).map_err(|e| with_tag(e, &meta))?;
    let stretch = stretch(&meta, &sizes, input.range, input.part_number)?;
    let mut output = GetObjectOutput::default();
    describe!(output, meta, stretch, checksums);
    let range = stretch.range.clone();
    output.body = Some(if let Some(bytes) = reader.in_memory() {
        let (start, end) = (usize::try_from(range.start), usize::try_from(range.end));
        StreamingBlob::from(s3s::Body::from(bytes.slice(start.unwrap_or(0)..end.unwrap_or(0))))
    } else {
        reader.start_at(range.start);
        body(reader, range.end).await?
    });
    let status = stretch.partial.then_some(http::StatusCode::PARTIAL_CONTENT);
    Ok(S3Response { status, ..S3Response::new(output) })
}

/// Streams from where the reader stands. The first stretch is read here, so that a file that cannot be read is an error
/// of the request and not a connection cut off.
async fn body(reader: ObjectReader, end: u64) -> S3Result<StreamingBlob> {
    let (first, reader) = chunk(reader, end).await?;
    if reader.at() >= end {
        return Ok(StreamingBlob::from(s3s::Body::from(first)));
    }
    let chunks = stream::unfold((Some(first), Some(reader)), move |(ready, reader)| async move {
        let reader = reader?;
        if let Some(ready) = ready {
            return Some((Ok(ready), (None, Some(reader))));
        }
        match chunk(reader, end).await {
            Ok((bytes, _)) if bytes.is_empty() => None,
            Ok((bytes, reader)) => Some((Ok(bytes), (None, Some(reader)))),
            Err(e) => Some((Err(std::io::Error::other(e.to_string())), (None, None))),
        }
    });
    Ok(StreamingBlob::wrap(chunks))
}

async fn chunk(mut reader: ObjectReader, end: u64) -> S3Result<(Bytes, ObjectReader)> {
    blocking(move || Ok((reader.chunk(end, CHUNK)?, reader))).await
}

pub(super) async fn head_object(store: &Store, mut input: HeadObjectInput) -> Answer<HeadObjectOutput> {
    refuse_fields!(input; sse_customer_algorithm => "x-amz-server-side-encryption-customer-algorithm");
    only_null(input.version_id.as_deref())?;
    let conditions = read_conditions!(input);
    let checksums = input.checksum_mode.as_ref().is_some_and(|mode| mode.as_str() == "ENABLED");
    let (store, bucket, key) = (store.clone(), input.bucket, input.key);
    let needs_parts = input.part_number.is_some();
    let (meta, sizes) = blocking(move || {
        if needs_parts {
            let (meta, _, sizes) = store.get_parts(&bucket, &key)?;
            return Ok((meta, sizes));
        }
        Ok((store.head(&bucket, &key)?, Vec::new()))
    })
    .await?;
    check_conditions(&conditions, &meta, false).map_err(|e| with_tag(e, &meta))?;
    let stretch = stretch(&meta, &sizes, input.range, input.part_number)?;
    let mut output = HeadObjectOutput::default();
    describe!(output, meta, stretch, checksums);
    let status = stretch.partial.then_some(http::StatusCode::PARTIAL_CONTENT);
    Ok(S3Response { status, ..S3Response::new(output) })
}
