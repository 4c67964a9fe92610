//! ALTER TABLE and ALTER VIEW: setting and unsetting policies.

use super::super::ddl::alter;
use super::super::{Class, Statement};
use super::attach::{self, PolicyUse, mask_clause, row_clause};
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Body, ColumnDef, Kind, ObjectName, RowPolicy};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use sqlparser::tokenizer::Token;

/// One change.
enum Change {
    /// SET MASKING POLICY, with FORCE.
    Mask(PolicyUse, bool),
    /// UNSET MASKING POLICY of a column.
    Unmask(String),
    /// ADD ROW ACCESS POLICY.
    AddRows(PolicyUse),
    /// DROP ROW ACCESS POLICY.
    DropRows(ObjectName),
    /// DROP ALL ROW ACCESS POLICIES.
    DropAllRows,
}

struct Alter {
    kind: Kind,
    if_exists: bool,
    name: ObjectName,
    changes: Vec<Change>,
}

/// Behind `ALTER {TABLE | VIEW} n`, if it is about policies; the cursor stays otherwise.
///
/// # Errors
/// 001003.
pub fn parse(
    c: &mut Cursor<'_>,
    kind: Kind,
    if_exists: bool,
    name: &ObjectName,
) -> SfResult<Option<Box<dyn Statement>>> {
    let mark = c.mark();
    let changes = match rows(c)? {
        found if !found.is_empty() => found,
        _ => masks(c)?,
    };
    if changes.is_empty() {
        c.rewind(mark);
        return Ok(None);
    }
    Ok(Some(Box::new(Alter { kind, if_exists, name: name.clone(), changes })))
}

fn rows(c: &mut Cursor<'_>) -> SfResult<Vec<Change>> {
    let mut out = Vec::new();
    loop {
        if c.accept("DROP ALL ROW ACCESS POLICIES") {
            out.push(Change::DropAllRows);
        } else if c.accept("DROP ROW ACCESS POLICY") {
            out.push(Change::DropRows(c.name()?));
        } else if c.sees(&["ADD", "ROW", "ACCESS", "POLICY"]) {
            c.accept("ADD");
            out.extend(row_clause(c)?.map(Change::AddRows));
        } else {
            return Ok(out);
        }
        if !c.accept_token(&Token::Comma) {
            return Ok(out);
        }
    }
}

fn masks(c: &mut Cursor<'_>) -> SfResult<Vec<Change>> {
    let mut out = Vec::new();
    if !c.accept("MODIFY") && !c.accept("ALTER") {
        return Ok(out);
    }
    let parens = c.accept_token(&Token::LParen);
    loop {
        c.accept("COLUMN");
        let Ok(column) = c.ident() else { return Ok(Vec::new()) };
        if c.accept("UNSET MASKING POLICY") {
            out.push(Change::Unmask(column));
        } else if c.sees(&["SET", "MASKING", "POLICY"]) {
            c.accept("SET");
            let used = mask_clause(c, &column)?;
            let force = c.accept("FORCE");
            out.extend(used.map(|u| Change::Mask(u, force)));
        } else {
            return Ok(Vec::new());
        }
        if !c.accept_token(&Token::Comma) {
            break;
        }
    }
    if parens {
        c.expect_token(&Token::RParen)?;
    }
    Ok(out)
}

impl Statement for Alter {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let found = match cx.find(self.kind, &self.name) {
            Err(e) if self.if_exists && e.code == "002003" => return Ok(Answer::done(kind::DDL)),
            other => other?,
        };
        let (mut columns, mut rows) = match &found.body {
            Body::Table(t) if self.kind == Kind::Table => (t.columns.clone(), t.row_policy.clone()),
            Body::View(v) if self.kind == Kind::View => (v.columns.clone(), v.row_policy.clone()),
            _ => return Err(SfError::no_operation()),
        };
        for change in &self.changes {
            let about = match change {
                Change::Mask(..) | Change::Unmask(_) => Kind::MaskingPolicy,
                _ => Kind::RowAccessPolicy,
            };
            attach::require(cx, about, &found)?;
            apply(cx, change, &mut columns, &mut rows)?;
        }
        alter::change(cx, &found, |o| match &mut o.body {
            Body::Table(t) => (t.columns, t.row_policy) = (columns, rows),
            Body::View(v) => (v.columns, v.row_policy) = (columns, rows),
            _ => {}
        })
    }
}

fn apply(cx: &Cx<'_>, change: &Change, columns: &mut [ColumnDef], rows: &mut Option<RowPolicy>) -> SfResult<()> {
    match change {
        Change::Mask(used, force) => {
            if *force {
                columns.iter_mut().filter(|c| used.columns.first() == Some(&c.name)).for_each(|c| c.mask = None);
            }
            attach::mask(cx, columns, used)?;
        }
        Change::Unmask(name) => {
            let column = columns.iter_mut().find(|c| c.name == *name);
            column.ok_or_else(|| SfError::compile("000904", "42000", format!("invalid identifier '{name}'")))?.mask =
                None;
        }
        Change::AddRows(used) => {
            if rows.is_some() {
                return Err(SfError::compile(
                    "003549",
                    "23505",
                    "Object already has a ROW_ACCESS_POLICY. Only one ROW_ACCESS_POLICY is allowed at a time.",
                ));
            }
            *rows = Some(attach::row(cx, columns, used)?);
        }
        Change::DropRows(name) => {
            let (object, _) = attach::policy(cx, Kind::RowAccessPolicy, name)?;
            if rows.as_ref().is_none_or(|r| r.policy != object.id) {
                return Err(SfError::no_operation());
            }
            *rows = None;
        }
        Change::DropAllRows => *rows = None,
    }
    Ok(())
}
