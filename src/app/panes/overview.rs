//! The pipeline as a picture.

use crate::app::{Action, Cursor, Cx, Job, PaneId, Tone};
use crate::domain::{Generated, RunReport};
use std::collections::VecDeque;

/// Parts of the picture: files, S3 and the four layers.
pub const PARTS: usize = 6;

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
    /// What the last generation in this session wrote.
    pub files: Option<Generated>,
    /// Events, the newest first.
    pub notes: VecDeque<Note>,
    /// Runs of the whole job in this session.
    pub runs: u64,
    /// The last whole job's report.
    pub report: Option<RunReport>,
}

impl State {
    /// Adds an event.
    pub fn note(&mut self, at_ms: i64, tone: Tone, text: impl Into<String>) {
        self.notes.push_front(Note { at_ms, tone, text: text.into() });
        self.notes.truncate(KEPT);
    }

    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        match action {
            Action::Left | Action::Up => self.part.step(-1, PARTS),
            Action::Right | Action::Down => self.part.step(1, PARTS),
            Action::Top => self.part.set(0, PARTS),
            Action::Bottom => self.part.set(PARTS - 1, PARTS),
            Action::Enter => {
                let pane = match self.part.at() {
                    0 => PaneId::Generate,
                    1 => PaneId::S3,
                    2 => PaneId::Deploy,
                    3 | 4 => PaneId::Tasks,
                    _ => PaneId::Marts,
                };
                cx.go = Some(pane);
            }
            Action::Refresh if cx.need_link().is_some() => {
                cx.start(Job::Counts);
                cx.start(Job::Tasks);
            }
            _ => {}
        }
    }
}
