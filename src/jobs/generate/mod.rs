//! Makes the data: customers, products, and a file of transactions for each day.
//!
//! Every customer, and every customer's day, has a random stream of its own ([`draw`]), so the same spec gives the same
//! bytes whatever the number of threads. Rows stand in the order of the customers' numbers. Transactions are put
//! together from prepared pieces ([`encode`]) by threads that take turns only to settle where their bytes go
//! ([`engine`]); memory does not grow with customers or days.
//!
//! With n whole days between the first and the last day, a customer shops on ⌊n / 14⌋ to ⌊n / 3⌋ days. That is taken at
//! its word for short ranges too: below n = 14 some customers, below n = 3 all of them, buy nothing. The job says so.

mod calendar;
mod catalogue;
mod customer;
mod draw;
mod encode;
mod engine;
mod extended;
mod layout;
mod output;
mod recipe;
pub mod recount;

use crate::domain::{Dataset, GenerateSpec, Generated};
use crate::jobs::ports::ObjectStore;
use crate::jobs::{Context, Event, JobError, Progress};
use calendar::Calendar;
use engine::Counters;
use layout::{Intake, Layout};
use output::Output;
use recipe::Recipe;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// Names an object: the data set and, for transactions, the day `YYYY-MM-DD`.
pub type KeyLayout = Box<dyn Fn(Dataset, Option<&str>) -> String + Send + Sync>;

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

/// A file's path below the folder, `transactions/d=2018-12-01/transactions.json`.
#[must_use]
pub fn local_path(dataset: Dataset, day: Option<&str>) -> String {
    match (dataset, day) {
        (Dataset::Transactions, Some(day)) => format!("transactions/d={day}/transactions.json"),
        (Dataset::Transactions, None) => "transactions/transactions.json".into(),
        (Dataset::Customers | Dataset::Products, _) => format!("{}.csv", dataset.name()),
    }
}

/// Generates. `threads` 0 means one for each of the machine's. Progress (transactions, bytes) comes ten times a second.
///
/// After a cancellation or an error, files that were whole stay, files that were not are gone.
///
/// # Errors
/// [`JobError::Usage`] for a spec that makes no sense, [`JobError::File`] or [`JobError::Store`] where the destination
/// cannot be written to, [`JobError::Cancelled`].
pub async fn run(ctx: &Context, spec: &GenerateSpec, out: Destination, threads: usize) -> Result<Generated, JobError> {
    let calendar = Calendar::new(spec)?;
    ctx.emit(Event::Phase("generate".into()));
    note_short_range(ctx, calendar);
    let job = Job { spec, calendar, threads };
    match out {
        Destination::Directory(root) => {
            let made = job.drive(ctx, output::Directory::new(root.clone(), calendar), Intake::SideBySide, None).await?;
            note_strangers(ctx, root, calendar).await;
            Ok(made)
        }
        Destination::Writer { dataset, writer } => {
            job.drive(ctx, output::Single::new(writer), Intake::InOrder, Some(dataset)).await
        }
        Destination::Null => job.drive(ctx, output::Null, Intake::SideBySide, None).await,
        Destination::Store { store, key } => {
            let (output, objects) = output::Store::new(key, calendar);
            let making = job.drive(ctx, output, Intake::Few, None);
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

struct Job<'a> {
    spec: &'a GenerateSpec,
    calendar: Calendar,
    threads: usize,
}

impl Job<'_> {
    async fn drive<O: Output + 'static>(
        &self,
        ctx: &Context,
        output: O,
        intake: Intake,
        wanted: Option<Dataset>,
    ) -> Result<Generated, JobError> {
        let threads = match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let layout = Layout::new(self.spec.customers, &self.calendar, intake, wanted);
        let (recipe, customers) = (Recipe::new(self.spec, self.calendar), self.spec.customers);
        let total = wanted.is_none_or(|w| w == Dataset::Transactions).then(|| recipe.transactions_of(customers));
        let counters = Arc::new(Counters::default());
        let cancel = ctx.cancel.child_token();
        // When this future is dropped, the threads must not go on for nobody.
        let _stops = cancel.clone().drop_guard();
        let mut work = {
            let counters = counters.clone();
            tokio::task::spawn_blocking(move || engine::produce(&recipe, &layout, &output, threads, &counters, &cancel))
        };
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        let ended = loop {
            tokio::select! {
                ended = &mut work => break ended,
                _ = tick.tick() => ctx.sink.progress(progress(&counters, total)),
            }
        };
        ended.map_err(|e| JobError::Failed(format!("the generator failed: {e}")))??;
        let made = result(&counters);
        ctx.sink.progress(progress(&counters, total.map(|_| made.transactions)));
        Ok(made)
    }
}

fn progress(counters: &Counters, total: Option<u64>) -> Progress {
    Progress {
        label: "transactions".into(),
        done: counters.transactions.load(Relaxed),
        total,
        bytes: counters.bytes.load(Relaxed),
        total_bytes: None,
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
