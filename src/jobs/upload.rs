//! Puts files into S3: in parallel, skipping what is there already, so that running again sends only what is missing.

use super::ports::{ObjectStore, StoreError};
use super::{Context, Event, JobError, Progress};
use crate::domain::{ObjectInfo, Uploaded};
use futures::{StreamExt, stream};
use md5::{Digest, Md5};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files above this size, in bytes, go up in parts.
pub const PART_ABOVE: u64 = 8 << 20;
/// S3's limit of parts.
const PART_COUNT: u64 = 10_000;
/// How many files are under way at once, unless asked otherwise.
pub const PARALLEL: usize = 16;

/// The size of the parts of a file of `size` bytes: 8 MiB, more where S3's limit of parts needs it. Fixed by the size
/// alone, so that the entity tag of a file can be told before it is sent.
#[must_use]
pub fn part_size(size: u64) -> u64 {
    PART_ABOVE.max(size.div_ceil(PART_COUNT).next_multiple_of(1 << 20))
}

/// One file and the key that it is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The file.
    pub path: PathBuf,
    /// The whole key.
    pub key: String,
}

/// How to upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many files are under way at once; at least 1.
    pub parallel: usize,
    /// Sends what is there already, too.
    pub force: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { parallel: PARALLEL, force: false }
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> JobError {
    JobError::File { path: path.display().to_string(), source }
}

/// The files of a generated folder and their keys, by key: a file `NAME.EXT` goes to `{start}NAME/NAME.EXT`, a folder
/// `NAME` with all below it to `{start}NAME/…`. Names that start with a dot are left out.
///
/// # Errors
/// [`JobError::File`] for what cannot be read, [`JobError::Usage`] for a name that is not UTF-8.
pub fn folder(dir: &Path, start: &str) -> Result<Vec<Transfer>, JobError> {
    let mut out = Vec::new();
    for (path, name) in entries(dir)? {
        if path.is_dir() {
            walk(&path, &format!("{start}{name}"), &mut out)?;
        } else {
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            out.push(Transfer { key: format!("{start}{stem}/{name}"), path });
        }
    }
    out.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(out)
}

fn walk(dir: &Path, key: &str, out: &mut Vec<Transfer>) -> Result<(), JobError> {
    for (path, name) in entries(dir)? {
        let key = format!("{key}/{name}");
        if path.is_dir() {
            walk(&path, &key, out)?;
        } else {
            out.push(Transfer { path, key });
        }
    }
    Ok(())
}

fn entries(dir: &Path) -> Result<Vec<(PathBuf, String)>, JobError> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).map_err(|e| unreadable(dir, e))? {
        let path = entry.map_err(|e| unreadable(dir, e))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned).ok_or_else(|| {
            JobError::Usage(format!("{}: a key needs a name in UTF-8: rename the file", path.display()))
        })?;
        if !name.starts_with('.') {
            out.push((path, name));
        }
    }
    Ok(out)
}

/// Uploads files. Makes the bucket if it is not there. What is there already with the same size and content (by its
/// entity tag) is not sent; the result counts what was sent.
///
/// # Errors
/// [`JobError::Cancelled`]; [`JobError::File`] and [`JobError::Store`] for the first file that failed, others under way
/// are let finish.
pub async fn upload(
    ctx: &Context,
    store: Arc<dyn ObjectStore>,
    transfers: Vec<Transfer>,
    options: Options,
) -> Result<Uploaded, JobError> {
    ctx.emit(Event::Phase("upload".into()));
    let mut sized = Vec::with_capacity(transfers.len());
    for transfer in transfers {
        let size = fs::metadata(&transfer.path).map_err(|e| unreadable(&transfer.path, e))?.len();
        sized.push((transfer, size));
    }
    sized.sort_by(|a, b| a.0.key.cmp(&b.0.key));
    let progress = Progress {
        label: "upload".into(),
        total: Some(sized.len() as u64),
        total_bytes: Some(sized.iter().map(|(_, size)| size).sum()),
        ..Progress::default()
    };
    let there = unless_cancelled(ctx, async {
        store.ensure_bucket().await?;
        if options.force { Ok(HashMap::new()) } else { present(store.as_ref(), &sized).await }
    })
    .await??;
    let there = Arc::new(there);
    let sends = sized.into_iter().map(|(transfer, size)| {
        let (ctx, store, there) = (ctx.clone(), Arc::clone(&store), Arc::clone(&there));
        async move { unless_cancelled(&ctx, send(store.as_ref(), &transfer, size, there.get(&transfer.key))).await? }
    });
    let mut sends = stream::iter(sends).buffer_unordered(options.parallel.max(1));
    let (mut sent, mut progress) = (Uploaded::default(), progress);
    let mut kept = 0_u64;
    while let Some(outcome) = sends.next().await {
        let (size, was_sent) = outcome?;
        progress.done += 1;
        progress.bytes += size;
        ctx.sink.progress(progress.clone());
        if was_sent {
            sent.objects += 1;
            sent.bytes += size;
        } else {
            kept += 1;
        }
    }
    if kept > 0 {
        ctx.emit(Event::Note(format!("{kept} objects were there already and were not sent")));
    }
    Ok(sent)
}

async fn unless_cancelled<T>(ctx: &Context, work: impl Future<Output = T>) -> Result<T, JobError> {
    tokio::select! {
        biased;
        () = ctx.cancel.cancelled() => Err(JobError::Cancelled),
        done = work => Ok(done),
    }
}

/// What of these keys is there: one listing from the first to the last instead of a question for each.
async fn present(
    store: &dyn ObjectStore,
    sized: &[(Transfer, u64)],
) -> Result<HashMap<String, ObjectInfo>, StoreError> {
    let mut out = HashMap::new();
    let (Some((first, _)), Some((last, _))) = (sized.first(), sized.last()) else { return Ok(out) };
    let wanted: std::collections::HashSet<&str> = sized.iter().map(|(t, _)| t.key.as_str()).collect();
    let prefix = common_start(&first.key, &last.key);
    let mut after = None;
    loop {
        let page = store.list(prefix, None, after.as_deref()).await?;
        let behind = page.objects.last().is_some_and(|object| object.key > last.key);
        out.extend(page.objects.into_iter().filter(|o| wanted.contains(o.key.as_str())).map(|o| (o.key.clone(), o)));
        after = page.next;
        if behind || after.is_none() {
            return Ok(out);
        }
    }
}

/// The longest common start; the first and the last of sorted keys share it with all between.
fn common_start<'a>(first: &'a str, last: &str) -> &'a str {
    let same = first.char_indices().zip(last.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
    &first[..same.unwrap_or(first.len().min(last.len()))]
}

async fn send(
    store: &dyn ObjectStore,
    transfer: &Transfer,
    size: u64,
    there: Option<&ObjectInfo>,
) -> Result<(u64, bool), JobError> {
    if let Some(tag) = there.filter(|object| object.size == size).and_then(|object| object.etag.as_deref())
        && tag == entity_tag(&transfer.path, size).await?
    {
        return Ok((size, false));
    }
    store.put_file(&transfer.key, &transfer.path).await?;
    Ok((size, true))
}

/// The entity tag that S3 gives a file that [`ObjectStore::put_file`] sends.
async fn entity_tag(path: &Path, size: u64) -> Result<String, JobError> {
    let path = path.to_owned();
    let hash = move || file_tag(&path, size).map_err(|e| unreadable(&path, e));
    tokio::task::spawn_blocking(hash).await.map_err(|e| JobError::Failed(format!("hashing was cut off: {e}")))?
}

fn file_tag(path: &Path, size: u64) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    if size <= PART_ABOVE {
        return Ok(hex::encode(md5_of(&mut file)?));
    }
    let (part, mut parts, mut count) = (part_size(size), Md5::new(), 0_u64);
    while count < size.div_ceil(part) {
        parts.update(md5_of(&mut Read::by_ref(&mut file).take(part))?);
        count += 1;
    }
    Ok(format!("{}-{count}", hex::encode(parts.finalize())))
}

fn md5_of(content: &mut impl Read) -> std::io::Result<[u8; 16]> {
    let (mut md5, mut buffer) = (Md5::new(), vec![0; 256 << 10]);
    loop {
        match content.read(&mut buffer) {
            Ok(0) => return Ok(md5.finalize().into()),
            Ok(count) => md5.update(&buffer[..count]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_folder_gets_the_keys_of_the_pipeline() {
        let dir = tempfile::tempdir().unwrap();
        let day = dir.path().join("transactions/d=2018-12-01");
        fs::create_dir_all(&day).unwrap();
        for path in [dir.path().join("customers.csv"), dir.path().join(".hidden"), day.join("transactions.json")] {
            fs::write(path, "x").unwrap();
        }
        let keys: Vec<_> = folder(dir.path(), "convex-").unwrap().into_iter().map(|t| t.key).collect();
        assert_eq!(keys, ["convex-customers/customers.csv", "convex-transactions/d=2018-12-01/transactions.json"]);
    }

    #[test]
    fn parts_stay_within_the_limit() {
        for size in [PART_ABOVE + 1, 80_000 << 20, 100_000 << 20, 5 << 40] {
            assert!(size.div_ceil(part_size(size)) <= PART_COUNT, "{size}");
        }
        assert_eq!(part_size(PART_ABOVE + 1), PART_ABOVE);
    }

    #[test]
    fn the_common_start_ends_at_a_character() {
        assert_eq!(common_start("a/é", "a/è"), "a/");
        assert_eq!(common_start("a", "ab"), "a");
        assert_eq!(common_start("x", "y"), "");
    }
}
