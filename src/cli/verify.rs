//! `snowdeck verify`: reads a data set again.

use super::args::{CompressName, FormatName, Generate, Global, Verify};
use super::desk::{self, Desk};
use super::failure::Failure;
use super::generate::kind_of_data;
use super::output;
use crate::domain::printable;
use crate::jobs::generate::Model;
use crate::jobs::generate::recount::Recount;
use crate::jobs::generate::recount::open::content;
use crate::jobs::generate::verify::{Verified, judge};
use crate::jobs::reconcile::recount;
use std::path::Path;

pub async fn run(global: &Global, args: Verify) -> Result<(), Failure> {
    let model = kind_of_data(args.preset.as_deref(), args.recipe.as_deref())?;
    let Some(bucket) = args.place.strip_prefix("s3://") else {
        return tell(global, &folder(Path::new(&args.place), &model)?);
    };
    let pipeline = desk::pipeline(global)?;
    desk::at(global, async |desk: &Desk| {
        let own = desk.services.store.bucket();
        if !["", own].contains(&bucket.trim_end_matches('/')) {
            return Err(Failure::usage(format!("the profile works on the bucket {own:?}, not {bucket:?}")));
        }
        let count = recount(&desk.context(), desk.services.store.as_ref(), pipeline.manifest()).await?;
        desk.quiet();
        tell(global, &judge(&count, &model))
    })
    .await
}

/// Counts and judges a folder.
pub fn folder(root: &Path, model: &Model) -> Result<Verified, Failure> {
    let shown = root.display().to_string();
    if !root.is_dir() {
        return Err(Failure::usage(format!("{shown} is not a folder")));
    }
    if let Some(other) = unknown_form(root) {
        return Err(Failure::usage(format!("{other}: {FORMS}")));
    }
    let count = Recount::folder(root);
    let count = count.map_err(|e| Failure::failed(format!("{shown}: {e}")))?;
    Ok(judge(&count, model))
}

/// What is read, and what to do about what is not.
const FORMS: &str = "verify reads NDJSON and CSV in a folder, compressed or not, and plain NDJSON in a bucket; the same \
                     seed gives the same rows in every form";

/// A file of transactions in a form that is not read.
fn unknown_form(root: &Path) -> Option<String> {
    let days = std::fs::read_dir(root.join("transactions")).ok()?;
    let files = days.flatten().filter_map(|day| std::fs::read_dir(day.path()).ok()).flatten().flatten();
    let other = files.map(|f| f.path()).find(|path| content(path).is_none());
    other.map(|path| path.display().to_string())
}

/// Refuses, before anything is made, what could not be verified afterwards.
pub fn can_read(args: &Generate) -> Result<(), Failure> {
    let in_bucket = args.out.as_deref().is_some_and(|out| out.starts_with("s3://"));
    let plain = matches!((args.format, args.compress), (FormatName::Ndjson, CompressName::None));
    if args.verify && (matches!(args.format, FormatName::Parquet) || in_bucket && !plain) {
        return Err(Failure::usage(format!("these files could not be verified: {FORMS}")));
    }
    Ok(())
}

/// Tells what was found; what is not as asked is a failure.
pub fn tell(global: &Global, verified: &Verified) -> Result<(), Failure> {
    if global.json {
        output::json(verified)?;
    } else {
        let Verified { files, bytes, customers, products, transactions, lines, buyers, days, .. } = verified;
        output::line(&format!(
            "{customers} customers, {products} products, {transactions} transactions with {lines} lines by {buyers} \
             customers on {days} days: {files} files, {bytes} bytes"
        ))?;
        for check in &verified.checks {
            let mark = if check.ok { "✓" } else { "✗" };
            output::line(&format!("{mark} {}: {}", check.name, printable(&check.found)))?;
        }
    }
    if verified.ok { Ok(()) } else { Err(Failure::told()) }
}
