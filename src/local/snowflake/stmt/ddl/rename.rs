//! RENAME TO of every kind, and UNDROP.

use super::super::{Class, Statement};
use super::create::require_create;
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Edit, Kind, Object, ObjectName};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;

struct Rename {
    kind: Kind,
    if_exists: bool,
    name: ObjectName,
    to: ObjectName,
}

/// `ALTER <kind> <name> RENAME TO <name>`.
///
/// # Errors
/// Never.
pub fn statement(kind: Kind, if_exists: bool, name: ObjectName, to: ObjectName) -> SfResult<Box<dyn Statement>> {
    Ok(Box::new(Rename { kind, if_exists, name, to }))
}

impl Statement for Rename {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let Some(found) = super::alter::target(cx, self.kind, &self.name, self.if_exists)? else {
            return Ok(Answer::done(kind::DDL));
        };
        let full = cx.full_name(self.kind, &self.to)?;
        if full == found.name {
            return Ok(Answer::done(kind::DDL));
        }
        let catalog = cx.catalog();
        cx.in_scope("ALTER", |s| s.containers(&full))?;
        if catalog.get(self.kind, &full).is_some() || cx.s.temp.contains_key(&(self.kind.namespace(), full.clone())) {
            return Err(SfError::exists(&self.to.display()));
        }
        if full[..full.len() - 1] != found.name[..full.len() - 1] {
            require_create(&catalog, cx, self.kind, &full)?;
        }
        let key = (self.kind.namespace(), found.name.clone());
        if let Some(mut temporary) = cx.s.temp.remove(&key) {
            std::sync::Arc::make_mut(&mut temporary).name.clone_from(&full);
            cx.s.temp.insert((self.kind.namespace(), full), temporary);
            return Ok(Answer::done(kind::DDL));
        }
        let engine = cx.engine.clone();
        engine.ddl(&cx.s.conn, |edit, _| {
            rename(edit, &found, &full);
            Ok(())
        })?;
        follow(cx, &found, &full);
        Ok(Answer::done(kind::DDL))
    }
}

/// Renames an object and, for a schema or database, everything in it.
fn rename(edit: &mut Edit, object: &Object, to: &[String]) {
    let depth = object.name.len();
    let content: Vec<i64> = match object.kind() {
        Kind::Database | Kind::Schema => edit
            .view()
            .all()
            .filter(|o| o.kind().depth() > 1 && o.name.len() > depth && o.name[..depth] == object.name[..])
            // What was dropped with an older container of this name stays with that one.
            .filter(|o| o.dropped_ms.is_none() || o.id > object.id)
            .map(|o| o.id)
            .collect(),
        _ => Vec::new(),
    };
    edit.change(object.id, |o| o.name = to.to_vec());
    for id in content {
        edit.change(id, |o| o.name.splice(..depth, to.iter().cloned()).for_each(drop));
    }
    match object.kind() {
        Kind::Role => super::super::access::role::renamed(edit, &object.name[0], &to[0]),
        Kind::User => super::super::access::user::renamed(edit, &object.name[0], &to[0]),
        _ => {}
    }
}

/// A session that stands in what was renamed stands in it under its new name.
fn follow(cx: &mut Cx<'_>, object: &Object, to: &[String]) {
    let here = |current: &Option<String>, name: &str| current.as_deref() == Some(name);
    match object.kind() {
        Kind::Database if here(&cx.s.database, &object.name[0]) => cx.s.database = Some(to[0].clone()),
        Kind::Schema if here(&cx.s.database, &object.name[0]) && here(&cx.s.schema, &object.name[1]) => {
            cx.s.schema = Some(to[1].clone());
        }
        Kind::Warehouse if here(&cx.s.warehouse, &object.name[0]) => cx.s.warehouse = Some(to[0].clone()),
        Kind::Role if cx.s.role == object.name[0] => cx.s.role.clone_from(&to[0]),
        _ => {}
    }
}

struct Undrop {
    kind: Kind,
    name: ObjectName,
}

/// `UNDROP {TABLE | SCHEMA | DATABASE} <name>`, behind UNDROP.
///
/// # Errors
/// 001003; 000002 for other kinds.
pub fn parse_undrop(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let kind = super::drop::expect_kind(c, "UNDROP")?;
    if !matches!(kind, Kind::Table | Kind::Schema | Kind::Database) {
        return Err(SfError::unsupported(&format!("UNDROP {}", kind.sql())));
    }
    Ok(Box::new(Undrop { kind, name: c.name()? }))
}

impl Statement for Undrop {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let full = cx.full_name(self.kind, &self.name)?;
        let catalog = cx.catalog();
        cx.in_scope("UNDROP", |s| s.containers(&full))?;
        // Only what was dropped by itself or is the container that was dropped comes back.
        let roles = cx.roles();
        let found = catalog.dropped(self.kind, &full).into_iter().find(|o| o.kind() == self.kind).cloned();
        let Some(found) = found else {
            let missing = SfError::missing(&self.kind.sentence(), &self.name.display());
            return Err(missing);
        };
        if catalog.get(self.kind, &full).is_some() {
            return Err(SfError::exists(&self.name.display()));
        }
        if !roles.contains(&found.owner) {
            return Err(SfError::privileges(&self.kind.sql().to_ascii_lowercase(), found.bare()));
        }
        let engine = cx.engine.clone();
        engine.ddl(&cx.s.conn, |edit, _| {
            let together: Vec<i64> = edit
                .view()
                .all()
                .filter(|o| o.dropped_ms == found.dropped_ms && o.name.len() >= full.len() && o.name.starts_with(&full))
                .map(|o| o.id)
                .collect();
            for id in together {
                edit.change(id, |o| o.dropped_ms = None);
            }
            Ok(())
        })?;
        Ok(Answer::status(
            kind::DDL,
            format!("{} {} successfully restored.", self.kind.sentence(), full.last().map_or("", |s| s)),
        ))
    }
}
