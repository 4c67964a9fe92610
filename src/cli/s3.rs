//! `snowdeck s3`, and `snowdeck generate --out s3://…`.

use super::args::{Generate, Global, S3};
use super::desk::{self, Desk};
use super::failure::Failure;
use super::generate;
use super::output::{self, Table};
use super::verify;
use crate::domain::{ObjectPage, printable};
use crate::jobs::generate::verify::judge;
use crate::jobs::generate::{Destination, There};
use crate::jobs::reconcile::recount;
use crate::jobs::run::key_layout;
use chrono::DateTime;
use serde_json::json;
use std::path::Path;

/// How many bytes `cat` fetches at a time.
const PIECE: u64 = 8 << 20;

pub async fn run(global: &Global, args: S3) -> Result<(), Failure> {
    if matches!(args, S3::Put { .. }) {
        desk::may_change(global, "store objects")?;
    }
    desk::at(global, async |desk: &Desk| match &args {
        S3::Ls { prefix, recursive } => ls(global, desk, prefix, *recursive).await,
        S3::Cat { key } => cat(desk, key).await,
        S3::Put { file, key } => put(global, desk, file, key).await,
    })
    .await
}

/// Generates straight into the profile's bucket, under the pipeline's keys.
pub async fn generate(global: &Global, args: &Generate, out: &str) -> Result<(), Failure> {
    desk::may_change(global, "store objects")?;
    let (mut spec, mut options) = (generate::spec(&args.data), generate::options(args)?);
    let pipeline = desk::pipeline(None)?;
    desk::at(global, async |desk: &Desk| {
        let prefix = key_in(desk, out)?;
        if !prefix.is_empty() {
            return Err(Failure::usage("the pipeline names the keys itself: give s3:// or s3://BUCKET"));
        }
        let store = desk.services.store.clone();
        store.ensure_bucket().await?;
        let key = key_layout(&pipeline)?;
        if args.append {
            let there = There::store(store.as_ref(), &key).await?;
            spec = generate::continued(&mut options, &there, &spec, args.days).await?;
        }
        let destination = Destination::Store { store: store.clone(), key };
        let ledger = generate::StoredLedger::new(args, &options, &spec)?;
        let file = ledger.as_ref().map(generate::StoredLedger::file).transpose()?;
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
        generate::told(global, &made)
    })
    .await
}

/// The key that a text means: a plain key, or `s3://BUCKET/KEY` with the profile's bucket.
fn key_in<'a>(desk: &Desk, text: &'a str) -> Result<&'a str, Failure> {
    let Some(rest) = text.strip_prefix("s3://") else { return Ok(text) };
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    let own = desk.services.store.bucket();
    if !bucket.is_empty() && bucket != own {
        return Err(Failure::usage(format!(
            "the profile {:?} works on the bucket {own:?}, not {bucket:?}",
            desk.services.profile
        )));
    }
    Ok(key)
}

async fn ls(global: &Global, desk: &Desk, text: &str, recursive: bool) -> Result<(), Failure> {
    let prefix = key_in(desk, text)?;
    let delimiter = (!recursive).then_some("/");
    let mut after: Option<String> = None;
    let mut all = ObjectPage::default();
    loop {
        if desk.cancel.is_cancelled() {
            return Err(Failure::failed("cancelled"));
        }
        let page = desk.services.store.list(prefix, delimiter, after.as_deref()).await?;
        all.prefixes.extend(page.prefixes);
        all.objects.extend(page.objects);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    desk.quiet();
    if global.json {
        return output::json(&json!({ "prefixes": all.prefixes, "objects": all.objects }));
    }
    let mut table = Table::new(&["SIZE>", "MODIFIED (UTC)", "KEY"]);
    for prefix in &all.prefixes {
        table.row(["-".to_owned(), String::new(), prefix.clone()]);
    }
    for object in &all.objects {
        let modified = object.modified_ms.and_then(DateTime::from_timestamp_millis);
        let modified = modified.map(|m| m.format("%Y-%m-%d %H:%M:%S").to_string());
        table.row([object.size.to_string(), modified.unwrap_or_default(), object.key.clone()]);
    }
    output::line(&table.text())
}

/// In pieces, so that memory does not grow with the object. The bytes are written as they are, as `cat` does.
async fn cat(desk: &Desk, text: &str) -> Result<(), Failure> {
    let key = key_in(desk, text)?;
    let store = desk.services.store.as_ref();
    let Some(info) = store.head(key).await? else {
        return Err(Failure::failed(format!("there is no object {} in {}", printable(key), store.bucket()))
            .hint("list what is there with: snowdeck s3 ls"));
    };
    desk.quiet();
    let mut at = 0;
    while at < info.size {
        if desk.cancel.is_cancelled() {
            return Err(Failure::failed("cancelled"));
        }
        let piece = store.get(key, Some((at, PIECE.min(info.size - at)))).await?;
        if piece.is_empty() {
            return Err(Failure::failed(format!("{} became shorter while it was read", printable(key))));
        }
        at += piece.len() as u64;
        output::bytes(&piece)?;
    }
    Ok(())
}

async fn put(global: &Global, desk: &Desk, file: &Path, text: &str) -> Result<(), Failure> {
    let key = key_in(desk, text)?;
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let key = if key.is_empty() || key.ends_with('/') { format!("{key}{name}") } else { key.to_owned() };
    let readable = std::fs::metadata(file).map_err(|e| Failure::failed(format!("{}: {e}", file.display())))?;
    if !readable.is_file() {
        return Err(Failure::usage(format!("{} is not a file", file.display())));
    }
    desk.services.store.ensure_bucket().await?;
    let stored = tokio::select! {
        biased;
        () = desk.cancel.cancelled() => return Err(Failure::failed("cancelled")),
        stored = desk.services.store.put_file(&key, file) => stored?,
    };
    desk.quiet();
    if global.json {
        return output::json(&stored);
    }
    output::line(&format!("s3://{}/{}  {} bytes", desk.services.store.bucket(), printable(&key), stored.size))
}
