//! SYSTEM$ functions about tasks.

use super::super::super::bind::Bound;
use super::super::super::bind::binder::Binder;
use super::super::super::catalog::{Kind, Object};
use super::super::super::error::{SfError, SfResult};
use super::super::super::scheduler::{History, State};
use super::super::super::sql::Cursor;
use super::{alter, check, graph};
use std::sync::Arc;

/// The longest return value, bytes.
const LONGEST: usize = 10_240;

/// A SYSTEM$ function about tasks; `None` where the name is not one.
///
/// # Errors
/// What the function refuses.
pub fn system_function(b: &mut Binder<'_, '_>, name: &str, args: &[Bound]) -> SfResult<Option<Bound>> {
    let scope = b.cx.s.task.clone();
    let value = match name {
        "SYSTEM$SET_RETURN_VALUE" => {
            let text = text(b, name, args, 0)?;
            if text.len() > LONGEST {
                return Err(SfError::compile("001013", "22023", "the return value of a task is longer than 10 kB"));
            }
            let scope = scope.ok_or_else(|| outside(name))?;
            *scope.return_value.lock() = Some(text.clone());
            Some(text)
        }
        "SYSTEM$GET_PREDECESSOR_RETURN_VALUE" => {
            let scope = scope.ok_or_else(|| outside(name))?;
            if args.is_empty() {
                let mut all = scope.predecessors.values();
                match (all.next(), all.next()) {
                    (Some(one), None) => one.clone(),
                    _ => {
                        return Err(SfError::compile(
                            "001044",
                            "42P13",
                            "the name of a predecessor is needed: the task has not exactly one",
                        ));
                    }
                }
            } else {
                let wanted = text(b, name, args, 0)?;
                if let Some(value) = scope.predecessors.get(&wanted) {
                    value.clone()
                } else {
                    let text = format!("Task '{wanted}' is not a predecessor of the current task.");
                    return Err(SfError::compile("001044", "42P13", text));
                }
            }
        }
        "SYSTEM$GET_TASK_GRAPH_CONFIG" => {
            let config = scope.ok_or_else(|| outside(name))?.config.clone();
            let path = if args.is_empty() { None } else { Some(text(b, name, args, 0)?) };
            config.and_then(|c| member(&c, path.as_deref()))
        }
        "SYSTEM$CURRENT_USER_TASK_NAME" => Some(scope.ok_or_else(|| outside(name))?.task.clone()),
        "SYSTEM$TASK_RUNTIME_INFO" => {
            let scope = scope.ok_or_else(|| outside(name))?;
            let wanted = text(b, name, args, 0)?;
            runtime_info(&b.cx.engine.tasks.history, &scope, &wanted)?
        }
        "SYSTEM$TASK_DEPENDENTS_ENABLE" => {
            let text = text(b, name, args, 0)?;
            let task = find(b, &text)?;
            enable(b, &task)?;
            Some("Statement executed successfully.".to_owned())
        }
        "SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS" => {
            let text = text(b, name, args, 0)?;
            let task = find(b, &text)?;
            b.cx.engine.tasks.desk.cancel(task.id);
            Some(format!("cancelled ongoing executions of task {}", task.bare()))
        }
        _ => return Ok(None),
    };
    Ok(Some(value.map_or_else(
        || Bound { ty: super::super::super::types::Ty::TEXT, sql: "CAST(NULL AS VARCHAR)".into(), ..Bound::null() },
        |v| Bound { literal: None, ..Bound::text(&v) },
    )))
}

fn outside(name: &str) -> SfError {
    SfError::compile("001044", "42P13", format!("{name} can be called within a task only."))
}

fn text(b: &mut Binder<'_, '_>, name: &str, args: &[Bound], n: usize) -> SfResult<String> {
    let Some(arg) = args.get(n) else {
        let text = format!("not enough arguments for function [{name}()], expected {}, got {n}", n + 1);
        return Err(SfError::compile("000938", "22023", text));
    };
    b.constant_text(arg)
}

/// A member of the config by path (`a.b`), text without its quotes.
fn member(config: &str, path: Option<&str>) -> Option<String> {
    let mut value = serde_json::from_str::<serde_json::Value>(config).ok()?;
    for key in path.unwrap_or("").split('.').filter(|k| !k.is_empty()) {
        value = value.get_mut(key)?.take();
    }
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn runtime_info(history: &History, scope: &super::TaskScope, wanted: &str) -> SfResult<Option<String>> {
    let time = |ms: i64| {
        chrono::DateTime::<chrono::Utc>::from_timestamp_millis(ms)
            .map(|t| t.format("%Y-%m-%d %H:%M:%S%.3fZ").to_string())
    };
    let last_success = || {
        let root = scope.key?.root;
        history.graphs().into_iter().rev().find(|g| g.key.root == root && g.state == State::Succeeded)
    };
    Ok(match wanted.to_ascii_uppercase().as_str() {
        "CURRENT_ROOT_TASK_NAME" => scope.root.last().cloned(),
        "CURRENT_ROOT_TASK_UUID" => scope.key.and_then(|k| history.graph(k)).map(|g| g.root_uuid),
        "CURRENT_TASK_NAME" => Some(scope.task.clone()),
        "CURRENT_TASK_GRAPH_RUN_GROUP_ID" => scope.key.map(|k| k.run_id.to_string()),
        "CURRENT_TASK_GRAPH_ORIGINAL_SCHEDULED_TIMESTAMP" => scope.key.and_then(|k| time(k.run_id)),
        "LAST_SUCCESSFUL_TASK_GRAPH_RUN_GROUP_ID" => last_success().map(|g| g.key.run_id.to_string()),
        "LAST_SUCCESSFUL_TASK_GRAPH_ORIGINAL_SCHEDULED_TIMESTAMP" => last_success().and_then(|g| time(g.key.run_id)),
        other => {
            let text = format!("invalid value [{other}] for function 'SYSTEM$TASK_RUNTIME_INFO'");
            return Err(SfError::compile("001008", "22023", text));
        }
    })
}

fn find(b: &Binder<'_, '_>, text: &str) -> SfResult<Arc<Object>> {
    let name = Cursor::new(text)?.name()?;
    let object = b.cx.find(Kind::Task, &name)?;
    b.cx.require(&object, "OWNERSHIP").or_else(|_| b.cx.require(&object, "OPERATE"))?;
    Ok(object)
}

/// Resumes a task with all below it and its finalizer, children first.
fn enable(b: &Binder<'_, '_>, task: &Arc<Object>) -> SfResult<()> {
    let engine = b.cx.engine.clone();
    let catalog = engine.catalog();
    for root in graph::roots(&catalog, task).iter().filter(|r| r.id != task.id) {
        graph::require_suspended(root)?;
    }
    let mut all = graph::descendants(&catalog, task);
    all.extend(graph::finalizer(&catalog, task));
    all.push(task.clone());
    for object in &all {
        check::may_run(&catalog, object)?;
    }
    let now = engine.clock.now_ms();
    // A connection of its own: this session's may be in the middle of a query.
    let conn = engine.connect()?;
    engine.ddl(&conn, |edit, _| {
        for object in &all {
            graph::change(edit, object.id, |t| alter::started(t, now));
        }
        Ok(())
    })?;
    engine.tasks.desk.poke();
    Ok(())
}
