//! CREATE TASK.

use super::super::super::answer::Answer;
use super::super::super::catalog::{Body, Kind, Object, ObjectName, Task};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::ddl::create::{self, New};
use super::super::{Class, CreateHead, Statement};
use super::options::{Given, task_names};
use super::{check, graph, or_alter};

struct Create {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    source: Option<ObjectName>,
    given: Given,
    after: Vec<ObjectName>,
    condition: Option<String>,
    definition: String,
}

/// Behind CREATE … TASK.
///
/// # Errors
/// 001003, 001008, 001420, 000002.
pub fn parse(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    let mut out = Create {
        head,
        if_not_exists,
        name,
        source: None,
        given: Given::default(),
        after: Vec::new(),
        condition: None,
        definition: String::new(),
    };
    if !head.or_alter && c.accept("CLONE") {
        out.source = Some(c.name()?);
        return Ok(Box::new(out));
    }
    loop {
        if out.given.take(c)? {
        } else if c.accept("AFTER") {
            out.after = task_names(c)?;
        } else if c.accept("WHEN") {
            out.condition = Some(condition(c)?);
        } else if c.accept("EXECUTE AS") {
            return Err(SfError::unsupported("EXECUTE AS USER of a task"));
        } else if c.accept("WITH TAG") || c.accept("TAG") {
            return Err(SfError::unsupported("TAG"));
        } else if c.accept("COPY GRANTS") {
            return Err(SfError::unsupported("COPY GRANTS of a task"));
        } else {
            break;
        }
    }
    c.expect("AS")?;
    if c.at_end() {
        return Err(c.unexpected());
    }
    c.rest().clone_into(&mut out.definition);
    check::statement(&out.definition)?;
    Ok(Box::new(out))
}

/// A condition as written.
///
/// # Errors
/// 001003.
pub fn condition(c: &mut Cursor<'_>) -> SfResult<String> {
    let from = c.offset();
    let e = c.expr()?;
    check::condition(&e)?;
    Ok(c.slice(from, c.offset_behind()).to_owned())
}

impl Statement for Create {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let this = *self;
        let full = cx.full_name(Kind::Task, &this.name)?;
        let mut new = New::new(Kind::Task, this.name.clone(), this.head, this.if_not_exists);
        new.comment = this.given.comment.clone().unwrap_or_default();
        let mut task = match &this.source {
            Some(source) => {
                let found = cx.find(Kind::Task, source)?;
                cx.require(&found, "OWNERSHIP")?;
                new.comment.clone_from(&found.comment);
                let Body::Task(t) = &found.body else { return Err(SfError::missing("Task", &source.display())) };
                Task { predecessors: t.predecessors.clone(), ..Task::clone(t) }
            }
            None => Task::default(),
        };
        task.uuid = uuid::Uuid::new_v4().to_string();
        task.started = false;
        (task.last_suspended_ms, task.last_suspended_reason, task.resumed_ms) = (None, None, None);
        task.version = 1;
        task.created_by.clone_from(&cx.s.user);
        task.last_committed_ms = Some(cx.engine.clock.now_ms());
        if this.source.is_none() {
            task.definition = this.definition;
            task.condition = this.condition;
            check::warehouse(cx, this.given.warehouse.as_ref())?;
            check::integrations(cx, &this.given.parameters)?;
            let present = cx.catalog().get(Kind::Task, &full).is_some();
            // IF NOT EXISTS leaves the task that is there alone, whatever this one would be.
            if !(present && this.if_not_exists) {
                task.predecessors = check::predecessors(cx, &full, &this.after)?;
                task.finalizes = this.given.finalize.as_ref().map(|f| check::finalized(cx, &full, f)).transpose()?;
            }
            this.given.apply(&mut task);
        }
        let object = Object {
            id: 0,
            name: full,
            owner: cx.s.role.clone(),
            comment: String::new(),
            created_ms: 0,
            dropped_ms: None,
            body: Body::Task(Box::new(task.clone())),
        };
        let catalog = cx.catalog();
        if let Some(old) = catalog.get(Kind::Task, &object.name).filter(|_| this.head.or_alter) {
            return or_alter::alter(cx, &old.clone(), task, new.comment);
        }
        if !this.if_not_exists || catalog.get(Kind::Task, &object.name).is_none() {
            check::definition(&catalog, &object)?;
            check::roots_suspended(&catalog, &object)?;
        }
        let made = create::create(cx, &new, |edit, _, _| {
            for parent in graph::predecessors(edit.view(), &object) {
                graph::raise_version(edit, &parent);
            }
            Ok(Body::Task(Box::new(task)))
        })?;
        Ok(made.answer())
    }
}
