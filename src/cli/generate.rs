//! `snowdeck generate`: data only, into a folder, the profile's bucket, standard output or nowhere.

use super::args::{CompressName, Data, FormatName, Generate, Global, Like, SetName, ShapeName};
use super::failure::Failure;
use super::output;
use super::progress::{self, Reporter};
use super::signals;
use super::verify;
use crate::domain::{Dataset, GenerateSpec, Generated, Shape};
use crate::jobs::generate::{
    self, Compression, Destination, Format, LedgerFile, Model, Options, PRESETS, Shard, There, preset, read_model,
};
use crate::jobs::ports::ObjectStore;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

pub async fn run(global: &Global, args: Generate) -> Result<(), Failure> {
    let (mut spec, mut options) = (spec(&args.data), options(&args)?);
    verify::can_read(&args)?;
    let (destination, to_stdout) = match (args.stdout, args.out.as_deref()) {
        (Some(set), _) => (Destination::Writer { dataset: dataset(set), writer: Box::new(std::io::stdout()) }, true),
        (None, Some(out)) if out.starts_with("s3://") => return super::s3::generate(global, &args, out).await,
        (None, Some("null")) => (Destination::Null, false),
        (None, Some(out)) => (Destination::Directory(PathBuf::from(out)), false),
        (None, None) => return Err(Failure::usage("say where to: --out DIR, --out s3://BUCKET or --stdout SET")),
    };
    let root = if let Destination::Directory(root) = &destination { Some(root.clone()) } else { None };
    if args.append {
        let root = root.as_deref().ok_or_else(|| Failure::usage("--append needs a folder or s3:// to continue"))?;
        spec = continued(&mut options, &There::folder(root)?, &spec, args.days).await?;
    }
    let ledger = ledger(&args, &options, &spec, &destination)?;
    let cancel = signals::watch()?;
    let reporter = Reporter::new();
    let context = progress::context(&reporter, &cancel);
    let made = generate::run_with(&context, &spec, &options, destination, ledger).await;
    reporter.end();
    let made = made?;
    if to_stdout {
        return Ok(());
    }
    match root {
        Some(root) if args.verify => verify::tell(global, &verify::folder(&root, &options.model)?),
        None if args.verify => Err(Failure::usage("--verify needs a folder or s3:// to read")),
        _ => told(global, &made),
    }
}

/// The spec of the next days, and the options for them.
pub async fn continued(
    options: &mut Options,
    there: &There,
    spec: &GenerateSpec,
    days: u32,
) -> Result<GenerateSpec, Failure> {
    let next = there.next(spec, options, days).await?;
    (options.continues, options.daily) = (true, true);
    Ok(next)
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

/// How the data is made and written.
pub fn options(args: &Generate) -> Result<Options, Failure> {
    Ok(Options {
        format: match args.format {
            FormatName::Ndjson => Format::Ndjson,
            FormatName::Csv => Format::Csv,
            FormatName::Parquet => Format::Parquet,
        },
        compression: match args.compress {
            CompressName::None => Compression::None,
            CompressName::Gzip => Compression::Gzip,
            CompressName::Zstd => Compression::Zstd,
        },
        shard: args.shard.parse::<Shard>()?,
        model: model(&args.like)?,
        threads: args.threads,
        ..Options::default()
    })
}

/// The preset or the recipe, with the faults of the command line over its own.
pub fn model(like: &Like) -> Result<Model, Failure> {
    let mut model = kind_of_data(like.preset.as_deref(), like.recipe.as_deref())?;
    like.faults.iter().try_for_each(|text| model.faults.add(text))?;
    Ok(model)
}

/// A preset or a recipe.
pub fn kind_of_data(name: Option<&str>, recipe: Option<&Path>) -> Result<Model, Failure> {
    Ok(match (name, recipe) {
        (Some(name), _) => preset(name).ok_or_else(|| {
            let known: Vec<_> = PRESETS.iter().map(|(name, what)| format!("{name}: {what}")).collect();
            Failure::usage(format!("there is no preset {name:?}")).hint(known.join("\n    "))
        })?,
        (None, Some(path)) => {
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|e| Failure::failed(format!("{shown}: {e}")))?;
            read_model(&shown, &text)?
        }
        (None, None) => Model::default(),
    })
}

/// The ledger's name for what is made.
fn ledger_name(options: &Options, spec: &GenerateSpec) -> String {
    let from = if options.continues { format!("-from-{}", spec.from) } else { String::new() };
    format!("faults{}{from}.ndjson", options.shard.suffix())
}

/// Where there are faults, a file beside the data, or where it was asked for.
fn ledger(
    args: &Generate,
    options: &Options,
    spec: &GenerateSpec,
    out: &Destination,
) -> Result<Option<LedgerFile>, Failure> {
    if options.model.faults.is_none() {
        return Ok(None);
    }
    let path = match (&args.ledger, out) {
        (Some(path), _) => path.clone(),
        (None, Destination::Directory(root)) => {
            std::fs::create_dir_all(root).map_err(|e| Failure::failed(format!("{}: {e}", root.display())))?;
            root.join(ledger_name(options, spec))
        }
        (None, Destination::Null) => return Ok(None),
        _ => return Err(Failure::usage("faults need a place for their ledger: give --ledger FILE")),
    };
    open(&path).map(Some)
}

fn open(path: &Path) -> Result<LedgerFile, Failure> {
    let shown = path.display().to_string();
    let file = std::fs::File::create(path).map_err(|e| Failure::failed(format!("{shown}: {e}")))?;
    Ok(LedgerFile { path: shown, writer: Box::new(BufWriter::new(file)) })
}

/// A ledger that goes into the bucket, outside of what the pipeline loads.
pub struct StoredLedger {
    key: String,
    file: LedgerPlace,
}

enum LedgerPlace {
    Own(PathBuf),
    Bucket(NamedTempFile),
}

impl StoredLedger {
    /// Where there are faults.
    pub fn new(args: &Generate, options: &Options, spec: &GenerateSpec) -> Result<Option<Self>, Failure> {
        if options.model.faults.is_none() {
            return Ok(None);
        }
        let file = match &args.ledger {
            Some(path) => LedgerPlace::Own(path.clone()),
            None => LedgerPlace::Bucket(NamedTempFile::new()?),
        };
        Ok(Some(Self { key: ledger_name(options, spec), file }))
    }

    /// To write it.
    pub fn file(&self) -> Result<LedgerFile, Failure> {
        match &self.file {
            LedgerPlace::Own(path) => open(path),
            LedgerPlace::Bucket(file) => open(file.path()),
        }
    }

    /// Puts it into the bucket, unless it was to lie elsewhere.
    pub async fn send(&self, store: &dyn ObjectStore) -> Result<(), Failure> {
        if let LedgerPlace::Bucket(file) = &self.file {
            store.put_file(&self.key, file.path()).await?;
        }
        Ok(())
    }
}

const fn dataset(set: SetName) -> Dataset {
    match set {
        SetName::Customers => Dataset::Customers,
        SetName::Products => Dataset::Products,
        SetName::Transactions => Dataset::Transactions,
    }
}
