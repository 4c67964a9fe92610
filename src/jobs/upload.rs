//! Puts files into S3: in parallel, skipping what is there already, so that running again sends only what is missing.

use super::ports::{Moving, ObjectStore, OpenUpload, StoreError};
use super::transfer::{Ledger, Meter, Outcome, tag, unless_cancelled, unreadable};
use super::{Context, Event, JobError};
use crate::domain::{Moved, ObjectInfo, Uploaded};
use futures::{StreamExt, stream};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::sync::Arc;
use tokio::sync::Semaphore;

pub use super::transfer::Options;
pub use super::transfer::names::{Transfer, folder, tree};

/// Uploads files, as [`send`] does; the result counts what was sent.
///
/// # Errors
/// As [`send`].
pub async fn upload(
    ctx: &Context,
    store: Arc<dyn ObjectStore>,
    transfers: Vec<Transfer>,
    options: Options,
) -> Result<Uploaded, JobError> {
    let sent = send(ctx, store, transfers, options).await?;
    Ok(Uploaded { objects: sent.moved.objects, bytes: sent.moved.bytes })
}

/// What is in the bucket of what is to be sent.
#[derive(Default)]
struct There {
    objects: HashMap<String, ObjectInfo>,
    open: HashMap<String, OpenUpload>,
}

/// Uploads files. Makes the bucket if it is not there. What is there already with the same size and content (by its
/// entity tag) is not sent; of a large file whose upload was interrupted, the parts that are missing.
///
/// # Errors
/// [`JobError::Cancelled`]; [`JobError::File`] and [`JobError::Store`] once as much failed as the options allow. What was
/// stored until then stays.
pub async fn send(
    ctx: &Context,
    store: Arc<dyn ObjectStore>,
    transfers: Vec<Transfer>,
    options: Options,
) -> Result<Moved, JobError> {
    ctx.emit(Event::Phase("upload".into()));
    let sized = sized(transfers)?;
    let bytes = sized.iter().map(|(_, size)| size).sum();
    let meter = Arc::new(Meter::new(ctx, "upload", Some(sized.len() as u64), Some(bytes)));
    let there = Arc::new(unless_cancelled(ctx, look(store.as_ref(), &sized, &options)).await??);
    let slots = Arc::new(Semaphore::new(options.parallel.max(1)));
    let sends = sized.into_iter().map(|(transfer, size)| {
        let (ctx, store, there) = (ctx.clone(), Arc::clone(&store), Arc::clone(&there));
        let (meter, slots) = (Arc::clone(&meter), Arc::clone(&slots));
        async move {
            let one = One { store: store.as_ref(), transfer: &transfer, size, there: &there, meter: &meter };
            let outcome = unless_cancelled(&ctx, one.send(&slots, &options)).await;
            (transfer.key, outcome.and_then(|outcome| outcome))
        }
    });
    let mut sends = stream::iter(sends).buffer_unordered(options.parallel.max(1));
    let mut ledger = Ledger::new(&options);
    while let Some((key, outcome)) = sends.next().await {
        ledger.note(&key, outcome)?;
    }
    let result = ledger.end(&meter);
    if result.unchanged.objects > 0 {
        let kept = result.unchanged.objects;
        ctx.emit(Event::Note(format!("{kept} objects were there already and were not sent")));
    }
    Ok(result)
}

fn sized(transfers: Vec<Transfer>) -> Result<Vec<(Transfer, u64)>, JobError> {
    let mut sized = Vec::with_capacity(transfers.len());
    for transfer in transfers {
        let size = fs::metadata(&transfer.path).map_err(|e| unreadable(&transfer.path, e))?.len();
        sized.push((transfer, size));
    }
    sized.sort_by(|a, b| a.0.key.cmp(&b.0.key));
    Ok(sized)
}

/// Makes the bucket, and sees what is in it.
async fn look(store: &dyn ObjectStore, sized: &[(Transfer, u64)], options: &Options) -> Result<There, StoreError> {
    if options.dry_run {
        return match present(store, sized, options).await {
            // It would be made.
            Err(e) if e.code == "NoSuchBucket" => Ok(There::default()),
            other => other,
        };
    }
    store.ensure_bucket().await?;
    present(store, sized, options).await
}

/// What of these keys is there: one listing from the first to the last instead of a question for each.
async fn present(store: &dyn ObjectStore, sized: &[(Transfer, u64)], options: &Options) -> Result<There, StoreError> {
    let mut there = There::default();
    let (Some((first, _)), Some((last, _))) = (sized.first(), sized.last()) else { return Ok(there) };
    let wanted: HashSet<&str> = sized.iter().map(|(t, _)| t.key.as_str()).collect();
    let prefix = common_start(&first.key, &last.key);
    if sized.iter().any(|(_, size)| *size > options.part_size) {
        // Of several uploads of one key, the latest.
        let open = store.open_uploads(prefix).await?.into_iter().filter(|open| wanted.contains(open.key.as_str()));
        there.open.extend(open.map(|open| (open.key.clone(), open)));
    }
    if options.force {
        return Ok(there);
    }
    let mut after = None;
    loop {
        let page = store.list(prefix, None, after.as_deref()).await?;
        let behind = page.objects.last().is_some_and(|object| object.key > last.key);
        let objects = page.objects.into_iter().filter(|o| wanted.contains(o.key.as_str()));
        there.objects.extend(objects.map(|o| (o.key.clone(), o)));
        after = page.next;
        if behind || after.is_none() {
            return Ok(there);
        }
    }
}

/// The longest common start; the first and the last of sorted keys share it with all between.
fn common_start<'a>(first: &'a str, last: &str) -> &'a str {
    let same = first.char_indices().zip(last.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
    &first[..same.unwrap_or(first.len().min(last.len()))]
}

/// One file on its way.
struct One<'a> {
    store: &'a dyn ObjectStore,
    transfer: &'a Transfer,
    size: u64,
    there: &'a There,
    meter: &'a Meter,
}

impl One<'_> {
    async fn send(&self, slots: &Semaphore, options: &Options) -> Result<Outcome, JobError> {
        let Self { store, transfer, size, there, meter } = *self;
        if let Some(object) = there.objects.get(&transfer.key).filter(|object| object.size == size)
            && tag::same(&transfer.path, object, options.part_size).await?
        {
            meter.object(size);
            return Ok(Outcome::Unchanged(size));
        }
        if options.dry_run {
            meter.object(size);
            return Ok(Outcome::Moved(size));
        }
        let moved = |bytes, resumed| meter.bytes(bytes, resumed);
        let moving = Moving { part_size: options.part_size, slots, keep: true, moved: &moved };
        let stored = store.send_file(&transfer.key, &transfer.path, there.open.get(&transfer.key), &moving).await?;
        meter.object(0);
        Ok(Outcome::Moved(stored.size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_start_ends_at_a_character() {
        assert_eq!(common_start("a/é", "a/è"), "a/");
        assert_eq!(common_start("a", "ab"), "a");
        assert_eq!(common_start("x", "y"), "");
    }
}
