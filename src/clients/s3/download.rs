//! Objects into files: verified, and taken up where an interrupted download stopped.
//!
//! Content goes into a hidden file beside the target, which gets the target's name once it is whole and verified. Of a
//! large object, stretches are fetched in parallel; a second hidden file notes those that are there.

use super::proof::Proof;
use super::{S3Store, error};
use crate::domain::ObjectInfo;
use crate::jobs::ports::{Moving, StoreError};
use crate::jobs::transfer::tag;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use md5::{Digest, Md5};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often one stretch is asked for in all, where its content breaks off.
const ATTEMPTS: u32 = 8;
/// The pause after the first break; it doubles.
const PAUSE: Duration = Duration::from_millis(100);
/// Content is gathered up to this size before it is written.
const WRITE: usize = 1 << 20;

/// The hidden files of one download.
struct Partial {
    content: PathBuf,
    /// A `u32` (little endian) for each stretch that is in `content`.
    done: PathBuf,
}

impl Partial {
    /// Of this very object: of another one, or of other stretches, nothing is taken up.
    fn new(path: &Path, bucket: &str, object: &ObjectInfo, part: u64) -> Self {
        let name = path.file_name().map(|n| n.as_encoded_bytes().to_vec()).unwrap_or_default();
        let mut md5 = Md5::new();
        for field in [bucket.as_bytes(), object.key.as_bytes(), &name, object.etag.as_deref().unwrap_or("").as_bytes()]
        {
            md5.update(field);
            md5.update([0]);
        }
        md5.update(object.size.to_le_bytes());
        md5.update(part.to_le_bytes());
        let name = format!(".snowdeck-{}", &hex::encode(md5.finalize())[..16]);
        Self { content: path.with_file_name(format!("{name}.part")), done: path.with_file_name(format!("{name}.done")) }
    }

    fn remove(&self) {
        // What is not there need not be removed; what cannot be is hidden, and found again by the next download.
        drop(std::fs::remove_file(&self.content));
        drop(std::fs::remove_file(&self.done));
    }

    /// The numbers of the stretches that are there.
    fn finished(&self) -> HashSet<u32> {
        let mut noted = Vec::new();
        let read = File::open(&self.done).and_then(|mut file| file.read_to_end(&mut noted));
        if read.is_err() || !self.content.exists() {
            return HashSet::new();
        }
        noted.chunks_exact(4).map(|chunk| u32::from_le_bytes(std::array::from_fn(|i| chunk[i]))).collect()
    }
}

/// Fetches an object into a file; anew where what arrived is not what was stored.
pub(super) async fn fetch(
    store: &S3Store,
    object: &ObjectInfo,
    path: &Path,
    moving: &Moving<'_>,
) -> Result<(), StoreError> {
    if path.is_dir() {
        return Err(local(store, object, path, &io::Error::from(io::ErrorKind::IsADirectory)));
    }
    let mut fetchings = 0;
    loop {
        let fetched = once(store, object, path, moving).await;
        if !error::send_again(&fetched, &mut fetchings) {
            return fetched;
        }
    }
}

async fn once(store: &S3Store, object: &ObjectInfo, path: &Path, moving: &Moving<'_>) -> Result<(), StoreError> {
    let whole = object.size <= moving.part_size;
    let partial = Partial::new(path, &store.bucket, object, moving.part_size);
    let failed = |e: &io::Error| local(store, object, path, e);
    let file = OpenOptions::new().create(true).truncate(whole).write(true).read(true).open(&partial.content);
    let file = Arc::new(file.map_err(|e| failed(&e))?);
    let one = Download { store, object, path, file, moving };
    let fetched = if whole { one.whole().await } else { one.stretches(&partial).await };
    if let Err(e) = fetched {
        // A small object is fetched anew; a large one's stretches are kept, unless they are wrong.
        if whole || e.code == error::DAMAGED || e.code == "PreconditionFailed" {
            partial.remove();
        }
        return Err(e);
    }
    std::fs::rename(&partial.content, path).map_err(|e| failed(&e))?;
    partial.remove();
    Ok(())
}

/// What proves a large object whole.
async fn proof_of(store: &S3Store, object: &ObjectInfo) -> Result<Proof, StoreError> {
    let request = store.client.head_object().bucket(&store.bucket).key(&object.key);
    let request = request.checksum_mode(aws_sdk_s3::types::ChecksumMode::Enabled).set_if_match(object.etag.clone());
    let head = store.call("HeadObject", &object.key, request.send(), |_| "checksums".into()).await?;
    let mut proof = Proof::of_head(&head);
    if proof.needs_part_size() {
        // The first part's size: the tag is made of the parts' MD5s.
        let request = store.client.head_object().bucket(&store.bucket).key(&object.key).part_number(1).send();
        let first = store.call("HeadObject", &object.key, request, |_| "first part".into()).await?;
        proof.part_size = first.content_length.and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0);
    }
    Ok(proof)
}

fn local(store: &S3Store, object: &ObjectInfo, path: &Path, e: &io::Error) -> StoreError {
    store.failed("GetObject", &object.key, format!("{}: {e}", path.display()))
}

/// What is computed of content while it arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hashing {
    /// The whole object is asked for: what the SDK does not compare by itself.
    Whole,
    /// The CRC32 of a stretch.
    Crc32,
    /// Nothing: the file is proved afterwards.
    None,
}

/// What was computed.
#[derive(Default)]
struct Sums {
    md5: Option<Md5>,
    crc32: Option<crc32fast::Hasher>,
}

impl Sums {
    fn update(&mut self, bytes: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        if let Some(crc32) = &mut self.crc32 {
            crc32.update(bytes);
        }
    }
}

/// The SDK compares the checksum of a whole object by itself; and the tag of an encrypted one tells nothing.
fn is_compared(output: &GetObjectOutput) -> bool {
    let sums = [
        &output.checksum_crc32,
        &output.checksum_crc32_c,
        &output.checksum_crc64_nvme,
        &output.checksum_sha1,
        &output.checksum_sha256,
    ];
    let whole = sums.into_iter().flatten().any(|sum| !sum.contains('-'));
    whole || output.ssekms_key_id.is_some() || output.sse_customer_algorithm.is_some()
}

struct Download<'a> {
    store: &'a S3Store,
    object: &'a ObjectInfo,
    path: &'a Path,
    file: Arc<File>,
    moving: &'a Moving<'a>,
}

impl Download<'_> {
    /// A small object, in one request.
    async fn whole(&self) -> Result<(), StoreError> {
        let _slot = self.moving.slots.acquire().await;
        let sums = self.stretch(0, self.object.size, Hashing::Whole).await?;
        (self.moving.moved)(self.object.size, false);
        // The tag of an object that was put whole is its MD5, unless it was encrypted, which `is_compared` leaves alone.
        let there = self.object.etag.as_deref().filter(|tag| tag::is_md5(tag) && !tag.contains('-'));
        match (sums.md5.map(|md5| hex::encode(md5.finalize())), there) {
            (Some(here), Some(there)) if here != there => Err(self.damaged("MD5")),
            _ => Ok(()),
        }
    }

    fn damaged(&self, what: &str) -> StoreError {
        let message =
            format!("the content that arrived has another {what} than the object; it was thrown away: try again");
        StoreError { code: error::DAMAGED.into(), ..self.store.failed("GetObject", &self.object.key, message) }
    }

    /// A large object: what is missing of it, in parallel, then the proof.
    async fn stretches(&self, partial: &Partial) -> Result<(), StoreError> {
        let failed = |e: &io::Error| local(self.store, self.object, self.path, e);
        let (size, part) = (self.object.size, self.moving.part_size);
        let proof = proof_of(self.store, self.object).await?;
        let there: &HashSet<u32> = &partial.finished();
        self.file.set_len(size).map_err(|e| failed(&e))?;
        let notes = OpenOptions::new().create(true).append(true).open(&partial.done).map_err(|e| failed(&e))?;
        let notes = &Mutex::new(notes);
        let count = u32::try_from(size.div_ceil(part)).unwrap_or(u32::MAX);
        let hashing = proof.wants_crc32();
        let all = (0..count).map(|number| async move {
            let offset = u64::from(number) * part;
            let length = part.min(size - offset);
            if there.contains(&number) {
                (self.moving.moved)(length, true);
                return Ok(None);
            }
            // The slots are never closed.
            let _slot = self.moving.slots.acquire().await;
            let crc = self.stretch(offset, length, if hashing { Hashing::Crc32 } else { Hashing::None }).await?;
            notes.lock().write_all(&number.to_le_bytes()).map_err(|e| failed(&e))?;
            (self.moving.moved)(length, false);
            Ok::<_, StoreError>(crc.crc32)
        });
        let width = self.moving.slots.available_permits().max(4);
        let sums: Vec<_> = stream::iter(all).buffered(width).try_collect().await?;
        let content = partial.content.clone();
        let proved = tokio::task::spawn_blocking(move || proof.holds(&content, sums)).await;
        let proved = proved.unwrap_or_else(|e| Err(io::Error::other(e))).map_err(|e| failed(&e))?;
        proved.map_err(|what| self.damaged(what))
    }

    /// Fetches a stretch into its place, again where its content breaks off.
    async fn stretch(&self, offset: u64, length: u64, hashing: Hashing) -> Result<Sums, StoreError> {
        let mut pause = PAUSE;
        let mut attempt = 1;
        loop {
            match self.attempt(offset, length, hashing).await {
                Err(e) if e.code == error::BROKEN && attempt < ATTEMPTS => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(10));
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    async fn attempt(&self, offset: u64, length: u64, hashing: Hashing) -> Result<Sums, StoreError> {
        let Self { store, object, .. } = self;
        let mut request = store.client.get_object().bucket(&store.bucket).key(&object.key);
        // What is fetched is what was listed, whatever is stored under the key meanwhile.
        request = request.set_if_match(object.etag.as_ref().map(|tag| format!("\"{tag}\"")));
        if hashing != Hashing::Whole {
            request = request.range(format!("bytes={offset}-{}", offset + length - 1));
        }
        let call = store.call("GetObject", &object.key, request.send(), |_| format!("{length} bytes at {offset}"));
        let mut output = call.await.map_err(|e| changed(e, &object.key))?;
        let mut sums = Sums::default();
        match hashing {
            Hashing::Whole if is_compared(&output) => {}
            Hashing::Whole => sums.md5 = Some(Md5::new()),
            Hashing::Crc32 => sums.crc32 = Some(crc32fast::Hasher::new()),
            Hashing::None => {}
        }
        let broken =
            |message| StoreError { code: error::BROKEN.into(), ..store.failed("GetObject", &object.key, message) };
        let (mut at, mut gathered, mut size) = (offset, Vec::new(), 0);
        while let Some(chunk) = output.body.next().await {
            let chunk = chunk.map_err(|e| broken(format!("the content broke off: {}", error::chain(&e))))?;
            sums.update(&chunk);
            size += chunk.len();
            gathered.push(chunk);
            if size >= WRITE {
                at = self.write(std::mem::take(&mut gathered), at).await?;
                size = 0;
            }
        }
        at = self.write(gathered, at).await?;
        if at != offset + length {
            return Err(broken(format!("{} bytes came instead of {length}", at - offset)));
        }
        Ok(sums)
    }

    /// Writes at a place, as they came and off the async threads; where the next bytes go.
    async fn write(&self, chunks: Vec<Bytes>, at: u64) -> Result<u64, StoreError> {
        if chunks.is_empty() {
            return Ok(at);
        }
        let file = Arc::clone(&self.file);
        let write = move || {
            chunks.iter().try_fold(at, |at, chunk| file.write_all_at(chunk, at).map(|()| at + chunk.len() as u64))
        };
        let written = tokio::task::spawn_blocking(write).await;
        written.unwrap_or_else(|e| Err(io::Error::other(e))).map_err(|e| local(self.store, self.object, self.path, &e))
    }
}

/// The object is no longer the one that was listed.
fn changed(e: StoreError, key: &str) -> StoreError {
    if e.code != "PreconditionFailed" {
        return e;
    }
    StoreError { message: format!("{key:?} was replaced while it was fetched: fetch it again"), ..e }
}
