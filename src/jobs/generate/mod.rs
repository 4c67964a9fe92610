//! Makes the data: customers, products, and a file of transactions for each day.
//!
//! Every customer, and every customer's day, has a random stream of its own ([`draw`]), so the same spec gives the same
//! bytes whatever the number of threads. Rows stand in the order of the customers' numbers. Transactions are put
//! together from prepared pieces ([`encode`]) by threads that take turns only to settle where their bytes go
//! ([`engine`]); memory does not grow with customers or days.
//!
//! With n whole days between the first and the last day, a customer shops on ⌊n / 14⌋ to ⌊n / 3⌋ days. That is taken at
//! its word for short ranges too: below n = 14 some customers, below n = 3 all of them, buy nothing. The job says so.

mod append;
mod calendar;
mod catalogue;
mod compress;
mod customer;
mod draw;
mod encode;
mod engine;
mod extended;
mod faults;
mod files;
mod finish;
mod layout;
mod model;
mod options;
pub mod outlook;
mod output;
mod parquet;
mod recipe;
pub mod recount;
mod sale;
mod till;
pub mod verify;

pub use append::There;
pub use faults::{Kind as FaultKind, LedgerFile, Rates, names as fault_names};
pub use model::{Model, PRESETS, preset, read as read_model};
pub use options::{Compression, Format, Shard};
pub(in crate::jobs) use parquet::thrift;
pub use till::{Batch, Till};

use crate::domain::{Dataset, GenerateSpec, Generated, Pace};
use crate::jobs::ports::ObjectStore;
use crate::jobs::{Context, Event, JobError, PartCount, Progress};
use calendar::Calendar;
use engine::{Counters, Plan};
use faults::Ledger;
use files::{Files, Naming};
use finish::Finish;
use layout::{Intake, Layout, Part};
use output::Output;
use recipe::Recipe;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// Names an object: the data set, and the file's path below a folder (`transactions/d=2018-12-01/transactions.json`).
pub type KeyLayout = Box<dyn Fn(Dataset, &str) -> String + Send + Sync>;

/// How the data is made and written, beyond what it is.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The transactions' form.
    pub format: Format,
    /// The transactions' compression.
    pub compression: Compression,
    /// Which part of the whole.
    pub shard: Shard,
    /// What the data is like.
    pub model: Model,
    /// Draws customers' days one by one even in the starter's data: what continues a data set day by day.
    pub daily: bool,
    /// Only transactions: customers and products are there.
    pub continues: bool,
    /// Threads; 0 for one on each core.
    pub threads: usize,
}

/// Where the data goes.
pub enum Destination {
    /// A folder, made if it is not there: `customers.csv`, `products.csv`, `transactions/d=YYYY-MM-DD/transactions.json`.
    Directory(PathBuf),
    /// One data set, its files one after the other.
    Writer {
        /// Which.
        dataset: Dataset,
        /// Where to, usually standard output. Written to from another thread, in large pieces.
        writer: Box<dyn Write + Send>,
    },
    /// Nowhere: everything is made and forgotten.
    Null,
    /// A bucket that is there already, under keys that the caller chooses.
    Store {
        /// The bucket.
        store: Arc<dyn ObjectStore>,
        /// Its keys.
        key: KeyLayout,
    },
}

/// A file's path below the folder, `transactions/d=2018-12-01/transactions.json`, as the starter has it.
#[must_use]
pub fn local_path(dataset: Dataset, day: Option<&str>) -> String {
    match (dataset, day) {
        (Dataset::Transactions, Some(day)) => format!("transactions/d={day}/transactions.json"),
        (Dataset::Transactions, None) => "transactions/transactions.json".into(),
        (Dataset::Customers | Dataset::Products, _) => format!("{}.csv", dataset.name()),
    }
}

/// Generates the starter's form. `threads` 0 means one for each of the machine's.
///
/// # Errors
/// As [`run_with`].
pub async fn run(ctx: &Context, spec: &GenerateSpec, out: Destination, threads: usize) -> Result<Generated, JobError> {
    run_with(ctx, spec, &Options { threads, ..Options::default() }, out, None).await
}

/// Generates. Progress (transactions, bytes) comes ten times a second. Faults are noted in `ledger`.
///
/// After a cancellation or an error, files that were whole stay, files that were not are gone.
///
/// # Errors
/// [`JobError::Usage`] for a spec that makes no sense, [`JobError::File`] or [`JobError::Store`] where the destination
/// cannot be written to, [`JobError::Cancelled`].
pub async fn run_with(
    ctx: &Context,
    spec: &GenerateSpec,
    options: &Options,
    out: Destination,
    ledger: Option<LedgerFile>,
) -> Result<Generated, JobError> {
    let calendar = Calendar::new(spec)?;
    check(options)?;
    ctx.emit(Event::Phase("generate".into()));
    if options.model.visits.is_none() && !options.daily {
        note_short_range(ctx, calendar);
    }
    let job = Job { spec, calendar, options };
    match out {
        Destination::Directory(root) => {
            let plan = job.plan(Intake::SideBySide, None, ledger, Box::new(str::to_owned));
            let made = job.drive(ctx, plan, output::Directory::new(root.clone())).await?;
            if !options.continues && options.model.faults.is_none() {
                note_strangers(ctx, root, calendar).await;
            }
            Ok(made)
        }
        Destination::Writer { dataset, writer } => {
            if options.format == Format::Parquet && dataset == Dataset::Transactions && calendar.days > 1 {
                return Err(JobError::Usage(
                    "Parquet files cannot follow each other on standard output: ask for one day, or for --out".into(),
                ));
            }
            let plan = job.plan(Intake::InOrder, Some(dataset), ledger, Box::new(str::to_owned));
            job.drive(ctx, plan, output::Single::new(writer)).await
        }
        Destination::Null => {
            let plan = job.plan(Intake::SideBySide, None, ledger, Box::new(str::to_owned));
            job.drive(ctx, plan, output::Null).await
        }
        Destination::Store { store, key } => {
            let key = Arc::new(key);
            let (output, objects) = output::Store::new(key.clone());
            let name = Box::new(move |path: &str| key(Dataset::Transactions, path));
            let making = job.drive(ctx, job.plan(Intake::Few, None, ledger, name), output);
            let sending = async {
                tokio::select! {
                    () = ctx.cancel.cancelled() => Err(JobError::Cancelled),
                    sent = output::upload(store, objects) => sent,
                }
            };
            let (made, sent) = tokio::join!(making, sending);
            sent?;
            made
        }
    }
}

/// Refuses what cannot be had together.
fn check(options: &Options) -> Result<(), JobError> {
    if !options.model.faults.is_none() && options.format != Format::Ndjson {
        return Err(JobError::Usage("faults are put into NDJSON only: leave --format or --faults out".into()));
    }
    Ok(())
}

/// How many days' files, and customers, are compressed at a time.
const TEXT_PIECES: Intake = Intake::Fixed { days: 8, customers: 16 << 10 };
/// The same for Parquet: about 24 000 rows in a row group.
const ROW_GROUPS: Intake = Intake::Fixed { days: 2, customers: 128 << 10 };

struct Job<'a> {
    spec: &'a GenerateSpec,
    calendar: Calendar,
    options: &'a Options,
}

impl Job<'_> {
    /// What is to be made, for an output of this kind; `name` says what the ledger calls a file.
    fn plan(
        &self,
        intake: Intake,
        wanted: Option<Dataset>,
        ledger: Option<LedgerFile>,
        name: Box<dyn Fn(&str) -> String + Send + Sync>,
    ) -> Plan {
        let options = self.options;
        let recipe = Recipe::new(self.spec, self.calendar, options);
        let customers = options.shard.customers(self.spec.customers);
        let naming = Naming { shard: options.shard, format: options.format, compression: options.compression };
        let intake = match (options.format, options.compression) {
            (Format::Parquet, _) => ROW_GROUPS,
            (_, Compression::None) => intake,
            // Standard output takes one file after the other.
            _ if intake == Intake::InOrder => Intake::Fixed { days: 1, customers: 16 << 10 },
            _ => TEXT_PIECES,
        };
        let files = Files::new(naming, &self.calendar, |day| recipe.fate(day, &customers));
        let layout = Layout::new(customers, &self.calendar, intake, self.parts(wanted, recipe.has_corrections()));
        let ledger = ledger.map(|file| Ledger::new(file, name));
        Plan { recipe, layout, files, finish: Finish::new(options.format, options.compression, ledger) }
    }

    /// In the order in which they are made. Products are the first shard's.
    fn parts(&self, wanted: Option<Dataset>, corrections: bool) -> Vec<Part> {
        let options = self.options;
        [Part::Customers, Part::Products, Part::Corrections, Part::Transactions]
            .into_iter()
            .filter(|part| match part {
                Part::Customers => !options.continues,
                Part::Products => !options.continues && options.shard.index == 1,
                Part::Corrections => corrections && wanted.is_none(),
                Part::Transactions => true,
            })
            .filter(|part| wanted.is_none_or(|w| w == part.dataset()))
            .collect()
    }

    async fn drive<O: Output + 'static>(&self, ctx: &Context, plan: Plan, output: O) -> Result<Generated, JobError> {
        let threads = match self.options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let customers = self.options.shard.customers(self.spec.customers);
        let total = if plan.layout.makes(Part::Transactions) { plan.recipe.transactions_of(&customers) } else { None };
        let counters = Arc::new(Counters::default());
        let cancel = ctx.cancel.child_token();
        // When this future is dropped, the threads must not go on for nobody.
        let _stops = cancel.clone().drop_guard();
        let mut work = {
            let counters = counters.clone();
            tokio::task::spawn_blocking(move || engine::produce(&plan, &output, threads, &counters, &cancel))
        };
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        let mut pace = Telling::new(total, customers.end - customers.start, self.options.continues);
        let ended = loop {
            tokio::select! {
                ended = &mut work => break ended,
                _ = tick.tick() => ctx.sink.progress(pace.of(&counters)),
            }
        };
        ended.map_err(|e| JobError::Failed(format!("the generator failed: {e}")))??;
        let made = result(&counters);
        pace.total = total.map(|_| made.transactions);
        ctx.sink.progress(pace.of(&counters));
        Ok(made)
    }
}

/// Tells how far it is, and how fast.
struct Telling {
    began: Instant,
    bytes: Pace,
    rows: Pace,
    total: Option<u64>,
    customers: u64,
    continues: bool,
}

impl Telling {
    fn new(total: Option<u64>, customers: u64, continues: bool) -> Self {
        Self { began: Instant::now(), bytes: Pace::default(), rows: Pace::default(), total, customers, continues }
    }

    fn of(&mut self, counters: &Counters) -> Progress {
        let now_ms = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let (done, bytes) = (counters.transactions.load(Relaxed), counters.bytes.load(Relaxed));
        self.bytes.note(now_ms, bytes);
        self.rows.note(now_ms, done);
        let part = |name: &str, done, total| PartCount { name: name.into(), done, total };
        let mut parts = vec![part("transactions", done, self.total)];
        if !self.continues {
            parts.insert(0, part("customers", counters.customers.load(Relaxed), Some(self.customers)));
            parts.insert(1, part("products", counters.products.load(Relaxed), Some(catalogue::PRODUCTS as u64)));
        }
        Progress {
            label: "transactions".into(),
            done,
            total: self.total,
            bytes,
            rate: self.bytes.rate(),
            seconds_left: self.total.and_then(|total| self.rows.seconds_left(total)),
            parts,
            ..Progress::default()
        }
    }
}

fn result(counters: &Counters) -> Generated {
    Generated {
        customers: counters.customers.load(Relaxed),
        products: counters.products.load(Relaxed),
        transactions: counters.transactions.load(Relaxed),
        lines: counters.lines.load(Relaxed),
        files: counters.files.load(Relaxed),
        bytes: counters.bytes.load(Relaxed),
    }
}

fn note_short_range(ctx: &Context, calendar: Calendar) {
    let days = calendar.days;
    match calendar.between() {
        0..3 => ctx.emit(Event::Note(format!(
            "a range of {days} day(s) has no purchases: customers shop on a third to a fourteenth of the days, rounded down"
        ))),
        3..14 => ctx.emit(Event::Note(format!(
            "in a range of {days} days some customers buy nothing: a fourteenth to a third of the days, rounded down, can be 0"
        ))),
        _ => {}
    }
}

async fn note_strangers(ctx: &Context, root: PathBuf, calendar: Calendar) {
    let shown = root.display().to_string();
    let found = tokio::task::spawn_blocking(move || output::strangers(&root, &calendar)).await.unwrap_or_default();
    if let (Some(first), Some(last)) = (found.first(), found.last()) {
        ctx.emit(Event::Note(format!(
            "{shown} also holds {} day folder(s) that this run did not write, {first} to {last}: \
             left by an earlier run, and they would be uploaded too",
            found.len()
        )));
    }
}
