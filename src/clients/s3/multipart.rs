//! Large files, in parts; an interrupted upload is taken up where it stopped.

use super::{S3Store, error, unquoted};
use crate::domain::ObjectInfo;
use crate::jobs::ports::{Moving, OpenUpload, StoreError};
use crate::jobs::transfer::{PART_LEAST, part_size, tag};
use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart, Part};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// An upload that is given up on the server unless it was completed or is to be kept: S3 charges for parts that stay.
struct Pending<'a> {
    store: &'a S3Store,
    key: &'a str,
    id: String,
    /// Nothing is left to do when it is dropped.
    done: bool,
}

impl Pending<'_> {
    async fn give_up(mut self) {
        self.done = true;
        // The failure that led here is what the caller hears of.
        drop(abandon(self.store, self.key, &self.id).await);
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

/// Gives an upload up.
pub(super) async fn abandon(store: &S3Store, key: &str, id: &str) -> Result<(), StoreError> {
    let abort = store.client.abort_multipart_upload().bucket(&store.bucket).key(key).upload_id(id).send();
    match store.call("AbortMultipartUpload", key, abort, |_| "given up".into()).await {
        Err(e) if e.code != "NoSuchUpload" => Err(e),
        _ => Ok(()),
    }
}

/// Uploads a file of `size` bytes in parts, or what is missing of them.
pub(super) async fn send(
    store: &S3Store,
    key: &str,
    path: &Path,
    size: u64,
    open: Option<&OpenUpload>,
    moving: &Moving<'_>,
) -> Result<ObjectInfo, StoreError> {
    let there = match open {
        Some(open) => match parts_of(store, key, &open.id).await {
            // Completed or given up since it was seen.
            Err(e) if e.code == "NoSuchUpload" => None,
            other => Some((open.id.clone(), other?)),
        },
        None => None,
    };
    let (id, there) = match there {
        Some(there) => there,
        None => (begin(store, key).await?, HashMap::new()),
    };
    let mut pending = Pending { store, key, id, done: moving.keep };
    match send_parts(&pending, path, size, &there, moving).await {
        Ok(etag) => {
            pending.done = true;
            Ok(ObjectInfo { key: key.to_owned(), size, etag, modified_ms: None })
        }
        Err(e) if moving.keep => Err(e),
        Err(e) => {
            pending.give_up().await;
            Err(e)
        }
    }
}

async fn begin(store: &S3Store, key: &str) -> Result<String, StoreError> {
    // One checksum over the whole content, so that a download can be compared whatever its stretches.
    let create = store.client.create_multipart_upload().bucket(&store.bucket).key(key);
    let create = create.checksum_algorithm(ChecksumAlgorithm::Crc32).checksum_type(ChecksumType::FullObject);
    let created = store.call("CreateMultipartUpload", key, create.send(), |_| "begun".into()).await?;
    created
        .upload_id
        .ok_or_else(|| store.failed("CreateMultipartUpload", key, "S3 gave no upload id; check the endpoint".into()))
}

/// The parts that an upload has, by number.
async fn parts_of(store: &S3Store, key: &str, id: &str) -> Result<HashMap<i32, Part>, StoreError> {
    let (mut out, mut marker) = (HashMap::new(), None);
    loop {
        let request = store.client.list_parts().bucket(&store.bucket).key(key).upload_id(id);
        let request = request.set_part_number_marker(marker).send();
        let page = store.call("ListParts", key, request, |page| format!("{} parts", page.parts().len())).await?;
        out.extend(page.parts.unwrap_or_default().into_iter().filter_map(|part| Some((part.part_number?, part))));
        marker = page.next_part_number_marker;
        if page.is_truncated != Some(true) || marker.is_none() {
            return Ok(out);
        }
    }
}

/// The part size that an upload was begun with: that of its largest part, where that is one.
fn begun_with(there: &HashMap<i32, Part>, size: u64) -> Option<u64> {
    let largest = there.values().filter_map(|part| u64::try_from(part.size?).ok()).max()?;
    let fits = |(number, part): (&i32, &Part)| {
        let start = u64::try_from(number - 1).unwrap_or(0).saturating_mul(largest);
        part.size.and_then(|n| u64::try_from(n).ok()) == Some(largest.min(size.saturating_sub(start)))
    };
    (largest >= PART_LEAST && largest < size && there.iter().all(fits)).then_some(largest)
}

/// A stretch of the file.
#[derive(Clone, Copy)]
struct Stretch {
    number: i32,
    offset: u64,
    length: u64,
}

fn stretches(size: u64, part: u64) -> Vec<Stretch> {
    let stretch = |index: u64| {
        let offset = index * part;
        // S3 allows 10 000 parts, and the part size keeps within that.
        Stretch { number: i32::try_from(index + 1).unwrap_or(i32::MAX), offset, length: part.min(size - offset) }
    };
    (0..size.div_ceil(part)).map(stretch).collect()
}

async fn send_parts(
    pending: &Pending<'_>,
    path: &Path,
    size: u64,
    there: &HashMap<i32, Part>,
    moving: &Moving<'_>,
) -> Result<Option<String>, StoreError> {
    let Pending { store, key, id, .. } = pending;
    let part = begun_with(there, size).unwrap_or_else(|| part_size(size, moving.part_size));
    let all = stretches(size, part).into_iter().map(|stretch| async move {
        if let Some(part) = there.get(&stretch.number)
            && holds(store, key, path, stretch, part).await?
        {
            (moving.moved)(stretch.length, true);
            return Ok(completed(stretch.number, part.e_tag.clone(), part.checksum_crc32.clone()));
        }
        // The slots are never closed.
        let _slot = moving.slots.acquire().await;
        let mut sendings = 0;
        let sent = loop {
            let sent = send_part(pending, path, stretch).await;
            if !error::send_again(&sent, &mut sendings) {
                break sent?;
            }
        };
        (moving.moved)(stretch.length, false);
        Ok::<_, StoreError>(sent)
    });
    // As many as there are slots: they bound what is under way.
    let width = moving.slots.available_permits().max(4);
    let mut parts: Vec<CompletedPart> = stream::iter(all).buffer_unordered(width).try_collect().await?;
    parts.sort_by_key(|part| part.part_number);
    let expected = expected_tag(&parts);
    let count = parts.len();
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = store.client.complete_multipart_upload().bucket(&store.bucket).key(*key).upload_id(id);
    let complete = complete.multipart_upload(parts).send();
    match store.call("CompleteMultipartUpload", key, complete, |_| format!("{count} parts")).await {
        Ok(output) => Ok(output.e_tag.as_deref().map(unquoted)),
        // Its answer may have been lost on the way, and a retry then finds no upload: is the object there?
        Err(e) if e.code == "NoSuchUpload" || e.code == error::CLIENT => {
            match crate::jobs::ports::ObjectStore::head(*store, key).await? {
                Some(object) if object.size == size && expected.is_some() && object.etag == expected => Ok(expected),
                _ => Err(e),
            }
        }
        Err(e) => Err(e),
    }
}

/// The tag that the object will have, where the parts' tags are MD5s.
fn expected_tag(parts: &[CompletedPart]) -> Option<String> {
    let md5 = |part: &CompletedPart| hex::decode(unquoted(part.e_tag.as_deref()?)).ok()?.try_into().ok();
    Some(tag::of_parts(&parts.iter().map(md5).collect::<Option<Vec<[u8; 16]>>>()?))
}

/// Whether an uploaded part holds that stretch of the file.
async fn holds(store: &S3Store, key: &str, path: &Path, stretch: Stretch, part: &Part) -> Result<bool, StoreError> {
    let Some(there) = part.e_tag.as_deref().map(unquoted) else { return Ok(false) };
    if part.size.and_then(|size| u64::try_from(size).ok()) != Some(stretch.length) {
        return Ok(false);
    }
    let md5 = stretch_md5(store, key, path, stretch).await?;
    Ok(hex::encode(md5) == there)
}

async fn stretch_md5(store: &S3Store, key: &str, path: &Path, stretch: Stretch) -> Result<[u8; 16], StoreError> {
    let file = path.to_owned();
    let hash = move || {
        let mut file = std::fs::File::open(file)?;
        file.seek(SeekFrom::Start(stretch.offset))?;
        tag::md5_of(&mut file.take(stretch.length))
    };
    let hashed = tokio::task::spawn_blocking(hash).await.unwrap_or_else(|e| Err(std::io::Error::other(e)));
    hashed.map_err(|e| store.failed("UploadPart", key, format!("{}: {e}", path.display())))
}

fn completed(number: i32, etag: Option<String>, crc32: Option<String>) -> CompletedPart {
    CompletedPart::builder().part_number(number).set_e_tag(etag).set_checksum_crc32(crc32).build()
}

async fn send_part(pending: &Pending<'_>, path: &Path, stretch: Stretch) -> Result<CompletedPart, StoreError> {
    let Pending { store, key, id, .. } = pending;
    let Stretch { number, offset, length } = stretch;
    let body = ByteStream::read_from().path(path).offset(offset).length(Length::Exact(length)).build().await;
    let body =
        body.map_err(|e| store.failed("UploadPart", key, format!("{}: {}", path.display(), error::chain(&e))))?;
    let request = store.client.upload_part().bucket(&store.bucket).key(*key).upload_id(id).part_number(number);
    let request = request.body(body).customize();
    let request = if store.unsigned_bodies { request.disable_payload_signing() } else { request };
    let request = store.patient(request, length);
    let output = store.call("UploadPart", key, request.send(), |_| format!("part {number}, {length} bytes")).await?;
    // A store that answers with the checksum has compared it with what it received. Another one's tag must do.
    if output.checksum_crc32.is_none() {
        let md5 = hex::encode(stretch_md5(store, key, path, stretch).await?);
        store.same_tag("UploadPart", key, output.e_tag.as_deref(), &md5)?;
    }
    Ok(completed(number, output.e_tag, output.checksum_crc32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(parts: &[(i32, i64)]) -> HashMap<i32, Part> {
        parts.iter().map(|(n, size)| (*n, Part::builder().part_number(*n).size(*size).build())).collect()
    }

    #[test]
    fn an_upload_is_taken_up_with_the_parts_that_it_was_begun_with() {
        let part = 5 << 20;
        let size = 12 << 20;
        assert_eq!(begun_with(&there(&[(1, part), (3, 2 << 20)]), size), Some(5 << 20));
        assert_eq!(begun_with(&there(&[(3, 2 << 20)]), size), None, "the last part alone tells nothing");
        assert_eq!(begun_with(&there(&[(1, part), (2, part - 1)]), size), None, "of another file");
        assert_eq!(begun_with(&there(&[]), size), None);
    }

    #[test]
    fn the_parts_cover_the_file() {
        let all = stretches(12, 5);
        assert_eq!(
            all.iter().map(|s| (s.number, s.offset, s.length)).collect::<Vec<_>>(),
            [(1, 0, 5), (2, 5, 5), (3, 10, 2)]
        );
    }
}
