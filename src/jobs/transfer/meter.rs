//! Counts what a transfer has done, and tells it at a pace that a screen can follow.

use crate::domain::Pace;
use crate::jobs::{Context, Progress};
use parking_lot::Mutex;
use std::time::Instant;

/// Counters are told at most so often, in milliseconds.
const EVERY_MS: i64 = 50;

struct State {
    progress: Progress,
    pace: Pace,
    told_ms: i64,
    resumed: u64,
}

/// The progress of one transfer.
pub struct Meter {
    ctx: Context,
    began: Instant,
    state: Mutex<State>,
}

impl Meter {
    /// With the totals, where they are known.
    pub fn new(ctx: &Context, label: &str, total: Option<u64>, total_bytes: Option<u64>) -> Self {
        let progress = Progress { label: label.to_owned(), total, total_bytes, ..Progress::default() };
        let state = State { progress, pace: Pace::default(), told_ms: i64::MIN, resumed: 0 };
        let meter = Self { ctx: ctx.clone(), began: Instant::now(), state: Mutex::new(state) };
        meter.tell(true, |_| {});
        meter
    }

    /// Bytes went over the wire, or were found to have gone in an earlier run.
    pub fn bytes(&self, count: u64, resumed: bool) {
        self.tell(false, |state| {
            state.progress.bytes += count;
            if resumed {
                state.resumed += count;
            }
        });
    }

    /// One object is done; `bytes` of it were not counted yet.
    pub fn object(&self, bytes: u64) {
        self.tell(false, |state| {
            state.progress.done += 1;
            state.progress.bytes += bytes;
        });
    }

    /// More objects came to light.
    pub fn more(&self, objects: u64, bytes: u64) {
        self.tell(false, |state| {
            *state.progress.total.get_or_insert_default() += objects;
            *state.progress.total_bytes.get_or_insert_default() += bytes;
        });
    }

    /// Tells the last state; bytes that an earlier run had moved, and the milliseconds since the start.
    pub fn end(&self) -> (u64, u64) {
        self.tell(true, |_| {});
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        (self.state.lock().resumed, ms)
    }

    fn tell(&self, always: bool, change: impl FnOnce(&mut State)) {
        let now_ms = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let progress = {
            let mut state = self.state.lock();
            change(&mut state);
            if !always && now_ms.saturating_sub(state.told_ms) < EVERY_MS {
                return;
            }
            state.told_ms = now_ms;
            let wire = state.progress.bytes - state.resumed.min(state.progress.bytes);
            state.pace.note(now_ms, wire);
            state.progress.rate = state.pace.rate();
            let total = state.progress.total_bytes.map(|total| total.saturating_sub(state.resumed));
            state.progress.seconds_left = total.and_then(|total| state.pace.seconds_left(total));
            state.progress.clone()
        };
        self.ctx.sink.progress(progress);
    }
}
