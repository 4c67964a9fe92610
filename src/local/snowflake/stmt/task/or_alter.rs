//! CREATE OR ALTER TASK: an existing task takes the definition as written, and what it does not name its default. Its id, its
//! runs and whether it is started stay.

use super::super::super::answer::{Answer, kind};
use super::super::super::catalog::{Object, Task};
use super::super::super::error::SfResult;
use super::super::super::session::Cx;
use super::{check, graph};
use std::sync::Arc;

/// Gives an existing task a new definition.
///
/// # Errors
/// 003001; 091421 where its graph is started or a rule of graphs is broken.
pub fn alter(cx: &mut Cx<'_>, old: &Arc<Object>, wanted: Task, comment: String) -> SfResult<Answer> {
    cx.require(old, "OWNERSHIP")?;
    let Some(now) = graph::task_of(old) else { return Ok(Answer::done(kind::DDL)) };
    let catalog = cx.catalog();
    for root in graph::roots(&catalog, old) {
        graph::require_suspended(&root)?;
    }
    let task = Task {
        uuid: now.uuid.clone(),
        started: now.started,
        last_committed_ms: Some(cx.engine.clock.now_ms()),
        last_suspended_ms: now.last_suspended_ms,
        last_suspended_reason: now.last_suspended_reason.clone(),
        resumed_ms: now.resumed_ms,
        created_by: now.created_by.clone(),
        ..wanted
    };
    let changed = check::with(old, task.clone());
    check::definition(&catalog, &changed)?;
    check::roots_suspended(&catalog, &changed)?;
    let engine = cx.engine.clone();
    engine.ddl(&cx.s.conn, |edit, _| {
        graph::raise_version(edit, old);
        let version = edit.view().by_id(old.id).and_then(|o| graph::task_of(o)).map_or(1, |t| t.version);
        graph::change(edit, old.id, |t| *t = Task { version, ..task });
        edit.change(old.id, |o| o.comment = comment);
        Ok(())
    })?;
    cx.engine.tasks.desk.poke();
    Ok(Answer::done(kind::DDL))
}
