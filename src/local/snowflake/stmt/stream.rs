//! CREATE STREAM and ALTER STREAM. What a stream holds is in [`crate::local::snowflake::delta`].

use super::super::answer::{Answer, kind};
use super::super::bind::binder::Binder;
use super::super::bind::travel_version;
use super::super::catalog::{Body, Kind, ObjectName, Stream};
use super::super::error::{SfError, SfResult};
use super::super::session::Cx;
use super::super::sql::Cursor;
use super::ddl::create::{self, New};
use super::{Class, CreateEntry, CreateHead, Entry, Statement};
use duckdb::params;

/// CREATE statements of this module.
pub const CREATE: &[CreateEntry] = &[CreateEntry(&["STREAM"], parse)];
/// Statements of this module.
pub const ENTRIES: &[Entry] = &[Entry(&["ALTER", "STREAM"], parse_alter)];

struct CreateStream {
    new: New,
    source: ObjectName,
    append_only: bool,
    initial_rows: bool,
    /// `AT (…)` or `BEFORE (…)` as written.
    travel: Option<String>,
}

struct AlterStream {
    if_exists: bool,
    name: ObjectName,
    comment: String,
}

fn parse(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    let if_not_exists = c.accept("IF NOT EXISTS");
    let mut new = New::new(Kind::Stream, c.name()?, head, if_not_exists);
    if c.accept("COPY GRANTS") {
        new.copy_grants = true;
    }
    c.expect("ON")?;
    if !c.accept("TABLE") {
        let what = c.ident()?;
        return Err(SfError::unsupported(&format!("stream on a {}", what.to_ascii_lowercase())));
    }
    let source = c.name()?;
    let from = c.offset();
    let travel = (c.accept("AT") || c.accept("BEFORE")).then(|| c.in_parens()).transpose()?;
    let travel = travel.map(|_| c.slice(from, c.offset_behind()).to_owned());
    let mut create = CreateStream { new, source, append_only: false, initial_rows: false, travel };
    for (key, value) in c.options()? {
        let on = value.eq_ignore_ascii_case("true");
        match key.as_str() {
            "APPEND_ONLY" => create.append_only = on,
            "SHOW_INITIAL_ROWS" => create.initial_rows = on,
            "COMMENT" => create.new.comment = value,
            "INSERT_ONLY" if on => {
                return Err(SfError::compile(
                    "001506",
                    "22023",
                    "Streams of type INSERT_ONLY can only be created on external tables or Iceberg tables with an external catalog integration.",
                ));
            }
            "INSERT_ONLY" => {}
            other => return Err(SfError::unsupported(&format!("stream option {other}"))),
        }
    }
    Ok(Box::new(create))
}

fn parse_alter(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = c.name()?;
    let comment = if c.accept("UNSET COMMENT") {
        String::new()
    } else {
        c.expect("SET")?;
        match c.option()? {
            (key, value) if key == "COMMENT" => value,
            // A stream's kind is fixed when it is made; saying it again changes nothing.
            (key, _) => return Err(SfError::unsupported(&format!("ALTER STREAM SET {key}"))),
        }
    };
    Ok(Box::new(AlterStream { if_exists, name, comment }))
}

impl Statement for CreateStream {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let source = cx.find(Kind::Table, &self.source)?;
        let Some(table) = source.table().cloned() else {
            return Err(SfError::unsupported("stream on a view"));
        };
        if table.change_tracking {
            cx.require(&source, "SELECT")?;
        } else {
            // The first stream switches change tracking on, which only the table's owner may.
            cx.require(&source, "OWNERSHIP")?;
        }
        let version = match &self.travel {
            Some(text) => travel_version(&mut Binder::new(cx), &source, &table, text)?,
            None => cx.engine.latest_version(table.store),
        };
        let now = cx.engine.now_us();
        let made = create::create(cx, &self.new, |edit, conn, id| {
            conn.execute("DELETE FROM sd.stream_offset WHERE stream = ?", params![id])?;
            conn.execute(
                "INSERT INTO sd.stream_offset VALUES (?, ?, ?, make_timestamp(?), ?)",
                params![id, table.store, version, now, self.initial_rows],
            )?;
            edit.change(source.id, |o| {
                if let Body::Table(t) = &mut o.body {
                    t.change_tracking = true;
                }
            });
            Ok(Body::Stream(Stream {
                source: source.id,
                base: vec![source.id],
                append_only: self.append_only,
                initial_rows: self.initial_rows,
            }))
        })?;
        Ok(made.answer())
    }
}

impl Statement for AlterStream {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let stream = match cx.find(Kind::Stream, &self.name) {
            Err(e) if self.if_exists && e.code == "002003" => return Ok(Answer::done(kind::DDL)),
            other => other?,
        };
        cx.require(&stream, "OWNERSHIP")?;
        let engine = cx.engine.clone();
        engine.ddl(&cx.s.conn, |edit, _| {
            edit.change(stream.id, |o| o.comment.clone_from(&self.comment));
            Ok(())
        })?;
        Ok(Answer::done(kind::DDL))
    }
}
