//! The task tree, its runs, and one run in detail.

mod keys;
mod read;
mod runs;

pub use read::{pretty, words};
pub use runs::RunSummary;

use super::passes;
use crate::app::Cursor;
use crate::domain::{TaskNode, TaskRun, TaskState, TreeTiming};
use std::collections::{BTreeMap, BTreeSet};

/// For how long after the last change a tree is still watched closely, milliseconds.
const FRESH_MS: i64 = 3_000;

/// From this age on it is said how old the tree's history is, milliseconds.
const STALE_MS: i64 = 90_000;

/// A visible row: a task of the tree at its depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Index in [`State::nodes`].
    pub node: usize,
    /// Longest way from the root.
    pub depth: usize,
}

/// The pane's state.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The tree.
    pub nodes: Vec<TaskNode>,
    /// A tree has been read, be it empty.
    pub known: bool,
    /// Why it could not be read.
    pub error: Option<String>,
    /// All known task runs.
    pub runs: Vec<TaskRun>,
    /// Visible rows.
    pub rows: Vec<Row>,
    /// Selected task.
    pub cursor: Cursor,
    /// Selected run, counted from the newest.
    pub run: Cursor,
    /// The selection goes with what runs.
    pub follow: bool,
    /// Which panel has the keys: tree, task or history.
    pub panel: usize,
    /// Lines scrolled in the task's panel.
    pub scroll: usize,
    /// The filter.
    pub filter: String,
    /// When the root is due next, epoch milliseconds of the server's time.
    pub next_ms: Option<i64>,
    /// How far the server's time is ahead of this machine's, milliseconds.
    pub lead_ms: i64,
    /// Rows that statements produced, by query id.
    pub touched: BTreeMap<String, i64>,
    /// When reading the tree was last asked for, epoch milliseconds.
    pub polled_ms: i64,
    /// When it was last read, epoch milliseconds.
    pub read_ms: i64,
    /// When the runs last changed, epoch milliseconds.
    pub changed_ms: i64,
    /// Runs whose rows have been asked for, with the executions that they had then.
    asked: BTreeSet<(i64, usize)>,
    summaries: Vec<RunSummary>,
}

impl State {
    /// Takes the tree and its runs as read. Whether the runs told anything new.
    pub fn take(&mut self, nodes: Vec<TaskNode>, runs: Vec<TaskRun>) -> bool {
        self.nodes = nodes;
        self.known = true;
        self.error = None;
        self.rebuild();
        self.merge(runs)
    }

    /// Selects what was clicked: a task, or in the history's panel a run.
    pub fn select(&mut self, panel: usize, row: usize) {
        self.follow = false;
        match panel {
            0 => self.cursor.set(row, self.rows.len()),
            2 => self.run.set(row, self.summaries.len()),
            _ => {}
        }
    }

    /// Takes the server's time, as told at `now_ms`.
    pub fn tell_time(&mut self, timing: TreeTiming, now_ms: i64) {
        self.next_ms = timing.next_ms;
        self.lead_ms = timing.server_ms.map_or(self.lead_ms, |server| server - now_ms);
    }

    /// Takes newer states of task runs. Whether they told anything new.
    pub fn merge(&mut self, runs: Vec<TaskRun>) -> bool {
        let chosen = self.run_id().filter(|_| self.run.at() > 0);
        let mut changed = false;
        for run in runs {
            let same = |r: &&mut TaskRun| r.run_id == run.run_id && r.name == run.name && r.attempt == run.attempt;
            match self.runs.iter_mut().rev().find(same) {
                Some(old) if *old == run => {}
                Some(old) => {
                    *old = run;
                    changed = true;
                }
                None => {
                    self.runs.push(run);
                    changed = true;
                }
            }
        }
        if changed {
            self.summaries = runs::summaries(&self.runs);
        }
        // An older run that was chosen stays so when a new one comes.
        let at = chosen.and_then(|id| self.summaries.iter().position(|s| s.id == id));
        self.run.set(at.unwrap_or(0), self.summaries.len());
        if self.follow {
            self.go_with_run();
        }
        changed
    }

    /// Selects what runs in the newest run, or what failed, or what ended last.
    fn go_with_run(&mut self) {
        self.run.set(0, self.summaries.len());
        let Some(id) = self.run_id() else { return };
        let rank = |r: &TaskRun| match r.state {
            TaskState::Executing => 2,
            TaskState::Failed | TaskState::FailedAndAutoSuspended | TaskState::Cancelled => 1,
            _ => 0,
        };
        let key = |r: &&TaskRun| (rank(r), r.completed_ms.or(r.started_ms).unwrap_or(0));
        let Some(name) = self.runs_of(id).max_by_key(key).map(|r| r.name.clone()) else { return };
        if let Some(at) = self.rows.iter().position(|r| self.nodes[r.node].name == name) {
            self.cursor.set(at, self.rows.len());
        }
    }

    /// The selected task.
    #[must_use]
    pub fn selected(&self) -> Option<&TaskNode> {
        self.nodes.get(self.rows.get(self.cursor.at())?.node)
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Option<&TaskNode> {
        self.nodes.iter().find(|n| n.predecessors.is_empty() && n.finalizes.is_none())
    }

    /// Runs of the tree, the newest first.
    #[must_use]
    pub fn summaries(&self) -> &[RunSummary] {
        &self.summaries
    }

    /// Whether the newest run is still under way.
    #[must_use]
    pub fn going(&self) -> bool {
        self.summaries.first().is_some_and(|s| s.going)
    }

    /// Whether the tree moves, or has moved a moment ago: between two tasks nothing may be running.
    #[must_use]
    pub fn moves(&self, now_ms: i64) -> bool {
        self.going() || (0..FRESH_MS).contains(&(now_ms - self.changed_ms))
    }

    /// How old what is known is, milliseconds, where it is old enough to say so.
    #[must_use]
    pub fn stale_ms(&self, now_ms: i64) -> Option<i64> {
        Some(now_ms - self.read_ms).filter(|age| self.known && *age > STALE_MS)
    }

    /// The server's time, epoch milliseconds.
    #[must_use]
    pub const fn server_ms(&self, now_ms: i64) -> i64 {
        now_ms + self.lead_ms
    }

    /// Milliseconds until the root is due; `None` where it is not, or where nobody knows.
    #[must_use]
    pub fn until_next_ms(&self, now_ms: i64) -> Option<i64> {
        self.root().filter(|r| r.started)?;
        Some((self.next_ms? - self.server_ms(now_ms)).max(0))
    }

    /// The selected run's id.
    #[must_use]
    pub fn run_id(&self) -> Option<i64> {
        self.summaries.get(self.run.at()).map(|s| s.id)
    }

    /// Executions that belong to a run.
    pub fn runs_of(&self, id: i64) -> impl Iterator<Item = &TaskRun> {
        self.runs.iter().filter(move |r| r.run_id == id)
    }

    /// A task's attempts in a run, the first first.
    #[must_use]
    pub fn attempts(&self, id: i64, name: &str) -> Vec<&TaskRun> {
        let mut found: Vec<_> = self.runs_of(id).filter(|r| r.name == name).collect();
        found.sort_by_key(|r| r.attempt);
        found
    }

    /// How a task fared in the selected run: its last attempt.
    #[must_use]
    pub fn task_run(&self, name: &str) -> Option<&TaskRun> {
        let id = self.run_id()?;
        self.runs_of(id).filter(|r| r.name == name).max_by_key(|r| r.attempt)
    }

    /// When a task of the selected run was ready to start: the last end of what it runs after. Epoch milliseconds.
    #[must_use]
    pub fn ready_ms(&self, node: &TaskNode) -> Option<i64> {
        let ends = node.predecessors.iter().filter_map(|p| self.task_run(p)?.completed_ms);
        ends.max().or_else(|| self.task_run(&node.name)?.scheduled_ms)
    }

    /// Sets the filter.
    pub fn set_filter(&mut self, text: String) {
        self.filter = text;
        self.rebuild();
    }

    fn rebuild(&mut self) {
        let selected = self.selected().map(|n| n.name.clone());
        let depths = depths(&self.nodes);
        let mut rows: Vec<Row> = depths.into_iter().enumerate().map(|(node, depth)| Row { node, depth }).collect();
        rows.sort_by_key(|r| (self.nodes[r.node].finalizes.is_some(), r.depth));
        rows.retain(|r| passes(&self.filter, &self.nodes[r.node].name));
        self.rows = rows;
        if let Some(at) = selected.and_then(|name| self.rows.iter().position(|r| self.nodes[r.node].name == name)) {
            self.cursor.set(at, self.rows.len());
        }
        self.cursor.clamp(self.rows.len());
    }
}

/// Each task's longest way from the root. Stops where a service tells of a circle.
fn depths(nodes: &[TaskNode]) -> Vec<usize> {
    let place: BTreeMap<&str, usize> = nodes.iter().enumerate().map(|(i, n)| (n.name.as_str(), i)).collect();
    let mut depths = vec![0; nodes.len()];
    for _ in 0..nodes.len() {
        let mut moved = false;
        for (i, node) in nodes.iter().enumerate() {
            let before = node.predecessors.iter().filter_map(|p| place.get(p.as_str()));
            let wanted = before.map(|p| depths[*p] + 1).max().unwrap_or(0).min(nodes.len());
            moved |= wanted != depths[i];
            depths[i] = wanted;
        }
        if !moved {
            break;
        }
    }
    depths
}

/// Time left as a clock shows it: `57:12`, `1:02:03`.
#[must_use]
pub fn countdown(ms: i64) -> String {
    // The second that has begun counts whole: `0:00` is shown only when nothing is left.
    let s = ms.max(0).saturating_add(999) / 1_000;
    match s / 3_600 {
        0 => format!("{}:{:02}", s / 60, s % 60),
        h => format!("{h}:{:02}:{:02}", s / 60 % 60, s % 60),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
