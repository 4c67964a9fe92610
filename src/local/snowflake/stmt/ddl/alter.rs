//! What every ALTER does: the object, its owner, RENAME TO and the comment.

use super::super::{Class, Statement};
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Kind, Object, ObjectName};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use std::sync::Arc;

/// The object that an ALTER changes, owned by one of the session's roles. `None` where IF EXISTS lets it be missing.
///
/// # Errors
/// 002003, 003001.
pub fn target(cx: &Cx<'_>, what: Kind, name: &ObjectName, if_exists: bool) -> SfResult<Option<Arc<Object>>> {
    let found = match cx.find(what, name) {
        Err(e) if if_exists && e.code == "002003" => return Ok(None),
        other => other?,
    };
    if found.kind() != what {
        return Err(SfError::no_operation());
    }
    cx.require(&found, "OWNERSHIP")?;
    Ok(Some(found))
}

/// Changes an object in a DDL of its own; the answer is the usual sentence.
///
/// # Errors
/// DuckDB's.
pub fn change(cx: &mut Cx<'_>, object: &Object, f: impl FnOnce(&mut Object)) -> SfResult<Answer> {
    if let Some(temporary) = cx.s.temp.get_mut(&(object.kind().namespace(), object.name.clone())) {
        f(Arc::make_mut(temporary));
        return Ok(Answer::done(kind::DDL));
    }
    let engine = cx.engine.clone();
    engine.ddl(&cx.s.conn, |edit, _| {
        edit.change(object.id, f);
        Ok(())
    })?;
    Ok(Answer::done(kind::DDL))
}

struct SetComment {
    kind: Kind,
    if_exists: bool,
    name: ObjectName,
    column: Option<String>,
    text: String,
}

/// `SET COMMENT = '…'` or `UNSET COMMENT`, if one of them comes next and nothing else: a statement for any kind.
///
/// # Errors
/// 001003.
pub fn comment(
    c: &mut Cursor<'_>,
    kind: Kind,
    if_exists: bool,
    name: &ObjectName,
) -> SfResult<Option<Box<dyn Statement>>> {
    let text = if c.accept("UNSET COMMENT") {
        String::new()
    } else {
        let mark = c.mark();
        if !c.accept("SET COMMENT") {
            return Ok(None);
        }
        c.expect_token(&sqlparser::tokenizer::Token::Eq)?;
        let text = c.string()?;
        if !c.at_end() {
            c.rewind(mark);
            return Ok(None);
        }
        text
    };
    Ok(Some(Box::new(SetComment { kind, if_exists, name: name.clone(), column: None, text })))
}

/// `COMMENT [IF EXISTS] ON <kind> <name> IS '…'`, behind COMMENT.
///
/// # Errors
/// 001003.
pub fn parse_comment(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    c.expect("ON")?;
    let (kind, name, column) = if c.accept("COLUMN") {
        let mut name = c.name()?;
        let column = name.0.pop().unwrap_or_default();
        if name.0.is_empty() {
            return Err(c.unexpected());
        }
        (Kind::Table, name, Some(column))
    } else {
        let kind = super::drop::expect_kind(c, "COMMENT ON")?;
        (kind, super::drop::object_name(c, kind)?, None)
    };
    c.expect("IS")?;
    let text = c.string()?;
    Ok(Box::new(SetComment { kind, if_exists, name, column, text }))
}

impl Statement for SetComment {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let Some(found) = target(cx, self.kind, &self.name, self.if_exists)? else {
            return Ok(Answer::done(kind::DDL));
        };
        let Some(column) = self.column else { return change(cx, &found, |o| o.comment = self.text) };
        let known = found.table().is_some_and(|t| t.columns.iter().any(|c| c.name == column));
        if !known {
            return Err(SfError::compile("000904", "42000", format!("invalid identifier '{column}'")));
        }
        change(cx, &found, |o| {
            if let crate::local::snowflake::catalog::Body::Table(t) = &mut o.body {
                for c in t.columns.iter_mut().filter(|c| c.name == column) {
                    c.comment = Some(self.text.clone());
                }
            }
        })
    }
}
