//! Files that a pipeline of one's own brings along: sent into the bucket, counted there, and sampled for a rehearsal.

use super::deploy::{Manifest, Pipeline};
use super::ports::ObjectStore;
use super::upload::{self, Options, Transfer};
use super::{Context, JobError, Progress};
use crate::domain::{Generated, ObjectInfo, Uploaded};
use std::path::Path;
use std::sync::Arc;

/// A rehearsal takes so many bytes of the bucket's files along, and no file that does not fit in any more.
const SAMPLE: u64 = 64 << 20;

/// Sends the files that the manifest's sources name to their prefixes. What is there already is not sent again.
///
/// # Errors
/// [`JobError::File`] for a folder that cannot be read; otherwise as [`upload::upload`].
pub async fn send(
    ctx: &Context,
    store: Arc<dyn ObjectStore>,
    pipeline: &Pipeline,
) -> Result<(Generated, Uploaded), JobError> {
    let mut transfers = Vec::new();
    for source in &pipeline.manifest().sources {
        let Some(files) = &source.files else { continue };
        let path = pipeline.path(files.get_ref()).ok_or_else(|| {
            JobError::Usage(format!("[[source]] {} names files, and the built-in pipeline has no folder", source.name))
        })?;
        transfers.extend(under(&path, &source.prefix)?);
    }
    let generated = Generated { files: transfers.len() as u64, bytes: bytes_of(&transfers)?, ..Generated::default() };
    let uploaded = upload::upload(ctx, store, transfers, Options::default()).await?;
    Ok((generated, uploaded))
}

/// A file, or everything in a folder.
fn under(path: &Path, prefix: &str) -> Result<Vec<Transfer>, JobError> {
    if path.is_dir() {
        return upload::tree(path, prefix);
    }
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(vec![Transfer { path: path.to_owned(), key: format!("{prefix}{name}") }])
}

fn bytes_of(transfers: &[Transfer]) -> Result<u64, JobError> {
    let size = |t: &Transfer| {
        let path = || t.path.display().to_string();
        std::fs::metadata(&t.path).map(|m| m.len()).map_err(|source| JobError::File { path: path(), source })
    };
    transfers.iter().map(size).sum()
}

/// Counts the rows of each source's objects: measure `<name>_rows`. CSV files have a
/// header line; in every other file each line that is not blank is a row.
///
/// # Errors
/// S3's refusal, [`JobError::Cancelled`].
pub async fn rows(ctx: &Context, store: &dyn ObjectStore, manifest: &Manifest) -> Result<Vec<(String, i64)>, JobError> {
    let mut measures = Vec::new();
    for source in &manifest.sources {
        let mut rows = 0;
        for object in objects(ctx, store, &source.prefix).await? {
            let content = store.get(&object.key, None).await?;
            rows += count(&object.key, &content);
        }
        measures.push((format!("{}_rows", source.name), i64::try_from(rows).unwrap_or(i64::MAX)));
    }
    Ok(measures)
}

fn count(key: &str, content: &[u8]) -> usize {
    if key.to_ascii_lowercase().ends_with(".csv") {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(content);
        return reader.byte_records().filter(|r| r.as_ref().is_ok_and(|r| !r.is_empty())).count();
    }
    content.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty()).count()
}

/// Copies objects under the sources' prefixes into another bucket, as far as they fit into a sample. Returns how many.
///
/// # Errors
/// S3's refusal, [`JobError::Cancelled`].
pub async fn sample(
    ctx: &Context,
    from: &dyn ObjectStore,
    to: &dyn ObjectStore,
    manifest: &Manifest,
) -> Result<u64, JobError> {
    to.ensure_bucket().await?;
    let (mut room, mut copied) = (SAMPLE, 0);
    for source in &manifest.sources {
        let found = match objects(ctx, from, &source.prefix).await {
            // Before the first upload there is no bucket.
            Err(JobError::Store(error)) if error.code == "NoSuchBucket" => return Ok(0),
            other => other?,
        };
        for object in found {
            if object.size > room {
                continue;
            }
            to.put(&object.key, from.get(&object.key, None).await?).await?;
            room -= object.size;
            copied += 1;
            ctx.sink.progress(Progress { label: "sample".into(), done: copied, ..Progress::default() });
        }
    }
    Ok(copied)
}

/// Every object under a prefix.
async fn objects(ctx: &Context, store: &dyn ObjectStore, prefix: &str) -> Result<Vec<ObjectInfo>, JobError> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        if ctx.cancel.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let page = store.list(prefix, None, after.as_deref()).await?;
        found.extend(page.objects);
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn rows_are_counted_as_they_are_loaded() {
        assert_eq!(count("a/b.csv", b"id,name\n1,\"two\nlines\"\n2,x\n"), 2);
        assert_eq!(count("a/b.csv", b""), 0);
        assert_eq!(count("a/b.json", b"{\"a\":1}\n\n{\"a\":2}"), 2);
    }
}
