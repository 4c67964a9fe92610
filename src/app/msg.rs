//! What can happen to the console, and what it can want of the world.

use super::{Action, Failure, Job, Key, PaneId, Reply, Tone};
use crate::domain::{CallRecord, JobId};
use crate::jobs::{Event, Progress};

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// Something that was drawn was clicked.
    Click(Target),
    /// The wheel turned, rows downwards.
    Scroll(isize),
    /// The terminal has a new size: columns, rows.
    Resize(u16, u16),
    /// The terminal came to the front or left it.
    Focus(bool),
    /// The time, epoch milliseconds.
    Clock(i64),
    /// A job reported a transition.
    Event(JobId, Event),
    /// A job's counters.
    Progress(JobId, Progress),
    /// A job ended.
    Ended(JobId, Result<Reply, Failure>),
    /// A service was called on behalf of no job in particular.
    Call(CallRecord),
    /// The operator's own editor was left with this text, or why it could not be used.
    Edited(Result<String, String>),
    /// Something to say in passing.
    Say(Tone, String),
    /// The screen shows what the tour looks for.
    Seen,
}

/// What a click can hit. The drawing says where each is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A pane's name in the header.
    Pane(PaneId),
    /// A row of a panel, counted from the first of the list.
    Row {
        /// Index of the panel in the pane.
        panel: usize,
        /// Index of the row.
        row: usize,
    },
    /// A key hint.
    Do(Action),
}

/// Something that the runtime should do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Give the terminal back to the shell until resumed.
    Suspend,
    /// Put text on the clipboard.
    Copy(String),
    /// Start a job under this id.
    Start(JobId, Job),
    /// End a job.
    Cancel(JobId),
    /// Let the operator's own editor have the terminal with this text; [`Msg::Edited`] tells what came of it.
    Editor(String),
    /// Switch mouse reporting.
    Mouse(bool),
    /// Save a picture of the screen.
    Picture,
    /// Ring, and tell the desktop: the console may be out of sight.
    Notify(String),
}
