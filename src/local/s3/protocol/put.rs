//! PutObject and CopyObject.

use super::convert::{
    algorithm, announced, checksum_type, custom, error, etag, put_condition, put_options, refuse, refuse_fields,
    refuse_put_fields, sent_checksums, show_checksums, time, trailing, unsupported,
};
use super::get::{Conditions, check_conditions};
use super::versions::only_null;
use super::{Answer, answer, blocking};
use crate::local::s3::store::{Algorithm, BlobWriter, Checksums, Condition, Error, Staged, Store};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::StreamExt;
use http::HeaderMap;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, PutObjectInput, PutObjectOutput, StreamingBlob,
};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, StdError, TrailingHeaders};

/// How much of a body is gathered before it is hashed and written, off the async threads.
const BATCH: usize = 1 << 20;
/// How much is copied at a time.
const COPY_CHUNK: usize = 1 << 20;

/// What must hold of a body.
pub(super) struct Expected {
    pub length: Option<u64>,
    pub md5: Option<[u8; 16]>,
    pub checksums: Checksums,
    pub trailers: Option<TrailingHeaders>,
}

impl Expected {
    /// What a request's fields say.
    pub fn new(
        length: Option<i64>,
        md5: Option<&str>,
        checksums: Checksums,
        trailers: Option<TrailingHeaders>,
    ) -> S3Result<Self> {
        let decode = |text: &str| -> S3Result<[u8; 16]> {
            let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
            bytes.ok_or_else(|| error(S3ErrorCode::InvalidDigest, "the Content-MD5 is not the base64 of 16 bytes"))
        };
        let length = length.and_then(|n| u64::try_from(n).ok());
        Ok(Self { length, md5: md5.map(decode).transpose()?, checksums, trailers })
    }

    /// Every algorithm that is needed to check, and to answer.
    pub fn algorithms(&self, headers: &HeaderMap, asked: Option<&str>) -> S3Result<Vec<Algorithm>> {
        let mut all: Vec<_> = self.checksums.values.iter().map(|(a, _)| *a).collect();
        all.extend(announced(headers));
        all.extend(algorithm(asked)?);
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    fn check(&self, staged: &Staged) -> Result<(), Error> {
        if self.md5.is_some_and(|md5| md5 != staged.md5) {
            return Err(Error::BadDigest("Content-MD5"));
        }
        staged.checksums.check(&self.checksums)?;
        let trailers = self.trailers.as_ref().and_then(TrailingHeaders::take);
        trailers.map_or(Ok(()), |trailers| staged.checksums.check(&trailing(&trailers)))
    }
}

/// Takes a body in; `finish` then gets what was staged, off the async threads.
pub(super) async fn receive<T: Send + 'static>(
    store: &Store,
    body: Option<StreamingBlob>,
    algorithms: &[Algorithm],
    expected: Expected,
    finish: impl FnOnce(Staged) -> Result<T, Error> + Send + 'static,
) -> S3Result<T> {
    let mut writer = store.write_blob(algorithms);
    let (mut pending, mut size): (Vec<Bytes>, usize) = (Vec::new(), 0);
    if let Some(mut body) = body {
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|e| broken_body(&e))?;
            size += chunk.len();
            pending.push(chunk);
            if size >= BATCH {
                let chunks = std::mem::take(&mut pending);
                size = 0;
                writer = blocking(move || push(writer, &chunks)).await?;
            }
        }
    }
    if expected.length.is_some_and(|length| length != writer.size() + size as u64) {
        return Err(error(S3ErrorCode::IncompleteBody, "the body is not as long as Content-Length says"));
    }
    blocking(move || {
        let staged = push(writer, &pending)?.finish();
        expected.check(&staged)?;
        finish(staged)
    })
    .await
}

fn push(mut writer: BlobWriter, chunks: &[Bytes]) -> Result<BlobWriter, Error> {
    for chunk in chunks {
        writer.push(chunk)?;
    }
    Ok(writer)
}

/// A body that ended early, or whose chunk signatures or hash are wrong. `s3s` gives these as text only.
fn broken_body(cause: &StdError) -> S3Error {
    let text = cause.to_string();
    if text.contains("SignatureMismatch") {
        error(S3ErrorCode::SignatureDoesNotMatch, "a chunk of the body has a wrong signature")
    } else if text.to_ascii_lowercase().contains("sha256") {
        let message = "the body's SHA-256 differs from x-amz-content-sha256";
        custom("XAmzContentSHA256Mismatch", http::StatusCode::BAD_REQUEST, message)
    } else {
        error(S3ErrorCode::IncompleteBody, format!("the body could not be read to its end: {text}"))
    }
}

pub(super) async fn put_object(store: &Store, req: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
    let mut input = req.input;
    refuse_put_fields!(input);
    refuse_fields!(input; write_offset_bytes => "x-amz-write-offset-bytes");
    let condition = put_condition(input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let md5 = input.content_md5.as_deref();
    let expected = Expected::new(input.content_length, md5, sent_checksums!(input), req.trailing_headers)?;
    let asked = input.checksum_algorithm.as_ref().map(s3s::dto::ChecksumAlgorithm::as_str);
    let algorithms = expected.algorithms(&req.headers, asked)?;
    let options = put_options!(input);
    let (bucket, key, to) = (input.bucket, input.key, store.clone());
    let finish = move |staged| to.put_staged(&bucket, &key, staged, options, condition);
    let meta = receive(store, input.body, &algorithms, expected, finish).await?;
    let mut output = PutObjectOutput { e_tag: Some(etag(meta.etag)), ..Default::default() };
    show_checksums!(output, &meta.checksums);
    output.checksum_type = checksum_type(&meta.checksums);
    answer(output)
}

/// Where a copy comes from.
pub(super) fn copy_source(source: CopySource) -> S3Result<(String, String)> {
    match source {
        CopySource::Bucket { bucket, key, version_id } => {
            only_null(version_id.as_deref())?;
            Ok((bucket.into(), key.into()))
        }
        _ => Err(unsupported("A copy source other than bucket/key")),
    }
}

/// Copies a stretch of an object into new content.
pub(super) fn copy_content(
    store: &Store,
    mut reader: crate::local::s3::store::ObjectReader,
    range: std::ops::Range<u64>,
    algorithms: &[Algorithm],
) -> Result<Staged, Error> {
    let mut writer = store.write_blob(algorithms);
    reader.start_at(range.start);
    loop {
        let chunk = reader.chunk(range.end, COPY_CHUNK)?;
        if chunk.is_empty() {
            return Ok(writer.finish());
        }
        writer.push(&chunk)?;
    }
}

pub(super) async fn copy_object(store: &Store, input: CopyObjectInput) -> Answer<CopyObjectOutput> {
    let mut input = input;
    refuse_put_fields!(input);
    refuse_fields!(input;
        copy_source_sse_customer_algorithm => "x-amz-copy-source-server-side-encryption-customer-algorithm",
        tagging_directive => "x-amz-tagging-directive");
    let replace = input.metadata_directive.as_ref().is_some_and(|d| d.as_str() == "REPLACE");
    let (from_bucket, from_key) = copy_source(input.copy_source.clone())?;
    if !replace && from_bucket == input.bucket && from_key == input.key {
        let message = "This copy request is illegal because it is trying to copy an object to itself without changing \
                       the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(error(S3ErrorCode::InvalidRequest, message));
    }
    let conditions = Conditions {
        if_match: input.copy_source_if_match.take(),
        if_none_match: input.copy_source_if_none_match.take(),
        if_modified_since: input.copy_source_if_modified_since.take(),
        if_unmodified_since: input.copy_source_if_unmodified_since.take(),
    };
    let algorithms: Vec<_> =
        algorithm(input.checksum_algorithm.as_ref().map(s3s::dto::ChecksumAlgorithm::as_str))?.into_iter().collect();
    let new_options = put_options!(input);
    let (bucket, key, store) = (input.bucket, input.key, store.clone());
    let work = move || {
        let (meta, reader) = store.get(&from_bucket, &from_key).map_err(refuse)?;
        check_conditions(&conditions, &meta, true)?;
        let options = if replace { new_options } else { meta.options };
        let staged = copy_content(&store, reader, 0..meta.size, &algorithms).map_err(refuse)?;
        store.put_staged(&bucket, &key, staged, options, Condition::Always).map_err(refuse)
    };
    let meta = blocking(move || Ok(work())).await??;
    let mut result = CopyObjectResult {
        e_tag: Some(etag(meta.etag)),
        last_modified: Some(time(meta.modified_ms)),
        ..Default::default()
    };
    show_checksums!(result, &meta.checksums);
    answer(CopyObjectOutput { copy_object_result: Some(result), ..Default::default() })
}
