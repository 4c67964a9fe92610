//! CREATE STREAM and ALTER STREAM. What a stream holds is in [`crate::local::snowflake::delta`].

use super::super::answer::{Answer, kind};
use super::super::bind::binder::Binder;
use super::super::bind::travel_version;
use super::super::catalog::{Body, Edit, Kind, Object, ObjectName, Stream};
use super::super::error::{SfError, SfResult};
use super::super::session::Cx;
use super::super::sql::Cursor;
use super::ddl::create::{self, New};
use super::{Class, CreateEntry, CreateHead, Entry, Statement};
use duckdb::params;
use std::sync::Arc;

/// CREATE statements of this module.
pub const CREATE: &[CreateEntry] = &[CreateEntry(&["STREAM"], parse)];
/// Statements of this module.
pub const ENTRIES: &[Entry] = &[Entry(&["ALTER", "STREAM"], parse_alter)];

struct CreateStream {
    new: New,
    source: ObjectName,
    kind: Kind,
    append_only: bool,
    insert_only: bool,
    initial_rows: bool,
    /// `AT (…)` or `BEFORE (…)` as written.
    travel: Option<String>,
}

struct CloneStream {
    new: New,
    source: ObjectName,
}

struct AlterStream {
    if_exists: bool,
    name: ObjectName,
    comment: String,
}

fn parse(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    let if_not_exists = c.accept("IF NOT EXISTS");
    let mut new = New::new(Kind::Stream, c.name()?, head, if_not_exists);
    if c.accept("WITH TAG") || c.accept("TAG") {
        return Err(SfError::unsupported("TAG of a stream"));
    }
    if c.accept("CLONE") {
        let source = c.name()?;
        new.copy_grants = c.accept("COPY GRANTS");
        return Ok(Box::new(CloneStream { new, source }));
    }
    new.copy_grants = c.accept("COPY GRANTS");
    c.expect("ON")?;
    let kind = if c.accept("TABLE") {
        Kind::Table
    } else if c.accept("VIEW") {
        Kind::View
    } else {
        let what = c.ident()?;
        return Err(SfError::unsupported(&format!("stream on a {}", what.to_ascii_lowercase())));
    };
    let source = c.name()?;
    let from = c.offset();
    let travel = (c.accept("AT") || c.accept("BEFORE")).then(|| c.in_parens()).transpose()?;
    let travel = travel.map(|_| c.slice(from, c.offset_behind()).to_owned());
    let mut create =
        CreateStream { new, source, kind, append_only: false, insert_only: false, initial_rows: false, travel };
    for (key, value) in c.options()? {
        let on = value.eq_ignore_ascii_case("true");
        match key.as_str() {
            "APPEND_ONLY" => create.append_only = on,
            "SHOW_INITIAL_ROWS" => create.initial_rows = on,
            "COMMENT" => create.new.comment = value,
            "INSERT_ONLY" => create.insert_only = on,
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

impl CreateStream {
    /// The table or view.
    fn found(&self, cx: &Cx<'_>) -> SfResult<Arc<Object>> {
        let source = cx.find(self.kind, &self.source)?;
        if source.kind() != self.kind {
            let (is, want) = (source.kind().sql(), self.kind.sql());
            return Err(SfError::compile(
                "002203",
                "02000",
                format!("Object found is of type '{is}', not specified type '{want}'."),
            ));
        }
        if cx.s.temp.values().any(|t| t.id == source.id) {
            return Err(SfError::unsupported(&format!(
                "stream on a temporary {}",
                self.kind.sql().to_ascii_lowercase()
            )));
        }
        Ok(source)
    }

    /// The tables under the source.
    fn base(&self, cx: &mut Cx<'_>, source: &Object) -> SfResult<Vec<Arc<Object>>> {
        let Body::View(view) = &source.body else { return Ok(vec![Arc::new(source.clone())]) };
        if self.insert_only {
            return Err(insert_only_view(source));
        }
        let catalog = cx.catalog();
        let ids = Binder::new(cx).tables_under(source, view)?;
        let missing = || SfError::unsupported("stream on a view of a temporary table");
        ids.into_iter().map(|id| catalog.by_id(id).cloned().ok_or_else(missing)).collect()
    }
}

fn insert_only_view(source: &Object) -> SfError {
    SfError::compile(
        "000002",
        "0A000",
        format!(
            "Change tracking of type INSERT_ONLY is not supported on queries with 'TABLE' inside views, saw '{}'. (inside view '{}').",
            source.bare(),
            super::super::catalog::quote_name(&source.name)
        ),
    )
}

fn tracked(o: &Object) -> bool {
    match &o.body {
        Body::Table(t) => t.change_tracking,
        Body::View(v) => v.change_tracking,
        _ => false,
    }
}

/// Switches change tracking on.
pub(super) fn track(edit: &mut Edit, id: i64) {
    edit.change(id, |o| match &mut o.body {
        Body::Table(t) => t.change_tracking = true,
        Body::View(v) => v.change_tracking = true,
        _ => {}
    });
}

impl Statement for CreateStream {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let source = self.found(cx)?;
        if self.insert_only && self.kind == Kind::Table {
            return Err(SfError::compile(
                "001506",
                "22023",
                "Streams of type INSERT_ONLY can only be created on external tables or Iceberg tables with an external catalog integration.",
            ));
        }
        cx.require(&source, if tracked(&source) { "SELECT" } else { "OWNERSHIP" })?;
        let bases = self.base(cx, &source)?;
        // The first stream switches change tracking on, which only the owner may.
        for base in bases.iter().filter(|b| !tracked(b)) {
            cx.require(base, "OWNERSHIP")?;
        }
        let mut offsets = Vec::new();
        for base in &bases {
            let Some(table) = base.table() else { continue };
            let version = match &self.travel {
                Some(text) => travel_version(&mut Binder::new(cx), base, table, text)?,
                None => cx.engine.latest_version(table.store),
            };
            offsets.push((table.store, version));
        }
        let now = cx.engine.now_us();
        let made = create::create(cx, &self.new, |edit, conn, id| {
            for (store, version) in &offsets {
                conn.execute(
                    "INSERT INTO sd.stream_offset VALUES (?, ?, ?, make_timestamp(?), ?)",
                    params![id, store, version, now, self.initial_rows],
                )?;
            }
            for base in bases.iter().map(|b| b.id).chain([source.id]) {
                track(edit, base);
            }
            Ok(Body::Stream(Stream {
                source: source.id,
                base: bases.iter().map(|b| b.id).collect(),
                append_only: self.append_only,
                initial_rows: self.initial_rows,
            }))
        })?;
        Ok(made.answer())
    }
}

impl Statement for CloneStream {
    fn class(&self) -> Class {
        Class::Ddl
    }

    /// The clone starts at the source's offset.
    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let source = cx.find(Kind::Stream, &self.source)?;
        cx.require(&source, "SELECT")?;
        let new = New { comment: source.comment.clone(), ..self.new };
        let made = create::create(cx, &new, |_, conn, id| {
            conn.execute(
                "INSERT INTO sd.stream_offset SELECT ?, base, version, consumed_at, initial FROM sd.stream_offset \
                 WHERE stream = ?",
                params![id, source.id],
            )?;
            Ok(source.body.clone())
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
