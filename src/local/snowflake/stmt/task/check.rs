//! The rules of a graph. A changed definition is checked as a whole before it is kept.

use super::super::super::access;
use super::super::super::catalog::{Body, Catalog, Kind, Object, ObjectName, Options, Task};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::graph::{self, shown, task_of};
use super::options::INTEGRATIONS;
use sqlparser::ast::{Expr, visit_expressions};
use std::ops::ControlFlow;
use std::sync::Arc;

fn refused(text: impl Into<String>) -> SfError {
    SfError::new("091421", "22000", text)
}

/// The bare names of predecessors: they must be in the task's own schema.
///
/// # Errors
/// In Snowflake's words for tasks that are elsewhere or nowhere.
pub fn predecessors(cx: &Cx<'_>, own: &[String], names: &[ObjectName]) -> SfResult<Vec<String>> {
    let catalog = cx.catalog();
    let mut out = Vec::new();
    for name in names {
        let full = cx.full_name(Kind::Task, name)?;
        // An unqualified name means the task's own schema, wherever the session stands.
        let full = if name.0.len() == 1 { vec![own[0].clone(), own[1].clone(), full[2].clone()] } else { full };
        if full[..2] != own[..2] {
            let text = format!("Cannot have predecessor {} from a different schema.", name.last());
            return Err(refused(text));
        }
        if catalog.get(Kind::Task, &full).is_none() {
            return Err(refused(format!("Invalid predecessor {} was specified.", name.display())));
        }
        if !out.contains(&full[2]) {
            out.push(full[2].clone());
        }
    }
    Ok(out)
}

/// The bare name of a root to finalize.
///
/// # Errors
/// In Snowflake's words for tasks that are elsewhere, nowhere, or no roots.
pub fn finalized(cx: &Cx<'_>, own: &[String], name: &ObjectName) -> SfResult<String> {
    let catalog = cx.catalog();
    let full = match name.0.len() {
        1 => vec![own[0].clone(), own[1].clone(), name.0[0].clone()],
        _ => cx.full_name(Kind::Task, name)?,
    };
    if full == own {
        return Err(refused(format!("Task {} cannot finalize itself.", own[2])));
    }
    let Some(root) = catalog.get(Kind::Task, &full) else {
        return Err(refused(format!("Invalid finalized root task {} was specified.", name.display())));
    };
    if full[..2] != own[..2] {
        return Err(refused(format!("Cannot finalize graph {} in a different schema.", name.display())));
    }
    let own_text = super::super::super::catalog::quote_name(own);
    if task_of(root).is_some_and(|t| !t.predecessors.is_empty() || t.finalizes.is_some()) {
        return Err(refused(format!("Task {own_text} cannot finalize a non-root task {}.", shown(root))));
    }
    if graph::finalizer(&catalog, root).is_some_and(|f| f.name != own) {
        return Err(refused(format!("Finalize target {} already have finalizer.", root.bare())));
    }
    Ok(full[2].clone())
}

/// A definition in its place: `object` is the task as it would be.
///
/// # Errors
/// The first rule that it breaks.
pub fn definition(catalog: &Catalog, object: &Object) -> SfResult<()> {
    let Some(task) = task_of(object) else { return Ok(()) };
    let (bare, full) = (object.bare(), shown(object));
    let child = !task.predecessors.is_empty();
    if let Some(root) = &task.finalizes {
        if root == bare {
            return Err(refused(format!("Task {bare} cannot finalize itself.")));
        }
        if task.schedule.is_some() {
            return Err(refused(format!("Task {bare} cannot have a schedule and be a finalizer task.")));
        }
        if child {
            return Err(refused(format!("Task {full} cannot have predecessors as a finalizer task.")));
        }
        if !graph::children(catalog, object).is_empty() {
            return Err(refused(format!("Task {full} cannot have children as a finalizer task.")));
        }
    }
    if task.warehouse.is_some() && task.parameters.contains_key("TARGET_COMPLETION_INTERVAL") {
        let text = "TARGET_COMPLETION_INTERVAL is only allowed for serverless Tasks.";
        return Err(SfError::new("091857", "42601", text));
    }
    if child && task.schedule.is_some() {
        return Err(refused(format!("Task {bare} cannot have both a schedule and a predecessor.")));
    }
    if child || task.finalizes.is_some() {
        non_root(task, bare, &full)?;
    }
    for name in &task.predecessors {
        let Some(parent) = catalog.get(Kind::Task, &[&object.name[0], &object.name[1], name]) else { continue };
        if task_of(parent).is_some_and(|t| t.finalizes.is_some()) {
            return Err(refused(format!("Task {} cannot have children as a finalizer task.", shown(parent))));
        }
        if parent.id == object.id || graph::descendants(catalog, object).iter().any(|d| d.id == parent.id) {
            return Err(refused(format!("Task {bare} cannot be its own predecessor: the graph would have a cycle.")));
        }
    }
    if child && graph::finalizer(catalog, object).is_some() {
        return Err(refused(
            "This task has a finalizer and cannot be made a child task. Please remove the finalizer before adding a predecessor.",
        ));
    }
    if child && roots_above(catalog, object).len() > 1 {
        return Err(refused("The graph has more than one root task (one without predecessors)"));
    }
    limits(catalog, object, task)
}

/// 100 predecessors and 100 children a task, 1000 tasks a graph.
fn limits(catalog: &Catalog, object: &Object, task: &Task) -> SfResult<()> {
    let bare = object.bare();
    if task.predecessors.len() > 100 {
        return Err(refused(format!("Task {bare} cannot have more than 100 predecessors.")));
    }
    let is_new = |of: &Object| !graph::children(catalog, of).iter().any(|o| o.name == object.name);
    for parent in graph::predecessors(catalog, object) {
        if is_new(&parent) && graph::children(catalog, &parent).len() >= 100 {
            return Err(refused(format!("Task {} cannot have more than 100 children.", parent.bare())));
        }
    }
    for root in roots_above(catalog, object) {
        let members = graph::descendants(catalog, &root);
        if members.len() >= 999 && !members.iter().any(|o| o.name == object.name) {
            return Err(refused(format!("The graph of task {} cannot have more than 1000 tasks.", root.bare())));
        }
    }
    Ok(())
}

/// What WHEN may contain: SYSTEM$STREAM_HAS_DATA and SYSTEM$GET_PREDECESSOR_RETURN_VALUE, comparisons, casts, AND, OR, NOT
/// and constants.
///
/// # Errors
/// 001008 for anything else.
pub fn condition(e: &Expr) -> SfResult<()> {
    let allowed = ["SYSTEM$STREAM_HAS_DATA", "SYSTEM$GET_PREDECESSOR_RETURN_VALUE"];
    let out = visit_expressions(e, |e| {
        let fine = match e {
            Expr::Function(f) => allowed.iter().any(|a| f.name.to_string().eq_ignore_ascii_case(a)),
            Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::Subquery(_)
            | Expr::Exists { .. }
            | Expr::InSubquery { .. }
            | Expr::Case { .. } => false,
            _ => true,
        };
        if fine { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    if out.is_continue() {
        return Ok(());
    }
    let text = format!(
        "Invalid expression for task condition expression. Expecting one of the following: [{}]",
        allowed.join(", ")
    );
    Err(SfError::compile("001008", "22023", text))
}

fn non_root(task: &Task, bare: &str, full: &str) -> SfResult<()> {
    if task.allow_overlap {
        return Err(refused(format!("Cannot set allow_overlapping_execution on non-root task {full}.")));
    }
    if task.parameters.contains_key("TASK_AUTO_RETRY_ATTEMPTS") {
        return Err(refused(format!(
            "Cannot set parameter TASK_AUTO_RETRY_ATTEMPTS on non-root task {bare}. Non-root tasks use the parameter setting from their root task. Please set this on the root task for this task instead."
        )));
    }
    if task.config.is_some() {
        return Err(refused(format!("Task {full} cannot both be a non-root task and have a config.")));
    }
    Ok(())
}

/// The roots above a task as it would be.
fn roots_above(catalog: &Catalog, object: &Object) -> Vec<Arc<Object>> {
    let mut out: Vec<Arc<Object>> = Vec::new();
    for parent in graph::predecessors(catalog, object) {
        for root in graph::roots(catalog, &parent) {
            if root.id != object.id && !out.iter().any(|o| o.id == root.id) {
                out.push(root);
            }
        }
    }
    out
}

/// Every root that a new or changed definition touches must be suspended; the task itself does not count when it is new.
///
/// # Errors
/// 091421.
pub fn roots_suspended(catalog: &Catalog, object: &Object) -> SfResult<()> {
    for root in roots_above(catalog, object) {
        graph::require_suspended(&root)?;
    }
    if let Some(root) = task_of(object).and_then(|t| t.finalizes.as_ref())
        && let Some(root) = catalog.get(Kind::Task, &[&object.name[0], &object.name[1], root])
    {
        graph::require_suspended(root)?;
    }
    Ok(())
}

/// What a task's owner needs before it may run: EXECUTE TASK, and USAGE on its warehouse.
///
/// # Errors
/// 091089.
pub fn may_run(catalog: &Catalog, object: &Object) -> SfResult<()> {
    let Some(task) = task_of(object) else { return Ok(()) };
    let roles = access::closure(catalog, [object.owner.clone()]);
    let held = |p: &str| catalog.grants.iter().any(|g| g.on.is_none() && g.privilege == p && roles.contains(&g.to));
    if !held("EXECUTE TASK") {
        return Err(SfError::new(
            "091089",
            "23001",
            "Cannot execute task, EXECUTE TASK privilege must be granted to owner role",
        ));
    }
    match &task.warehouse {
        None if !held("EXECUTE MANAGED TASK") => Err(SfError::new(
            "091089",
            "23001",
            "Cannot execute task, EXECUTE MANAGED TASK privilege must be granted to owner role",
        )),
        Some(name) => match catalog.get(Kind::Warehouse, &[name]) {
            Some(w) if access::has_privilege(catalog, &roles, w, "USAGE") => Ok(()),
            _ => Err(SfError::new(
                "091089",
                "23001",
                "USAGE privilege on the task's warehouse must be granted to owner role",
            )),
        },
        None => Ok(()),
    }
}

/// The statement that a task is to run must be one that can be read.
///
/// # Errors
/// 001003, 000002.
pub fn statement(definition: &str) -> SfResult<()> {
    super::super::parse(super::super::super::scheduler::statement(definition)).map(drop)
}

/// A warehouse that the session may see.
///
/// # Errors
/// 002003.
pub fn warehouse(cx: &Cx<'_>, name: Option<&String>) -> SfResult<()> {
    match name {
        Some(w) => cx.find(Kind::Warehouse, &ObjectName(vec![w.clone()])).map(drop),
        None => Ok(()),
    }
}

/// Notification integrations that the session may use.
///
/// # Errors
/// 002003, 003001, 001008.
pub fn integrations(cx: &Cx<'_>, parameters: &Options) -> SfResult<()> {
    for key in INTEGRATIONS {
        if let Some(name) = parameters.get(*key) {
            super::super::notify::required(cx, name)?;
        }
    }
    Ok(())
}

/// A task with a changed definition.
#[must_use]
pub fn with(object: &Object, task: Task) -> Object {
    Object { body: Body::Task(Box::new(task)), ..object.clone() }
}
