//! One graph's run: which task may start when.

use super::super::catalog::{Body, Catalog, Object, Task};
use super::super::stmt::task::graph;
use super::history::{GraphRecord, State, TaskRun};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a task of the graph stands in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Its predecessors are not done.
    Waiting,
    /// It runs.
    Running,
    /// It has ended in this state.
    Ended(State),
    /// Suspended: its successors do not wait for it.
    PassedOver,
    /// A predecessor failed or was skipped.
    Blocked,
}

/// A task of the graph, as defined when the run began.
pub struct Node {
    /// The definition.
    pub object: Arc<Object>,
    /// Its predecessors' ids.
    pub before: Vec<i64>,
    /// Where it stands.
    pub stand: Stand,
    /// What it left for its successors.
    pub return_value: Option<String>,
}

impl Node {
    fn task(&self) -> Option<&Task> {
        if let Body::Task(t) = &self.object.body { Some(t) } else { None }
    }
}

/// A run of a graph.
pub struct GraphRun {
    /// How it stands, as the history has it.
    pub record: GraphRecord,
    /// All tasks by id, the finalizer apart.
    pub nodes: BTreeMap<i64, Node>,
    /// The finalizer.
    pub finalizer: Option<(i64, Node)>,
}

impl GraphRun {
    /// Starts from the definitions of now; `None` where the root is gone.
    #[must_use]
    pub fn new(record: GraphRecord, catalog: &Catalog) -> Option<Self> {
        let root = catalog.by_id(record.key.root).filter(|o| o.dropped_ms.is_none())?.clone();
        let node = |object: &Arc<Object>, before: Vec<i64>| Node {
            object: object.clone(),
            before,
            stand: Stand::Waiting,
            return_value: None,
        };
        let mut nodes = BTreeMap::new();
        for object in graph::descendants(catalog, &root) {
            let before = graph::predecessors(catalog, &object).iter().map(|p| p.id).collect();
            nodes.insert(object.id, node(&object, before));
        }
        nodes.insert(root.id, node(&root, Vec::new()));
        let finalizer = graph::finalizer(catalog, &root).map(|f| (f.id, node(&f, Vec::new())));
        Some(Self { record, nodes, finalizer })
    }

    /// Takes over what has happened before: in an earlier attempt or before a restart.
    pub fn take_over(&mut self, runs: &[TaskRun], only_successes: bool) {
        for run in runs {
            let Some(node) = self.nodes.get_mut(&run.task) else { continue };
            if run.state == State::Succeeded || (!only_successes && !run.state.is_open()) {
                node.stand = Stand::Ended(run.state);
                node.return_value.clone_from(&run.return_value);
            }
        }
        if !only_successes
            && let Some((id, node)) = &mut self.finalizer
            && let Some(run) = runs.iter().find(|r| r.task == *id && !r.state.is_open())
        {
            node.stand = Stand::Ended(run.state);
        }
    }

    /// Tasks that may start now. Suspended ones are passed over on the way.
    pub fn ready(&mut self) -> Vec<i64> {
        let root = self.record.key.root;
        let mut out = Vec::new();
        let mut moved = true;
        while moved {
            moved = false;
            let ids: Vec<i64> = self.nodes.keys().copied().collect();
            for id in ids {
                if out.contains(&id) {
                    continue;
                }
                match self.decide(id, root) {
                    Decision::Wait => {}
                    Decision::Start => out.push(id),
                    Decision::Stand(stand) => {
                        if let Some(node) = self.nodes.get_mut(&id) {
                            node.stand = stand;
                            moved = true;
                        }
                    }
                }
            }
        }
        if out.is_empty()
            && self.nodes.values().all(|n| !matches!(n.stand, Stand::Waiting | Stand::Running))
            && self.root_state() != Some(State::Skipped)
            && let Some((id, node)) = &mut self.finalizer
            && node.stand == Stand::Waiting
        {
            if node.task().is_some_and(|t| t.started) {
                out.push(*id);
            } else {
                node.stand = Stand::PassedOver;
            }
        }
        out
    }

    fn decide(&self, id: i64, root: i64) -> Decision {
        let Some(node) = self.nodes.get(&id).filter(|n| n.stand == Stand::Waiting) else { return Decision::Wait };
        if id == root {
            // EXECUTE TASK runs a suspended root too.
            return Decision::Start;
        }
        let stands: Vec<Stand> =
            node.before.iter().map(|p| self.nodes.get(p).map_or(Stand::PassedOver, |n| n.stand)).collect();
        if stands
            .iter()
            .any(|s| matches!(s, Stand::Blocked) || matches!(s, Stand::Ended(state) if *state != State::Succeeded))
        {
            return Decision::Stand(Stand::Blocked);
        }
        if stands.iter().any(|s| matches!(s, Stand::Waiting | Stand::Running)) {
            return Decision::Wait;
        }
        if node.task().is_none_or(|t| !t.started) {
            return Decision::Stand(Stand::PassedOver);
        }
        // Of several predecessors at least one must be resumed.
        if stands.len() > 1 && stands.iter().all(|s| *s == Stand::PassedOver) {
            return Decision::Stand(Stand::Blocked);
        }
        Decision::Start
    }

    /// A task by id.
    pub fn node(&mut self, id: i64) -> Option<&mut Node> {
        match &mut self.finalizer {
            Some((f, node)) if *f == id => Some(node),
            _ => self.nodes.get_mut(&id),
        }
    }

    /// How the root has ended.
    #[must_use]
    pub fn root_state(&self) -> Option<State> {
        match self.nodes.get(&self.record.key.root)?.stand {
            Stand::Ended(state) => Some(state),
            _ => None,
        }
    }

    /// The run's outcome, once nothing is left to do.
    #[must_use]
    pub fn outcome(&self) -> Option<State> {
        let all = || self.nodes.values().chain(self.finalizer.iter().map(|(_, n)| n));
        if self.root_state() == Some(State::Skipped) {
            return Some(State::Skipped);
        }
        if all().any(|n| matches!(n.stand, Stand::Waiting | Stand::Running)) {
            return None;
        }
        let any = |f: fn(State) -> bool| all().any(|n| matches!(n.stand, Stand::Ended(s) if f(s)));
        Some(if any(State::is_failure) {
            State::Failed
        } else if any(|s| s == State::Cancelled) {
            State::Cancelled
        } else {
            State::Succeeded
        })
    }

    /// Return values of a task's predecessors, by bare name; of every task for the finalizer.
    #[must_use]
    pub fn values_before(&self, id: i64) -> BTreeMap<String, Option<String>> {
        let before: Vec<i64> = match self.nodes.get(&id) {
            Some(node) => node.before.clone(),
            None => self.nodes.keys().copied().collect(),
        };
        before
            .iter()
            .filter_map(|p| self.nodes.get(p))
            .map(|n| (n.object.bare().to_owned(), n.return_value.clone()))
            .collect()
    }
}

enum Decision {
    Wait,
    Start,
    Stand(Stand),
}
