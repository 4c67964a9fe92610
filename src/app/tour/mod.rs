//! The guided tour: a script played on the console itself. Its steps press the console's own keys and wait for what the
//! screen or the warehouse says, so the same scripts make the presentation, the end-to-end tests and the recordings.

mod numbers;
mod play;
mod script;

pub use numbers::number;
pub use play::{answered, back, begin, choose, jump, leave, next, not_reset, reset, restart, tick, toggle_auto};
pub use script::{Chapter, Needs, Script, ScriptError, Step, Wait};

use super::Key;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// The tour that ships.
const SHIPPED: &str = include_str!("../../../assets/tour.toml");

/// How a tour is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Goes on by itself.
    pub auto: bool,
    /// How long a step is shown then, in hundredths of what its script says.
    pub hold: i64,
    /// Between two keys, milliseconds.
    pub key_ms: i64,
    /// The console is left at the end.
    pub leave: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self { auto: false, hold: 100, key_ms: 120, leave: false }
    }
}

/// What the tour is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// What the chapter needs is being made.
    Preparing {
        /// It has been asked for.
        asked: bool,
    },
    /// The step's keys are being pressed.
    Playing,
    /// The step has been done, what it waits for has not come.
    Waiting {
        /// Since when, epoch milliseconds.
        since_ms: i64,
    },
    /// The step stands.
    Shown {
        /// Since when, epoch milliseconds.
        since_ms: i64,
    },
    /// What it waits for does not come; why.
    Stuck(String),
    /// Everything is being taken back.
    Resetting,
    /// All has been shown.
    Over,
}

/// A tour that is being given.
#[derive(Debug, Clone, PartialEq)]
pub struct Tour {
    /// What is played.
    pub script: Arc<Script>,
    /// Index of the chapter.
    pub chapter: usize,
    /// Index of the step in the chapter.
    pub step: usize,
    /// What goes on.
    pub phase: Phase,
    /// How it is played.
    pub pace: Pace,
    /// The cloud is the tour's own: taking everything back asks nobody.
    pub own: bool,
    /// The screen showed what the step waits for.
    pub seen: bool,
    /// The warehouse said what the step waits for.
    pub told: bool,
    asked_ms: i64,
    key_at_ms: i64,
    queue: VecDeque<Key>,
    done: BTreeSet<(usize, usize)>,
}

/// Rows that the caption takes on a screen of so many rows.
#[must_use]
pub const fn caption_rows(rows: u16) -> u16 {
    if rows < 33 { 6 } else { 8 }
}

impl Tour {
    /// A tour that begins.
    #[must_use]
    pub fn new(script: Arc<Script>, pace: Pace, own: bool) -> Self {
        Self {
            script,
            chapter: 0,
            step: 0,
            phase: Phase::Preparing { asked: false },
            pace,
            own,
            seen: false,
            told: false,
            asked_ms: 0,
            key_at_ms: 0,
            queue: VecDeque::new(),
            done: BTreeSet::new(),
        }
    }

    /// The tour that ships.
    ///
    /// # Errors
    /// What is wrong with it; a test sees to it that nothing is.
    pub fn shipped(pace: Pace, own: bool) -> Result<Self, ScriptError> {
        Ok(Self::new(Arc::new(Script::parse(SHIPPED)?), pace, own))
    }

    /// The step that is played.
    #[must_use]
    pub fn now(&self) -> Option<&Step> {
        self.script.chapters.get(self.chapter)?.steps.get(self.step)
    }

    /// The text that the screen should show before the step stands.
    #[must_use]
    pub fn looks_for(&self) -> Option<&str> {
        if self.seen || !matches!(self.phase, Phase::Waiting { .. }) {
            return None;
        }
        self.now()?.wait.screen.as_deref()
    }

    /// When it wants to be woken, epoch milliseconds.
    #[must_use]
    pub fn wake_ms(&self, now_ms: i64) -> Option<i64> {
        match self.phase {
            Phase::Playing => Some(self.key_at_ms),
            Phase::Waiting { .. } | Phase::Preparing { .. } | Phase::Resetting => Some(now_ms + 100),
            Phase::Shown { since_ms } if self.pace.auto => Some(since_ms + self.hold_ms()),
            _ => None,
        }
    }

    /// How long the step is shown when it goes on by itself, milliseconds.
    #[must_use]
    pub fn hold_ms(&self) -> i64 {
        self.now().map_or(0, |s| i64::from(s.hold) * 1_000) * self.pace.hold / 100
    }

    /// The step's place among all, from 1, and how many there are.
    #[must_use]
    pub fn place(&self) -> (usize, usize) {
        let before: usize = self.script.chapters.iter().take(self.chapter).map(|c| c.steps.len()).sum();
        (before + self.step + 1, self.script.chapters.iter().map(|c| c.steps.len()).sum())
    }
}

#[cfg(test)]
mod tests;
