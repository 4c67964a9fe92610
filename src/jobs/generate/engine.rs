//! Threads that make units in any order and hand them over in theirs. A thread that is ahead waits for its turn with
//! its one unit in hand, so memory is bounded by the number of threads, and a slow output slows the makers.

use super::files::Files;
use super::finish::Finish;
use super::layout::Layout;
use super::output::Output;
use super::recipe::{Recipe, Scratch};
use crate::jobs::JobError;
use parking_lot::{Condvar, Mutex};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio_util::sync::CancellationToken;

/// What is to be made.
pub struct Plan {
    /// Makes the rows.
    pub recipe: Recipe,
    /// Cuts the work.
    pub layout: Layout,
    /// Names the files.
    pub files: Files,
    /// Compresses, and keeps the ledger.
    pub finish: Finish,
}

/// What was done so far; read while the threads run.
#[derive(Debug, Default)]
pub struct Counters {
    /// Rows of `customers.csv`.
    pub customers: AtomicU64,
    /// Rows of `products.csv`.
    pub products: AtomicU64,
    /// Transactions.
    pub transactions: AtomicU64,
    /// Basket lines.
    pub lines: AtomicU64,
    /// Files ended.
    pub files: AtomicU64,
    /// Bytes handed over.
    pub bytes: AtomicU64,
}

/// Makes everything, on `threads` threads; returns when it is written, or at the first error.
///
/// # Errors
/// The output's first error, or [`JobError::Cancelled`].
pub fn produce<O: Output>(
    plan: &Plan,
    output: &O,
    threads: usize,
    counters: &Counters,
    cancel: &CancellationToken,
) -> Result<(), JobError> {
    let line = Line::default();
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                // A panic must not leave the others waiting for this thread's turn.
                let _leaves = Leaves(&line);
                if let Err(error) = work(plan, output, &next, &line, counters, cancel) {
                    line.stop(error);
                }
            });
        }
    });
    line.into_result()?;
    plan.finish.finish()?;
    output.finish()
}

fn work<O: Output>(
    plan: &Plan,
    output: &O,
    next: &AtomicU64,
    line: &Line,
    counters: &Counters,
    cancel: &CancellationToken,
) -> Result<(), JobError> {
    use crate::domain::Dataset;
    let mut scratch = Scratch::default();
    loop {
        let index = next.fetch_add(1, Relaxed);
        let Some(unit) = plan.layout.unit(index) else { return Ok(()) };
        if cancel.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let slots = plan.files.of(&unit);
        plan.recipe.fill(&unit, slots, &mut scratch);
        let groups = plan.finish.alone(&unit, &mut scratch)?;
        if !line.wait_for(index) {
            return Ok(());
        }
        plan.finish.in_turn(&unit, slots, &mut scratch.rows, groups)?;
        let ticket = output.in_turn(&unit, slots, &scratch.rows)?;
        line.pass();
        output.at_leisure(ticket, &scratch.rows)?;

        let rows: u64 = scratch.rows.iter().map(|r| r.count).sum();
        match unit.part.dataset() {
            Dataset::Customers => &counters.customers,
            Dataset::Products => &counters.products,
            Dataset::Transactions => &counters.transactions,
        }
        .fetch_add(rows, Relaxed);
        counters.lines.fetch_add(scratch.rows.iter().map(|r| r.lines).sum(), Relaxed);
        counters.bytes.fetch_add(scratch.rows.iter().map(|r| r.bytes().len() as u64).sum(), Relaxed);
        if unit.closes {
            counters.files.fetch_add(slots.len() as u64, Relaxed);
        }
    }
}

/// The queue in which the units are handed over.
#[derive(Default)]
struct Line {
    state: Mutex<Turn>,
    moved: Condvar,
}

#[derive(Default)]
struct Turn {
    now: u64,
    stopped: bool,
    error: Option<JobError>,
}

impl Line {
    /// Waits until all units before `index` were handed over; `false` when the work was stopped.
    fn wait_for(&self, index: u64) -> bool {
        let mut turn = self.state.lock();
        while turn.now != index && !turn.stopped {
            self.moved.wait(&mut turn);
        }
        !turn.stopped
    }

    fn pass(&self) {
        self.state.lock().now += 1;
        self.moved.notify_all();
    }

    fn stop(&self, error: JobError) {
        let mut turn = self.state.lock();
        turn.stopped = true;
        turn.error.get_or_insert(error);
        drop(turn);
        self.moved.notify_all();
    }

    fn into_result(self) -> Result<(), JobError> {
        self.state.into_inner().error.map_or(Ok(()), Err)
    }
}

struct Leaves<'a>(&'a Line);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop(JobError::Failed("a generator thread failed; please report it".into()));
        }
    }
}
