//! DROP of every kind.

use super::super::{Class, Statement};
use super::create::forget_temporary;
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Edit, Kind, Object, ObjectName};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use duckdb::Connection;

/// Who drops and when.
pub struct Dropping<'a> {
    /// The dropping session's role.
    pub role: &'a str,
    /// Epoch milliseconds.
    pub now_ms: i64,
}

/// What a kind needs when one of its objects goes: `(kind, what to do before it is dropped)`.
type Hook = (Kind, fn(&mut Edit, &Connection, &Object, &Dropping<'_>) -> SfResult<()>);

/// One line per kind that needs more than the catalog.
const HOOKS: &[Hook] = &[
    (Kind::Role, super::super::access::role::forget),
    (Kind::User, super::super::access::user::forget),
    (Kind::Task, |edit, _, object, by| super::super::task::on_drop(edit, object, by.now_ms)),
];

/// How long a dropped table, schema or database can be undropped where nothing else is set.
const RETENTION_DAYS: i64 = 1;
const DAY_MS: i64 = 86_400_000;

/// Kinds that DROP knows, by their words.
const KINDS: &[(&str, Kind)] = &[
    ("DATABASE", Kind::Database),
    ("SCHEMA", Kind::Schema),
    ("TABLE", Kind::Table),
    ("MATERIALIZED VIEW", Kind::View),
    ("VIEW", Kind::View),
    ("SEQUENCE", Kind::Sequence),
    ("STAGE", Kind::Stage),
    ("FILE FORMAT", Kind::FileFormat),
    ("STREAM", Kind::Stream),
    ("TASK", Kind::Task),
    ("PIPE", Kind::Pipe),
    ("PROCEDURE", Kind::Procedure),
    ("FUNCTION", Kind::Function),
    ("ALERT", Kind::Alert),
    ("MASKING POLICY", Kind::MaskingPolicy),
    ("ROW ACCESS POLICY", Kind::RowAccessPolicy),
    ("TAG", Kind::Tag),
    ("WAREHOUSE", Kind::Warehouse),
    ("ROLE", Kind::Role),
    ("USER", Kind::User),
    ("STORAGE INTEGRATION", Kind::Integration),
    ("NOTIFICATION INTEGRATION", Kind::Integration),
    ("SECURITY INTEGRATION", Kind::Integration),
    ("API INTEGRATION", Kind::Integration),
    ("INTEGRATION", Kind::Integration),
];

/// Takes the words of a kind (singular) if they come next.
pub fn accept_kind(c: &mut Cursor<'_>) -> Option<Kind> {
    KINDS.iter().find(|(words, _)| c.accept(words)).map(|(_, kind)| *kind)
}

/// The kind's words or a refusal.
///
/// # Errors
/// 000002 for kinds that are not supported, 001003 for what is no word.
pub fn expect_kind(c: &mut Cursor<'_>, verb: &str) -> SfResult<Kind> {
    if let Some(kind) = accept_kind(c) {
        return Ok(kind);
    }
    let word = c.ident()?;
    Err(SfError::unsupported(&format!("{verb} {word}")))
}

/// `NAME` or `NAME(argument types)` for procedures and functions.
///
/// # Errors
/// 001003; unsupported argument types.
pub fn object_name(c: &mut Cursor<'_>, kind: Kind) -> SfResult<ObjectName> {
    let mut name = c.name()?;
    if matches!(kind, Kind::Procedure | Kind::Function) && *c.peek(0) == sqlparser::tokenizer::Token::LParen {
        let inner = c.in_parens()?;
        let types = super::types::list(inner)?;
        if let Some(last) = name.0.last_mut() {
            *last = super::types::signature(last, &types);
        }
    }
    Ok(name)
}

struct Drop {
    kind: Kind,
    if_exists: bool,
    name: ObjectName,
}

/// `DROP <kind> [IF EXISTS] <name> [CASCADE | RESTRICT]`, behind DROP.
///
/// # Errors
/// 001003; 000002 for other kinds.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let kind = expect_kind(c, "DROP")?;
    let if_exists = c.accept("IF EXISTS");
    let name = object_name(c, kind)?;
    // Constraints are not enforced, so nothing can hold a drop back.
    let _ = c.accept("CASCADE") || c.accept("RESTRICT");
    Ok(Box::new(Drop { kind, if_exists, name }))
}

impl Statement for Drop {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        if self.name.0.iter().any(|p| p == "INFORMATION_SCHEMA") {
            return Err(SfError::no_operation());
        }
        let found = match cx.find(self.kind, &self.name) {
            Ok(found) => found,
            Err(_) if self.if_exists => {
                let text =
                    format!("Drop statement executed successfully ({} already dropped).", bare(self.name.last()));
                return Ok(Answer::status(kind::DDL, text));
            }
            Err(e) => return Err(e),
        };
        // DROP TABLE of a view and the other way round.
        if found.kind() != self.kind {
            return Err(SfError::no_operation());
        }
        cx.require(&found, "OWNERSHIP")?;
        if matches!(found.kind(), Kind::MaskingPolicy | Kind::RowAccessPolicy) {
            super::super::policy::unused(&cx.catalog(), &found)?;
        }
        let sentence = format!("{} successfully dropped.", bare(found.bare()));
        if cx.s.temp.values().any(|t| t.id == found.id) {
            forget_temporary(cx.s, &found)?;
            return Ok(Answer::status(kind::DDL, sentence));
        }
        let now = cx.engine.clock.now_ms();
        let (engine, role) = (cx.engine.clone(), cx.s.role.clone());
        engine.ddl(&cx.s.conn, |edit, conn| drop_object(edit, conn, &found, &Dropping { role: &role, now_ms: now }))?;
        leave(cx, &found);
        Ok(Answer::status(kind::DDL, sentence))
    }
}

fn bare(name: &str) -> &str {
    name.split('(').next().unwrap_or(name)
}

/// A session that stood in what was dropped or renamed away stands nowhere.
fn leave(cx: &mut Cx<'_>, gone: &Object) {
    let catalog = cx.catalog();
    match gone.kind() {
        Kind::Database if cx.s.database.as_deref() == Some(gone.bare()) => {
            cx.s.database = None;
            cx.s.schema = None;
        }
        Kind::Schema
            if cx.s.database.as_deref() == Some(&gone.name[0]) && cx.s.schema.as_deref() == Some(gone.bare()) =>
        {
            cx.s.schema = None;
        }
        Kind::Warehouse if cx.s.warehouse.as_ref().is_some_and(|w| catalog.get(Kind::Warehouse, &[w]).is_none()) => {
            cx.s.warehouse = None;
        }
        _ => {}
    }
}

/// Drops an object with what it holds. Tables, schemas and databases stay restorable until their retention ends; the rest
/// goes for good.
///
/// # Errors
/// DuckDB's; what a kind's hook refuses.
pub fn drop_object(edit: &mut Edit, conn: &Connection, object: &Object, by: &Dropping<'_>) -> SfResult<()> {
    let moment = moment(edit, by.now_ms);
    let mut all: Vec<_> = match object.kind() {
        Kind::Database | Kind::Schema => edit.view().inside(&object.name).cloned().collect(),
        _ => Vec::new(),
    };
    let whole = all.clone();
    all.push(std::sync::Arc::new(object.clone()));
    for o in &all {
        for (_, hook) in HOOKS.iter().filter(|(kind, _)| *kind == o.kind()) {
            hook(edit, conn, o, by)?;
        }
    }
    let restorable = matches!(object.kind(), Kind::Database | Kind::Schema | Kind::Table);
    for o in all {
        // The whole content of a schema or database comes back with it.
        if restorable || whole.iter().any(|w| w.id == o.id) {
            edit.drop(o.id, moment);
        } else {
            if o.kind() == Kind::Sequence {
                super::sequence::forget(conn, &super::sequence::name(o.id))?;
            }
            edit.remove(o.id);
        }
    }
    purge(edit, conn, by.now_ms)
}

/// The time of a drop: later than any other, so that what went together is known by it and the latest is the last.
fn moment(edit: &Edit, now_ms: i64) -> i64 {
    let last = edit.view().all().filter_map(|o| o.dropped_ms).max().unwrap_or(i64::MIN);
    now_ms.max(last.saturating_add(1))
}

/// Removes for good what was dropped longer ago than its retention.
fn purge(edit: &mut Edit, conn: &Connection, now_ms: i64) -> SfResult<()> {
    let gone: Vec<_> = edit
        .view()
        .all()
        .filter(|o| o.dropped_ms.is_some_and(|d| now_ms.saturating_sub(d) > retention_days(o) * DAY_MS))
        .cloned()
        .collect();
    for o in gone {
        if let Some(t) = o.table() {
            super::table::drop_physical(conn, t)?;
        }
        if o.kind() == Kind::Sequence {
            super::sequence::forget(conn, &super::sequence::name(o.id))?;
        }
        edit.remove(o.id);
    }
    Ok(())
}

fn retention_days(o: &Object) -> i64 {
    use crate::local::snowflake::catalog::Body;
    let set = match &o.body {
        Body::Table(t) => t.retention_days,
        Body::Schema(s) | Body::Database(s) => s.retention_days,
        _ => None,
    };
    set.map_or(RETENTION_DAYS, i64::from)
}
