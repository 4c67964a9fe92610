//! What an account's warehouse is likely to bill for this console: an estimate from the statements that it sent and the
//! tasks that it saw run. The bill itself is in the account's own views, hours later.

use super::{Context, Model, PaneId, reading};
use crate::domain::{CallRecord, Service, TaskRun, TaskState};

/// How long a warehouse stays awake behind its last statement, milliseconds: the pipeline makes its own with
/// `AUTO_SUSPEND = 60`, and a minute is the least that a start is billed.
const TAIL_MS: i64 = 60_000;

/// What a statement begins with that runs on a warehouse. SHOW, DESCRIBE, USE, GRANT and most DDL are answered without.
const WORKING: [&str; 13] = [
    "SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "CALL", "EXECUTE", "BEGIN", "DECLARE", "EXPLAIN",
    "TRUNCATE",
];

/// Credits an hour by the size of a warehouse.
const SIZES: [(&str, i64); 10] = [
    ("XSMALL", 1),
    ("SMALL", 2),
    ("MEDIUM", 4),
    ("LARGE", 8),
    ("XLARGE", 16),
    ("2XLARGE", 32),
    ("3XLARGE", 64),
    ("4XLARGE", 128),
    ("5XLARGE", 256),
    ("6XLARGE", 512),
];

/// When the warehouse was awake for this console: spans that do not touch, in order, epoch milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meter {
    awake: Vec<(i64, i64)>,
}

impl Meter {
    /// Something ran on the warehouse from `from` to `to`.
    pub fn ran(&mut self, from: i64, to: i64) {
        let (mut from, mut to) = (from, to.max(from) + TAIL_MS);
        let first = self.awake.partition_point(|span| span.1 < from);
        let last = self.awake.partition_point(|span| span.0 <= to);
        if let (Some(one), Some(other)) = (self.awake.get(first), last.checked_sub(1).and_then(|i| self.awake.get(i)))
            && first < last
        {
            (from, to) = (from.min(one.0), to.max(other.1));
        }
        self.awake.splice(first..last, [(from, to)]);
    }

    /// A call to a service was made.
    pub fn called(&mut self, call: &CallRecord) {
        if call.service == Service::Sql && works(&call.text) {
            self.ran(call.started_ms, call.started_ms + i64::try_from(call.micros / 1_000).unwrap_or(0));
        }
    }

    /// Runs of tasks as the server tells them, whose clock is `lead_ms` ahead; those before `since_ms` are not ours.
    pub fn saw(&mut self, runs: &[TaskRun], lead_ms: i64, since_ms: i64, now_ms: i64) {
        for run in runs {
            let end = match (run.completed_ms, run.state) {
                (Some(end), _) => end - lead_ms,
                (None, TaskState::Executing) => now_ms,
                _ => continue,
            };
            if let Some(start) = run.started_ms.map(|s| s - lead_ms).filter(|s| *s >= since_ms) {
                self.ran(start, end);
            }
        }
    }

    /// How long the warehouse has been awake, milliseconds; what it will be until it suspends counts.
    #[must_use]
    pub fn awake_ms(&self) -> i64 {
        self.awake.iter().map(|(from, to)| to - from).sum()
    }

    /// Thousandths of a credit on a warehouse of a size.
    #[must_use]
    pub fn thousandths(&self, size: &str) -> i64 {
        self.awake_ms() * rate(size) / 3_600
    }
}

/// Credits an hour; of a size that is not known, those of the smallest.
fn rate(size: &str) -> i64 {
    let plain = size.to_uppercase().replace(['-', '_', '\''], "");
    let plain = plain.replace("XXXLARGE", "3XLARGE").replace("XXLARGE", "2XLARGE");
    SIZES.iter().find(|(name, _)| *name == plain).map_or(1, |(_, rate)| *rate)
}

/// Whether a statement runs on a warehouse, by its first word, or as the SELECT in CREATE TABLE … AS.
fn works(sql: &str) -> bool {
    let mut words = sql.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    let first = words.next().unwrap_or_default().to_uppercase();
    let is = |w: &str, what: &str| w.eq_ignore_ascii_case(what);
    if first == "CREATE" {
        let table = words.by_ref().take(4).any(|w| is(w, "TABLE"));
        return table && words.any(|w| is(w, "SELECT"));
    }
    WORKING.contains(&first.as_str())
}

/// What the help says beside the keys: how the credits on the Overview come about.
#[must_use]
pub fn notes(model: &Model, context: Context) -> Vec<String> {
    let here = context == Context::Pane(PaneId::Overview) && !model.env.local;
    let (true, Some(info)) = (here, model.link.info()) else {
        return Vec::new();
    };
    let text = format!(
        "Credits are estimated: the time for which the warehouse was awake for the statements that this console sent and the \
         tasks that it saw run, each with the minute until it suspends, times the credits an hour of its size ({}: {}). Not in \
         it: what others run, Snowpipe, cloud services, storage. SHOW and most DDL need no warehouse; the tasks' history does.",
        info.traits.warehouse_size,
        rate(&info.traits.warehouse_size),
    );
    let columns = reading::help(reading::stage(model)).0 + reading::KEYS;
    let mut lines = vec![String::new()];
    lines.extend(reading::fold(&text, columns));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_the_least_and_what_overlaps_counts_once() {
        let mut meter = Meter::default();
        meter.ran(0, 500);
        assert_eq!(meter.awake_ms(), 60_500);
        meter.ran(30_000, 31_000);
        assert_eq!(meter.awake_ms(), 91_000, "it was still awake");
        meter.ran(500_000, 500_000);
        assert_eq!(meter.awake_ms(), 151_000, "it had to start again");
        meter.ran(200_000, 250_000);
        meter.ran(80_000, 510_000);
        assert_eq!(meter.awake, [(0, 570_000)], "all in one");
        assert_eq!(meter.thousandths("XSMALL"), 158);
        assert_eq!(meter.thousandths("x-small"), 158);
        assert_eq!(meter.thousandths("MEDIUM"), 633);
    }

    #[test]
    fn what_needs_no_warehouse_is_not_billed() {
        for sql in
            ["SHOW TABLES IN DATABASE D", "USE ROLE R", "CREATE TABLE T (SELECTED NUMBER)", "GRANT SELECT ON T TO R"]
        {
            assert!(!works(sql), "{sql}");
        }
        for sql in ["select 1", "(SELECT 1)", "COPY INTO T FROM @S", "CREATE OR REPLACE TRANSIENT TABLE T AS SELECT 1"]
        {
            assert!(works(sql), "{sql}");
        }
    }
}
