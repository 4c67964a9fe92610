//! What uploads, downloads, copies and deletions share: their options, their progress, their result.

mod meter;
pub mod names;
pub mod tag;

pub(super) use meter::Meter;

use super::{Context, JobError};
use crate::domain::{Moved, NotMoved};
use std::path::Path;

/// Files above this size, in bytes, go in parts.
pub const PART_ABOVE: u64 = 8 << 20;
/// The smallest part but the last that S3 takes, in bytes.
pub const PART_LEAST: u64 = 5 << 20;
/// S3's limit of parts.
const PART_COUNT: u64 = 10_000;
/// How many requests with content are under way at once, unless asked otherwise.
pub const PARALLEL: usize = 16;
/// How many failures are listed by name.
const FAILURES_LISTED: usize = 100;

/// The size of the parts of a file of `size` bytes, at least `wanted`: more where S3's limit of parts needs it. Fixed by
/// the two alone, so that the entity tag of a file can be told before it is sent.
#[must_use]
pub fn part_size(size: u64, wanted: u64) -> u64 {
    wanted.max(size.div_ceil(PART_COUNT).next_multiple_of(1 << 20))
}

/// How to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many requests with content are under way at once; at least 1.
    pub parallel: usize,
    /// Files above this size go in parts of this size, in bytes.
    pub part_size: u64,
    /// Moves what is there already, too.
    pub force: bool,
    /// Only tells what would be moved.
    pub dry_run: bool,
    /// The job ends after so many objects failed; 1 ends it at the first.
    pub failures: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { parallel: PARALLEL, part_size: PART_ABOVE, force: false, dry_run: false, failures: 1 }
    }
}

/// What came of one object.
pub(super) enum Outcome {
    /// It was moved: its bytes.
    Moved(u64),
    /// It was there already: its bytes.
    Unchanged(u64),
}

/// Adds up what came of many objects.
pub(super) struct Ledger {
    result: Moved,
    allowed: usize,
    failures: usize,
}

impl Ledger {
    pub fn new(options: &Options) -> Self {
        let result = Moved { dry_run: options.dry_run, ..Moved::default() };
        Self { result, allowed: options.failures.max(1), failures: 0 }
    }

    /// Notes one outcome. `Err` where the job must end: it was cancelled, or too much failed.
    pub fn note(&mut self, key: &str, outcome: Result<Outcome, JobError>) -> Result<(), JobError> {
        match outcome {
            Ok(Outcome::Moved(bytes)) => self.result.moved.add(bytes),
            Ok(Outcome::Unchanged(bytes)) => self.result.unchanged.add(bytes),
            Err(JobError::Cancelled) => return Err(JobError::Cancelled),
            Err(e) => {
                self.failures += 1;
                if self.failures >= self.allowed || concerns_all(&e) {
                    return Err(e);
                }
                if self.result.failed.len() < FAILURES_LISTED {
                    self.result.failed.push(NotMoved { key: key.to_owned(), error: e.to_string() });
                }
            }
        }
        Ok(())
    }

    /// The result.
    pub fn end(self, meter: &Meter) -> Moved {
        let (resumed_bytes, ms) = meter.end();
        Moved { ok: self.failures == 0, resumed_bytes, ms, ..self.result }
    }
}

/// A failure that every other object would meet too.
fn concerns_all(error: &JobError) -> bool {
    const CODES: [&str; 8] = [
        "NoSuchBucket",
        "AccessDenied",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "ExpiredToken",
        "InvalidToken",
        "PermanentRedirect",
        "RequestTimeTooSkewed",
    ];
    match error {
        JobError::Store(e) => CODES.contains(&e.code.as_str()),
        JobError::File { source, .. } => source.kind() == std::io::ErrorKind::StorageFull,
        _ => false,
    }
}

pub(super) fn unreadable(path: &Path, source: std::io::Error) -> JobError {
    JobError::File { path: path.display().to_string(), source }
}

/// Work that ends at once when it is cancelled.
pub(super) async fn unless_cancelled<T>(ctx: &Context, work: impl Future<Output = T>) -> Result<T, JobError> {
    tokio::select! {
        biased;
        () = ctx.cancel.cancelled() => Err(JobError::Cancelled),
        done = work => Ok(done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_within_the_limit() {
        for size in [PART_ABOVE + 1, 80_000 << 20, 100_000 << 20, 5 << 40] {
            assert!(size.div_ceil(part_size(size, PART_ABOVE)) <= PART_COUNT, "{size}");
        }
        assert_eq!(part_size(PART_ABOVE + 1, PART_ABOVE), PART_ABOVE);
        assert_eq!(part_size(1, 64 << 20), 64 << 20);
    }

    #[test]
    fn failures_are_listed_until_there_are_too_many() {
        let failed = || Err(JobError::Failed("no".into()));
        let mut ledger = Ledger::new(&Options { failures: 3, ..Options::default() });
        ledger.note("a", failed()).unwrap();
        ledger.note("b", Ok(Outcome::Moved(5))).unwrap();
        ledger.note("c", failed()).unwrap();
        assert!(ledger.note("d", failed()).is_err());
        assert_eq!((ledger.result.moved.bytes, ledger.result.failed.len()), (5, 2));
        let mut ledger = Ledger::new(&Options { failures: usize::MAX, ..Options::default() });
        assert!(matches!(ledger.note("a", Err(JobError::Cancelled)), Err(JobError::Cancelled)));
    }
}
