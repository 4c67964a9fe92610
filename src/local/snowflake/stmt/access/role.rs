//! Roles.

use crate::local::snowflake::answer::Answer;
use crate::local::snowflake::catalog::{Body, Edit, Grantee, Kind, Object, ObjectName, Role};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::ddl::create::{self, New};
use crate::local::snowflake::stmt::ddl::drop::Dropping;
use crate::local::snowflake::stmt::ddl::{alter, rename};
use crate::local::snowflake::stmt::{Class, CreateHead, Statement};
use duckdb::Connection;
use sqlparser::tokenizer::Token;

struct CreateRole {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    comment: String,
}

/// Behind CREATE … ROLE.
///
/// # Errors
/// 001003.
pub fn parse_create(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    let mut comment = String::new();
    if c.accept("COMMENT") {
        c.expect_token(&Token::Eq)?;
        comment = c.string()?;
    }
    Ok(Box::new(CreateRole { head, if_not_exists, name, comment }))
}

impl Statement for CreateRole {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let new = New { comment: self.comment, ..New::new(Kind::Role, self.name, self.head, self.if_not_exists) };
        Ok(create::create(cx, &new, |_, _, _| Ok(Body::Role(Role { system: false })))?.answer())
    }
}

/// Behind ALTER ROLE.
///
/// # Errors
/// 001003.
pub fn parse_alter(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = c.name()?;
    if c.accept("RENAME TO") {
        return rename::statement(Kind::Role, if_exists, name, c.name()?);
    }
    match alter::comment(c, Kind::Role, if_exists, &name)? {
        Some(statement) => Ok(statement),
        None => Err(c.unexpected()),
    }
}

/// A role that goes takes its grants with it; what it owned goes to the role that dropped it.
///
/// # Errors
/// 003001 for a role of the system.
pub fn forget(edit: &mut Edit, _: &Connection, role: &Object, by: &Dropping<'_>) -> SfResult<()> {
    if matches!(&role.body, Body::Role(r) if r.system) {
        return Err(SfError::privileges("role", role.bare()));
    }
    let name = role.bare();
    edit.grants().retain(|g| g.to != name);
    edit.future_grants().retain(|g| g.to != name);
    edit.role_grants().retain(|g| g.role != name && g.to != Grantee::Role(name.to_owned()));
    let owned: Vec<i64> = edit.view().all().filter(|o| o.owner == name).map(|o| o.id).collect();
    for id in owned {
        edit.change(id, |o| by.role.clone_into(&mut o.owner));
    }
    Ok(())
}

/// A role's grants and what it owns follow its name.
pub fn renamed(edit: &mut Edit, from: &str, to: &str) {
    let swap = |name: &mut String| {
        if name == from {
            to.clone_into(name);
        }
    };
    for g in edit.grants() {
        swap(&mut g.to);
        swap(&mut g.by);
    }
    edit.future_grants().iter_mut().for_each(|g| swap(&mut g.to));
    for g in edit.role_grants() {
        swap(&mut g.role);
        swap(&mut g.by);
        if let Grantee::Role(r) = &mut g.to {
            swap(r);
        }
    }
    let owned: Vec<i64> = edit.view().all().filter(|o| o.owner == from).map(|o| o.id).collect();
    for id in owned {
        edit.change(id, |o| to.clone_into(&mut o.owner));
    }
}
