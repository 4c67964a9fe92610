//! Databases and schemas.

use super::super::{Class, CreateHead, Statement};
use super::create::{self, Made, New};
use super::{accepted, clone};
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Body, Container, Kind, Object, ObjectName};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use sqlparser::tokenizer::Token;

struct CreateContainer {
    kind: Kind,
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    source: Option<ObjectName>,
    body: Container,
    comment: Option<String>,
}

/// Behind CREATE … DATABASE.
///
/// # Errors
/// 001003; 001420.
pub fn parse_database(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    if c.sees(&["ROLE"]) && matches!(c.peek(1), Token::Word(_)) {
        return Err(SfError::unsupported("CREATE DATABASE ROLE"));
    }
    parse(c, head, Kind::Database)
}

/// Behind CREATE … SCHEMA.
///
/// # Errors
/// 001003; 001420.
pub fn parse_schema(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    parse(c, head, Kind::Schema)
}

fn parse(c: &mut Cursor<'_>, head: CreateHead, kind: Kind) -> SfResult<Box<dyn Statement>> {
    if head.or_alter {
        return Err(SfError::unsupported(&format!("CREATE OR ALTER {}", kind.sql())));
    }
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    let mut out = CreateContainer {
        kind,
        head,
        if_not_exists,
        name,
        source: None,
        body: Container { transient: head.transient, ..Container::default() },
        comment: None,
    };
    loop {
        if c.accept("CLONE") {
            out.source = Some(c.name()?);
            if c.sees(&["AT"]) || c.sees(&["BEFORE"]) {
                return Err(SfError::unsupported("CLONE … AT/BEFORE"));
            }
        } else if kind == Kind::Schema && c.accept("WITH MANAGED ACCESS") {
            out.body.managed_access = true;
        } else if c.accept("FROM SHARE") || c.accept("FROM LISTING") || c.accept("AS REPLICA OF") {
            return Err(SfError::unsupported("shared and replicated databases"));
        } else if matches!(c.peek(0), Token::Word(_)) && *c.peek(1) == Token::Eq {
            let (key, value) = c.option()?;
            option(kind, &key, &value, &mut out.body, &mut out.comment)?;
            c.accept_token(&Token::Comma);
        } else {
            break;
        }
    }
    Ok(Box::new(out))
}

fn option(kind: Kind, key: &str, value: &str, body: &mut Container, comment: &mut Option<String>) -> SfResult<()> {
    match key {
        "COMMENT" => *comment = Some(value.to_owned()),
        "DATA_RETENTION_TIME_IN_DAYS" => body.retention_days = Some(super::table::retention(key, value)?),
        "DEFAULT_DDL_COLLATION" if !value.is_empty() => {
            return Err(SfError::unsupported(&format!("DEFAULT_DDL_COLLATION = '{value}'")));
        }
        _ if accepted::is_accepted(kind, key) => {}
        _ => return Err(accepted::invalid(kind, key)),
    }
    Ok(())
}

impl Statement for CreateContainer {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let this = *self;
        if this.kind == Kind::Schema && this.name.last() == "INFORMATION_SCHEMA" {
            return Err(SfError::exists(&this.name.display()));
        }
        let source = match &this.source {
            Some(name) => {
                let source = cx.find(this.kind, name)?;
                cx.require(&source, "USAGE")?;
                Some(source)
            }
            None => None,
        };
        let new = New {
            comment: this.comment.clone().unwrap_or_default(),
            ..New::new(this.kind, this.name.clone(), CreateHead { temporary: false, ..this.head }, this.if_not_exists)
        };
        let full = cx.full_name(this.kind, &this.name)?;
        let mut copies = super::table::Copies::new(cx);
        let (role, now) = (cx.s.role.clone(), cx.engine.clock.now_ms());
        let made = create::create(cx, &new, |edit, conn, _| {
            if let Some(source) = &source {
                clone::content(edit, conn, source, &full, now, &mut copies)?;
            } else if this.kind == Kind::Database {
                let id = edit.next_id();
                edit.put(Object {
                    id,
                    name: vec![full[0].clone(), "PUBLIC".into()],
                    owner: role,
                    comment: String::new(),
                    created_ms: now,
                    dropped_ms: None,
                    body: Body::Schema(Container { transient: this.body.transient, ..Container::default() }),
                });
            }
            Ok(if this.kind == Kind::Database { Body::Database(this.body) } else { Body::Schema(this.body) })
        })?;
        copies.publish(cx);
        // What was made becomes current.
        if let Made::Created(_) = &made {
            cx.s.database = Some(full[0].clone());
            let public = (this.kind == Kind::Database).then(|| "PUBLIC".to_owned());
            cx.s.schema = full.get(1).cloned().or(public);
        }
        Ok(made.answer())
    }
}

enum Change {
    Set {
        body: Container,
        comment: Option<String>,
    },
    Unset(Vec<String>),
    Managed(bool),
    /// The other's name, for the refusal.
    Swap(ObjectName),
}

struct Alter {
    kind: Kind,
    if_exists: bool,
    name: ObjectName,
    change: Change,
}

/// Behind ALTER DATABASE.
///
/// # Errors
/// 001003; 001420.
pub fn alter_database(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    parse_alter(c, Kind::Database)
}

/// Behind ALTER SCHEMA.
///
/// # Errors
/// 001003; 001420.
pub fn alter_schema(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    parse_alter(c, Kind::Schema)
}

fn parse_alter(c: &mut Cursor<'_>, kind: Kind) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = c.name()?;
    let change = if c.accept("RENAME TO") {
        return super::rename::statement(kind, if_exists, name, c.name()?);
    } else if c.accept("SWAP WITH") {
        Change::Swap(c.name()?)
    } else if kind == Kind::Schema && c.accept("ENABLE MANAGED ACCESS") {
        Change::Managed(true)
    } else if kind == Kind::Schema && c.accept("DISABLE MANAGED ACCESS") {
        Change::Managed(false)
    } else if c.accept("UNSET") {
        let mut keys = vec![c.ident()?];
        while c.accept_token(&Token::Comma) {
            keys.push(c.ident()?);
        }
        Change::Unset(keys)
    } else {
        c.expect("SET")?;
        if c.sees(&["TAG"]) {
            return Err(SfError::unsupported("TAG"));
        }
        let (mut body, mut comment) = (Container::default(), None);
        for (key, value) in c.options()? {
            option(kind, &key, &value, &mut body, &mut comment)?;
        }
        Change::Set { body, comment }
    };
    Ok(Box::new(Alter { kind, if_exists, name, change }))
}

impl Statement for Alter {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let Some(found) = super::alter::target(cx, self.kind, &self.name, self.if_exists)? else {
            return Ok(Answer::done(kind::DDL));
        };
        fn container(o: &mut Object, f: impl FnOnce(&mut Container)) {
            if let Body::Database(c) | Body::Schema(c) = &mut o.body {
                f(c);
            }
        }
        match self.change {
            Change::Swap(other) => {
                Err(SfError::unsupported(&format!("ALTER {} … SWAP WITH {}", self.kind.sql(), other.display())))
            }
            Change::Managed(on) => super::alter::change(cx, &found, |o| container(o, |c| c.managed_access = on)),
            Change::Set { body, comment } => super::alter::change(cx, &found, |o| {
                if let Some(text) = comment {
                    o.comment = text;
                }
                container(o, |c| c.retention_days = body.retention_days.or(c.retention_days));
            }),
            Change::Unset(keys) => {
                for key in &keys {
                    if !matches!(key.as_str(), "COMMENT" | "DATA_RETENTION_TIME_IN_DAYS")
                        && !accepted::is_accepted(self.kind, key)
                    {
                        return Err(accepted::invalid(self.kind, key));
                    }
                }
                super::alter::change(cx, &found, |o| {
                    if keys.iter().any(|k| k == "COMMENT") {
                        o.comment.clear();
                    }
                    if keys.iter().any(|k| k == "DATA_RETENTION_TIME_IN_DAYS") {
                        container(o, |c| c.retention_days = None);
                    }
                })
            }
        }
    }
}
