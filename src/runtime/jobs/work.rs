//! Jobs that change something.

use super::Connected;
use crate::app::{Order, Reply};
use crate::domain::Uploaded;
use crate::jobs::deploy::Manifest;
use crate::jobs::run::{self, RunSpec};
use crate::jobs::upload::{self as uploads, Transfer};
use crate::jobs::{Context, JobError};
use std::path::Path;
use std::sync::Arc;

/// Makes the files, and uploads them where asked.
pub async fn generate(
    ctx: &Context,
    on: &Connected,
    files: &Path,
    order: &Order,
    upload: bool,
) -> Result<Reply, JobError> {
    let made = super::make::files(ctx, order, files).await?;
    let sent = if upload { Some(self::upload(ctx, on, files).await?) } else { None };
    Ok(Reply::Generated(made, sent))
}

/// Uploads the files to where the pipeline wants them.
pub async fn upload(ctx: &Context, on: &Connected, files: &Path) -> Result<Uploaded, JobError> {
    if !files.is_dir() {
        let text = format!("there are no files yet in {}: x generates them", files.display());
        return Err(JobError::Usage(text));
    }
    let manifest = on.services.pipeline.manifest();
    let transfers = uploads::folder(files, "")?.into_iter().filter_map(|t| placed(t, manifest)).collect();
    let store = Arc::clone(&on.services.store);
    uploads::upload(ctx, store, transfers, uploads::Options::default()).await
}

/// Under the prefix of its data set; a file of no data set stays where it is.
fn placed(transfer: Transfer, manifest: &Manifest) -> Option<Transfer> {
    let (set, rest) = transfer.key.split_once('/')?;
    let key = format!("{}{rest}", manifest.prefix(set)?);
    Some(Transfer { key, ..transfer })
}

/// Takes everything back: the deployment, the data sets' objects, the files.
pub async fn reset(ctx: &Context, on: &Connected, files: &Path) -> Result<Reply, JobError> {
    super::deploys::undo(ctx, on, None).await?;
    for source in &on.services.pipeline.manifest().sources {
        match super::bucket::delete(ctx, on, vec![source.prefix.clone()]).await {
            Err(JobError::Store(error)) if error.code == "NoSuchBucket" => {}
            other => drop(other?),
        }
    }
    match tokio::fs::remove_dir_all(files).await {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(JobError::File { path: files.display().to_string(), source })
        }
        _ => Ok(Reply::Undone(None)),
    }
}

/// The whole job, with what an order asks for; what is put in as faults is noted in the files' folder.
pub async fn run_all(ctx: &Context, on: &Connected, files: &Path, order: &Order) -> Result<Reply, JobError> {
    let services =
        run::Services { store: Arc::clone(&on.services.store), warehouses: Arc::clone(&on.services.warehouses) };
    let (options, ledger) = super::make::prepared(order, files)?;
    let spec = RunSpec { generate: order.spec.clone(), options, variables: on.services.variables.clone() };
    let report = run::run(ctx, &services, &on.services.pipeline, &spec, ledger).await;
    on.sessions.deployed().await;
    let report = report?;
    Ok(Reply::Ran(Box::new(report)))
}
