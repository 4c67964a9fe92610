//! Copies objects within an endpoint: the content does not pass through this machine.

use super::browse::walk;
use super::ports::ObjectStore;
use super::transfer::{Ledger, Meter, Options, Outcome, unless_cancelled};
use super::{Context, Event, JobError};
use crate::domain::{Moved, ObjectInfo};
use futures::{Stream, StreamExt, stream};
use std::sync::Arc;

/// Copies one object to a key.
///
/// # Errors
/// [`JobError::Cancelled`], [`JobError::Store`], [`JobError::Failed`] where there is no such object.
pub async fn copy_one(
    ctx: &Context,
    from: Arc<dyn ObjectStore>,
    key: &str,
    to: Arc<dyn ObjectStore>,
    to_key: &str,
    options: Options,
) -> Result<Moved, JobError> {
    let Some(object) = unless_cancelled(ctx, from.head(key)).await?? else {
        return Err(JobError::Failed(format!(
            "there is no object {key:?} in {}: list what is there with: snowdeck s3 ls",
            from.bucket()
        )));
    };
    run(ctx, from.bucket(), stream::iter([Ok((object, to_key.to_owned()))]), to, options).await
}

/// Copies all objects whose keys start with `prefix`; that start of their keys is replaced with `to_prefix`.
///
/// # Errors
/// [`JobError::Cancelled`]; [`JobError::Store`] once as much failed as the options allow; [`JobError::Usage`] where the
/// copies would lie among what is copied.
pub async fn copy(
    ctx: &Context,
    from: Arc<dyn ObjectStore>,
    prefix: &str,
    to: Arc<dyn ObjectStore>,
    to_prefix: &str,
    options: Options,
) -> Result<Moved, JobError> {
    if from.bucket() == to.bucket() && to_prefix.starts_with(prefix) {
        return Err(JobError::Usage(format!(
            "the copies below {to_prefix:?} would be copied again: choose a prefix that does not start with {prefix:?}"
        )));
    }
    let (start, to_prefix) = (prefix.len(), to_prefix.to_owned());
    let objects = walk(ctx, Arc::clone(&from), prefix).map(move |object| {
        let object = object?;
        let key = format!("{to_prefix}{}", object.key.get(start..).unwrap_or_default());
        Ok((object, key))
    });
    run(ctx, from.bucket(), objects, to, options).await
}

async fn run(
    ctx: &Context,
    from: &str,
    objects: impl Stream<Item = Result<(ObjectInfo, String), JobError>>,
    to: Arc<dyn ObjectStore>,
    options: Options,
) -> Result<Moved, JobError> {
    ctx.emit(Event::Phase("copy".into()));
    if !options.dry_run {
        unless_cancelled(ctx, to.ensure_bucket()).await??;
    }
    let meter = Arc::new(Meter::new(ctx, "copy", None, None));
    let copies = objects.map(|object| {
        let (ctx, to, meter) = (ctx.clone(), Arc::clone(&to), Arc::clone(&meter));
        async move {
            let (object, key) = object?;
            meter.more(1, object.size);
            let copied = if options.dry_run {
                Ok(())
            } else {
                unless_cancelled(&ctx, to.copy(from, &object, &key)).await.and_then(|c| c.map_err(JobError::from))
            };
            meter.object(object.size);
            Ok::<_, JobError>((object.key, copied.map(|()| Outcome::Moved(object.size))))
        }
    });
    let mut copies = std::pin::pin!(copies.buffer_unordered(options.parallel.max(1)));
    let mut ledger = Ledger::new(&options);
    while let Some(done) = copies.next().await {
        let (key, outcome) = done?;
        ledger.note(&key, outcome)?;
    }
    Ok(ledger.end(&meter))
}
