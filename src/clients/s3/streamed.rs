//! Objects whose content comes piece by piece and whose size nobody knows before: in parts, from memory.

use super::{S3Store, unquoted};
use crate::domain::ObjectInfo;
use crate::jobs::ports::StoreError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use tokio::sync::mpsc::Receiver;

/// An upload that S3 is told to forget unless it was completed: it charges for parts that stay.
struct Begun<'a> {
    store: &'a S3Store,
    key: &'a str,
    id: String,
    done: bool,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (store, key, id) = (self.store.clone(), self.key.to_owned(), self.id.clone());
        runtime.spawn(async move {
            let abort = store.client.abort_multipart_upload().bucket(&store.bucket).key(&key).upload_id(id).send();
            // Whatever led here is what the caller hears of.
            drop(store.call("AbortMultipartUpload", &key, abort, |_| "given up".into()).await);
        });
    }
}

/// Sends the parts as they come; an empty one completes the object.
pub(super) async fn put_parts(
    store: &S3Store,
    key: &str,
    mut parts: Receiver<Bytes>,
) -> Result<ObjectInfo, StoreError> {
    let create = store.client.create_multipart_upload().bucket(&store.bucket).key(key).send();
    let created = store.call("CreateMultipartUpload", key, create, |_| "begun".into()).await?;
    let no_id = || store.failed("CreateMultipartUpload", key, "S3 gave no upload id".into());
    let mut begun = Begun { store, key, id: created.upload_id.ok_or_else(no_id)?, done: false };
    let (mut sent, mut size) = (Vec::new(), 0);
    while let Some(part) = parts.recv().await {
        if part.is_empty() {
            let etag = complete(&begun, sent).await?;
            begun.done = true;
            return Ok(ObjectInfo { key: key.to_owned(), size, etag, modified_ms: None });
        }
        size += part.len() as u64;
        sent.push(send(&begun, part, sent.len() + 1).await?);
    }
    Err(store.failed("CompleteMultipartUpload", key, "its maker gave up".into()))
}

async fn send(begun: &Begun<'_>, part: Bytes, number: usize) -> Result<CompletedPart, StoreError> {
    let Begun { store, key, id, .. } = begun;
    let (number, length) = (i32::try_from(number).unwrap_or(i32::MAX), part.len());
    let request = store.client.upload_part().bucket(&store.bucket).key(*key).upload_id(id).part_number(number);
    let request = request.body(ByteStream::from(part)).customize();
    let request = if store.unsigned_bodies { request.disable_payload_signing() } else { request };
    let output = store.call("UploadPart", key, request.send(), |_| format!("part {number}, {length} bytes")).await?;
    Ok(CompletedPart::builder()
        .part_number(number)
        .set_e_tag(output.e_tag)
        .set_checksum_crc32(output.checksum_crc32)
        .build())
}

async fn complete(begun: &Begun<'_>, parts: Vec<CompletedPart>) -> Result<Option<String>, StoreError> {
    let Begun { store, key, id, .. } = begun;
    let count = parts.len();
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = store.client.complete_multipart_upload().bucket(&store.bucket).key(*key).upload_id(id);
    let complete = complete.multipart_upload(parts).send();
    let output = store.call("CompleteMultipartUpload", key, complete, |_| format!("{count} parts")).await?;
    Ok(output.e_tag.as_deref().map(unquoted))
}
