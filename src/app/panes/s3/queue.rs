//! Uploads and downloads: a queue, some of it under way.

use crate::app::{Bucket, Cx, Failure, Job};
use crate::domain::Moved;

/// How many are under way at once.
const AT_ONCE: usize = 3;
/// How many that have ended are kept to be seen.
const KEPT: usize = 200;

/// One file or folder to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its number.
    pub id: u64,
    /// To S3, rather than from it.
    pub up: bool,
    /// File or folder, or key or prefix.
    pub from: String,
    /// Key or prefix, or file or folder.
    pub to: String,
}

impl Transfer {
    /// What is going on.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", if self.up { "upload" } else { "download" }, self.from)
    }
}

/// How far one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Waits for its turn.
    Waiting,
    /// Under way.
    Running,
    /// Has ended well.
    Done(Moved),
    /// Has not.
    Failed(String),
    /// The operator ended it.
    Cancelled,
}

/// The queue, the newest last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queue {
    /// All.
    pub entries: Vec<(Transfer, State)>,
    last: u64,
}

impl Queue {
    /// Adds one.
    pub fn add(&mut self, up: bool, from: String, to: String) {
        self.last += 1;
        self.entries.push((Transfer { id: self.last, up, from, to }, State::Waiting));
        let ended = |s: &State| !matches!(s, State::Waiting | State::Running);
        let mut over = self.entries.iter().filter(|(_, s)| ended(s)).count().saturating_sub(KEPT);
        self.entries.retain(|(_, s)| {
            let goes = over > 0 && ended(s);
            over -= usize::from(goes);
            !goes
        });
    }

    /// Starts what may be under way and is not.
    pub fn go_on(&mut self, cx: &mut Cx<'_>) {
        let mut free = AT_ONCE.saturating_sub(self.count(&State::Running));
        for (transfer, state) in &mut self.entries {
            if free == 0 {
                return;
            }
            if *state == State::Waiting {
                *state = State::Running;
                free -= 1;
                cx.start(Job::Bucket(Bucket::Move(transfer.clone())));
            }
        }
    }

    /// One has ended.
    pub fn ended(&mut self, id: u64, result: Result<Moved, &Failure>) {
        let Some((_, state)) = self.entries.iter_mut().find(|(t, _)| t.id == id) else { return };
        *state = match result {
            Ok(moved) if moved.ok => State::Done(moved),
            Ok(moved) => {
                let first = moved.failed.first().map(|f| format!("{}: {}", f.key, f.error)).unwrap_or_default();
                State::Failed(format!("{} failed; {first}", moved.failed.len()))
            }
            Err(failure) if failure.cancelled => State::Cancelled,
            Err(failure) => State::Failed(failure.text.clone()),
        };
    }

    /// What has not begun never will.
    pub fn give_up(&mut self) {
        for (_, state) in &mut self.entries {
            if *state == State::Waiting {
                *state = State::Cancelled;
            }
        }
    }

    /// Forgets what has ended.
    pub fn tidy(&mut self) {
        self.entries.retain(|(_, s)| matches!(s, State::Waiting | State::Running));
    }

    /// How many are in a state.
    #[must_use]
    pub fn count(&self, of: &State) -> usize {
        self.entries.iter().filter(|(_, s)| s == of).count()
    }

    /// Whether something is to be done.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.entries.iter().any(|(_, s)| matches!(s, State::Waiting | State::Running))
    }
}
