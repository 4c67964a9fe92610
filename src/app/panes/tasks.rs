//! The task tree, its runs, and one run in detail.

use super::{moved, passes};
use crate::app::{Action, Cursor, Cx, Job, Slot, Tone};
use crate::domain::{TaskNode, TaskRun, TaskState};
use std::collections::BTreeMap;

/// A visible row: a task of the tree at its depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Index in [`State::nodes`].
    pub node: usize,
    /// Longest way from the root.
    pub depth: usize,
}

/// One run of the tree, summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// The run's id: epoch milliseconds of its scheduled time.
    pub id: i64,
    /// The worst of its tasks' states: failed before running before waiting before done before skipped.
    pub state: TaskState,
    /// From the first start to the last end so far, milliseconds.
    pub millis: Option<i64>,
    /// First task that failed.
    pub failed: Option<String>,
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
    /// Which panel has the keys: tree or history.
    pub panel: usize,
    /// The filter.
    pub filter: String,
}

impl State {
    /// Takes the tree and its runs as read.
    pub fn take(&mut self, nodes: Vec<TaskNode>, runs: Vec<TaskRun>) {
        self.nodes = nodes;
        self.known = true;
        self.error = None;
        self.merge(runs);
        self.rebuild();
    }

    /// Takes newer states of task runs.
    pub fn merge(&mut self, runs: Vec<TaskRun>) {
        for run in runs {
            let same = |r: &&mut TaskRun| r.run_id == run.run_id && r.name == run.name && r.attempt == run.attempt;
            match self.runs.iter_mut().find(same) {
                Some(old) => *old = run,
                None => self.runs.push(run),
            }
        }
        self.run.clamp(self.summaries().len());
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
    pub fn summaries(&self) -> Vec<RunSummary> {
        let mut runs: BTreeMap<i64, Vec<&TaskRun>> = BTreeMap::new();
        for run in &self.runs {
            // A run that is only queued for its time has not begun; the schedule shows it.
            if run.state != TaskState::Scheduled || run.started_ms.is_some() || self.begun(run.run_id) {
                runs.entry(run.run_id).or_default().push(run);
            }
        }
        runs.into_iter().rev().map(|(id, tasks)| summary(id, &tasks)).collect()
    }

    fn begun(&self, run_id: i64) -> bool {
        self.runs.iter().any(|r| r.run_id == run_id && r.state != TaskState::Scheduled)
    }

    /// The selected run's id.
    #[must_use]
    pub fn run_id(&self) -> Option<i64> {
        self.summaries().get(self.run.at()).map(|s| s.id)
    }

    /// How a task fared in the selected run: its last attempt.
    #[must_use]
    pub fn task_run(&self, name: &str) -> Option<&TaskRun> {
        let id = self.run_id()?;
        self.runs.iter().filter(|r| r.run_id == id && r.name == name).max_by_key(|r| r.attempt)
    }

    /// Sets the filter.
    pub fn set_filter(&mut self, text: String) {
        self.filter = text;
        self.rebuild();
    }

    fn rebuild(&mut self) {
        let selected = self.selected().map(|n| n.name.clone());
        let mut rows: Vec<Row> = (0..self.nodes.len()).map(|node| Row { node, depth: self.depth(node) }).collect();
        rows.sort_by_key(|r| (self.nodes[r.node].finalizes.is_some(), r.depth));
        rows.retain(|r| passes(&self.filter, &self.nodes[r.node].name));
        self.rows = rows;
        if let Some(at) = selected.and_then(|name| self.rows.iter().position(|r| self.nodes[r.node].name == name)) {
            self.cursor.set(at, self.rows.len());
        }
        self.cursor.clamp(self.rows.len());
    }

    /// The longest way from the root, stopped where a service tells of a circle.
    fn depth(&self, node: usize) -> usize {
        let mut level = vec![node];
        let mut depth = 0;
        while depth < self.nodes.len() {
            let before = |n: &usize| {
                let names = &self.nodes[*n].predecessors;
                self.nodes
                    .iter()
                    .enumerate()
                    .filter(|(_, m)| names.contains(&m.name))
                    .map(|(i, _)| i)
                    .collect::<Vec<_>>()
            };
            let mut next: Vec<usize> = level.iter().flat_map(before).collect();
            next.sort_unstable();
            next.dedup();
            if next.is_empty() {
                break;
            }
            level = next;
            depth += 1;
        }
        depth
    }

    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        let runs = self.summaries().len();
        let was_moved = if self.panel == 1 {
            moved(&mut self.run, action, runs, cx.half)
        } else {
            moved(&mut self.cursor, action, self.rows.len(), cx.half)
        };
        if was_moved {
            return;
        }
        match action {
            Action::Left => self.run.step(1, runs),
            Action::Right => self.run.step(-1, runs),
            Action::ExecuteTask => {
                if let Some(root) = self.root_to_run(cx) {
                    self.run.set(0, runs);
                    cx.start_work(Job::Execute { root });
                }
            }
            Action::ToggleTask => {
                if let Some(root) = self.need_root(cx) {
                    let resume = !self.root().is_some_and(|r| r.started);
                    if resume {
                        cx.start_work(Job::Toggle { root, resume });
                    } else {
                        let detail = "Its schedule stops until it is resumed. A run that is under way goes on.";
                        cx.ask(format!("Suspend {root}?"), detail, Job::Toggle { root, resume });
                    }
                }
            }
            Action::Refresh if cx.need_link().is_some() => {
                cx.start(Job::Tasks);
            }
            Action::EditSql => cx.open_sql = self.selected().map(|n| n.definition.clone()),
            Action::Copy => {
                let id = self.selected().and_then(|n| self.task_run(&n.name)).and_then(|r| r.query_id.clone());
                cx.copy("query id", id.unwrap_or_default());
            }
            _ => {}
        }
    }

    /// The root's name. A tree that is still being read is not waited for: the manifest names its root, and the
    /// server says if there is none.
    fn root_to_run(&self, cx: &mut Cx<'_>) -> Option<String> {
        if self.root().is_none() && self.reading(cx) {
            return cx.link.info().map(|info| info.root.clone());
        }
        self.need_root(cx)
    }

    fn need_root(&self, cx: &mut Cx<'_>) -> Option<String> {
        let root = self.root().map(|r| r.name.clone());
        if root.is_none() && self.reading(cx) {
            cx.say(Tone::Warn, "The task tree is still being read; try again in a moment");
        } else if root.is_none() {
            cx.say(Tone::Warn, "There is no task tree yet: 4 deploys it");
        }
        root
    }

    fn reading(&self, cx: &Cx<'_>) -> bool {
        cx.link.info().is_some() && (!self.known || cx.jobs.busy(&Slot::Tasks))
    }
}

fn summary(id: i64, tasks: &[&TaskRun]) -> RunSummary {
    let rank = |s: TaskState| match s {
        TaskState::Failed | TaskState::FailedAndAutoSuspended => 0,
        TaskState::Cancelled => 1,
        TaskState::Executing => 2,
        TaskState::Scheduled => 3,
        TaskState::Succeeded => 4,
        TaskState::Skipped => 5,
    };
    // A later attempt speaks for its task.
    let last = |t: &&&TaskRun| !tasks.iter().any(|o| o.name == t.name && o.attempt > t.attempt);
    let tasks: Vec<_> = tasks.iter().filter(last).collect();
    let state = tasks.iter().map(|t| t.state).min_by_key(|s| rank(*s)).unwrap_or(TaskState::Scheduled);
    let start = tasks.iter().filter_map(|t| t.started_ms).min();
    let end = tasks.iter().filter_map(|t| t.completed_ms).max();
    let failed = tasks.iter().find(|t| rank(t.state) == 0).map(|t| t.name.clone());
    RunSummary { id, state, millis: start.zip(end).map(|(s, e)| e - s), failed }
}
