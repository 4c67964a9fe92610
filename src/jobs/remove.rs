//! Deletes objects, in batches. Who asks for it asked the operator before.

use super::browse::walk;
use super::ports::ObjectStore;
use super::transfer::{Ledger, Meter, Options, Outcome, unless_cancelled};
use super::{Context, Event, JobError};
use crate::domain::{Amount, Moved, ObjectInfo};
use futures::{StreamExt, TryStreamExt};
use std::sync::Arc;

/// S3's limit of keys in one DeleteObjects.
const BATCH: usize = 1000;
/// Batches under way at once, at most: each is a thousand deletions.
const BATCHES: usize = 4;

/// How much lies below a prefix. A page of the listing is in memory at a time.
///
/// # Errors
/// [`JobError::Cancelled`], [`JobError::Store`].
pub async fn measure(ctx: &Context, store: Arc<dyn ObjectStore>, prefix: &str) -> Result<Amount, JobError> {
    let mut amount = Amount::default();
    let mut objects = std::pin::pin!(walk(ctx, store, prefix));
    while let Some(object) = objects.try_next().await? {
        amount.add(object.size);
    }
    Ok(amount)
}

/// Deletes all objects whose keys start with `prefix`.
///
/// # Errors
/// [`JobError::Cancelled`]; [`JobError::Store`] once as much failed as the options allow.
pub async fn remove(
    ctx: &Context,
    store: Arc<dyn ObjectStore>,
    prefix: &str,
    options: Options,
) -> Result<Moved, JobError> {
    ctx.emit(Event::Phase("delete".into()));
    let meter = Arc::new(Meter::new(ctx, "delete", None, None));
    let batches = walk(ctx, Arc::clone(&store), prefix).try_chunks(BATCH).map(|batch| {
        let (ctx, store, meter) = (ctx.clone(), Arc::clone(&store), Arc::clone(&meter));
        async move {
            // The listing failed: what it had given until then is left alone.
            let batch: Vec<ObjectInfo> = batch.map_err(|e| e.1)?;
            meter.more(batch.len() as u64, batch.iter().map(|o| o.size).sum());
            let keys: Vec<String> = batch.iter().map(|o| o.key.clone()).collect();
            let deleted = if options.dry_run {
                Ok(())
            } else {
                unless_cancelled(&ctx, store.delete(&keys)).await.and_then(|deleted| deleted.map_err(JobError::from))
            };
            Ok::<_, JobError>((batch, deleted))
        }
    });
    let mut batches = std::pin::pin!(batches.buffer_unordered(options.parallel.clamp(1, BATCHES)));
    let mut ledger = Ledger::new(&options);
    while let Some(done) = batches.next().await {
        let (batch, deleted) = done?;
        match deleted {
            Ok(()) => {
                for object in batch {
                    meter.object(object.size);
                    ledger.note(&object.key, Ok(Outcome::Moved(object.size)))?;
                }
            }
            Err(e) => ledger.note(batch.first().map_or("", |object| &object.key), Err(e))?,
        }
    }
    Ok(ledger.end(&meter))
}

/// Gives up interrupted uploads of keys that start with `prefix`: their parts cost as objects do.
///
/// # Errors
/// As [`remove`].
pub async fn abandon(
    ctx: &Context,
    store: Arc<dyn ObjectStore>,
    prefix: &str,
    options: Options,
) -> Result<Moved, JobError> {
    let meter = Meter::new(ctx, "give up", None, None);
    let mut ledger = Ledger::new(&options);
    for open in unless_cancelled(ctx, store.open_uploads(prefix)).await?? {
        let given_up = if options.dry_run {
            Ok(())
        } else {
            unless_cancelled(ctx, store.abandon(&open)).await?.map_err(JobError::from)
        };
        meter.object(0);
        ledger.note(&open.key, given_up.map(|()| Outcome::Moved(0)))?;
    }
    Ok(ledger.end(&meter))
}
