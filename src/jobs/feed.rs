//! A live feed: transactions that happen now, in small files, at a rate that is kept until it is stopped.

use super::generate::{KeyLayout, Model, Till};
use super::ports::ObjectStore;
use super::{Context, Event, JobError, Progress};
use crate::domain::Dataset;
use bytes::Bytes;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A file of the feed holds at most so many transactions: some 8 MB.
const MOST: u64 = 50_000;
/// `customers.csv` is read in pieces of this many bytes.
const PIECE: u64 = 8 << 20;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct FeedSpec {
    /// Transactions a second.
    pub rate: f64,
    /// For how long; until it is stopped where `None`.
    pub duration: Option<Duration>,
    /// How often a file is sent.
    pub every: Duration,
    /// The seed that the customers were made with.
    pub seed: u64,
    /// What baskets and prices are like.
    pub model: Model,
}

/// What was sent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Fed {
    /// Files.
    pub files: u64,
    /// Transactions.
    pub transactions: u64,
    /// Basket lines.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
    /// Seconds from the start to the last file's end.
    pub seconds: f64,
    /// Transactions a second, as asked for.
    pub asked_rate: f64,
    /// Transactions a second, as sent.
    pub rate: f64,
}

/// Sends files of sales of the bucket's customers until the time is over or the job is cancelled, which here is no
/// failure. What is late is made up for: the rate holds over the whole time. A file is one request, so it is there whole
/// or not at all; one that is under way at the end is let finish.
///
/// # Errors
/// [`JobError::Usage`] for a rate that makes no sense or a bucket without customers; S3's refusal.
pub async fn run(
    ctx: &Context,
    store: Arc<dyn ObjectStore>,
    key: &KeyLayout,
    spec: &FeedSpec,
) -> Result<Fed, JobError> {
    if !(spec.rate > 0.0 && spec.rate <= 1e7) {
        return Err(JobError::Usage(format!(
            "a rate of {}: ask for more than 0 and at most 10000000 a second",
            spec.rate
        )));
    }
    ctx.emit(Event::Phase("feed".into()));
    let customers = customers_in(store.as_ref(), &key(Dataset::Customers, "customers.csv")).await?;
    let session = ctx.clock.now_ms();
    let mut till = Till::new(spec.seed, customers, &spec.model, session.unsigned_abs())?;
    let (started, every) = (Instant::now(), spec.every.max(Duration::from_millis(10)));
    let mut fed = Fed { asked_rate: spec.rate, ..Fed::default() };
    let mut tick = started + every;
    loop {
        let end = spec.duration.map(|d| started + d);
        let until = end.map_or(tick, |end| end.min(tick));
        let stopped = tokio::select! {
            biased;
            () = ctx.cancel.cancelled() => true,
            () = tokio::time::sleep_until(until) => false,
        };
        let over = stopped || end.is_some_and(|end| Instant::now() >= end);
        let due = due(spec, started.elapsed(), fed.transactions);
        send(ctx, store.as_ref(), key, (session, &mut till), due, &mut fed).await?;
        fed.seconds = started.elapsed().as_secs_f64();
        fed.rate = fed.transactions as f64 / fed.seconds.max(1e-9);
        ctx.sink.progress(progress(&fed, spec));
        if over {
            return Ok(fed);
        }
        // A store that is slower than the ticks gets larger files, not a queue of small ones.
        tick = (tick + every).max(Instant::now());
    }
}

/// How many transactions are owed.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not negative; floats saturate
fn due(spec: &FeedSpec, elapsed: Duration, sent: u64) -> u64 {
    let elapsed = spec.duration.map_or(elapsed, |d| elapsed.min(d));
    ((spec.rate * elapsed.as_secs_f64()).round() as u64).saturating_sub(sent)
}

async fn send(
    ctx: &Context,
    store: &dyn ObjectStore,
    key: &KeyLayout,
    (session, till): (i64, &mut Till),
    due: u64,
    fed: &mut Fed,
) -> Result<(), JobError> {
    let mut left = due;
    while left > 0 {
        let count = left.min(MOST);
        let batch = till.batch(count, ctx.clock.now_ms());
        let path = format!("transactions/d={}/feed-{session}-{:06}.json", batch.day, fed.files);
        let size = batch.bytes.len() as u64;
        store.put(&key(Dataset::Transactions, &path), Bytes::from(batch.bytes)).await?;
        fed.files += 1;
        fed.transactions += count;
        fed.lines += batch.lines;
        fed.bytes += size;
        left -= count;
        if ctx.cancel.is_cancelled() {
            return Ok(());
        }
    }
    Ok(())
}

fn progress(fed: &Fed, spec: &FeedSpec) -> Progress {
    Progress {
        label: format!("transactions, {:.0} a second of {:.0} asked", fed.rate, spec.rate),
        done: fed.transactions,
        total: spec.duration.map(|d| due(spec, d, 0)),
        bytes: fed.bytes,
        ..Progress::default()
    }
}

/// How many customers the bucket has.
async fn customers_in(store: &dyn ObjectStore, key: &str) -> Result<u64, JobError> {
    let Some(info) = store.head(key).await? else {
        return Err(JobError::Usage(format!(
            "there is no {key} in {}: make the customers first, with snowdeck generate --out s3://",
            store.bucket()
        )));
    };
    let (mut at, mut lines) = (0, 0);
    while at < info.size {
        let piece = store.get(key, Some((at, PIECE))).await?;
        if piece.is_empty() {
            break;
        }
        at += piece.len() as u64;
        lines += memchr::memchr_iter(b'\n', &piece).count() as u64;
    }
    Ok(lines.saturating_sub(1))
}
