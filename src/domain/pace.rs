//! How fast something goes, and how long it will take.

use std::collections::VecDeque;

/// How far back the rate looks, in milliseconds: long enough to be steady, short enough to notice a change.
const WINDOW_MS: i64 = 5_000;
/// A rate over less time than this is a guess.
const LEAST_MS: i64 = 300;

/// Turns counter readings into a rate.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    /// Time in milliseconds, and the counter then; the first is the oldest that the window needs.
    readings: VecDeque<(i64, u64)>,
}

impl Pace {
    /// Notes the counter at a time.
    pub fn note(&mut self, now_ms: i64, count: u64) {
        self.readings.push_back((now_ms, count));
        while self.readings.get(1).is_some_and(|(at, _)| now_ms - at >= WINDOW_MS) {
            self.readings.pop_front();
        }
    }

    /// Units a second; `None` while too little is known.
    #[must_use]
    pub fn rate(&self) -> Option<u64> {
        let ((from, first), (to, last)) = (self.readings.front()?, self.readings.back()?);
        let elapsed = u64::try_from(to - from).ok().filter(|_| to - from >= LEAST_MS)?;
        Some(last.saturating_sub(*first) * 1000 / elapsed)
    }

    /// Seconds until the counter reaches `total` at this rate, rounded up.
    #[must_use]
    pub fn seconds_left(&self, total: u64) -> Option<u64> {
        let (rate, (_, now)) = (self.rate().filter(|rate| *rate > 0)?, self.readings.back()?);
        Some(total.saturating_sub(*now).div_ceil(rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut pace = Pace::default();
        pace.note(0, 0);
        assert_eq!(pace.rate(), None);
        for second in 1..=10 {
            pace.note(second * 1000, u64::try_from(second).unwrap() * 100);
        }
        assert_eq!((pace.rate(), pace.seconds_left(2_050)), (Some(100), Some(11)));
        for second in 11..=20 {
            pace.note(second * 1000, 1000);
        }
        assert_eq!((pace.rate(), pace.seconds_left(2_000)), (Some(0), None));
    }
}
