//! ALTER TASK.

use super::super::super::answer::{Answer, kind};
use super::super::super::catalog::{Catalog, Kind, Object, ObjectName, Task};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::ddl::alter;
use super::super::{Class, Statement};
use super::options::{Given, task_name, task_names, unset};
use super::{check, create, graph};
use sqlparser::tokenizer::Token;
use std::sync::Arc;

enum Change {
    Resume,
    Suspend,
    AddAfter(Vec<ObjectName>),
    RemoveAfter(Vec<ObjectName>),
    Set(Box<Given>),
    Unset(Vec<String>),
    Body(String),
    Condition(Option<String>),
}

struct Alter {
    if_exists: bool,
    name: ObjectName,
    change: Change,
}

/// Behind ALTER TASK.
///
/// # Errors
/// 001003, 001420, 000002.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = c.name()?;
    let change = if c.accept("RESUME") {
        Change::Resume
    } else if c.accept("SUSPEND") {
        Change::Suspend
    } else if c.accept("ADD AFTER") {
        Change::AddAfter(task_names(c)?)
    } else if c.accept("REMOVE AFTER") {
        Change::RemoveAfter(task_names(c)?)
    } else if c.accept("REMOVE WHEN") {
        Change::Condition(None)
    } else if c.accept("MODIFY AS") {
        let text = c.rest().to_owned();
        check::statement(&text)?;
        Change::Body(text)
    } else if c.accept("MODIFY WHEN") {
        Change::Condition(Some(create::condition(c)?))
    } else if c.accept("SET") {
        if c.sees(&["TAG"]) {
            return Err(SfError::unsupported("TAG"));
        }
        let mut given = Given::default();
        if c.accept("FINALIZE") {
            c.expect_token(&Token::Eq)?;
            given.finalize = Some(task_name(c)?);
        }
        while given.take(c)? {}
        Change::Set(Box::new(given))
    } else {
        c.expect("UNSET")?;
        if c.sees(&["TAG"]) {
            return Err(SfError::unsupported("TAG"));
        }
        let mut keys = vec![c.ident()?];
        while c.accept_token(&Token::Comma) {
            keys.push(c.ident()?);
        }
        Change::Unset(keys)
    };
    Ok(Box::new(Alter { if_exists, name, change }))
}

impl Statement for Alter {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let this = *self;
        let found = match this.change {
            // OPERATE is enough to resume and suspend.
            Change::Resume | Change::Suspend => operated(cx, &this.name, this.if_exists)?,
            _ => alter::target(cx, Kind::Task, &this.name, this.if_exists)?,
        };
        let Some(found) = found else { return Ok(Answer::done(kind::DDL)) };
        match this.change {
            Change::Resume => resume(cx, &found)?,
            Change::Suspend => suspend(cx, &found)?,
            change => redefine(cx, &found, change)?,
        }
        cx.engine.tasks.desk.poke();
        Ok(Answer::done(kind::DDL))
    }
}

/// A task that the session may operate.
///
/// # Errors
/// 002003, 003001.
pub fn operated(cx: &Cx<'_>, name: &ObjectName, if_exists: bool) -> SfResult<Option<Arc<Object>>> {
    let found = match cx.find(Kind::Task, name) {
        Err(e) if if_exists && e.code == "002003" => return Ok(None),
        other => other?,
    };
    cx.require(&found, "OWNERSHIP").or_else(|_| cx.require(&found, "OPERATE"))?;
    Ok(Some(found))
}

/// The roots above a task, itself apart, must be suspended.
fn others_suspended(catalog: &Catalog, object: &Arc<Object>) -> SfResult<()> {
    for root in graph::roots(catalog, object).iter().filter(|r| r.id != object.id) {
        graph::require_suspended(root)?;
    }
    Ok(())
}

fn resume(cx: &mut Cx<'_>, object: &Arc<Object>) -> SfResult<()> {
    let catalog = cx.catalog();
    others_suspended(&catalog, object)?;
    check::may_run(&catalog, object)?;
    let Some(task) = graph::task_of(object) else { return Ok(()) };
    let root = task.predecessors.is_empty() && task.finalizes.is_none();
    if root && task.schedule.is_none() && !graph::is_triggered(task) && graph::children(&catalog, object).is_empty() {
        return Err(SfError::new(
            "091088",
            "22000",
            format!("Task {} cannot be resumed: it has neither a schedule nor a predecessor.", object.bare()),
        ));
    }
    let now = cx.engine.clock.now_ms();
    let engine = cx.engine.clone();
    engine.ddl(&cx.s.conn, |edit, _| {
        graph::change(edit, object.id, |t| started(t, now));
        Ok(())
    })
}

/// Marks a task as started.
pub fn started(task: &mut Task, now_ms: i64) {
    if !task.started {
        task.started = true;
        task.resumed_ms = Some(now_ms);
    }
    task.last_committed_ms = Some(now_ms);
}

fn suspend(cx: &mut Cx<'_>, object: &Arc<Object>) -> SfResult<()> {
    others_suspended(&cx.catalog(), object)?;
    let now = cx.engine.clock.now_ms();
    let engine = cx.engine.clone();
    engine.ddl(&cx.s.conn, |edit, _| {
        graph::change(edit, object.id, |t| {
            if t.started {
                graph::set_suspended(t, "USER_SUSPENDED", now);
            }
        });
        Ok(())
    })
}

fn redefine(cx: &mut Cx<'_>, object: &Arc<Object>, change: Change) -> SfResult<()> {
    let catalog = cx.catalog();
    let Some(task) = graph::task_of(object) else { return Ok(()) };
    for root in graph::roots(&catalog, object) {
        graph::require_suspended(&root)?;
    }
    let mut task = task.clone();
    let mut comment = None;
    match change {
        Change::AddAfter(names) => {
            for name in check::predecessors(cx, &object.name, &names)? {
                if !task.predecessors.contains(&name) {
                    task.predecessors.push(name);
                }
            }
        }
        Change::RemoveAfter(names) => {
            for name in names {
                let Some(at) = task.predecessors.iter().position(|p| p == name.last()) else {
                    let text = format!("Task {} does not have predecessor {}.", object.bare(), name.last());
                    return Err(SfError::new("091421", "22000", text));
                };
                task.predecessors.remove(at);
            }
            if task.predecessors.is_empty() {
                graph::set_suspended(&mut task, "CHILD_BECAME_ROOT", cx.engine.clock.now_ms());
            }
        }
        Change::Set(mut given) => {
            check::warehouse(cx, given.warehouse.as_ref())?;
            check::integrations(cx, &given.parameters)?;
            comment = given.comment.take();
            if let Some(root) = given.finalize.take() {
                task.finalizes = Some(check::finalized(cx, &object.name, &root)?);
            }
            given.apply(&mut task);
        }
        Change::Unset(keys) => {
            for key in keys {
                if key == "COMMENT" {
                    comment = Some(String::new());
                } else {
                    if key == "FINALIZE" && task.finalizes.is_some() {
                        graph::set_suspended(&mut task, "FINALIZER_BECAME_ROOT", cx.engine.clock.now_ms());
                    }
                    unset(&mut task, &key)?;
                }
            }
        }
        Change::Body(text) => task.definition = text,
        Change::Condition(text) => task.condition = text,
        Change::Resume | Change::Suspend => {}
    }
    let changed = check::with(object, task.clone());
    check::definition(&catalog, &changed)?;
    check::roots_suspended(&catalog, &changed)?;
    let now = cx.engine.clock.now_ms();
    task.last_committed_ms = Some(now);
    let engine = cx.engine.clone();
    engine.ddl(&cx.s.conn, |edit, _| {
        graph::raise_version(edit, object);
        let version = edit.view().by_id(object.id).and_then(|o| graph::task_of(o)).map_or(1, |t| t.version);
        graph::change(edit, object.id, |t| *t = Task { version, ..task });
        if let Some(text) = comment {
            edit.change(object.id, |o| o.comment = text);
        }
        Ok(())
    })
}
