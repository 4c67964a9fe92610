//! The tree as SHOW TASKS tells it.

use crate::domain::{QueryOutcome, SqlError, TaskNode, TaskRun, TaskState};
use crate::jobs::deploy::Manifest;
use crate::jobs::ports::Warehouse;
use std::collections::BTreeSet;
use tokio_util::sync::CancellationToken;

/// The pipeline's tasks, each after its predecessors.
///
/// # Errors
/// The server's refusal.
pub async fn list(
    session: &dyn Warehouse,
    manifest: &Manifest,
    cancel: &CancellationToken,
) -> Result<Vec<TaskNode>, SqlError> {
    let sql = format!("SHOW TASKS IN SCHEMA {}", manifest.qualified(&manifest.tasks.schema));
    let answer = session.query(&sql, None, cancel).await?;
    Ok(in_order((0..answer.rows.len()).map(|row| node(&answer, row)).collect()))
}

fn node(answer: &QueryOutcome, row: usize) -> TaskNode {
    let cell = |name: &str| answer.cell(row, name).unwrap_or_default().to_owned();
    let optional = |name: &str| Some(cell(name)).filter(|text| !text.is_empty() && text != "null");
    let relations: serde_json::Value = serde_json::from_str(&cell("task_relations")).unwrap_or_default();
    TaskNode {
        name: cell("name"),
        predecessors: bare_names(&cell("predecessors")),
        schedule: optional("schedule"),
        condition: optional("condition"),
        started: cell("state").eq_ignore_ascii_case("started"),
        finalizes: relations.get("FinalizedRootTask").and_then(|v| v.as_str()).map(bare_name),
        definition: cell("definition"),
        comment: cell("comment"),
    }
}

/// The bare names in a JSON array of qualified ones.
fn bare_names(json: &str) -> Vec<String> {
    let names: Vec<String> = serde_json::from_str(json).unwrap_or_default();
    names.iter().map(|name| bare_name(name)).collect()
}

/// `DB.SCHEMA.T` gives `T`, `DB.SCHEMA."a.b"` gives `a.b`.
fn bare_name(qualified: &str) -> String {
    if let Some(open) = qualified.strip_suffix('"') {
        let name = open.replace("\"\"", "\u{0}");
        let name = name.rsplit('"').next().unwrap_or_default();
        return name.replace('\u{0}', "\"");
    }
    qualified.rsplit('.').next().unwrap_or_default().to_owned()
}

/// Every task after its predecessors, otherwise by name. Finalizers come last.
fn in_order(mut nodes: Vec<TaskNode>) -> Vec<TaskNode> {
    nodes.sort_by(|a, b| (a.finalizes.is_some(), &a.name).cmp(&(b.finalizes.is_some(), &b.name)));
    let names: BTreeSet<String> = nodes.iter().map(|n| n.name.clone()).collect();
    let (mut ordered, mut placed) = (Vec::with_capacity(nodes.len()), BTreeSet::new());
    while !nodes.is_empty() {
        let ready = |n: &TaskNode| n.predecessors.iter().all(|p| placed.contains(p) || !names.contains(p));
        // Snowflake allows no cycle; should an answer hold one, the rest stays as it is.
        let at = nodes.iter().position(ready).unwrap_or(0);
        let node = nodes.remove(at);
        placed.insert(node.name.clone());
        ordered.push(node);
    }
    ordered
}

/// The tasks that one run of a root goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    root: String,
    nodes: Vec<TaskNode>,
}

impl Graph {
    /// The root and everything below it, finalizer included; `None` where there is no such root.
    #[must_use]
    pub fn below(root: &str, all: &[TaskNode]) -> Option<Self> {
        let mut names: BTreeSet<&str> = all.iter().filter(|n| n.name == root).map(|n| n.name.as_str()).collect();
        if names.is_empty() {
            return None;
        }
        // `all` is ordered: predecessors come first.
        for node in all {
            let finalizes = node.finalizes.as_deref() == Some(root);
            if finalizes || node.predecessors.iter().any(|p| names.contains(p.as_str())) {
                names.insert(&node.name);
            }
        }
        let nodes = all.iter().filter(|n| names.contains(n.name.as_str())).cloned().collect();
        Some(Self { root: root.to_owned(), nodes })
    }

    /// The root's name.
    #[must_use]
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The tasks, each after its predecessors.
    #[must_use]
    pub fn nodes(&self) -> &[TaskNode] {
        &self.nodes
    }

    /// Whether nothing more will happen in a run: each task has ended, is suspended, or waits for one that did not
    /// succeed. A suspended task is passed over: those after it run as if it had succeeded.
    #[must_use]
    pub fn is_over(&self, runs: &[TaskRun]) -> bool {
        let mut passed: BTreeSet<&str> = BTreeSet::new();
        let mut blocked: BTreeSet<&str> = BTreeSet::new();
        for node in self.nodes.iter().filter(|n| n.finalizes.is_none()) {
            let state = last_state(runs, &node.name);
            if node.predecessors.iter().any(|p| blocked.contains(p.as_str())) {
                // It may have been started before its other predecessor failed.
                if state.is_some_and(|s| !s.is_over()) {
                    return false;
                }
                blocked.insert(&node.name);
                continue;
            }
            match state {
                Some(TaskState::Succeeded) => passed.insert(&node.name),
                Some(state) if state.is_over() => blocked.insert(&node.name),
                None if !node.started && node.name != self.root => passed.insert(&node.name),
                _ => return false,
            };
        }
        let root_skipped = last_state(runs, &self.root) == Some(TaskState::Skipped);
        let finalizers = self.nodes.iter().filter(|n| n.finalizes.is_some() && n.started && !root_skipped);
        finalizers.into_iter().all(|n| last_state(runs, &n.name).is_some_and(TaskState::is_over))
    }
}

/// The state of a task's latest attempt.
fn last_state(runs: &[TaskRun], name: &str) -> Option<TaskState> {
    runs.iter().filter(|r| r.name == name).max_by_key(|r| r.attempt).map(|r| r.state)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, predecessors: &[&str]) -> TaskNode {
        TaskNode {
            name: name.into(),
            predecessors: predecessors.iter().map(|p| (*p).to_owned()).collect(),
            started: true,
            ..TaskNode::default()
        }
    }

    fn ran(name: &str, state: TaskState) -> TaskRun {
        TaskRun {
            name: name.into(),
            state,
            run_id: 1,
            attempt: 1,
            query_id: None,
            scheduled_ms: None,
            started_ms: None,
            completed_ms: None,
            return_value: None,
            error_code: None,
            error_message: None,
        }
    }

    fn graph() -> Graph {
        let all = in_order(vec![
            node("D", &["B", "C"]),
            node("C", &["A"]),
            node("B", &["A"]),
            node("A", &[]),
            node("OTHER", &[]),
        ]);
        Graph::below("A", &all).unwrap()
    }

    #[test]
    fn tasks_come_after_their_predecessors_and_other_trees_stay_out() {
        let names: Vec<String> = graph().nodes().iter().map(|n| n.name.clone()).collect();
        assert_eq!(names, ["A", "B", "C", "D"]);
        assert!(Graph::below("NO", graph().nodes()).is_none());
    }

    #[test]
    fn a_run_is_over_when_nothing_more_can_start() {
        use TaskState::{Executing, Failed, Skipped, Succeeded};
        let graph = graph();
        let over =
            |runs: &[(&str, TaskState)]| graph.is_over(&runs.iter().map(|(n, s)| ran(n, *s)).collect::<Vec<_>>());
        assert!(!over(&[]));
        assert!(!over(&[("A", Succeeded)]));
        assert!(over(&[("A", Skipped)]));
        assert!(over(&[("A", Failed)]));
        assert!(!over(&[("A", Succeeded), ("B", Failed), ("C", Executing)]));
        assert!(over(&[("A", Succeeded), ("B", Failed), ("C", Succeeded)]));
        assert!(!over(&[("A", Succeeded), ("B", Succeeded), ("C", Succeeded)]));
        assert!(over(&[("A", Succeeded), ("B", Succeeded), ("C", Succeeded), ("D", Succeeded)]));
    }

    #[test]
    fn a_suspended_task_is_passed_over() {
        let mut graph = graph();
        graph.nodes[1].started = false;
        let mut runs = vec![ran("A", TaskState::Succeeded), ran("C", TaskState::Succeeded)];
        assert!(!graph.is_over(&runs));
        runs.push(ran("D", TaskState::Succeeded));
        assert!(graph.is_over(&runs));
    }

    #[test]
    fn names_lose_their_qualification() {
        assert_eq!(bare_names("[\n \"D.S.A\", \"D.S.\\\"x.y\\\"\" ]"), ["A", "x.y"]);
        assert_eq!(bare_names("[]"), Vec::<String>::new());
    }
}
