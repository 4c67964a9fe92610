//! Copies on the server.

use super::S3Store;
use crate::domain::ObjectInfo;
use crate::jobs::ports::StoreError;
use crate::jobs::transfer::part_size;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use futures::{StreamExt, TryStreamExt, stream};

/// S3 copies at most this in one call, in bytes.
const ONE_CALL: u64 = 5 << 30;
/// The parts of what is larger, in bytes.
const PART: u64 = 512 << 20;
/// Parts under way at once.
const PARALLEL: usize = 8;

/// `bucket/key` as the copy-source header wants it.
fn source(bucket: &str, key: &str) -> String {
    let mut out = format!("{bucket}/");
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Copies an object of `from_bucket` to `key`, as it was listed: with its headers, in parts where it is very large.
pub(super) async fn copy(store: &S3Store, from_bucket: &str, object: &ObjectInfo, key: &str) -> Result<(), StoreError> {
    if object.size > ONE_CALL {
        return in_parts(store, from_bucket, object, key).await;
    }
    let source = source(from_bucket, &object.key);
    let request = store.client.copy_object().bucket(&store.bucket).key(key).copy_source(source);
    let request = request.set_copy_source_if_match(object.etag.clone()).send();
    store.call("CopyObject", key, request, |_| format!("{} bytes", object.size)).await.map(drop)
}

async fn in_parts(store: &S3Store, from_bucket: &str, object: &ObjectInfo, key: &str) -> Result<(), StoreError> {
    let source = &source(from_bucket, &object.key);
    // A copy in one call brings the headers along, one in parts does not.
    let head = store.client.head_object().bucket(from_bucket).key(&object.key).send();
    let head = store.call("HeadObject", &object.key, head, |_| "headers".into()).await?;
    let create = store.client.create_multipart_upload().bucket(&store.bucket).key(key);
    let create = create
        .set_content_type(head.content_type)
        .set_content_encoding(head.content_encoding)
        .set_content_disposition(head.content_disposition)
        .set_content_language(head.content_language)
        .set_cache_control(head.cache_control)
        .set_metadata(head.metadata);
    let created = store.call("CreateMultipartUpload", key, create.send(), |_| "begun".into()).await?;
    let id = created.upload_id.unwrap_or_default();
    let copied = copy_parts(store, source, object, key, &id).await;
    if copied.is_err() {
        // The failure that led here is what the caller hears of.
        drop(super::multipart::abandon(store, key, &id).await);
    }
    copied
}

async fn copy_parts(store: &S3Store, source: &str, object: &ObjectInfo, key: &str, id: &str) -> Result<(), StoreError> {
    let part = part_size(object.size, PART);
    let parts = (0..object.size.div_ceil(part)).map(|index| async move {
        let first = index * part;
        let last = (first + part).min(object.size) - 1;
        let number = i32::try_from(index + 1).unwrap_or(i32::MAX);
        let request = store.client.upload_part_copy().bucket(&store.bucket).key(key).upload_id(id).part_number(number);
        let request = request.copy_source(source).copy_source_range(format!("bytes={first}-{last}"));
        let request = request.set_copy_source_if_match(object.etag.clone()).send();
        let output = store.call("UploadPartCopy", key, request, |_| format!("part {number}")).await?;
        let tag = output.copy_part_result.and_then(|result| result.e_tag);
        Ok::<_, StoreError>(CompletedPart::builder().part_number(number).set_e_tag(tag).build())
    });
    let parts: Vec<_> = stream::iter(parts).buffered(PARALLEL).try_collect().await?;
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = store.client.complete_multipart_upload().bucket(&store.bucket).key(key).upload_id(id);
    let complete = complete.multipart_upload(parts).send();
    store.call("CompleteMultipartUpload", key, complete, |_| "copied".into()).await.map(drop)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_source_keeps_its_slashes() {
        assert_eq!(super::source("b", "a//b c+ü"), "b/a//b%20c%2B%C3%BC");
    }
}
