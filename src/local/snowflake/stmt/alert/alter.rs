//! ALTER ALERT.

use super::super::super::access::fold_name;
use super::super::super::answer::{Answer, kind};
use super::super::super::catalog::{Body, Kind, Object, ObjectName, Options};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::ddl::alter;
use super::super::{Class, Statement};
use super::create::{action, exists};
use sqlparser::tokenizer::Token;
use std::sync::Arc;

enum Change {
    Resume,
    Suspend,
    Set(Options),
    Unset(Vec<String>),
    Condition(String),
    Action(String),
}

struct Alter {
    if_exists: bool,
    name: ObjectName,
    change: Change,
}

/// Behind ALTER ALERT.
///
/// # Errors
/// 001003, 001008, 001420, 000002.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = c.name()?;
    let change = if c.accept("RESUME") {
        Change::Resume
    } else if c.accept("SUSPEND") {
        Change::Suspend
    } else if c.accept("MODIFY CONDITION") {
        Change::Condition(exists(c)?)
    } else if c.accept("MODIFY ACTION") {
        Change::Action(action(c)?)
    } else if c.sees(&["SET", "TAG"]) || c.sees(&["UNSET", "TAG"]) {
        return Err(SfError::unsupported("TAG"));
    } else if c.accept("SET") {
        let mut options = c.options()?;
        if options.is_empty() {
            return Err(c.unexpected());
        }
        super::check(&options)?;
        if let Some(w) = options.get_mut("WAREHOUSE") {
            *w = fold_name(w);
        }
        Change::Set(options)
    } else {
        c.expect("UNSET")?;
        Change::Unset(keys(c)?)
    };
    Ok(Box::new(Alter { if_exists, name, change }))
}

fn keys(c: &mut Cursor<'_>) -> SfResult<Vec<String>> {
    let mut keys = vec![c.ident()?];
    while c.accept_token(&Token::Comma) {
        keys.push(c.ident()?);
    }
    if keys.iter().any(|k| k == "SCHEDULE") {
        return Err(SfError::unsupported("ALERT on new data (without SCHEDULE)"));
    }
    match keys.iter().find(|k| !super::SETTABLE.contains(&k.as_str())) {
        Some(k) => Err(SfError::compile("001420", "22023", format!("invalid property '{k}' for 'ALERT'"))),
        None => Ok(keys),
    }
}

/// An alert that the session may operate.
///
/// # Errors
/// 002003, 003001.
pub fn operated(cx: &Cx<'_>, name: &ObjectName, if_exists: bool) -> SfResult<Option<Arc<Object>>> {
    let found = match cx.find(Kind::Alert, name) {
        Err(e) if if_exists && e.code == "002003" => return Ok(None),
        other => other?,
    };
    cx.require(&found, "OWNERSHIP").or_else(|_| cx.require(&found, "OPERATE"))?;
    Ok(Some(found))
}

impl Statement for Alter {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let found = match self.change {
            Change::Resume | Change::Suspend => operated(cx, &self.name, self.if_exists)?,
            _ => alter::target(cx, Kind::Alert, &self.name, self.if_exists)?,
        };
        let Some(found) = found else { return Ok(Answer::done(kind::DDL)) };
        match &self.change {
            Change::Resume => {
                if let Some(options) = super::options_of(&found) {
                    super::may_run(&cx.catalog(), &found, options)?;
                }
            }
            Change::Set(options) => {
                if let Some(w) = options.get("WAREHOUSE") {
                    cx.find(Kind::Warehouse, &ObjectName(vec![w.clone()]))?;
                }
            }
            _ => {}
        }
        let now = cx.engine.clock.now_ms();
        let out = alter::change(cx, &found, |o| apply(o, self.change, now))?;
        cx.engine.tasks.desk.poke();
        Ok(out)
    }
}

fn apply(o: &mut Object, change: Change, now_ms: i64) {
    let Body::Alert(options) = &mut o.body else { return };
    let mut put = |key: &str, value: String| drop(options.insert(key.to_owned(), value));
    match change {
        Change::Resume => {
            put("STATE", "started".into());
            put("RESUMED_MS", now_ms.to_string());
        }
        Change::Suspend => put("STATE", "suspended".into()),
        Change::Condition(text) => put("CONDITION", text),
        Change::Action(text) => put("ACTION", text),
        Change::Set(mut given) => {
            if let Some(text) = given.remove("COMMENT") {
                o.comment = text;
            }
            options.extend(given);
        }
        Change::Unset(keys) => {
            for key in keys {
                if key == "COMMENT" {
                    o.comment.clear();
                }
                options.remove(&key);
            }
        }
    }
}
