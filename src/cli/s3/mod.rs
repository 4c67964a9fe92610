//! `snowdeck s3`, and `snowdeck generate --out s3://…`.

mod args;
mod ls;
mod moving;
mod place;
mod rm;

pub use args::S3;

use super::args::{Generate, Global};
use super::desk::{self, Desk};
use super::failure::Failure;
use super::{generate as generating, output, verify};
use crate::domain::printable;
use crate::jobs::generate::verify::judge;
use crate::jobs::generate::{Destination, There};
use crate::jobs::reconcile::recount;
use crate::jobs::run::key_layout;
use place::Place;

/// How many bytes `cat` fetches at a time.
const PIECE: u64 = 8 << 20;

pub async fn run(global: &Global, args: S3) -> Result<(), Failure> {
    match &args {
        S3::Put { .. } => desk::may_change(global, "store objects")?,
        S3::Rm { .. } => desk::may_change(global, "delete objects")?,
        S3::Cp { to, .. } if place::is_remote(to) => desk::may_change(global, "store objects")?,
        S3::Ls { .. } | S3::Cat { .. } | S3::Get { .. } | S3::Cp { .. } => {}
    }
    let named = place::named(&args);
    place::at(global, args.reach(), &named, async |place: &Place| match &args {
        S3::Ls { prefix, recursive, uploads, .. } if *uploads => ls::uploads(global, place, prefix, *recursive).await,
        S3::Ls { prefix, recursive, .. } => ls::objects(global, place, prefix, *recursive).await,
        S3::Cat { key, .. } => cat(place, key).await,
        S3::Put { source, key, how, .. } => moving::put(global, place, source, key, how).await,
        S3::Get { key, target, how, .. } => moving::get(global, place, key, target.as_deref(), how).await,
        S3::Rm { key, recursive, uploads, dry_run, yes, .. } => {
            let what = rm::What { key, recursive: *recursive, uploads: *uploads, dry_run: *dry_run, yes: *yes };
            rm::rm(global, place, &what).await
        }
        S3::Cp { from, to, how, .. } => moving::cp(global, place, from, to, how).await,
    })
    .await
}

/// Generates straight into the profile's bucket, under the pipeline's keys.
pub async fn generate(global: &Global, args: &Generate, out: &str) -> Result<(), Failure> {
    desk::may_change(global, "store objects")?;
    let (mut spec, mut options) = (generating::spec(&args.data), generating::options(args)?);
    let pipeline = desk::pipeline(global)?;
    desk::at(global, async |desk: &Desk| {
        let prefix = place::own_key(&desk.services.profile, desk.services.store.bucket(), out)?;
        if !prefix.is_empty() {
            return Err(Failure::usage("the pipeline names the keys itself: give s3:// or s3://BUCKET"));
        }
        let store = desk.services.store.clone();
        store.ensure_bucket().await?;
        let key = key_layout(&pipeline)?;
        if args.append {
            let there = There::store(store.as_ref(), &key).await?;
            spec = generating::continued(&mut options, &there, &spec, args.days).await?;
        }
        let destination = Destination::Store { store: store.clone(), key };
        let ledger = generating::StoredLedger::new(args, &options, &spec)?;
        let file = ledger.as_ref().map(generating::StoredLedger::file).transpose()?;
        let made = crate::jobs::generate::run_with(&desk.context(), &spec, &options, destination, file).await?;
        if let Some(ledger) = ledger {
            ledger.send(store.as_ref()).await?;
        }
        if args.verify {
            let count = recount(&desk.context(), store.as_ref(), pipeline.manifest()).await?;
            desk.quiet();
            return verify::tell(global, &judge(&count, &options.model));
        }
        desk.quiet();
        generating::told(global, &made)
    })
    .await
}

/// In pieces, so that memory does not grow with the object. The bytes are written as they are, as `cat` does.
async fn cat(place: &Place<'_>, text: &str) -> Result<(), Failure> {
    let (store, key) = place.find(text)?;
    let Some(info) = store.head(&key).await? else {
        return Err(Failure::failed(format!("there is no object {} in {}", printable(&key), store.bucket()))
            .hint("list what is there with: snowdeck s3 ls"));
    };
    place.quiet();
    let mut at = 0;
    while at < info.size {
        if place.cancel().is_cancelled() {
            return Err(Failure::failed("cancelled"));
        }
        let piece = store.get(&key, Some((at, PIECE.min(info.size - at)))).await?;
        if piece.is_empty() {
            return Err(Failure::failed(format!("{} became shorter while it was read", printable(&key))));
        }
        at += piece.len() as u64;
        output::bytes(&piece)?;
    }
    Ok(())
}
