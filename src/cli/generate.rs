//! `snowdeck generate`: data only, into a folder, the profile's bucket or standard output.

use super::args::{Data, Generate, Global, SetName, ShapeName};
use super::failure::Failure;
use super::output;
use super::progress::{self, Reporter};
use super::signals;
use crate::domain::{Dataset, GenerateSpec, Generated, Shape};
use crate::jobs::generate::{self, Destination};
use std::path::PathBuf;

pub async fn run(global: &Global, args: Generate) -> Result<(), Failure> {
    let spec = spec(&args.data);
    let (destination, to_stdout) = match (args.stdout, args.out.as_deref()) {
        (Some(set), _) => (Destination::Writer { dataset: dataset(set), writer: Box::new(std::io::stdout()) }, true),
        (None, Some(out)) if out.starts_with("s3://") => {
            return super::s3::generate(global, &args.data, out, args.threads).await;
        }
        (None, Some(out)) => (Destination::Directory(PathBuf::from(out)), false),
        (None, None) => return Err(Failure::usage("say where to: --out DIR, --out s3://BUCKET or --stdout SET")),
    };
    let cancel = signals::watch()?;
    let reporter = Reporter::new();
    let made = generate::run(&progress::context(&reporter, &cancel), &spec, destination, args.threads).await;
    reporter.end();
    let made = made?;
    if to_stdout {
        return Ok(());
    }
    told(global, &made)
}

/// Says what was made.
pub fn told(global: &Global, made: &Generated) -> Result<(), Failure> {
    if global.json {
        return output::json(made);
    }
    output::line(&format!(
        "{} customers, {} products, {} transactions with {} lines: {} files, {} bytes",
        made.customers, made.products, made.transactions, made.lines, made.files, made.bytes
    ))
}

/// The spec that the options come to.
pub fn spec(data: &Data) -> GenerateSpec {
    GenerateSpec {
        customers: data.customers,
        from: data.from.clone(),
        to: data.to.clone(),
        seed: data.seed,
        shape: match data.shape {
            ShapeName::Starter => Shape::Starter,
            ShapeName::Extended => Shape::Extended,
        },
    }
}

const fn dataset(set: SetName) -> Dataset {
    match set {
        SetName::Customers => Dataset::Customers,
        SetName::Products => Dataset::Products,
        SetName::Transactions => Dataset::Transactions,
    }
}
