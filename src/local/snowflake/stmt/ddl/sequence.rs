//! Sequences, and the counters under them and under AUTOINCREMENT columns: DuckDB sequences.

use super::create::{self, New};
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Body, Kind, ObjectName, Sequence};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::{Class, CreateHead, Statement};
use duckdb::{Connection, params};
use sqlparser::tokenizer::Token;

/// The DuckDB sequence of a sequence object.
#[must_use]
pub fn name(id: i64) -> String {
    format!("s{id}")
}

/// The DuckDB sequence of an AUTOINCREMENT column.
#[must_use]
pub fn identity_name(store: i64, phys: &str) -> String {
    format!("i{store}_{phys}")
}

/// Makes a counter in schema `d`.
///
/// # Errors
/// DuckDB's.
pub fn start(conn: &Connection, name: &str, start: i64, step: i64) -> SfResult<()> {
    conn.execute_batch(&format!(
        "CREATE SEQUENCE d.{name} INCREMENT BY {step} MINVALUE {} MAXVALUE {} START WITH {start}",
        -i64::MAX,
        i64::MAX
    ))?;
    Ok(())
}

/// Removes a counter.
///
/// # Errors
/// DuckDB's.
pub fn forget(conn: &Connection, name: &str) -> SfResult<()> {
    conn.execute_batch(&format!("DROP SEQUENCE IF EXISTS d.{name}"))?;
    Ok(())
}

/// The value that comes next; `None` where there is no such counter.
///
/// # Errors
/// DuckDB's.
pub fn next(conn: &Connection, name: &str) -> SfResult<Option<i64>> {
    let found = conn.query_row(
        "SELECT CASE WHEN last_value IS NULL THEN start_value ELSE last_value + increment_by END \
         FROM duckdb_sequences() WHERE schema_name = 'd' AND sequence_name = ?",
        params![name],
        |row| row.get(0),
    );
    match found {
        Ok(v) => Ok(Some(v)),
        Err(duckdb::Error::QueryReturnedNoRows) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

struct CreateSequence {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    sequence: Sequence,
    comment: String,
}

/// Behind CREATE … SEQUENCE.
///
/// # Errors
/// 001003.
pub fn parse_create(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    let mut sequence = Sequence { start: 1, step: 1, ordered: false };
    let mut comment = String::new();
    c.accept("WITH");
    loop {
        if c.accept("START") {
            c.accept("WITH");
            c.accept_token(&Token::Eq);
            sequence.start = c.integer()?;
        } else if let Some(step) = increment(c)? {
            sequence.step = step;
        } else if c.accept("ORDER") {
            sequence.ordered = true;
        } else if c.accept("NOORDER") {
            sequence.ordered = false;
        } else if c.accept("COMMENT") {
            c.expect_token(&Token::Eq)?;
            comment = c.string()?;
        } else if !c.accept_token(&Token::Comma) {
            break;
        }
    }
    Ok(Box::new(CreateSequence { head, if_not_exists, name, sequence, comment }))
}

fn increment(c: &mut Cursor<'_>) -> SfResult<Option<i64>> {
    if !c.accept("INCREMENT") {
        return Ok(None);
    }
    c.accept("BY");
    c.accept_token(&Token::Eq);
    let step = c.integer()?;
    if step == 0 {
        return Err(SfError::compile("001008", "22023", "invalid value [0] for parameter 'INCREMENT'"));
    }
    Ok(Some(step))
}

impl Statement for CreateSequence {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let this = *self;
        let new = New { comment: this.comment, ..New::new(Kind::Sequence, this.name, this.head, this.if_not_exists) };
        let made = create::create(cx, &new, |_, conn, id| {
            start(conn, &name(id), this.sequence.start, this.sequence.step)?;
            Ok(Body::Sequence(this.sequence))
        })?;
        Ok(made.answer())
    }
}

struct AlterSequence {
    if_exists: bool,
    name: ObjectName,
    step: Option<i64>,
    ordered: Option<bool>,
    comment: Option<String>,
}

/// Behind ALTER SEQUENCE (RENAME TO is every kind's).
///
/// # Errors
/// 001003.
pub fn parse_alter(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = c.name()?;
    if c.accept("RENAME TO") {
        return super::rename::statement(Kind::Sequence, if_exists, name, c.name()?);
    }
    let mut out = AlterSequence { if_exists, name, step: None, ordered: None, comment: None };
    if c.accept("UNSET COMMENT") {
        out.comment = Some(String::new());
        return Ok(Box::new(out));
    }
    c.accept("SET");
    loop {
        if let Some(step) = increment(c)? {
            out.step = Some(step);
        } else if c.accept("NOORDER") {
            out.ordered = Some(false);
        } else if c.accept("COMMENT") {
            c.expect_token(&Token::Eq)?;
            out.comment = Some(c.string()?);
        } else if !c.accept_token(&Token::Comma) {
            break;
        }
    }
    Ok(Box::new(out))
}

impl Statement for AlterSequence {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let Some(found) = super::alter::target(cx, Kind::Sequence, &self.name, self.if_exists)? else {
            return Ok(Answer::done(kind::DDL));
        };
        let engine = cx.engine.clone();
        engine.ddl(&cx.s.conn, |edit, conn| {
            if let Some(step) = self.step {
                let counter = name(found.id);
                let from = next(conn, &counter)?.unwrap_or(1);
                forget(conn, &counter)?;
                start(conn, &counter, from, step)?;
            }
            edit.change(found.id, |o| {
                if let Some(comment) = &self.comment {
                    o.comment.clone_from(comment);
                }
                if let Body::Sequence(s) = &mut o.body {
                    s.step = self.step.unwrap_or(s.step);
                    s.ordered = self.ordered.unwrap_or(s.ordered);
                }
            });
            Ok(())
        })?;
        Ok(Answer::done(kind::DDL))
    }
}
