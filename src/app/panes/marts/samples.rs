//! How a count went over time.

use std::collections::VecDeque;

/// How many points are kept: the widest that a sparkline is drawn.
const KEPT: usize = 48;

/// Counts at their times, the oldest first. A count that stays is one point until it has stayed long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Samples(VecDeque<(i64, i64)>);

impl Samples {
    /// Adds a count, read at `at_ms`.
    pub fn add(&mut self, at_ms: i64, rows: i64) {
        self.0.push_back((at_ms, rows));
        if self.0.len() > KEPT * 8 {
            self.thin();
        }
    }

    /// Keeps every other point, and the last: old times are told more roughly.
    fn thin(&mut self) {
        let len = self.0.len();
        let mut i = 0;
        self.0.retain(|_| {
            i += 1;
            i == len || i % 2 == 0
        });
    }

    /// `columns` counts, evenly over the time that is known, the newest last.
    #[must_use]
    pub fn over(&self, columns: usize) -> Vec<i64> {
        let (Some((first, _)), Some((last, _))) = (self.0.front(), self.0.back()) else { return Vec::new() };
        let columns = columns.min(self.0.len());
        let whole = (last - first).max(1);
        let step = i64::try_from(columns.max(2) - 1).unwrap_or(1);
        let mut out = Vec::with_capacity(columns);
        let mut at = 0;
        for i in 0..columns {
            let time = first + whole * i64::try_from(i).unwrap_or(0) / step;
            // What was counted last before that time held then.
            while at + 1 < self.0.len() && self.0[at + 1].0 <= time {
                at += 1;
            }
            out.push(self.0[at].1);
        }
        if let (Some(end), Some((_, rows))) = (out.last_mut(), self.0.back()) {
            *end = *rows;
        }
        out
    }

    /// Since when it is known, epoch milliseconds.
    #[must_use]
    pub fn since_ms(&self) -> Option<i64> {
        self.0.front().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_spread_evenly_over_time() {
        let mut s = Samples::default();
        assert!(s.over(8).is_empty());
        for (at, rows) in [(0, 0), (10, 0), (20, 0), (30, 5), (100, 9)] {
            s.add(at, rows);
        }
        assert_eq!(s.over(5), [0, 0, 5, 5, 9]);
        assert_eq!(s.over(2), [0, 9]);
        assert_eq!(s.over(1), [9]);
    }

    #[test]
    fn memory_is_bounded_and_the_ends_are_kept() {
        let mut s = Samples::default();
        for i in 0..100_000 {
            s.add(i, i);
        }
        assert!(s.0.len() <= KEPT * 8);
        assert_eq!(s.over(KEPT).last(), Some(&99_999));
    }
}
