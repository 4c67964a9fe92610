//! Graphs of tasks in the catalog: a graph lives in one schema, its links are names.

use super::super::super::catalog::{Body, Catalog, Edit, Kind, Object, Task, quote_name};
use super::super::super::engine::Engine;
use super::super::super::error::{SfError, SfResult};
use super::super::super::scheduler::{GraphKey, GraphRecord, State};
use std::collections::BTreeSet;
use std::sync::Arc;

/// An object's task definition.
#[must_use]
pub fn task_of(object: &Object) -> Option<&Task> {
    if let Body::Task(t) = &object.body { Some(t) } else { None }
}

/// A full name as error texts print it.
#[must_use]
pub fn shown(object: &Object) -> String {
    quote_name(&object.name)
}

fn siblings<'a>(catalog: &'a Catalog, schema: &'a [String]) -> impl Iterator<Item = &'a Arc<Object>> {
    catalog.of_kind(Kind::Task).filter(move |o| o.name.len() == 3 && o.name[..2] == *schema)
}

/// The tasks that must succeed before this one.
#[must_use]
pub fn predecessors(catalog: &Catalog, object: &Object) -> Vec<Arc<Object>> {
    let Some(task) = task_of(object) else { return Vec::new() };
    task.predecessors
        .iter()
        .filter_map(|p| catalog.get(Kind::Task, &[&object.name[0], &object.name[1], p]))
        .cloned()
        .collect()
}

/// The tasks that wait for this one.
#[must_use]
pub fn children(catalog: &Catalog, object: &Object) -> Vec<Arc<Object>> {
    siblings(catalog, &object.name[..2])
        .filter(|o| task_of(o).is_some_and(|t| t.predecessors.iter().any(|p| p == object.bare())))
        .cloned()
        .collect()
}

/// Every task below this one.
#[must_use]
pub fn descendants(catalog: &Catalog, object: &Object) -> Vec<Arc<Object>> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    let mut todo = children(catalog, object);
    while let Some(next) = todo.pop() {
        if seen.insert(next.id) {
            todo.extend(children(catalog, &next));
            out.push(next);
        }
    }
    out
}

/// A root's finalizer.
#[must_use]
pub fn finalizer(catalog: &Catalog, root: &Object) -> Option<Arc<Object>> {
    siblings(catalog, &root.name[..2])
        .find(|o| task_of(o).is_some_and(|t| t.finalizes.as_deref() == Some(root.bare())))
        .cloned()
}

/// The roots above a task; itself where it has neither predecessor nor root to finalize.
#[must_use]
pub fn roots(catalog: &Catalog, object: &Arc<Object>) -> Vec<Arc<Object>> {
    if let Some(root) = task_of(object).and_then(|t| t.finalizes.as_ref()) {
        return catalog.get(Kind::Task, &[&object.name[0], &object.name[1], root]).cloned().into_iter().collect();
    }
    let mut seen = BTreeSet::new();
    let mut out: Vec<Arc<Object>> = Vec::new();
    let mut todo = vec![object.clone()];
    while let Some(next) = todo.pop() {
        if seen.insert(next.id) {
            let above = predecessors(catalog, &next);
            if above.is_empty() {
                out.push(next);
            }
            todo.extend(above);
        }
    }
    out
}

/// Runs by itself when its stream has data.
#[must_use]
pub fn is_triggered(task: &Task) -> bool {
    task.condition.as_ref().is_some_and(|c| c.to_ascii_uppercase().contains("SYSTEM$STREAM_HAS_DATA"))
        && task.schedule.is_none()
        && task.predecessors.is_empty()
        && task.finalizes.is_none()
}

/// Refuses a change of a graph whose root is started.
///
/// # Errors
/// 091421.
pub fn require_suspended(root: &Object) -> SfResult<()> {
    if task_of(root).is_some_and(|t| t.started) {
        return Err(SfError::new(
            "091421",
            "22000",
            format!("Unable to update graph with root task {} since that root task is not suspended.", shown(root)),
        ));
    }
    Ok(())
}

/// Raises the version of a task's graph.
pub fn raise_version(edit: &mut Edit, object: &Arc<Object>) {
    let above = roots(edit.view(), object);
    for root in above {
        edit.change(root.id, |o| {
            if let Body::Task(t) = &mut o.body {
                t.version += 1;
            }
        });
    }
}

/// Changes a task.
pub fn change(edit: &mut Edit, id: i64, f: impl FnOnce(&mut Task)) {
    edit.change(id, |o| {
        if let Body::Task(t) = &mut o.body {
            f(t);
        }
    });
}

/// Marks a task as suspended.
pub fn set_suspended(task: &mut Task, reason: &str, now_ms: i64) {
    task.started = false;
    task.last_suspended_ms = Some(now_ms);
    task.last_suspended_reason = Some(reason.to_owned());
}

/// Suspends a task by itself.
///
/// # Errors
/// DuckDB's.
pub fn suspend(engine: &Engine, id: i64, reason: &str) -> SfResult<()> {
    let (conn, now) = (engine.connect()?, engine.clock.now_ms());
    engine.ddl(&conn, |edit, _| {
        change(edit, id, |t| set_suspended(t, reason, now));
        Ok(())
    })
}

/// A task goes: its children and its finalizer stand alone, suspended.
///
/// # Errors
/// Never at present.
pub fn on_drop(edit: &mut Edit, object: &Object, now_ms: i64) -> SfResult<()> {
    let view = edit.view();
    let orphans = children(view, object);
    let finalizer = finalizer(view, object);
    for child in orphans {
        change(edit, child.id, |t| {
            t.predecessors.retain(|p| p != object.bare());
            if t.predecessors.is_empty() {
                set_suspended(t, "CHILD_BECAME_ROOT", now_ms);
            }
        });
    }
    if let Some(f) = finalizer {
        change(edit, f.id, |t| {
            t.finalizes = None;
            set_suspended(t, "FINALIZER_BECAME_ROOT", now_ms);
        });
    }
    Ok(())
}

/// Cuts the links between tasks of different owners: a graph has one. What has lost its last predecessor or its root stands
/// alone, suspended.
pub fn sever(edit: &mut Edit, now_ms: i64) {
    let view = edit.view();
    let mut cuts: Vec<(i64, Vec<String>, bool)> = Vec::new();
    for object in view.of_kind(Kind::Task) {
        let Some(task) = task_of(object) else { continue };
        let strange = |name: &String| {
            let other = view.get(Kind::Task, &[&object.name[0], &object.name[1], name]);
            other.is_some_and(|o| o.owner != object.owner)
        };
        let lost: Vec<String> = task.predecessors.iter().filter(|p| strange(p)).cloned().collect();
        let root = task.finalizes.as_ref().is_some_and(strange);
        if root || !lost.is_empty() {
            cuts.push((object.id, lost, root));
        }
    }
    for (id, lost, root) in cuts {
        change(edit, id, |t| {
            t.predecessors.retain(|p| !lost.contains(p));
            if root {
                t.finalizes = None;
                set_suspended(t, "FINALIZER_BECAME_ROOT", now_ms);
            } else if t.predecessors.is_empty() {
                set_suspended(t, "CHILD_BECAME_ROOT", now_ms);
            }
        });
    }
}

/// A new run in the history.
pub fn new_record(
    engine: &Engine,
    root: &Object,
    task: &Task,
    from: &str,
    scheduled_ms: i64,
    config: Option<String>,
) -> GraphRecord {
    let run_id = engine.tasks.history.free_run_id(root.id, scheduled_ms);
    let record = GraphRecord {
        key: GraphKey { run_id, root: root.id, attempt: 1 },
        root_uuid: task.uuid.clone(),
        name: root.name.clone(),
        state: State::Scheduled,
        from: from.to_owned(),
        config,
        version: task.version,
        scheduled_ms,
        started_ms: None,
        ended_ms: None,
        next_ms: None,
        first_error: None,
    };
    engine.tasks.history.put_graph(engine, record.clone());
    record
}

/// The next attempt of a run in the history.
pub fn retry_record(engine: &Engine, last: &GraphRecord, from: &str) -> GraphRecord {
    let record = GraphRecord {
        key: GraphKey { attempt: last.key.attempt + 1, ..last.key },
        state: State::Scheduled,
        from: from.to_owned(),
        scheduled_ms: engine.clock.now_ms(),
        started_ms: None,
        ended_ms: None,
        first_error: None,
        ..last.clone()
    };
    engine.tasks.history.put_graph(engine, record.clone());
    record
}
