//! The S3 pane's work: moving files, deleting, what is noted of an object, what has been loaded from it.

use super::ask::expanded;
use super::{Connected, read};
use crate::app::panes::s3::LINK_S;
use crate::app::panes::s3::queue::Transfer;
use crate::app::{Bucket, Bucketed, Preview, Reply};
use crate::domain::Moved;
use crate::jobs::browse::{self, Content};
use crate::jobs::transfer::Options;
use crate::jobs::transfer::names;
use crate::jobs::{Context, Event, JobError, download, loads, remove, upload};
use std::path::Path;
use std::sync::Arc;

/// Objects of one folder that may fail before it is given up.
const FAILURES: usize = 100;

/// Does what the pane asks for.
pub async fn bucket(ctx: &Context, on: &Connected, what: Bucket) -> Result<Reply, JobError> {
    let store = Arc::clone(&on.services.store);
    let reply = match what {
        Bucket::Move(transfer) => Bucketed::Moved(shift(ctx, on, transfer).await?),
        Bucket::Delete(keys) => Bucketed::Deleted(delete(ctx, on, keys).await?),
        Bucket::Details(key) => {
            let (details, versions) = tokio::join!(store.details(&key), store.versions(&key));
            // Listing versions takes a right of its own; without it the rest is still worth seeing.
            Bucketed::Details(details?, versions.unwrap_or_default())
        }
        Bucket::Link(key) => Bucketed::Link(store.link(&key, LINK_S).await?),
        Bucket::Loads => {
            let manifest = on.services.pipeline.manifest();
            let session = on.sessions.look(on.services.warehouses.as_ref(), manifest).await?;
            let found = match session {
                Some(session) => {
                    read::forgetting(on, loads::loads(session.as_ref(), manifest, store.bucket(), &ctx.cancel)).await?
                }
                None => Vec::new(),
            };
            Bucketed::Loads(found)
        }
    };
    Ok(Reply::Bucket(reply))
}

async fn shift(ctx: &Context, on: &Connected, transfer: Transfer) -> Result<Moved, JobError> {
    let store = Arc::clone(&on.services.store);
    let options = Options { failures: FAILURES, ..Options::default() };
    if transfer.up {
        let path = expanded(&transfer.from);
        return upload::send(ctx, store, files(&path, &transfer.to)?, options).await;
    }
    let dir = expanded(&transfer.to);
    let name = last(&transfer.from);
    if transfer.from.ends_with('/') {
        download::fetch(ctx, store, &transfer.from, &dir.join(name), options).await
    } else {
        download::fetch_one(ctx, store, &transfer.from, &dir.join(name), options).await
    }
}

/// The files that a path stands for, and their keys below a prefix.
fn files(path: &Path, prefix: &str) -> Result<Vec<upload::Transfer>, JobError> {
    let name = path.file_name().and_then(|n| n.to_str()).ok_or_else(|| {
        JobError::Usage(format!("{} is no name that a key can have: give a file or a folder", path.display()))
    })?;
    if path.is_dir() {
        return names::tree(path, &format!("{prefix}{name}/"));
    }
    if !path.is_file() {
        return Err(JobError::Usage(format!("there is no file or folder {}", path.display())));
    }
    Ok(vec![upload::Transfer { path: path.to_owned(), key: format!("{prefix}{name}") }])
}

/// The last part of a key or prefix, as a file can be called.
fn last(key: &str) -> &str {
    match key.trim_end_matches('/').rsplit('/').next() {
        None | Some("" | "." | "..") => "object",
        Some(name) => name,
    }
}

/// Deletes objects, and what is below the keys that end in a slash; gives how many objects went.
pub async fn delete(ctx: &Context, on: &Connected, keys: Vec<String>) -> Result<u64, JobError> {
    ctx.emit(Event::Phase("delete".into()));
    let store = Arc::clone(&on.services.store);
    let (prefixes, objects): (Vec<String>, Vec<String>) = keys.into_iter().partition(|key| key.ends_with('/'));
    let mut gone = objects.len() as u64;
    if !objects.is_empty() {
        store.delete(&objects).await?;
    }
    for prefix in prefixes {
        gone += remove::remove(ctx, Arc::clone(&store), &prefix, Options::default()).await?.moved.objects;
    }
    Ok(gone)
}

/// Reads the head of an object.
pub async fn preview(ctx: &Context, on: &Connected, key: String) -> Result<Reply, JobError> {
    let seen = browse::preview(ctx, on.services.store.as_ref(), &key, browse::PREVIEW_BYTES).await?;
    let binary = matches!(seen.content, Content::Binary(_));
    let lines = match seen.content {
        Content::Text(lines) => lines,
        Content::Binary(bytes) => dump(&bytes),
    };
    Ok(Reply::Preview(Preview { key, lines, cut: seen.truncated, gzip: seen.gzip, binary }))
}

/// Bytes as a hex dump.
fn dump(bytes: &[u8]) -> Vec<String> {
    let line = |(i, row): (usize, &[u8])| {
        let codes: String = row.iter().map(|b| format!("{b:02x} ")).collect();
        let text: String = row.iter().map(|b| if b.is_ascii_graphic() { char::from(*b) } else { '.' }).collect();
        format!("{:08x}  {codes:<48} {text}", i * 16)
    };
    bytes.chunks(16).enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dumps() {
        assert_eq!(dump(b"a\x00\xff"), ["00000000  61 00 ff                                         a.."]);
    }

    #[test]
    fn a_folder_keeps_its_name_and_a_strange_key_gets_one() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("data");
        std::fs::create_dir_all(folder.join("d=1")).unwrap();
        std::fs::write(folder.join("d=1/x.json"), "{}").unwrap();
        let keys = |path: &Path| files(path, "p/").map(|f| f.into_iter().map(|t| t.key).collect::<Vec<_>>());
        assert_eq!(keys(&folder).unwrap(), ["p/data/d=1/x.json"]);
        assert_eq!(keys(&folder.join("d=1/x.json")).unwrap(), ["p/x.json"]);
        assert!(keys(&dir.path().join("nothing")).is_err());
        assert_eq!((last("a/b/"), last("a/.."), last("/")), ("b", "object", "object"));
    }
}
