//! Fetches objects into files: in parallel, skipping what is there already, so that running again fetches only what is
//! missing.

use super::browse::walk;
use super::ports::{Moving, ObjectStore};
use super::transfer::{Ledger, Meter, Options, Outcome, names, tag, unless_cancelled, unreadable};
use super::{Context, Event, JobError};
use crate::domain::{Moved, ObjectInfo};
use futures::{Stream, StreamExt, stream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Fetches one object into a file; the folders above it are made.
///
/// # Errors
/// [`JobError::Cancelled`]; [`JobError::Store`], with the code `NoSuchKey` where there is no such object;
/// [`JobError::File`].
pub async fn fetch_one(
    ctx: &Context,
    store: Arc<dyn ObjectStore>,
    key: &str,
    path: &Path,
    options: Options,
) -> Result<Moved, JobError> {
    let Some(object) = unless_cancelled(ctx, store.head(key)).await?? else {
        return Err(JobError::Failed(format!(
            "there is no object {key:?} in {}: list what is there with: snowdeck s3 ls",
            store.bucket()
        )));
    };
    let path = path.to_owned();
    run(ctx, store, stream::iter([Ok((object, Ok(Some(path))))]), options).await
}

/// Fetches all objects whose keys start with `prefix` into a folder, under the names behind the prefix's last `/`. A page
/// of the listing is in memory at a time. A key that is no path below the folder (`a/../b`, `a//b`) is refused by name.
///
/// # Errors
/// As [`fetch_one`], once as much failed as the options allow.
pub async fn fetch(
    ctx: &Context,
    store: Arc<dyn ObjectStore>,
    prefix: &str,
    dir: &Path,
    options: Options,
) -> Result<Moved, JobError> {
    let start = prefix.rfind('/').map_or("", |at| &prefix[..=at]).to_owned();
    let dir = dir.to_owned();
    let objects = walk(ctx, Arc::clone(&store), prefix).map(move |object| {
        let object = object?;
        let path = names::below(&dir, &object.key, &start);
        Ok((object, path))
    });
    run(ctx, store, objects, options).await
}

type Target = Result<(ObjectInfo, Result<Option<PathBuf>, JobError>), JobError>;

async fn run(
    ctx: &Context,
    store: Arc<dyn ObjectStore>,
    objects: impl Stream<Item = Target>,
    options: Options,
) -> Result<Moved, JobError> {
    ctx.emit(Event::Phase("download".into()));
    let meter = Arc::new(Meter::new(ctx, "download", None, None));
    let slots = Arc::new(Semaphore::new(options.parallel.max(1)));
    let fetches = objects.map(|target| {
        let (ctx, store, meter, slots) = (ctx.clone(), Arc::clone(&store), Arc::clone(&meter), Arc::clone(&slots));
        async move {
            // What the listing met ends the job; what one object met is noted.
            let (object, path) = target?;
            meter.more(1, object.size);
            let work = async {
                let Some(path) = path? else {
                    meter.object(object.size);
                    return Ok(Outcome::Unchanged(object.size));
                };
                one(store.as_ref(), &object, &path, &meter, &slots, &options).await
            };
            let outcome = unless_cancelled(&ctx, work).await.and_then(|outcome| outcome);
            Ok::<_, JobError>((object.key, outcome))
        }
    });
    let mut fetches = std::pin::pin!(fetches.buffer_unordered(options.parallel.max(1)));
    let mut ledger = Ledger::new(&options);
    while let Some(done) = fetches.next().await {
        let (key, outcome) = done?;
        ledger.note(&key, outcome)?;
    }
    let result = ledger.end(&meter);
    if result.unchanged.objects > 0 {
        let kept = result.unchanged.objects;
        ctx.emit(Event::Note(format!("{kept} files were there already and were not fetched")));
    }
    Ok(result)
}

async fn one(
    store: &dyn ObjectStore,
    object: &ObjectInfo,
    path: &Path,
    meter: &Meter,
    slots: &Semaphore,
    options: &Options,
) -> Result<Outcome, JobError> {
    let there = tokio::fs::metadata(path).await.is_ok_and(|file| file.is_file() && file.len() == object.size);
    if there && !options.force && tag::same(path, object, options.part_size).await? {
        meter.object(object.size);
        return Ok(Outcome::Unchanged(object.size));
    }
    if options.dry_run {
        meter.object(object.size);
        return Ok(Outcome::Moved(object.size));
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        tokio::fs::create_dir_all(folder).await.map_err(|e| unreadable(folder, e))?;
    }
    let moved = |bytes, resumed| meter.bytes(bytes, resumed);
    let moving = Moving { part_size: options.part_size, slots, keep: true, moved: &moved };
    store.fetch_file(object, path, &moving).await?;
    meter.object(0);
    Ok(Outcome::Moved(object.size))
}
