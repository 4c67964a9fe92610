//! The pipeline as a picture.

use crate::app::picture::PARTS;
use crate::app::{Action, Cursor, Cx, Job, Tone};
use crate::domain::{Generated, RunReport};
use std::collections::{BTreeMap, VecDeque};

/// How many events are kept.
const KEPT: usize = 200;

/// Something worth a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When, epoch milliseconds.
    pub at_ms: i64,
    /// How serious.
    pub tone: Tone,
    /// What.
    pub text: String,
}

/// The pane's state.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Selected part.
    pub part: Cursor,
    /// Selected number of the part; the drawing stops at the last there is room for.
    pub item: usize,
    /// What the last generation in this session wrote.
    pub files: Option<Generated>,
    /// Events, the newest first.
    pub notes: VecDeque<Note>,
    /// Runs of the whole job in this session.
    pub runs: u64,
    /// The last whole job's report.
    pub report: Option<RunReport>,
    /// How long work of each kind took when it last ended well, milliseconds, by its title.
    pub took: BTreeMap<String, i64>,
    /// When an account's warehouse was awake for this session.
    pub meter: crate::app::Meter,
}

impl State {
    /// Adds an event.
    pub fn note(&mut self, at_ms: i64, tone: Tone, text: impl Into<String>) {
        self.notes.push_front(Note { at_ms, tone, text: text.into() });
        self.notes.truncate(KEPT);
    }

    /// What an action does here. Enter is done in `update`: it leads to the other panes.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        match action {
            Action::Left => self.part.step(-1, PARTS),
            Action::Right => self.part.step(1, PARTS),
            Action::Up => self.item = self.item.saturating_sub(1),
            Action::Down => self.item += 1,
            Action::Top => self.part.set(0, PARTS),
            Action::Bottom => self.part.set(PARTS - 1, PARTS),
            Action::Refresh if cx.need_link().is_some() => {
                cx.start(Job::Counts);
                cx.start(Job::Tasks);
            }
            _ => {}
        }
    }
}
