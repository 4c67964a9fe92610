//! The Generate pane's work.

use super::Connected;
use crate::app::{Made, Make, Order, Reply};
use crate::jobs::feed::{self, FeedSpec};
use crate::jobs::generate::outlook::outlook;
use crate::jobs::generate::{self as generator, Destination, LedgerFile, Options, preset};
use crate::jobs::run::key_layout;
use crate::jobs::{Context, JobError};
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Does what the pane asks for.
pub async fn make(ctx: &Context, on: &Connected, what: Make) -> Result<Reply, JobError> {
    let made = match what {
        Make::Outlook(order) => {
            let options = options(&order)?;
            Made::Outlook(Box::new(outlook(ctx, &order.spec, &options).await?))
        }
        Make::Feed { order, rate_milli, every_ms } => {
            let spec = FeedSpec {
                rate: rate_milli as f64 / 1_000.0,
                duration: None,
                every: Duration::from_millis(every_ms),
                seed: order.spec.seed,
                model: options(&order)?.model,
            };
            let key = key_layout(&on.services.pipeline)?;
            Made::Fed(feed::run(ctx, Arc::clone(&on.services.store), &key, &spec).await?)
        }
    };
    Ok(Reply::Made(made))
}

/// The preset with the order's faults.
fn options(order: &Order) -> Result<Options, JobError> {
    let mut model =
        preset(&order.preset).ok_or_else(|| JobError::Usage(format!("there is no preset {:?}", order.preset)))?;
    model.faults.add(&order.faults)?;
    Ok(Options { model, ..Options::default() })
}

/// Writes an order's files into a folder; what was put in as faults is noted beside them.
pub async fn files(ctx: &Context, order: &Order, folder: &Path) -> Result<crate::domain::Generated, JobError> {
    let (options, ledger) = prepared(order, folder)?;
    generator::run_with(ctx, &order.spec, &options, Destination::Directory(folder.to_owned()), ledger).await
}

/// An order's options, and where its faults are noted, if there are any.
pub fn prepared(order: &Order, folder: &Path) -> Result<(Options, Option<LedgerFile>), JobError> {
    let options = options(order)?;
    let ledger = if options.model.faults.is_none() { None } else { Some(ledger(folder)?) };
    Ok((options, ledger))
}

fn ledger(folder: &Path) -> Result<LedgerFile, JobError> {
    let path = folder.join("faults.ndjson");
    let at = |source| JobError::File { path: path.display().to_string(), source };
    std::fs::create_dir_all(folder).map_err(at)?;
    let file = std::fs::File::create(&path).map_err(at)?;
    Ok(LedgerFile { path: path.display().to_string(), writer: Box::new(BufWriter::new(file)) })
}
