//! Large files, in parts.

use super::{S3Store, error, unquoted};
use crate::domain::ObjectInfo;
use crate::jobs::ports::StoreError;
use crate::jobs::upload::part_size;
use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use futures::{StreamExt, TryStreamExt, stream};
use std::path::Path;

/// Parts of one file under way at once.
const PARALLEL: usize = 4;

/// An upload that is given up on the server unless it was completed: S3 charges for parts that stay.
struct Pending<'a> {
    store: &'a S3Store,
    key: &'a str,
    id: String,
    done: bool,
}

impl Pending<'_> {
    async fn give_up(mut self) {
        self.done = true;
        let store = self.store;
        let abort =
            store.client.abort_multipart_upload().bucket(&store.bucket).key(self.key).upload_id(&self.id).send();
        // The failure that led here is what the caller hears of.
        drop(store.call("AbortMultipartUpload", self.key, abort, |_| "given up".into()).await);
    }
}

impl Drop for Pending<'_> {
    /// Cancelled in the middle: the future is gone, the server still has to be told.
    fn drop(&mut self) {
        if self.done {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (store, key, id) = (self.store.clone(), self.key.to_owned(), self.id.clone());
            runtime.spawn(async move { Pending { store: &store, key: &key, id, done: false }.give_up().await });
        }
    }
}

/// Uploads a file of `size` bytes in parts.
pub(super) async fn put_file(store: &S3Store, key: &str, path: &Path, size: u64) -> Result<ObjectInfo, StoreError> {
    let create = store.client.create_multipart_upload().bucket(&store.bucket).key(key).send();
    let created = store.call("CreateMultipartUpload", key, create, |_| "begun".into()).await?;
    let no_id = || store.failed("CreateMultipartUpload", key, "S3 gave no upload id".into());
    let id = created.upload_id.ok_or_else(no_id)?;
    let mut pending = Pending { store, key, id, done: false };
    match send_parts(&pending, path, size).await {
        Ok(etag) => {
            pending.done = true;
            Ok(ObjectInfo { key: key.to_owned(), size, etag, modified_ms: None })
        }
        Err(e) => {
            pending.give_up().await;
            Err(e)
        }
    }
}

async fn send_parts(pending: &Pending<'_>, path: &Path, size: u64) -> Result<Option<String>, StoreError> {
    let Pending { store, key, id, .. } = pending;
    let part = part_size(size);
    let parts = (0..size.div_ceil(part)).map(|index| {
        let offset = index * part;
        send_part(pending, path, index + 1, offset, part.min(size - offset))
    });
    let parts: Vec<CompletedPart> = stream::iter(parts.collect::<Vec<_>>()).buffered(PARALLEL).try_collect().await?;
    let count = parts.len();
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = store.client.complete_multipart_upload().bucket(&store.bucket).key(*key).upload_id(id);
    let complete = complete.multipart_upload(parts).send();
    let output = store.call("CompleteMultipartUpload", key, complete, |_| format!("{count} parts")).await?;
    Ok(output.e_tag.as_deref().map(unquoted))
}

async fn send_part(
    pending: &Pending<'_>,
    path: &Path,
    number: u64,
    offset: u64,
    length: u64,
) -> Result<CompletedPart, StoreError> {
    let Pending { store, key, id, .. } = pending;
    // S3 allows 10 000 parts, and the part size keeps within that.
    let number = i32::try_from(number).unwrap_or(i32::MAX);
    let body = ByteStream::read_from().path(path).offset(offset).length(Length::Exact(length)).build().await;
    let body =
        body.map_err(|e| store.failed("UploadPart", key, format!("{}: {}", path.display(), error::chain(&e))))?;
    let request = store.client.upload_part().bucket(&store.bucket).key(*key).upload_id(id).part_number(number);
    let request = request.body(body).customize();
    let request = if store.unsigned_bodies { request.disable_payload_signing() } else { request };
    let output = store.call("UploadPart", key, request.send(), |_| format!("part {number}, {length} bytes")).await?;
    Ok(CompletedPart::builder()
        .part_number(number)
        .set_e_tag(output.e_tag)
        .set_checksum_crc32(output.checksum_crc32)
        .build())
}
