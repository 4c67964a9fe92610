//! The ladder of counts: what each layer holds against what the objects in S3 hold.

use super::deploy::{Layer, Manifest};
use super::generate::recount::Recount;
use super::ports::{ObjectStore, Warehouse};
use super::{Context, JobError, Progress, sources};
use crate::domain::{Dataset, LayerCheck, ObjectInfo};
use std::collections::{BTreeMap, BTreeSet};

/// Objects are read in pieces of this many bytes, so that memory does not grow with them.
const PIECE: u64 = 8 << 20;

/// What the objects in S3 hold, counted from the objects themselves: measure to count.
pub type Measures = BTreeMap<String, i64>;

/// Reads the objects of the three data sets, or of the sources that a pipeline brings along, and counts what they hold. Of a
/// day's file that is there under two names, the second counts only as rows.
///
/// # Errors
/// S3's refusal, [`JobError::Cancelled`]. Rows that cannot be read are left out of the counts.
pub async fn measure(ctx: &Context, store: &dyn ObjectStore, manifest: &Manifest) -> Result<Measures, JobError> {
    if manifest.has_own_files() {
        return Ok(sources::rows(ctx, store, manifest).await?.into_iter().collect());
    }
    let mut copies = Some(Copies::default());
    let count = count(ctx, store, manifest, &mut copies).await?;
    Ok(measures(&count, copies.map_or(0, |c| c.count.transaction_rows)))
}

/// Files of transactions that hold what another one holds, byte for byte.
#[derive(Default)]
struct Copies {
    /// Tags and sizes of those seen.
    seen: BTreeSet<(String, u64)>,
    /// What the copies hold.
    count: Recount,
}

impl Copies {
    /// Whether an object with the same content has been seen.
    fn is_one(&mut self, object: &ObjectInfo) -> bool {
        let Some(etag) = object.etag.clone().filter(|_| object.size > 0) else { return false };
        !self.seen.insert((etag, object.size))
    }
}

/// Reads the objects of the three data sets and counts.
///
/// # Errors
/// As [`measure`].
pub async fn recount(ctx: &Context, store: &dyn ObjectStore, manifest: &Manifest) -> Result<Recount, JobError> {
    count(ctx, store, manifest, &mut None).await
}

/// Counts; copies apart where they are looked for.
async fn count(
    ctx: &Context,
    store: &dyn ObjectStore,
    manifest: &Manifest,
    copies: &mut Option<Copies>,
) -> Result<Recount, JobError> {
    let mut count = Recount::default();
    let mut progress = Progress { label: "recount".into(), ..Progress::default() };
    for dataset in Dataset::ALL {
        let Some(prefix) = manifest.prefix(dataset.name()) else { continue };
        let mut after = None;
        loop {
            let page = store.list(prefix, None, after.as_deref()).await?;
            for object in page.objects.iter().filter(|o| is_data(dataset, &o.key)) {
                let of_a_day = dataset == Dataset::Transactions;
                let is_copy = of_a_day && copies.as_mut().is_some_and(|copies| copies.is_one(object));
                let mine = match copies {
                    Some(copies) if is_copy => &mut copies.count,
                    _ => &mut count,
                };
                *mine = add_object(ctx, store, dataset, object, std::mem::take(mine)).await?;
                progress.done += 1;
                progress.bytes += object.size;
                ctx.sink.progress(progress.clone());
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(count)
}

/// Whether COPY takes the object: it loads by file name.
fn is_data(dataset: Dataset, key: &str) -> bool {
    key.ends_with(if dataset == Dataset::Transactions { ".json" } else { ".csv" })
}

/// Adds one object. Days are read in pieces that end with a line; counting is done off the async threads.
async fn add_object(
    ctx: &Context,
    store: &dyn ObjectStore,
    dataset: Dataset,
    object: &ObjectInfo,
    mut count: Recount,
) -> Result<Recount, JobError> {
    let whole = dataset != Dataset::Transactions;
    let (mut at, mut rest) = (0, Vec::new());
    while at < object.size {
        if ctx.cancel.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let length = if whole { object.size } else { PIECE.min(object.size - at) };
        let bytes = store.get(&object.key, Some((at, length))).await?;
        if bytes.is_empty() {
            break; // the object has become shorter since it was listed
        }
        at += bytes.len() as u64;
        let mut piece = std::mem::take(&mut rest);
        piece.extend_from_slice(&bytes);
        if at < object.size {
            let end = memchr::memrchr(b'\n', &piece).map_or(0, |i| i + 1);
            rest = piece.split_off(end);
        }
        let key = object.key.clone();
        let counting = tokio::task::spawn_blocking(move || {
            match dataset {
                Dataset::Customers => count.add_customers(&piece),
                Dataset::Products => count.add_products(&piece),
                Dataset::Transactions => count.add_transactions(&key, &piece),
            }
            count
        });
        count = counting.await.map_err(|e| JobError::Failed(format!("counting {} failed: {e}", object.key)))?;
    }
    Ok(count)
}

/// The measures that a manifest's layers can expect.
fn measures(count: &Recount, copied_rows: u64) -> Measures {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let days = count.days.values().filter(|day| day.lines > 0).count() as u64;
    [
        ("customer_rows", count.customer_rows),
        ("product_rows", count.product_rows),
        ("listed_customers", count.customers),
        ("listed_products", count.products),
        ("customers", count.customers + count.unknown_customers()),
        ("products", count.products + count.unknown_products()),
        ("transaction_rows", count.transaction_rows + copied_rows),
        ("transactions", count.transactions),
        ("lines", count.lines),
        ("customer_products", count.pairs),
        ("buyers", count.buyers),
        ("days", days),
    ]
    .into_iter()
    .map(|(name, n)| (name.to_owned(), number(n)))
    .collect()
}

/// Counts every layer of the manifest and compares it with its measure.
///
/// # Errors
/// A layer that expects a measure which there is not, the server's refusal, [`JobError::Cancelled`]. A layer that does
/// not agree is no error: its check has `ok: false`.
pub async fn reconcile(
    ctx: &Context,
    session: &dyn Warehouse,
    manifest: &Manifest,
    measures: &Measures,
) -> Result<Vec<LayerCheck>, JobError> {
    let mut checks = Vec::with_capacity(manifest.layers.len());
    for layer in &manifest.layers {
        let (name, measure) = (layer.name.get_ref(), layer.expects.get_ref());
        let expected = *measures.get(measure).ok_or_else(|| {
            let known: Vec<&str> = measures.keys().map(String::as_str).collect();
            JobError::Usage(format!(
                "layer `{name}` expects `{measure}`, which is not counted; known: {}",
                known.join(", ")
            ))
        })?;
        let answer = session.query(&count_sql(manifest, layer), Some(1), &ctx.cancel).await;
        if ctx.cancel.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let answer = answer.map_err(|error| error.of(&format!("layer `{name}`")))?;
        let actual =
            answer.first_number().ok_or_else(|| JobError::Failed(format!("layer `{name}` gives no number")))?;
        checks.push(LayerCheck { layer: name.clone(), expected, actual, ok: expected == actual });
    }
    Ok(checks)
}

fn count_sql(manifest: &Manifest, layer: &Layer) -> String {
    match (&layer.sql, &layer.table) {
        (Some(sql), _) => sql.trim().trim_end_matches(';').to_owned(),
        (None, Some(table)) => format!("SELECT COUNT(*) FROM {}", manifest.qualified(table)),
        // The manifest is checked for having one of the two.
        (None, None) => "SELECT NULL".into(),
    }
}
